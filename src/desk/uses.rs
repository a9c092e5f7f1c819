//! When sessions and API access were last used: kept here for some minutes and written in one batch, because flash wears out.

use heapless::index_map::FnvIndexMap;

use crate::rules::people::session::{Use, Used};

/// Sessions that can be in use between two batches; beyond it the rest is written a batch later.
const SESSIONS: usize = 1024;

/// See the module.
#[derive(Default)]
pub struct Uses(FnvIndexMap<Used, Use, SESSIONS>);

impl Uses {
    /// Notes a use. If the table is full the note is lost: what was used is then shown with an older use.
    pub fn note(&mut self, used: Used, seen: Use) {
        self.0.insert(used, seen).map(drop).unwrap_or_default();
    }

    /// The newest use that is not written down yet.
    pub fn newest(&self, used: Used) -> Option<&Use> {
        self.0.get(&used)
    }

    /// Takes all notes, to write them down.
    pub fn take_all(&mut self) -> Vec<(Used, Use)> {
        let all = self.0.iter().map(|(used, seen)| (*used, seen.clone())).collect();
        self.0.clear();
        all
    }
}
