//! The office's log server: it is sent what the journal and the log say.

pub mod message;
pub mod record;

use crate::rules::certificates::pasted;
use crate::rules::change::{Change, OfficeChange};
use crate::rules::id::server;
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::refusal::Refusal;
pub use record::*;

/// What an administrator typed.
pub struct Typed {
    /// See [`Syslog::server`].
    pub server: String,
    /// See [`Syslog::port`].
    pub port: u16,
    /// See [`Syslog::transport`].
    pub transport: Transport,
    /// Empty or absent: the system's.
    pub roots: Option<String>,
}

/// Judges what was typed. The same again writes nothing.
///
/// # Errors
/// The field that does not hold.
pub fn set(typed: Typed, kept: Option<&Syslog>) -> Result<((), Vec<Change>), Invalid> {
    let server = server(&typed.server).map_err(|wrong| Invalid::new(Field::Server, Why::NotLogServer(wrong)))?;
    if typed.port == 0 {
        return Err(Invalid::new(Field::Port, Why::NotLogPort));
    }
    let roots = typed.roots.filter(|pem| !pem.trim().is_empty());
    if let Some(pem) = &roots {
        pasted::judged(pem)?;
    }
    let syslog = Syslog {
        server,
        port: typed.port,
        transport: typed.transport,
        roots,
    };
    let change = (kept != Some(&syslog)).then(|| OfficeChange::SyslogSet(syslog).into());
    Ok(((), change.into_iter().collect()))
}

/// Sends no more.
///
/// # Errors
/// [`Refusal::NotFound`]: nothing is sent.
pub fn remove(kept: Option<&Syslog>) -> Result<((), Vec<Change>), Refusal> {
    kept.ok_or(Refusal::NotFound)?;
    Ok(((), vec![OfficeChange::SyslogUnset.into()]))
}
