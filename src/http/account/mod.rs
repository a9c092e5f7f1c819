//! Accounts: one's own, and those that administrators look after. The dispatcher finds out whom a request is about, so
//! what both have in common is written once.

pub mod accounts;
pub mod administrators;
pub mod api;
pub mod links;
pub mod me;
pub mod passkeys;
pub mod passwords;
pub mod people;
pub mod registration;
pub mod sessions;
pub mod tag;
pub mod turn;
