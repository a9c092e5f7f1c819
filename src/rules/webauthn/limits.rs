//! Every number that bounds an input of a ceremony, each with its source.

/// A credential ID's length in bytes. Source: §7.1 step 25 (and CTAP2's largest).
pub const CREDENTIAL_ID: usize = 1023;

/// Client data in bytes. Chrome's, Safari's and Firefox's are below 300; the largest seen in the wild is 418.
pub const CLIENT_DATA: usize = 4096;

/// Members of client data (the standard knows six), and of any map whose order is free.
pub const MEMBERS: usize = 32;

/// JSON nesting of client data: the object itself, `tokenBinding` of Level 2, and room for what browsers may add.
pub const JSON_DEPTH: usize = 8;

/// Authenticator data in bytes: 55 fixed, a credential ID, an RSA-4096 key of 530, and extensions.
pub const AUTH_DATA: usize = 4096;

/// An attestation object in bytes. TPM statements with three RSA certificates come to 6 KB.
pub const ATTESTATION_OBJECT: usize = 32 * 1024;

/// A signature in bytes: RSA-4096 has 512, a TPM or DER form of anything else fewer.
pub const SIGNATURE: usize = 512;

/// A user handle in bytes. Source: §4, "user handle".
pub const USER_HANDLE: usize = 64;

/// Nesting of CBOR that an authenticator made. Source: CTAP 2.1 §8, "at most 4 levels".
pub const CBOR_DEPTH: usize = 4;

/// Nesting of an attestation object, which the client wraps around the authenticator's statement.
pub const ATTESTATION_DEPTH: usize = 5;

/// Nesting of DER: a certificate's deepest known extension (Android's key description) has 9 levels with its wrapping.
pub const DER_DEPTH: usize = 12;

/// Certificates in a chain. The longest known (Android) has 5.
pub const CHAIN: usize = 8;

/// Transports kept of a passkey: Level 3 names six, and those that it does not know are kept too (§5.8.4).
pub const TRANSPORTS: usize = 8;

/// A transport's name in bytes; the longest that Level 3 knows has 10.
pub const TRANSPORT: usize = 32;

/// RSA moduli in bits, both included. Source: issue of RS256 by Windows Hello (2048) and the largest that ring is asked
/// for.
pub const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

/// How long a browser waits for its user, in milliseconds. Source: §15.1's recommended 300,000 for required
/// verification.
pub const CEREMONY_MILLISECONDS: u32 = 300_000;
