//! Certificates and names on the LAN, before other people's programs: OpenSSL, GnuTLS, Mbed TLS, Chromium, avahi. What
//! is not installed is said and skipped: `openssl gnutls-bin libmbedtls-dev gcc chromium libnss3-tools python3
//! avahi-utils`.
#![cfg(test)]
#![allow(clippy::type_complexity, reason = "a table of cases is read as a table")]
#![allow(clippy::disallowed_methods, reason = "a test waits by the clock")]

mod authority;
mod chromium;
mod inspect;
mod leaf;
mod names;
mod profile;
mod verifiers;
mod world;
