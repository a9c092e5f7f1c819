//! Backups that are made by themselves, and a look at one without restoring it.

use std::path::Path;

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::http::front::call::Call;
use crate::http::front::etag::{self, IfMatch};
use crate::http::front::failure::Failure;
use crate::http::front::reply::{self, Answer};
use crate::office::backup::{self, Locked};
use crate::office::backups::A_LOOK;
use crate::office::backups::folder::{is_systems, mount_of};
use crate::office::{Office, Shared, backups};
use crate::rules::invalid::{Field, Invalid, Why, WrongSchedule};
use crate::rules::office::backup::Passphrase;
use crate::rules::office::schedule::bucket::{Access, Bucket, TypedBucket};
use crate::rules::office::schedule::{self, BucketTrouble, Lock, Schedule, State, Trouble, Typed, When};
use crate::rules::refusal::Refusal;
use crate::rules::verdict::Verdict;
use crate::store::{Facts, Fault, Store};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    folder: Option<String>,
    bucket: Option<SetBucket>,
    daily_at: Option<String>,
    every_hours: Option<u16>,
    keep: u16,
    passphrase: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetBucket {
    endpoint: String,
    name: String,
    #[serde(default)]
    region: String,
    access_key: String,
    secret: Option<String>,
    #[serde(default)]
    prefix: String,
}

#[derive(Serialize)]
struct BackupsJson {
    schedule: Option<ScheduleJson>,
    state: &'static str,
    good: Option<GoodJson>,
    bad: Option<BadJson>,
    /// Old ones that cannot be removed, in a sentence.
    stay: Option<String>,
}

#[derive(Serialize)]
struct ScheduleJson {
    /// Empty: they go into the bucket.
    folder: String,
    bucket: Option<BucketJson>,
    /// Where the file system is mounted that the folder is on; `None`: the appliance's own disk.
    mount: Option<String>,
    /// `HH:MM` in UTC.
    daily_at: Option<String>,
    every_hours: Option<u16>,
    keep: u16,
}

/// The secret is shown to nobody.
#[derive(Serialize)]
struct BucketJson {
    endpoint: String,
    name: String,
    region: String,
    access_key: String,
    prefix: String,
}

#[derive(Serialize)]
struct GoodJson {
    at: u64,
    file: String,
    bytes: u64,
}

#[derive(Serialize)]
struct BadJson {
    at: u64,
    said: String,
}

impl ScheduleJson {
    fn of(schedule: Schedule, bucket: Option<Bucket>, mount: Option<String>) -> Self {
        let (daily_at, every_hours) = match schedule.when {
            When::Daily(minutes) => (Some(format!("{:02}:{:02}", minutes / 60, minutes % 60)), None),
            When::Hours(hours) => (None, Some(hours)),
        };
        Self {
            folder: schedule.folder,
            bucket: bucket.map(|bucket| BucketJson {
                endpoint: bucket.endpoint,
                name: bucket.name,
                region: bucket.region,
                access_key: bucket.access_key,
                prefix: bucket.prefix,
            }),
            mount,
            daily_at,
            every_hours,
            keep: schedule.keep,
        }
    }
}

fn code(state: State) -> &'static str {
    match state {
        State::Failed => "failed",
        State::Fine => "fine",
        State::First => "first",
        State::NoDate => "no-date",
        State::Off => "off",
        State::Overdue => "overdue",
    }
}

/// How it stands; the passphrase is shown to nobody.
pub async fn show(call: Call) -> Answer {
    shown(call.office())
}

fn shown(office: &Office) -> Answer {
    let read = |facts: &Facts<'_>| Ok((facts.schedule()?, facts.bucket()?, facts.outcomes()?));
    let (schedule, bucket, outcomes) = office.store.read(read)?;
    let moment = office.moment();
    let state = State::of(schedule.as_ref(), &outcomes, moment.known, moment.now);
    let tag = etag::of_record(&(&schedule, &bucket));
    let stay = office.stay.get().filter(|_| schedule.is_some());
    let shown = reply::json(&BackupsJson {
        schedule: schedule.map(|schedule| ScheduleJson::of(schedule, bucket, outcomes.mount)),
        state: code(state),
        good: outcomes.good.map(|good| GoodJson {
            at: good.at.0,
            file: good.file,
            bytes: good.bytes,
        }),
        bad: outcomes.bad.map(|bad| BadJson {
            at: bad.at.0,
            said: bad.trouble.to_string(),
        }),
        stay,
    });
    Ok(etag::tagged(shown, tag))
}

/// Sets where and when. The first backup is made within a minute.
pub async fn set(call: Call) -> Answer {
    let said: Set = call.message()?;
    let (office, seen) = (call.office().clone(), IfMatch::of(&call.request));
    if said.folder.is_some() == said.bucket.is_some() {
        return Err(Invalid::new(Field::Folder, Why::Schedule(WrongSchedule::Place)).into());
    }
    let typed = Typed {
        folder: said.folder.unwrap_or_default(),
        into_bucket: said.bucket.is_some(),
        daily_at: said.daily_at,
        every_hours: said.every_hours,
        keep: said.keep,
    };
    let read = typed.read()?;
    let passphrase = said.passphrase.map(Zeroizing::new).filter(|typed| !typed.is_empty());
    let passphrase = passphrase.map(|typed| Passphrase::chosen(&typed)).transpose()?;
    let access = match said.bucket {
        Some(bucket) => Some(tried(&office, bucket).await?),
        None => None,
    };
    let folder = read.0.clone();
    let mount = match access {
        Some(_) => None,
        None => {
            let store = office.store.clone();
            let looked = office
                .left_behind
                .wait(A_LOOK, move || looked_at(&store, Path::new(&folder)));
            let wrong = |wrong| Invalid::new(Field::Folder, Why::Schedule(wrong));
            looked.await.unwrap_or(Err(WrongSchedule::Folder)).map_err(wrong)?
        }
    };
    let mut moment = office.moment();
    let lock = match passphrase {
        None => None,
        Some(passphrase) => {
            let salt = moment.fresh.bytes();
            let locked = office.passwords.at_a_place(move || Locked::by(&passphrase, salt)).await;
            let locked = locked.ok_or(Fault::Memory("make the key of backups"))?;
            Some(Lock::of(&locked.recipe, &locked.root, &office.key, &mut moment.fresh))
        }
    };
    let bucket = access.map(|access| access.sealed(&office.key, &mut moment.fresh));
    let turn = office.store.turn(call.actor(), moment, move |facts, moment| {
        let (before, kept) = (facts.schedule()?, facts.bucket()?);
        if let Err(stale) = seen.holds_of(&(&before, &facts.bucket()?)) {
            return Ok(Verdict::no(stale));
        }
        Ok(schedule::set(
            read,
            (mount, bucket),
            lock,
            before.map(|before| (before, kept)),
            moment.now,
        )
        .into())
    });
    turn.await??;
    shown(&office)
}

/// Where the file system is mounted that the folder is on, if it may keep backups.
fn looked_at(store: &Store, folder: &Path) -> Result<Option<String>, WrongSchedule> {
    let mount = mount_of(folder).map_err(|_| WrongSchedule::Folder)?;
    if is_systems(folder) {
        Err(WrongSchedule::System)
    } else if store.is_around(folder) {
        Err(WrongSchedule::Own)
    } else {
        Ok(mount)
    }
}

/// Reads what was typed of a bucket, and tries it: a small object is written, read, listed and removed.
async fn tried(office: &Shared, typed: SetBucket) -> Result<Access, Failure> {
    let kept = office.store.read(|facts| facts.bucket())?;
    let typed = TypedBucket {
        endpoint: typed.endpoint,
        name: typed.name,
        region: typed.region,
        access_key: typed.access_key,
        secret: typed.secret.map(Zeroizing::new),
        prefix: typed.prefix,
    };
    let access = typed.read(kept.as_ref().map(|kept| (kept, office.key.as_ref())))?;
    if !office.moment().known {
        return Err(Refusal::NoDate.into());
    }
    let shelf = (office.world.buckets)(access.clone());
    let name = format!("{}try", schedule::prefix(&office.key));
    let done = smol::unblock(move || {
        shelf.names()?;
        shelf.put(&name, 2, &mut b"ok".as_slice())?;
        let back = shelf.small(&name)?;
        shelf.remove(&name)?;
        Ok(back.is_some_and(|back| back == b"ok"))
    });
    let why = match done.await {
        Ok(true) => return Ok(access),
        Err(Trouble::Bucket(why)) => why,
        Ok(false) | Err(_) => BucketTrouble::NoServer,
    };
    Err(Invalid::new(Field::Bucket, Why::Schedule(WrongSchedule::Bucket(why))).into())
}

/// Makes no more of them; the files stay.
pub async fn remove(call: Call) -> Answer {
    let (office, seen) = (call.office(), IfMatch::of(&call.request));
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, _| {
        let before = facts.schedule()?;
        Ok(seen
            .holds_of(&(&before, &facts.bucket()?))
            .and_then(|()| schedule::remove(before.as_ref()))
            .into())
    });
    turn.await??;
    Ok(reply::done())
}

/// Makes one now, and says how it stands then.
pub async fn make(call: Call) -> Answer {
    backups::make(call.office(), call.actor()).await??;
    shown(call.office())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Try {
    passphrase: String,
    /// Bytes of the whole file.
    length: u64,
    /// Base64: its head and first chunk, 65,624 bytes, or all of a shorter file.
    start: String,
    /// Base64: its last chunk, where that is another one.
    #[serde(default)]
    end: String,
}

#[derive(Serialize)]
struct Tried {
    fits: bool,
    taken: Option<u64>,
    said: Option<String>,
}

/// Tells whether a passphrase fits a file, and when that was taken. Its two ends are looked at: what lies between is
/// checked when it is restored.
pub async fn try_out(call: Call) -> Answer {
    let said: Try = call.message()?;
    let decode = |text: &str| BASE64.decode(text.as_bytes()).map_err(|_| Refusal::from(NO_FILE));
    let (start, end) = (decode(&said.start)?, decode(&said.end)?);
    let typed = Zeroizing::new(said.passphrase);
    let looked = call.office().passwords.at_a_place(move || {
        let passphrase = Passphrase::typed(&typed);
        backup::look(&start, &end, said.length, &passphrase)
    });
    let tried = match looked.await {
        Ok(taken) => Tried {
            fits: true,
            taken: taken.map(|taken| taken.0),
            said: None,
        },
        Err(why) => Tried {
            fits: false,
            taken: None,
            said: Some(why.to_string()),
        },
    };
    Ok(reply::json(&tried))
}

const NO_FILE: Invalid = Invalid::new(Field::Start, Why::NotBase64);
