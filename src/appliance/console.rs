//! What the owner sees at the start.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::os::unix::fs::MetadataExt;

use super::cannot_start::CannotStart;
use super::one_time::{Armed, MadePassword};
use crate::http::front::qr;
use crate::office::Site;

/// Whether standard error is a stream of systemd's journal: `JOURNAL_STREAM` names its device and inode, and may be
/// inherited by a program whose output goes elsewhere (systemd.exec(5)).
#[expect(
    clippy::disallowed_methods,
    reason = "the journal's stream is named by the environment"
)]
pub(super) fn is_journals() -> bool {
    let Some(stream) = std::env::var_os("JOURNAL_STREAM") else {
        return false;
    };
    let ours = std::fs::metadata("/proc/self/fd/2").map(|here| format!("{}:{}", here.dev(), here.ino()));
    ours.is_ok_and(|ours| stream == *ours)
}

/// Prints where to go, and the one-time password if one was made. A console that is closed is no reason to stop.
pub(super) fn greet(site: &Site, armed: &Armed, fingerprint: Option<&str>) {
    let mut text = format!("Linekey is ready at {}\n", site.origin);
    if let Some(fingerprint) = fingerprint {
        text.push_str(&format!(
            "Its office CA has the SHA-256 fingerprint\n    {fingerprint}\n"
        ));
    }
    match armed {
        Armed::Made(MadePassword { username, password }) => {
            text.push_str("\nNobody administers it yet. Sign in once with\n\n");
            text.push_str(&format!(
                "    name      {username}\n    password  {}\n\n",
                password.as_str()
            ));
            text.push_str("and make a passkey; the password works this one time only.\n");
        }
        Armed::FlagsAgain(username) => text.push_str(&format!(
            "\nNobody can administer it: no administrator has a passkey or a password. The one-time password of the \
                start-up\n\
             flags works once more, with the name {username}. Sign in and make a passkey.\n"
        )),
        Armed::Flags(username) => text.push_str(&format!(
            "\nThe one-time password of the start-up flags (or of the board) works once, with the name {username}.\n\
             Sign in and make a passkey.\n"
        )),
        Armed::Spent => text.push_str(
            "\nThe one-time password of the start-up flags (or of the board) was used before and signs nobody in.\n\
             Whoever is locked out starts with another one.\n",
        ),
        Armed::Nothing => {}
    }
    if io::stdout().is_terminal()
        && let Some(code) = qr::for_terminal(&site.origin)
    {
        text.push('\n');
        text.push_str(&code);
    }
    say(&text);
}

/// Prints a text to whoever started the program. Nobody may be there any more, and that is no reason to stop.
pub(super) fn say(text: &str) {
    print(text).unwrap_or_default();
}

/// Prints what was asked for.
///
/// # Errors
/// It cannot be written. Whoever has read enough and closed the pipe is no trouble.
pub(super) fn answer(text: &str) -> Result<(), CannotStart> {
    match print(text) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(format!("standard output cannot be written: {error}").into())
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Asks on the terminal, and waits for a line that says yes.
///
/// # Errors
/// The question cannot be shown, or the answer not be read.
pub(super) fn confirmed(question: &str) -> io::Result<bool> {
    print(&format!("{question}\nType yes to go on: "))?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(answer.trim().eq_ignore_ascii_case("yes"))
}

/// Prints a text at once, with no line end of its own.
pub(super) fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush())
}
