//! What browsers send: the standard's JSON forms (§5.1.8), as `PublicKeyCredential.toJSON()` makes them. Bytes are
//! base64url without padding; password managers that write `toJSON` themselves also use the other alphabet (RFC 4648
//! §4) and padding, so both are read, and bytes are compared, never their text. They are bounded before they are
//! decoded. Unknown members are ignored. What a ceremony does not rest on (transports, extensions' outputs) is as good
//! as absent where it has another shape than the standard's.

use std::borrow::Cow;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Deserializer, de};

use super::assertion::AssertionResponse;
use super::limits::{
    ATTESTATION_OBJECT, AUTH_DATA, CLIENT_DATA, CREDENTIAL_ID, SIGNATURE, TRANSPORT, TRANSPORTS, USER_HANDLE,
};
use super::registration::RegistrationResponse;

/// `RegistrationResponseJSON`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationResponseJson {
    raw_id: Bytes<CREDENTIAL_ID>,
    id: Bytes<CREDENTIAL_ID>,
    #[serde(rename = "type")]
    _kind: Kind,
    response: AttestationJson,
    #[serde(default, deserialize_with = "if_well_formed")]
    client_extension_results: ExtensionsJson,
}

/// `AuthenticatorAttestationResponseJSON`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AttestationJson {
    #[serde(rename = "clientDataJSON")]
    client_data_json: Bytes<CLIENT_DATA>,
    attestation_object: Bytes<ATTESTATION_OBJECT>,
    #[serde(default, deserialize_with = "if_well_formed")]
    transports: Vec<String>,
}

/// `AuthenticationExtensionsClientOutputsJSON`, as far as we asked.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExtensionsJson {
    #[serde(default, deserialize_with = "if_well_formed")]
    cred_props: CredPropsJson,
}

#[derive(Debug, Default, Deserialize)]
struct CredPropsJson {
    #[serde(default, deserialize_with = "if_well_formed")]
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

impl AuthenticationResponseJson {
    /// Which credential it says that it is, before anything of it was looked at.
    pub fn id(&self) -> &[u8] {
        &self.id.0
    }
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

/// `"public-key"`, a string and nothing else.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Cow<'_, str>")]
struct Kind;

impl TryFrom<Cow<'_, str>> for Kind {
    type Error = &'static str;

    fn try_from(text: Cow<'_, str>) -> Result<Self, Self::Error> {
        if text == "public-key" {
            Ok(Self)
        } else {
            Err("type is not public-key")
        }
    }
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
        transports.retain(|transport| (1..=TRANSPORT).contains(&transport.len()));
        transports.sort_unstable();
        transports.dedup();
        transports.truncate(TRANSPORTS);
        Ok(Self {
            id: json.raw_id.0,
            client_data_json: json.response.client_data_json.0,
            attestation_object: json.response.attestation_object.0,
            transports,
            discoverable: json.client_extension_results.cred_props.rk,
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

/// A member of a message that may have another shape than the one that is wanted.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Given<T> {
    /// The right shape.
    Right(T),
    /// Another one.
    Other(de::IgnoredAny),
}

impl<T> Given<T> {
    /// The value, if it has the right shape.
    pub fn right(self) -> Option<T> {
        match self {
            Self::Right(value) => Some(value),
            Self::Other(_) => None,
        }
    }
}

/// The value, or its default where it is of another shape.
fn if_well_formed<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Given::deserialize(from)?.right().unwrap_or_default())
}

/// At most `LIMIT` bytes, written in base64 or base64url, with or without padding.
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
        write!(to, "at most {LIMIT} bytes as base64url")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Bytes<LIMIT>, E> {
        let digits = without_padding(text);
        if digits.len() > BASE64URL_NOPAD.encode_len(LIMIT) {
            return Err(E::invalid_length(text.len(), &self));
        }
        let digits = digits.replace('+', "-").replace('/', "_");
        BASE64URL_NOPAD
            .decode(digits.as_bytes())
            .map(Bytes)
            .map_err(|_| E::custom("neither base64url nor base64"))
    }
}

/// The digits alone: padding fills the last four characters and no others (RFC 4648 §3.2).
fn without_padding(text: &str) -> &str {
    if text.len().is_multiple_of(4) {
        let padded = text.strip_suffix('=').unwrap_or(text);
        padded.strip_suffix('=').unwrap_or(padded)
    } else {
        text
    }
}
