//! §5.1.8: what browsers send, where it is unusual but no ceremony rests on it.

use linekey::rules::webauthn::registration::RegistrationResponse;
use linekey::rules::webauthn::wire::RegistrationResponseJson;
use serde_json::{Value, json};

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
