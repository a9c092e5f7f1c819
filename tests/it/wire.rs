//! The edge, by real sockets on the loopback: what it answers, what it refuses, and what it lets nobody take.
#![cfg(test)]
#![allow(
    clippy::as_conversions,
    clippy::disallowed_methods,
    reason = "in a test a panic is the report, and time is measured"
)]
#![allow(missing_docs)]

#[path = "wire/bounds.rs"]
mod bounds;
#[path = "wire/described.rs"]
mod described;
#[path = "wire/fuzz.rs"]
mod fuzz;
#[path = "wire/handshakes.rs"]
mod handshakes;
#[path = "wire/house.rs"]
mod house;
#[path = "wire/leaving.rs"]
mod leaving;
#[path = "wire/phones.rs"]
mod phones;
#[path = "wire/requests.rs"]
mod requests;
#[path = "schema.rs"]
mod schema;
#[path = "wire/secure.rs"]
mod secure;
#[allow(
    dead_code,
    unreachable_pub,
    reason = "shared with other targets, which use all of it"
)]
#[path = "wait.rs"]
mod wait;
