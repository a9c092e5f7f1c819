//! What runs beside the serving: writing down uses, sweeping, backups that are due, lines for the log server, the
//! measuring of password checks.

pub(super) mod backups;
mod refusals;
pub mod sweep;
pub(super) mod syslog;
pub(super) mod tune;
