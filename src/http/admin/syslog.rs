//! The office's log server.

use serde::{Deserialize, Serialize};

use crate::http::front::call::Call;
use crate::http::front::reply::{self, Answer};
use crate::office::Office;
use crate::rules::office::syslog::{self, Syslog, Transport, Typed};
use crate::rules::text::domain_shown;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    server: String,
    port: u16,
    transport: Transport,
    roots: Option<String>,
}

#[derive(Serialize)]
struct LogServerJson {
    syslog: Option<SyslogJson>,
    /// Since when it is not reached, in seconds since 1970; none: it is, or none is set.
    missing_since: Option<u64>,
    /// Why not, in words.
    said: Option<String>,
    /// Lines since the start that were not sent any more.
    lost: u64,
}

#[derive(Serialize)]
struct SyslogJson {
    server: String,
    port: u16,
    transport: Transport,
    roots: Option<String>,
}

impl From<Syslog> for SyslogJson {
    fn from(syslog: Syslog) -> Self {
        Self {
            server: domain_shown(&syslog.server),
            port: syslog.port,
            transport: syslog.transport,
            roots: syslog.roots,
        }
    }
}

/// The log server as it is set, and how it is reached.
pub async fn show(call: Call) -> Answer {
    shown(call.office())
}

fn shown(office: &Office) -> Answer {
    let syslog = office.store.read(|facts| facts.syslog())?;
    let state = office.watch.log_server();
    let (since, said) = state.missing.unzip();
    Ok(reply::json(&LogServerJson {
        missing_since: since.map(|since| since.0),
        said,
        lost: state.lost,
        syslog: syslog.map(Into::into),
    }))
}

/// Sets it. What is written from now on is sent there.
pub async fn set(call: Call) -> Answer {
    let said: Set = call.message()?;
    let office = call.office();
    let typed = Typed {
        server: said.server,
        port: said.port,
        transport: said.transport,
        roots: said.roots,
    };
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, _| {
        Ok(syslog::set(typed, facts.syslog()?.as_ref()).into())
    });
    turn.await??;
    shown(office)
}

/// Sends no more.
pub async fn remove(call: Call) -> Answer {
    let office = call.office();
    let turn = office.store.turn(call.actor(), office.moment(), |facts, _| {
        Ok(syslog::remove(facts.syslog()?.as_ref()).into())
    });
    turn.await??;
    Ok(reply::done())
}
