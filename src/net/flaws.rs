//! What is wrong with the owner's certificate and key, in sentences: which file, what it is, and what to do.

use std::path::Path;

use crate::rules::certificates::inspect::{File, Flaw, KeyKind, LONGEST_DAYS, Looks};

/// The sentence of a flaw of these two files, without a full stop.
pub(super) fn sentence(flaw: &Flaw, certificate: &Path, key: &Path) -> String {
    let (in_certificate, in_key) = (certificate.display(), key.display());
    let path = |file: &File| match file {
        File::Certificate => certificate.display(),
        File::Key => key.display(),
    };
    match flaw {
        Flaw::Damaged { file } => format!(
            "{} is not a PEM file that is whole: a section is cut off or damaged; copy it anew",
            path(file)
        ),
        Flaw::DateUnknown { from, until } => format!(
            "whether the certificate in {in_certificate} is valid today cannot be said: this machine does not know the \
             date. It is valid from {} to {}",
            from.iso(),
            until.iso()
        ),
        Flaw::EncryptedKey => format!(
            "the private key in {in_key} is under a passphrase, which nobody can type at a start; remove it with \
             `openssl pkey -in OLD -out NEW`"
        ),
        Flaw::Expired { until, .. } => {
            format!(
                "the certificate in {in_certificate} expired on {}; browsers refuse it: renew it",
                until.iso()
            )
        }
        Flaw::ForeignKey => format!(
            "the private key in {in_key} does not belong to the first certificate in {in_certificate}; give the key \
             that the certificate was asked for with"
        ),
        Flaw::ForeignSignature { position, issuer } => format!(
            "certificate number {position} in {in_certificate} is not signed by the next one, which has its issuer's \
             name ({issuer}) but another key; put the issuer's certificate there that signed it"
        ),
        Flaw::IssuerExpired { position, until } => format!(
            "certificate number {position} in {in_certificate}, an issuer's, expired on {}; many browsers and phones \
             will refuse the chain: put its issuer's newer one there",
            until.iso()
        ),
        Flaw::IssuerNotYetValid { position, from } => format!(
            "certificate number {position} in {in_certificate}, an issuer's, is valid from {} on only; many browsers \
             and phones will refuse the chain until then",
            from.iso()
        ),
        Flaw::LeafNotFirst { position } => format!(
            "the private key in {in_key} belongs to certificate number {position} in {in_certificate}; put that one \
             first and its issuers after it"
        ),
        Flaw::Missing { file, looks } => missing(*file, *looks, &path(file).to_string()),
        Flaw::MissingChain { position, issuer } => format!(
            "after certificate number {position} in {in_certificate} the one of its issuer ({issuer}) is missing; many \
             browsers and phones will refuse it: append the issuer's (the \"full chain\")"
        ),
        Flaw::NotAuthority { position } => format!(
            "certificate number {position} in {in_certificate} stands there as an issuer's, but is for no CA (basic \
             constraints, key usage); browsers refuse what it signed: append the right one"
        ),
        Flaw::NotForServers => format!(
            "the certificate in {in_certificate} is not made for servers (extended key usage); browsers refuse it: ask \
             for another one"
        ),
        Flaw::NotYetValid { from, .. } => format!(
            "the certificate in {in_certificate} is valid from {} on only; browsers refuse it until then",
            from.iso()
        ),
        Flaw::OtherName {
            wanted,
            names,
            common_name,
            addresses,
        } => match (names.as_slice(), common_name, addresses.as_slice()) {
            ([], Some(common), _) if common.eq_ignore_ascii_case(wanted) => format!(
                "the certificate in {in_certificate} has {wanted} as its common name alone, which browsers do not look \
                 at; browsers refuse it: ask for one with that name among its subject alternative names"
            ),
            ([], _, [_, ..]) => format!(
                "the certificate in {in_certificate} is for addresses alone ({}), not for {wanted}; browsers refuse it \
                 there: ask for one with that name",
                listed(&addresses.iter().map(ToString::to_string).collect::<Vec<_>>())
            ),
            _ => format!(
                "the certificate in {in_certificate} is for {}, not for {wanted}; browsers refuse it: ask for one with \
                 that name, or give its name with --name",
                listed(names)
            ),
        },
        Flaw::SelfSigned => format!(
            "the certificate in {in_certificate} signs itself, so no browser or phone knows who made it: each warns \
             until it was installed there; take one of a CA, or \
             leave --tls-cert away and let Linekey's own CA make one"
        ),
        Flaw::TooLongLived { days } => format!(
            "the certificate in {in_certificate} is valid for {days} days; Apple's devices take at most \
             {LONGEST_DAYS}: ask for one with a shorter life"
        ),
        Flaw::TooLong { file, .. } => format!("{} is too long to be a certificate or a key", path(file)),
        Flaw::TooMany { certificates } => format!(
            "{in_certificate} holds {certificates} certificates; give the appliance's own and its issuers' alone"
        ),
        Flaw::UnknownExtension { position, identifier } => format!(
            "certificate number {position} in {in_certificate} has a critical extension ({identifier}) that browsers \
             do not know, so they refuse it; ask for one without it"
        ),
        Flaw::Unreadable { position, why } => {
            format!("certificate number {position} in {in_certificate} cannot be used: it is malformed ({why})")
        }
        Flaw::UnreadableKey { why } => {
            format!("the private key in {in_key} cannot be used: it is malformed ({why})")
        }
        Flaw::UnusableKey { kind } => {
            format!("the certificate in {in_certificate} {}", unusable(*kind))
        }
        Flaw::Version { position } => format!(
            "certificate number {position} in {in_certificate} is of X.509 version 1, which names no host and which \
             browsers refuse; make a new one of version 3"
        ),
        Flaw::WeakSignature { position } => format!(
            "certificate number {position} in {in_certificate} is signed with SHA-1 or MD5; browsers refuse it: ask \
             for another one"
        ),
    }
}

fn missing(file: File, looks: Looks, path: &str) -> String {
    let (thing, section) = match file {
        File::Certificate => ("certificate", "BEGIN CERTIFICATE"),
        File::Key => ("private key", "BEGIN PRIVATE KEY"),
    };
    let swapped = match (file, looks) {
        (File::Certificate, Looks::Key) | (File::Key, Looks::Certificate) => {
            "; are the two files mistaken for each other?"
        }
        _ => "",
    };
    format!(
        "{path} holds no {thing}, which would begin with a {section} line: {}{swapped}",
        what(looks)
    )
}

/// What a file or a pasted text is instead, and what to do with it; without a full stop.
pub fn what(looks: Looks) -> &'static str {
    match looks {
        Looks::Base64 => {
            "it is base64 without the lines around it; copy it with its BEGIN and END lines, or write them in front \
             and behind it"
        }
        Looks::Certificate => "it is a certificate",
        Looks::Damaged => "a section is cut off or damaged; copy it anew, from its BEGIN to its END line",
        Looks::Der => {
            "it is in the binary form (DER); convert it with `openssl x509 -inform DER` or `openssl pkey -inform DER`"
        }
        Looks::Empty => "it is empty",
        Looks::Key => "there is a private key, which belongs to the server alone",
        Looks::Other => "it is no PEM text",
        Looks::OtherPem => "it is PEM of another kind",
        Looks::Pkcs12 => {
            "it is PKCS #12 (.pfx, .p12); take it apart with `openssl pkcs12 -in FILE -nodes -out NEW.pem`"
        }
        Looks::Pkcs7 => {
            "it is a PKCS #7 bundle (.p7b); take the certificates out with `openssl pkcs7 -in FILE -print_certs -out \
             NEW.pem`, and -inform DER if it is binary"
        }
        Looks::PublicKey => "it is a public key alone, without a certificate or a private key around it",
        Looks::Request => {
            "it is a certificate request (CSR); send that to a CA, and take the certificate that comes back"
        }
        Looks::Revoked => "it is a list of revoked certificates (CRL)",
        Looks::Ssh => "it is a key of SSH, which TLS does not use",
        Looks::TooMany => "they are too many or too long",
        Looks::Trusted => {
            "it is a TRUSTED CERTIFICATE, which OpenSSL alone reads; convert it with `openssl x509 -in FILE -out \
             NEW.pem`"
        }
    }
}

fn unusable(kind: KeyKind) -> String {
    match kind {
        KeyKind::Rsa { bits } if bits < 2048 => format!(
            "has an RSA key of {bits} bits, which is too short; make one of at least 2048 bits, or one over P-256"
        ),
        KeyKind::Rsa { bits } => {
            format!(
                "has an RSA key of {bits} bits, which is too long; make one of at most 4096 bits, or one over P-256"
            )
        }
        KeyKind::P521 => {
            "has a key over P-521, which cannot be used here and which many browsers refuse; make one over P-256"
                .to_owned()
        }
        KeyKind::Ed25519 => "has an Ed25519 key, which browsers refuse; make one over P-256".to_owned(),
        KeyKind::P256 | KeyKind::P384 | KeyKind::Other => {
            "has a key of a kind that cannot be used here; make one over P-256, or RSA of 2048 to 4096 bits".to_owned()
        }
    }
}

/// The first names of a certificate.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 4;
    match names {
        [] => "no name at all".to_owned(),
        names if names.len() <= SHOWN => names.join(", "),
        names => format!("{} and others", names.get(..SHOWN).unwrap_or_default().join(", ")),
    }
}
