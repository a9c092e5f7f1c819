//! Certificates and names on the LAN, before other people's programs: OpenSSL, GnuTLS, Mbed TLS, Chromium, avahi. What
//! is not installed is said and skipped: `openssl gnutls-bin libmbedtls-dev gcc chromium libnss3-tools python3
//! avahi-utils avahi-daemon dbus curl faketime pebble`. `lan.rs`,
//! `reached.rs`, `twins.rs` and `flood.rs` take root and ip.
#![cfg(test)]
#![allow(clippy::type_complexity, reason = "a table of cases is read as a table")]
#![allow(clippy::disallowed_methods, reason = "a test waits by the clock")]

mod acme;
mod authority;
mod chain;
mod chromium;
mod elsewhere;
mod flood;
mod inspect;
mod killed;
mod lan;
mod lasting;
mod leaf;
#[path = "../it/left_out.rs"]
#[allow(unreachable_pub, reason = "shared with other targets")]
mod left_out;
mod live;
mod names;
mod own;
mod profile;
#[path = "../it/program.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "shared with another target, which uses all of it"
)]
mod program;
mod reached;
mod twins;
mod verifiers;
#[path = "../it/wait.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "shared with another target, which uses all of it"
)]
mod wait;
mod wire;
mod world;
