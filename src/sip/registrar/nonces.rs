//! How often each nonce was used: only of those whose digest was right.

use std::collections::BTreeMap;

use crate::rules::phones::nonce::{Known, NonceId, Used};
use crate::rules::time::Tick;
use crate::sip::limits::NONCES;

/// Counts by nonce; the oldest goes first where there is no room.
#[derive(Debug, Default)]
pub(in crate::sip) struct Nonces {
    counts: BTreeMap<NonceId, (Tick, u32)>,
    /// Nonces made up to here may have been forgotten.
    forgotten: Option<Tick>,
}

impl Nonces {
    /// How often it was used.
    pub(in crate::sip) fn used(&self, nonce: Known) -> Used {
        match self.counts.get(&nonce.id) {
            Some((_, count)) => Used::UpTo(*count),
            None if self.forgotten.is_some_and(|until| nonce.made <= until) => Used::Forgotten,
            None => Used::Never,
        }
    }

    /// Remembers its highest count.
    pub(in crate::sip) fn remember(&mut self, nonce: Known, count: u32, now: Tick) {
        while let Some(first) = self.counts.first_entry() {
            let (made, _) = *first.get();
            let known = Known { id: *first.key(), made };
            if known.is_young(now) {
                break;
            }
            first.remove();
        }
        self.counts.insert(nonce.id, (nonce.made, count));
        while self.counts.len() > NONCES {
            // The identity begins with the time, so the first is the oldest.
            if let Some((_, (made, _))) = self.counts.pop_first() {
                self.forgotten = Some(made);
            }
        }
    }
}
