//! Sends what the journal and the log say to the office's log server, beside all else: nobody who is answered, and no
//! start, ever waits for it.
//!
//! The journal itself is the queue of its lines: what was sent last is a number, and no line is held in memory for a
//! server that is away. At most [`BEHIND`] lines are made up for; those before are counted, and the server is told how
//! many it lost. Lines of the log wait in a bounded queue of theirs ([`log::take_forwarded`]). A line counts as sent
//! once the system took it: RFC 5425 has no word by which a server says that it has it.

use std::collections::VecDeque;
use std::io;
use std::time::{Duration, Instant};

use smol::Timer;
use smol::future::FutureExt;

use super::refusals::Refusals;
use crate::net::flaws;
use crate::net::log_server::LogLine;
use crate::office::log::{self, Level};
use crate::office::{Office, Shared};
use crate::rules::certificates::pasted;
use crate::rules::office::syslog::message::{Facility, Message, Severity, counted};
use crate::rules::office::syslog::{Syslog, Transport};
use crate::rules::time::Date;
use crate::store::Fault;

/// Lines of the journal that are made up for after a server was away.
const BEHIND: u64 = 1000;
/// After a line that failed: the first wait, which doubles up to the last.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LAST_WAIT: Duration = Duration::from_secs(30);

/// After so long without a word that nobody takes them, datagrams count as taken.
const QUIET: Duration = Duration::from_secs(2);

/// How far it is.
#[derive(Default)]
struct Progress {
    /// The number of the journal's newest line that needs no sending; `None`: the journal was empty.
    journal: Option<u64>,
    /// What goes before the journal's next lines.
    logged: VecDeque<Message>,
    /// Lines that the server was not told of yet that it lost them.
    lost: u64,
    refusals: Refusals,
}

/// A line for the server, and what is known once it is sent.
enum Next {
    Journal(u64, Message),
    Logged(Message),
    Lost(u64, Message),
}

impl Next {
    fn message(&self) -> &Message {
        match self {
            Self::Journal(_, message) | Self::Logged(message) | Self::Lost(_, message) => message,
        }
    }
}

/// Sends for ever.
pub(in crate::appliance) async fn keep(office: Shared) {
    let mut progress = None;
    loop {
        let changed = office.store.notices().of_any();
        let Some(set) = set(&office) else {
            progress = None;
            log::forward(false);
            office.watch.note_reached();
            changed.await;
            continue;
        };
        log::forward(true);
        let here = match progress.as_mut() {
            Some(progress) => progress,
            None => progress.insert(Progress {
                journal: newest(&office),
                refusals: Refusals::from_now(&office),
                ..Progress::default()
            }),
        };
        serve(&office, &set, here).or(replaced(&office, &set)).await;
        office.watch.note_reached();
    }
}

fn set(office: &Office) -> Option<Syslog> {
    office.store.read(|facts| facts.syslog()).ok().flatten()
}

fn newest(office: &Office) -> Option<u64> {
    office.store.read(|facts| facts.newest_line()).ok().flatten()
}

/// Ends when another server is set, or none.
async fn replaced(office: &Office, set_before: &Syslog) {
    loop {
        let changed = office.store.notices().of_any();
        let read = office.store.read(|facts| facts.syslog());
        if read.is_ok_and(|now| now.as_ref() != Some(set_before)) {
            return;
        }
        changed.await;
    }
}

/// Sends to that server, and tries again for as long as it is set.
async fn serve(office: &Office, set: &Syslog, progress: &mut Progress) {
    let mut wait = FIRST_WAIT;
    loop {
        let began = office.now();
        let said = match open(set).await {
            Ok(line) => {
                if set.transport == Transport::Tls {
                    office.watch.note_reached();
                }
                format!(
                    "the line to {} ended: {}",
                    set.server,
                    send(office, line, progress).await
                )
            }
            Err(said) => said,
        };
        if office.watch.note_missing(began, said.clone()) {
            // No warning: those are sent there.
            log::notice(&format!("the log server is not reached: {said}"));
            wait = FIRST_WAIT;
        }
        Timer::after(wait).await;
        wait = LAST_WAIT.min(wait * 2);
    }
}

async fn open(set: &Syslog) -> Result<LogLine, String> {
    let (server, port) = (set.server.as_str(), set.port);
    let opened = match set.transport {
        Transport::Udp => LogLine::datagrams(server, port).await,
        Transport::Tls => {
            let roots = set.roots.as_deref().map(pasted::parse).transpose();
            let roots = roots.map_err(|looks| format!("the certificates cannot be read: {}", flaws::what(looks)))?;
            LogLine::stream(server, port, roots).await
        }
    };
    opened.map_err(|error| error.to_string())
}

/// Sends all there is, and what comes, until the line ends; how it did.
async fn send(office: &Office, mut line: LogLine, progress: &mut Progress) -> io::Error {
    let host = office.site.name.to_string();
    loop {
        let (journal, logged) = (office.store.notices().of_any(), log::news());
        let refused = office.desk.news();
        loop {
            let next = match progress.next(office) {
                Ok(Some(next)) => next,
                Ok(None) => break,
                // The store is opened anew meanwhile.
                Err(_) => {
                    Timer::after(FIRST_WAIT).await;
                    break;
                }
            };
            let message = next.message().octets(&host);
            if let Err(error) = line.send(&message, &counted(&message)).await {
                return error;
            }
            progress.sent(&next);
        }
        let news = async {
            journal.or(logged).or(refused).await;
            None
        };
        let gathered = progress.refusals.gather(office, now());
        let gathered = async {
            match gathered {
                Some(left) => drop(Timer::after(left).await),
                None => std::future::pending().await,
            }
            None
        };
        let gone = async { Some(line.gone().await) };
        // A datagram that nobody takes is told of at once, or never.
        let quiet = async {
            Timer::after(QUIET).await;
            office.watch.note_reached();
            std::future::pending().await
        };
        if let Some(error) = news.or(gathered).or(gone).or(quiet).await {
            return error;
        }
    }
}

impl Progress {
    /// What is to be sent next; it stays so until [`Self::sent`] says otherwise.
    fn next(&mut self, office: &Office) -> Result<Option<Next>, Fault> {
        self.take_logged(office);
        let newest = office.store.read(|facts| facts.newest_line())?;
        let number = |line: Option<u64>| line.map_or(0, |line| line.saturating_add(1));
        let behind = number(newest).saturating_sub(number(self.journal));
        if behind > BEHIND {
            self.lose(office, behind - BEHIND);
            self.journal = newest.map(|newest| newest.saturating_sub(BEHIND));
        }
        if self.lost > 0 {
            let moment = office.moment();
            let message = Message::lost(self.lost, moment.known.then_some(moment.now));
            return Ok(Some(Next::Lost(self.lost, message)));
        }
        if let Some(message) = self.logged.front() {
            return Ok(Some(Next::Logged(message.clone())));
        }
        let after = self.journal;
        let lines = office.store.read(|facts| facts.journal_after(after, 1))?;
        let line = lines.into_iter().next();
        Ok(line.map(|(number, line)| Next::Journal(number, Message::of_journal(&line))))
    }

    fn sent(&mut self, next: &Next) {
        match next {
            Next::Journal(number, _) => self.journal = Some(*number),
            Next::Logged(_) => drop(self.logged.pop_front()),
            Next::Lost(told, _) => self.lost = self.lost.saturating_sub(*told),
        }
    }

    fn lose(&mut self, office: &Office, lines: u64) {
        self.lost = self.lost.saturating_add(lines);
        office.watch.note_lost(lines);
    }

    /// Takes what the log gathered, once all before it is sent: what waits stays bounded.
    fn take_logged(&mut self, office: &Office) {
        if !self.logged.is_empty() {
            return;
        }
        let taken = log::take_forwarded();
        if taken.lost > 0 {
            self.lose(office, taken.lost);
        }
        let (moment, now) = (office.moment(), now());
        self.logged.extend(self.refusals.take(office, now));
        let written = |at: Instant| {
            let ago = now.saturating_duration_since(at).as_secs();
            moment.known.then(|| Date(moment.now.0.saturating_sub(ago)))
        };
        self.logged.extend(taken.lines.into_iter().map(|line| Message {
            facility: Facility::Daemon,
            severity: severity(line.level),
            at: written(line.at),
            kind: "log".to_owned(),
            words: line.text,
        }));
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long ago a line of the log was written is real time"
)]
fn now() -> Instant {
    Instant::now()
}

fn severity(level: Level) -> Severity {
    match level {
        Level::Error => Severity::Error,
        Level::Warning => Severity::Warning,
        Level::Notice => Severity::Notice,
        Level::Info => Severity::Info,
    }
}
