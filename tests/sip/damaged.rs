//! Damaged messages: nothing panics, nothing grows, and what is taken can be answered and passed on.
//! `LINEKEY_MUTATIONS=1000000 cargo test --release --test sip damaged` for all of them; the figure here takes seconds.

#![expect(clippy::disallowed_methods, reason = "how many and how long is asked of the machine")]

use std::time::{Duration, Instant};

use crate::corpus;
use crate::exercise::exercise;

const MUTATIONS: u64 = 25_000;

/// A generator that needs no seed from outside (xorshift64*): the same damage in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(high).unwrap() % end.max(1)
    }
}

/// What breaks readers: separators, quotes, line ends, numbers at their limits.
const BITS: [&[u8]; 20] = [
    b"\"",
    b"\\",
    b"<",
    b">",
    b",",
    b";",
    b"=",
    b":",
    b"\r\n",
    b"\n",
    b"\r",
    b" ",
    b"%",
    b"[",
    b"]",
    b"@",
    b"\0",
    b"\xff",
    b"4294967296",
    b"\r\n ",
];

fn damage(bytes: &mut Vec<u8>, dice: &mut Dice) {
    for _ in 0..=dice.below(4) {
        let place = dice.below(bytes.len() + 1);
        match dice.below(6) {
            0 => bytes.truncate(place),
            1 => {
                let end = (place + dice.below(30)).min(bytes.len());
                bytes.drain(place..end);
            }
            2 => {
                let end = (place + dice.below(200)).min(bytes.len());
                let copy = bytes[place..end].to_vec();
                bytes.splice(place..place, copy);
            }
            3 if place < bytes.len() => bytes[place] ^= 1 << dice.below(8),
            _ => {
                bytes.splice(place..place, BITS[dice.below(BITS.len())].iter().copied());
            }
        }
    }
}

#[test]
fn no_damage_makes_the_codec_panic_or_lose_its_way() {
    let count = std::env::var("LINEKEY_MUTATIONS").map_or(MUTATIONS, |text| text.parse().unwrap());
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sip/torture");
    let mut messages: Vec<Vec<u8>> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
        .collect();
    messages.sort();
    messages.extend(corpus::messages().into_iter().map(|(.., bytes)| bytes));
    let mut dice = Dice(0x5eed_5eed_5eed_5eed);
    let (mut taken, mut slowest) = (0_u64, Duration::ZERO);
    for _ in 0..count {
        let mut bytes = messages[dice.below(messages.len())].clone();
        damage(&mut bytes, &mut dice);
        let split = dice.below(bytes.len() + 1);
        let start = Instant::now();
        taken += u64::from(exercise(&bytes, split));
        slowest = slowest.max(start.elapsed());
    }
    println!("{count} damaged messages, {taken} taken all the same, the slowest took {slowest:?}");
    assert!(
        taken > count / 10,
        "{taken} of {count} were taken: the damage is too great to reach anything"
    );
}

#[test]
fn the_longest_messages_take_no_more_than_their_length() {
    let heads: [&[u8]; 6] = [b";a", b",", b"\"\\", b"<", b"%41", b"\r\n "];
    for bit in heads {
        let mut bytes = b"REGISTER sip:h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@h>;tag=1\r\n\
            To: <sip:a@h>\r\nCall-ID: 1\r\nCSeq: 1 REGISTER\r\nContact: <sip:a@h>"
            .to_vec();
        bytes.extend(bit.iter().cycle().take(15_000));
        bytes.extend_from_slice(b"\r\n\r\n");
        let start = Instant::now();
        exercise(&bytes, 1000);
        let took = start.elapsed();
        assert!(
            took < Duration::from_secs(2),
            "{took:?} for {:?}",
            bit.escape_ascii().to_string()
        );
    }
}
