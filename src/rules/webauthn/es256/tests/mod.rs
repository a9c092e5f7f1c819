//! The check held against p256's own, on other people's vectors, on random cases and where its formulas do not hold.

mod cases;
mod exceptions;
mod forms;
mod tables;

use std::io::Write;

use super::{Key, Table, verify, verify_warm};
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

/// The case's verdict, which cold, warm and p256's own checks must share.
fn verdict(case: &Case) -> bool {
    let key = key(case);
    let expected = case.oracle();
    assert_eq!(verify(&key, &case.digest, &case.der), expected, "cold: {}", case.kind);
    assert_eq!(
        verify_warm(&Table::of(&key), &case.digest, &case.der),
        expected,
        "warm: {}",
        case.kind
    );
    expected
}

#[test]
fn random_signatures_and_near_misses_get_p256s_verdict() {
    let runs: Vec<_> = (0..2)
        .map(|seed| {
            std::thread::spawn(move || {
                let mut cases = Cases::seeded(seed);
                for _ in 0..CASES / EACH / 2 {
                    let secret = cases.edge();
                    let point = cases::point(&secret);
                    let mut table = None;
                    for _ in 0..EACH {
                        let case = cases.about(&secret, point);
                        if case.key != point {
                            verdict(&case);
                            continue;
                        }
                        let table = table.get_or_insert_with(|| Table::of(&key(&case)));
                        let expected = case.oracle();
                        assert_eq!(
                            verify(table.key(), &case.digest, &case.der),
                            expected,
                            "cold: {}",
                            case.kind
                        );
                        assert_eq!(
                            verify_warm(table, &case.digest, &case.der),
                            expected,
                            "warm: {}",
                            case.kind
                        );
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
    let Ok(text) = std::fs::read_to_string("../shared/vectors/ecdsa/wycheproof_p256_sha256.json") else {
        // Past the harness, which keeps what a passing test has printed, for `.ci/run`.
        writeln!(
            std::io::stderr(),
            "skipped: Wycheproof's verdicts: ../shared/vectors is not there"
        )
        .unwrap();
        return;
    };
    let hex = |text: &str| data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap();
    let vectors: Vec<Vector> = serde_json::from_str(&text).unwrap();
    assert!(!vectors.is_empty());
    for vector in vectors {
        let point = hex(&vector.public_key_uncompressed_hex);
        let coordinates: (&[u8; 32], &[u8; 32]) = (point[1..33].try_into().unwrap(), point[33..].try_into().unwrap());
        let key = Key::from_coordinates(coordinates.0, coordinates.1).unwrap();
        let (digest, der) = (Sha256::digest(hex(&vector.msg_hex)).into(), hex(&vector.sig_der_hex));
        let expected = vector.result == "valid";
        assert_eq!(verify(&key, &digest, &der), expected, "cold: {}", vector.id);
        assert_eq!(
            verify_warm(&Table::of(&key), &digest, &der),
            expected,
            "warm: {}",
            vector.id
        );
    }
}
