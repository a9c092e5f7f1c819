//! The relying party: who asks, what was asked, and how sure it wants to be.

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The site that passkeys are bound to. Made from its settings, never from a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelyingParty {
    /// The RP ID: a domain name, or `localhost`.
    pub rp_id: String,
    /// SHA-256 of the RP ID.
    pub rp_id_hash: [u8; 32],
    /// Every origin that may ask, in the browser's own spelling (`https://pbx.example.org`), compared byte by byte.
    pub origins: Vec<String>,
}

impl RelyingParty {
    /// A site with this RP ID, asked from these origins.
    pub fn new(rp_id: impl Into<String>, origins: Vec<String>) -> Self {
        let rp_id = rp_id.into();
        let rp_id_hash = Sha256::digest(rp_id.as_bytes()).into();
        Self {
            rp_id,
            rp_id_hash,
            origins,
        }
    }

    /// Whether an origin is one of ours.
    pub fn expects(&self, origin: &str) -> bool {
        self.origins.iter().any(|ours| ours == origin)
    }
}

/// The random bytes of one ceremony: borrowed from the desk, which keeps 32 of them for each ticket.
#[derive(Clone, Copy)]
pub struct Challenge<'a>(&'a [u8]);

impl<'a> Challenge<'a> {
    /// The challenge of a ticket.
    pub const fn new(bytes: &'a [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A challenge that another relying party made, for vectors; at least 16 bytes (§13.4.3).
    pub fn of_another(bytes: &'a [u8]) -> Option<Self> {
        (bytes.len() >= 16).then_some(Self(bytes))
    }

    /// Whether `text` is this challenge's one base64url form. Takes the same time wherever they differ.
    pub fn is(self, text: &str) -> bool {
        if text.len() != BASE64URL_NOPAD.encode_len(self.0.len()) {
            return false;
        }
        let mut same = subtle::Choice::from(1);
        for (ours, theirs) in self.0.chunks(48).zip(text.as_bytes().chunks(64)) {
            let mut buffer = [0; 64];
            let Some(encoded) = buffer.get_mut(..BASE64URL_NOPAD.encode_len(ours.len())) else {
                return false;
            };
            BASE64URL_NOPAD.encode_mut(ours, encoded);
            same &= encoded.ct_eq(theirs);
        }
        same.into()
    }
}

impl std::fmt::Debug for Challenge<'_> {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str("Challenge(..)")
    }
}

/// Whether the authenticator must have made sure of its owner (§5.8.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserVerification {
    /// UV must be set. The house's own policy: the passkey is the final checkpoint.
    Required,
    /// UV is not looked at.
    Preferred,
    /// A registration that the browser makes without asking anybody (conditional create): UP and UV are not looked at
    /// (§7.1 steps 15 and 16). What it signs later is looked at like every other.
    Quiet,
}
