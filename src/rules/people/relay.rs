//! The office's mail server: the one that letters are handed to.

use serde::{Deserialize, Serialize};

use crate::rules::certificates::pasted;
use crate::rules::id::Email;
use crate::rules::moment::Fresh;
use crate::rules::secret::{SealKey, Sealed};
use crate::rules::verdict::{Change, Refusal};

/// How the line to the server is kept from listeners.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// TLS from the first byte (RFC 8314 §3.3).
    Tls,
    /// STARTTLS (RFC 3207), and nothing without it.
    StartTls,
    /// In the clear: for a server on this machine or an office LAN that nobody listens on.
    None,
}

/// The mail server as an administrator set it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relay {
    /// A host name or an address.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// How the line is secured.
    pub security: Security,
    /// How we sign in there, if at all.
    pub login: Option<Login>,
    /// Whom letters come from.
    pub sender: Email,
    /// Certificates (PEM) that the server's must lead to; `None`: the system's.
    pub roots: Option<String>,
}

/// A name and password at the mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The name.
    pub username: String,
    /// The password, sealed.
    pub password: Sealed,
}

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

const PURPOSE: &str = "mail password";

/// Judges what was typed; `kept` is the relay so far, whose password stays if none was typed and
/// nothing else of how it is reached has changed.
pub fn set(
    typed: Typed,
    kept: Option<Relay>,
    key: &SealKey,
    fresh: &mut Fresh,
) -> Result<(Relay, Vec<Change>), Refusal> {
    let server = typed.server.trim().trim_matches(['[', ']']).to_ascii_lowercase();
    let is_address = server.parse::<std::net::IpAddr>().is_ok();
    let is_name = (1..=253).contains(&server.len())
        && server.split('.').all(|label| {
            !label.is_empty() && label.len() <= 63 && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        });
    if !is_address && !is_name {
        return Err(Refusal::Field(
            "server",
            "A mail server is a host name like mail.example.org, or an IP address.",
        ));
    }
    if typed.port == 0 {
        return Err(Refusal::Field(
            "port",
            "A port is a number from 1 to 65535; usual are 465, 587 and 25.",
        ));
    }
    let sender = Email::parse(&typed.sender).map_err(|_| {
        Refusal::Field(
            "sender",
            "That is not an e-mail address. One looks like pbx@example.org.",
        )
    })?;
    let username = typed
        .username
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty());
    if username
        .as_ref()
        .is_some_and(|name| name.len() > 254 || name.chars().any(char::is_control))
    {
        return Err(Refusal::Field(
            "username",
            "That name is too long, or has characters that no mail server takes.",
        ));
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
            return Err(Refusal::Field(
                "password",
                "That password is too long. Use at most 512 characters.",
            ));
        }
        (Some(_), None, Some(kept)) => Some(kept),
        (Some(_), None, None) => {
            return Err(Refusal::Field(
                "password",
                "Type the password that goes with the name; the one that is kept is for the server as it was.",
            ));
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
    Ok((relay.clone(), vec![Change::RelaySet(relay)]))
}

impl Login {
    /// The password in the clear; `None` if the key is another one.
    pub fn password(&self, key: &SealKey) -> Option<zeroize::Zeroizing<String>> {
        let bytes = key.open(PURPOSE, &[], &self.password)?;
        String::from_utf8(bytes.to_vec()).ok().map(zeroize::Zeroizing::new)
    }
}
