//! Backups that are made by themselves, as records.

use std::fmt;

use super::bucket_trouble::BucketTrouble;
use crate::rules::people::account::Effort;
use crate::rules::secret::Sealed;
use crate::rules::time::Date;

/// Where backups go, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Absolute path of the folder; empty where they go into a bucket, which is kept beside.
    pub folder: String,
    /// When they are made.
    pub when: When,
    /// How many of this appliance's the folder keeps: 1 or more.
    pub keep: u16,
    /// What they are sealed by.
    pub lock: Lock,
    /// When all this was set.
    pub since: Date,
}

/// When backups are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Once a day, so many minutes after midnight UTC: below 1,440.
    Daily(u16),
    /// So many hours after the one before: 1 or more.
    Hours(u16),
}

/// What a passphrase was made into when it was set. The passphrase itself is kept nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// What its hash cost.
    pub effort: Effort,
    /// The hash's salt.
    pub salt: [u8; 16],
    /// The hash's answer, sealed.
    pub root: Sealed,
}

/// What came of it so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// Where the file system is mounted that the folder was found on, if that is not the system's own.
    pub mount: Option<String>,
    /// The last backup that was opened after it was written.
    pub good: Option<Good>,
    /// The last failure, told once a day for as long as it stays the same.
    pub bad: Option<Bad>,
    /// Whether the last try was that failure: two tries may fall into one second.
    pub failing: bool,
}

/// A backup that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Good {
    /// When it was taken.
    pub at: Date,
    /// The file's name.
    pub file: String,
    /// Its length in bytes.
    pub bytes: u64,
}

/// A backup that was not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad {
    /// Since when.
    pub at: Date,
    /// Why.
    pub trouble: Trouble,
}

/// Why no backup was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The file system that the folder was on is not mounted.
    Absent,
    /// The bucket or its server does not do what is asked.
    Bucket(BucketTrouble),
    /// What was written does not open: in the words of whoever tried.
    Broken(String),
    /// Nobody but another user may write there.
    Denied,
    /// There is no room.
    Full,
    /// There is no such folder.
    Missing,
    /// What the system says.
    Other(String),
    /// The file system takes no writes.
    ReadOnly,
    /// Another board took over the office.
    Replaced,
    /// The passphrase was set under another key of the appliance.
    Sealed,
    /// The folder does not answer: whoever asks it waits for ever, as at a share whose server is gone.
    Silent,
}

impl From<BucketTrouble> for Trouble {
    fn from(trouble: BucketTrouble) -> Self {
        Self::Bucket(trouble)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => out.write_str("the stick is not there: nothing is mounted where the folder was"),
            Self::Bucket(why) => why.fmt(out),
            Self::Broken(why) => write!(out, "what was written does not open: {why}"),
            Self::Denied => out.write_str("this user may not write into the folder"),
            Self::Full => out.write_str("the disk is full"),
            Self::Missing => out.write_str("the folder is not there"),
            Self::Other(why) => out.write_str(why),
            Self::ReadOnly => out.write_str("the file system is mounted read-only"),
            Self::Replaced => out.write_str("another board took over this office, so this one backs nothing up"),
            Self::Sealed => out.write_str("the passphrase was set under another key of the appliance; set it again"),
            Self::Silent => out.write_str("the folder does not answer"),
        }
    }
}
