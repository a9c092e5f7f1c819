//! The parsers, each against another reader of the same format.

use coset::cbor::Value;

use crate::webauthn::attestation::Object;
use crate::webauthn::auth_data::AuthData;
use crate::webauthn::cbor::{self, Order};
use crate::webauthn::client_data::{self, ClientData};
use crate::webauthn::public_key::Key;
use crate::webauthn::{Malformed, PublicKey};

/// Client data as serde reads them; `null` is nothing to it.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Said {
    r#type: Option<String>,
    challenge: Option<String>,
    origin: Option<String>,
    top_origin: Option<String>,
    cross_origin: Option<bool>,
}

/// What we read, `serde_json` reads too and the same; what it reads, we do not call ungrammatical.
pub fn client_data(bytes: &[u8]) {
    let Ok(text) = client_data::decode(bytes) else { return };
    match ClientData::parse(text) {
        Ok(said) => {
            let other: Said = serde_json::from_str(text).expect("a laxer grammar than serde_json's");
            assert_eq!(other.r#type.as_deref(), said.kind.as_deref());
            assert_eq!(other.challenge.as_deref(), said.challenge.as_deref());
            assert_eq!(other.origin.as_deref(), said.origin.as_deref());
            assert_eq!(other.top_origin.as_deref(), said.top_origin.as_deref());
            assert_eq!(other.cross_origin.unwrap_or_default(), said.cross_origin);
        }
        Err(Malformed::Text | Malformed::Short | Malformed::LeftOver) => {
            assert!(
                serde_json::from_str::<serde_json::Value>(text).is_err(),
                "a stricter grammar than serde_json's"
            );
        }
        Err(_) => {}
    }
}

/// What is read accounts for every byte, and written anew it is the same.
pub fn auth_data(bytes: &[u8]) {
    let Ok(read) = AuthData::parse(bytes) else { return };
    let mut rest = &bytes[37..];
    assert_eq!(
        (bytes[32], read.sign_count.to_be_bytes().as_slice()),
        (read.flags.0, &bytes[33..37])
    );
    if let Some(made) = read.attested {
        let length = u16::try_from(made.credential_id.len())
            .expect("two bytes of length")
            .to_be_bytes();
        let written = [made.aaguid, length.as_slice(), made.credential_id, made.public_key].concat();
        rest = rest
            .strip_prefix(written.as_slice())
            .expect("the attested data's own bytes");
        is_canonical(made.public_key, Order::Canonical);
    }
    assert_eq!(
        (bytes[32] & 0x80 != 0, bytes[32] & 0x40 != 0),
        (!rest.is_empty(), read.attested.is_some())
    );
    if !rest.is_empty() {
        is_canonical(rest, Order::Canonical);
    }
}

/// An attestation object and the authenticator data in it, and a second reader's view of both.
pub fn attestation_object(bytes: &[u8]) {
    let Ok(object) = Object::parse(bytes) else { return };
    is_canonical(bytes, Order::Free);
    let other: Value = coset::cbor::from_reader(bytes).expect("ciborium reads it too");
    let find = |name: &str| {
        let members = other.as_map().expect("a map").iter();
        members
            .clone()
            .find(|(key, _)| key.as_text() == Some(name))
            .map(|(_, value)| value)
            .expect("a member")
    };
    assert_eq!(find("fmt").as_text(), Some(object.format));
    assert_eq!(find("authData").as_bytes().map(Vec::as_slice), Some(object.auth_data));
    auth_data(object.auth_data);
}

/// A key that is whole for us is whole for coset, and its bytes stay as they were.
pub fn cose_key(bytes: &[u8]) {
    if cbor::whole(bytes, Order::Canonical, 4).is_ok() {
        is_canonical(bytes, Order::Canonical);
    }
    let Ok(key) = Key::parse(bytes) else { return };
    let kept = PublicKey::new(bytes).expect("coset disagrees");
    assert_eq!((kept.cose(), kept.algorithm()), (bytes, key.algorithm()));
}

/// ciborium reads it and, where no float is in it (it shortens those), writes the very same bytes; "undefined" is null
/// to it.
fn is_canonical(bytes: &[u8], order: Order) {
    let read: Value = coset::cbor::from_reader(bytes).expect("ciborium reads it too");
    if holds(&read, Value::is_float) {
        return;
    }
    let mut written = Vec::new();
    coset::cbor::into_writer(&read, &mut written).expect("a writer in memory");
    let plain = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|byte| if *byte == 0xf7 { 0xf6 } else { *byte })
            .collect::<Vec<_>>()
    };
    assert_eq!(plain(&written), plain(bytes), "not the shortest form");
    in_order(&read, order);
}

/// Whether there is such a value in it, however deep.
fn holds(value: &Value, such: fn(&Value) -> bool) -> bool {
    such(value)
        || match value {
            Value::Array(items) => items.iter().any(|item| holds(item, such)),
            Value::Map(members) => members
                .iter()
                .any(|(key, value)| holds(key, such) || holds(value, such)),
            _ => false,
        }
}

/// No key comes twice; in canonical order each is above the one before it, by major type, then length, then bytes.
fn in_order(value: &Value, order: Order) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| in_order(item, order)),
        Value::Map(members) => {
            let keys: Vec<_> = members.iter().map(|(key, _)| encoded(key)).collect();
            match order {
                // Keys that differ by "undefined" for null are the same to ciborium.
                _ if members.iter().any(|(key, _)| holds(key, Value::is_null)) => {}
                Order::Canonical => assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}"),
                Order::Free => assert_eq!(keys.iter().collect::<std::collections::BTreeSet<_>>().len(), keys.len()),
            }
            members.iter().for_each(|(key, value)| {
                in_order(key, order);
                in_order(value, order);
            });
        }
        _ => {}
    }
}

fn encoded(key: &Value) -> (u8, usize, Vec<u8>) {
    let mut bytes = Vec::new();
    coset::cbor::into_writer(key, &mut bytes).expect("a writer in memory");
    (bytes[0] >> 5, bytes.len(), bytes)
}
