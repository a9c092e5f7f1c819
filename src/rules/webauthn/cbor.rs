//! CBOR as authenticators must write it: CTAP2's canonical form (CTAP 2.1 §8), read from a slice without allocating.
//!
//! Refused: indefinite lengths, heads longer than need be, tags, unknown simple values, duplicate keys, lengths beyond
//! the input, deep nesting, and anything left over. Keys must be in canonical order; only where a *client* assembles a
//! map ([`Order::Free`]) may they come in any order.

use super::limits::MEMBERS;
use super::malformed::Malformed;

/// Whether the keys of a map must be in canonical order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Shorter keys first, then bytewise (CTAP 2.1 §8).
    Canonical,
    /// Any order, no duplicates, at most [`MEMBERS`] members.
    Free,
}

/// One data item, checked all the way down.
#[derive(Clone, Copy, Debug)]
pub enum Item<'a> {
    /// An unsigned or negative integer that fits 64 bits with its sign.
    Int(i64),
    /// A byte string.
    Bytes(&'a [u8]),
    /// A text string.
    Text(&'a str),
    /// An array.
    Array(Items<'a>),
    /// A map.
    Map(Members<'a>),
    /// `false` or `true`.
    Bool(bool),
    /// Null, undefined, a float, or an integer beyond 64 bits with its sign: nothing that this house reads.
    Other,
}

/// The items of an array, in order.
#[derive(Clone, Copy, Debug)]
pub struct Items<'a> {
    rest: &'a [u8],
}

/// The members of a map, in order.
#[derive(Clone, Copy, Debug)]
pub struct Members<'a> {
    rest: &'a [u8],
}

/// Reads one item that fills `bytes` to the end. Errors: see [`prefix`], and [`Malformed::LeftOver`].
pub fn whole(bytes: &[u8], order: Order, depth: usize) -> Result<Item<'_>, Malformed> {
    match prefix(bytes, order, depth)? {
        (item, []) => Ok(item),
        (_, _) => Err(Malformed::LeftOver),
    }
}

/// Reads the item that `bytes` begins with, and returns what follows it. `depth` is how many arrays and maps may
/// contain each other.
pub fn prefix(bytes: &[u8], order: Order, depth: usize) -> Result<(Item<'_>, &[u8]), Malformed> {
    let rest = checked(bytes, order, depth)?;
    let (item, _) = shallow(bytes)?;
    Ok((item, rest))
}

impl<'a> Item<'a> {
    /// The byte string, or [`Malformed::Kind`].
    pub fn bytes(self) -> Result<&'a [u8], Malformed> {
        if let Item::Bytes(bytes) = self {
            Ok(bytes)
        } else {
            Err(Malformed::Kind)
        }
    }

    /// The text string, or [`Malformed::Kind`].
    pub fn text(self) -> Result<&'a str, Malformed> {
        if let Item::Text(text) = self {
            Ok(text)
        } else {
            Err(Malformed::Kind)
        }
    }

    /// The integer, or [`Malformed::Kind`].
    pub fn int(self) -> Result<i64, Malformed> {
        if let Item::Int(value) = self {
            Ok(value)
        } else {
            Err(Malformed::Kind)
        }
    }

    /// The map, or [`Malformed::Kind`].
    pub fn map(self) -> Result<Members<'a>, Malformed> {
        if let Item::Map(members) = self {
            Ok(members)
        } else {
            Err(Malformed::Kind)
        }
    }

    /// The array, or [`Malformed::Kind`].
    pub fn array(self) -> Result<Items<'a>, Malformed> {
        if let Item::Array(items) = self {
            Ok(items)
        } else {
            Err(Malformed::Kind)
        }
    }
}

impl<'a> Members<'a> {
    /// The value under a text key. Errors: [`Malformed::Missing`].
    pub fn text(self, key: &str) -> Result<Item<'a>, Malformed> {
        self.optional(key).ok_or(Malformed::Missing)
    }

    /// The value under a text key, where it may be absent.
    pub fn optional(mut self, key: &str) -> Option<Item<'a>> {
        self.find_map(|(name, value)| matches!(name, Item::Text(text) if text == key).then_some(value))
    }

    /// Whether the map has no members.
    pub fn is_empty(self) -> bool {
        self.rest.is_empty()
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Item<'a>;

    fn next(&mut self) -> Option<Item<'a>> {
        let (item, rest) = shallow(self.rest).ok()?;
        self.rest = rest;
        Some(item)
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (Item<'a>, Item<'a>);

    fn next(&mut self) -> Option<(Item<'a>, Item<'a>)> {
        let (key, rest) = shallow(self.rest).ok()?;
        let (value, rest) = shallow(rest).ok()?;
        self.rest = rest;
        Some((key, value))
    }
}

/// The first byte's two halves and the number that they announce (RFC 8949 §3).
struct Head {
    major: u8,
    info: u8,
    value: u64,
}

fn head(bytes: &[u8]) -> Result<(Head, &[u8]), Malformed> {
    let (&[first], rest) = bytes.split_first_chunk::<1>().ok_or(Malformed::Short)?;
    let info = first & 0x1f;
    let (value, least, rest) = match info {
        0..24 => (u64::from(info), 0, rest),
        24 => {
            let (&[byte], rest) = rest.split_first_chunk::<1>().ok_or(Malformed::Short)?;
            (u64::from(byte), 24, rest)
        }
        25 => {
            let (two, rest) = rest.split_first_chunk::<2>().ok_or(Malformed::Short)?;
            (u64::from(u16::from_be_bytes(*two)), 0x100, rest)
        }
        26 => {
            let (four, rest) = rest.split_first_chunk::<4>().ok_or(Malformed::Short)?;
            (u64::from(u32::from_be_bytes(*four)), 0x1_0000, rest)
        }
        27 => {
            let (eight, rest) = rest.split_first_chunk::<8>().ok_or(Malformed::Short)?;
            (u64::from_be_bytes(*eight), 0x1_0000_0000, rest)
        }
        // 28–30 are reserved, 31 is an indefinite length or its end.
        _ => return Err(Malformed::NotCanonical),
    };
    // Floats keep the width that they were given (CTAP 2.1 §8), so their bits are not a number to be kept short.
    let major = first >> 5;
    if value < least && (major != SIMPLE || info == 24) {
        return Err(Malformed::NotCanonical);
    }
    Ok((Head { major, info, value }, rest))
}

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const SIMPLE: u8 = 7;

/// Walks one item with everything in it, and returns what follows.
fn checked(bytes: &[u8], order: Order, depth: usize) -> Result<&[u8], Malformed> {
    let (head, rest) = head(bytes)?;
    match head.major {
        UNSIGNED | NEGATIVE => Ok(rest),
        BYTES => Ok(split(rest, head.value)?.1),
        TEXT => {
            let (text, rest) = split(rest, head.value)?;
            std::str::from_utf8(text).map_err(|_| Malformed::Text)?;
            Ok(rest)
        }
        ARRAY => {
            let depth = depth.checked_sub(1).ok_or(Malformed::Deep)?;
            (0..head.value).try_fold(rest, |rest, _| checked(rest, order, depth))
        }
        MAP => checked_map(rest, head.value, order, depth.checked_sub(1).ok_or(Malformed::Deep)?),
        SIMPLE if matches!(head.info, 20..=23 | 25..=27) => Ok(rest),
        // Tags, and simple values that nobody has given a meaning.
        _ => Err(Malformed::NotCanonical),
    }
}

fn checked_map(all: &[u8], members: u64, order: Order, depth: usize) -> Result<&[u8], Malformed> {
    let mut rest = all;
    let mut keys: heapless::Vec<&[u8], MEMBERS> = heapless::Vec::new();
    for _ in 0..members {
        let after_key = checked(rest, order, depth)?;
        let key = before(rest, after_key);
        match order {
            Order::Canonical => {
                if let Some(previous) = keys.pop() {
                    // The same major type and length of head come first; so the plain order is length, then bytes.
                    match rank(previous).cmp(&rank(key)) {
                        std::cmp::Ordering::Less => {}
                        std::cmp::Ordering::Equal => return Err(Malformed::Duplicate),
                        std::cmp::Ordering::Greater => return Err(Malformed::NotCanonical),
                    }
                }
            }
            Order::Free => {
                if keys.contains(&key) {
                    return Err(Malformed::Duplicate);
                }
            }
        }
        keys.push(key).map_err(|_| Malformed::Oversized)?;
        rest = checked(after_key, order, depth)?;
    }
    Ok(rest)
}

/// CTAP2's order of keys: by major type, then by length, then bytewise (CTAP 2.1 §8).
fn rank(key: &[u8]) -> (u8, usize, &[u8]) {
    (key.first().map_or(0, |first| first >> 5), key.len(), key)
}

/// Reads an item that [`checked`] has passed, without going into it.
fn shallow(bytes: &[u8]) -> Result<(Item<'_>, &[u8]), Malformed> {
    let (head, rest) = head(bytes)?;
    Ok(match head.major {
        UNSIGNED => (i64::try_from(head.value).map_or(Item::Other, Item::Int), rest),
        NEGATIVE => (
            i64::try_from(head.value).map_or(Item::Other, |value| Item::Int(-1 - value)),
            rest,
        ),
        BYTES => {
            let (bytes, rest) = split(rest, head.value)?;
            (Item::Bytes(bytes), rest)
        }
        TEXT => {
            let (text, rest) = split(rest, head.value)?;
            (
                Item::Text(std::str::from_utf8(text).map_err(|_| Malformed::Text)?),
                rest,
            )
        }
        ARRAY | MAP => {
            let after = skipped(bytes)?;
            let inner = before(rest, after);
            let item = if head.major == ARRAY {
                Item::Array(Items { rest: inner })
            } else {
                Item::Map(Members { rest: inner })
            };
            (item, after)
        }
        _ => match head.info {
            20 => (Item::Bool(false), rest),
            21 => (Item::Bool(true), rest),
            _ => (Item::Other, rest),
        },
    })
}

/// What follows an item that [`checked`] has passed.
fn skipped(bytes: &[u8]) -> Result<&[u8], Malformed> {
    let (head, rest) = head(bytes)?;
    match head.major {
        BYTES | TEXT => Ok(split(rest, head.value)?.1),
        ARRAY => (0..head.value).try_fold(rest, |rest, _| skipped(rest)),
        MAP => (0..head.value).try_fold(rest, |rest, _| skipped(skipped(rest)?)),
        _ => Ok(rest),
    }
}

fn split(bytes: &[u8], length: u64) -> Result<(&[u8], &[u8]), Malformed> {
    let length = usize::try_from(length).map_err(|_| Malformed::Short)?;
    bytes.split_at_checked(length).ok_or(Malformed::Short)
}

/// What `all` holds before its ending `rest`.
fn before<'a>(all: &'a [u8], rest: &[u8]) -> &'a [u8] {
    all.get(..all.len().saturating_sub(rest.len())).unwrap_or_default()
}
