//! What browsers are asked: the standard's JSON forms (§5.1.9, §5.1.10), for `parseCreationOptionsFromJSON` and
//! `parseRequestOptionsFromJSON`. The house asks for passkeys that need no name and that make sure of their owner.

use data_encoding::BASE64URL_NOPAD;
use serde::{Serialize, Serializer};

use super::algorithm::Algorithm;
use super::limits::CEREMONY_MILLISECONDS;
use super::party::RelyingParty;

/// `PublicKeyCredentialCreationOptionsJSON`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreationOptions<'a> {
    rp: Party<'a>,
    user: User<'a>,
    challenge: Base64Url<'a>,
    pub_key_cred_params: Vec<Parameter>,
    timeout: u32,
    exclude_credentials: Vec<Descriptor<'a>>,
    authenticator_selection: Selection,
    hints: &'a [&'a str],
    attestation: &'static str,
    extensions: Extensions,
}

/// The account that a passkey is made for (§5.4.3).
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct User<'a> {
    /// The user handle: 1 to 64 bytes that say nothing about the person.
    pub id: Base64Url<'a>,
    /// What tells accounts apart in a list: an extension, an address, an administrator's name.
    pub name: &'a str,
    /// What the person is called.
    pub display_name: &'a str,
}

/// A passkey that the browser should look for, or not make again (§5.8.3).
#[derive(Clone, Debug, Serialize)]
pub struct Descriptor<'a> {
    id: Base64Url<'a>,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    transports: &'a [String],
}

impl<'a> Descriptor<'a> {
    /// The passkey with this credential ID, reached this way.
    pub fn new(credential_id: &'a [u8], transports: &'a [String]) -> Self {
        Self {
            id: Base64Url(credential_id),
            kind: PUBLIC_KEY,
            transports,
        }
    }
}

/// `PublicKeyCredentialRequestOptionsJSON`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestOptions<'a> {
    challenge: Base64Url<'a>,
    timeout: u32,
    rp_id: &'a str,
    allow_credentials: Vec<Descriptor<'a>>,
    user_verification: &'static str,
    hints: &'a [&'a str],
}

impl<'a> CreationOptions<'a> {
    /// Asks for a new passkey of `user`, on an authenticator that has none of `exclude`. With `attested`, the
    /// authenticator's word about its model is asked for.
    pub fn new(
        party: &'a RelyingParty,
        title: &'a str,
        user: User<'a>,
        challenge: &'a [u8; 32],
        exclude: Vec<Descriptor<'a>>,
        attested: bool,
    ) -> Self {
        Self {
            rp: Party {
                id: &party.rp_id,
                name: title,
            },
            user,
            challenge: Base64Url(challenge),
            pub_key_cred_params: Algorithm::OFFERED
                .iter()
                .map(|algorithm| Parameter::new(*algorithm))
                .collect(),
            timeout: CEREMONY_MILLISECONDS,
            exclude_credentials: exclude,
            authenticator_selection: Selection {
                resident_key: REQUIRED,
                require_resident_key: true,
                user_verification: REQUIRED,
            },
            hints: &[],
            attestation: if attested { "direct" } else { "none" },
            extensions: Extensions { cred_props: true },
        }
    }

    /// The same, for a browser that makes the passkey without asking anybody (conditional create): it cannot verify
    /// anyone.
    pub fn quiet(mut self) -> Self {
        self.authenticator_selection.user_verification = "preferred";
        self
    }

    /// The same, with hints of where the passkey will be (§5.8.7), best first.
    pub fn with_hints(mut self, hints: &'a [&'a str]) -> Self {
        self.hints = hints;
        self
    }
}

impl<'a> RequestOptions<'a> {
    /// Asks for a proof by one of `allow`; by any passkey of this site where that is empty.
    pub fn new(party: &'a RelyingParty, challenge: &'a [u8; 32], allow: Vec<Descriptor<'a>>) -> Self {
        Self {
            challenge: Base64Url(challenge),
            timeout: CEREMONY_MILLISECONDS,
            rp_id: &party.rp_id,
            allow_credentials: allow,
            user_verification: REQUIRED,
            hints: &[],
        }
    }
}

/// Bytes that are written as base64url without padding.
#[derive(Clone, Copy, Debug)]
pub struct Base64Url<'a>(pub &'a [u8]);

impl Serialize for Base64Url<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&BASE64URL_NOPAD.encode_display(self.0))
    }
}

const PUBLIC_KEY: &str = "public-key";
const REQUIRED: &str = "required";

#[derive(Clone, Debug, Serialize)]
struct Party<'a> {
    id: &'a str,
    name: &'a str,
}

#[derive(Clone, Debug, Serialize)]
struct Parameter {
    #[serde(rename = "type")]
    kind: &'static str,
    alg: i64,
}

impl Parameter {
    fn new(algorithm: Algorithm) -> Self {
        Self {
            kind: PUBLIC_KEY,
            alg: algorithm.cose(),
        }
    }
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Selection {
    resident_key: &'static str,
    require_resident_key: bool,
    user_verification: &'static str,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Extensions {
    cred_props: bool,
}
