//! Letters: what is told to whom by e-mail, by which server, in which language.

pub mod language;
pub mod letter;
pub mod relay;
pub mod sending;
pub mod writer;
