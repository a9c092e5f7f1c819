//! The office as a whole: its settings, its journal, its upkeep.

pub mod backup;
pub mod button;
pub mod consequences;
pub mod date;
pub mod difference;
pub mod journal;
pub mod metrics;
pub mod moving;
pub mod named;
pub mod rescue;
pub mod restored;
pub mod schedule;
pub mod settings;
pub mod sweep;
pub mod syslog;
pub mod tenure;
pub mod time_servers;
pub mod twin;
pub mod upkeep;
