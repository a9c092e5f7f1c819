//! What the service manager is told: that the start goes on, that all is ready, that the threads still work, and that
//! the end has begun (sd_notify(3)). Where `NOTIFY_SOCKET` names nobody, nothing is said.

use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use smol::Timer;

use crate::office::log;

/// How often a start is looked at. Shorter than any limit that a unit sets.
const LOOK: Duration = Duration::from_secs(5);
/// How long a start may go on after a look that saw work. Longer than a slow card takes to sync a whole store.
const LONGER: Duration = Duration::from_secs(120);
/// Time of the processor that counts as work, in a [`LOOK`]: far more than the look itself takes, and a twentieth of
/// what a start gets that has 2 % of a processor.
const WORK: Duration = Duration::from_millis(5);
/// A manager that does not read for so long misses the message.
const PATIENCE: Duration = Duration::from_secs(1);
/// Looks at the threads in the time after which the watchdog bites.
const LOOKS: u32 = 4;

/// Whoever started this program and wants to know how it is.
pub(in crate::appliance) struct Manager {
    socket: Option<UnixDatagram>,
    watchdog: Option<Duration>,
    /// Moves while the second thread works.
    beats: AtomicU32,
}

/// While this is held, the start goes on.
pub(in crate::appliance) struct Starting {
    _until_dropped: Option<Sender<()>>,
}

impl Manager {
    /// The manager that the environment names. One that cannot be reached is told of in the log.
    pub(in crate::appliance) fn of_environment() -> Arc<Self> {
        let socket = reached().unwrap_or_else(|error| {
            log::warning(&format!(
                "the service manager cannot be told how the start goes (NOTIFY_SOCKET): {error}"
            ));
            None
        });
        Arc::new(Self {
            watchdog: watchdog().filter(|_| socket.is_some()),
            socket,
            beats: AtomicU32::new(0),
        })
    }

    /// The start begins: its limit is moved on for as long as this process works at it. One that is stuck meets the
    /// limit, which is the manager's own.
    pub(in crate::appliance) fn starting(self: &Arc<Self>) -> std::io::Result<Starting> {
        if self.socket.is_none() {
            return Ok(Starting { _until_dropped: None });
        }
        let (held, dropped) = channel::<()>();
        let here = Arc::clone(self);
        let look = move || {
            let mut before = worked();
            while dropped.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                let now = worked();
                if now.saturating_sub(before) >= WORK {
                    here.tell(&format!("EXTEND_TIMEOUT_USEC={}", LONGER.as_micros()));
                }
                before = now;
            }
        };
        thread::Builder::new().name("start".into()).spawn(look)?;
        Ok(Starting {
            _until_dropped: Some(held),
        })
    }

    /// What is being done, for whoever asks the manager: one line.
    pub(in crate::appliance) fn status(&self, doing: &str) {
        self.tell(&format!("STATUS={doing}"));
    }

    /// The doors are open.
    pub(in crate::appliance) fn ready(&self, served: &str) {
        self.tell(&format!("READY=1\nSTATUS=Serving: {served}"));
    }

    /// The end has begun.
    pub(in crate::appliance) fn stopping(&self) {
        self.tell("STOPPING=1\nSTATUS=Writing down what is not on the disk yet");
    }

    /// Shows that the second thread works, for ever. To be run on it.
    pub(in crate::appliance) async fn beat(&self) {
        let Some(every) = self.every() else {
            return std::future::pending().await;
        };
        loop {
            Timer::after(every).await;
            self.beats.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Tells the watchdog that the threads work, for ever: that of the caller, as this goes on, and the second one
    /// where there is one. Whichever is stuck, the watchdog gets no more.
    pub(in crate::appliance) async fn feed(&self, is_second: bool) {
        let Some(every) = self.every() else {
            return std::future::pending().await;
        };
        let mut seen = None;
        loop {
            let beats = self.beats.load(Ordering::Relaxed);
            if !is_second || seen != Some(beats) {
                self.tell("WATCHDOG=1");
            }
            seen = Some(beats);
            Timer::after(every).await;
        }
    }

    fn every(&self) -> Option<Duration> {
        self.watchdog.map(|bites| bites / LOOKS)
    }

    fn tell(&self, message: &str) {
        let told = self.socket.as_ref().map(|socket| socket.send(message.as_bytes()));
        if let Some(Err(error)) = told {
            log::warning(&format!("the service manager does not hear: {error}"));
        }
    }
}

/// The processor time of this process.
fn worked() -> Duration {
    clock_gettime(ClockId::ProcessCPUTime).try_into().unwrap_or_default()
}

/// A name that begins with `@` is abstract: no file.
#[expect(
    clippy::disallowed_methods,
    reason = "the manager's socket is named by the environment"
)]
fn reached() -> std::io::Result<Option<UnixDatagram>> {
    let Some(name) = std::env::var_os("NOTIFY_SOCKET").filter(|name| !name.is_empty()) else {
        return Ok(None);
    };
    let address = match name.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name),
        None => SocketAddr::from_pathname(&name),
    };
    let socket = UnixDatagram::unbound()?;
    socket.set_write_timeout(Some(PATIENCE))?;
    socket.connect_addr(&address?)?;
    Ok(Some(socket))
}

/// After how long without news the manager ends this process (sd_watchdog_enabled(3)).
#[expect(clippy::disallowed_methods, reason = "the watchdog is set by the environment")]
fn watchdog() -> Option<Duration> {
    let read = |name| std::env::var(name).ok()?.parse::<u64>().ok();
    let is_for_us =
        std::env::var_os("WATCHDOG_PID").is_none() || read("WATCHDOG_PID") == Some(std::process::id().into());
    let bites = read("WATCHDOG_USEC").filter(|bites| is_for_us && *bites > 0);
    bites.map(Duration::from_micros)
}
