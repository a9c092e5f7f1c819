//! The two times: the date, which may stand still, and the stopwatch's, which never does. No comparison between them
//! compiles.

use std::ops::{Add, Sub};

use serde::{Deserialize, Serialize};

/// Seconds since 1970-01-01 UTC. The shell never makes one that is older than the newest in the store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Date(pub u64);

/// Months as HTTP has them (RFC 9110 §5.6.7).
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

impl Date {
    /// `2026-11-23T08:00:00Z` (ISO 8601, RFC 3339).
    pub fn iso(self) -> String {
        let (year, month, day) = self.civil();
        let (hour, minute, second) = (self.0 / 3600 % 24, self.0 / 60 % 60, self.0 % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }

    /// Reads `2026-11-23`, `2026-11-23T08:00Z` or `2026-11-23T08:00:00Z`, all in UTC.
    pub fn parse(text: &str) -> Option<Self> {
        let (day, clock) = text.split_once('T').unwrap_or((text, "00:00Z"));
        let numbers = |text: &str, by: char| {
            text.split(by)
                .map(|part| part.parse::<u64>().ok())
                .collect::<Option<Vec<_>>>()
        };
        let &[year, month, day] = numbers(day, '-')?.as_slice() else {
            return None;
        };
        let (hour, minute, second) = match *numbers(clock.strip_suffix('Z')?, ':')?.as_slice() {
            [hour, minute] => (hour, minute, 0),
            [hour, minute, second] => (hour, minute, second),
            _ => return None,
        };
        if !(1970..=9999).contains(&year) || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        // Days before the year, then on to the day that has this name.
        let years = year - 1970;
        let from = Self(years.saturating_mul(365).saturating_mul(86_400));
        let wanted = (year, usize::try_from(month).ok()?, day);
        let mut days = (0..366 + 2500).map(|count| from + Ttl::days(count));
        let found = days
            .find(|date| date.civil() >= wanted)
            .filter(|date| date.civil() == wanted)?;
        Some(Self(found.0 + hour * 3600 + minute * 60 + second))
    }

    /// `Mon, 23 Nov 2026 08:00:00 GMT`: IMF-fixdate (RFC 9110 §5.6.7).
    pub fn imf(self) -> String {
        const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
        let nth = |names: &[&'static str], number: usize| names.get(number).copied().unwrap_or_default();
        let (year, month, day) = self.civil();
        let weekday = nth(&DAYS, usize::try_from(self.0 / 86_400 % 7).unwrap_or_default());
        let month = nth(&MONTHS, month.saturating_sub(1));
        let (hour, minute, second) = (self.0 / 3600 % 24, self.0 / 60 % 60, self.0 % 60);
        format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
    }

    /// Reads IMF-fixdate.
    pub fn parse_imf(text: &str) -> Option<Self> {
        let (_, rest) = text.trim().split_once(", ")?;
        let [day, month, year, clock, "GMT"] = *rest.split(' ').collect::<Vec<_>>().as_slice() else {
            return None;
        };
        let month = MONTHS.iter().position(|known| *known == month)? + 1;
        Self::parse(&format!("{year}-{month:02}-{day}T{clock}Z"))
    }

    /// Year, month (1 to 12) and day in UTC, by the proleptic Gregorian calendar.
    pub fn civil(self) -> (u64, usize, u64) {
        let days = self.0 / 86_400;
        let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let (mut year, mut left) = (1970 + days / 146_097 * 400, days % 146_097);
        loop {
            let length = if leap(year) { 366 } else { 365 };
            if left < length {
                break;
            }
            left -= length;
            year += 1;
        }
        let lengths = [
            31,
            if leap(year) { 29 } else { 28 },
            31,
            30,
            31,
            30,
            31,
            31,
            30,
            31,
            30,
            31,
        ];
        for (month, length) in lengths.into_iter().enumerate() {
            if left < length {
                return (year, month + 1, left + 1);
            }
            left -= length;
        }
        (year, 12, 31)
    }
}

/// A length of time, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ttl(pub u64);

impl Ttl {
    /// How long an asked question (a WebAuthn challenge) may be answered: WebAuthn L3 §15.1 recommends five to ten
    /// minutes.
    pub const CEREMONY: Self = Self(5 * 60);
    /// How long a proof (passkey, password, link) stands for changes to accounts and security.
    pub const PROOF: Self = Self(10 * 60);
    /// The longest session on a public computer.
    pub const PUBLIC_COMPUTER: Self = Self::hours(12);

    /// So many minutes.
    pub const fn minutes(count: u64) -> Self {
        Self(count * 60)
    }

    /// So many hours.
    pub const fn hours(count: u64) -> Self {
        Self(count * 3600)
    }

    /// So many days.
    pub const fn days(count: u64) -> Self {
        Self::hours(count * 24)
    }
}

impl Add<Ttl> for Date {
    type Output = Self;

    fn add(self, length: Ttl) -> Self {
        Self(self.0.saturating_add(length.0))
    }
}

impl Sub for Date {
    type Output = Ttl;

    /// The time that passed since `earlier`; nothing if it lies ahead.
    fn sub(self, earlier: Self) -> Ttl {
        Ttl(self.0.saturating_sub(earlier.0))
    }
}

/// Milliseconds of the stopwatch since the program began: goes on whatever the date is, and never runs backwards. For
/// waits, tickets and SIP's timers (RFC 3261 §17); never kept on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tick(pub u64);

impl Tick {
    /// So many milliseconds later.
    #[must_use]
    pub const fn after_ms(self, milliseconds: u64) -> Self {
        Self(self.0.saturating_add(milliseconds))
    }

    /// The milliseconds that passed since `earlier`; none if it lies ahead.
    #[must_use]
    pub const fn ms_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<Ttl> for Tick {
    type Output = Self;

    fn add(self, length: Ttl) -> Self {
        self.after_ms(length.0.saturating_mul(1000))
    }
}

impl Sub for Tick {
    type Output = Ttl;

    /// The whole seconds that passed since `earlier`, rounded up; none if it lies ahead.
    fn sub(self, earlier: Self) -> Ttl {
        Ttl(self.ms_since(earlier).div_ceil(1000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_they_are_written() {
        for seconds in [
            0,
            951_782_400,
            1_709_164_800,
            1_795_420_801,
            4_102_444_799,
            253_402_300_799,
        ] {
            assert_eq!(
                Date::parse(&Date(seconds).iso()),
                Some(Date(seconds)),
                "{}",
                Date(seconds).iso()
            );
        }
        assert_eq!(Date::parse("2026-11-23"), Some(Date(1_795_392_000)));
        assert_eq!(Date::parse("2026-11-23T08:00Z"), Some(Date(1_795_420_800)));
        for odd in [
            "",
            "2026",
            "2026-02-30",
            "2026-13-01",
            "2026-11-23T24:00Z",
            "2026-11-23T08:00",
            "1969-12-31",
        ] {
            assert_eq!(Date::parse(odd), None, "{odd}");
        }
    }

    #[test]
    fn dates_of_answers_are_as_http_has_them() {
        for seconds in [0, 784_111_777, 1_709_164_800] {
            assert_eq!(Date::parse_imf(&Date(seconds).imf()), Some(Date(seconds)));
        }
        assert_eq!(Date::parse_imf("yesterday"), None);
        assert_eq!(Date(784_111_777).imf(), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(Date(0).imf(), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(Date(1_709_164_800).imf(), "Thu, 29 Feb 2024 00:00:00 GMT");
        assert_eq!(Date(1_798_761_599).imf(), "Thu, 31 Dec 2026 23:59:59 GMT");
    }
}
