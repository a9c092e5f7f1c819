//! Secrets that are typed on the terminal, which does not show them: and shows what is typed again, however that ends.

use std::io;
use std::sync::{Mutex, Once, PoisonError};
use std::thread;

use async_signal::{Signal, Signals};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use smol::stream::StreamExt;
use zeroize::Zeroizing;

use super::console;

/// How the terminal was before a question; `None` while nothing is asked.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);
static WATCHED: Once = Once::new();

/// A line from the terminal, which does not show it. Ctrl-C and its kin end the program from then on, with the status
/// that a shell gives to one that a signal ended.
pub(super) fn hidden(question: &str) -> io::Result<Zeroizing<String>> {
    let signals = Signals::new([Signal::Hup, Signal::Int, Signal::Quit, Signal::Term])?;
    console::print(question)?;
    let mut line = Zeroizing::new(String::with_capacity(1024));
    let quiet = Quiet::begin()?;
    let mut watched = Ok(());
    WATCHED.call_once(|| watched = watch(signals));
    watched?;
    let read = io::stdin().read_line(&mut line);
    drop(quiet);
    console::say("\n");
    read?;
    Ok(line)
}

/// Waits for a signal on a thread of its own, for the rest of the program: heard once, a signal has no other effect any
/// more.
fn watch(mut signals: Signals) -> io::Result<()> {
    let waiting = thread::Builder::new().name("signals".into());
    waiting
        .spawn(move || {
            if let Some(Ok(signal)) = smol::block_on(signals.next()) {
                leave(signal);
            }
        })
        .map(drop)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a signal ends an errand where it stands: what it leaves is what a kill leaves"
)]
fn leave(signal: Signal) {
    show();
    console::say("\n");
    // 128 and the signal's number, as shells count (POSIX.1-2024, Shell 2.8.2).
    let known = [(Signal::Hup, 129), (Signal::Quit, 131), (Signal::Term, 143)];
    let status = known.into_iter().find(|(known, _)| *known == signal);
    std::process::exit(status.map_or(130, |(_, status)| status))
}

/// A terminal that does not show what is typed, until dropped.
struct Quiet;

impl Quiet {
    fn begin() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = Some(before);
        let begun = Self;
        tcsetattr(io::stdin(), OptionalActions::Flush, &quiet)?;
        Ok(begun)
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        show();
    }
}

fn show() {
    let before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(before) = before {
        // A terminal that went away shows nothing anyhow.
        tcsetattr(io::stdin(), OptionalActions::Flush, &before).ok();
    }
}
