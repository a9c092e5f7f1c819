//! TELLS. Letters: their words, and the postman who carries them from the outbox to the office's mail server.

pub mod letter;
pub mod postman;
mod smtp;
mod words;
