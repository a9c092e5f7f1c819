//! Linekey as it is installed: what it tells a service manager, its unit under a real systemd in namespaces of the
//! test's own, its Debian package from the first installation to the purge, its image, and its manual page.
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

mod arm;
mod credential;
mod deb;
mod handed;
#[path = "../outside/house.rs"]
mod house;
mod image;
#[path = "../it/left_out.rs"]
mod left_out;
mod machine;
mod notify;
mod openrc;
mod papers;
#[path = "../it/program.rs"]
mod program;
mod unit;
#[path = "../it/wait.rs"]
mod wait;
