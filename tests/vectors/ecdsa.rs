//! Cases of ECDSA alone, in Wycheproof's terms, each without a table of its key and with one of each size.

use data_encoding::HEXLOWER_PERMISSIVE;
use linekey::rules::webauthn::es256::{self, Size, Table};
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
    let (message, signature) = (bytes("msg_hex"), bytes("sig_der_hex"));
    let verified = key.as_ref().is_some_and(|key| es256::verify(key, &message, &signature));
    let digest = Sha256::digest(&message).into();
    for table in key.iter().flat_map(|key| Size::ALL.map(|size| Table::of(key, size))) {
        if es256::verify_warm(&table, &digest, &signature) != verified {
            return Answer::Wrong(format!(
                "verified = {verified}, but not with a {:?} table: {}",
                table.size(),
                case["comment"]
            ));
        }
    }
    match (case["result"].as_str(), verified) {
        (Some("valid"), true) | (Some("invalid"), false) | (Some("acceptable"), _) => Answer::Right,
        (expected, _) => Answer::Wrong(format!("{expected:?}, but verified = {verified}: {}", case["comment"])),
    }
}
