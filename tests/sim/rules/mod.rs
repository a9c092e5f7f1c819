//! RFC 3261's rules for registrars and stateful proxies, one message at a time: the ledger names these tests.

mod bench;
mod cancelling;
mod digests;
mod forwarding;
mod inside;
mod reaching;
mod registering;
mod responding;
mod transactions;
mod transport;
mod validating;
mod ways;
