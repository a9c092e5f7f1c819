//! Holds the ES256 checks, without a table and with one of each size, against p256's own and ring's, on a million
//! signatures and near misses or as many as are asked for, on every core. The same cases each time, but for a SEED.
//!
//!     million [COUNT [SEED]]

#[path = "../../../../../src/rules/webauthn/es256/tests/cases.rs"]
#[allow(dead_code)]
mod cases;

use std::collections::BTreeMap;

use cases::{Case, Cases};
use linekey::rules::webauthn::es256::{Key, Size, Table, verify, verify_warm};

/// Cases for one key, before the next.
const EACH: u64 = 2_000;

type Tally = BTreeMap<&'static str, (u64, u64)>;

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .map(|number| number.parse::<u64>().expect("a number"));
    let count = arguments.next().unwrap_or(1_000_000);
    let seed = arguments.next().unwrap_or(2026);
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    let runs: Vec<_> = (0..cores)
        .map(|core| std::thread::spawn(move || run(&mut Cases::seeded(seed << 8 | core), count.div_ceil(cores))))
        .collect();
    let mut all = Tally::new();
    for (kind, (valid, refused)) in runs.into_iter().flat_map(|run| run.join().expect("a difference")) {
        let sum = all.entry(kind).or_default();
        *sum = (sum.0 + valid, sum.1 + refused);
    }
    println!("{:<28} {:>9} {:>9}", "kind", "valid", "refused");
    for (kind, (valid, refused)) in &all {
        println!("{kind:<28} {valid:>9} {refused:>9}");
    }
    let sum: u64 = all.values().map(|(valid, refused)| valid + refused).sum();
    println!("{sum} cases: the verdicts of p256, of ring and of all of ours are the same");
}

fn run(cases: &mut Cases, count: u64) -> Tally {
    let mut tally = Tally::new();
    let mut done = 0;
    while done < count {
        let secret = cases.edge();
        let point = cases::point(&secret);
        let mut tables = None;
        for _ in 0..EACH.min(count - done) {
            let case = cases.about(&secret, point);
            let valid = if case.key == point {
                let tables = tables.get_or_insert_with(|| Size::ALL.map(|size| Table::of(&key(&case), size)));
                verdict(&case, tables)
            } else {
                verdict(&case, &[Table::of(&key(&case), Size::ALL[(done % 3) as usize])])
            };
            let sum = tally.entry(case.kind).or_default();
            *sum = if valid { (sum.0 + 1, sum.1) } else { (sum.0, sum.1 + 1) };
            done += 1;
        }
    }
    tally
}

fn key(case: &Case) -> Key {
    let (x, y) = case.coordinates();
    Key::from_coordinates(&x, &y).expect("a point")
}

fn verdict(case: &Case, tables: &[Table]) -> bool {
    let expected = case.oracle();
    let told = || format!("{}: {:?} {:?} {:?}", case.kind, case.coordinates(), case.digest, case.der);
    if let Some(message) = &case.message {
        assert_eq!(verify(&key(case), message, &case.der), expected, "cold: {}", told());
    }
    for table in tables {
        let warm = verify_warm(table, &case.digest, &case.der);
        assert_eq!(warm, expected, "{:?} table: {}", table.size(), told());
    }
    expected
}
