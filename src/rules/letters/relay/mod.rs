//! The office's mail server: the one that letters are handed to.

pub mod record;

use crate::rules::certificates::pasted;
use crate::rules::change::{Change, LettersChange};
use crate::rules::id::{Email, server};
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::moment::Fresh;
use crate::rules::office::difference::Difference;
use crate::rules::refusal::Refusal;
use crate::rules::secret::SealKey;
use crate::rules::text::{breaks_line, visible};
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
    let server = server(&typed.server).map_err(|wrong| Invalid::new(Field::Server, Why::NotServer(wrong)))?;
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
    let before = kept.clone();
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
        pasted::judged(pem)?;
    }
    let relay = Relay {
        server,
        port: typed.port,
        security: typed.security,
        login,
        sender,
        roots,
    };
    let altered = before.map(|before| difference(&before, &relay)).unwrap_or_default();
    Ok((relay.clone(), vec![LettersChange::RelaySet(relay, altered).into()]))
}

/// Under the names that the API has for them. Of the password and the certificates only that they are others.
fn difference(before: &Relay, after: &Relay) -> Difference {
    let word = |security: Security| match security {
        Security::Tls => "tls",
        Security::StartTls => "starttls",
        Security::None => "none",
    };
    let username = |relay: &'_ Relay| relay.login.as_ref().map(|login| login.username.clone());
    let password = |relay: &'_ Relay| relay.login.as_ref().map(|login| login.password.clone());
    Difference::default()
        .between("server", &before.server, &after.server)
        .between("port", &before.port, &after.port)
        .between("security", &word(before.security), &word(after.security))
        .between_options("username", username(before).as_ref(), username(after).as_ref())
        .altered("password", &password(before), &password(after))
        .between("sender", &before.sender, &after.sender)
        .altered("certificates", &before.roots, &after.roots)
}

/// Forgets the mail server. Letters that wait are kept for the next one.
pub fn remove(kept: Option<&Relay>) -> Result<((), Vec<Change>), Refusal> {
    kept.ok_or(Refusal::NotFound)?;
    Ok(((), vec![LettersChange::RelayRemoved.into()]))
}
