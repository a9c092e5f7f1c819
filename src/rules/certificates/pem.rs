//! PEM (RFC 7468) as people make it: in whatever text encoding an editor or a mail program left, indented, on one line,
//! with text around it. The one place that reads it, and that tells what a file or a text is instead.

use std::borrow::Cow;

use rustls_pki_types::pem::{PemObject, SectionKind};
use zeroize::Zeroizing;

use super::flaw::{File, Flaw, Looks};

/// Octets of a file that are read: certificates and keys are a few KiB, what is longer is something else.
pub(super) const OCTETS: usize = 64 * 1024;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

/// A section's kind and its DER, wiped when dropped as it may be a key.
pub(super) type Section = (SectionKind, Zeroizing<Vec<u8>>);

/// What is in a file or a text.
#[derive(Default)]
pub(super) struct Found {
    /// What can be used, in its order.
    pub(super) sections: Vec<Section>,
    /// What the other sections are.
    pub(super) others: Vec<Looks>,
    /// Whether a private key is under a passphrase.
    pub(super) is_encrypted: bool,
}

/// The sections of a file.
pub(super) fn sections(file: File, bytes: &[u8]) -> Result<Found, Flaw> {
    if bytes.len() > OCTETS {
        return Err(Flaw::TooLong {
            file,
            octets: bytes.len(),
            most: OCTETS,
        });
    }
    read(bytes).map_err(|looks| {
        if looks == Looks::Damaged {
            Flaw::Damaged { file }
        } else {
            Flaw::Missing { file, looks }
        }
    })
}

/// The sections of a text, at least one.
///
/// # Errors
/// What it is instead.
pub(super) fn read(bytes: &[u8]) -> Result<Found, Looks> {
    let text = Zeroizing::new(text(bytes).into_owned());
    let mut found = Found::default();
    let mut rest = text.as_slice();
    while let Some(raw) = next(&mut rest)? {
        match raw.kind() {
            Ok(_) if raw.says_encrypted() => found.is_encrypted = true,
            Ok(kind) => found.sections.push((kind, raw.decoded(kind)?)),
            Err(Looks::Key) => found.is_encrypted = true,
            Err(looks) => found.others.push(looks),
        }
    }
    if found.sections.is_empty() && found.others.is_empty() && !found.is_encrypted {
        return Err(looks(bytes, &text));
    }
    Ok(found)
}

/// A section as it stands there.
struct Raw<'a> {
    label: &'a [u8],
    body: &'a [u8],
}

/// The next section behind a line's beginning or another section. `rest`: what is behind it.
fn next<'a>(rest: &mut &'a [u8]) -> Result<Option<Raw<'a>>, Looks> {
    let mut line_begins = true;
    loop {
        if line_begins && let Some(behind) = rest.strip_prefix(BEGIN) {
            let length = place(behind, DASHES).ok_or(Looks::Damaged)?;
            let (label, behind) = behind.split_at_checked(length).ok_or(Looks::Damaged)?;
            let behind = behind.strip_prefix(DASHES).ok_or(Looks::Damaged)?;
            let end = [END, label, DASHES].concat();
            let length = place(behind, &end).ok_or(Looks::Damaged)?;
            let (body, behind) = behind.split_at_checked(length).ok_or(Looks::Damaged)?;
            *rest = behind.get(end.len()..).unwrap_or_default();
            return Ok(Some(Raw { label, body }));
        }
        let [first, behind @ ..] = *rest else { return Ok(None) };
        line_begins = match first {
            b'\n' | b'\r' => true,
            blank if blank.is_ascii_whitespace() => line_begins,
            _ => false,
        };
        *rest = behind;
    }
}

impl Raw<'_> {
    /// What it is; or, where that is of no use: what it looks like, [`Looks::Key`] for a key under a passphrase.
    fn kind(&self) -> Result<SectionKind, Looks> {
        match self.label {
            // The second is what some programs of Netscape's days write.
            b"CERTIFICATE" | b"X509 CERTIFICATE" => Ok(SectionKind::Certificate),
            b"PRIVATE KEY" => Ok(SectionKind::PrivateKey),
            b"RSA PRIVATE KEY" => Ok(SectionKind::RsaPrivateKey),
            b"EC PRIVATE KEY" => Ok(SectionKind::EcPrivateKey),
            b"ENCRYPTED PRIVATE KEY" => Err(Looks::Key),
            b"TRUSTED CERTIFICATE" => Err(Looks::Trusted),
            b"PKCS7" | b"CMS" | b"PKCS #7 SIGNED DATA" => Err(Looks::Pkcs7),
            b"PKCS12" => Err(Looks::Pkcs12),
            b"CERTIFICATE REQUEST" | b"NEW CERTIFICATE REQUEST" => Err(Looks::Request),
            b"PUBLIC KEY" | b"RSA PUBLIC KEY" => Err(Looks::PublicKey),
            b"X509 CRL" => Err(Looks::Revoked),
            b"OPENSSH PRIVATE KEY" | b"SSH2 PUBLIC KEY" => Err(Looks::Ssh),
            _ => Err(Looks::OtherPem),
        }
    }

    /// `Proc-Type: 4,ENCRYPTED` (RFC 1421 §4.6.1.1).
    fn says_encrypted(&self) -> bool {
        place(self.body, b"ENCRYPTED").is_some()
    }

    /// The DER, by a decoder that takes the same time for any key.
    fn decoded(&self, kind: SectionKind) -> Result<Zeroizing<Vec<u8>>, Looks> {
        let label: &[u8] = if kind == SectionKind::Certificate {
            b"CERTIFICATE"
        } else {
            self.label
        };
        let body = Zeroizing::new(
            self.body
                .iter()
                .copied()
                .filter(|byte| !byte.is_ascii_whitespace())
                .collect::<Vec<_>>(),
        );
        let (begin, end) = (
            [BEGIN, label, b"-----\n"].concat(),
            [b"\n-----END ", label, DASHES].concat(),
        );
        let plain = Zeroizing::new([begin.as_slice(), &body, &end].concat());
        let decoded: Result<(SectionKind, Vec<u8>), _> = PemObject::from_pem_slice(&plain);
        decoded.map(|(_, der)| Zeroizing::new(der)).map_err(|_| Looks::Damaged)
    }
}

/// The bytes without a byte order mark, and from UTF-16 to UTF-8: what Windows' editors save as "Unicode". PEM itself
/// is ASCII, so what lies outside of it can only be in comments.
fn text(bytes: &[u8]) -> Cow<'_, [u8]> {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.as_chunks::<2>().0.iter().map(|pair| unit(*pair));
        let ascii = units.map(|unit| u8::try_from(unit).ok().filter(u8::is_ascii).unwrap_or(b'?'));
        Cow::Owned(ascii.collect())
    };
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => Cow::Borrowed(rest),
        [0xff, 0xfe, rest @ ..] | rest @ [b'-', 0, b'-', 0, ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] | rest @ [0, b'-', 0, b'-', ..] => utf16(rest, u16::from_be_bytes),
        plain => Cow::Borrowed(plain),
    }
}

/// What is without sections.
fn looks(bytes: &[u8], text: &[u8]) -> Looks {
    /// The object identifier of signedData (RFC 5652 §5.1), with tag and length.
    const SIGNED: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
    /// Version 3, and the sequence behind it: PFX of RFC 7292 §4.
    const PFX: &[u8] = &[0x02, 0x01, 0x03, 0x30];
    match bytes {
        [0x30, length @ 0x80..=0x84, behind @ ..] => {
            let inside = behind.get(usize::from(length & 0x7f)..).unwrap_or_default();
            if inside.starts_with(SIGNED) {
                Looks::Pkcs7
            } else if inside.starts_with(PFX) {
                Looks::Pkcs12
            } else {
                Looks::Der
            }
        }
        _ => match text.trim_ascii() {
            [] => Looks::Empty,
            text if text.starts_with(b"ssh-") || text.starts_with(b"ecdsa-sha2-") => Looks::Ssh,
            text if is_base64(text) => Looks::Base64,
            text if place(text, BEGIN).is_some() => Looks::OtherPem,
            _ => Looks::Other,
        },
    }
}

/// Whether it is base64 of a DER sequence.
fn is_base64(text: &[u8]) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte) || byte.is_ascii_whitespace();
    text.starts_with(b"MI") && text.len() > 100 && text.iter().all(is_letter)
}

fn place(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}
