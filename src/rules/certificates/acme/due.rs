//! When a certificate is ordered, and how long is waited after one that failed. On a known date alone.

use std::fmt;

use super::record::{Account, Issued, Progress};
use crate::rules::certificates::leaf::{Leaf, two_thirds};
use crate::rules::certificates::name::DnsName;
use crate::rules::certificates::validity::Validity;
use crate::rules::moment::Reading;
use crate::rules::time::{Date, Ttl};

/// After the first try that failed, the second, …; the last for all that follow. Let's Encrypt takes five failures an
/// hour for a name (its rate limits, "Authorization Failures"): these are four in the first hour and a half.
const WAITS: [Ttl; 7] = [
    Ttl::minutes(5),
    Ttl::minutes(15),
    Ttl::hours(1),
    Ttl::hours(3),
    Ttl::hours(6),
    Ttl::hours(12),
    Ttl::hours(24),
];
/// The longest that a CA's own wish for a later try is followed: who waits longer misses the end of a six-day
/// certificate.
const LONGEST: Ttl = Ttl::hours(48);
/// Accounts that are opened at one directory within a week: the first, and one after the CA forgot it.
pub const OPENED: usize = 2;
/// See [`OPENED`].
const A_WEEK: Ttl = Ttl::days(7);

/// What is to be known of a certificate that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// When it is valid.
    pub validity: Validity,
    /// Its DNS names.
    pub names: Vec<String>,
}

impl Held {
    /// What the leaf of that certificate says; none if it cannot be read.
    pub fn read(issued: &Issued) -> Option<Self> {
        let leaf = Leaf::read(issued.chain.first()?)?;
        Some(Self {
            validity: leaf.validity,
            names: leaf.names,
        })
    }

    /// Whether it is for that name.
    pub fn has(&self, name: &DnsName) -> bool {
        self.names.iter().any(|listed| name.is_named_by(listed))
    }
}

/// Why a certificate is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// There is none.
    First,
    /// It does not name the appliance.
    Name,
    /// Somebody pressed the button, or the wait after a failure is over.
    Now,
    /// Two thirds of its life are over.
    TwoThirds,
}

impl fmt::Display for Due {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::First => "there is none yet",
            Self::Name => "the one in use lacks a name of this appliance",
            Self::Now => "somebody asked for it, or the wait after a failure is over",
            Self::TwoThirds => "two thirds of its time are over",
        })
    }
}

/// Whether a certificate is to be ordered now, and why.
pub fn due(held: Option<&Held>, progress: &Progress, names: &[DnsName], reading: Reading) -> Option<Due> {
    if !reading.known {
        return None;
    }
    if let Some(next) = progress.next {
        // A clock that was ahead when the wait began does not make it endless.
        let is_over = next <= reading.date || next - reading.date > LONGEST;
        return is_over.then_some(Due::Now);
    }
    let Some(held) = held else { return Some(Due::First) };
    if !names.iter().all(|name| held.has(name)) {
        return Some(Due::Name);
    }
    (reading.date >= two_thirds(held.validity)).then_some(Due::TwoThirds)
}

/// When the next certificate is ordered if nothing fails.
pub fn renewal(held: &Held) -> Date {
    two_thirds(held.validity)
}

/// When is tried again after so many failures in a row; `asked` is the CA's own wish (`Retry-After`).
pub fn again(failures: u32, asked: Option<Ttl>, now: Date) -> Date {
    let place = usize::try_from(failures.saturating_sub(1)).unwrap_or(usize::MAX);
    let [.., last] = WAITS;
    let wait = WAITS.get(place).copied().unwrap_or(last);
    now + wait.max(asked.unwrap_or(Ttl(0)).min(LONGEST))
}

/// Whether another account may be opened there now; else when.
///
/// # Errors
/// The end of the week.
pub fn may_open(account: &Account, now: Date) -> Result<(), Date> {
    let recent: Vec<Date> = account
        .opened
        .iter()
        .copied()
        .filter(|opened| now - *opened < A_WEEK && *opened <= now)
        .collect();
    match recent.first() {
        Some(oldest) if recent.len() >= OPENED => Err(*oldest + A_WEEK),
        _ => Ok(()),
    }
}

/// Whether a certificate can be served under that name at that time; without a known date its days do not count.
pub fn is_usable(held: &Held, name: &DnsName, reading: Reading) -> bool {
    let in_time = !reading.known || (held.validity.from <= reading.date && reading.date <= held.validity.until);
    in_time && held.has(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::secret::Sealed;

    const NOW: Date = Date(1_800_000_000);

    fn reading(date: Date, known: bool) -> Reading {
        Reading {
            date,
            known,
            running: date,
        }
    }

    fn name() -> DnsName {
        DnsName::parse("pbx.example.org").unwrap()
    }

    fn held(days: u64) -> Held {
        Held {
            validity: Validity {
                from: NOW,
                until: NOW + Ttl::days(days),
            },
            names: vec!["pbx.example.org".to_owned()],
        }
    }

    fn at(held: &Held, hours: u64) -> Option<Due> {
        due(
            Some(held),
            &Progress::default(),
            &[name()],
            reading(NOW + Ttl::hours(hours), true),
        )
    }

    #[test]
    fn certificates_of_six_47_and_90_days_are_ordered_anew_at_two_thirds() {
        for days in [6, 47, 90] {
            let hours = days * 24 / 3 * 2;
            assert_eq!(at(&held(days), hours - 1), None, "{days}");
            assert_eq!(at(&held(days), hours + 1), Some(Due::TwoThirds), "{days}");
        }
    }

    #[test]
    fn nothing_is_ordered_on_a_date_that_is_not_known() {
        let pressed = Progress {
            next: Some(NOW),
            ..Progress::default()
        };
        let late = reading(NOW + Ttl::days(400), false);
        assert_eq!(due(Some(&held(6)), &pressed, &[name()], late), None);
        assert_eq!(due(None, &pressed, &[name()], late), None);
    }

    #[test]
    fn another_name_and_a_missing_certificate_are_reasons_and_a_wait_holds_them_back() {
        let now = reading(NOW, true);
        let other = DnsName::parse("other.example.org").unwrap();
        // A move's old name is wanted besides.
        for names in [vec![other.clone()], vec![name(), other]] {
            assert_eq!(due(Some(&held(90)), &Progress::default(), &names, now), Some(Due::Name));
        }
        assert_eq!(due(None, &Progress::default(), &[name()], now), Some(Due::First));
        let waits = Progress {
            next: Some(NOW + Ttl(1)),
            ..Progress::default()
        };
        assert_eq!(due(None, &waits, &[name()], now), None);
        assert_eq!(
            due(None, &waits, &[name()], reading(NOW + Ttl(1), true)),
            Some(Due::Now)
        );
        // Written while the clock stood in 2099.
        let far = Progress {
            next: Some(NOW + Ttl::days(20_000)),
            ..Progress::default()
        };
        assert_eq!(due(None, &far, &[name()], now), Some(Due::Now));
    }

    #[test]
    fn waits_grow_to_a_day_and_a_ca_may_ask_for_longer_ones() {
        let waits: Vec<u64> = (1..10)
            .map(|failures| (again(failures, None, NOW) - NOW).0 / 60)
            .collect();
        assert_eq!(waits, [5, 15, 60, 180, 360, 720, 1440, 1440, 1440]);
        assert_eq!(again(1, Some(Ttl::hours(2)), NOW) - NOW, Ttl::hours(2));
        assert_eq!(again(3, Some(Ttl(1)), NOW) - NOW, Ttl::hours(1));
        assert_eq!(again(1, Some(Ttl::days(365)), NOW) - NOW, LONGEST);
    }

    #[test]
    fn a_third_account_in_a_week_has_to_wait_for_its_end() {
        let account = |opened: &[u64]| Account {
            directory: String::new(),
            key: Sealed::from(Vec::new()),
            url: None,
            contact: None,
            opened: opened.iter().map(|days| NOW + Ttl::days(*days)).collect(),
        };
        assert_eq!(may_open(&account(&[]), NOW), Ok(()));
        assert_eq!(may_open(&account(&[0]), NOW), Ok(()));
        let two = account(&[0, 3]);
        assert_eq!(may_open(&two, NOW + Ttl::days(4)), Err(NOW + Ttl::days(7)));
        assert_eq!(may_open(&two, NOW + Ttl::days(7)), Ok(()));
    }

    #[test]
    fn the_last_good_one_is_served_while_it_is_valid_and_names_the_appliance() {
        assert!(is_usable(&held(6), &name(), reading(NOW + Ttl::days(5), true)));
        assert!(!is_usable(&held(6), &name(), reading(NOW + Ttl::days(7), true)));
        assert!(is_usable(&held(6), &name(), reading(NOW + Ttl::days(7), false)));
        let other = DnsName::parse("other.example.org").unwrap();
        assert!(!is_usable(&held(6), &other, reading(NOW, true)));
    }
}
