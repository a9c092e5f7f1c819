//! Why a socket cannot be opened where it should be.

use std::io;
use std::io::ErrorKind::{AddrInUse, AddrNotAvailable, PermissionDenied};

/// In words for whoever chose the place.
pub fn why_unbound(error: &io::Error) -> String {
    let known = [
        (AddrInUse, "another program is using it"),
        (AddrNotAvailable, "this machine has no such address"),
        (PermissionDenied, "this user may not open ports below 1024"),
    ];
    let reason = known.iter().find(|(kind, _)| *kind == error.kind());
    reason.map_or_else(|| error.to_string(), |(_, reason)| (*reason).to_owned())
}
