//! The office's rules about people: who they are, how they come in, how long they stay.

pub mod access;
pub mod account;
pub mod browser;
pub mod common_passwords;
pub mod import;
pub mod invite;
pub mod one_time;
pub mod passkey;
pub mod password;
pub mod recovery;
pub mod roster;
pub mod session;
pub mod sign_in;
pub mod ways_in;

#[cfg(test)]
mod tests;
