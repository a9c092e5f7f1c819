//! The office's rules about people: who they are, how they come in, how long they stay.

pub mod account;
pub mod browser;
pub mod common_passwords;
pub mod import;
pub mod invite;
pub mod language;
pub mod letter;
pub mod one_time;
pub mod passkey;
pub mod password;
pub mod reach;
pub mod recovery;
pub mod relay;
pub mod rescue;
pub mod roster;
pub mod session;
pub mod settings;
pub mod sign_in;
pub mod sweep;
pub mod ways_in;
