//! When sessions and API access were last used: kept here for some minutes and written in one batch, because flash wears out.

use heapless::index_map::FnvIndexMap;

use crate::rules::people::session::{Use, Used};

/// What can be in use between two batches: twice the sessions of a thousand people with two browsers each, in four drawers,
/// because a table is made on the stack. About 100 bytes each.
const DRAWERS: usize = 4;
/// What one of them holds.
const IN_ONE: usize = 1024;

type Drawer = FnvIndexMap<Used, Use, IN_ONE>;

/// See the module.
#[derive(Default)]
pub struct Uses([Box<Drawer>; DRAWERS]);

impl Uses {
    /// Notes a use. If the table is full the note is lost: what was used is then shown with an older use.
    pub fn note(&mut self, used: Used, seen: Use) {
        let known = self.0.iter().position(|drawer| drawer.contains_key(&used));
        let place = known.or_else(|| self.0.iter().position(|drawer| drawer.len() < IN_ONE));
        if let Some(drawer) = place.and_then(|place| self.0.get_mut(place)) {
            drawer.insert(used, seen).map(drop).unwrap_or_default();
        }
    }

    /// The newest use that is not written down yet.
    pub fn newest(&self, used: Used) -> Option<&Use> {
        self.0.iter().find_map(|drawer| drawer.get(&used))
    }

    /// All notes, to write them down. They stay until that is done: see [`Self::written`].
    pub fn all(&self) -> Vec<(Used, Use)> {
        let notes = self.0.iter().flat_map(|drawer| drawer.iter());
        notes.map(|(used, seen)| (*used, seen.clone())).collect()
    }

    /// These were written down; what was used again meanwhile stays for the next batch.
    pub fn written(&mut self, batch: &[(Used, Use)]) {
        for (used, seen) in batch {
            let drawer = self.0.iter_mut().find(|drawer| drawer.get(used) == Some(seen));
            drawer.map(|drawer| drawer.remove(used));
        }
    }
}
