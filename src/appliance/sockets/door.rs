//! The sockets of HTTP's doors.

use std::net::{SocketAddr, TcpListener};

use crate::appliance::cannot_start::CannotStart;
use crate::appliance::flags::Listen;
use crate::net::unbound::why_unbound;

/// The socket that was handed over, unless the door is to be shut; else a new one.
pub(in crate::appliance) fn door(
    handed: Option<TcpListener>,
    flag: Option<Listen>,
    usual: &str,
    name: &str,
) -> Result<Option<TcpListener>, CannotStart> {
    if handed.is_some() {
        return Ok(handed.filter(|_| !matches!(flag, Some(Listen::Off))));
    }
    let wanted = match flag {
        Some(listen) => listen,
        None => {
            Listen::parse(usual).ok_or_else(|| format!("the board's address for {name} cannot be read: {usual}"))?
        }
    };
    let Listen::At(address) = wanted else { return Ok(None) };
    TcpListener::bind(address)
        .map(Some)
        .map_err(|error| why_not(address, name, &error).into())
}

fn why_not(address: SocketAddr, name: &str, error: &std::io::Error) -> String {
    let reason = why_unbound(error);
    format!("{name} cannot be served at {address}: {reason}; choose another with --{name} ADDR:PORT")
}
