//! When sessions were last used: kept here for some minutes and written in one batch, because flash wears out.

use heapless::index_map::FnvIndexMap;

use crate::rules::people::session::Use;
use crate::rules::secret::TokenHash;

/// Sessions that can be in use between two batches; beyond it the rest is written a batch later.
const SESSIONS: usize = 1024;

/// See the module.
#[derive(Default)]
pub struct Uses(FnvIndexMap<TokenHash, Use, SESSIONS>);

impl Uses {
    /// Notes that a session was used. If the table is full the note is lost: the session is then shown with an older use.
    pub fn note(&mut self, session: TokenHash, seen: Use) {
        self.0.insert(session, seen).map(drop).unwrap_or_default();
    }

    /// The newest use of a session that is not written down yet.
    pub fn newest(&self, session: TokenHash) -> Option<&Use> {
        self.0.get(&session)
    }

    /// Takes all notes, to write them down.
    pub fn take_all(&mut self) -> Vec<(TokenHash, Use)> {
        let all = self.0.iter().map(|(hash, seen)| (*hash, seen.clone())).collect();
        self.0.clear();
        all
    }
}
