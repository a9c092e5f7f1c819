//! Changes of the office as a whole → rows.

use crate::rules::change::OfficeChange;
use crate::rules::office::schedule::Outcomes;
use crate::rules::people::one_time::Slot;
use crate::store::facts::{acme_key, one_time_key};
use crate::store::{Facts, Fault, tables};

pub(super) fn apply(facts: &mut Facts<'_>, change: &OfficeChange) -> Result<(), Fault> {
    match change {
        OfficeChange::AcmeAccount(account) => {
            let key = acme_key(tables::META_ACME_ACCOUNT, &account.directory);
            facts.0.meta.keep(key.as_str(), account)
        }
        OfficeChange::AcmeFailed(progress) | OfficeChange::AcmeProgressed(progress) => {
            let key = acme_key(tables::META_ACME_PROGRESS, &progress.directory);
            facts.0.meta.keep(key.as_str(), progress)
        }
        OfficeChange::AcmeIssued(issued) => {
            let key = acme_key(tables::META_ACME_CERTIFICATE, &issued.directory);
            facts.0.meta.keep(key.as_str(), issued)
        }
        OfficeChange::AcmeSet(acme) => facts.0.meta.keep(tables::META_ACME, acme),
        OfficeChange::AcmeUnset => facts.0.meta.remove(tables::META_ACME).map(drop),
        OfficeChange::AuthorityMade(pair) => facts.0.meta.keep(tables::META_AUTHORITY, pair),
        OfficeChange::BackupFailed(bad) => change_outcomes(facts, |outcomes| {
            outcomes.bad = Some(bad.clone());
            outcomes.failing = true;
        }),
        OfficeChange::BackupMade(good, mount, _) => change_outcomes(facts, |outcomes| {
            outcomes.good = Some(good.clone());
            outcomes.failing = false;
            outcomes.mount.clone_from(mount);
        }),
        OfficeChange::BucketSet(Some(bucket)) => facts.0.meta.keep(tables::META_BUCKET, bucket),
        OfficeChange::BucketSet(None) => facts.0.meta.remove(tables::META_BUCKET).map(drop),
        OfficeChange::AuthorityForgotten => {
            facts.0.meta.remove(tables::META_AUTHORITY)?;
            facts.0.meta.remove(tables::META_LEAF).map(drop)
        }
        OfficeChange::BackupTaken | OfficeChange::DateConfirmed(_) | OfficeChange::TwinMet(_) => Ok(()),
        OfficeChange::DateBroughtBack(to, _) => {
            let newest = to.0.to_le_bytes();
            facts.0.meta.insert(tables::META_NEWEST, newest.as_slice())
        }
        OfficeChange::KeyNoted(check) => facts.0.meta.keep(tables::META_KEY_CHECK, check),
        OfficeChange::LeafIssued(pair) => facts.0.meta.keep(tables::META_LEAF, pair),
        OfficeChange::MetricsClosed => facts.0.meta.remove(tables::META_METRICS).map(drop),
        OfficeChange::MetricsOpened(metrics) => facts.0.meta.keep(tables::META_METRICS, metrics),
        OfficeChange::MoveBegun(moving) => facts.0.meta.keep(tables::META_MOVING, moving),
        OfficeChange::MoveEnded(_) => facts.0.meta.remove(tables::META_MOVING).map(drop),
        OfficeChange::NamesNoted(names) => facts.0.meta.keep(tables::META_EARLIER_NAMES, names),
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
            facts.0.meta.remove(tables::META_ONE_TIME_PAGE)?;
            facts.0.meta.remove(tables::META_ONE_TIME_CONSOLE).map(drop)
        }
        OfficeChange::Restored(_) => restored(facts),
        OfficeChange::ScheduleRemoved => {
            facts.0.meta.remove(tables::META_OUTCOMES)?;
            facts.0.meta.remove(tables::META_BUCKET)?;
            facts.0.meta.remove(tables::META_SCHEDULE).map(drop)
        }
        OfficeChange::ScheduleSet(schedule, mount, _) => {
            facts.0.meta.keep(tables::META_SCHEDULE, schedule)?;
            change_outcomes(facts, |outcomes| {
                outcomes.mount.clone_from(mount);
                outcomes.failing = false;
            })
        }
        OfficeChange::SettingsChanged(settings, _) => {
            if facts.settings()?.clock != settings.clock {
                facts.0.meta.keep(tables::META_CLOCK, &settings.clock)?;
            }
            facts.0.meta.keep(tables::META_SETTINGS, settings)
        }
        OfficeChange::StrictTransport(told) => facts.0.meta.insert(tables::META_STRICT, [u8::from(*told)].as_slice()),
        OfficeChange::SyslogSet(syslog) => facts.0.meta.keep(tables::META_SYSLOG, syslog),
        OfficeChange::SyslogUnset => facts.0.meta.remove(tables::META_SYSLOG).map(drop),
        OfficeChange::TenureChanged(tenure) => facts.0.meta.keep(tables::META_TENURE, tenure),
        OfficeChange::TimeServersChanged(servers) => facts.0.meta.keep(tables::META_TIME_SERVERS, servers),
        OfficeChange::Tuned(effort) => facts.0.meta.keep(tables::META_EFFORT, effort),
    }
}

fn change_outcomes(facts: &mut Facts<'_>, change: impl FnOnce(&mut Outcomes)) -> Result<(), Fault> {
    let mut outcomes = facts.outcomes()?;
    change(&mut outcomes);
    facts.0.meta.keep(tables::META_OUTCOMES, &outcomes)
}

/// What was ended or spent since the backup does not come back.
fn restored(facts: &mut Facts<'_>) -> Result<(), Fault> {
    facts.0.sessions.clear()?;
    facts.0.session_owners.clear()?;
    facts.0.invites.clear()?;
    facts.0.invite_of.clear()?;
    facts.0.outbox.clear()?;
    for slot in Slot::ALL {
        if let Some(mut one_time) = facts.one_time(slot)? {
            one_time.spent = true;
            facts.0.meta.keep(one_time_key(slot), &one_time)?;
        }
    }
    facts.0.meta.remove(tables::META_RESTORED).map(drop)
}
