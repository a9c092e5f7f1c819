//! The start, top to bottom: each line takes what the lines above made.

use std::net::TcpListener;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_signal::{Signal, Signals};
use smol::future::Boxed;
use smol::stream::StreamExt;
use smol::{Async, Executor};

use super::backup::{bucket, restore, target, to_file};
use super::board::{BOARD, Clock as Kind};
use super::cannot_start::CannotStart;
use super::date::clock::Clock;
use super::date::date_is;
use super::date::sources::{self, Hand, Sources};
use super::flags::{Errand, Flags, Reset};
use super::folder::{data, unwritable};
use super::identity::certificate::{self, Certificate};
use super::identity::lan::Lan;
use super::identity::{own_files, rebind, site, twins};
use super::machine::{Again, Machine};
use super::one_time::{self, Armed};
use super::panel::front::Panel;
use super::service::manager::Manager;
use super::service::serve::work;
use super::sockets::{door, handed, line};
use super::spare::{replaced, standby};
use super::upkeep::{backups, sweep, syslog, tune};
use super::{console, devices, reset};
use crate::http::edge::limits::Limits;
use crate::http::edge::server::{self, Door, Edge};
use crate::http::front::{router, routes};
use crate::mail::postman::Postman;
use crate::net::listener::Doors;
use crate::net::stop::Stopper;
use crate::net::tls::Tls;
use crate::office::backups::mark::Looked;
use crate::office::passwords::USUAL;
use crate::office::{Office, Parts, Tester, World, log};
use crate::phones::keeper::{self as phones, Phones};
use crate::rules::moment::Moment;
use crate::rules::office::time_servers::TimeServers;
use crate::trust::keeper::Safe;

/// Where HTTPS is served when there is a certificate and neither flag nor board says where.
const HTTPS_ANYWAY: &str = "0.0.0.0:8443";
const WRONG_CLOCK: &str = "this machine does not know the date: nobody is signed in until a time \
     server has told the date or an administrator confirms it at sign-in. Where this machine's clock is right, start \
     with --date-is now; where nothing ever tells it the date, with --no-time-server";

const RESCUED_CLOCK: &str = "this machine's clock is behind the newest date that is known; as this start is a rescue, \
     it counts as right, and dates go on from the newest one until the next start";

const UNDONE: &str = "the store was not closed, and its last change could not be read, so it was undone. After a power \
     cut that is one that nobody was told of; if the power did not go, the disk has damaged it: look into the journal \
     for what is missing, and replace the disk";

const fn https_anyway() -> &'static str {
    match BOARD.https.as_bytes() {
        b"off" => HTTPS_ANYWAY,
        _ => BOARD.https,
    }
}

/// Runs the appliance until it is told to stop, or to begin anew.
pub(super) fn run(flags: Flags, mut machine: Machine) -> Result<Option<Again>, CannotStart> {
    // Heard, a write beyond the limit of a file's size fails with a sentence; unheard, the process is gone without a
    // word.
    let _beyond_limit = Signals::new([Signal::Xfsz])?;
    let one_time = match &flags.one_time {
        Some((username, source)) => Some((username.clone(), one_time::read(source)?)),
        None => one_time::of_board(BOARD.password_from),
    };
    let folder = data::folder(flags.data.clone())?;
    let _taken = data::take(&folder)?;
    let mut panel = Panel::of(&mut machine);
    let held = if flags.errand.is_none() {
        panel.at_power_on()
    } else {
        None
    };
    // Where everything goes, nothing is finished first that may be what fails.
    let finished = if matches!(held, Some(Reset::All)) {
        Ok(())
    } else {
        restore::finish(&folder)
    };
    let finished = match finished {
        Err(failed) if flags.errand.is_some() => return Err(failed),
        finished => finished,
    };
    match &flags.errand {
        Some(Errand::Backup(file)) => {
            let passphrase = flags.passphrase.as_deref();
            target::allowed(&folder, file, passphrase, flags.yes)?;
            return to_file::write(&folder, file, passphrase, &dice).map(|()| None);
        }
        Some(Errand::Restore(file)) => {
            return restore::carry_out(&folder, file, flags.passphrase.as_deref(), flags.yes).map(|()| None);
        }
        Some(Errand::TakeOver) => return standby::take_over(&flags, &folder, &dice).map(|()| None),
        None => {}
    }
    let manager = Manager::of_environment();
    let starting = manager.starting()?;
    let mut handed = handed::take()?;
    let wish = held.or(flags.reset);
    let anew = matches!(wish, Some(Reset::All));
    reset::carry_out(&folder, wish, flags.yes || held.is_some(), &dice)?;
    if wish.is_some() {
        panel.reset();
    }
    let mut listen = || door::door(handed.http.take(), flags.http, BOARD.http, "http");
    if let Err(failed) = finished {
        return unwritable::wait(failed, &folder, listen, &manager);
    }
    if let Some(ended) = standby::wait(&flags, &folder, (&machine.synchronised, dice), &mut listen, &manager)? {
        return Ok(ended);
    }
    manager.status("Opening the store; one of an older version is copied, and brought up to date");
    let (store, key) = match data::open(&folder, anew, &dice) {
        Ok(opened) => opened,
        Err(failed) => return unwritable::wait(failed, &folder, listen, &manager),
    };
    let kind = flags.clock.unwrap_or(BOARD.clock);
    if let Some(date) = flags.date_is {
        date_is::carry_out(&store, (date, kind == Kind::Battery), flags.yes, &dice)?;
    }
    if store.undone() {
        log::warning(UNDONE);
    }
    if let Err(fault) = store.writable() {
        log::error(&format!("until the store can be written nobody signs in: {fault}"));
    }
    let key = Arc::new(key);
    let (settings, newest, before) = store.read(|facts| {
        let before = facts.named()?.map(|named| named.name);
        Ok((facts.settings()?, facts.newest()?, before))
    })?;
    let clock = Arc::new(Clock::no_earlier_than(newest, kind, flags.no_time_server));
    if let Some(date) = flags.date_is {
        clock.confirm(date);
    }
    restore::end_what_was(&store, Moment::new(clock.read(), dice()))?;
    replaced::settle(&store, Moment::new(clock.read(), dice()))?;
    let address = |listener: &Option<TcpListener>| listener.as_ref().map(TcpListener::local_addr).transpose();
    let http = door::door(handed.http.take(), flags.http, BOARD.http, "http")?;
    let plain = address(&http)?;
    let by_board = site::by_board(BOARD.name, plain);
    let called = site::called(
        flags.front.as_ref(),
        flags.name.clone(),
        settings.name,
        before,
        by_board,
    )?;
    let https = if handed.https.is_some() || certificate::wants_https(&flags, &called.name, by_board) {
        door::door(handed.https.take(), flags.https, https_anyway(), "https")?
    } else {
        None
    };
    let secure = address(&https)?;
    let hand = clock.clone();
    let safe = || {
        let hand = hand.clone();
        Safe {
            store: store.clone(),
            key: key.clone(),
            moment: Box::new(move || Moment::new(hand.read(), dice())),
        }
    };
    let acme_safe = safe();
    let certificate = match secure {
        // Files that are of no use are told, whatever they were to be served for.
        None if flags.certificate.is_none() => None,
        door => Some(Certificate::open(
            flags.certificate.as_ref(),
            safe(),
            &called.name,
            door,
        )?),
    };
    let places = line::places(flags.sip, flags.sips, &handed, certificate.is_some())?;
    let strict = certificate::strict(
        flags.hsts,
        certificate.as_ref(),
        &store,
        Moment::new(clock.read(), dice()),
    )?;
    let by_flag = flags.servers();
    let site = site::site(flags.front, called, plain, secure)?;
    let (hand, rescued, stopwatch, learning) = (clock.clone(), clock.clone(), clock.clone(), clock.clone());
    let signing = clock.clone();
    let (begin_anew, again) = smol::channel::bounded(1);
    let postman = Arc::new(Postman {
        store: store.clone(),
        key: key.clone(),
        origin: site.origin.clone(),
        name: site.name.to_string(),
        moment: Box::new(move || Moment::new(hand.read(), dice())),
    });
    let trust = certificate::trust(certificate.as_ref());
    let is_known = Arc::new(AtomicBool::new(true));
    let strict = certificate::strict_now(strict, trust.acme.clone(), is_known.clone());
    let acme = trust.acme.clone();
    let acme = certificate::online(certificate.as_ref(), acme_safe, &site.name, acme)?;
    let executor: Arc<Executor<'static>> = Arc::default();
    // Not held by what it runs: else neither would ever end.
    let beside = Arc::downgrade(&executor);
    let office = Office::new(Parts {
        store,
        site,
        trust,
        key,
        proxies: flags.proxies.clone(),
        effort: USUAL,
        world: World {
            dates: Box::new(Hand {
                clock: clock.clone(),
                servers: by_flag,
                again: begin_anew.clone(),
            }),
            clock: Box::new(move || clock.read()),
            dice: Box::new(dice),
            test_letter: tester(postman.clone()),
            buckets: bucket::opener(move || signing.read().date),
            pause: Box::new(|time| Box::pin(pause(time))),
            beside: Box::new(move |work| {
                if let Some(executor) = beside.upgrade() {
                    executor.spawn(work).detach();
                }
            }),
        },
    });
    let as_it_is = |why: CannotStart| why.unless_unwritable(&office.store);
    one_time::note_name(&office).or_else(as_it_is)?;
    devices::note_unreadable(&office)?;
    let armed = one_time::arm(&office, one_time).or_else(|why| as_it_is(why).map(|()| Armed::Nothing))?;
    let right = office.moment().known;
    if wish.is_some() || !matches!(armed, Armed::Nothing | Armed::Spent) {
        rescued.serve_rescue();
    }

    let certificates = certificate.as_ref().map(Certificate::certificates);
    let tls = match &certificates {
        Some(certificates) => Door::Tls(Tls::new(certificates, server::ALPN)?),
        None => Door::Plain,
    };
    let listeners = [(http, Door::Plain), (https, tls)];
    let listeners: Vec<_> = listeners
        .into_iter()
        .filter_map(|(at, door)| Some((at?, door)))
        .collect();
    let looked = replaced::looked(&office)?;
    if looked == Looked::Replaced {
        drop(starting);
        return replaced::keep(&office, listeners, again, &manager);
    }

    let (stopper, stop) = Stopper::new();
    let limits = Limits::trusting(flags.proxies);
    let shared = Doors::new(executor.clone(), limits.doors.clone(), stop.clone());
    let held = Arc::downgrade(&shared);
    office
        .watch
        .count_connections(move || held.upgrade().map_or(0, |doors| doors.held()));
    let dated = office.clone();
    let date = move || {
        let reading = (dated.world.clock)();
        reading.known.then_some(reading.date)
    };
    let application = router::application(office.clone(), routes::ROUTES);
    let edge = Edge::dated(application, limits, shared, Box::new(date), strict);
    let mut doors: Vec<Boxed<()>> = Vec::new();
    for lan in Lan::all(&office, secure.or(plain), flags.no_announce)? {
        doors.push(Box::pin(lan.keep(office.clone(), stop.clone())));
    }
    let watched = twins::watch(office.clone(), secure.or(plain), flags.no_announce, stop.clone());
    doors.push(Box::pin(watched));
    for (listener, door) in listeners {
        let listener = Async::new(listener)?.into();
        doors.push(Box::pin(edge.clone().serve(listener, door)));
    }
    let phones = Phones::new(phones::Parts {
        office: office.clone(),
        places,
        handed: handed.phones,
        tls: certificates.as_ref().map(|all| Tls::new(all, &[])).transpose()?,
        stopwatch: Box::new(move || stopwatch.tick()),
        hosts: Box::new(line::hosts),
        executor: executor.clone(),
    });
    doors.push(Box::pin(phones.clone().serve(stop)));
    executor.spawn(sweep::keep_up(office.clone(), pause)).detach();
    let tended = backups::keep(office.clone(), looked, begin_anew.clone(), pause);
    executor.spawn(tended).detach();
    executor.spawn(syslog::keep(office.clone())).detach();
    let files = certificates.map(|certificates| {
        Arc::new(own_files::OwnFiles {
            certificates,
            office: office.clone(),
            wants_strict: flags.hsts,
            is_known,
            told: Mutex::default(),
        })
    });
    if let Some(files) = files.clone().filter(|_| flags.certificate.is_some()) {
        files.note_known();
        executor.spawn(files.watch(pause)).detach();
    }
    if let Some(keeper) = certificate.as_ref().and_then(Certificate::keeper) {
        executor.spawn(certificate::renew(keeper, secure, pause)).detach();
    }
    let (asked, by_flag) = (office.clone(), flags.time_servers.clone());
    let sources = Sources {
        synchronised: machine.synchronised,
        servers: Box::new(move || servers(&asked, by_flag.as_ref())),
        dice,
    };
    executor.spawn(sources::learn(learning, sources, pause)).detach();
    panel.listen(begin_anew)?;
    executor.spawn(panel.show(office.clone(), pause)).detach();
    if let Some(acme) = acme {
        executor.spawn(acme.keep(pause)).detach();
    }
    executor
        .spawn(rebind::watch(office.clone(), secure.or(plain), pause))
        .detach();
    executor.spawn(tune::tune(office.clone())).detach();
    executor.spawn(postman.walk()).detach();
    // Heard from before the greeting on: whoever waits for it may stop us at once.
    let signals = Signals::new([Signal::Term, Signal::Int, Signal::Hup])?;
    console::greet(&office.site, &armed, certificate::fingerprint(&office.trust).as_deref());
    if !office.moment().known {
        log::warning(WRONG_CLOCK);
    } else if !right {
        log::warning(RESCUED_CLOCK);
    }
    if let Some(files) = &files {
        files.tell();
    }
    drop(starting);
    manager.ready(&office.site.origin);
    let told = async {
        told_to_stop(signals, files).await;
        manager.stopping();
        None
    };
    let asked = async { again.recv().await.ok() };
    let again = work(&executor, doors, smol::future::or(told, asked), stopper, &manager)?;
    office.write_down().or_else(|fault| as_it_is(fault.into()))?;
    phones.save().or_else(|fault| as_it_is(fault.into()))?;
    Ok(again)
}

/// The time servers that are set now: the flag's, else the office's.
fn servers(office: &Office, by_flag: Option<&TimeServers>) -> Vec<(String, u16)> {
    let kept = || office.store.read(|facts| facts.time_servers()).unwrap_or_default();
    by_flag.cloned().unwrap_or_else(kept).places()
}

async fn pause(time: Duration) {
    smol::Timer::after(time).await;
}

fn tester(postman: Arc<Postman>) -> Box<Tester> {
    Box::new(move |letter| {
        let sent = postman
            .clone()
            .test(letter.relay, letter.to, letter.language, letter.place);
        Box::pin(async move { sent.await.map_err(|unsent| unsent.said) })
    })
}

/// Ends with the signal to stop. SIGHUP reads the certificate again meanwhile, as a renewal's hook asks for.
async fn told_to_stop(mut signals: Signals, files: Option<Arc<own_files::OwnFiles>>) {
    while let Some(Ok(Signal::Hup)) = signals.next().await {
        match files.clone() {
            None => log::notice("told to reload (SIGHUP): no certificate is served, so there is nothing to read again"),
            Some(files) => smol::unblock(move || files.told_to()).await,
        }
    }
}

/// 32 bytes from the operating system. Without them nothing here is safe, so the program ends at once.
fn dice() -> [u8; 32] {
    let mut bytes = [0; 32];
    if let Err(error) = getrandom::fill(&mut bytes) {
        log::error(&format!("the operating system has no randomness: {error}"));
        std::process::abort();
    }
    bytes
}
