//! Probes (RFC 6762 §8.1): a host that found its name taken says once more that it wanted it, and with which address;
//! the host that has it hears that. Without them only the one that came late would know of the other.
//!
//! Over IPv4 alone. Beside the crate that answers questions, because it tells nobody of those that it hears.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, socket_with, sockopt};
use smol::Async;

/// Where multicast DNS is spoken (RFC 6762 §3).
const GROUP: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 251);
const PORT: u16 = 5353;
/// Octets of the longest message (RFC 6762 §17).
const MESSAGE: usize = 9000;
/// Types and the class of records (RFC 1035 §3.2.2, §3.2.4).
const A: u16 = 1;
const ANY: [u8; 2] = [0, 255];
const IN: [u8; 2] = [0, 1];
/// Seconds that a record of a host's address lives (RFC 6762 §10).
const LIFETIME: u32 = 120;
/// Pointers in one name that are followed: more is a circle.
const POINTERS: usize = 16;

/// Hears what hosts of one name ask before they take it.
pub(super) struct Probes {
    socket: Async<UdpSocket>,
    /// The name's labels as they are sent, in small letters.
    name: Vec<u8>,
}

impl Probes {
    /// Listens for that name (`linekey.local.`) on the networks of these addresses of ours.
    pub(super) fn listen(host: &str, addresses: &[IpAddr]) -> io::Result<Self> {
        // At the group's address, so that what is sent to a host alone still reaches whoever it is for.
        let heard = Self {
            socket: Async::new(shared(GROUP)?)?,
            name: labels(host),
        };
        heard.join(addresses);
        Ok(heard)
    }

    /// Listens on the networks of these addresses too. One that is heard already, or has no multicast, is no trouble.
    pub(super) fn join(&self, addresses: &[IpAddr]) {
        for address in of_ipv4(addresses) {
            drop(self.socket.get_ref().join_multicast_v4(&GROUP, &address));
        }
    }

    /// The addresses of the next host that asks for the name because it wants it.
    pub(super) async fn next(&self) -> io::Result<Vec<IpAddr>> {
        let mut message = vec![0; MESSAGE];
        loop {
            let length = self.socket.recv(&mut message).await?;
            let wanted = message.get(..length).and_then(|message| wanted(message, &self.name));
            if let Some(wanted) = wanted.filter(|wanted| !wanted.is_empty()) {
                return Ok(wanted);
            }
        }
    }
}

/// Says on each network of ours that this host would have the name, with its addresses.
pub(super) fn send(host: &str, addresses: &[IpAddr]) {
    let message = probe(&labels(host), addresses);
    for address in of_ipv4(addresses) {
        // From the address, so that it leaves by that interface; a network without multicast is no trouble.
        let sent = shared(address).and_then(|socket| socket.send_to(&message, (GROUP, PORT)));
        drop(sent);
    }
}

fn of_ipv4(addresses: &[IpAddr]) -> impl Iterator<Item = Ipv4Addr> {
    addresses.iter().filter_map(|address| match address {
        IpAddr::V4(v4) => Some(*v4),
        IpAddr::V6(_) => None,
    })
}

/// A socket on the port that others on this machine use too (RFC 6762 §15.1).
fn shared(at: Ipv4Addr) -> io::Result<UdpSocket> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(AddressFamily::INET, SocketType::DGRAM, flags, None)?;
    sockopt::set_socket_reuseaddr(&socket, true)?;
    sockopt::set_socket_reuseport(&socket, true)?;
    bind(&socket, &SocketAddr::from((at, PORT)))?;
    Ok(UdpSocket::from(socket))
}

fn labels(host: &str) -> Vec<u8> {
    let mut labels = Vec::new();
    for label in host.split('.').filter(|label| !label.is_empty()) {
        // A label has at most 63 octets.
        labels.extend(u8::try_from(label.len()));
        labels.extend(label.to_ascii_lowercase().as_bytes());
    }
    labels.push(0);
    labels
}

/// A question for all of the name's records, with those that the host would have in the authority section.
fn probe(name: &[u8], addresses: &[IpAddr]) -> Vec<u8> {
    let addresses: Vec<Ipv4Addr> = of_ipv4(addresses).take(usize::from(u8::MAX)).collect();
    let many = u8::try_from(addresses.len()).unwrap_or(u8::MAX);
    let mut message = vec![0, 0, 0, 0, 0, 1, 0, 0, 0, many, 0, 0];
    message.extend(name);
    message.extend(ANY);
    message.extend(IN);
    for address in addresses {
        message.extend(name);
        message.extend(A.to_be_bytes());
        message.extend(IN);
        message.extend(LIFETIME.to_be_bytes());
        message.extend([0, 4]);
        message.extend(address.octets());
    }
    message
}

/// The addresses that a probe would give that name; none where the message is no question, or malformed.
fn wanted(message: &[u8], name: &[u8]) -> Option<Vec<IpAddr>> {
    let (head, _) = message.split_first_chunk::<12>()?;
    let [_, _, flags, _, q1, q2, a1, a2, n1, n2, _, _] = *head;
    // A question (QR), without answers: known answers are other hosts' (RFC 6762 §7.1).
    if flags & 0x80 != 0 || [a1, a2] != [0, 0] {
        return None;
    }
    let mut at = head.len();
    for _ in 0..u16::from_be_bytes([q1, q2]) {
        at = name_at(message, at)?.1 + 4;
    }
    let mut found = Vec::new();
    for _ in 0..u16::from_be_bytes([n1, n2]) {
        let (owner, next) = name_at(message, at)?;
        let (fixed, rest) = message.get(next..)?.split_first_chunk::<10>()?;
        let [high, low, _, _, _, _, _, _, long, short] = *fixed;
        let length = usize::from(u16::from_be_bytes([long, short]));
        let data = rest.get(..length)?;
        if let (A, Ok(octets)) = (u16::from_be_bytes([high, low]), <[u8; 4]>::try_from(data)) {
            found.extend((owner == name).then_some(IpAddr::from(octets)));
        }
        at = next + fixed.len() + length;
    }
    Some(found)
}

/// The name that stands at that place, in small letters, and where the message goes on after it (RFC 1035 §4.1.4).
fn name_at(message: &[u8], mut at: usize) -> Option<(Vec<u8>, usize)> {
    let (mut name, mut next, mut pointers) = (Vec::new(), None, 0);
    loop {
        let length = *message.get(at)?;
        match length {
            0 => {
                name.push(0);
                return Some((name, next.unwrap_or(at + 1)));
            }
            0xc0.. => {
                pointers += 1;
                let low = *message.get(at + 1).filter(|_| pointers <= POINTERS)?;
                next = next.or(Some(at + 2));
                at = usize::from(u16::from_be_bytes([length & 0x3f, low]));
            }
            _ => {
                let end = at + 1 + usize::from(length);
                name.extend(message.get(at..end)?.to_ascii_lowercase());
                at = end;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: [IpAddr; 1] = [IpAddr::V4(Ipv4Addr::new(192, 168, 1, 5))];

    #[test]
    fn a_probe_is_read_as_it_was_meant_and_for_its_name_alone() {
        let message = probe(&labels("Office.local."), &OURS);
        assert_eq!(wanted(&message, &labels("office.LOCAL")), Some(OURS.to_vec()));
        assert_eq!(wanted(&message, &labels("other.local")), Some(Vec::new()));
        let mut answer = message.clone();
        answer[2] = 0x84;
        assert_eq!(wanted(&answer, &labels("office.local")), None);
        for length in 0..message.len() {
            assert_eq!(wanted(&message[..length], &labels("office.local")), None, "{length}");
        }
    }

    /// As avahi sends it: several questions, and owners as pointers.
    #[test]
    fn names_in_other_places_are_followed_and_a_circle_is_left() {
        let mut message = vec![0, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0];
        message.extend(labels("printer.local"));
        message.extend([0, 255, 0x80, 1]);
        let at = u8::try_from(message.len()).unwrap();
        message.extend(*b"\x06office\xc0\x14");
        message.extend([0, 255, 0x80, 1]);
        message.extend([0xc0, at, 0, 1, 0, 1, 0, 0, 0, 120, 0, 4, 192, 168, 1, 5]);
        assert_eq!(wanted(&message, &labels("office.local")), Some(OURS.to_vec()));
        let circle = [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 255, 0, 1];
        assert_eq!(wanted(&circle, &labels("office.local")), None);
    }
}
