//! Notices of commits, for those who wait for news.

use event_listener::{Event, EventListener};

use crate::rules::change::{Change, LettersChange, OfficeChange, PeopleChange};

/// Listen first, then read: nothing is missed in between.
#[derive(Default)]
pub struct CommitNotices {
    any: Event,
    letters: Event,
    phones: Event,
    relay: Event,
}

impl CommitNotices {
    /// Ends with the next commit.
    pub fn of_any(&self) -> EventListener {
        self.any.listen()
    }

    /// Ends when a letter was queued, or another mail server set.
    pub fn of_letters(&self) -> EventListener {
        self.letters.listen()
    }

    /// Ends when what the phones' line goes by may have changed: a device, the name or number of an account, a setting.
    pub fn of_phones(&self) -> EventListener {
        self.phones.listen()
    }

    /// Ends when another mail server was set, or none.
    pub fn of_relay(&self) -> EventListener {
        self.relay.listen()
    }

    /// Is called after the commit of these, once for each commit.
    pub(super) fn send<'a>(&self, changes: impl Iterator<Item = &'a Change>) {
        let (mut letters, mut phones, mut relay) = (false, false, false);
        for change in changes {
            letters |= matches!(change, Change::Letters(LettersChange::LetterQueued(_)));
            phones |= is_of_phones(change);
            relay |= matches!(
                change,
                Change::Letters(LettersChange::RelaySet(_)) | Change::Letters(LettersChange::RelayRemoved)
            );
        }
        self.any.notify(usize::MAX);
        if phones {
            self.phones.notify(usize::MAX);
        }
        if relay {
            self.relay.notify(usize::MAX);
        }
        if letters || relay {
            self.letters.notify(usize::MAX);
        }
    }
}

fn is_of_phones(change: &Change) -> bool {
    match change {
        Change::Phones(_) => true,
        Change::Office(office) => matches!(office, OfficeChange::SettingsChanged(..)),
        Change::People(people) => matches!(
            people,
            PeopleChange::AccountChanged(..) | PeopleChange::AccountDeleted(_)
        ),
        Change::Letters(_) => false,
    }
}
