//! The appliance's name on the LAN: multicast DNS (RFC 6762).

pub mod addresses;
pub mod announcer;
