//! The passwords that everybody tries first.

use sha2::{Digest, Sha256};

/// The first four bytes of each password's SHA-256, in rising order: 40 KB for 10,000 of them. Made by `build.rs`. One
/// in 400,000 other passwords is taken for one of them.
static HASHES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/common_passwords.bin"));

/// Whether a password is one of the 10,000 commonest, case aside: as it is, written several times over, or with digits
/// and signs around it.
pub fn is_common(password: &str) -> bool {
    let folded = password.to_lowercase();
    let bare = folded.trim_matches(|c: char| !c.is_alphabetic());
    let written_over = (1..=folded.len() / 2)
        .filter(|length| folded.len().is_multiple_of(*length))
        .filter_map(|length| folded.get(..length).map(|part| (part, folded.len() / length)))
        .any(|(part, times)| part.repeat(times) == folded && (is_listed(part) || part.chars().count() <= 3));
    is_listed(&folded) || (bare.chars().count() >= 4 && is_listed(bare)) || written_over
}

fn is_listed(password: &str) -> bool {
    let digest: [u8; 32] = Sha256::digest(password).into();
    let Some(wanted) = digest.first_chunk::<4>() else {
        return false;
    };
    let (hashes, _) = HASHES.as_chunks::<4>();
    hashes.binary_search(wanted).is_ok()
}
