//! What opens a backup, and that nothing else does.
#![allow(clippy::as_conversions, reason = "small numbers of a test")]

use super::*;

const QUICK: Effort = Effort { memory: 8, passes: 1 };

fn recipe() -> Recipe {
    Recipe {
        effort: QUICK,
        salt: *b"sixteen salt byt",
    }
}

/// As Argon2id would make it of two passphrases.
fn root(byte: u8) -> Root {
    Root::new([byte; 32])
}

fn sealed(content: &[u8]) -> Vec<u8> {
    let (mut sealer, mut file) = Sealer::new(&recipe(), &root(1), b"sixteen file byt");
    let chunks: Vec<&[u8]> = content.chunks(CHUNK).collect();
    for (number, chunk) in chunks.iter().enumerate() {
        let mut chunk = chunk.to_vec();
        sealer.seal(&mut chunk, number + 1 == chunks.len());
        file.extend(chunk);
    }
    file
}

fn opened(file: &[u8], root: &Root) -> Result<Vec<u8>, Flaw> {
    let (head, rest) = file.split_first_chunk::<HEAD>().ok_or(Flaw::NoBackup)?;
    Recipe::parse(head)?;
    let mut opener = Opener::new(head, root)?;
    let mut content = Vec::new();
    let chunks: Vec<&[u8]> = rest.chunks(CHUNK + TAG).collect();
    if chunks.is_empty() {
        return Err(Flaw::CutShort);
    }
    for (number, chunk) in chunks.iter().enumerate() {
        let mut chunk = chunk.to_vec();
        opener.open(&mut chunk, number + 1 == chunks.len())?;
        content.extend(chunk);
    }
    Ok(content)
}

fn content(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at % 251) as u8).collect()
}

#[test]
fn what_was_sealed_opens_whatever_its_length() {
    for length in [1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 17] {
        let file = sealed(&content(length));
        assert_eq!(opened(&file, &root(1)), Ok(content(length)), "{length}");
        assert_eq!(Sealer::length(length as u64), file.len() as u64, "{length}");
    }
}

#[test]
fn another_passphrase_opens_nothing_and_is_named_as_the_reason() {
    assert_eq!(opened(&sealed(b"office"), &root(2)), Err(Flaw::Passphrase));
}

#[test]
fn a_thousand_corruptions_are_refused() {
    let file = sealed(&content(2 * CHUNK + 4321));
    let mut seed = 20_261_130_u64;
    for number in 0..1000 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let mut damaged = file.clone();
        // Every third time within the head.
        let reach = if number % 3 == 0 { HEAD } else { file.len() };
        let at = (seed >> 33) as usize % reach;
        damaged[at] ^= 1 << ((seed >> 20) % 8);
        assert!(opened(&damaged, &root(1)).is_err(), "byte {at}");
    }
}

#[test]
fn every_truncation_at_a_border_is_refused() {
    let file = sealed(&content(4 * CHUNK));
    for chunks in 0..4 {
        let border = HEAD + chunks * (CHUNK + TAG);
        for cut in [
            border.saturating_sub(1),
            border,
            border + 1,
            border + TAG,
            border + TAG + 1,
        ] {
            assert!(opened(&file[..cut], &root(1)).is_err(), "cut at {cut}");
        }
    }
    assert!(opened(&file[..file.len() - 1], &root(1)).is_err());
    assert!(opened(&[file.as_slice(), &[0]].concat(), &root(1)).is_err());
}

#[test]
fn chunks_in_another_order_are_refused() {
    let file = sealed(&content(4 * CHUNK));
    let (head, body) = file.split_at(HEAD);
    let chunks: Vec<&[u8]> = body.chunks(CHUNK + TAG).collect();
    for order in [[1, 0, 2, 3], [0, 1, 1, 3], [3, 1, 2, 0], [0, 2, 1, 3]] {
        let other = order.map(|number| chunks[number]).concat();
        assert!(opened(&[head, &other].concat(), &root(1)).is_err(), "{order:?}");
    }
    let short = [head, chunks[0], chunks[3]].concat();
    assert!(opened(&short, &root(1)).is_err());
}

#[test]
fn a_head_that_demands_too_much_or_is_of_another_form_is_told_apart() {
    let file = sealed(b"office");
    let with = |at: usize, byte: u8| {
        let mut other = file.clone();
        other[at] = byte;
        opened(&other, &root(1))
    };
    assert_eq!(with(0, b'L'), Err(Flaw::NoBackup));
    assert_eq!(with(15, 2), Err(Flaw::Newer(2)));
    assert_eq!(with(18, 1), Err(Flaw::Effort));
    assert_eq!(with(20, 65), Err(Flaw::Effort));
}

#[test]
fn one_passphrase_has_one_spelling() {
    let composed = Passphrase::typed("caf\u{e9} au lait, deux");
    for typed in [
        "cafe\u{301} au lait, deux",
        "caf\u{e9} au lait, deux\n",
        " caf\u{e9} au lait, deux \r\n",
    ] {
        assert_eq!(Passphrase::typed(typed).bytes(), composed.bytes(), "{typed:?}");
    }
    assert_ne!(Passphrase::typed("caf\u{e9}  au lait, deux").bytes(), composed.bytes());
    // Blanks of other kinds are plain ones; files that releases before sealed to them as they were still open.
    let spaced = Passphrase::typed("cafe\u{301}\u{a0}au\u{2003}lait, deux");
    assert_eq!(spaced.bytes(), composed.bytes());
    let forms: Vec<_> = spaced.forms().collect();
    assert_eq!(
        forms,
        [composed.bytes(), "caf\u{e9}\u{a0}au\u{2003}lait, deux".as_bytes()]
    );
    assert_eq!(composed.forms().count(), 1);
    let why = |text: &str| Passphrase::chosen(text).err().map(|invalid| invalid.why);
    assert_eq!(why("eleven char"), Some(Why::TooShort));
    assert_eq!(why("            "), Some(Why::TooShort));
    assert_eq!(why(&"a".repeat(513)), Some(Why::TooLong));
    assert_eq!(why("twelve chars"), None);
}

#[test]
fn a_table_is_read_as_it_was_written_and_never_beyond_its_end() {
    let table = Table(vec![("store".to_owned(), 1 << 40), ("key".to_owned(), 32)]);
    let bytes = table.bytes();
    let with_rest = [bytes.as_slice(), b"rest"].concat();
    assert_eq!(Table::parse(&with_rest), Ok((table, b"rest".as_slice())));
    for cut in 0..bytes.len() {
        assert_eq!(Table::parse(&bytes[..cut]), Err(Flaw::Content));
    }
    assert_eq!(Table::parse(&[17]), Err(Flaw::Content));
}
