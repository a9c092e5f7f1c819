//! What a text is where a certificate or a key should be.

/// What a file or a text is that does not hold what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looks {
    /// Base64 without the lines that say of what.
    Base64,
    /// PEM of a certificate.
    Certificate,
    /// A section is cut off, or is not base64.
    Damaged,
    /// DER, the binary form of a single certificate or key.
    Der,
    /// Nothing but blanks.
    Empty,
    /// PEM of a private key, or of a certificate and its private key where only the certificate belongs.
    Key,
    /// Anything else.
    Other,
    /// PEM of another kind.
    OtherPem,
    /// PKCS #12 (`.pfx`, `.p12`): both in one, under a passphrase.
    Pkcs12,
    /// PKCS #7 (`.p7b`, `.p7c`): certificates in an envelope, in PEM or DER.
    Pkcs7,
    /// PEM of a public key.
    PublicKey,
    /// A certificate request (CSR), which a CA makes a certificate of.
    Request,
    /// A list of certificates that were revoked (CRL).
    Revoked,
    /// A key of SSH.
    Ssh,
    /// More certificates than are kept, or more text.
    TooMany,
    /// A certificate with OpenSSL's own remarks on what it is trusted for behind it.
    Trusted,
}
