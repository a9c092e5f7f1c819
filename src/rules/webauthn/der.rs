//! DER (X.690) read from a slice without allocating: definite, shortest lengths; single-byte tags; nothing left over.

use super::malformed::Malformed;

/// BOOLEAN.
pub const BOOLEAN: u8 = 0x01;
/// INTEGER.
pub const INTEGER: u8 = 0x02;
/// BIT STRING.
pub const BIT_STRING: u8 = 0x03;
/// OCTET STRING.
pub const OCTET_STRING: u8 = 0x04;
/// OBJECT IDENTIFIER.
pub const OBJECT: u8 = 0x06;
/// ENUMERATED.
pub const ENUMERATED: u8 = 0x0a;
/// SEQUENCE and SEQUENCE OF.
pub const SEQUENCE: u8 = 0x30;
/// SET and SET OF.
pub const SET: u8 = 0x31;

/// The context-specific, constructed tag `[number]`, for numbers below 31.
pub const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// The values of a sequence that have not been read yet.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

/// One value with its tag.
#[derive(Clone, Copy, Debug)]
pub struct Value<'a> {
    /// The identifier's first byte.
    pub tag: u8,
    /// The number of a tag, where it is 31 or more (and then `tag` ends in 31).
    pub number: u32,
    /// The contents.
    pub contents: &'a [u8],
    /// The whole value, tag and length included.
    pub whole: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Begins to read a sequence's contents, or a whole encoding.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether everything has been read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Nothing may follow.
    pub fn end(&self) -> Result<(), Malformed> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(Malformed::LeftOver)
        }
    }

    /// The next value, of whatever tag.
    pub fn any(&mut self) -> Result<Value<'a>, Malformed> {
        let all = self.rest;
        let (&[tag], rest) = all.split_first_chunk::<1>().ok_or(Malformed::Short)?;
        let (number, rest) = if tag & 0x1f == 0x1f {
            high_number(rest)?
        } else {
            (u32::from(tag & 0x1f), rest)
        };
        let (length, rest) = length(rest)?;
        let (contents, rest) = rest.split_at_checked(length).ok_or(Malformed::Short)?;
        let whole = all.get(..all.len() - rest.len()).ok_or(Malformed::Short)?;
        self.rest = rest;
        Ok(Value {
            tag,
            number,
            contents,
            whole,
        })
    }

    /// The next value, which must have this tag: its contents.
    pub fn value(&mut self, tag: u8) -> Result<&'a [u8], Malformed> {
        let value = self.any()?;
        if value.tag == tag {
            Ok(value.contents)
        } else {
            Err(Malformed::Kind)
        }
    }

    /// The next value, if it has this tag: its contents.
    pub fn optional(&mut self, tag: u8) -> Result<Option<&'a [u8]>, Malformed> {
        match self.rest.first() {
            Some(next) if *next == tag => self.value(tag).map(Some),
            _ => Ok(None),
        }
    }

    /// The next value, which must be constructed and have this tag: a reader of what is in it.
    pub fn within(&mut self, tag: u8) -> Result<Reader<'a>, Malformed> {
        self.value(tag).map(Reader::new)
    }

    /// Like [`Self::within`], where nothing may follow.
    pub fn only(mut self, tag: u8) -> Result<Reader<'a>, Malformed> {
        let inner = self.within(tag)?;
        self.end()?;
        Ok(inner)
    }

    /// The next value, an INTEGER that is not negative: its big-endian bytes without a leading zero (zero is empty).
    pub fn positive(&mut self) -> Result<&'a [u8], Malformed> {
        match self.value(INTEGER)? {
            [] => Err(Malformed::Short),
            [0] => Ok(&[]),
            [0, next, ..] if *next < 0x80 => Err(Malformed::NotCanonical),
            [0, number @ ..] => Ok(number),
            [first, ..] if *first >= 0x80 => Err(Malformed::Range),
            number => Ok(number),
        }
    }

    /// The next value, a BIT STRING of whole bytes.
    pub fn bits(&mut self) -> Result<&'a [u8], Malformed> {
        match self.value(BIT_STRING)? {
            [0, bytes @ ..] => Ok(bytes),
            _ => Err(Malformed::Kind),
        }
    }

    /// The next value, if it is a BOOLEAN; DER knows 0 and 255.
    pub fn optional_boolean(&mut self) -> Result<Option<bool>, Malformed> {
        match self.optional(BOOLEAN)? {
            None => Ok(None),
            Some([0]) => Ok(Some(false)),
            Some([0xff]) => Ok(Some(true)),
            Some(_) => Err(Malformed::NotCanonical),
        }
    }
}

/// A tag's number from 31 on: seven bits a byte, the first not zero (X.690 §8.1.2.4). At most four bytes.
fn high_number(mut bytes: &[u8]) -> Result<(u32, &[u8]), Malformed> {
    let mut number = 0;
    for _ in 0..4 {
        let (&[byte], rest) = bytes.split_first_chunk::<1>().ok_or(Malformed::Short)?;
        bytes = rest;
        number = number << 7 | u32::from(byte & 0x7f);
        if number == 0 {
            return Err(Malformed::NotCanonical);
        }
        if byte < 0x80 {
            return if number < 31 {
                Err(Malformed::NotCanonical)
            } else {
                Ok((number, bytes))
            };
        }
    }
    Err(Malformed::Oversized)
}

/// A length in its shortest form, of at most two bytes: nothing here is larger than 65,535 bytes.
fn length(bytes: &[u8]) -> Result<(usize, &[u8]), Malformed> {
    let (&[first], rest) = bytes.split_first_chunk::<1>().ok_or(Malformed::Short)?;
    match first {
        0..0x80 => Ok((usize::from(first), rest)),
        0x81 => match rest.split_first_chunk::<1>().ok_or(Malformed::Short)? {
            ([0..0x80], _) => Err(Malformed::NotCanonical),
            (&[length], rest) => Ok((usize::from(length), rest)),
        },
        0x82 => match rest.split_first_chunk::<2>().ok_or(Malformed::Short)? {
            ([0, _], _) => Err(Malformed::NotCanonical),
            (length, rest) => Ok((usize::from(u16::from_be_bytes(*length)), rest)),
        },
        0x80 => Err(Malformed::NotCanonical),
        _ => Err(Malformed::Oversized),
    }
}
