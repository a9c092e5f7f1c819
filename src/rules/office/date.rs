//! Which date is to be believed, where the board's own clock does not know it.
//!
//! Whoever answers a question for the time is not authenticated. So one word moves the date by days or months, as a
//! board that lay in a drawer needs it, and never by years; that takes two servers that agree, or a person. Back goes
//! the date by one deliberate act alone ([`brought_back`]).

use super::consequences::Consequences;
use super::named::Named;
use super::time_servers::TimeServers;
use crate::rules::change::{Change, LettersChange, OfficeChange, PeopleChange};
use crate::rules::letters::letter::Letter;
use crate::rules::people::invite::Invite;
use crate::rules::people::session::Session;
use crate::rules::phones::change::PhoneChange;
use crate::rules::phones::desk;
use crate::rules::phones::device::Device;
use crate::rules::time::{Date, Ttl};
use crate::rules::verdict::Verdict;

/// 2025-01-01, before the first line of this program was written: no date is earlier.
pub const EARLIEST: Date = Date(1_735_689_600);
/// 2200-01-01: a date that somebody says and that lies behind it is a slip.
pub const LATEST: Date = Date(7_258_118_400);
/// So far ahead of the last date that was known one word alone moves the date: a board that was made, stored, sold and
/// lay in a drawer.
pub const LEAP: Ttl = Ttl::days(2 * 365);
/// Once the date is known, one word alone moves it no further than this at a time.
pub const STEP: Ttl = Ttl::days(1);
/// Two words that are no further apart agree.
pub const AGREED: Ttl = Ttl::minutes(2);
/// A word that lies behind the date by no more than this is as good as the date: time zones that were mistaken for UTC.
pub const SLACK: Ttl = Ttl::days(1);

/// What somebody says the date is, at the moment of the judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// Who.
    pub by: Source,
    /// What.
    pub date: Date,
}

impl Word {
    /// Whether it says that date, as far as clocks are alike.
    pub fn agrees_with(&self, date: Date) -> bool {
        apart(self.date, date) <= Ttl(2 * AGREED.0)
    }
}

/// Who says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The kernel's clock, which a time service of the system keeps. It may have asked the server that we ask: it
    /// counts as a second word to nobody.
    Kernel,
    /// A time server, by the number of the name that it was set by. A name is one word, whatever number of addresses
    /// it has: most are one machine with an IPv4 and an IPv6 address.
    Server(usize),
}

/// The dates that bound what is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The newest date that is known: nothing goes behind it.
    pub floor: Date,
    /// The date that was known last by more than one word, as it would be now: [`LEAP`] counts from there.
    pub anchor: Date,
    /// Whether the date is known already.
    pub known: bool,
}

/// What is to be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// The date is this. `firm`: two servers say so.
    Date {
        /// The date.
        date: Date,
        /// Whether it may be an anchor.
        firm: bool,
    },
    /// Somebody says this date, and it takes more than a word: it lies years ahead, or behind what is known, or others
    /// say something else.
    Doubtful(Date),
    /// Nobody says anything.
    Unknown,
}

/// Judges what was said at one moment.
pub fn judge(bounds: Bounds, words: &[Word]) -> Judgement {
    let servers = || words.iter().filter(|word| matches!(word.by, Source::Server(_)));
    // The date that most servers agree on; the earlier one where two are as good.
    let with = |one: &Word| {
        let agreeing = servers().filter(|other| apart(one.date, other.date) <= AGREED);
        let mut sources: Vec<Source> = agreeing.map(|other| other.by).collect();
        sources.sort_unstable();
        sources.dedup();
        sources.len()
    };
    let most = servers().map(with).max().unwrap_or(0);
    if most >= 2 {
        let agreed = servers().filter(|one| with(one) == most);
        let Some(date) = agreed.clone().map(|one| one.date).min() else {
            return Judgement::Unknown;
        };
        let split = agreed.clone().any(|one| apart(one.date, date) > Ttl(2 * AGREED.0));
        if split || date + SLACK < bounds.floor {
            return Judgement::Doubtful(date);
        }
        return Judgement::Date { date, firm: true };
    }
    // Nobody agrees with anybody: one word alone, or words that contradict each other.
    let mut dates: Vec<Date> = words.iter().map(|word| word.date).collect();
    dates.sort_unstable();
    let (Some(first), Some(last)) = (dates.first(), dates.last()) else {
        return Judgement::Unknown;
    };
    let furthest = bounds.anchor + LEAP;
    let furthest = if bounds.known {
        furthest.min(bounds.floor + STEP)
    } else {
        furthest
    };
    if apart(*first, *last) > AGREED || *first + SLACK < bounds.floor || *last > furthest {
        return Judgement::Doubtful(*last);
    }
    Judgement::Date {
        date: *first,
        firm: false,
    }
}

fn apart(one: Date, other: Date) -> Ttl {
    one.max(other) - one.min(other)
}

/// These time servers are asked from now on. Nothing is written where they are asked already.
pub fn asks(before: &TimeServers, wanted: TimeServers) -> Verdict<()> {
    let change = (wanted != *before).then_some(Change::Office(OfficeChange::TimeServersChanged(wanted)));
    Verdict::yes((), change.into_iter().collect())
}

/// An administrator says that this is the date.
pub fn confirmed(date: Date) -> Verdict<()> {
    Verdict::yes((), vec![dated(date)])
}

/// The same, by whoever signs in just then.
pub fn dated(date: Date) -> Change {
    Change::Office(OfficeChange::DateConfirmed(date))
}

/// What is to be known before the date is brought back.
pub struct Kept<'a> {
    /// All sessions.
    pub sessions: &'a [Session],
    /// All links.
    pub links: &'a [Invite],
    /// All letters of the outbox.
    pub letters: &'a [(u64, Letter)],
    /// All devices.
    pub devices: &'a [Device],
    /// How many lines of the journal lie after the date.
    pub lines: usize,
    /// When the office CA begins, where there is one.
    pub authority: Option<Date>,
    /// The appliance's name.
    pub named: Option<&'a Named>,
}

/// Brings the date of a store back that a clock once ran ahead of: the one way in which it ever goes back. Sessions and
/// links end, as theirs would end years later than they should.
pub fn brought_back(to: Date, kept: &Kept<'_>) -> (Consequences, Vec<Change>) {
    let consequences = Consequences {
        sessions: kept.sessions.len(),
        links: kept.links.len(),
        lines: kept.lines,
        authority: kept.authority.is_some_and(|begins| begins > to),
    };
    let ended = kept.sessions.iter();
    let ended = ended.map(|session| Change::People(PeopleChange::SessionExpired(session.account, session.hash)));
    let dead = kept.links.iter();
    let dead = dead.map(|link| Change::People(PeopleChange::InviteExpired(link.account)));
    let mut changes: Vec<Change> = ended.chain(dead).collect();
    let late = kept
        .letters
        .iter()
        .filter(|(_, letter)| letter.queued.max(letter.next) > to);
    changes.extend(late.map(|(id, letter)| {
        let due = Letter {
            queued: letter.queued.min(to),
            next: letter.next.min(to),
            ..letter.clone()
        };
        Change::Letters(LettersChange::LetterPostponed(*id, due))
    }));
    // Desks would be somebody's, and phones' windows open, until that date.
    changes.extend(
        desk::all_over(kept.devices, Date(u64::MAX))
            .into_iter()
            .map(Change::from),
    );
    let open = kept.devices.iter().filter(|device| device.provisioning.is_open(to));
    changes.extend(open.map(|device| {
        let shut = device.provisioning.shut();
        Change::Phones(PhoneChange::ProvisioningChanged(device.id, shut))
    }));
    // Passkeys count from the day on on which the appliance got its name.
    let named = kept.named.filter(|named| named.since > to).map(|named| Named {
        since: to,
        ..named.clone()
    });
    changes.extend(named.map(|named| Change::Office(OfficeChange::Named(named))));
    if consequences.authority {
        changes.push(Change::Office(OfficeChange::AuthorityForgotten));
    }
    changes.push(Change::Office(OfficeChange::DateBroughtBack(to, consequences.clone())));
    (consequences, changes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLOOR: Date = Date(1_795_420_800);

    fn at(days: u64) -> Date {
        FLOOR + Ttl::days(days)
    }

    fn server(number: usize, date: Date) -> Word {
        Word {
            by: Source::Server(number),
            date,
        }
    }

    fn kernel(date: Date) -> Word {
        Word {
            by: Source::Kernel,
            date,
        }
    }

    fn judged(known: bool, words: &[Word]) -> Judgement {
        let bounds = Bounds {
            floor: FLOOR,
            anchor: FLOOR,
            known,
        };
        judge(bounds, words)
    }

    fn soft(date: Date) -> Judgement {
        Judgement::Date { date, firm: false }
    }

    fn firm(date: Date) -> Judgement {
        Judgement::Date { date, firm: true }
    }

    #[test]
    fn one_word_moves_the_date_by_months_and_never_by_years() {
        assert_eq!(judged(false, &[]), Judgement::Unknown);
        for days in [0, 1, 420, 730] {
            assert_eq!(judged(false, &[server(1, at(days))]), soft(at(days)), "{days}");
            assert_eq!(judged(false, &[kernel(at(days))]), soft(at(days)), "{days}");
        }
        for days in [731, 26_000] {
            assert_eq!(judged(false, &[server(1, at(days))]), Judgement::Doubtful(at(days)));
            assert_eq!(judged(false, &[kernel(at(days))]), Judgement::Doubtful(at(days)));
            // The kernel may have asked the same server, and so may two addresses of one name.
            let twice = [kernel(at(days)), server(1, at(days))];
            assert_eq!(judged(false, &twice), Judgement::Doubtful(at(days)));
            let same = [server(1, at(days)), server(1, at(days))];
            assert_eq!(judged(false, &same), Judgement::Doubtful(at(days)));
        }
    }

    #[test]
    fn two_servers_that_agree_move_it_wherever_they_say() {
        let date = at(9_000);
        assert_eq!(judged(false, &[server(1, date), server(2, date + Ttl(90))]), firm(date));
        let liar = server(3, at(26_000));
        assert_eq!(judged(false, &[server(1, date), liar, server(2, date)]), firm(date));
    }

    #[test]
    fn servers_that_contradict_each_other_move_nothing() {
        let two = [server(1, at(3)), server(2, at(300))];
        assert_eq!(judged(false, &two), Judgement::Doubtful(at(300)));
        let pairs = [
            server(1, at(3)),
            server(2, at(3)),
            server(3, at(300)),
            server(4, at(300)),
        ];
        assert_eq!(judged(false, &pairs), Judgement::Doubtful(at(3)));
        assert_eq!(
            judged(false, &[kernel(at(3)), server(1, at(300))]),
            Judgement::Doubtful(at(300))
        );
    }

    #[test]
    fn nobody_moves_the_date_back() {
        let behind = Date(FLOOR.0 - Ttl::days(400).0);
        assert_eq!(judged(false, &[server(1, behind)]), Judgement::Doubtful(behind));
        let two = [server(1, behind), server(2, behind)];
        assert_eq!(judged(true, &two), Judgement::Doubtful(behind));
        // A time zone that was mistaken for UTC is no other date.
        let zone = Date(FLOOR.0 - Ttl::hours(14).0);
        assert_eq!(judged(false, &[server(1, zone)]), soft(zone));
    }

    #[test]
    fn a_known_date_moves_by_a_day_at_a_time_and_by_two_years_in_all() {
        assert_eq!(judged(true, &[server(1, at(1))]), soft(at(1)));
        assert_eq!(judged(true, &[server(1, at(2))]), Judgement::Doubtful(at(2)));
        let far = Bounds {
            floor: at(730),
            anchor: FLOOR,
            known: true,
        };
        assert_eq!(judge(far, &[server(1, at(731))]), Judgement::Doubtful(at(731)));
    }
}
