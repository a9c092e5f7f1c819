//! When sessions and API access were last used: kept here for some minutes and written in one batch, because flash
//! wears out.

use heapless::index_map::FnvIndexMap;

use crate::rules::people::session::{Session, Use, Used};

/// What can be in use between two batches: twice the sessions of a thousand people with two browsers each, in four
/// drawers, because a table is made on the stack. About 110 bytes each.
const DRAWERS: usize = 4;
/// What one of them holds.
const IN_ONE: usize = 1024;

/// A use, and how many were noted before it: within a second that alone tells which came later.
struct Noted {
    seen: Use,
    number: u64,
}

type Drawer = FnvIndexMap<Used, Noted, IN_ONE>;

/// See the module.
#[derive(Default)]
pub struct Uses {
    drawers: [Box<Drawer>; DRAWERS],
    count: u64,
}

impl Uses {
    /// Notes a use. If the table is full the note is lost: what was used is then shown with an older use.
    pub fn note(&mut self, used: Used, seen: Use) {
        let known = self.drawers.iter().position(|drawer| drawer.contains_key(&used));
        let place = known.or_else(|| self.drawers.iter().position(|drawer| drawer.len() < IN_ONE));
        self.count += 1;
        let number = self.count;
        if let Some(drawer) = place.and_then(|place| self.drawers.get_mut(place)) {
            drawer
                .insert(used, Noted { seen, number })
                .map(drop)
                .unwrap_or_default();
        }
    }

    /// The newest use that is not written down yet.
    pub fn newest(&self, used: Used) -> Option<&Use> {
        self.noted(used).map(|noted| &noted.seen)
    }

    /// Sessions with their newest uses, whether written down or not, the one longest unused first. What was used in the
    /// same second stands in the order of its uses, and behind that what was opened then and not used since.
    pub fn with_newest(&self, mut sessions: Vec<Session>) -> Vec<Session> {
        for session in &mut sessions {
            if let Some(seen) = self.newest(Used::Session(session.hash)) {
                session.last_used = seen.clone();
            }
        }
        sessions.sort_by_key(|session| {
            let noted = self.noted(Used::Session(session.hash));
            (session.last_used.at, noted.map_or(u64::MAX, |noted| noted.number))
        });
        sessions
    }

    /// All notes, to write them down. They stay until that is done: see [`Self::written`].
    pub fn all(&self) -> Vec<(Used, Use)> {
        let notes = self.drawers.iter().flat_map(|drawer| drawer.iter());
        notes.map(|(used, noted)| (*used, noted.seen.clone())).collect()
    }

    /// These were written down; what was used again meanwhile stays for the next batch.
    pub fn written(&mut self, batch: &[(Used, Use)]) {
        for (used, seen) in batch {
            let is_it = |drawer: &Drawer| drawer.get(used).is_some_and(|noted| noted.seen == *seen);
            let drawer = self.drawers.iter_mut().find(|drawer| is_it(drawer));
            drawer.map(|drawer| drawer.remove(used));
        }
    }

    fn noted(&self, used: Used) -> Option<&Noted> {
        self.drawers.iter().find_map(|drawer| drawer.get(&used))
    }
}
