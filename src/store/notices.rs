//! Notices of commits, for those who wait for news.

use std::sync::atomic::{AtomicU64, Ordering};

use event_listener::{Event, EventListener};

use crate::rules::change::{Change, LettersChange, OfficeChange, PeopleChange};

/// Listen first, then read: nothing is missed in between.
#[derive(Default)]
pub struct CommitNotices {
    any: Event,
    letters: Event,
    phones: Event,
    relay: Event,
    /// Commits since the start that may have changed what phones' files say.
    phone_files: AtomicU64,
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

    /// Another number after each commit that may have changed what phones' files say: those of which
    /// [`Self::of_phones`] tells, and people who come. Whoever was answered by such a turn sees it.
    pub fn phone_files(&self) -> u64 {
        self.phone_files.load(Ordering::Acquire)
    }

    /// Ends when another mail server was set, or none.
    pub fn of_relay(&self) -> EventListener {
        self.relay.listen()
    }

    /// Is called after the commit of these, once for each commit.
    pub(super) fn send<'a>(&self, changes: impl Iterator<Item = &'a Change>) {
        let (mut letters, mut phones, mut files, mut relay) = (false, false, false, false);
        for change in changes {
            letters |= matches!(change, Change::Letters(LettersChange::LetterQueued(_)));
            phones |= is_of_phones(change);
            files |= matches!(change, Change::People(PeopleChange::AccountAdded(_)));
            relay |= matches!(
                change,
                Change::Letters(LettersChange::RelaySet(..)) | Change::Letters(LettersChange::RelayRemoved)
            );
        }
        if phones || files {
            self.phone_files.fetch_add(1, Ordering::AcqRel);
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
