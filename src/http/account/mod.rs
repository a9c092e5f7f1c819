//! Accounts: one's own, and those that administrators look after.

pub mod accounts;
pub mod administrators;
pub mod lost;
pub mod me;
pub mod passkeys;
pub mod people;
pub mod sessions;
pub mod tag;
