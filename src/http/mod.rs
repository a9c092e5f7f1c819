//! SPEAKS. HTTP in, one turn, HTTP out. tide's router behind an accept loop of our own; nothing below knows of either.

pub mod account;
pub mod admin;
pub mod devices;
pub mod edge;
pub mod front;
pub mod provision;
pub mod sign_in;
pub mod welcome;
