//! Mutations that keep a ceremony's shape: one part of the input changes, in the grammar that it is written in.

mod tree;

use libfuzzer_sys::fuzzer_mutate;

use crate::targets::parts::{Layout, each, joined};

/// What an item may be replaced by: every kind of CBOR item, in its shortest form and in others.
const ITEMS: &[&[u8]] = &[
    &[0x00],
    &[0x01],
    &[0x02],
    &[0x03],
    &[0x06],
    &[0x17],
    &[0x18, 0x17],
    &[0x18, 0x18],
    &[0x19, 0, 0xff],
    &[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    &[0x20],
    &[0x26],
    &[0x27],
    &[0x38, 0x22],
    &[0x39, 0x01, 0x00],
    &[0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    &[0x40],
    &[0x41, 0],
    &[0x5f, 0xff],
    &[0x60],
    &[0x61, 0xff],
    &[0x63, b's', b'i', b'g'],
    &[0x63, b'a', b'l', b'g'],
    &[0x63, b'x', b'5', b'c'],
    &[0x80],
    &[0x81, 0x80],
    &[0x81, 0x81, 0x81, 0x81, 0x80],
    &[0x9f, 0xff],
    &[0xa0],
    &[0xa1, 0x01, 0x02],
    &[0xa2, 0x01, 0x02, 0x01, 0x02],
    &[0xbf, 0xff],
    &[0xc0, 0x00],
    &[0xf4],
    &[0xf5],
    &[0xf6],
    &[0xf8, 0x20],
    &[0xf9, 0x7e, 0x00],
    &[0xfb, 0, 0, 0, 0, 0, 0, 0, 0],
    &[0xff],
];

const TOKENS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u0041",
    "\\ud83d\\ude00",
    "\\ud83d",
    "null",
    "true",
    "false",
    "-0.1e+9",
    "1e999",
    "00",
    " ",
    "\u{feff}",
    "\"type\":\"webauthn.get\"",
    "\"challenge\":\"\"",
    "\"origin\":\"https://example.org\"",
    "\"crossOrigin\":true",
    "\"crossOrigin\":false",
    "\"topOrigin\":\"https://example.com\"",
    "\"tokenBinding\":{\"status\":\"supported\"}",
];

/// splitmix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) as usize % limit.max(1)
    }

    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

/// For `fuzz_mutator!`: one to three changes, to as many parts.
pub fn mutated(bytes: &mut [u8], size: usize, most: usize, seed: u32, layout: Layout) -> usize {
    let mut dice = Dice(seed.into());
    let mut parts: Vec<Vec<u8>> = each(&bytes[..size]).take(layout.parts).map(<[u8]>::to_vec).collect();
    for _ in 0..=dice.below(3) {
        let at = dice.below(layout.parts);
        let part = &mut parts[at];
        match dice.below(3) {
            _ if at == layout.repairs => *part = vec![part.first().unwrap_or(&0) ^ 1 << dice.below(7)],
            0 if layout.json.contains(&at) => retold(part, &mut dice),
            0 | 1 if layout.cbor.contains(&at) => rearranged(part, &mut dice),
            0 | 1 if layout.der.contains(&at) => tree::grafted(part, &mut dice),
            _ => {
                let length = part.len();
                part.resize(length + 32, 0);
                let length = fuzzer_mutate(part, length, length + 32);
                part.truncate(length);
            }
        }
    }
    let joined = joined(&parts);
    match bytes
        .get_mut(..joined.len().min(most))
        .filter(|to| to.len() == joined.len())
    {
        Some(to) => {
            to.copy_from_slice(&joined);
            joined.len()
        }
        None => size,
    }
}

/// A token is put in, or a stretch taken out, said twice or told at another place.
fn retold(text: &mut Vec<u8>, dice: &mut Dice) {
    let (one, other) = (dice.below(text.len() + 1), dice.below(text.len() + 1));
    let stretch = one.min(other)..one.max(other);
    match dice.below(4) {
        0 | 1 => drop(text.splice(one..one, dice.of(TOKENS).bytes())),
        2 => drop(text.drain(stretch)),
        _ => {
            let told = text[stretch].to_vec();
            text.splice(one..one, told);
        }
    }
}

/// An item is replaced, taken out, said twice, or exchanged with another; counts follow only by chance.
fn rearranged(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let mut items = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        items.push(at);
        at += step(&bytes[at..]);
    }
    items.push(bytes.len());
    let number = dice.below(items.len());
    let (begin, end) = (items[number], items.get(number + 1).copied().unwrap_or(bytes.len()));
    let item = bytes[begin..end].to_vec();
    match dice.below(6) {
        0 | 1 => drop(bytes.splice(begin..end, dice.of(ITEMS).iter().copied())),
        2 => drop(bytes.drain(begin..end)),
        3 => drop(bytes.splice(begin..begin, item)),
        4 => {
            let to = items[dice.below(items.len())];
            bytes.drain(begin..end);
            let to = to.min(bytes.len());
            bytes.splice(to..to, item);
        }
        // The head counts one more or one fewer.
        _ => {
            if let Some(head) = bytes.get_mut(begin) {
                *head = if dice.below(2) == 0 {
                    head.wrapping_add(1)
                } else {
                    head.wrapping_sub(1)
                };
            }
        }
    }
}

/// How far it is to the next item: past a string, but into a list or map.
fn step(bytes: &[u8]) -> usize {
    let (major, info) = (bytes[0] >> 5, bytes[0] & 0x1f);
    let width = match info {
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        _ => 0,
    };
    let announced = &bytes[1..][..width.min(bytes.len() - 1)];
    let value = announced
        .iter()
        .fold(0_usize, |value, byte| value.wrapping_shl(8) | usize::from(*byte));
    let length = if width == 0 { info.into() } else { value };
    let inside = if matches!(major, 2 | 3) { length } else { 0 };
    (1 + width).saturating_add(inside).min(bytes.len()).max(1)
}
