//! The office's mail server: the one that letters are handed to.

pub mod record;

use crate::rules::certificates::pasted;
use crate::rules::change::{Change, LettersChange};
use crate::rules::id::Email;
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::moment::Fresh;
use crate::rules::refusal::Refusal;
use crate::rules::secret::SealKey;
use crate::rules::text::{self, breaks_line, visible};
use record::PURPOSE;
pub use record::*;

/// What an administrator typed.
pub struct Typed {
    /// See [`Relay::server`].
    pub server: String,
    /// See [`Relay::port`].
    pub port: u16,
    /// See [`Relay::security`].
    pub security: Security,
    /// Empty or absent: no sign-in.
    pub username: Option<String>,
    /// Absent: the one that is kept.
    pub password: Option<String>,
    /// See [`Relay::sender`].
    pub sender: String,
    /// Empty or absent: the system's.
    pub roots: Option<String>,
}

/// Judges what was typed; `kept` is the relay so far, whose password stays if none was typed and
/// nothing else of how it is reached has changed.
pub fn set(
    typed: Typed,
    kept: Option<Relay>,
    key: &SealKey,
    fresh: &mut Fresh,
) -> Result<(Relay, Vec<Change>), Invalid> {
    let server = server(&typed.server).ok_or(Invalid::new(Field::Server, Why::NotServer))?;
    if typed.port == 0 {
        return Err(Invalid::new(Field::Port, Why::NotPort));
    }
    let sender = Email::parse(&typed.sender).map_err(|_| Invalid::new(Field::Sender, Why::NotEmail))?;
    let username = typed
        .username
        .map(|name| visible(&name))
        .filter(|name| !name.is_empty());
    if username
        .as_ref()
        .is_some_and(|name| name.len() > 254 || breaks_line(name))
    {
        return Err(Invalid::new(Field::Username, Why::UnusableLogin));
    }
    let roots = typed.roots.filter(|pem| !pem.trim().is_empty());
    // A password is never shown, so it may not be sent to another server either, or by a less careful way.
    let kept = kept.filter(|kept| {
        (&kept.server, kept.port, kept.security, &kept.roots) == (&server, typed.port, typed.security, &roots)
            && kept.login.as_ref().map(|login| &login.username) == username.as_ref()
    });
    let login = match (username, typed.password, kept.and_then(|kept| kept.login)) {
        (None, _, _) => None,
        (Some(username), Some(password), _) if password.len() <= 512 => {
            let password = key.seal(PURPOSE, &[], password.as_bytes(), fresh);
            Some(Login { username, password })
        }
        (Some(_), Some(_), _) => {
            return Err(Invalid::new(Field::Password, Why::TooLong));
        }
        (Some(_), None, Some(kept)) => Some(kept),
        (Some(_), None, None) => {
            return Err(Invalid::new(Field::Password, Why::PasswordMissing));
        }
    };
    if let Some(pem) = &roots {
        pasted::parse(pem)?;
    }
    let relay = Relay {
        server,
        port: typed.port,
        security: typed.security,
        login,
        sender,
        roots,
    };
    Ok((relay.clone(), vec![Change::Letters(LettersChange::RelaySet(relay))]))
}

/// Forgets the mail server. Letters that wait are kept for the next one.
pub fn remove(kept: Option<&Relay>) -> Result<((), Vec<Change>), Refusal> {
    kept.ok_or(Refusal::NotFound)?;
    Ok(((), vec![LettersChange::RelayRemoved.into()]))
}

/// A server as the network knows it: an address, or a host name in ASCII (underscores are no part of one).
fn server(typed: &str) -> Option<String> {
    let typed = visible(typed);
    let typed = typed.trim_matches(['[', ']']);
    match typed.parse::<std::net::IpAddr>() {
        Ok(_) => Some(typed.to_ascii_lowercase()),
        Err(_) => text::domain_on_the_wire(typed),
    }
}
