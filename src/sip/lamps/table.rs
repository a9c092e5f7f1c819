//! Who watches which extension, and what there is to see.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use crate::rules::phones::device::DeviceId;
use crate::rules::phones::line_state;
use crate::rules::time::Tick;
use crate::sip::flow::Flow;
use crate::sip::input::NotifyRequest;
use crate::sip::transaction::client::ClientKey;

/// A watcher of one extension: one dialog of ours (RFC 6665 §4.5).
#[derive(Clone, Debug)]
pub(in crate::sip) struct Subscription {
    pub(in crate::sip) device: DeviceId,
    pub(in crate::sip) extension: String,
    pub(in crate::sip) flow: Flow,
    /// When it was heard over that flow last.
    pub(in crate::sip) heard: Tick,
    pub(in crate::sip) call_id: String,
    pub(in crate::sip) local_tag: String,
    /// From of our NOTIFYs: To of the SUBSCRIBE, without its tag.
    pub(in crate::sip) local: Vec<u8>,
    /// To of our NOTIFYs: From of the SUBSCRIBE.
    pub(in crate::sip) remote: Vec<u8>,
    /// The watcher's Contact.
    pub(in crate::sip) target: String,
    /// Event as the watcher wrote it.
    pub(in crate::sip) event: Vec<u8>,
    /// CSeq of the newest NOTIFY.
    pub(in crate::sip) cseq: u32,
    /// Version of the newest document.
    pub(in crate::sip) version: u32,
    /// CSeq of the watcher's newest SUBSCRIBE.
    pub(in crate::sip) remote_cseq: u32,
    pub(in crate::sip) until: Tick,
    /// The NOTIFY that is not answered yet, and when it was sent.
    pub(in crate::sip) pending: Option<(ClientKey, Tick)>,
    /// There is news that was not sent yet.
    pub(in crate::sip) has_news: bool,
}

/// A phone that asked for its settings.
#[derive(Clone, Debug)]
pub(in crate::sip) struct Discovery {
    pub(in crate::sip) flow: Flow,
    pub(in crate::sip) target: String,
    pub(in crate::sip) call_id: String,
    pub(in crate::sip) local: Vec<u8>,
    pub(in crate::sip) remote: Vec<u8>,
    pub(in crate::sip) source: SocketAddr,
}

/// A NOTIFY outside of any subscription, to one place.
#[derive(Clone, Debug)]
pub(in crate::sip) struct Letter {
    pub(in crate::sip) flow: Flow,
    pub(in crate::sip) target: String,
    pub(in crate::sip) from: Vec<u8>,
    pub(in crate::sip) to: Vec<u8>,
    pub(in crate::sip) call_id: String,
    /// Rises when it is sent again with credentials.
    pub(in crate::sip) cseq: u32,
}

/// What the shell asked to be told, until everybody has answered.
#[derive(Clone, Debug)]
pub(in crate::sip) struct Telling {
    pub(in crate::sip) asked: NotifyRequest,
    /// One for each place; none: it is answered, or nobody will.
    pub(in crate::sip) letters: Vec<Option<Letter>>,
    /// The lowest status.
    pub(in crate::sip) best: Option<u16>,
}

/// All subscriptions, and the lines that they show.
#[derive(Debug, Default)]
pub(in crate::sip) struct Lamps {
    pub(in crate::sip) by_number: BTreeMap<u64, Subscription>,
    by_dialog: BTreeMap<(String, String), u64>,
    watchers: BTreeMap<String, BTreeSet<u64>>,
    lines: BTreeMap<String, line_state::ExtensionLine>,
    next: u64,
    pub(in crate::sip) discoveries: BTreeMap<u64, Discovery>,
    /// What the shell asked to be told, by its numbers.
    pub(in crate::sip) told: BTreeMap<u64, Telling>,
}

impl Lamps {
    pub(in crate::sip) fn len(&self) -> usize {
        self.by_number.len()
    }

    /// A number that was not used before.
    pub(in crate::sip) fn number(&mut self) -> u64 {
        self.next = self.next.saturating_add(1);
        self.next
    }

    pub(in crate::sip) fn add(&mut self, subscription: Subscription) -> u64 {
        let number = self.number();
        let dialog = (subscription.call_id.clone(), subscription.local_tag.clone());
        self.by_dialog.insert(dialog, number);
        self.watchers
            .entry(subscription.extension.clone())
            .or_default()
            .insert(number);
        self.by_number.insert(number, subscription);
        number
    }

    pub(in crate::sip) fn remove(&mut self, number: u64) -> Option<Subscription> {
        let gone = self.by_number.remove(&number)?;
        self.by_dialog.remove(&(gone.call_id.clone(), gone.local_tag.clone()));
        if let Some(watchers) = self.watchers.get_mut(&gone.extension) {
            watchers.remove(&number);
            if watchers.is_empty() {
                self.watchers.remove(&gone.extension);
            }
        }
        self.tidy(&gone.extension);
        Some(gone)
    }

    /// The subscription of a dialog.
    pub(in crate::sip) fn find(&self, call_id: &str, local_tag: &str) -> Option<u64> {
        self.by_dialog.get(&(call_id.to_owned(), local_tag.to_owned())).copied()
    }

    pub(in crate::sip) fn watchers(&self, extension: &str) -> Vec<u64> {
        self.watchers
            .get(extension)
            .map(|it| it.iter().copied().collect())
            .unwrap_or_default()
    }

    pub(in crate::sip) fn of(&self, device: DeviceId) -> Vec<u64> {
        let own = self.by_number.iter().filter(|(_, it)| it.device == device);
        own.map(|(number, _)| *number).collect()
    }

    /// The calls of an extension.
    pub(in crate::sip) fn line(&mut self, extension: &str) -> &mut line_state::ExtensionLine {
        self.lines.entry(extension.to_owned()).or_default()
    }

    /// Forgets the line of an extension without calls that nobody watches.
    pub(in crate::sip) fn tidy(&mut self, extension: &str) {
        let is_idle = self
            .lines
            .get(extension)
            .is_some_and(line_state::ExtensionLine::is_idle);
        if is_idle && !self.watchers.contains_key(extension) {
            self.lines.remove(extension);
        }
    }
}
