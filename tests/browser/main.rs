//! A real Chromium in front of the built binary: what people do, end to end, with WebDriver's virtual authenticator in
//! the place of their finger. Needs Debian's `chromium`, `chromium-driver` and `faketime`, which `tests/run` installs.
//! `firefox.rs` takes Debian's `firefox-esr`, and the geckodriver that `.ci/crate` makes.
#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "a test waits by the clock")]

mod account;
mod administrators;
mod appliance;
mod backups;
mod camera;
mod certificate;
mod chromedriver;
mod clock;
mod driver;
mod examples;
mod facts;
mod failures;
mod field;
mod firefox;
mod first_run;
mod import;
mod in_between;
mod journal;
mod kept;
#[path = "../it/left_out.rs"]
#[allow(unreachable_pub, reason = "shared with other targets")]
mod left_out;
mod letters;
mod local_network;
mod lock_out;
mod look;
#[path = "../it/mailbox.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "shared with another target, which uses all of it"
)]
mod mailbox;
mod managers;
mod moving;
mod office_ca;
mod out_of_box;
mod passkeys;
mod people;
mod phones;
mod quiet;
mod renewed;
mod sentences;
mod settings;
mod signals;
mod steps;
mod tail;
#[path = "../it/wait.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "shared with another target, which uses all of it"
)]
mod wait;
mod watch;
