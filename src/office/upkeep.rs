//! What the office does by itself, now and then.

use crate::office::Office;
use crate::rules::change::Change;
use crate::rules::moment::Moment;
use crate::rules::office::journal::Actor;
use crate::rules::office::sweep;
use crate::rules::office::upkeep;
use crate::rules::phones::{apps, desk, fetch};
use crate::rules::verdict::Verdict;
use crate::store::{Facts, Fault};

impl Office {
    /// Writes down what the desk gathered of uses, if anything; what cannot be written waits for the next time. Blocks.
    pub fn write_down(&self) -> Result<(), Fault> {
        let uses = self.desk.uses().all();
        if uses.is_empty() {
            return Ok(());
        }
        let batch = uses.clone();
        self.by_itself(move |_, _| Ok(upkeep::used(batch)))?;
        self.desk.uses().written(&uses);
        Ok(())
    }

    /// Sweeps away what is over, if anything. Blocks.
    pub fn sweep(&self) -> Result<(), Fault> {
        self.by_itself(|facts, moment| {
            let (sessions, invites, letters) = (facts.all_sessions()?, facts.all_invites()?, facts.letters()?);
            Ok(sweep::sweep(&sessions, &invites, &letters, moment.now))
        })
    }

    /// Frees the shared desks of those whose time is over, if any. Blocks.
    pub fn free_desks(&self) -> Result<(), Fault> {
        self.by_itself(|facts, moment| {
            let left = desk::all_over(&facts.devices()?, moment.now);
            Ok(left.into_iter().map(Into::into).collect())
        })
    }

    /// Deletes the apps whose codes nobody used in time, if any. Blocks.
    pub fn sweep_apps(&self) -> Result<(), Fault> {
        self.by_itself(|facts, moment| {
            let places = facts.line_places()?;
            let registered = |id| places.iter().any(|place| place.device == id && place.told.is_some());
            let left = apps::unused(&facts.devices()?, registered, moment.now);
            Ok(left.into_iter().map(Into::into).collect())
        })
    }

    /// Writes down how many strangers asked for phones' files in vain, if any did; once an hour. Blocks.
    pub fn tell_of_strangers(&self) -> Result<(), Fault> {
        let Some((count, newest)) = self.hardware.strangers(self.now()) else {
            return Ok(());
        };
        self.by_itself(move |_, _| {
            let changes = fetch::strangers(count, newest);
            Ok(changes.into_iter().map(Into::into).collect())
        })
    }

    pub(super) fn by_itself(
        &self,
        decide: impl FnOnce(&Facts<'_>, &Moment) -> Result<Vec<Change>, Fault>,
    ) -> Result<(), Fault> {
        let turn = self.store.turn_now(Actor::APPLIANCE, self.moment(), |facts, moment| {
            Ok(Verdict::yes((), decide(facts, moment)?))
        });
        turn.map(drop)
    }
}
