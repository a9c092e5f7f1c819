//! Files that the owner hands over: read whole and bounded, whatever stands in their place.

use std::fmt;
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::Path;

use zeroize::Zeroizing;

/// Why a file is not read. Says nothing of its path, which whoever asked names.
#[derive(Debug)]
pub enum Unread {
    /// It is a directory.
    Directory,
    /// The system's word.
    Io(std::io::Error),
    /// It is neither file nor directory: a FIFO or a device, which may give bytes for ever, or none.
    NoFile,
    /// It is longer than so many bytes.
    TooLong(usize),
}

impl fmt::Display for Unread {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory => out.write_str("it is a folder"),
            Self::Io(error) if error.kind() == ErrorKind::NotFound => out.write_str("there is no such file"),
            Self::Io(error) if error.kind() == ErrorKind::PermissionDenied => {
                out.write_str("the user that Linekey runs as may not read it")
            }
            Self::Io(error) => error.fmt(out),
            Self::NoFile => out.write_str("it is no file, but a FIFO, a device or a socket"),
            Self::TooLong(most) => write!(out, "it is longer than {most} bytes"),
        }
    }
}

/// How long the file is. Looks only: opening some devices has effects, and a FIFO waits for a writer.
///
/// # Errors
/// There is none, or it is no file.
pub fn look(path: &Path) -> Result<u64, Unread> {
    let found = fs::metadata(path).map_err(Unread::Io)?;
    match found.file_type() {
        kind if kind.is_dir() => Err(Unread::Directory),
        kind if kind.is_file() => Ok(found.len()),
        _ => Err(Unread::NoFile),
    }
}

/// All bytes of a file of at most `most` bytes; wiped when dropped, as it may be a secret. Never waits for a writer.
///
/// # Errors
/// Whatever is no file, is longer, or cannot be read.
pub fn read(path: &Path, most: usize) -> Result<Zeroizing<Vec<u8>>, Unread> {
    look(path)?;
    let file = File::open(path).map_err(Unread::Io)?;
    // Room for all of it at once: bytes of a secret that grows are left behind where it was.
    let mut bytes = Zeroizing::new(Vec::with_capacity(most.saturating_add(1)));
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    file.take(limit).read_to_end(&mut bytes).map_err(Unread::Io)?;
    if bytes.len() > most {
        return Err(Unread::TooLong(most));
    }
    Ok(bytes)
}

/// The text of a file, as editors and shells save it: UTF-8 with or without a byte order mark, or UTF-16 (Windows'
/// "Unicode") with one, or without, where NULs in half of its letters show it. NULs at the end are dropped, as device
/// trees have one. `None`: it is in another encoding, or has control characters that no line of text has.
pub fn text(bytes: &[u8]) -> Option<Zeroizing<String>> {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let units = pairs.iter().map(|pair| unit(*pair));
        let text: Result<String, _> = char::decode_utf16(units).collect();
        text.ok().filter(|_| rest.is_empty())
    };
    let text = match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => std::str::from_utf8(rest).ok().map(str::to_owned),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        plain => match nuls(plain) {
            [0, 0] => std::str::from_utf8(plain).ok().map(str::to_owned),
            [0, odd] if odd * 4 >= plain.len() => utf16(plain, u16::from_le_bytes),
            [even, 0] if even * 4 >= plain.len() => utf16(plain, u16::from_be_bytes),
            _ => None,
        },
    };
    let text = Zeroizing::new(text?);
    let is_odd = |c: char| c.is_control() && !c.is_whitespace();
    let text = Zeroizing::new(text.trim_end_matches('\0').to_owned());
    Some(text).filter(|text| !text.contains(is_odd))
}

/// How many NULs stand at even and at odd places, those at the end aside: letters of UTF-16 that ASCII has, too, have
/// one in their higher byte.
fn nuls(bytes: &[u8]) -> [usize; 2] {
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let at = |odd: usize| {
        let places = bytes.iter().take(end).skip(odd).step_by(2);
        places.filter(|byte| **byte == 0).count()
    };
    [at(0), at(1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_as_windows_and_others_save_it() {
        let utf16 = |mark: [u8; 2], bytes: fn(u16) -> [u8; 2]| {
            let units = "geheim ü".encode_utf16().flat_map(bytes);
            mark.into_iter().chain(units).collect::<Vec<u8>>()
        };
        for bytes in [
            "geheim ü".as_bytes().to_vec(),
            [b"\xef\xbb\xbf".as_slice(), "geheim ü".as_bytes()].concat(),
            utf16([0xff, 0xfe], u16::to_le_bytes),
            utf16([0xfe, 0xff], u16::to_be_bytes),
            utf16([0xff, 0xfe], u16::to_le_bytes).split_off(2),
            utf16([0xfe, 0xff], u16::to_be_bytes).split_off(2),
            b"geheim \xc3\xbc\0\0".to_vec(),
        ] {
            assert_eq!(text(&bytes).unwrap().as_str(), "geheim ü", "{bytes:?}");
        }
        for odd in [
            b"geheim\x04".as_slice(),
            b"geheim\0x",
            b"ge\x1bheim",
            b"\xff\xfe\0\0g\0\0\0",
            b"\x3f\x04\x30\x04",
        ] {
            assert!(text(odd).is_none(), "{odd:?}");
        }
        assert!(text(b"geheim \xfc").is_none(), "Latin-1");
        assert!(text(b"\xff\xfeg").is_none(), "half a letter");
    }

    #[test]
    fn what_is_no_file_is_not_read_and_a_long_one_not_to_its_end() {
        assert!(matches!(read(Path::new("/"), 10), Err(Unread::Directory)));
        assert!(matches!(read(Path::new("/dev/zero"), 10), Err(Unread::NoFile)));
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        assert!(matches!(read(&own, 10), Err(Unread::TooLong(10))));
        assert!(matches!(read(&own.join("below"), 10), Err(Unread::Io(_))));
    }
}
