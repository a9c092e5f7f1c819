//! Sockets, opened where the flags say.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};

use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, listen, socket_with, sockopt};

use super::limits;
use crate::net::unbound::why_unbound;
use crate::sip::stack::{Listener, Transport};

/// Where phones are served: with `None`, not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places {
    /// UDP and TCP.
    pub plain: Option<SocketAddr>,
    /// TLS.
    pub secure: Option<SocketAddr>,
}

impl Places {
    /// The sockets that these places make, those of TLS first, so that the others can be left out without another
    /// number for one that stays.
    #[must_use]
    pub fn listeners(self, tls_only: bool) -> Vec<Listener> {
        let secure = self.secure.map(|place| (Transport::Tls, place));
        let plain = self.plain.filter(|_| !tls_only);
        let udp = plain.map(|place| (Transport::Udp, place));
        let tcp = plain.map(|place| (Transport::Tcp, place));
        let each = [secure, udp, tcp].into_iter().flatten();
        each.flat_map(|(transport, place)| families(place).map(move |local| Listener { transport, local }))
            .collect()
    }
}

/// An unspecified address of either family means all addresses of both.
fn families(place: SocketAddr) -> impl Iterator<Item = SocketAddr> {
    let everywhere = [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)];
    let ips = if place.ip().is_unspecified() {
        everywhere.to_vec()
    } else {
        vec![place.ip()]
    };
    ips.into_iter().map(move |ip| SocketAddr::new(ip, place.port()))
}

/// A socket that is open.
#[derive(Debug)]
pub(super) enum Socket {
    Datagrams(UdpSocket),
    Streams(TcpListener),
}

/// Sockets that somebody else has opened for phones. They stay open while phones are off, as they are not ours to open
/// again.
#[derive(Debug, Default)]
pub struct Handed(Vec<(Listener, Socket)>);

impl Handed {
    /// Takes one for UDP. Where it is.
    ///
    /// # Errors
    /// The system's.
    pub fn datagrams(&mut self, socket: UdpSocket) -> io::Result<SocketAddr> {
        let local = socket.local_addr()?;
        sockopt::set_socket_recv_buffer_size(&socket, limits::KERNEL_QUEUE)?;
        self.keep(Transport::Udp, local, Socket::Datagrams(socket));
        Ok(local)
    }

    /// Takes one for TCP, or for TLS. Where it is.
    ///
    /// # Errors
    /// The system's.
    pub fn streams(&mut self, socket: TcpListener, is_tls: bool) -> io::Result<SocketAddr> {
        let transport = if is_tls { Transport::Tls } else { Transport::Tcp };
        let local = socket.local_addr()?;
        self.keep(transport, local, Socket::Streams(socket));
        Ok(local)
    }

    fn keep(&mut self, transport: Transport, local: SocketAddr, socket: Socket) {
        self.0.push((Listener { transport, local }, socket));
    }

    /// The one for that listener, if there is one, once more.
    fn open(&self, listener: &Listener) -> Option<io::Result<Socket>> {
        let (_, socket) = self.0.iter().find(|(known, _)| known == listener)?;
        Some(match socket {
            Socket::Datagrams(socket) => socket.try_clone().map(Socket::Datagrams),
            Socket::Streams(socket) => socket.try_clone().map(Socket::Streams),
        })
    }
}

/// Whether all sockets of these places can be opened now, or were handed over; they are closed again.
///
/// # Errors
/// One sentence.
pub fn can_be_opened(places: Places, handed: &Handed) -> Result<(), String> {
    let all = places.listeners(false);
    all.iter().try_for_each(|listener| open(listener, handed).map(drop))
}

/// Opens a socket, or takes the one that was handed over. None: this machine has no addresses of the family.
///
/// # Errors
/// One sentence.
pub(super) fn open(listener: &Listener, handed: &Handed) -> Result<Option<Socket>, String> {
    match handed.open(listener).unwrap_or_else(|| try_open(listener)) {
        Ok(socket) => Ok(Some(socket)),
        Err(error) if listener.local.ip() == IpAddr::V6(Ipv6Addr::UNSPECIFIED) && is_without_ipv6(&error) => Ok(None),
        Err(error) => Err(why_not(listener, &error)),
    }
}

/// `EAFNOSUPPORT` where the kernel has no IPv6, `EADDRNOTAVAIL` where it is turned off.
fn is_without_ipv6(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::AddrNotAvailable
        || error.raw_os_error() == Some(rustix::io::Errno::AFNOSUPPORT.raw_os_error())
}

fn try_open(listener: &Listener) -> io::Result<Socket> {
    let family = match listener.local {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    };
    let kind = match listener.transport {
        Transport::Udp => SocketType::DGRAM,
        Transport::Tcp | Transport::Tls => SocketType::STREAM,
    };
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(family, kind, flags, None)?;
    if listener.local.is_ipv6() {
        sockopt::set_ipv6_v6only(&socket, true)?;
    }
    if listener.transport == Transport::Udp {
        sockopt::set_socket_recv_buffer_size(&socket, limits::KERNEL_QUEUE)?;
        bind(&socket, &listener.local)?;
        return Ok(Socket::Datagrams(socket.into()));
    }
    // Else the port is taken for a minute after a stop, by connections that are gone.
    sockopt::set_socket_reuseaddr(&socket, true)?;
    bind(&socket, &listener.local)?;
    listen(&socket, 1024)?;
    Ok(Socket::Streams(socket.into()))
}

fn why_not(listener: &Listener, error: &io::Error) -> String {
    let reason = why_unbound(error);
    let flag = match listener.transport {
        Transport::Udp | Transport::Tcp => "sip",
        Transport::Tls => "sips",
    };
    format!(
        "phones cannot be served at {} over {}: {reason}; choose another place with --{flag} ADDR:PORT",
        listener.local,
        listener.transport.via()
    )
}
