//! The edge, by real sockets on the loopback: what it answers, what it refuses, and what it lets nobody take.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::disallowed_methods,
    missing_docs,
    unreachable_pub,
    reason = "in a test a panic is the report, and the clock is what it measures"
)]

#[path = "wire/bounds.rs"]
mod bounds;
#[path = "wire/fuzz.rs"]
mod fuzz;
#[path = "wire/house.rs"]
mod house;
#[path = "wire/leaving.rs"]
mod leaving;
#[path = "wire/requests.rs"]
mod requests;
#[path = "wire/secure.rs"]
mod secure;
