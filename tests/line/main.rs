//! The line: the built program with phones turned on, on real sockets, and other people's phones (baresip, sipp) on it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "in a test a panic is the report; the modules are shared with other targets, which use all of them"
)]

mod calls;
mod changed;
mod desks;
mod doors;
mod found_again;
mod handset;
#[path = "../outside/house.rs"]
mod house;
mod lamps;
#[path = "../it/left_out.rs"]
mod left_out;
mod line;
mod lossy;
mod phone;
mod plug_and_play;
#[path = "../it/program.rs"]
mod program;
mod records;
mod relay;
mod renewal;
mod seen;
mod together;
mod trusting;
#[path = "../it/wait.rs"]
mod wait;
