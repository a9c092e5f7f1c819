//! STUN on the SIP port: keep-alives of phones behind NAT (RFC 5626 §4.4.2, RFC 5389).

use std::net::{IpAddr, SocketAddr};

/// The second four bytes of every STUN message (RFC 5389 §6).
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];

/// A Binding request.
const BINDING_REQUEST: [u8; 2] = [0x00, 0x01];

/// A STUN message, told by its first two bits and its cookie; never a SIP message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stun<'a> {
    kind: [u8; 2],
    transaction: &'a [u8; 12],
}

impl<'a> Stun<'a> {
    /// Tells a STUN message from anything else that comes as a datagram: 20 bytes of header and the announced length, a
    /// multiple of four.
    #[must_use]
    pub fn read(datagram: &'a [u8]) -> Option<Self> {
        let (kind, rest) = datagram.split_first_chunk::<2>()?;
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let (cookie, rest) = rest.split_first_chunk::<4>()?;
        let (transaction, attributes) = rest.split_first_chunk::<12>()?;
        let length = usize::from(u16::from_be_bytes(*length));
        let is_stun = kind.first().is_some_and(|first| first & 0xc0 == 0)
            && *cookie == MAGIC_COOKIE
            && length == attributes.len()
            && length.is_multiple_of(4);
        is_stun.then_some(Self {
            kind: *kind,
            transaction,
        })
    }

    /// The answer to a Binding request: a success with XOR-MAPPED-ADDRESS alone. `None` for any other message: drop it.
    #[must_use]
    pub fn answer(&self, source: SocketAddr) -> Option<Vec<u8>> {
        if self.kind != BINDING_REQUEST {
            return None;
        }
        let mask = [&MAGIC_COOKIE[..], &self.transaction[..]].concat();
        let (family, address): (u8, Vec<u8>) = match source.ip().to_canonical() {
            IpAddr::V4(address) => (1, address.octets().to_vec()),
            IpAddr::V6(address) => (2, address.octets().to_vec()),
        };
        let masked = |bytes: &[u8]| -> Vec<u8> { bytes.iter().zip(&mask).map(|(byte, mask)| byte ^ mask).collect() };
        let value_length = u16::try_from(address.len().checked_add(4)?).ok()?;
        let mut answer = Vec::with_capacity(44);
        answer.extend_from_slice(&[0x01, 0x01]);
        answer.extend_from_slice(&value_length.checked_add(4)?.to_be_bytes());
        answer.extend_from_slice(&MAGIC_COOKIE);
        answer.extend_from_slice(self.transaction);
        // XOR-MAPPED-ADDRESS (RFC 5389 §15.2).
        answer.extend_from_slice(&[0x00, 0x20]);
        answer.extend_from_slice(&value_length.to_be_bytes());
        answer.extend_from_slice(&[0x00, family]);
        answer.extend(masked(&source.port().to_be_bytes()));
        answer.extend(masked(&address));
        Some(answer)
    }
}
