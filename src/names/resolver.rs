//! Whether the LAN's own resolver gives out a name: one question over UDP (RFC 1035 §4), to see whether a router holds
//! private addresses back (rebind protection).

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use smol::Timer;
use smol::future::FutureExt;
use smol::net::UdpSocket;

use crate::rules::certificates::name::DnsName;

/// How long a resolver may think before it is asked once more, and then before it counts as silent.
const PATIENCE: Duration = Duration::from_secs(3);
/// Resolvers that are asked, as systems ask (resolv.conf(5), MAXNS).
const RESOLVERS: usize = 3;
/// DNS's port.
const PORT: u16 = 53;
/// Octets of a message without extensions (RFC 1035 §4.2.1).
const MESSAGE: usize = 512;
/// The types asked for: an address of IPv4, and the name servers of the root, which every resolver knows.
const ADDRESS: u16 = 1;
const NAME_SERVERS: u16 = 2;
/// The codes of an answer: fine, and that there is no such name (RFC 1035 §4.1.1).
const FINE: u8 = 0;
const NO_SUCH_NAME: u8 = 3;

/// What a resolver says of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResolverAnswer {
    /// It gives out an address.
    Given,
    /// It answers other questions, and for this name gives no address.
    Withheld,
    /// It does not answer, or cannot say.
    Nothing,
}

/// The resolvers that a resolv.conf(5) names.
pub fn resolvers(text: &str) -> Vec<IpAddr> {
    let named = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let address = words.next().filter(|word| *word == "nameserver").and(words.next())?;
        // An interface behind a link-local address is left to the system.
        address.parse().ok()
    });
    named.take(RESOLVERS).collect()
}

/// Asks that resolver for the name's address of IPv4; `mark` is a number that nobody can guess.
pub async fn ask(resolver: IpAddr, name: &DnsName, mark: u16) -> ResolverAnswer {
    let resolver = SocketAddr::new(resolver, PORT);
    match exchanged(resolver, &question(name.as_str(), ADDRESS, mark), mark).await {
        Some(answer) => read(&answer),
        // Silence for this name alone is an answer, too.
        None => match exchanged(resolver, &question("", NAME_SERVERS, !mark), !mark).await {
            Some(_) => ResolverAnswer::Withheld,
            None => ResolverAnswer::Nothing,
        },
    }
}

async fn exchanged(resolver: SocketAddr, question: &[u8], mark: u16) -> Option<Vec<u8>> {
    for _ in 0..2 {
        let asked = asked(resolver, question, mark);
        let late = async {
            Timer::after(PATIENCE).await;
            Err(io::ErrorKind::TimedOut.into())
        };
        match asked.or(late).await {
            Ok(answer) => return Some(answer),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {}
            Err(_) => return None,
        }
    }
    None
}

async fn asked(resolver: SocketAddr, question: &[u8], mark: u16) -> io::Result<Vec<u8>> {
    let any: IpAddr = match resolver {
        SocketAddr::V4(_) => std::net::Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => std::net::Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(resolver).await?;
    socket.send(question).await?;
    loop {
        let mut answer = [0; MESSAGE];
        let length = socket.recv(&mut answer).await?;
        let answer = answer.get(..length).unwrap_or_default();
        // An answer (QR) to this very question.
        let is_ours = answer.starts_with(&mark.to_be_bytes()) && answer.get(2).is_some_and(|flags| flags & 0x80 != 0);
        if is_ours {
            return Ok(answer.to_vec());
        }
    }
}

/// A question for records of that type, with recursion desired. The empty name is the root's.
fn question(name: &str, kind: u16, mark: u16) -> Vec<u8> {
    let mut message = mark.to_be_bytes().to_vec();
    message.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    for label in name.split('.').filter(|label| !label.is_empty()) {
        // A label has at most 63 octets.
        message.extend(u8::try_from(label.len()));
        message.extend(label.as_bytes());
    }
    message.push(0);
    message.extend(kind.to_be_bytes());
    message.extend([0, 1]);
    message
}

/// What an answer to the question for an address says. `0.0.0.0` is what filters give in the place of none.
fn read(answer: &[u8]) -> ResolverAnswer {
    let code = answer.get(3).map_or(u8::MAX, |flags| flags & 0x0f);
    if code != FINE && code != NO_SUCH_NAME {
        return ResolverAnswer::Nothing;
    }
    match addresses(answer) {
        Some(found) if found.iter().any(|address| *address != [0; 4]) => ResolverAnswer::Given,
        Some(_) => ResolverAnswer::Withheld,
        None => ResolverAnswer::Nothing,
    }
}

/// The A records of an answer with one question; none where it is malformed.
fn addresses(answer: &[u8]) -> Option<Vec<[u8; 4]>> {
    let (head, rest) = answer.split_first_chunk::<12>()?;
    let [.., questions_high, questions_low, many, few, _, _, _, _] = *head;
    if [questions_high, questions_low] != [0, 1] {
        return None;
    }
    let mut rest = after_name(rest)?.get(4..)?;
    let mut found = Vec::new();
    for _ in 0..u16::from_be_bytes([many, few]) {
        let (fixed, behind) = after_name(rest)?.split_first_chunk::<10>()?;
        let [high, low, _, _, _, _, _, _, long, short] = *fixed;
        let length = usize::from(u16::from_be_bytes([long, short]));
        let (data, next) = behind.split_at_checked(length)?;
        if u16::from_be_bytes([high, low]) == ADDRESS {
            found.push(data.try_into().ok()?);
        }
        rest = next;
    }
    Some(found)
}

/// What follows a name: labels up to an empty one, or up to a pointer (RFC 1035 §4.1.4).
fn after_name(mut bytes: &[u8]) -> Option<&[u8]> {
    loop {
        let (&length, rest) = bytes.split_first()?;
        match length {
            0 => return Some(rest),
            0xc0.. => return rest.get(1..),
            _ => bytes = rest.get(usize::from(length)..)?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(code: u8, records: &[[u8; 4]]) -> Vec<u8> {
        let mut message = question("pbx.example.org", ADDRESS, 7);
        message[2..4].copy_from_slice(&[0x81, 0x80 | code]);
        message[7] = u8::try_from(records.len()).unwrap();
        for record in records {
            message.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
            message.extend(record);
        }
        message
    }

    #[test]
    fn an_address_is_given_and_nothing_or_zeros_is_withheld() {
        assert_eq!(read(&answer(0, &[[192, 168, 1, 2]])), ResolverAnswer::Given);
        assert_eq!(read(&answer(0, &[])), ResolverAnswer::Withheld);
        assert_eq!(read(&answer(0, &[[0; 4]])), ResolverAnswer::Withheld);
        assert_eq!(read(&answer(NO_SUCH_NAME, &[])), ResolverAnswer::Withheld);
        assert_eq!(
            read(&answer(2, &[])),
            ResolverAnswer::Nothing,
            "a server that failed says nothing of the name"
        );
    }

    #[test]
    fn an_answer_cut_anywhere_says_nothing_false() {
        let whole = answer(0, &[[192, 168, 1, 2]]);
        for length in 0..whole.len() {
            assert_eq!(read(&whole[..length]), ResolverAnswer::Nothing, "{length}");
        }
    }

    #[test]
    fn resolvers_are_read_as_systems_write_them() {
        let text = "# made by dhcp\nnameserver 192.168.1.1\nsearch lan\nnameserver fd00::1\nnameserver fe80::1%eth0\n";
        assert_eq!(
            resolvers(text),
            ["192.168.1.1", "fd00::1"].map(|text| text.parse::<IpAddr>().unwrap())
        );
    }
}
