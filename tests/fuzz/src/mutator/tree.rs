//! DER taken apart, changed in one place, and put together with lengths that fit again.

use libfuzzer_sys::fuzzer_mutate;

use super::Dice;
use crate::targets::parts::der;

/// What a value may be replaced by, or have put before it.
const VALUES: &[&[u8]] = &[
    &[0x01, 1, 0],
    &[0x01, 1, 0xff],
    &[0x01, 1, 1],
    &[0x02, 1, 0],
    &[0x02, 1, 1],
    &[0x02, 1, 0xff],
    &[0x02, 2, 0, 0x80],
    &[0x02, 0],
    &[0x03, 2, 1, 0x06],
    &[0x03, 1, 0],
    &[0x04, 0],
    &[0x05, 0],
    // Basic constraints, key usage, name constraints, nothing known; P-384.
    &[0x06, 3, 0x55, 0x1d, 0x13],
    &[0x06, 3, 0x55, 0x1d, 0x0f],
    &[0x06, 3, 0x55, 0x1d, 0x1e],
    &[0x06, 1, 1],
    &[0x06, 5, 0x2b, 0x81, 0x04, 0x00, 0x22],
    &[0x30, 0],
    &[0x30, 3, 1, 1, 0xff],
    &[0x31, 0],
    &[0xa0, 3, 2, 1, 2],
    &[0xa3, 2, 0x30, 0],
    &[0xbf, 0x85, 0x3e, 0],
];

#[derive(Clone)]
struct Node {
    tag: u8,
    /// What is before the values, where values are in a string: the unused bits of a BIT STRING.
    prefix: Vec<u8>,
    contents: Contents,
}

#[derive(Clone)]
enum Contents {
    Bytes(Vec<u8>),
    Values(Vec<Node>),
}

/// Changes one value; a text that is no DER is changed as bytes.
pub(super) fn grafted(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let Some(mut values) = parsed(bytes).filter(|values| !values.is_empty()) else {
        return scrambled(bytes);
    };
    let count = counted(&values);
    let other = nth(&values, &mut dice.below(count)).cloned();
    change(&mut values, &mut dice.below(count), dice, other);
    *bytes = written(&values);
}

/// The values that fill `bytes`, in DER's lengths of at most two bytes.
fn parsed(mut bytes: &[u8]) -> Option<Vec<Node>> {
    let mut values = Vec::new();
    while let [tag, rest @ ..] = bytes {
        let (length, rest) = match rest {
            [0x81, length, rest @ ..] => (usize::from(*length), rest),
            [0x82, high, low, rest @ ..] => (usize::from(*high) << 8 | usize::from(*low), rest),
            [length @ ..=0x7f, rest @ ..] => (usize::from(*length), rest),
            _ => return None,
        };
        let (contents, rest) = rest.split_at_checked(length)?;
        let (prefix, inside) = contents.split_at(usize::from(*tag == 3 && contents.first() == Some(&0)));
        let inner = if tag & 0x20 != 0 || matches!(tag, 3 | 4) && !inside.is_empty() {
            parsed(inside)
        } else {
            None
        };
        values.push(match inner {
            Some(values) => Node {
                tag: *tag,
                prefix: prefix.to_vec(),
                contents: Contents::Values(values),
            },
            None => Node {
                tag: *tag,
                prefix: Vec::new(),
                contents: Contents::Bytes(contents.to_vec()),
            },
        });
        bytes = rest;
    }
    Some(values)
}

fn written(values: &[Node]) -> Vec<u8> {
    let one = |node: &Node| {
        let contents = match &node.contents {
            Contents::Bytes(bytes) => bytes.clone(),
            Contents::Values(values) => [node.prefix.clone(), written(values)].concat(),
        };
        der(node.tag, &contents)
    };
    values.iter().flat_map(one).collect()
}

fn counted(values: &[Node]) -> usize {
    values.iter().map(|node| 1 + node.inside().map_or(0, counted)).sum()
}

impl Node {
    fn inside(&self) -> Option<&[Node]> {
        if let Contents::Values(values) = &self.contents {
            Some(values)
        } else {
            None
        }
    }
}

fn nth<'a>(values: &'a [Node], number: &mut usize) -> Option<&'a Node> {
    for node in values {
        if *number == 0 {
            return Some(node);
        }
        *number -= 1;
        if let Some(found) = node.inside().and_then(|values| nth(values, number)) {
            return Some(found);
        }
    }
    None
}

/// Changes the value of this number, counted from the outermost first one; true where that was in here.
fn change(values: &mut Vec<Node>, number: &mut usize, dice: &mut Dice, other: Option<Node>) -> bool {
    let length = values.len();
    for at in 0..length {
        if *number == 0 {
            let new = parsed(dice.of(VALUES)).unwrap_or_default();
            match dice.below(7) {
                0 => drop(values.splice(at..=at, new)),
                1 => drop(values.splice(at..at, new)),
                2 => drop(values.remove(at)),
                3 => values.insert(at, values[at].clone()),
                4 => drop(values.splice(at..=at, other)),
                5 => values.swap(at, dice.below(length)),
                _ => match &mut values[at].contents {
                    Contents::Bytes(bytes) => scrambled(bytes),
                    Contents::Values(_) => values[at].tag ^= 1 << dice.below(8),
                },
            }
            return true;
        }
        *number -= 1;
        if let Contents::Values(inside) = &mut values[at].contents
            && change(inside, number, dice, other.clone())
        {
            return true;
        }
    }
    false
}

fn scrambled(bytes: &mut Vec<u8>) {
    let length = bytes.len();
    bytes.resize(length + 32, 0);
    let length = fuzzer_mutate(bytes, length, length + 32);
    bytes.truncate(length);
}
