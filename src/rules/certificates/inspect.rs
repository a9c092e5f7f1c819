//! The owner's own certificate and key: what is wrong with them, said so that a person can mend it.
//!
//! [`Pair::read`] takes the two files apart and refuses what TLS cannot use; [`Pair::doubts`] names what browsers will
//! not like. Byte order marks, UTF-16 and line ends of any system are no flaws: they are read as they are meant.

use std::net::IpAddr;

use ring::rand::SecureRandom;
use rustls_pki_types::pem::SectionKind;
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer};
use zeroize::Zeroizing;

pub use super::key::{KeyKind, RSA_BITS};

use super::key;
use super::name::DnsName;
use super::pem;
use super::signature;
use super::validity::Validity;
use super::weakness;
use super::x509::Certificate;

pub use super::flaw::{File, Flaw, LONGEST_DAYS, Looks};
use crate::rules::moment::Reading;

/// Certificates in one file: a leaf, and the longest public chains have three more; some add roots.
pub const CHAIN: usize = 10;

/// A certificate with its chain, and the key that belongs to it.
#[derive(Debug)]
pub struct Pair {
    /// DER, leaf first; at least one.
    pub chain: Vec<Vec<u8>>,
    /// The leaf's key.
    pub key: PrivateKeyDer<'static>,
    /// When the leaf is valid.
    pub validity: Validity,
    /// The leaf's DNS names.
    pub names: Vec<String>,
    /// The common name of the leaf's issuer.
    pub issuer: Option<String>,
    common_name: Option<String>,
    addresses: Vec<IpAddr>,
    /// When its issuers are valid, in their order.
    issuers: Vec<Validity>,
    doubts: Vec<Flaw>,
}

impl Pair {
    /// Reads both files.
    ///
    /// # Errors
    /// The first flaw that makes them useless.
    pub fn read(certificate: &[u8], key: &[u8], random: &dyn SecureRandom) -> Result<Self, Flaw> {
        Self::of(chain(certificate)?, private_key(key)?, random)
    }

    /// Of a chain (DER, the leaf first) and the leaf's key, as a CA on the network issues them.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn of(chain: Vec<Vec<u8>>, key: PrivateKeyDer<'static>, random: &dyn SecureRandom) -> Result<Self, Flaw> {
        let read = chain
            .iter()
            .zip(1..)
            .map(|(der, position)| Certificate::parse(der).map_err(|why| Flaw::Unreadable { position, why }));
        let read = read.collect::<Result<Vec<_>, _>>()?;
        let Some(leaf) = read.first() else {
            return Err(Flaw::Missing {
                file: File::Certificate,
                looks: Looks::OtherPem,
            });
        };
        if !leaf.is_version_3 {
            return Err(Flaw::Version { position: 1 });
        }
        usable(KeyKind::of(&leaf.key))?;
        if let Some(identifier) = leaf.unknown_critical() {
            return Err(Flaw::UnknownExtension {
                position: 1,
                identifier,
            });
        }
        let belongs =
            |to: &Certificate<'_>| key::belongs(&key, &to.key, random).map_err(|why| Flaw::UnreadableKey { why });
        if !belongs(leaf)? {
            let later = read
                .iter()
                .zip(1..)
                .skip(1)
                .find(|(other, _)| belongs(other) == Ok(true));
            return Err(later.map_or(Flaw::ForeignKey, |(_, position)| Flaw::LeafNotFirst { position }));
        }
        let names = leaf.names().map_err(|why| Flaw::Unreadable { position: 1, why })?;
        Ok(Self {
            validity: leaf.validity,
            names: names.dns,
            issuer: leaf.issuer_common_name(),
            common_name: leaf.common_name(),
            addresses: names.addresses,
            issuers: read.iter().skip(1).map(|issuer| issuer.validity).collect(),
            doubts: doubts(&read),
            chain,
            key,
        })
    }

    /// The first of its doubts for which every client refuses it; see [`Flaw::is_fatal`].
    pub fn fatal(&self, name: &DnsName, reading: Reading) -> Option<Flaw> {
        self.doubts(name, reading).into_iter().find(Flaw::is_fatal)
    }

    /// What browsers will not like of it, for an appliance of that name. Dates count on a known clock alone;
    /// without one that is said.
    pub fn doubts(&self, name: &DnsName, reading: Reading) -> Vec<Flaw> {
        let mut doubts = self.doubts.clone();
        let (Validity { from, until }, now) = (self.validity, reading.date);
        if reading.known && now > until {
            doubts.push(Flaw::Expired { until, now });
        }
        if reading.known && now < from {
            doubts.push(Flaw::NotYetValid { from, now });
        }
        if !reading.known {
            doubts.push(Flaw::DateUnknown { from, until });
        }
        if !self.names.iter().any(|listed| name.is_named_by(listed)) {
            doubts.push(Flaw::OtherName {
                wanted: name.as_str().to_owned(),
                names: self.names.clone(),
                common_name: self.common_name.clone(),
                addresses: self.addresses.clone(),
            });
        }
        for (Validity { from, until }, position) in self.issuers.iter().copied().zip(2..) {
            if reading.known && now > until {
                doubts.push(Flaw::IssuerExpired { position, until });
            }
            if reading.known && now < from {
                doubts.push(Flaw::IssuerNotYetValid { position, from });
            }
        }
        doubts
    }
}

/// What does not depend on name and date.
fn doubts(chain: &[Certificate<'_>]) -> Vec<Flaw> {
    let mut doubts = Vec::new();
    for (certificate, position) in chain.iter().zip(1..) {
        let signs_itself = certificate.issuer == certificate.subject;
        // Nobody looks at how a root signed itself.
        if weakness::is_weak(certificate) && (position == 1 || !signs_itself) {
            doubts.push(Flaw::WeakSignature { position });
        }
        if position == 1 && signs_itself {
            doubts.push(Flaw::SelfSigned);
        }
        if position > 1 && !certificate.is_authority() {
            doubts.push(Flaw::NotAuthority { position });
        }
        if let Some(identifier) = certificate.unknown_critical() {
            doubts.push(Flaw::UnknownExtension { position, identifier });
        }
        let issuer = certificate.issuer_common_name().unwrap_or_default();
        match chain.get(position) {
            _ if signs_itself => {}
            Some(next) if next.subject != certificate.issuer => doubts.push(Flaw::MissingChain { position, issuer }),
            Some(next) if signature::is_by(next, certificate) == Some(false) => {
                doubts.push(Flaw::ForeignSignature { position, issuer });
            }
            None if position == 1 => doubts.push(Flaw::MissingChain { position, issuer }),
            Some(_) | None => {}
        }
    }
    if let Some(leaf) = chain.first() {
        if !leaf.is_for_servers() {
            doubts.push(Flaw::NotForServers);
        }
        let days = (leaf.validity.until - leaf.validity.from).0 / 86_400;
        if days > LONGEST_DAYS {
            doubts.push(Flaw::TooLongLived { days });
        }
        if KeyKind::of(&leaf.key) == KeyKind::Ed25519 {
            doubts.push(Flaw::UnusableKey { kind: KeyKind::Ed25519 });
        }
    }
    doubts
}

fn usable(kind: KeyKind) -> Result<(), Flaw> {
    match kind {
        KeyKind::P256 | KeyKind::P384 | KeyKind::Ed25519 => Ok(()),
        KeyKind::Rsa { bits } if RSA_BITS.contains(&bits) => Ok(()),
        KeyKind::Rsa { .. } | KeyKind::P521 | KeyKind::Other => Err(Flaw::UnusableKey { kind }),
    }
}

fn chain(file: &[u8]) -> Result<Vec<Vec<u8>>, Flaw> {
    let found = pem::sections(File::Certificate, file)?;
    // Left out, it would be missed in a place that nobody looks at.
    let envelope = found
        .others
        .iter()
        .find(|looks| [Looks::Trusted, Looks::Pkcs7].contains(looks));
    let certificates = found
        .sections
        .iter()
        .filter(|(kind, _)| *kind == SectionKind::Certificate);
    let chain: Vec<Vec<u8>> = certificates.map(|(_, der)| der.to_vec()).collect();
    let missing = |looks| Flaw::Missing {
        file: File::Certificate,
        looks,
    };
    match (chain.len(), envelope) {
        (0, _) if found.sections.is_empty() && !found.is_encrypted => {
            Err(missing(found.others.first().copied().unwrap_or(Looks::OtherPem)))
        }
        (0, _) => Err(missing(Looks::Key)),
        (_, Some(looks)) => Err(missing(*looks)),
        (1..=CHAIN, None) => Ok(chain),
        (certificates, None) => Err(Flaw::TooMany { certificates }),
    }
}

fn private_key(file: &[u8]) -> Result<PrivateKeyDer<'static>, Flaw> {
    let key = |(kind, der): &(SectionKind, Zeroizing<Vec<u8>>)| match kind {
        SectionKind::PrivateKey => Some(PrivatePkcs8KeyDer::from(der.to_vec()).into()),
        SectionKind::RsaPrivateKey => Some(PrivatePkcs1KeyDer::from(der.to_vec()).into()),
        SectionKind::EcPrivateKey => Some(PrivateSec1KeyDer::from(der.to_vec()).into()),
        // Sections of other kinds stand beside keys: curve parameters, certificates.
        SectionKind::Certificate
        | SectionKind::PublicKey
        | SectionKind::Crl
        | SectionKind::Csr
        | SectionKind::EchConfigList
        | _ => None,
    };
    let found = pem::sections(File::Key, file)?;
    match found.sections.iter().find_map(key) {
        Some(key) => Ok(key),
        None if found.is_encrypted => Err(Flaw::EncryptedKey),
        None => {
            let looks = match found.others.first() {
                _ if !found.sections.is_empty() => Looks::Certificate,
                looks => looks.copied().unwrap_or(Looks::OtherPem),
            };
            Err(Flaw::Missing { file: File::Key, looks })
        }
    }
}
