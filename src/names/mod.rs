//! The appliance's name on the LAN: multicast DNS (RFC 6762), and what the LAN's own resolver says of it.

pub mod addresses;
pub mod announcer;
mod probe;
pub mod resolver;
