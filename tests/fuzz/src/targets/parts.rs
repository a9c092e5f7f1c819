//! A ceremony's input: its parts one after another, two bytes of length before each. What is missing is empty.

/// How many parts an input has, and which of them holds what.
pub struct Layout {
    pub parts: usize,
    /// Bits that say what is put right before the ceremony begins.
    pub repairs: usize,
    /// JSON.
    pub json: &'static [usize],
    /// CBOR.
    pub cbor: &'static [usize],
    /// DER.
    pub der: &'static [usize],
}

pub const ASSERTION: Layout = Layout {
    parts: 8,
    repairs: 0,
    json: &[2],
    cbor: &[5],
    der: &[],
};

pub const REGISTRATION: Layout = Layout {
    parts: 11,
    repairs: 0,
    json: &[2],
    cbor: &[5, 9, 10],
    der: &[],
};

pub const CHAIN: Layout = Layout {
    parts: 4,
    repairs: 0,
    json: &[],
    cbor: &[],
    der: &[1, 2, 3],
};

/// The parts of an input, and empty ones from its end on. A length beyond the end means all the rest.
pub fn each(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::repeat_with(move || {
        let (length, rest) = bytes.split_first_chunk::<2>().unwrap_or((&[0, 0], &[]));
        let (part, rest) = rest.split_at(rest.len().min(u16::from_be_bytes(*length).into()));
        bytes = rest;
        part
    })
}

/// The first so many parts.
pub fn split<const PARTS: usize>(bytes: &[u8]) -> [&[u8]; PARTS] {
    let mut each = each(bytes);
    [(); PARTS].map(|()| each.next().unwrap_or_default())
}

/// The input that [`each`] takes apart.
pub fn joined(parts: &[Vec<u8>]) -> Vec<u8> {
    let framed = |part: &Vec<u8>| {
        [
            &u16::try_from(part.len()).expect("a short part").to_be_bytes(),
            part.as_slice(),
        ]
        .concat()
    };
    parts.iter().flat_map(framed).collect()
}

/// A CBOR head (RFC 8949 §3) in its shortest form, for lengths below 65,536, and what it announces.
pub fn cbor(major: u8, contents: &[u8]) -> Vec<u8> {
    let length = contents.len();
    let head = match length {
        0..24 => vec![major << 5 | length as u8],
        24..256 => vec![major << 5 | 24, length as u8],
        _ => vec![major << 5 | 25, (length >> 8) as u8, length as u8],
    };
    [head.as_slice(), contents].concat()
}

/// A value in DER (X.690 §10.1), for lengths below 65,536.
pub fn der(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = contents.len();
    let head = match length {
        0..0x80 => vec![tag, length as u8],
        0x80..0x100 => vec![tag, 0x81, length as u8],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    [head.as_slice(), contents].concat()
}
