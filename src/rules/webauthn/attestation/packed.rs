//! Packed attestation (§8.2), and what its certificates must be (§8.2.1).

use super::super::der::{self, Reader};
use super::certificate::Certificate;
use super::subject_key::Scheme;
use super::{Malformed, Statement, Verified};

pub(super) fn verify<'a>(statement: &Statement<'a>) -> Result<Verified<'a>, Malformed> {
    let alg = statement.members.text("alg")?.int()?;
    let signature = statement.members.text("sig")?.bytes()?;
    let message = statement.signed();
    let Some(chain) = statement.chain()? else {
        statement.has_only(&["alg", "sig"])?;
        let own = alg == statement.key.algorithm().cose() && statement.key.verify(&message, signature);
        return if own {
            Ok(Verified::SelfAttested)
        } else {
            Err(Malformed::Range)
        };
    };
    statement.has_only(&["alg", "sig", "x5c"])?;
    let certificate = chain.first().ok_or(Malformed::Missing)?;
    let scheme = Scheme::from_cose(alg)?;
    let holds = certificate.key.verify(scheme, &message, signature)
        && certificate.version == 3
        && certificate.is_end_entity()
        && certificate.allows_aaguid(statement.attested.aaguid)
        && is_vendor(certificate)?;
    if holds {
        Ok(Verified::Certified(chain))
    } else {
        Err(Malformed::Range)
    }
}

/// Subject: C a country's two letters, O and CN something, OU the literal. String types vary among vendors, so any is
/// read.
fn is_vendor(certificate: &Certificate<'_>) -> Result<bool, Malformed> {
    let [mut country, mut organization, mut unit, mut name] = [false; 4];
    let mut names = Reader::new(certificate.subject);
    while !names.is_empty() {
        let mut set = names.within(der::SET)?;
        while !set.is_empty() {
            let mut attribute = set.within(der::SEQUENCE)?;
            let kind = attribute.value(der::OBJECT)?;
            let text = attribute.any()?.contents;
            attribute.end()?;
            match kind {
                [0x55, 0x04, 0x03] => name = !text.is_empty(),
                [0x55, 0x04, 0x06] => country = text.len() == 2 && text.iter().all(u8::is_ascii_alphabetic),
                [0x55, 0x04, 0x0a] => organization = !text.is_empty(),
                [0x55, 0x04, 0x0b] => unit |= text == b"Authenticator Attestation",
                _ => {}
            }
        }
    }
    Ok(country && organization && unit && name)
}
