//! Cases of ECDSA alone, in Wycheproof's terms, each without a table of its key and with one.

use data_encoding::HEXLOWER_PERMISSIVE;
use linekey::rules::webauthn::es256::{self, Table};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::Answer;

pub(crate) fn answer(case: &Value) -> Answer {
    let bytes = |name: &str| {
        let text = case[name]
            .as_str()
            .unwrap_or_else(|| panic!("{}: no {name}", case["id"]));
        HEXLOWER_PERMISSIVE
            .decode(text.as_bytes())
            .unwrap_or_else(|why| panic!("{}: {name}: {why}", case["id"]))
    };
    let point = bytes("public_key_uncompressed_hex");
    let key = match point.as_slice() {
        [4, point @ ..] if point.len() == 64 => {
            es256::Key::from_coordinates(point[..32].try_into().unwrap(), point[32..].try_into().unwrap())
        }
        _ => None,
    };
    let digest = Sha256::digest(bytes("msg_hex")).into();
    let signature = bytes("sig_der_hex");
    let verified = key.as_ref().is_some_and(|key| es256::verify(key, &digest, &signature));
    let warm = key.is_some_and(|key| es256::verify_warm(&Table::of(&key), &digest, &signature));
    if warm != verified {
        return Answer::Wrong(format!(
            "verified = {verified}, but with a table {warm}: {}",
            case["comment"]
        ));
    }
    match (case["result"].as_str(), verified) {
        (Some("valid"), true) | (Some("invalid"), false) | (Some("acceptable"), _) => Answer::Right,
        (expected, _) => Answer::Wrong(format!("{expected:?}, but verified = {verified}: {}", case["comment"])),
    }
}
