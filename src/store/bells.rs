//! What is rung after a commit, for those who wait for news.

use event_listener::{Event, EventListener};

use crate::rules::change::{Change, LettersChange};

/// See the module. Listen first, then read: nothing is missed in between.
#[derive(Default)]
pub struct Bells {
    written: Event,
    posted: Event,
    relay: Event,
}

impl Bells {
    /// Ends with the next commit.
    pub fn written(&self) -> EventListener {
        self.written.listen()
    }

    /// Ends when a letter was queued, or another mail server set.
    pub fn posted(&self) -> EventListener {
        self.posted.listen()
    }

    /// Ends when another mail server was set, or none.
    pub fn another_relay(&self) -> EventListener {
        self.relay.listen()
    }

    /// After the commit of these.
    pub(super) fn ring(&self, changes: &[Change]) {
        self.written.notify(usize::MAX);
        let relay = |change: &Change| {
            matches!(
                change,
                Change::Letters(LettersChange::RelaySet(_)) | Change::Letters(LettersChange::RelayRemoved)
            )
        };
        if changes.iter().any(relay) {
            self.relay.notify(usize::MAX);
        }
        if changes
            .iter()
            .any(|change| relay(change) || matches!(change, Change::Letters(LettersChange::LetterQueued(_))))
        {
            self.posted.notify(usize::MAX);
        }
    }
}
