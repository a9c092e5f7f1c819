//! What those who watch the appliance read.

use super::{Facts, Fault, tables};
use crate::rules::office::metrics::Metrics;
use crate::rules::office::syslog::Syslog;

/// How much there is of what. Counted by the store; no row is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// People and administrators.
    pub accounts: u64,
    /// Passkeys.
    pub passkeys: u64,
    /// Sessions, with those that are over and not swept yet.
    pub sessions: u64,
    /// Links that are out, with those that are over and not swept yet.
    pub links: u64,
    /// Desk phones, apps and shared desks.
    pub devices: u64,
    /// Letters in the outbox, waiting or given up.
    pub letters: u64,
    /// Lines of the journal.
    pub lines: u64,
}

impl Facts<'_> {
    /// To whom numbers are given out; `None`: to nobody.
    pub fn metrics(&self) -> Result<Option<Metrics>, Fault> {
        self.0.meta.row(tables::META_METRICS)
    }

    /// Where the journal's lines are sent; `None`: nowhere.
    pub fn syslog(&self) -> Result<Option<Syslog>, Fault> {
        self.0.meta.row(tables::META_SYSLOG)
    }

    /// The number of the journal's newest line.
    pub fn newest_line(&self) -> Result<Option<u64>, Fault> {
        self.0.journal.last_number()
    }

    /// How much there is.
    pub fn amounts(&self) -> Result<Amounts, Fault> {
        Ok(Amounts {
            accounts: self.0.accounts.len()?,
            passkeys: self.0.passkeys.len()?,
            sessions: self.0.sessions.len()?,
            links: self.0.invites.len()?,
            devices: self.0.devices.len()?,
            letters: self.0.outbox.len()?,
            lines: self.0.journal.len()?,
        })
    }
}
