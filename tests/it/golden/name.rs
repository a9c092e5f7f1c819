//! The rows of another name: the move to it, the names of before, the rescue code.

use linekey::rules::change::OfficeChange;
use linekey::rules::id::HostName;
use linekey::rules::office::named::{EarlierNames, Moving};
use linekey::rules::people::one_time::Slot;
use linekey::rules::time::Date;
use linekey::store::Store;

use super::one_time;

fn name(text: &str) -> HostName {
    HostName::parse(text).unwrap()
}

fn earlier() -> EarlierNames {
    let first = EarlierNames::default().and(name("localhost"), Date(1_700_000_001));
    first.and(name("old.example.org"), Date(1_700_000_002))
}

fn moving() -> Moving {
    Moving {
        from: name("old.example.org"),
        since: Date(1_700_000_003),
    }
}

pub(super) fn changes() -> [OfficeChange; 3] {
    [
        OfficeChange::MoveBegun(moving()),
        OfficeChange::NamesNoted(earlier()),
        OfficeChange::OneTimeArmed(Slot::Page, one_time(false)),
    ]
}

pub(super) fn hold(store: &Store) {
    assert_eq!(store.read(|facts| facts.moving()).unwrap(), Some(moving()));
    assert_eq!(store.read(|facts| facts.earlier_names()).unwrap(), earlier());
    let code = store.read(|facts| facts.one_time(Slot::Page)).unwrap();
    assert_eq!(code, Some(one_time(false)));
}
