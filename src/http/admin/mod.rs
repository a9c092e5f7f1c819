//! The office as a whole: settings, mail, the journal, tables in and out.

pub mod backup;
pub mod backups;
pub mod certificate;
pub mod clock;
pub mod csv;
mod exposition;
pub mod found;
pub mod import;
pub mod journal;
mod line;
pub mod mail;
pub mod metrics;
pub mod name;
pub mod settings;
pub mod syslog;
mod tail;
