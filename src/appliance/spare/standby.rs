//! A spare at work: it waits, looks every minute, shows how it stands, and takes over when it is told to.

use std::net::TcpListener;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_signal::{Signal, Signals};
use smol::channel::{Sender, bounded};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::copy::Spare;
use crate::appliance::board::BOARD;
use crate::appliance::cannot_start::CannotStart;
use crate::appliance::console;
use crate::appliance::date::clock::Clock;
use crate::appliance::date::sources::{self, Sources};
use crate::appliance::flags::{Flags, Standby};
use crate::appliance::folder::data::{self, KEY, STORE};
use crate::appliance::machine::Again;
use crate::appliance::service::closed::{self, Answers};
use crate::appliance::service::manager::Manager;
use crate::http::edge::server::Door;
use crate::office::log;
use crate::rules::moment::{Fresh, Moment};
use crate::rules::office::journal::Actor;
use crate::rules::office::tenure::{self, Tenure};
use crate::rules::secret;
use crate::rules::secret::SealKey;
use crate::rules::text::{plain_hyphens, visible};
use crate::rules::time::Date;
use crate::store::Store;

/// How often a spare looks for a newer backup.
const A_LOOK: Duration = Duration::from_secs(60);

/// `--take-over`: a spare becomes the board, or a board that was replaced is the board again. Ends after its work.
pub(in crate::appliance) fn take_over(
    flags: &Flags,
    folder: &Path,
    dice: &impl Fn() -> [u8; 32],
) -> Result<(), CannotStart> {
    let kept = kept(folder, dice)?;
    if let Some(standby) = &flags.standby {
        if let Some((_, _, tenure)) = &kept
            && tenure.was_spare
            && tenure.replaced.is_none()
        {
            return Err("this spare took over already; start it without --take-over".into());
        }
        let clock = clock(flags, kept.as_ref())?;
        let spare = open(flags, folder, standby, kept, clock)?;
        let taken = spare.take_over(dice)?;
        console::say(&format!(
            "This board takes over with the backup of {}; what was changed after that is lost.\n",
            taken.iso()
        ));
        console::say(
            "Start Linekey without --take-over now. The board of before stops when it finds the mark beside its \
                backups.\n",
        );
        return Ok(());
    }
    let Some((store, _, tenure)) = kept else {
        return Err(format!(
            "there is no office in {}; a spare takes over with --standby besides",
            folder.display()
        )
        .into());
    };
    if tenure.replaced.is_none() {
        return Err(
            "this board was not replaced, so there is nothing to take over; start it without --take-over".into(),
        );
    }
    let board = *dice().first_chunk::<16>().unwrap_or(&[0; 16]);
    let kind = flags.clock.unwrap_or(BOARD.clock);
    let newest = store.read(|facts| facts.newest())?;
    let reading = Clock::no_earlier_than(newest, kind, flags.no_time_server).read();
    let again = tenure.take_over(None, board, reading.date, (false, None));
    let moment = Moment::new(reading, dice());
    let turn = store.turn_now(Actor::APPLIANCE, moment, move |_, _| Ok(tenure::changed(again)))?;
    turn.map_err(|_| "the take-over could not be written down")?;
    console::say(
        "This board is the board again, with the office as it was here. Start Linekey without --take-over now.\nThe \
         board that had taken over stops when it finds the mark beside its backups.\n",
    );
    Ok(())
}

/// The store that is here, where there is one.
type Kept = (Store, SealKey, Tenure);

fn kept(folder: &Path, dice: &impl Fn() -> [u8; 32]) -> Result<Option<Kept>, CannotStart> {
    if !data::is_kept(&folder.join(STORE), "store")? && !data::is_kept(&folder.join(KEY), "key")? {
        return Ok(None);
    }
    let (store, key) = data::open(folder, false, dice)?;
    let tenure = store.read(|facts| facts.tenure())?;
    Ok(Some((store, key, tenure)))
}

fn clock(flags: &Flags, kept: Option<&Kept>) -> Result<Arc<Clock>, CannotStart> {
    let newest = kept
        .map(|(store, ..)| store.read(|facts| facts.newest()))
        .transpose()?
        .flatten();
    let kind = flags.clock.unwrap_or(BOARD.clock);
    let clock = Clock::no_earlier_than(newest, kind, flags.no_time_server);
    if let Some(date) = flags.date_is {
        clock.confirm(date);
    }
    Ok(Arc::new(clock))
}

/// A spare in that folder, which must have no office, or one whose board was replaced.
fn open(
    flags: &Flags,
    folder: &Path,
    standby: &Standby,
    kept: Option<Kept>,
    clock: Arc<Clock>,
) -> Result<Arc<Spare>, CannotStart> {
    let spare = Arc::new(Spare::open(folder, standby, flags.passphrase.as_deref(), clock)?);
    if let Some((_, key, tenure)) = kept
        && tenure.replaced.is_none()
        && !spare.sees_another(&key, &tenure)
    {
        return Err(format!(
            "{} holds an office whose board was not replaced, and a spare would not serve it: start it without \
             --standby, or give the spare an empty folder with --data DIR",
            folder.display()
        )
        .into());
    }
    Ok(spare)
}

/// Waits as a spare, if the flags say so and this is not the board by now; what it ended with. `listen` opens the door
/// for HTTP.
pub(in crate::appliance) fn wait(
    flags: &Flags,
    folder: &Path,
    (synchronised, dice): (&Path, fn() -> [u8; 32]),
    listen: impl FnOnce() -> Result<Option<TcpListener>, CannotStart>,
    manager: &Arc<Manager>,
) -> Result<Option<Option<Again>>, CannotStart> {
    let Some(standby) = &flags.standby else {
        return Ok(None);
    };
    let kept = kept(folder, &dice)?;
    if let Some((_, _, tenure)) = &kept
        && tenure.was_spare
        && tenure.replaced.is_none()
    {
        log::notice("this spare took over, so it is the board now; --standby can be taken out of its flags");
        return Ok(None);
    }
    let clock = clock(flags, kept.as_ref())?;
    let spare = open(flags, folder, standby, kept, clock.clone())?;
    // Whoever is told the code may send a signal at once; one that comes too early asks for what is done anyhow.
    let _heard = Signals::new([Signal::Hup])?;
    let door = listen()?;
    let url = door.as_ref().map(TcpListener::local_addr).transpose()?;
    let code = secret::one_time_password(&mut Fresh::seeded(dice()));
    console::say(&format!(
        "Linekey stands by at {}\n",
        url.map_or_else(|| "no address".to_owned(), |url| format!("http://{url}"))
    ));
    console::say("To take over, type this code on its page, or start it once with --take-over besides:\n");
    console::say(&format!("    code  {}\n", code.as_str()));
    let (begin, again) = bounded(1);
    let (look_now, looks) = bounded(1);
    let waiting = Arc::new(Waiting {
        spare: spare.clone(),
        code,
        dice,
        begin,
        taking: AtomicBool::new(false),
        said: Mutex::default(),
    });
    let teller = waiting.clone();
    let looking = async move {
        loop {
            let (spare, teller) = (spare.clone(), teller.clone());
            smol::unblock(move || {
                spare.look();
                teller.tell();
            })
            .await;
            let nap = async {
                smol::Timer::after(A_LOOK).await;
            };
            let told = async {
                looks.recv().await.unwrap_or_default();
            };
            smol::future::or(nap, told).await;
        }
    };
    let places = flags.time_servers.clone().unwrap_or_default().places();
    let sources = Sources {
        synchronised: synchronised.to_owned(),
        servers: Box::new(move || places.clone()),
        dice,
    };
    let learning = sources::learn(clock, sources, |time| async move {
        smol::Timer::after(time).await;
    });
    let listeners = door.into_iter().map(|door| (door, Door::Plain)).collect();
    // One that waits already will do.
    let hup = Box::new(move || look_now.try_send(()).unwrap_or_default());
    let beside: Vec<smol::future::Boxed<()>> = vec![Box::pin(looking), Box::pin(learning)];
    closed::keep("spare", waiting, listeners, beside, (again, hup), manager).map(Some)
}

/// What a waiting spare answers.
struct Waiting {
    spare: Arc<Spare>,
    code: Zeroizing<String>,
    dice: fn() -> [u8; 32],
    begin: Sender<Again>,
    taking: AtomicBool,
    /// What the console was told last.
    said: Mutex<String>,
}

impl Waiting {
    /// Tells the console how it stands, where that is news.
    fn tell(&self) {
        let standing = self.spare.standing();
        let now = match (&standing.copy, &standing.trouble) {
            (_, Some(why)) => format!("this spare could not look for a newer backup: {why}"),
            (Some(copy), None) => format!("this spare has the backup of {}, which opens", copy.taken.iso()),
            (None, None) => return,
        };
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if *said != now {
            if standing.trouble.is_some() {
                log::warning(&now);
            } else {
                log::notice(&now);
            }
            *said = now;
        }
    }
}

impl Answers for Waiting {
    fn health(&self) -> &'static str {
        "standby"
    }

    fn marks(&self) -> Vec<(&'static str, String)> {
        let standing = self.spare.standing();
        let copy = standing.copy.as_ref();
        let day = |date: Option<Date>| date.map_or_else(|| "–".to_owned(), words);
        let old = copy.map_or_else(|| "–".to_owned(), |copy| age(copy.taken, self.spare.now()));
        let hidden = |is_hidden: bool| if is_hidden { "hidden" } else { "" }.to_owned();
        vec![
            ("[[taken]]", day(copy.map(|copy| copy.taken))),
            ("[[age]]", old),
            (
                "[[size]]",
                copy.map_or_else(|| "–".to_owned(), |copy| copy.bytes.div_ceil(1000).to_string()),
            ),
            ("[[looked]]", day(standing.looked)),
            ("[[well]]", hidden(standing.trouble.is_none())),
            ("[[trouble]]", standing.trouble.unwrap_or_default()),
            ("[[empty]]", hidden(copy.is_none())),
            ("[[full]]", hidden(copy.is_some())),
        ]
    }

    fn pressed(&self, typed: &str) -> String {
        let typed = plain_hyphens(&visible(typed)).to_ascii_lowercase();
        if !bool::from(typed.as_bytes().ct_eq(self.code.as_bytes())) {
            return "That is not the code that this board printed on its console when it started.".to_owned();
        }
        if self.taking.swap(true, Ordering::SeqCst) {
            return "It is taking over.".to_owned();
        }
        match self.spare.take_over(&self.dice) {
            Ok(_) => {
                log::notice("this spare takes over, as its page was told to");
                // Nobody hears it where it ends already; the next start is the board's all the same.
                drop(self.begin.try_send(Again { flags: Vec::new() }));
                "This board takes over. In a moment the office is here.".to_owned()
            }
            Err(CannotStart(why)) => {
                self.taking.store(false, Ordering::SeqCst);
                why
            }
        }
    }
}

/// `2026-11-30 08:00 UTC`.
pub(in crate::appliance) fn words(date: Date) -> String {
    let iso = date.iso();
    let (day, time) = iso.split_once('T').unwrap_or((&iso, ""));
    format!("{day} {} UTC", time.get(..5).unwrap_or_default())
}

fn age(taken: Date, now: Date) -> String {
    if taken > now {
        return "unknown: by this board's clock it was made in the future".to_owned();
    }
    let minutes = (now - taken).0 / 60;
    match minutes {
        0..120 => format!("{minutes} minutes"),
        120..2880 => format!("{} hours", minutes / 60),
        _ => format!("{} days", minutes / 1440),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_of_the_future_is_not_told_as_young() {
        assert_eq!(age(Date(600), Date(660)), "1 minutes");
        assert!(age(Date(700), Date(660)).contains("future"));
    }
}
