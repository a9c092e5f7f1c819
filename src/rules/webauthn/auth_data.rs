//! Authenticator data (§6.1): what the authenticator signed besides the client data's hash.

use super::cbor::{self, Order};
use super::limits::{AUTH_DATA, CBOR_DEPTH};
use super::malformed::Malformed;

/// The flags byte (§6.1, table "authenticator data flags"). Reserved bits say nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags(pub u8);

impl Flags {
    /// Bit 0, UP: somebody was there.
    pub fn user_present(self) -> bool {
        self.0 & 0x01 != 0
    }

    /// Bit 2, UV: it was the owner, by PIN or body.
    pub fn user_verified(self) -> bool {
        self.0 & 0x04 != 0
    }

    /// Bit 3, BE: the passkey may be copied to other devices.
    pub fn backup_eligible(self) -> bool {
        self.0 & 0x08 != 0
    }

    /// Bit 4, BS: it has been copied.
    pub fn backed_up(self) -> bool {
        self.0 & 0x10 != 0
    }

    /// Bit 6, AT: attested credential data follow.
    fn attested(self) -> bool {
        self.0 & 0x40 != 0
    }

    /// Bit 7, ED: extension outputs follow.
    fn extended(self) -> bool {
        self.0 & 0x80 != 0
    }
}

/// Authenticator data: 32 bytes RP ID hash, 1 byte flags, 4 bytes big-endian counter, then whatever the flags announce.
#[derive(Clone, Copy, Debug)]
pub struct AuthData<'a> {
    /// SHA-256 of the RP ID that the authenticator was given.
    pub rp_id_hash: &'a [u8; 32],
    /// What the authenticator vouches for.
    pub flags: Flags,
    /// The signature counter; zero where the authenticator keeps none.
    pub sign_count: u32,
    /// The new passkey, in a registration.
    pub attested: Option<Attested<'a>>,
}

/// Attested credential data (§6.5.1): 16 bytes AAGUID, 2 bytes big-endian length, the credential ID, a COSE key.
#[derive(Clone, Copy, Debug)]
pub struct Attested<'a> {
    /// The authenticator's model; zero where it does not say.
    pub aaguid: &'a [u8; 16],
    /// The credential ID, of any length that two bytes can say: its step judges it.
    pub credential_id: &'a [u8],
    /// The bytes of the COSE key: one canonical CBOR map, not looked into.
    pub public_key: &'a [u8],
}

impl<'a> AuthData<'a> {
    /// Refuses short *and* long input, extensions that are not a canonical map, and anything above [`AUTH_DATA`] bytes.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        if bytes.len() > AUTH_DATA {
            return Err(Malformed::Oversized);
        }
        let (rp_id_hash, rest) = bytes.split_first_chunk::<32>().ok_or(Malformed::Short)?;
        let (&[flags], rest) = rest.split_first_chunk::<1>().ok_or(Malformed::Short)?;
        let (sign_count, mut rest) = rest.split_first_chunk::<4>().ok_or(Malformed::Short)?;
        let flags = Flags(flags);
        let mut attested = None;
        if flags.attested() {
            let (found, after) = Attested::parse(rest)?;
            attested = Some(found);
            rest = after;
        }
        if flags.extended() {
            cbor::whole(rest, Order::Canonical, CBOR_DEPTH)?.map()?;
        } else if !rest.is_empty() {
            return Err(Malformed::LeftOver);
        }
        Ok(Self {
            rp_id_hash,
            flags,
            sign_count: u32::from_be_bytes(*sign_count),
            attested,
        })
    }
}

impl<'a> Attested<'a> {
    fn parse(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), Malformed> {
        let (aaguid, rest) = bytes.split_first_chunk::<16>().ok_or(Malformed::Short)?;
        let (length, rest) = rest.split_first_chunk::<2>().ok_or(Malformed::Short)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (credential_id, key) = rest.split_at_checked(length).ok_or(Malformed::Short)?;
        let (item, after) = cbor::prefix(key, Order::Canonical, CBOR_DEPTH)?;
        item.map()?;
        let public_key = key.get(..key.len() - after.len()).ok_or(Malformed::Short)?;
        Ok((
            Self {
                aaguid,
                credential_id,
                public_key,
            },
            after,
        ))
    }
}
