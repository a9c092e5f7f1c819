//! PEM files as people make them: in whatever text encoding an editor or a mail program left.

use std::borrow::Cow;

use rustls_pki_types::pem::{PemObject, SectionKind};
use zeroize::Zeroizing;

use super::flaw::{File, Flaw, Looks};

/// Octets of a file that are read: certificates and keys are a few KiB, what is longer is something else.
pub(super) const OCTETS: usize = 64 * 1024;

/// A section's kind and its DER, wiped when dropped as it may be a key.
pub(super) type Section = (SectionKind, Zeroizing<Vec<u8>>);

/// The sections of a file, in their order; at least one.
pub(super) fn sections(file: File, bytes: &[u8]) -> Result<Vec<Section>, Flaw> {
    if bytes.len() > OCTETS {
        return Err(Flaw::TooLong {
            file,
            octets: bytes.len(),
            most: OCTETS,
        });
    }
    let text = Zeroizing::new(text(bytes).into_owned());
    if file == File::Key && contains(&text, b"ENCRYPTED") {
        return Err(Flaw::EncryptedKey);
    }
    let sections: Result<Vec<(SectionKind, Vec<u8>)>, _> = PemObject::pem_slice_iter(&text).collect();
    let sections = sections.map_err(|_| Flaw::Damaged { file })?;
    if sections.is_empty() {
        let looks = looks(bytes, &text);
        return Err(Flaw::Missing { file, looks });
    }
    Ok(sections
        .into_iter()
        .map(|(kind, der)| (kind, Zeroizing::new(der)))
        .collect())
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

/// What a file without sections is, by its first bytes.
fn looks(bytes: &[u8], text: &[u8]) -> Looks {
    // SEQUENCE with a length of two bytes, then version 3: PFX of RFC 7292 §4.
    if let [0x30, 0x82, _, _, 0x02, 0x01, 0x03, ..] = bytes {
        return Looks::Pkcs12;
    }
    match bytes.trim_ascii() {
        [] => Looks::Empty,
        [0x30, 0x80..=0x83, ..] => Looks::Der,
        _ if contains(text, b"-----BEGIN ") => Looks::OtherPem,
        _ => Looks::Other,
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
