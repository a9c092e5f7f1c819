//! What can be wrong with an owner's certificate and key files: data, with the values that disagree.

use std::net::IpAddr;

use super::key::KeyKind;
pub use super::looks::Looks;
use crate::rules::time::Date;
use crate::rules::webauthn::Malformed;

/// Which of the two files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum File {
    /// Certificate, and its chain after it.
    Certificate,
    /// Private key. Both may be one file.
    Key,
}

/// Days that Apple's systems take at most, whoever the issuer is (support.apple.com/103769); for public ones, browsers
/// take 398.
pub const LONGEST_DAYS: u64 = 825;

/// What is true of the files. Positions count certificates of the file from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// A section is cut off, or is not base64.
    Damaged {
        /// Where.
        file: File,
    },
    /// This machine does not know the date, so nobody here can say whether it is valid today.
    DateUnknown {
        /// Its first second.
        from: Date,
        /// Its last second.
        until: Date,
    },
    /// The private key is under a passphrase, which nobody is there to type at a start.
    EncryptedKey,
    /// Its last day is over.
    Expired {
        /// The last second.
        until: Date,
        /// Today.
        now: Date,
    },
    /// The private key is another certificate's.
    ForeignKey,
    /// A certificate was signed by another key than that of the next one, which has its issuer's name.
    ForeignSignature {
        /// Whose signature it is.
        position: usize,
        /// The issuer's common name.
        issuer: String,
    },
    /// An issuer's last day is over.
    IssuerExpired {
        /// Which.
        position: usize,
        /// The last second.
        until: Date,
    },
    /// An issuer's first day is still to come.
    IssuerNotYetValid {
        /// Which.
        position: usize,
        /// The first second.
        from: Date,
    },
    /// The key belongs to a later certificate of the file: the order is leaf first (RFC 8446 §4.4.2).
    LeafNotFirst {
        /// Where it is.
        position: usize,
    },
    /// The file holds no section of its kind.
    Missing {
        /// Which.
        file: File,
        /// What it holds instead.
        looks: Looks,
    },
    /// A certificate was signed by somebody who is not next in the file, and does not sign itself. The last of a chain
    /// may be signed by a root, which need not be sent; a leaf alone is never signed by a public one.
    MissingChain {
        /// Whose signer is missing.
        position: usize,
        /// The signer's common name.
        issuer: String,
    },
    /// An issuer is for no CA: its basic constraints or its key usage let it sign no certificates.
    NotAuthority {
        /// Which.
        position: usize,
    },
    /// Its extended key usage leaves TLS servers out.
    NotForServers,
    /// Its first day is still to come.
    NotYetValid {
        /// The first second.
        from: Date,
        /// Today.
        now: Date,
    },
    /// The appliance's name is not among its names.
    OtherName {
        /// The appliance's name.
        wanted: String,
        /// The certificate's names.
        names: Vec<String>,
        /// Its common name, which browsers do not look at.
        common_name: Option<String>,
        /// Its addresses.
        addresses: Vec<IpAddr>,
    },
    /// It signs itself, so that nobody knows who made it.
    SelfSigned,
    /// Valid for longer than [`LONGEST_DAYS`].
    TooLongLived {
        /// Days.
        days: u64,
    },
    /// Longer than any certificate or key.
    TooLong {
        /// Which.
        file: File,
        /// Its octets.
        octets: usize,
        /// What is read at most.
        most: usize,
    },
    /// More certificates than any chain has.
    TooMany {
        /// How many.
        certificates: usize,
    },
    /// A critical extension that TLS clients do not know, for which they refuse the certificate.
    UnknownExtension {
        /// Whose.
        position: usize,
        /// Its object identifier, in dotted numbers.
        identifier: String,
    },
    /// A certificate that is none.
    Unreadable {
        /// Which.
        position: usize,
        /// Why.
        why: Malformed,
    },
    /// A private key that is none.
    UnreadableKey {
        /// Why.
        why: Malformed,
    },
    /// A key of a kind or size that TLS here cannot use, or browsers do not take.
    UnusableKey {
        /// The kind.
        kind: KeyKind,
    },
    /// A certificate of X.509 version 1 or 2, which has no names of hosts and which TLS here does not read.
    Version {
        /// Which.
        position: usize,
    },
    /// Signed over SHA-1 or MD5, which browsers refuse.
    WeakSignature {
        /// Whose.
        position: usize,
    },
}

impl Flaw {
    /// Whether every client refuses the certificate for it, whatever it knows of its issuers. Such a one never takes
    /// the place of a good one.
    pub const fn is_fatal(&self) -> bool {
        match self {
            Self::Damaged { .. }
            | Self::EncryptedKey
            | Self::Expired { .. }
            | Self::ForeignKey
            | Self::LeafNotFirst { .. }
            | Self::Missing { .. }
            | Self::NotForServers
            | Self::NotYetValid { .. }
            | Self::OtherName { .. }
            | Self::TooLong { .. }
            | Self::TooMany { .. }
            | Self::Unreadable { .. }
            | Self::UnreadableKey { .. }
            | Self::UnusableKey { .. }
            | Self::Version { .. } => true,
            // Another chain may lead there, or the certificate itself was installed.
            Self::DateUnknown { .. }
            | Self::ForeignSignature { .. }
            | Self::IssuerExpired { .. }
            | Self::IssuerNotYetValid { .. }
            | Self::MissingChain { .. }
            | Self::NotAuthority { .. }
            | Self::SelfSigned
            | Self::TooLongLived { .. } => false,
            Self::UnknownExtension { position, .. } | Self::WeakSignature { position } => *position == 1,
        }
    }
}
