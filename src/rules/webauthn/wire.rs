//! What browsers send: the standard's JSON forms (§5.1.8), as `PublicKeyCredential.toJSON()` makes them. Bytes are base64url
//! in its one form without padding, bounded before they are decoded; unknown members are ignored.

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Deserializer, de};

use super::assertion::AssertionResponse;
use super::limits::{ATTESTATION_OBJECT, AUTH_DATA, CLIENT_DATA, CREDENTIAL_ID, SIGNATURE, TRANSPORTS, USER_HANDLE};
use super::registration::RegistrationResponse;

/// The transports that Level 3 names (§5.8.4); others are dropped.
const KNOWN_TRANSPORTS: [&str; 6] = ["ble", "hybrid", "internal", "nfc", "smart-card", "usb"];

/// `RegistrationResponseJSON`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationResponseJson {
    raw_id: Bytes<CREDENTIAL_ID>,
    id: Bytes<CREDENTIAL_ID>,
    #[serde(rename = "type")]
    _kind: Kind,
    response: AttestationJson,
    #[serde(default)]
    client_extension_results: ExtensionsJson,
}

/// `AuthenticatorAttestationResponseJSON`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AttestationJson {
    #[serde(rename = "clientDataJSON")]
    client_data_json: Bytes<CLIENT_DATA>,
    attestation_object: Bytes<ATTESTATION_OBJECT>,
    #[serde(default)]
    transports: Vec<String>,
}

/// `AuthenticationExtensionsClientOutputsJSON`, as far as we asked.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExtensionsJson {
    #[serde(default)]
    cred_props: Option<CredPropsJson>,
}

#[derive(Debug, Deserialize)]
struct CredPropsJson {
    #[serde(default)]
    rk: Option<bool>,
}

/// `AuthenticationResponseJSON`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthenticationResponseJson {
    raw_id: Bytes<CREDENTIAL_ID>,
    id: Bytes<CREDENTIAL_ID>,
    #[serde(rename = "type")]
    _kind: Kind,
    response: AssertionJson,
}

/// `AuthenticatorAssertionResponseJSON`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AssertionJson {
    #[serde(rename = "clientDataJSON")]
    client_data_json: Bytes<CLIENT_DATA>,
    authenticator_data: Bytes<AUTH_DATA>,
    signature: Bytes<SIGNATURE>,
    #[serde(default)]
    user_handle: Option<Bytes<USER_HANDLE>>,
}

#[derive(Debug, Deserialize)]
enum Kind {
    #[serde(rename = "public-key")]
    PublicKey,
}

/// An answer whose `id` and `rawId` name two passkeys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TwoNames;

impl std::fmt::Display for TwoNames {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str("id and rawId differ")
    }
}

impl std::error::Error for TwoNames {}

impl TryFrom<RegistrationResponseJson> for RegistrationResponse {
    type Error = TwoNames;

    fn try_from(json: RegistrationResponseJson) -> Result<Self, TwoNames> {
        if json.id.0 != json.raw_id.0 {
            return Err(TwoNames);
        }
        let mut transports = json.response.transports;
        transports.retain(|transport| KNOWN_TRANSPORTS.contains(&transport.as_str()));
        transports.sort_unstable();
        transports.dedup();
        transports.truncate(TRANSPORTS);
        Ok(Self {
            id: json.raw_id.0,
            client_data_json: json.response.client_data_json.0,
            attestation_object: json.response.attestation_object.0,
            transports,
            discoverable: json
                .client_extension_results
                .cred_props
                .and_then(|properties| properties.rk),
        })
    }
}

impl TryFrom<AuthenticationResponseJson> for AssertionResponse {
    type Error = TwoNames;

    fn try_from(json: AuthenticationResponseJson) -> Result<Self, TwoNames> {
        if json.id.0 != json.raw_id.0 {
            return Err(TwoNames);
        }
        Ok(Self {
            id: json.raw_id.0,
            client_data_json: json.response.client_data_json.0,
            authenticator_data: json.response.authenticator_data.0,
            signature: json.response.signature.0,
            user_handle: json.response.user_handle.map(|handle| handle.0),
        })
    }
}

/// At most `LIMIT` bytes, written as base64url without padding.
#[derive(Debug)]
struct Bytes<const LIMIT: usize>(Vec<u8>);

impl<'de, const LIMIT: usize> Deserialize<'de> for Bytes<LIMIT> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(BytesVisitor)
    }
}

struct BytesVisitor<const LIMIT: usize>;

impl<const LIMIT: usize> de::Visitor<'_> for BytesVisitor<LIMIT> {
    type Value = Bytes<LIMIT>;

    fn expecting(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "at most {LIMIT} bytes as base64url without padding")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Bytes<LIMIT>, E> {
        if text.len() > BASE64URL_NOPAD.encode_len(LIMIT) {
            return Err(E::invalid_length(text.len(), &self));
        }
        BASE64URL_NOPAD
            .decode(text.as_bytes())
            .map(Bytes)
            .map_err(|_| E::custom("not base64url without padding"))
    }
}
