//! Seeds that once failed, each with what was wrong.

/// Seed, and what it found.
const KEPT: &[(u64, &str)] = &[];

#[test]
fn seeds_that_once_failed_hold() {
    for (seed, found) in KEPT {
        println!("{seed}: {found}");
        crate::lived(*seed);
    }
}
