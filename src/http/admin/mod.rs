//! The office as a whole: settings, mail, the journal, tables in and out.

pub mod backup;
pub mod backups;
pub mod certificate;
pub mod clock;
pub mod csv;
pub mod found;
pub mod import;
pub mod journal;
mod line;
pub mod mail;
pub mod name;
pub mod settings;
mod tail;
