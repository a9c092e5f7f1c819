//! The rows of backups that are made by themselves.

use serde::{Deserialize, Serialize};

use super::Kept;
use super::bucket::BucketTroubleRow;
use crate::rules::office::schedule::{Bad, Good, Lock, Outcomes, Schedule, Trouble, When};
use crate::rules::people::account::Effort;
use crate::rules::secret::Sealed;
use crate::rules::time::Date;

impl Kept for Schedule {
    type Row = ScheduleRow;
}

impl Kept for Outcomes {
    type Row = OutcomesRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct ScheduleRow {
    folder: String,
    when: WhenRow,
    keep: u16,
    memory: u32,
    passes: u32,
    salt: [u8; 16],
    root: Sealed,
    since: Date,
}

#[derive(Serialize, Deserialize)]
enum WhenRow {
    Daily(u16),
    Hours(u16),
}

impl From<&Schedule> for ScheduleRow {
    fn from(kept: &Schedule) -> Self {
        Self {
            folder: kept.folder.clone(),
            when: match kept.when {
                When::Daily(minutes) => WhenRow::Daily(minutes),
                When::Hours(hours) => WhenRow::Hours(hours),
            },
            keep: kept.keep,
            memory: kept.lock.effort.memory,
            passes: kept.lock.effort.passes,
            salt: kept.lock.salt,
            root: kept.lock.root.clone(),
            since: kept.since,
        }
    }
}

impl From<ScheduleRow> for Schedule {
    fn from(row: ScheduleRow) -> Self {
        Self {
            folder: row.folder,
            when: match row.when {
                WhenRow::Daily(minutes) => When::Daily(minutes),
                WhenRow::Hours(hours) => When::Hours(hours),
            },
            keep: row.keep,
            lock: Lock {
                effort: Effort {
                    memory: row.memory,
                    passes: row.passes,
                },
                salt: row.salt,
                root: row.root,
            },
            since: row.since,
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct OutcomesRow {
    mount: Option<String>,
    good: Option<GoodRow>,
    bad: Option<BadRow>,
    failing: bool,
}

#[derive(Serialize, Deserialize)]
struct GoodRow {
    at: Date,
    file: String,
    bytes: u64,
}

#[derive(Serialize, Deserialize)]
struct BadRow {
    at: Date,
    trouble: TroubleRow,
}

#[derive(Serialize, Deserialize)]
enum TroubleRow {
    Absent,
    Broken(String),
    Denied,
    Full,
    Missing,
    Other(String),
    ReadOnly,
    Sealed,
    Bucket(BucketTroubleRow),
    Replaced,
    Silent,
}

impl From<&Outcomes> for OutcomesRow {
    fn from(kept: &Outcomes) -> Self {
        Self {
            mount: kept.mount.clone(),
            good: kept.good.as_ref().map(|good| GoodRow {
                at: good.at,
                file: good.file.clone(),
                bytes: good.bytes,
            }),
            bad: kept.bad.as_ref().map(|bad| BadRow {
                at: bad.at,
                trouble: (&bad.trouble).into(),
            }),
            failing: kept.failing,
        }
    }
}

impl From<OutcomesRow> for Outcomes {
    fn from(row: OutcomesRow) -> Self {
        Self {
            mount: row.mount,
            good: row.good.map(|good| Good {
                at: good.at,
                file: good.file,
                bytes: good.bytes,
            }),
            bad: row.bad.map(|bad| Bad {
                at: bad.at,
                trouble: bad.trouble.into(),
            }),
            failing: row.failing,
        }
    }
}

impl From<&Trouble> for TroubleRow {
    fn from(kept: &Trouble) -> Self {
        match kept {
            Trouble::Absent => Self::Absent,
            Trouble::Bucket(why) => Self::Bucket((*why).into()),
            Trouble::Broken(why) => Self::Broken(why.clone()),
            Trouble::Denied => Self::Denied,
            Trouble::Full => Self::Full,
            Trouble::Missing => Self::Missing,
            Trouble::Other(why) => Self::Other(why.clone()),
            Trouble::ReadOnly => Self::ReadOnly,
            Trouble::Replaced => Self::Replaced,
            Trouble::Sealed => Self::Sealed,
            Trouble::Silent => Self::Silent,
        }
    }
}

impl From<TroubleRow> for Trouble {
    fn from(row: TroubleRow) -> Self {
        match row {
            TroubleRow::Absent => Self::Absent,
            TroubleRow::Bucket(why) => Self::Bucket(why.into()),
            TroubleRow::Broken(why) => Self::Broken(why),
            TroubleRow::Denied => Self::Denied,
            TroubleRow::Full => Self::Full,
            TroubleRow::Missing => Self::Missing,
            TroubleRow::Other(why) => Self::Other(why),
            TroubleRow::ReadOnly => Self::ReadOnly,
            TroubleRow::Replaced => Self::Replaced,
            TroubleRow::Sealed => Self::Sealed,
            TroubleRow::Silent => Self::Silent,
        }
    }
}
