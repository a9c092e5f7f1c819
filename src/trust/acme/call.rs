//! Signed questions to a CA, and its answers (RFC 8555 §6): one key, one account, a nonce for each.

use std::net::IpAddr;

use data_encoding::BASE64URL_NOPAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::net::https::{Answered, Client, HttpsError, Question};
use crate::rules::certificates::acme::record::Trouble;
use crate::rules::certificates::acme::trouble::WORDS;
use crate::rules::time::Ttl;

/// A signed message (RFC 8555 §6.2).
const JOSE: &str = "application/jose+json";
/// How often a question is put again whose nonce the CA did not take: it hands out a fresh one with each refusal (RFC
/// 8555 §6.5).
const NONCES: u32 = 20;
/// The kind of that refusal.
const BAD_NONCE: &str = "badNonce";

/// Where a CA is asked for what (RFC 8555 §7.1.1).
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Directory {
    new_nonce: String,
    pub(super) new_account: String,
    pub(super) new_order: String,
}

/// Why a question has no good answer.
#[derive(Debug)]
pub(super) enum CallError {
    /// The CA refused, or the check of the name failed.
    Refused {
        /// In its words.
        trouble: Trouble,
        /// For how long it wants to be left alone.
        asked: Option<Ttl>,
        /// The one of the names that it refused, where it says so.
        name: Option<String>,
    },
    /// There was no answer.
    Silent(HttpsError),
    /// The answer is none of ACME's; what is odd about it.
    Strange(String),
    /// It cannot be asked from here; why.
    Here(String),
}

impl CallError {
    /// Whether the CA refused for that reason.
    pub(super) fn is(&self, kind: &str) -> bool {
        matches!(self, Self::Refused { trouble, .. } if trouble.kind.as_deref() == Some(kind))
    }

    /// The one of the names that the CA refused, where it says so.
    pub(super) fn refused_name(&self) -> Option<&str> {
        match self {
            Self::Refused { name, .. } => name.as_deref(),
            Self::Silent(_) | Self::Strange(_) | Self::Here(_) => None,
        }
    }

    /// What is kept of it.
    pub(super) fn told(self) -> (Trouble, Option<Ttl>) {
        match self {
            Self::Refused { trouble, asked, .. } => (trouble, asked),
            Self::Silent(error) => (Trouble::ours(&error.to_string()), None),
            Self::Strange(said) | Self::Here(said) => (Trouble::ours(&said), None),
        }
    }
}

impl From<HttpsError> for CallError {
    fn from(error: HttpsError) -> Self {
        Self::Silent(error)
    }
}

/// A problem document (RFC 7807, RFC 8555 §6.7).
#[derive(Deserialize)]
pub(super) struct Problem {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    subproblems: Vec<Problem>,
    /// What a subproblem is about (RFC 8555 §6.7.1).
    identifier: Option<Identifier>,
}

/// What the CA makes sure of (RFC 8555 §9.7.7).
#[derive(Deserialize)]
pub(super) struct Identifier {
    pub(super) value: String,
}

impl Problem {
    /// `name`: the name that the CA was making sure of; `address`: where it looked, as it says elsewhere. Words about a
    /// name begin with it, as an order may be for two.
    pub(super) fn trouble(&self, name: Option<&str>, address: Option<IpAddr>) -> Trouble {
        let parts = self.subproblems.iter().map(Self::named_detail);
        let own = name.map_or_else(|| self.detail.clone(), |name| format!("{name}: {}", self.detail));
        let said: Vec<String> = std::iter::once(own).chain(parts).collect();
        Trouble::of_ca(self.kind.as_deref(), &said.join(" "), address)
    }

    fn named_detail(&self) -> String {
        match &self.identifier {
            Some(Identifier { value }) => format!("{value}: {}", self.detail),
            None => self.detail.clone(),
        }
    }

    /// The name that it is about, where there is one and no other.
    pub(super) fn name(&self) -> Option<&str> {
        let mut names = self.subproblems.iter().filter_map(|part| part.identifier.as_ref());
        let first = names.next()?.value.as_str();
        names.all(|other| other.value == first).then_some(first)
    }
}

/// Who asks: a key and, once there is one, the account's address.
pub(super) struct Caller<'a> {
    https: &'a Client,
    pub(super) directory: Directory,
    key: EcdsaKeyPair,
    pub(super) account: Option<String>,
    nonce: Option<String>,
}

impl<'a> Caller<'a> {
    /// Looks the directory up.
    pub(super) async fn new(https: &'a Client, directory: &str, key: &[u8]) -> Result<Self, CallError> {
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key, &SystemRandom::new());
        let key = key.map_err(|why| CallError::Here(format!("the account's key cannot be used: {why}")))?;
        let question = Question {
            method: "GET",
            url: directory,
            body: None,
        };
        let answered = https.ask(&question).await?;
        if answered.status != 200 {
            return Err(refused(&answered));
        }
        let directory = read(&answered)?;
        Ok(Self {
            https,
            directory,
            key,
            account: None,
            nonce: None,
        })
    }

    /// Asks with that message; without one it only looks (POST-as-GET, RFC 8555 §6.3).
    pub(super) async fn post(&mut self, url: &str, message: Option<&Value>) -> Result<Answered, CallError> {
        for _ in 0..NONCES {
            let nonce = match self.nonce.take() {
                Some(nonce) => nonce,
                None => self.fresh_nonce().await?,
            };
            let body = self.signed(url, &nonce, message)?;
            let question = Question {
                method: "POST",
                url,
                body: Some((JOSE, body.as_bytes())),
            };
            let answered = self.https.ask(&question).await?;
            self.nonce = answered.field("replay-nonce").map(str::to_owned);
            if (200..300).contains(&answered.status) {
                return Ok(answered);
            }
            let why = refused(&answered);
            if !why.is(BAD_NONCE) {
                return Err(why);
            }
        }
        Err(CallError::Strange(
            "the server takes none of the nonces that it hands out".to_owned(),
        ))
    }

    /// What a token is answered with (RFC 8555 §8.1).
    pub(super) fn authorization(&self, token: &str) -> String {
        let Jwk { x, y } = self.jwk();
        let thumb = format!("{{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"{x}\",\"y\":\"{y}\"}}");
        format!("{token}.{}", BASE64URL_NOPAD.encode(&Sha256::digest(thumb)))
    }

    async fn fresh_nonce(&self) -> Result<String, CallError> {
        let question = Question {
            method: "HEAD",
            url: &self.directory.new_nonce,
            body: None,
        };
        let answered = self.https.ask(&question).await?;
        let nonce = answered.field("replay-nonce").map(str::to_owned);
        nonce.ok_or_else(|| CallError::Strange("the server hands out no nonce".to_owned()))
    }

    fn signed(&self, url: &str, nonce: &str, message: Option<&Value>) -> Result<String, CallError> {
        let mut head = json!({ "alg": "ES256", "nonce": nonce, "url": url });
        let (field, value) = match &self.account {
            Some(account) => ("kid", Value::from(account.as_str())),
            None => {
                let Jwk { x, y } = self.jwk();
                ("jwk", json!({ "crv": "P-256", "kty": "EC", "x": x, "y": y }))
            }
        };
        if let Some(head) = head.as_object_mut() {
            head.insert(field.to_owned(), value);
        }
        let head = BASE64URL_NOPAD.encode(head.to_string().as_bytes());
        let payload = message.map(Value::to_string).unwrap_or_default();
        let payload = BASE64URL_NOPAD.encode(payload.as_bytes());
        let signature = self
            .key
            .sign(&SystemRandom::new(), format!("{head}.{payload}").as_bytes());
        let signature = signature.map_err(|why| CallError::Here(format!("nothing can be signed: {why}")))?;
        let signature = BASE64URL_NOPAD.encode(signature.as_ref());
        Ok(json!({ "protected": head, "payload": payload, "signature": signature }).to_string())
    }

    fn jwk(&self) -> Jwk {
        // A point in uncompressed form: 4, then 32 octets each (SEC 1 §2.3.3).
        let point = self.key.public_key().as_ref();
        let part = |range| BASE64URL_NOPAD.encode(point.get(range).unwrap_or_default());
        Jwk {
            x: part(1..33),
            y: part(33..65),
        }
    }
}

/// A public key as JOSE writes it (RFC 7518 §6.2.1).
struct Jwk {
    x: String,
    y: String,
}

/// The message in an answer.
pub(super) fn read<T: DeserializeOwned>(answered: &Answered) -> Result<T, CallError> {
    serde_json::from_slice(&answered.body)
        .map_err(|why| CallError::Strange(format!("the server's answer is odd: {why}")))
}

/// Seconds that the CA asks for (RFC 9110 §10.2.3); the form with a date is not used by any.
pub(super) fn retry_after(answered: &Answered) -> Option<Ttl> {
    answered.field("retry-after")?.trim().parse().ok().map(Ttl)
}

/// What an answer with another status than a good one says.
fn refused(answered: &Answered) -> CallError {
    let asked = retry_after(answered);
    match serde_json::from_slice::<Problem>(&answered.body) {
        Ok(problem) if problem.kind.is_some() => CallError::Refused {
            trouble: problem.trouble(None, None),
            asked,
            name: problem.name().map(str::to_owned),
        },
        _ => {
            let body: String = String::from_utf8_lossy(&answered.body)
                .chars()
                .take(WORDS / 2)
                .collect();
            let trouble = Trouble::ours(&format!("the server answered with status {}: {body}", answered.status));
            CallError::Refused {
                trouble,
                asked,
                name: None,
            }
        }
    }
}
