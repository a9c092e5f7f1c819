//! A change of the appliance's name: nobody who makes it may be shut out by it, and nothing is deleted.

use super::named::Moving;
use crate::rules::change::{Change, OfficeChange};
use crate::rules::id::HostName;
use crate::rules::refusal::Refusal;
use crate::rules::time::Date;
use crate::rules::verdict::Verdict;

/// How the one who changes the name gets in under the new one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WaysThere {
    /// By a passkey of theirs that was made under that name.
    pub passkey: bool,
    /// By their password.
    pub password: bool,
    /// By a rescue code that they were shown, and that waits.
    pub code: bool,
}

impl WaysThere {
    /// Whether there is one.
    pub const fn any(self) -> bool {
        self.passkey || self.password || self.code
    }
}

/// A name that is to be saved.
pub struct Renaming<'a> {
    /// The name.
    pub wanted: &'a HostName,
    /// The one that the appliance is served under now.
    pub in_use: &'a HostName,
    /// Whether people move over from the one to the other in their own time.
    pub is_move: bool,
    /// The move that was decided before, if any.
    pub before: Option<Moving>,
    /// How whoever saves it gets in afterwards.
    pub ways: WaysThere,
}

/// What saving the name begins and ends besides. The name in use is no change: it takes back what was to come, and a
/// move that lasts goes on.
///
/// # Errors
/// Whoever saves it has no way in under the new name.
pub fn rename(renaming: Renaming<'_>, now: Date) -> Result<Vec<Change>, Refusal> {
    let Renaming {
        wanted,
        in_use,
        is_move,
        before,
        ways,
    } = renaming;
    if wanted == in_use {
        let withdrawn = before.filter(|moving| moving.from == *in_use);
        return Ok(withdrawn.map(ended).into_iter().collect());
    }
    if !ways.any() {
        return Err(Refusal::NoWayThere);
    }
    if is_move {
        let moving = Moving {
            from: in_use.clone(),
            since: now,
        };
        return Ok(vec![OfficeChange::MoveBegun(moving).into()]);
    }
    Ok(before.map(ended).into_iter().collect())
}

/// Ends the move: from now on passkeys of the old name are of no use.
pub fn end(moving: Option<Moving>) -> Verdict<()> {
    match moving {
        Some(moving) => Verdict::yes((), vec![ended(moving)]),
        None => Verdict::no(Refusal::NotFound),
    }
}

fn ended(moving: Moving) -> Change {
    OfficeChange::MoveEnded(moving.from).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> HostName {
        HostName::parse(text).unwrap()
    }

    fn saved(wanted: &str, is_move: bool, before: Option<&str>, ways: WaysThere) -> Result<Vec<String>, Refusal> {
        let before = before.map(|from| Moving {
            from: name(from),
            since: Date(1),
        });
        let (wanted, in_use) = (name(wanted), name("old.test"));
        let renaming = Renaming {
            wanted: &wanted,
            in_use: &in_use,
            is_move,
            before,
            ways,
        };
        let changes = rename(renaming, Date(9))?;
        Ok(changes
            .into_iter()
            .map(|change| {
                if let Change::Office(OfficeChange::MoveBegun(moving)) = &change {
                    return format!("begun {}", moving.from);
                }
                if let Change::Office(OfficeChange::MoveEnded(from)) = &change {
                    return format!("ended {from}");
                }
                panic!("{change:?}")
            })
            .collect())
    }

    const CODE: WaysThere = WaysThere {
        passkey: false,
        password: false,
        code: true,
    };

    #[test]
    fn without_a_way_in_under_the_new_name_it_is_not_saved() {
        let none = WaysThere::default();
        assert_eq!(saved("new.test", true, None, none), Err(Refusal::NoWayThere));
        assert_eq!(saved("new.test", false, None, none), Err(Refusal::NoWayThere));
        assert_eq!(
            saved("old.test", false, None, none),
            Ok(vec![]),
            "the name in use is none"
        );
        for ways in [
            CODE,
            WaysThere { password: true, ..none },
            WaysThere { passkey: true, ..none },
        ] {
            assert_eq!(saved("new.test", false, None, ways), Ok(vec![]));
        }
    }

    #[test]
    fn a_move_begins_at_the_name_in_use_and_another_name_without_one_ends_it() {
        assert_eq!(saved("new.test", true, None, CODE).unwrap(), ["begun old.test"]);
        assert_eq!(
            saved("new.test", true, Some("older.test"), CODE).unwrap(),
            ["begun old.test"]
        );
        assert_eq!(
            saved("new.test", false, Some("older.test"), CODE).unwrap(),
            ["ended older.test"]
        );
    }

    #[test]
    fn taking_the_name_back_before_the_start_withdraws_its_move_and_no_other() {
        assert_eq!(
            saved("old.test", false, Some("old.test"), CODE).unwrap(),
            ["ended old.test"]
        );
        assert!(saved("old.test", false, Some("older.test"), CODE).unwrap().is_empty());
    }
}
