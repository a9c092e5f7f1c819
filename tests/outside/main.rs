//! Linekey among other people's programs: a real mail server, real proxies in front, and strace to cut its life short.
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

mod apart;
#[path = "../it/authenticator.rs"]
mod authenticator;
mod backup;
mod bucket;
#[path = "../it/bucket_server.rs"]
mod bucket_server;
mod button;
mod curl;
mod date;
mod dateless;
mod doubtful;
mod examples;
mod flash;
mod flood;
mod front;
mod full;
mod house;
mod killed;
#[path = "../it/left_out.rs"]
mod left_out;
mod letters;
mod mail_tls;
mod moods;
#[path = "../it/program.rs"]
mod program;
mod proxy;
mod readonly;
mod refusals;
mod reset;
mod siege;
mod spare;
mod stick;
mod syslog;
mod table;
#[path = "../it/wait.rs"]
mod wait;
