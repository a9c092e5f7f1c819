//! Sockets that the service manager has opened already (sd_listen_fds(3)). `LISTEN_FDNAMES` says what each is for:
//! `http`, `https`, `sip` (UDP or TCP) or `sips`.

use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsFd, AsRawFd};
use std::process::Command;
use std::sync::atomic::{AtomicI32, Ordering};

use listenfd::ListenFd;
use rustix::io::{FdFlags, fcntl_dupfd_cloexec, fcntl_setfd};

use crate::appliance::cannot_start::CannotStart;
use crate::phones::sockets::Handed as HandedToPhones;

/// What was handed over.
#[derive(Default)]
pub(in crate::appliance) struct Handed {
    pub(in crate::appliance) http: Option<TcpListener>,
    pub(in crate::appliance) https: Option<TcpListener>,
    pub(in crate::appliance) phones: HandedToPhones,
    /// Where the first one named `sip` is.
    pub(in crate::appliance) sip: Option<SocketAddr>,
    /// Where the first one named `sips` is.
    pub(in crate::appliance) sips: Option<SocketAddr>,
}

/// The number of the first of the copies that outlive this program; 0: none.
static COPIES: AtomicI32 = AtomicI32::new(0);
/// Where copies begin: above whatever was open at the start.
const ABOVE: i32 = 200;

/// Copies a socket for the program that this one may become, which takes them all, one behind the other.
fn copy(socket: impl AsFd) -> std::io::Result<()> {
    let copy = fcntl_dupfd_cloexec(socket, ABOVE)?;
    fcntl_setfd(&copy, FdFlags::empty())?;
    let first = COPIES.load(Ordering::Relaxed);
    if first == 0 {
        COPIES.store(copy.as_raw_fd(), Ordering::Relaxed);
    }
    // It stays open: it is one of a few, and there is no other way to keep it beyond this program.
    std::mem::forget(copy);
    Ok(())
}

/// What that program is told of them: variables of sd_listen_fds(3), and the first one's number.
pub(in crate::appliance) fn for_the_next(command: &mut Command) {
    let first = COPIES.load(Ordering::Relaxed);
    if first != 0 {
        command.env("LISTEN_FDS", names().split(':').count().to_string());
        command.env("LISTEN_FDS_FIRST_FD", first.to_string());
    }
}

/// Takes what the environment says was handed over.
///
/// # Errors
/// A name that is none of ours, two of one door, and what is no such socket.
pub(in crate::appliance) fn take() -> Result<Handed, CannotStart> {
    let mut sockets = ListenFd::from_env();
    let mut handed = Handed::default();
    let names = names();
    let mut names = names.split(':');
    for index in 0..sockets.len() {
        let name = names.next().unwrap_or_default();
        let unfit = |error: std::io::Error| format!("the socket {name:?} that was handed over cannot be used: {error}");
        match name {
            "http" | "https" => {
                let place = if name == "http" {
                    &mut handed.http
                } else {
                    &mut handed.https
                };
                if place.is_some() {
                    return Err(
                        format!("two sockets named {name:?} were handed over; one for both families does").into(),
                    );
                }
                *place = sockets.take_tcp_listener(index).map_err(unfit)?;
                place.as_ref().map_or(Ok(()), copy).map_err(unfit)?;
            }
            "sip" => {
                let at = match sockets.take_udp_socket(index) {
                    Ok(Some(socket)) => copy(&socket).and_then(|()| handed.phones.datagrams(socket)),
                    _ => match sockets.take_tcp_listener(index).map_err(unfit)? {
                        Some(socket) => copy(&socket).and_then(|()| handed.phones.streams(socket, false)),
                        None => continue,
                    },
                };
                handed.sip = handed.sip.or(Some(at.map_err(unfit)?));
            }
            "sips" => {
                let Some(socket) = sockets.take_tcp_listener(index).map_err(unfit)? else {
                    continue;
                };
                let at = copy(&socket)
                    .and_then(|()| handed.phones.streams(socket, true))
                    .map_err(unfit)?;
                handed.sips = handed.sips.or(Some(at));
            }
            _ => {
                return Err(format!(
                    "a socket named {name:?} was handed over; FileDescriptorName= must be http, https, sip or sips"
                )
                .into());
            }
        }
    }
    Ok(handed)
}

#[expect(clippy::disallowed_methods, reason = "sockets are handed over by the environment")]
fn names() -> String {
    std::env::var("LISTEN_FDNAMES").unwrap_or_default()
}
