//! Backups that are made by themselves: when one is due, what is kept of them, and which file goes.

pub mod bucket;
pub mod bucket_trouble;
pub mod record;
#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;

use crate::rules::change::OfficeChange;
use crate::rules::invalid::{Field, Invalid, Why, WrongSchedule};
use crate::rules::moment::Fresh;
use crate::rules::office::backup::{Recipe, Root};
use crate::rules::office::difference::Difference;
use crate::rules::refusal::Refusal;
use crate::rules::secret::SealKey;
use crate::rules::time::{Date, Ttl};
use bucket::Bucket;
pub use bucket_trouble::BucketTrouble;
pub use record::*;

/// Hours between two backups: up to a week.
pub const HOURS: RangeInclusive<u16> = 1..=168;
/// Backups that a folder keeps: up to a year of days.
pub const KEEP: RangeInclusive<u16> = 1..=366;
/// Octets of a folder's path: PATH_MAX of Linux, less a file's name.
const FOLDER_OCTETS: usize = 3_840;
/// A backup that is due and was not made is overdue after so long.
const GRACE: Ttl = Ttl::hours(3);
/// How often the journal has a line of backups that go well.
const NEWS: Ttl = Ttl::hours(20);
/// What follows the name of a file until it is whole.
const UNFINISHED: &str = "unfinished";
const PURPOSE: &str = "backup root";

/// What an administrator typed.
pub struct Typed {
    /// See [`Schedule::folder`]; empty where they go into a bucket, which is judged for itself.
    pub folder: String,
    /// Whether they go into a bucket.
    pub into_bucket: bool,
    /// `HH:MM` in UTC.
    pub daily_at: Option<String>,
    /// See [`When::Hours`].
    pub every_hours: Option<u16>,
    /// See [`Schedule::keep`].
    pub keep: u16,
}

impl Typed {
    /// Judges it, the folder's being there and the passphrase aside.
    pub fn read(self) -> Result<(String, When, u16), Invalid> {
        let wrong = |field, wrong| Err(Invalid::new(field, Why::Schedule(wrong)));
        let folder = self.folder.trim();
        let odd = |c: char| c.is_control();
        let folder = if self.into_bucket { "" } else { folder };
        if !self.into_bucket && !folder.starts_with('/') || folder.len() > FOLDER_OCTETS || folder.contains(odd) {
            return wrong(Field::Folder, WrongSchedule::Folder);
        }
        let when = match (self.daily_at.as_deref(), self.every_hours) {
            (Some(time), None) => match minutes(time) {
                Some(minutes) => When::Daily(minutes),
                None => return wrong(Field::DailyAt, WrongSchedule::Time),
            },
            (None, Some(hours)) if HOURS.contains(&hours) => When::Hours(hours),
            (None, Some(_)) => return wrong(Field::EveryHours, WrongSchedule::Hours),
            (Some(_), Some(_)) | (None, None) => return wrong(Field::DailyAt, WrongSchedule::Time),
        };
        if !KEEP.contains(&self.keep) {
            return wrong(Field::Keep, WrongSchedule::Keep);
        }
        Ok((folder.to_owned(), when, self.keep))
    }
}

fn minutes(time: &str) -> Option<u16> {
    let (hour, minute) = time.split_once(':')?;
    let part = |text: &str, below: u16| -> Option<u16> {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|number| digits && *number < below)
    };
    Some(part(hour, 24)? * 60 + part(minute, 60)?)
}

impl Lock {
    /// Keeps what a passphrase was made into.
    pub fn of(recipe: &Recipe, root: &Root, key: &SealKey, fresh: &mut Fresh) -> Self {
        Self {
            effort: recipe.effort,
            salt: recipe.salt,
            root: key.seal(PURPOSE, &recipe.salt, root.reveal(), fresh),
        }
    }

    /// What its files' heads say.
    pub fn recipe(&self) -> Recipe {
        Recipe {
            effort: self.effort,
            salt: self.salt,
        }
    }

    /// What its files are sealed by; `None` if the key is another one.
    pub fn root(&self, key: &SealKey) -> Option<Root> {
        let bytes = key.open(PURPOSE, &self.salt, &self.root)?;
        bytes.as_slice().try_into().ok().map(Root::new)
    }
}

/// Sets what was read; without a new `lock` the one that is kept stays. `mount`: see
/// [`Outcomes::mount`]; `bucket`: where they go instead of a folder.
pub fn set(
    (folder, when, keep): (String, When, u16),
    (mount, bucket): (Option<String>, Option<Bucket>),
    lock: Option<Lock>,
    kept: Option<(Schedule, Option<Bucket>)>,
    now: Date,
) -> Result<((), Vec<OfficeChange>), Invalid> {
    let (kept, bucket_before) = kept.unzip();
    let bucket_before = bucket_before.flatten();
    let lock = lock.or_else(|| kept.as_ref().map(|kept| kept.lock.clone()));
    let lock = lock.ok_or(Invalid::new(
        Field::Passphrase,
        Why::Schedule(WrongSchedule::NoPassphrase),
    ))?;
    let schedule = Schedule {
        folder,
        when,
        keep,
        lock,
        since: now,
    };
    let altered = match &kept {
        Some(kept) => difference((kept, bucket_before.as_ref()), (&schedule, bucket.as_ref())),
        None => Difference::default().between_options("place", None, Some(&place(&schedule, bucket.as_ref()))),
    };
    Ok((
        (),
        vec![
            OfficeChange::ScheduleSet(schedule, mount, altered),
            OfficeChange::BucketSet(bucket),
        ],
    ))
}

/// The folder or the bucket.
fn place(schedule: &Schedule, bucket: Option<&Bucket>) -> String {
    bucket.map_or_else(|| schedule.folder.clone(), Bucket::place)
}

/// Under the names that the API has for them. Of the passphrase and the bucket's secret only that they are others.
fn difference(before: (&Schedule, Option<&Bucket>), after: (&Schedule, Option<&Bucket>)) -> Difference {
    let when = |schedule: &Schedule| match schedule.when {
        When::Daily(minutes) => format!("daily at {:02}:{:02} UTC", minutes / 60, minutes % 60),
        When::Hours(hours) => format!("every {hours} hours"),
    };
    let secret = |bucket: Option<&Bucket>| bucket.map(|bucket| (bucket.access_key.clone(), bucket.secret.clone()));
    let told = Difference::default()
        .between("place", &place(before.0, before.1), &place(after.0, after.1))
        .between("when", &when(before.0), &when(after.0))
        .between("keep", &before.0.keep, &after.0.keep)
        .altered("passphrase", &before.0.lock, &after.0.lock);
    if before.1.is_some() && after.1.is_some() {
        told.altered("access key", &secret(before.1), &secret(after.1))
    } else {
        told
    }
}

/// No more backups are made by themselves; the files stay.
pub fn remove(kept: Option<&Schedule>) -> Result<((), Vec<OfficeChange>), Refusal> {
    kept.ok_or(Refusal::NotFound)?;
    Ok(((), vec![OfficeChange::ScheduleRemoved]))
}

impl Schedule {
    /// Whether a backup is to be made now. What was just set is tried soon.
    pub fn is_due(&self, good: Option<&Good>, now: Date) -> bool {
        let Some(Good { at, .. }) = good else { return true };
        let day = Ttl::days(1).0;
        let on_time = match self.when {
            When::Daily(minutes) => {
                let slot = Ttl::minutes(minutes.into()).0;
                // The last time of day that was, counted from 1970.
                let past = now.0.saturating_sub(slot);
                Date(past - past % day + slot) > *at
            }
            When::Hours(hours) => *at + Ttl::hours(hours.into()) <= now,
        };
        // Times are whole seconds: one of the second in which it was set may have been made before.
        on_time || *at <= self.since
    }
}

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The last try failed.
    Failed,
    /// The last one was good, and none is overdue.
    Fine,
    /// The first one was not tried yet.
    First,
    /// The clock is not to be trusted: it waits for the date.
    NoDate,
    /// Nothing was set.
    Off,
    /// One is due for some hours, and nobody knows why.
    Overdue,
}

impl State {
    /// How it stands now. `known`: whether the date is.
    pub fn of(schedule: Option<&Schedule>, outcomes: &Outcomes, known: bool, now: Date) -> Self {
        let Some(schedule) = schedule else { return Self::Off };
        let good = outcomes.good.as_ref();
        let of_this = good.filter(|good| good.at >= schedule.since);
        let before = Date(now.0.saturating_sub(GRACE.0));
        if outcomes.failing {
            Self::Failed
        } else if !known {
            Self::NoDate
        } else if schedule.since < before && schedule.is_due(good, before) {
            Self::Overdue
        } else if of_this.is_none() {
            Self::First
        } else {
            Self::Fine
        }
    }
}

/// A backup was made, opened again, and is in its place.
pub fn made(good: Good, mount: Option<String>, before: &Outcomes) -> Vec<OfficeChange> {
    let last = before.good.as_ref().map(|good| good.at);
    let news = before.failing || last.is_none_or(|last| last + NEWS <= good.at);
    vec![OfficeChange::BackupMade(good, mount, news)]
}

/// None was made. What stays the same is written once a day.
pub fn failed(trouble: Trouble, before: &Outcomes, now: Date) -> Vec<OfficeChange> {
    // The two times of a wrong clock differ with every try.
    let clock = |trouble: &Trouble| matches!(trouble, Trouble::Bucket(BucketTrouble::Clock { .. }));
    let alike = |known: &Trouble| *known == trouble || clock(known) && clock(&trouble);
    let same = |bad: &Bad| alike(&bad.trouble) && now < bad.at + Ttl::days(1);
    if before.failing && before.bad.as_ref().is_some_and(same) {
        return Vec::new();
    }
    vec![OfficeChange::BackupFailed(Bad { at: now, trouble })]
}

/// How this appliance's files begin: several appliances may share a folder.
pub fn prefix(key: &SealKey) -> String {
    format!("linekey-{}-", key.check().short())
}

/// The name of a backup of that moment: letters, digits and dashes, which FAT takes, in the order of time.
pub fn name(prefix: &str, now: Date) -> String {
    let time: String = now.iso().chars().filter(|c| *c != ':').collect();
    format!("{prefix}{time}.backup")
}

/// The name of a file that is not whole yet.
pub fn unfinished(prefix: &str) -> String {
    format!("{prefix}{UNFINISHED}")
}

/// Which of a folder's files go, so that `keep` stay, once `newest` was checked to open: that one never.
pub fn surplus(mut names: Vec<String>, prefix: &str, newest: &str, keep: u16) -> Vec<String> {
    names.retain(|name| name != newest && name.starts_with(prefix) && name.ends_with(".backup"));
    names.sort_unstable();
    let most = usize::from(keep).saturating_sub(1);
    names.truncate(names.len().saturating_sub(most));
    names
}
