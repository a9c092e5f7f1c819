//! ACME against a real CA: Debian's pebble, with pebble-challtestsrv as its view of the DNS.

mod ca;
mod house;
mod issue;
mod moving;
mod odd;
mod trouble;
mod years;
