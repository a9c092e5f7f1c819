//! Changes of the office as a whole → rows.

use crate::rules::change::OfficeChange;
use crate::store::facts::one_time_key;
use crate::store::{Facts, Fault, tables};

pub(super) fn apply(facts: &mut Facts<'_>, change: &OfficeChange) -> Result<(), Fault> {
    match change {
        OfficeChange::AuthorityMade(pair) => facts.0.meta.keep(tables::META_AUTHORITY, pair),
        OfficeChange::BackupTaken => Ok(()),
        OfficeChange::KeyNoted(check) => facts.0.meta.keep(tables::META_KEY_CHECK, check),
        OfficeChange::LeafIssued(pair) => facts.0.meta.keep(tables::META_LEAF, pair),
        OfficeChange::Named(named) => facts.0.meta.keep(tables::META_NAMED, named),
        OfficeChange::OneTimeArmed(slot, one_time) => facts.0.meta.keep(one_time_key(*slot), one_time),
        OfficeChange::OneTimeSpent(slot, _) => {
            let Some(mut one_time) = facts.one_time(*slot)? else {
                return Ok(());
            };
            one_time.spent = true;
            facts.0.meta.keep(one_time_key(*slot), &one_time)
        }
        OfficeChange::OneTimesForgotten => {
            facts.0.meta.remove(tables::META_ONE_TIME_FLAGS)?;
            facts.0.meta.remove(tables::META_ONE_TIME_CONSOLE).map(drop)
        }
        OfficeChange::SettingsChanged(settings, _) => {
            if facts.settings()?.clock != settings.clock {
                facts.0.meta.keep(tables::META_CLOCK, &settings.clock)?;
            }
            facts.0.meta.keep(tables::META_SETTINGS, settings)
        }
        OfficeChange::StrictTransport(told) => facts.0.meta.insert(tables::META_STRICT, [u8::from(*told)].as_slice()),
        OfficeChange::Tuned(effort) => facts.0.meta.keep(tables::META_EFFORT, effort),
    }
}
