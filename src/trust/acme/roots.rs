//! What directories of CAs are trusted by, where this machine has no list of its own.

use crate::rules::certificates::acme::record::{LETS_ENCRYPT, LETS_ENCRYPT_STAGING};
use crate::rules::certificates::pasted;

/// The roots of Let's Encrypt, ISRG Root X1 (until 2035) and X2 (until 2040): a board may have no list of its own.
const ISRG: &str = include_str!("isrg.pem");

/// The roots of Let's Encrypt (DER), which every browser knows.
pub fn lets_encrypt() -> Vec<Vec<u8>> {
    pasted::parse(ISRG).unwrap_or_default()
}

/// The roots (DER) that a directory is known to be under.
pub(super) fn roots_of(directory: &str) -> Vec<Vec<u8>> {
    if [LETS_ENCRYPT, LETS_ENCRYPT_STAGING].contains(&directory) {
        lets_encrypt()
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::certificates::profile;

    #[test]
    fn lets_encrypt_is_known_by_its_two_published_roots_and_nobody_else_is() {
        let prints: Vec<String> = roots_of(LETS_ENCRYPT)
            .iter()
            .map(|der| profile::fingerprint(&profile::digest(der)))
            .collect();
        // As published at letsencrypt.org/certificates.
        assert_eq!(prints.len(), 2);
        assert!(
            prints[0].starts_with("96:BC:EC:06:26:49:76:F3") && prints[1].starts_with("69:72:9B:8E:15:A8:6E:FC"),
            "{prints:?}"
        );
        assert_eq!(roots_of(LETS_ENCRYPT_STAGING).len(), 2);
        assert!(roots_of("https://ca.example.org/directory").is_empty());
    }
}
