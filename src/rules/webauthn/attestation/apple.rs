//! Apple's anonymous attestation (§8.8): a certificate for the passkey's own key, made for this one ceremony.

use sha2::{Digest, Sha256};

use super::super::der::{self, Reader};
use super::super::public_key::Plain;
use super::{Malformed, Statement, Verified};

/// 1.2.840.113635.100.8.2.
const NONCE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x63, 0x64, 0x08, 0x02];

pub(super) fn verify<'a>(statement: &Statement<'a>) -> Result<Verified<'a>, Malformed> {
    // Apple's own devices send an `alg` that the standard's syntax does not have.
    statement.has_only(&["alg", "x5c"])?;
    let chain = statement.chain()?.ok_or(Malformed::Missing)?;
    let certificate = chain.first().ok_or(Malformed::Missing)?;
    let extension = certificate.extension(NONCE).ok_or(Malformed::Missing)?;
    // SEQUENCE { [1] { OCTET STRING } }
    let mut tagged = Reader::new(extension.value)
        .only(der::SEQUENCE)?
        .only(der::context(1))?;
    let nonce = tagged.value(der::OCTET_STRING)?;
    tagged.end()?;
    let fresh = nonce == Sha256::digest(statement.signed()).as_slice();
    if fresh && certificate.key.is(&Plain::of(statement.attested.public_key)?) {
        Ok(Verified::Certified(chain))
    } else {
        Err(Malformed::Range)
    }
}
