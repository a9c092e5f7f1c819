//! §5.1.8: what browsers send, where it is unusual but no ceremony rests on it, and what no browser sends.

use linekey::rules::webauthn::assertion::AssertionResponse;
use linekey::rules::webauthn::registration::RegistrationResponse;
use linekey::rules::webauthn::wire::{AuthenticationResponseJson, RegistrationResponseJson};
use serde_json::{Value, json};

fn new_passkey(sent: Value) -> Option<RegistrationResponse> {
    let json: RegistrationResponseJson = serde_json::from_value(sent).ok()?;
    json.try_into().ok()
}

fn sign_in(sent: Value) -> Option<AssertionResponse> {
    let json: AuthenticationResponseJson = serde_json::from_value(sent).ok()?;
    json.try_into().ok()
}

/// Both messages, each with this in this place.
fn taken(place: &str, value: &Value) -> [bool; 2] {
    let head = json!({ "id": "bmV3", "rawId": "bmV3", "type": "public-key" });
    let responses = [
        json!({ "clientDataJSON": "e30", "attestationObject": "oA" }),
        json!({ "clientDataJSON": "e30", "authenticatorData": "oA", "signature": "MAA", "userHandle": "bQ" }),
    ];
    let [new, answer] = responses.map(|response| {
        let mut sent = head.clone();
        sent["response"] = response;
        if let Some(there) = sent.pointer_mut(place) {
            *there = value.clone();
        }
        sent
    });
    [new_passkey(new).is_some(), sign_in(answer).is_some()]
}

#[test]
fn what_no_browser_sends_is_refused() {
    assert_eq!(taken("/nowhere", &Value::Null), [true, true]);
    for kind in [
        json!("Public-Key"),
        json!(""),
        json!(null),
        json!(1),
        json!(["public-key"]),
        json!({ "public-key": null }),
    ] {
        assert_eq!(taken("/type", &kind), [false, false], "{kind}");
    }
    // Bits behind the last byte, blanks, half a byte; padding that is too short, too long, or in the middle; and no
    // text.
    for other in [
        "bmV4bh", "bmV3 ", "bmV3b", "%", "=", "====", "bmV3=", "bmV3bg=", "bmV3====", "bg==bmV3",
    ] {
        for place in ["/id", "/rawId", "/response/clientDataJSON"] {
            assert_eq!(taken(place, &json!(other)), [false, false], "{place}: {other}");
        }
        assert!(!taken("/response/attestationObject", &json!(other))[0], "{other}");
        for place in [
            "/response/authenticatorData",
            "/response/signature",
            "/response/userHandle",
        ] {
            assert!(!taken(place, &json!(other))[1], "{place}: {other}");
        }
    }
    for place in ["/id", "/rawId", "/response/clientDataJSON", "/response"] {
        for other in [Value::Null, json!(1), json!({}), json!(["e30"])] {
            assert_eq!(taken(place, &other), [false, false], "{place}: {other}");
        }
    }
    assert_eq!(taken("/id", &json!("bmV4")), [false, false], "id and rawId name two");
    assert_eq!(taken("/response/userHandle", &Value::Null), [true, true]);
}

#[test]
fn both_alphabets_are_read_with_padding_and_without_and_bytes_are_compared() {
    let bytes = [0xfb, 0xef, 0xff, 0x01];
    let forms = ["--__AQ", "--__AQ==", "++//AQ", "++//AQ==", "+-/_AQ"].map(|text| json!(text));
    for id in &forms {
        for raw_id in &forms {
            let response =
                json!({ "clientDataJSON": id, "authenticatorData": raw_id, "signature": id, "userHandle": raw_id });
            let sent = json!({ "id": id, "rawId": raw_id, "type": "public-key", "response": response });
            let read = sign_in(sent).unwrap_or_else(|| panic!("{id} {raw_id}"));
            assert_eq!(
                [read.id, read.client_data_json, read.authenticator_data, read.signature],
                [0; 4].map(|_| bytes.to_vec())
            );
            assert_eq!(read.user_handle.as_deref(), Some(bytes.as_slice()));
            let response = json!({ "clientDataJSON": raw_id, "attestationObject": id });
            let sent = json!({ "id": id, "rawId": raw_id, "type": "public-key", "response": response });
            let read = new_passkey(sent).unwrap_or_else(|| panic!("{id} {raw_id}"));
            assert_eq!(
                [read.id, read.client_data_json, read.attestation_object],
                [0; 3].map(|_| bytes.to_vec())
            );
        }
    }
}

#[test]
fn an_answer_names_its_passkey_before_it_is_looked_at_and_a_refusal_says_why() {
    let response = json!({ "clientDataJSON": "e30", "authenticatorData": "oA", "signature": "MAA" });
    let mut sent = json!({ "id": "bmV3", "rawId": "bmV3", "type": "public-key", "response": response });
    let read = |sent: &Value| serde_json::from_value::<AuthenticationResponseJson>(sent.clone());
    assert_eq!(read(&sent).unwrap().id(), b"new");
    sent["id"] = json!("bmV4");
    let two = AssertionResponse::try_from(read(&sent).unwrap()).unwrap_err();
    assert_eq!(two.to_string(), "id and rawId differ");
    sent["response"]["signature"] = json!(7);
    let why = read(&sent).unwrap_err().to_string();
    assert!(why.contains("at most 512 bytes as base64url"), "{why}");
}

#[test]
fn every_member_is_as_long_as_its_limit_and_no_longer() {
    let long = |bytes: usize| json!(data_encoding::BASE64URL_NOPAD.encode(&vec![0; bytes]));
    for (place, limit, of) in [
        ("/response/clientDataJSON", 4096, 0),
        ("/response/attestationObject", 32 * 1024, 0),
        ("/response/clientDataJSON", 4096, 1),
        ("/response/authenticatorData", 4096, 1),
        ("/response/signature", 512, 1),
        ("/response/userHandle", 64, 1),
    ] {
        assert!(taken(place, &long(limit))[of], "{place}");
        assert!(!taken(place, &long(limit + 1))[of], "{place}");
    }
    let named = |bytes: usize| {
        let response = json!({ "clientDataJSON": "e30", "authenticatorData": "oA", "signature": "MAA" });
        let sent = json!({ "id": long(bytes), "rawId": long(bytes), "type": "public-key", "response": response });
        sign_in(sent).is_some()
    };
    assert_eq!((named(1023), named(1024)), (true, false));
}

/// The transports and `credProps.rk` that are read of these.
fn read(transports: Value, results: Value) -> (Vec<String>, Option<bool>) {
    let mut sent = json!({
        "id": "bmV3",
        "rawId": "bmV3",
        "type": "public-key",
        "response": { "clientDataJSON": "e30", "attestationObject": "oA" },
    });
    if transports != "absent" {
        sent["response"]["transports"] = transports;
    }
    if results != "absent" {
        sent["clientExtensionResults"] = results;
    }
    let json: RegistrationResponseJson = serde_json::from_value(sent).unwrap();
    let response: RegistrationResponse = json.try_into().unwrap();
    (response.transports, response.discoverable)
}

#[test]
fn transports_are_kept_as_they_are_within_bounds() {
    let kept = |given: Value| read(given, json!({})).0;
    assert_eq!(kept(json!(["hybrid", "internal"])), ["hybrid", "internal"]);
    assert_eq!(kept(json!(["usb", "carrier-pigeon", "usb"])), ["carrier-pigeon", "usb"]);
    let (longest, longer) = ("t".repeat(32), "t".repeat(33));
    assert_eq!(kept(json!([longest, longer, ""])), [longest]);
    let ten: Vec<String> = (0..10).map(|number| format!("kind-{number}")).collect();
    assert_eq!(kept(json!(ten)), ten[..8]);
    for other in [json!("absent"), Value::Null, json!("usb"), json!(["usb", 1]), json!({})] {
        assert!(kept(other.clone()).is_empty(), "{other}");
    }
}

#[test]
fn results_of_extensions_in_another_shape_are_as_good_as_absent() {
    let rk = |results: Value| read(json!([]), results).1;
    assert_eq!(
        rk(json!({ "credProps": { "rk": true, "more": 1 }, "appid": true })),
        Some(true)
    );
    assert_eq!(rk(json!({ "credProps": { "rk": false } })), Some(false));
    for other in [
        json!("absent"),
        Value::Null,
        json!(true),
        json!([]),
        json!({}),
        json!({ "credProps": true }),
        json!({ "credProps": null }),
        json!({ "credProps": {} }),
        json!({ "credProps": { "rk": null } }),
        json!({ "credProps": { "rk": "false" } }),
    ] {
        assert_eq!(rk(other.clone()), None, "{other}");
    }
}
