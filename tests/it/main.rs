//! Linekey as its users meet it: whole requests against the whole server, over a store in memory, with the clock and
//! the dice in the test's hand. See `tests/README.md` for what each file proves.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    missing_docs,
    unreachable_pub,
    reason = "in a test a panic is the report, and the world's helpers are read beside the tests that use them"
)]

mod administrators;
mod alarms;
mod authenticator;
mod backup;
mod boot;
mod browser;
mod bucket;
mod bucket_server;
mod ceremony;
mod commits;
mod dateless;
mod devices;
mod disk;
mod fields;
mod first_links;
mod flags;
mod flash;
mod flipped;
mod golden;
mod guesses;
mod hand;
mod hashes;
mod headings;
mod house;
mod languages;
mod left_out;
mod links;
mod mailbox;
mod makers;
mod managers;
mod metrics;
mod moving;
mod noted;
mod office;
mod one_time;
mod openapi;
mod outbox;
mod pages;
mod passwords;
mod people;
mod places;
mod postman;
mod program;
mod programs;
mod prompt;
mod proof;
mod provision;
mod proxies;
mod quiet;
mod reach;
#[path = "../provisioning/reader.rs"]
mod reader;
mod record;
mod recovery;
mod restored;
mod reticence;
mod rubbish;
mod scale;
mod scheduled;
mod schema;
mod sessions;
mod signals;
mod size;
mod spelling;
mod stale;
mod start;
mod steps;
mod table;
mod throttle;
mod tickets;
mod together;
mod told;
mod trouble;
mod turns;
mod unanswered;
mod unnamed;
mod upgrade;
mod wait;
mod wall;
mod year;
