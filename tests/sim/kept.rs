//! Seeds that once failed, each with what was wrong.

/// Seed, and what it found.
const KEPT: &[(u64, &str)] = &[
    (11, "a copy of a 200 after the BYE of its call lit the lamp for good"),
    (4_712, "the same, where the 200 had crossed the caller's CANCEL"),
    (171, "a phone was in a call still when its day was over"),
    (272, "an INVITE got no answer at all"),
    (
        96,
        "of two that answered, one was hung up on with the number of its PRACK, and stayed in the call",
    ),
    (
        209,
        "a phone whose connection was gone called somebody to hand a call over to",
    ),
    (
        229,
        "a phone that left took the answer to its last registration for that to its leave",
    ),
    (
        584,
        "a phone that was called again over its next connection was thought to ring twice",
    ),
];

#[test]
fn seeds_that_once_failed_hold() {
    for (seed, found) in KEPT {
        println!("{seed}: {found}");
        crate::lived(*seed);
    }
}
