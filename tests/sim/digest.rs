//! A phone's side of digest authentication (RFC 7616 §3.4), written again from the RFC.

use md5::Md5;
use sha2::{Digest, Sha256};

use crate::dice::Dice;
use crate::wire::challenge_field;

/// The last challenge that a phone got, and how often it answered it.
#[derive(Clone, Debug)]
pub(crate) struct Challenge {
    realm: String,
    nonce: String,
    pub(crate) algorithm: String,
    count: u32,
    pub(crate) stale: bool,
}

impl Challenge {
    pub(crate) fn read(value: &str) -> Self {
        let field = |name| challenge_field(value, name);
        assert!(value.starts_with("Digest "), "no Digest challenge: {value}");
        assert_eq!(field("qop").as_deref(), Some("auth"), "{value}");
        Self {
            realm: field("realm").expect("a realm"),
            nonce: field("nonce").expect("a nonce"),
            algorithm: field("algorithm").unwrap_or_else(|| "MD5".to_owned()),
            count: 0,
            stale: field("stale").is_some_and(|stale| stale == "true"),
        }
    }

    /// The credentials for one more request.
    pub(crate) fn answer(&mut self, name: &str, secret: &str, method: &str, uri: &str, dice: &mut Dice) -> String {
        self.count += 1;
        let (realm, nonce, algorithm) = (&self.realm, &self.nonce, &self.algorithm);
        let (count, cnonce) = (format!("{:08x}", self.count), dice.hex());
        let secret_hash = self.hash(&format!("{name}:{realm}:{secret}"));
        let request_hash = self.hash(&format!("{method}:{uri}"));
        let response = self.hash(&format!("{secret_hash}:{nonce}:{count}:{cnonce}:auth:{request_hash}"));
        format!(
            "Digest username=\"{name}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", response=\"{response}\", \
             algorithm={algorithm}, cnonce=\"{cnonce}\", qop=auth, nc={count}"
        )
    }

    fn hash(&self, text: &str) -> String {
        let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
        match self.algorithm.as_str() {
            "MD5" => hex(&Md5::digest(text)),
            "SHA-256" => hex(&Sha256::digest(text)),
            other => panic!("nobody asked for {other}"),
        }
    }
}
