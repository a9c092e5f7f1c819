//! Time zones by their IANA names: what a phone's file says of them.
//!
//! `zones.txt` has a line for each rule, as POSIX writes it (`CET-1CEST,M3.5.0,M10.5.0/3`), and behind it the zones
//! that go by it. It was made of the last lines of the files in Debian's tzdata 2025b, which is in the public domain. A
//! rule is for the years to come: what a zone did before, no phone is told.

use super::handout::{Summer, Turn, Zone};

const ZONES: &str = include_str!("zones.txt");

/// The zone of that name, letter case aside, and the name as it is usually written; `ntp` tells the time.
#[must_use]
pub fn named<'n>(name: &str, ntp: &'n str) -> Option<(&'static str, Zone<'n>)> {
    ZONES.lines().find_map(|line| {
        let mut words = line.split(' ');
        let rule = words.next()?;
        let known = words.find(|known| known.eq_ignore_ascii_case(name))?;
        Some((known, zone(rule, ntp)?))
    })
}

/// All names, in no order.
pub fn names() -> impl Iterator<Item = &'static str> {
    ZONES.lines().flat_map(|line| line.split(' ').skip(1))
}

/// Summer time that is another than one hour ahead (Lord Howe Island, Troll) is none to a phone.
fn zone<'n>(rule: &'static str, ntp: &'n str) -> Option<Zone<'n>> {
    let (names, turns) = rule
        .split_once(',')
        .map_or((rule, None), |(names, turns)| (names, Some(turns)));
    let (standard, rest) = name(names)?;
    let (offset, rest) = offset(rest)?;
    let plain = Zone {
        ntp,
        standard: shown(standard, "STD"),
        offset,
        summer: None,
    };
    let Some((start, end)) = turns.and_then(|turns| turns.split_once(',')) else {
        return Some(plain);
    };
    let (start, end) = (turn(start)?, turn(end)?);
    let (other, rest) = name(rest)?;
    let ahead = if rest.is_empty() {
        offset.checked_add(60)?
    } else {
        self::offset(rest)?.0
    };
    match i32::from(ahead) - i32::from(offset) {
        60 => Some(Zone {
            summer: Some(Summer {
                name: shown(other, "DST"),
                start,
                end,
            }),
            ..plain
        }),
        // Ireland's standard time is that of the summer.
        -60 => Some(Zone {
            standard: shown(other, "STD"),
            offset: ahead,
            summer: Some(Summer {
                name: shown(standard, "DST"),
                start: end,
                end: start,
            }),
            ..plain
        }),
        _ => Some(plain),
    }
}

/// A zone's abbreviation: letters, or anything between angle brackets.
fn name(text: &'static str) -> Option<(&'static str, &'static str)> {
    if let Some(quoted) = text.strip_prefix('<') {
        return quoted.split_once('>');
    }
    let letters = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    text.split_at_checked(letters)
}

/// Phones take letters alone.
fn shown(name: &'static str, instead: &'static str) -> &'static str {
    let is_letters = name.bytes().all(|byte| byte.is_ascii_alphabetic());
    if is_letters { name } else { instead }
}

/// Minutes east of Greenwich, from hours and minutes west of it.
fn offset(text: &'static str) -> Option<(i16, &'static str)> {
    let length = text
        .find(|c: char| !matches!(c, '-' | '+' | ':' | '0'..='9'))
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(length)?;
    let (hours, minutes) = digits.split_once(':').unwrap_or((digits, "0"));
    let is_east = hours.starts_with('-');
    let west: i16 = hours.trim_start_matches(['-', '+']).parse().ok()?;
    let minutes = west.checked_mul(60)?.checked_add(minutes.parse().ok()?)?;
    Some((if is_east { minutes } else { minutes.checked_neg()? }, rest))
}

/// `M10.5.0/3`; two o'clock where no hour stands. An hour of the day before or of days after moves the weekday; phones
/// have no more than that.
fn turn(text: &str) -> Option<Turn> {
    let (day, hour) = text
        .strip_prefix('M')?
        .split_once('/')
        .unwrap_or((text.strip_prefix('M')?, "2"));
    let mut parts = day.split('.').map(|part| part.parse::<u8>().ok());
    let (month, week, weekday) = (parts.next()??, parts.next()??, parts.next()??);
    let hour: i16 = hour.split(':').next()?.parse().ok()?;
    let weekday = (i16::from(weekday).checked_add(hour.div_euclid(24))?).rem_euclid(7);
    Some(Turn {
        month,
        week,
        weekday: weekday.try_into().ok()?,
        hour: hour.rem_euclid(24).try_into().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(name: &str) -> String {
        let (_, zone) = named(name, "ntp").unwrap();
        let summer = zone.summer.map(|summer| {
            let turn = |turn: Turn| format!("{}.{}.{}/{}", turn.month, turn.week, turn.weekday, turn.hour);
            format!(" {} {} {}", summer.name, turn(summer.start), turn(summer.end))
        });
        format!("{} {}{}", zone.standard, zone.offset, summer.unwrap_or_default())
    }

    #[test]
    fn zones_of_every_kind_are_read() {
        for (name, expected) in [
            ("Europe/Berlin", "CET 60 CEST 3.5.0/2 10.5.0/3"),
            ("europe/dublin", "GMT 0 IST 3.5.0/1 10.5.0/2"),
            ("America/St_Johns", "NST -210 NDT 3.2.0/2 11.1.0/2"),
            ("Asia/Kathmandu", "STD 345"),
            ("America/Sao_Paulo", "STD -180"),
            ("Africa/Cairo", "EET 120 EEST 4.5.5/0 10.5.5/0"),
            ("America/Nuuk", "STD -120 DST 3.5.6/23 10.5.0/0"),
            ("Pacific/Chatham", "STD 765 DST 9.5.0/2 4.1.0/3"),
            ("Australia/Lord_Howe", "STD 630"),
            ("UTC", "UTC 0"),
        ] {
            assert_eq!(said(name), expected, "{name}");
        }
        assert!(named("Europe/Atlantis", "ntp").is_none() && named("", "ntp").is_none());
    }

    #[test]
    fn every_line_is_a_rule_and_no_name_is_there_twice() {
        let mut all: Vec<&str> = names().collect();
        let count = all.len();
        assert!(count > 400 && all.iter().all(|name| named(name, "ntp").is_some()));
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
