//! What was told of lately, to administrators or in the journal: somebody else causes these letters and lines, so they
//! are few.

use std::hash::Hash;

use heapless::index_map::FnvIndexMap;

use crate::rules::time::{Date, Ttl};

/// Alarms of one kind in a day, all in all: more than anybody reads, so that guesses at a few made first hide none that
/// matter.
const A_DAY: usize = 64;
/// One alarm about the same in so long.
const DAY: Ttl = Ttl::days(1);

/// What each alarm was about. See the module.
pub struct Alarms<About>(FnvIndexMap<About, Date, A_DAY>);

impl<About: Eq + Hash> Default for Alarms<About> {
    fn default() -> Self {
        Self(FnvIndexMap::new())
    }
}

impl<About: Eq + Hash> Alarms<About> {
    /// Whether this one is worth telling of; if so it is counted.
    pub fn raise(&mut self, about: About, now: Date) -> bool {
        self.0.retain(|_, at| now - *at < DAY);
        !self.0.contains_key(&about) && self.0.insert(about, now).is_ok()
    }
}
