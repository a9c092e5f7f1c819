//! The checks held against p256's own and ring's, on other people's vectors, on random cases and where our formulas do
//! not hold.

mod cases;
mod exceptions;
mod forms;

use super::{Key, Size, Table, verify, verify_warm};
use cases::{Case, Cases};
use sha2::{Digest, Sha256};

/// How many random cases a usual run takes; `tests/bench/verify` takes a million.
const CASES: usize = 20_000;
/// Cases for one key, before the next.
const EACH: usize = 500;

fn key(case: &Case) -> Key {
    let (x, y) = case.coordinates();
    Key::from_coordinates(&x, &y).unwrap()
}

fn tables(key: &Key) -> [Table; 3] {
    Size::ALL.map(|size| Table::of(key, size))
}

/// The case's verdict, which the check without a table, the checks with one of any size, p256 and ring must share.
fn verdict(case: &Case) -> bool {
    agreed(case, &tables(&key(case)))
}

fn agreed(case: &Case, tables: &[Table]) -> bool {
    let expected = case.oracle();
    if let Some(message) = &case.message {
        let cold = verify(&key(case), message, &case.der);
        assert_eq!(cold, expected, "cold: {}", case.kind);
    }
    for table in tables {
        let warm = verify_warm(table, &case.digest, &case.der);
        assert_eq!(warm, expected, "{:?} table: {}", table.size(), case.kind);
    }
    expected
}

#[test]
fn random_signatures_and_near_misses_get_p256s_verdict_and_rings() {
    let runs: Vec<_> = (0..2)
        .map(|seed| {
            std::thread::spawn(move || {
                let mut cases = Cases::seeded(seed);
                for _ in 0..CASES / EACH / 2 {
                    let secret = cases.edge();
                    let point = cases::point(&secret);
                    let mut kept = None;
                    for number in 0..EACH {
                        let case = cases.about(&secret, point);
                        // One size for each, in turn: without optimisation each takes long.
                        let turn = number % 3;
                        if case.key == point {
                            let tables = kept.get_or_insert_with(|| tables(&key(&case)));
                            agreed(&case, &tables[turn..=turn]);
                        } else {
                            agreed(&case, &[Table::of(&key(&case), Size::ALL[turn])]);
                        }
                    }
                }
            })
        })
        .collect();
    runs.into_iter().for_each(|run| run.join().unwrap());
}

#[test]
fn wycheproofs_verdicts_hold() {
    #[derive(serde::Deserialize)]
    struct Vector {
        id: String,
        public_key_uncompressed_hex: String,
        msg_hex: String,
        sig_der_hex: String,
        result: String,
    }
    let text = include_str!("../../../../../tests/vectors/data/ecdsa/wycheproof_p256_sha256.json");
    let hex = |text: &str| data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap();
    let vectors: Vec<Vector> = serde_json::from_str(text).unwrap();
    assert!(!vectors.is_empty());
    for vector in vectors {
        let point = hex(&vector.public_key_uncompressed_hex);
        let coordinates: (&[u8; 32], &[u8; 32]) = (point[1..33].try_into().unwrap(), point[33..].try_into().unwrap());
        let key = Key::from_coordinates(coordinates.0, coordinates.1).unwrap();
        let (message, der) = (hex(&vector.msg_hex), hex(&vector.sig_der_hex));
        let expected = vector.result == "valid";
        assert_eq!(verify(&key, &message, &der), expected, "cold: {}", vector.id);
        let digest = Sha256::digest(&message).into();
        for table in tables(&key) {
            let warm = verify_warm(&table, &digest, &der);
            assert_eq!(warm, expected, "{:?} table: {}", table.size(), vector.id);
        }
    }
}
