//! Other running boards that have a copy of this office's store and key.

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::rules::office::twin::Run;

/// Boards that are remembered at once; one more is told as little as the first.
const REMEMBERED: usize = 8;

/// A board of this office that is not this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twin {
    /// Its name on the LAN.
    pub instance: String,
    /// Which run of the program it is.
    pub run: Run,
    /// Where it is, if it says so.
    pub address: Option<IpAddr>,
    /// Whether it started after this one.
    pub started_later: bool,
}

/// How a board that is at work is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// It was never met since the start.
    New,
    /// It was met before, and was gone meanwhile: or somebody repeats what it once said.
    Again,
    /// It is there all the while, or there are too many to tell them apart.
    Known,
}

/// Those that are at work now.
#[derive(Default)]
pub struct Twins(Mutex<Boards>);

#[derive(Default)]
struct Boards {
    here: Vec<Twin>,
    /// The runs of those that were met since the start.
    met: Vec<[u8; 16]>,
}

/// Runs that are told apart since the start; of further ones no word is written.
const MET: usize = 64;

impl Twins {
    /// The one that was met first.
    pub fn first(&self) -> Option<Twin> {
        self.locked().here.first().cloned()
    }

    /// Notes that it is there, and how it is known.
    pub fn note(&self, twin: Twin) -> Met {
        let mut boards = self.locked();
        let id = twin.run.id;
        if let Some(known) = boards.here.iter_mut().find(|known| known.run.id == id) {
            *known = twin;
            return Met::Known;
        }
        if boards.here.len() >= REMEMBERED {
            return Met::Known;
        }
        boards.here.push(twin);
        if boards.met.contains(&id) || boards.met.len() >= MET {
            return Met::Again;
        }
        boards.met.push(id);
        Met::New
    }

    /// The one of that name is gone; it, if it was known.
    pub fn forget(&self, instance: &str) -> Option<Twin> {
        let mut boards = self.locked();
        let at = boards.here.iter().position(|twin| twin.instance == instance)?;
        Some(boards.here.remove(at))
    }

    fn locked(&self) -> MutexGuard<'_, Boards> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::time::Date;

    fn twin(run: u8, instance: &str) -> Twin {
        Twin {
            instance: instance.to_owned(),
            run: Run {
                id: [run; 16],
                started: Date(1),
                newest: Date(1),
            },
            address: None,
            started_later: false,
        }
    }

    #[test]
    fn a_board_that_comes_and_goes_is_new_once() {
        let twins = Twins::default();
        assert_eq!(twins.note(twin(1, "a")), Met::New);
        for _ in 0..1_000 {
            assert_eq!(twins.note(twin(1, "another name")), Met::Known);
            assert!(twins.forget("another name").is_some());
            assert_eq!(twins.note(twin(1, "another name")), Met::Again);
        }
        assert_eq!(twins.locked().met.len(), 1);
    }

    #[test]
    fn no_more_boards_are_remembered_than_there_is_room_for() {
        let twins = Twins::default();
        for run in 0..=u8::MAX {
            let met = twins.note(twin(run, "a"));
            assert_eq!(met, if usize::from(run) < MET { Met::New } else { Met::Again });
            assert!(twins.forget("a").is_some());
        }
        for run in 0..=u8::MAX {
            twins.note(twin(run, "b"));
        }
        let boards = twins.locked();
        assert_eq!((boards.here.len(), boards.met.len()), (REMEMBERED, MET));
    }
}
