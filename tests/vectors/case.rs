//! Cases of a whole ceremony, in the format of the shared vectors' README.

use std::collections::BTreeMap;

use data_encoding::BASE64URL_NOPAD;
use linekey::rules::webauthn::assertion::{self, AllowedPasskeys, AssertionResponse, StoredPasskey};
use linekey::rules::webauthn::attestation::Policy;
use linekey::rules::webauthn::registration::{self, RegistrationResponse};
use linekey::rules::webauthn::{Algorithm, Challenge, RelyingParty, UserVerification};
use serde_json::Value;

use crate::Answer;

/// COSE algorithms that are known and not built. Any other that is not ours is judged, and must be refused.
const ALGORITHMS: [(i64, &str); 5] = [
    (-36, "ES512"),
    (-48, "ML-DSA-44"),
    (-49, "ML-DSA-65"),
    (-50, "ML-DSA-87"),
    (-53, "Ed448"),
];

/// Formats that are known and not built: SafetyNet's service was shut down, and the standard is about to drop it.
const FORMATS: [&str; 1] = ["android-safetynet"];

pub(crate) fn answer(case: &Value, refused_at: &mut BTreeMap<String, usize>) -> Answer {
    let algorithm = ALGORITHMS
        .iter()
        .find(|(alg, _)| case["alg"] == *alg && Algorithm::from_cose(*alg).is_none());
    let format = FORMATS.iter().find(|format| case["fmt"] == **format);
    if let Some(name) = algorithm.map(|(_, name)| name).or(format) {
        return Answer::Unsupported((*name).to_owned());
    }
    let verdict = match case["ceremony"].as_str() {
        Some("registration") => register(case),
        Some("authentication") => authenticate(case),
        other => panic!("{}: ceremony {other:?}", case["id"]),
    };
    match (case["expect"].as_str(), verdict) {
        (Some("ok"), Ok(())) => Answer::Right,
        (Some("reject"), Err(step)) => {
            *refused_at.entry(step).or_default() += 1;
            Answer::Right
        }
        (Some("ok"), Err(step)) => Answer::Wrong(format!("refused, though it is right: {step}")),
        (Some("reject"), Ok(())) => Answer::Wrong(format!("accepted in spite of: {}", case["reason"])),
        (other, _) => panic!("{}: expect {other:?}", case["id"]),
    }
}

fn register(case: &Value) -> Result<(), String> {
    let roots: Option<Vec<Vec<u8>>> = case["trust_roots_b64u"]
        .as_array()
        .filter(|roots| !roots.is_empty())
        .map(|roots| {
            roots
                .iter()
                .map(|root| decode(root.as_str().expect("a root")))
                .collect()
        });
    let policy = roots.as_ref().map_or(Policy::Any, |roots| Policy::Anchored { roots });
    let response = RegistrationResponse {
        id: bytes(case, "credential_id_b64u"),
        client_data_json: bytes(case, "client_data_json_b64u"),
        attestation_object: bytes(case, "attestation_object_b64u"),
        transports: Vec::new(),
        discoverable: None,
    };
    let challenge = bytes(case, "challenge_b64u");
    let challenge = Challenge::of_another(&challenge).ok_or("a challenge of fewer than 16 bytes (§13.4.3)")?;
    let registered = registration::verify(
        &party(case),
        challenge,
        verification(case),
        Algorithm::ALL,
        policy,
        &response,
    );
    registered.map(|_| ()).map_err(|step| step.to_string())
}

fn authenticate(case: &Value) -> Result<(), String> {
    let response = AssertionResponse {
        id: bytes(case, "credential_id_b64u"),
        client_data_json: bytes(case, "client_data_json_b64u"),
        authenticator_data: bytes(case, "authenticator_data_b64u"),
        signature: bytes(case, "signature_b64u"),
        user_handle: optional(case, "user_handle_b64u"),
    };
    let expected = optional(case, "expected_user_handle_b64u");
    let passkey = StoredPasskey {
        credential_id: response.id.clone(),
        public_key_cose: bytes(case, "public_key_cose_b64u"),
        sign_count: case["stored_sign_count"]
            .as_u64()
            .and_then(|count| count.try_into().ok())
            .unwrap_or(0),
        // The cases do not say what was registered, so it is what the answer says.
        backup_eligible: response
            .authenticator_data
            .get(32)
            .is_some_and(|flags| flags & 0x08 != 0),
        user_handle: expected.or_else(|| response.user_handle.clone()).unwrap_or_default(),
    };
    let challenge = bytes(case, "challenge_b64u");
    let challenge = Challenge::of_another(&challenge).ok_or("a challenge of fewer than 16 bytes (§13.4.3)")?;
    // Cases without a user handle are of accounts that were known before.
    let allowed = [response.id.clone()];
    let asked = if response.user_handle.is_some() {
        AllowedPasskeys::Anyone
    } else {
        AllowedPasskeys::OneOf(&allowed)
    };
    let seen = assertion::verify(&party(case), challenge, verification(case), &passkey, asked, &response);
    seen.map(|_| ()).map_err(|step| step.to_string())
}

fn party(case: &Value) -> RelyingParty {
    let origins = case["origins"].as_array().expect("origins");
    let origins = origins
        .iter()
        .map(|origin| origin.as_str().expect("an origin").to_owned())
        .collect();
    RelyingParty::new(case["rp_id"].as_str().expect("an RP ID"), origins)
}

fn verification(case: &Value) -> UserVerification {
    if case["require_uv"] == true {
        UserVerification::Required
    } else {
        UserVerification::Preferred
    }
}

fn bytes(case: &Value, name: &str) -> Vec<u8> {
    optional(case, name).unwrap_or_else(|| panic!("{}: no {name}", case["id"]))
}

fn optional(case: &Value, name: &str) -> Option<Vec<u8>> {
    case.get(name)?.as_str().map(decode)
}

fn decode(text: &str) -> Vec<u8> {
    BASE64URL_NOPAD
        .decode(text.trim_end_matches('=').as_bytes())
        .expect("base64url")
}

/// What a file may hold that this verifier never meets: it is refused like any other defect, and not skipped.
#[test]
fn a_short_challenge_and_an_unknown_algorithm_are_refused_and_not_counted_as_unsupported() {
    let file = include_str!("w3c-section-16.json");
    let cases: Vec<Value> = serde_json::from_str(file).unwrap();
    for ceremony in ["registration", "authentication"] {
        let found = cases
            .iter()
            .find(|case| case["ceremony"] == ceremony && case["alg"] == -7);
        let mut case = found.unwrap().clone();
        assert!(matches!(answer(&case, &mut BTreeMap::new()), Answer::Right));
        case["challenge_b64u"] = "c2hvcnQ".into();
        assert!(matches!(answer(&case, &mut BTreeMap::new()), Answer::Wrong(_)));
        (case["expect"], case["alg"]) = ("reject".into(), (-999).into());
        assert!(matches!(answer(&case, &mut BTreeMap::new()), Answer::Right));
    }
}
