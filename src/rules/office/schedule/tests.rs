//! When a backup is due, how it stands, and which file goes.

use super::*;

/// 2026-11-23T08:00:00Z.
const MORNING: u64 = 1_795_420_800;
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

fn schedule(when: When) -> Schedule {
    let key = SealKey::new([7; 32]);
    let recipe = Recipe {
        effort: crate::rules::office::backup::EFFORT,
        salt: [3; 16],
    };
    Schedule {
        folder: "/media/stick".to_owned(),
        when,
        keep: 3,
        lock: Lock::of(&recipe, &Root::new([4; 32]), &key, &mut Fresh::seeded([5; 32])),
        since: Date(MORNING - 10 * DAY),
    }
}

fn good(at: u64) -> Good {
    Good {
        at: Date(at),
        file: "x.backup".to_owned(),
        bytes: 1,
    }
}

fn bad(at: u64, trouble: Trouble) -> Bad {
    Bad { at: Date(at), trouble }
}

#[test]
fn a_daily_backup_is_due_from_its_time_of_day_until_it_was_made() {
    // 02:30.
    let daily = schedule(When::Daily(150));
    let slot = MORNING - 8 * HOUR + 150 * 60;
    let due = |at, now| daily.is_due(Some(&good(at)), Date(now));
    assert!(daily.is_due(None, Date(MORNING)));
    assert!(due(slot - 1, slot) && due(slot - 1, slot + DAY - 1));
    assert!(!due(slot - 1, slot - 1));
    assert!(!due(slot, slot) && !due(slot, slot + DAY - 1));
    assert!(due(slot, slot + DAY));
    // A date that comes late misses none.
    assert!(due(slot, slot + 40 * DAY));
}

#[test]
fn an_hourly_one_is_due_after_its_hours_and_what_was_set_anew_is_due_at_once() {
    let hourly = schedule(When::Hours(6));
    assert!(!hourly.is_due(Some(&good(MORNING)), Date(MORNING + 6 * HOUR - 1)));
    assert!(hourly.is_due(Some(&good(MORNING)), Date(MORNING + 6 * HOUR)));
    let anew = Schedule {
        since: Date(MORNING + 1),
        ..hourly
    };
    assert!(anew.is_due(Some(&good(MORNING)), Date(MORNING + 1)));
    assert!(anew.is_due(Some(&good(MORNING + 1)), Date(MORNING + 1)));
    assert!(!anew.is_due(Some(&good(MORNING + 2)), Date(MORNING + 2)));
}

#[test]
fn how_it_stands_is_told_by_the_last_try_and_by_what_is_due() {
    let hourly = schedule(When::Hours(6));
    let state = |good: Option<Good>, bad: Option<Bad>, known, now| {
        let failing = bad.is_some();
        let outcomes = Outcomes {
            good,
            bad,
            failing,
            ..Outcomes::default()
        };
        State::of(Some(&hourly), &outcomes, known, Date(now))
    };
    assert_eq!(State::of(None, &Outcomes::default(), true, Date(MORNING)), State::Off);
    assert_eq!(state(Some(good(MORNING)), None, true, MORNING), State::Fine);
    assert_eq!(state(Some(good(MORNING)), None, true, MORNING + 8 * HOUR), State::Fine);
    assert_eq!(
        state(Some(good(MORNING)), None, true, MORNING + 9 * HOUR),
        State::Overdue
    );
    assert_eq!(state(Some(good(MORNING)), None, false, MORNING), State::NoDate);
    let full = || Some(bad(MORNING, Trouble::Full));
    assert_eq!(state(Some(good(MORNING - 1)), full(), true, MORNING), State::Failed);
    assert_eq!(state(None, full(), true, MORNING), State::Failed);
    let fresh = Schedule {
        since: Date(MORNING),
        ..schedule(When::Hours(6))
    };
    let first = State::of(Some(&fresh), &Outcomes::default(), true, Date(MORNING));
    assert_eq!(first, State::First);
}

#[test]
fn a_failure_that_stays_the_same_is_written_once_a_day() {
    let failing = |failing| Outcomes {
        bad: Some(bad(MORNING, Trouble::Absent)),
        failing,
        ..Outcomes::default()
    };
    let written = |before: &Outcomes, trouble, now| failed(trouble, before, Date(now)).len();
    assert_eq!(written(&failing(true), Trouble::Absent, MORNING + 60), 0);
    assert_eq!(written(&failing(true), Trouble::Absent, MORNING + DAY), 1);
    assert_eq!(written(&failing(true), Trouble::Full, MORNING + 60), 1);
    assert_eq!(written(&failing(false), Trouble::Absent, MORNING + 60), 1);
    assert_eq!(written(&Outcomes::default(), Trouble::Absent, MORNING), 1);
}

#[test]
fn rotation_keeps_the_newest_and_never_touches_the_one_just_checked_nor_anothers_files() {
    let key = SealKey::new([7; 32]);
    let prefix = prefix(&key);
    let of = |day: u64| name(&prefix, Date(MORNING + day * DAY));
    let mut names: Vec<String> = (0..5).map(of).collect();
    let foreign = [
        "linekey-00000000-2020-01-01T000000Z.backup",
        "notes.txt",
        "linekey-2020.backup",
    ];
    names.extend(foreign.map(str::to_owned));
    names.push(unfinished(&prefix));
    assert_eq!(surplus(names.clone(), &prefix, &of(4), 3), [of(0), of(1)]);
    assert_eq!(surplus(names.clone(), &prefix, &of(4), 1), [of(0), of(1), of(2), of(3)]);
    assert_eq!(surplus(names.clone(), &prefix, &of(4), 9), [""; 0]);
    // Files of a clock that ran ahead: the newest is the one that was just checked all the same.
    assert_eq!(surplus(names, &prefix, &of(0), 1), [of(1), of(2), of(3), of(4)]);
    assert!(of(0).ends_with("-2026-11-23T080000Z.backup"), "{}", of(0));
}

#[test]
fn a_passphrase_is_kept_as_what_it_was_made_into_and_under_this_key_alone() {
    let daily = schedule(When::Daily(0));
    let root = daily.lock.root(&SealKey::new([7; 32])).map(|root| *root.reveal());
    assert_eq!(root, Some([4; 32]));
    assert!(daily.lock.root(&SealKey::new([8; 32])).is_none());
}

#[test]
fn without_a_passphrase_nothing_is_set() {
    let typed = |folder: &str, daily_at: Option<&str>, every_hours, keep| {
        let typed = Typed {
            into_bucket: false,
            folder: folder.to_owned(),
            daily_at: daily_at.map(str::to_owned),
            every_hours,
            keep,
        };
        typed.read()
    };
    let read = typed(" /media/stick ", Some("02:30"), None, 3).unwrap();
    assert_eq!(read, ("/media/stick".to_owned(), When::Daily(150), 3));
    let refused = set(read.clone(), (None, None), None, None, Date(MORNING)).err();
    let why = Why::Schedule(WrongSchedule::NoPassphrase);
    assert_eq!(refused, Some(Invalid::new(Field::Passphrase, why)));
    assert!(
        set(
            read,
            (None, None),
            None,
            Some((schedule(When::Hours(1)), None)),
            Date(MORNING)
        )
        .is_ok()
    );
    let wrong = |typed: Result<(String, When, u16), Invalid>| typed.err().map(|invalid| invalid.why);
    for (odd, expected) in [
        (typed("stick", Some("02:30"), None, 3), WrongSchedule::Folder),
        (typed("/a\nb", Some("02:30"), None, 3), WrongSchedule::Folder),
        (typed("/a", Some("24:00"), None, 3), WrongSchedule::Time),
        (typed("/a", Some("2:3"), None, 3), WrongSchedule::Time),
        (typed("/a", Some("+2:30"), None, 3), WrongSchedule::Time),
        (typed("/a", None, None, 3), WrongSchedule::Time),
        (typed("/a", Some("02:30"), Some(3), 3), WrongSchedule::Time),
        (typed("/a", None, Some(0), 3), WrongSchedule::Hours),
        (typed("/a", None, Some(169), 3), WrongSchedule::Hours),
        (typed("/a", None, Some(6), 0), WrongSchedule::Keep),
    ] {
        assert_eq!(wrong(odd), Some(Why::Schedule(expected)));
    }
}
