//! One order, from the question for it to the certificate (RFC 8555 §7.4, §7.5).

use std::net::IpAddr;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use rcgen::{CertificateParams, CustomExtension, DistinguishedName, KeyPair, PKCS_ECDSA_P256_SHA256};
use ring::digest::{SHA256, digest};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use smol::Timer;

use super::call::{CallError, Caller, Identifier, Problem, read, retry_after};
use crate::net::certificates::Certificates;
use crate::office::trust::AtWork;
use crate::rules::certificates::acme::record::{Challenge, Trouble};
use crate::rules::certificates::name::DnsName;
use crate::trust::authority;

/// How often a CA that is still busy is asked again, with pauses that grow from [`PAUSE`] to [`LONGEST_PAUSE`]: about
/// three minutes.
const LOOKS: u32 = 24;
const PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
struct Order {
    status: String,
    #[serde(default)]
    authorizations: Vec<String>,
    finalize: String,
    certificate: Option<String>,
    error: Option<Problem>,
}

#[derive(Deserialize)]
struct Authorization {
    status: String,
    identifier: Identifier,
    challenges: Vec<OfferedChallenge>,
}

/// A challenge.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfferedChallenge {
    #[serde(rename = "type")]
    kind: String,
    url: String,
    #[serde(default)]
    token: String,
    error: Option<Problem>,
    #[serde(default)]
    validation_record: Vec<Validation>,
}

/// Where the CA looked; Boulder says it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Validation {
    address_used: Option<IpAddr>,
}

/// A chain (DER, the leaf first) and the leaf's key (PKCS #8).
pub(super) struct Fresh {
    pub(super) chain: Vec<Vec<u8>>,
    pub(super) key: zeroize::Zeroizing<Vec<u8>>,
}

/// Where challenges are met.
pub(super) struct Doors<'a> {
    pub(super) certificates: &'a Certificates,
    pub(super) at_work: &'a AtWork,
    pub(super) challenge: Challenge,
}

impl Drop for Doors<'_> {
    fn drop(&mut self) {
        self.certificates.end_challenge();
        self.at_work.forget_answers();
    }
}

/// Begins an order for those names: its address.
pub(super) async fn begin(caller: &mut Caller<'_>, names: &[DnsName]) -> Result<String, CallError> {
    let identifier = |name: &DnsName| json!({ "type": "dns", "value": name.as_str() });
    let wanted = json!({ "identifiers": names.iter().map(identifier).collect::<Vec<_>>() });
    let url = caller.directory.new_order.clone();
    let answered = caller.post(&url, Some(&wanted)).await?;
    let place = answered.field("location").map(str::to_owned);
    place.ok_or_else(|| CallError::Strange("the server does not say where the order is".to_owned()))
}

/// Shows the CA that the names lead here, and fetches the certificate.
pub(super) async fn carry_out(
    caller: &mut Caller<'_>,
    place: &str,
    names: &[DnsName],
    doors: Doors<'_>,
) -> Result<Fresh, CallError> {
    let order: Order = read(&caller.post(place, None).await?)?;
    for url in &order.authorizations {
        authorize(caller, url, names, &doors).await?;
    }
    settled(caller, place, |order: &Order| order.status == "pending").await?;
    let key = authority::new_key().map_err(|why| CallError::Here(why.to_string()))?;
    let request = request(names, &key).map_err(|why| CallError::Here(why.to_string()))?;
    caller
        .post(
            &order.finalize,
            Some(&json!({ "csr": BASE64URL_NOPAD.encode(&request) })),
        )
        .await?;
    let order: Order = settled(caller, place, |order: &Order| {
        order.status != "valid" && order.status != "invalid"
    })
    .await?;
    let Some(url) = order.certificate.filter(|_| order.status == "valid") else {
        let name = order.error.as_ref().and_then(Problem::name);
        return Err(failed(order.error.as_ref(), name, None));
    };
    let pem = caller.post(&url, None).await?.body;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let chain: Vec<Vec<u8>> = chain.unwrap_or_default().iter().map(|der| der.to_vec()).collect();
    if chain.is_empty() {
        return Err(CallError::Strange("the server sent no certificate".to_owned()));
    }
    Ok(Fresh { chain, key })
}

async fn authorize(caller: &mut Caller<'_>, url: &str, names: &[DnsName], doors: &Doors<'_>) -> Result<(), CallError> {
    let authorization: Authorization = read(&caller.post(url, None).await?)?;
    if authorization.status == "valid" {
        return Ok(());
    }
    let kind = match doors.challenge {
        Challenge::Http => "http-01",
        Challenge::TlsAlpn => "tls-alpn-01",
    };
    let name = names
        .iter()
        .find(|name| name.as_str() == authorization.identifier.value);
    let name = name.ok_or_else(|| CallError::Strange("the server asks for a name that was not ordered".to_owned()))?;
    let offered = authorization.challenges.into_iter().find(|asked| asked.kind == kind);
    let offered = offered.ok_or_else(|| CallError::Strange(format!("the server does not offer {kind}")))?;
    let answer = caller.authorization(&offered.token);
    match doors.challenge {
        Challenge::Http => doors.at_work.note_answer(&offered.token, &answer),
        Challenge::TlsAlpn => {
            let here = |why: String| CallError::Here(why);
            let (certificate, key) = shown(name, &answer).map_err(|why| here(why.to_string()))?;
            let met = doors.certificates.meet_challenge(name.as_str(), &certificate, &key);
            met.map_err(|why| here(why.to_string()))?;
        }
    }
    caller.post(&offered.url, Some(&json!({}))).await?;
    let now: Authorization = settled(caller, url, |now: &Authorization| now.status == "pending").await?;
    if now.status == "valid" {
        return Ok(());
    }
    let asked = now.challenges.iter().find(|asked| asked.error.is_some());
    let address = asked.and_then(|asked| asked.validation_record.last()?.address_used);
    Err(failed(
        asked.and_then(|asked| asked.error.as_ref()),
        Some(name.as_str()),
        address,
    ))
}

/// `name`: the one that did not pass; none where it is not one of several.
fn failed(problem: Option<&Problem>, name: Option<&str>, address: Option<IpAddr>) -> CallError {
    let trouble = match (problem, name) {
        (Some(problem), name) => problem.trouble(name, address),
        (None, Some(name)) => Trouble::ours(&format!("{name}: the check failed, and the server does not say why")),
        (None, None) => Trouble::ours("the order failed, and the server does not say why"),
    };
    CallError::Refused {
        trouble,
        asked: None,
        name: name.map(str::to_owned),
    }
}

/// Looks again until the CA is no longer busy.
async fn settled<T: DeserializeOwned>(
    caller: &mut Caller<'_>,
    url: &str,
    is_busy: impl Fn(&T) -> bool,
) -> Result<T, CallError> {
    let mut pause = PAUSE;
    for _ in 0..LOOKS {
        let answered = caller.post(url, None).await?;
        let found: T = read(&answered)?;
        if !is_busy(&found) {
            return Ok(found);
        }
        let asked = retry_after(&answered).map_or(Duration::ZERO, |wait| Duration::from_secs(wait.0));
        Timer::after(pause.max(asked.min(LONGEST_PAUSE))).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    Err(CallError::Strange("the server is still busy after minutes".to_owned()))
}

/// The request for a certificate of those names (PKCS #10, DER).
fn request(names: &[DnsName], key: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
    let params = params(names)?;
    Ok(params.serialize_request(&pair(key)?)?.der().to_vec())
}

/// The certificate that a handshake for `acme-tls/1` is answered with, and its key (RFC 8737 §3).
fn shown(name: &DnsName, answer: &str) -> Result<(Vec<u8>, Vec<u8>), rcgen::Error> {
    let mut params = params(std::slice::from_ref(name))?;
    let hashed = digest(&SHA256, answer.as_bytes());
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(hashed.as_ref())];
    let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    Ok((params.self_signed(&pair)?.der().to_vec(), pair.serialize_der()))
}

fn params(names: &[DnsName]) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names.iter().map(|name| name.as_str().to_owned()).collect::<Vec<_>>())?;
    params.distinguished_name = DistinguishedName::new();
    Ok(params)
}

fn pair(key: &[u8]) -> Result<KeyPair, rcgen::Error> {
    KeyPair::from_pkcs8_der_and_sign_algo(&PrivatePkcs8KeyDer::from(key), &PKCS_ECDSA_P256_SHA256)
}
