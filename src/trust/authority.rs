//! The office CA at work: certificates out of plans. Bytes in, bytes out; what is kept, and where, is the caller's.
//!
//! Keys are P-256: every browser and telephone of the last ten years takes them, and a signature costs a board least.

use std::fmt;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType, SerialNumber, date_time_ymd,
};
use rustls_pki_types::PrivatePkcs8KeyDer;
use zeroize::Zeroizing;

use crate::rules::certificates::authority::{self as rules, AuthorityPlan};
use crate::rules::certificates::leaf::LeafPlan;
use crate::rules::certificates::validity::Validity;
use crate::rules::time::Date;

/// Name constraints (RFC 5280 §4.2.1.10).
const NAME_CONSTRAINTS: &[u64] = &[2, 5, 29, 30];
/// The last second that a certificate can name (RFC 5280 §4.1.2.5): the end of the year 9999.
const LAST_SECOND: u64 = 253_402_300_799;

/// Why there is no certificate.
#[derive(Debug)]
pub enum AuthorityError {
    /// The kept certificate is none of an office CA.
    Certificate,
    /// The kept key is no P-256 key in PKCS #8, or a certificate could not be made with it.
    Key(rcgen::Error),
}

impl fmt::Display for AuthorityError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate => to.write_str("the kept certificate is not one of an office CA"),
            Self::Key(why) => write!(to, "no certificate can be made with the kept key: {why}"),
        }
    }
}

impl std::error::Error for AuthorityError {}

impl From<rcgen::Error> for AuthorityError {
    fn from(why: rcgen::Error) -> Self {
        Self::Key(why)
    }
}

/// A new P-256 key for a CA or a leaf, in PKCS #8 (about 140 bytes), from the operating system's dice.
///
/// # Errors
/// The system has no randomness.
pub fn new_key() -> Result<Zeroizing<Vec<u8>>, AuthorityError> {
    let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    Ok(Zeroizing::new(pair.serialize_der()))
}

/// The certificate of a new CA: DER, signed by itself.
///
/// # Errors
/// The key is not P-256 in PKCS #8.
pub fn certificate(plan: &AuthorityPlan, key: &[u8]) -> Result<Vec<u8>, AuthorityError> {
    let mut params = params(&plan.common_name, &plan.serial, plan.validity);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let constraints = CustomExtension::from_oid_content(NAME_CONSTRAINTS, plan.constraints.clone());
    params.custom_extensions = vec![constraints];
    Ok(params.self_signed(&pair(key)?)?.der().to_vec())
}

/// A CA that can sign.
pub struct Authority {
    facts: rules::Authority,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// Takes up the kept certificate and key of a CA.
    ///
    /// # Errors
    /// They are not what [`certificate`] and [`new_key`] made.
    pub fn open(certificate: &[u8], key: &[u8]) -> Result<Self, AuthorityError> {
        let facts = rules::Authority::read(certificate).ok_or(AuthorityError::Certificate)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = common_name(&facts.common_name);
        let issuer = Issuer::new(params, pair(key)?);
        Ok(Self { facts, issuer })
    }

    /// What its certificate says.
    pub fn facts(&self) -> &rules::Authority {
        &self.facts
    }

    /// A leaf for the holder of `key`: DER. It is sent alone: the CA itself is what clients have installed.
    ///
    /// # Errors
    /// The key is not P-256 in PKCS #8, or a name is no IA5String.
    pub fn leaf(&self, plan: &LeafPlan, key: &[u8]) -> Result<Vec<u8>, AuthorityError> {
        let shown = plan.common_name.as_deref().unwrap_or("Linekey");
        let mut params = params(shown, &plan.serial, plan.validity);
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.use_authority_key_identifier_extension = true;
        for name in &plan.names {
            params
                .subject_alt_names
                .push(SanType::DnsName(name.as_str().try_into()?));
        }
        let addresses = plan.addresses.iter().copied().map(SanType::IpAddress);
        params.subject_alt_names.extend(addresses);
        Ok(params.signed_by(&pair(key)?, &self.issuer)?.der().to_vec())
    }
}

/// What CA and leaf have in common.
fn params(shown: &str, serial: &[u8], validity: Validity) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = common_name(shown);
    params.serial_number = Some(SerialNumber::from_slice(serial));
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let second = |date: Date| date_time_ymd(1970, 1, 1) + Duration::from_secs(date.0.min(LAST_SECOND));
    params.not_before = second(validity.from);
    params.not_after = second(validity.until);
    params
}

/// A name of one attribute. The issuer of a leaf must equal the CA's subject byte for byte, so both are made here.
fn common_name(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

fn pair(key: &[u8]) -> Result<KeyPair, AuthorityError> {
    let key = PrivatePkcs8KeyDer::from(key);
    Ok(KeyPair::from_pkcs8_der_and_sign_algo(&key, &PKCS_ECDSA_P256_SHA256)?)
}
