//! Accounts: one's own, and those that administrators look after.

pub mod accounts;
pub mod administrators;
pub mod me;
pub mod passkeys;
pub mod people;
pub mod sessions;
