//! What can be wrong with an owner's certificate and key files: data, with the values that disagree.

use super::key::KeyKind;
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

/// What a file looks like that holds nothing of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looks {
    /// DER, the binary form of a single certificate or key.
    Der,
    /// Nothing but blanks.
    Empty,
    /// Anything else.
    Other,
    /// PEM of another kind: the files may have been taken for each other.
    OtherPem,
    /// PKCS #12 (`.pfx`, `.p12`): both in one, under a passphrase.
    Pkcs12,
}

/// What is true of the files. Positions count certificates of the file from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// A section is cut off, or is not base64.
    Damaged {
        /// Where.
        file: File,
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
    /// Signed over SHA-1 or MD5, which browsers refuse.
    WeakSignature {
        /// Whose.
        position: usize,
    },
}
