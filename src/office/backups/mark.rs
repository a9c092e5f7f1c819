//! The mark of the board that an office is on, where its backups are: looked for, and left. Blocks.

use super::folder::Folder;
use super::shelf::Shelf;
use crate::office::{Office, log};
use crate::rules::moment::Moment;
use crate::rules::office::journal::Actor;
use crate::rules::office::schedule::bucket::Bucket;
use crate::rules::office::schedule::{self, Schedule, Trouble};
use crate::rules::office::tenure::{self, BoardMark, Tenure};
use crate::rules::secret::SealKey;
use crate::rules::verdict::Verdict;
use crate::store::Fault;

/// Where backups go; a folder only if the file system is there that it was on.
pub fn place(
    office: &Office,
    schedule: &Schedule,
    bucket: Option<&Bucket>,
    mount: Option<&str>,
) -> Result<Box<dyn Shelf>, Trouble> {
    match bucket {
        Some(bucket) => {
            let access = bucket.access(&office.key).ok_or(Trouble::Sealed)?;
            Ok((office.world.buckets)(access))
        }
        None => Ok(Box::new(Folder::open(&schedule.folder, mount)?)),
    }
}

/// The mark that is there, if this office's key wrote it.
///
/// # Errors
/// The place cannot be looked at.
pub fn seen(shelf: &dyn Shelf, key: &SealKey) -> Result<Option<BoardMark>, Trouble> {
    let text = shelf.small(&tenure::name(&schedule::prefix(key)))?;
    Ok(text.and_then(|text| BoardMark::parse(&text, key)))
}

fn leave(shelf: &dyn Shelf, key: &SealKey, tenure: &Tenure) -> Result<(), Trouble> {
    let text = tenure.mark().text(key);
    let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
    shelf.put(&tenure::name(&schedule::prefix(key)), length, &mut text.as_bytes())
}

/// What became of looking for the mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looked {
    /// There is no place to look at, or no date to ask it by.
    Nowhere,
    /// The place cannot be looked at now: the board goes on.
    Unknown,
    /// It is this board's office.
    Ours,
    /// Another board took over; it is written down.
    Replaced,
    /// The place does not answer.
    Silent,
}

impl Office {
    /// Looks who the board is, where the backups are, and leaves this one's mark if it took over and did not yet.
    pub fn look_for_the_board(&self) -> Result<Looked, Fault> {
        let (schedule, bucket, outcomes, tenure) = self
            .store
            .read(|facts| Ok((facts.schedule()?, facts.bucket()?, facts.outcomes()?, facts.tenure()?)))?;
        if tenure.replaced.is_some() {
            return Ok(Looked::Replaced);
        }
        let Some(schedule) = schedule.filter(|_| bucket.is_none() || self.moment().known) else {
            return Ok(Looked::Nowhere);
        };
        let place = place(self, &schedule, bucket.as_ref(), outcomes.mount.as_deref());
        let looked = place.and_then(|shelf| Ok((seen(shelf.as_ref(), &self.key)?, shelf)));
        let (mark, shelf) = match looked {
            Ok(looked) => looked,
            Err(_) => return Ok(Looked::Unknown),
        };
        if let Some(by) = tenure.replaced_by(mark.as_ref()) {
            self.write_tenure(tenure::replaced(tenure, by))?;
            return Ok(Looked::Replaced);
        }
        if tenure.number > 0 && !tenure.told {
            // One that took over meanwhile is behind this one; this one's own mark may be there already.
            let number = match mark {
                Some(mark) if mark.board == tenure.board => mark.number.max(tenure.number),
                Some(mark) => mark.number.saturating_add(1).max(tenure.number),
                None => tenure.number,
            };
            let tenure = Tenure { number, ..tenure };
            if let Err(why) = leave(shelf.as_ref(), &self.key, &tenure) {
                log::warning(&format!(
                    "the board before this one cannot be told that it was replaced yet: {why}"
                ));
                return Ok(Looked::Unknown);
            }
            self.write_tenure(tenure::told(tenure))?;
        }
        Ok(Looked::Ours)
    }

    fn write_tenure(&self, verdict: Verdict<()>) -> Result<(), Fault> {
        let moment = Moment::new((self.world.clock)(), (self.world.dice)());
        let turn = self
            .store
            .turn_from_pool(Actor::APPLIANCE, moment, move |_, _| Ok(verdict))?;
        // The rule refuses nothing.
        turn.unwrap_or_default();
        Ok(())
    }
}
