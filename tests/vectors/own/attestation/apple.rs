//! Apple's anonymous attestation (§8.8): a statement that is true but for one thing.

use sha2::{Digest, Sha256};

use super::super::certificate::{der, sequence, subject_key};
use super::super::registration::Creation;
use super::super::secret;
use super::{Change, ES256, Made, accepted, chain, refused};

const APPLE_NONCE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x63, 0x64, 0x08, 0x02];

impl Made {
    /// The certificate is the passkey's own.
    fn apple(mut self, nonce: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Creation {
        let hash = Sha256::digest(self.creation.message()).to_vec();
        self.certificate.extend(APPLE_NONCE, nonce(hash));
        let members = vec![("x5c", self.x5c())];
        self.with("apple", members)
    }
}

#[test]
fn apples_statements_are_as_8_8_asks() {
    let nonce = |hash: Vec<u8>| sequence(&[&der(0xa1, &der(4, &hash))]);
    let own: Change = |made| made.certificate.key = subject_key(&secret(1));
    accepted("as it is", Made::right().but(own).apple(nonce));
    let says_alg: Change = |made| {
        made.certificate.key = subject_key(&secret(1));
        made.more.push(("alg", vec![ES256]));
    };
    // The order of the members is not canonical then, but theirs need not be.
    accepted(
        "with the algorithm that Apple adds",
        Made::right().but(says_alg).apple(nonce),
    );
    refused("another's certificate", Made::right().apple(nonce));
    refused("another nonce", Made::right().but(own).apple(|_| nonce(vec![0; 32])));
    refused(
        "something behind the nonce",
        Made::right()
            .but(own)
            .apple(|hash| sequence(&[&der(0xa1, &[der(4, &hash), vec![5, 0]].concat())])),
    );
    refused(
        "something behind it all",
        Made::right().but(own).apple(|hash| [nonce(hash), vec![5, 0]].concat()),
    );
    let more: Change = |made| {
        made.certificate.key = subject_key(&secret(1));
        made.more.push(("zzzz", vec![0]));
    };
    refused("a member more", Made::right().but(more).apple(nonce));
    let none: Change = |made| made.certificates = Some(chain(&[made.certificate.written()]));
    refused("no nonce", Made::right().but(own).but(none).apple(nonce));
}
