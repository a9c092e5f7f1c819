//! The appliance's name on the LAN: multicast DNS (RFC 6762), what the LAN's own resolver says of it,
//! and other boards of the same office.

pub mod addresses;
pub mod announcer;
mod daemon;
mod probe;
pub mod resolver;
pub mod twins;
