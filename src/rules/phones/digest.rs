//! Digest authentication of SIP requests (RFC 3261 §22, RFC 7616, RFC 8760): MD5 or SHA-256, as the device's row says.
//!
//! Quality of protection is `auth`. A phone that leaves `qop` out (RFC 2069's form, which RFC 3261 §22.4 still has)
//! gets through, but each nonce serves it once.

use md5::Md5;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::device::{Algorithm, DeviceSecret};
use super::nonce::{Known, Mint, Used};
use super::sip_uri::Named;
use crate::rules::moment::Fresh;
use crate::rules::time::Tick;

/// The fields of `Authorization` or `Proxy-Authorization`, quotation marks taken off and nothing else changed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Credentials<'a> {
    /// `username`: hashed as it was sent, whatever domain is in it.
    pub username: &'a str,
    /// `realm`.
    pub realm: &'a str,
    /// `nonce`.
    pub nonce: &'a str,
    /// `uri`.
    pub uri: &'a str,
    /// `response`: hexadecimal digits.
    pub response: &'a str,
    /// `algorithm`; MD5 where it is left out (RFC 7616 §3.3).
    pub algorithm: Option<&'a str>,
    /// `qop`.
    pub qop: Option<&'a str>,
    /// `nc`: up to 8 hexadecimal digits, hashed as they were sent.
    pub nc: Option<&'a str>,
    /// `cnonce`.
    pub cnonce: Option<&'a str>,
}

impl<'a> Credentials<'a> {
    /// Under which name the device is to be found: `username` without `sip:` before and `@domain` after it, either of
    /// which phones add.
    pub fn device_name(&self) -> &'a str {
        let name = self.username.trim();
        let bare = match name.split_once(':') {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("sip") || scheme.eq_ignore_ascii_case("sips") => rest,
            _ => name,
        };
        bare.split('@').next().unwrap_or_default()
    }
}

/// The request that the credentials are for.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// `REGISTER`, `INVITE`, …
    pub method: &'a str,
    /// The request URI, as it was sent.
    pub uri: &'a str,
}

/// The device that the credentials name.
#[derive(Clone, Copy, Debug)]
pub struct Holder<'a> {
    /// Its secret.
    pub secret: &'a DeviceSecret,
    /// The hash that it is asked to answer with.
    pub algorithm: Algorithm,
}

/// What credentials are worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// They answer no challenge of ours: another realm, algorithm or protection. Challenge anew, without `stale`.
    Foreign,
    /// They are the device's. The count is to be remembered as the nonce's highest.
    Right {
        /// The nonce that they used.
        nonce: Known,
        /// Its count.
        count: u32,
    },
    /// Whoever sent them knows the secret, but the nonce is old, not ours or used already. Challenge anew with
    /// `stale=true`.
    Stale,
    /// No such device, another secret or another request: one answer for all. Challenge anew, without `stale`.
    Wrong,
}

/// Asks for credentials, and judges them.
pub struct Guard {
    realm: String,
    mint: Mint,
    /// Held against credentials of nobody, so that they cost what others cost.
    decoy: DeviceSecret,
}

impl Guard {
    /// One for a realm, with its own key: nonces of an earlier one are old.
    pub fn new(realm: String, fresh: &mut Fresh) -> Self {
        Self {
            realm,
            mint: Mint::fresh(fresh),
            decoy: DeviceSecret::fresh(fresh),
        }
    }

    /// A challenge with one algorithm, as `WWW-Authenticate` or `Proxy-Authenticate` has it. Old phones look at the
    /// first alone, so a known device gets no second (RFC 8760 §2.3 leaves that to us). For a name that no device has:
    /// the default algorithm.
    pub fn challenge(&self, algorithm: Algorithm, stale: bool, now: Tick, fresh: &mut Fresh) -> String {
        let nonce = self.mint.make(algorithm, now, fresh);
        let (realm, hash) = (&self.realm, algorithm.as_str());
        let stale = if stale { ", stale=true" } else { "" };
        format!("Digest realm=\"{realm}\", nonce=\"{nonce}\", algorithm={hash}, qop=\"auth\"{stale}")
    }

    /// The nonce of those credentials, if it is ours: to look up how often it was used.
    pub fn nonce(&self, credentials: &Credentials<'_>, algorithm: Algorithm) -> Option<Known> {
        self.mint.read(credentials.nonce, algorithm)
    }

    /// Judges credentials that name `holder` or nobody, on a nonce that was used so often.
    pub fn check(
        &self,
        credentials: &Credentials<'_>,
        request: &Request<'_>,
        holder: Option<Holder<'_>>,
        used: Used,
        now: Tick,
    ) -> Outcome {
        let (secret, algorithm) = holder.map_or((&self.decoy, Algorithm::default()), |it| (it.secret, it.algorithm));
        let said = credentials.algorithm.map_or(Some(Algorithm::Md5), Algorithm::parse);
        if credentials.realm != self.realm || said != Some(algorithm) {
            return Outcome::Foreign;
        }
        let Some(protection) = Protection::of(credentials) else {
            return Outcome::Foreign;
        };
        let ha1 = ha1(algorithm, credentials.username, credentials.realm, secret);
        let expected = response(algorithm, &ha1, credentials, &protection, request.method);
        let sent = credentials.response.to_ascii_lowercase();
        let same: bool = expected.as_bytes().ct_eq(sent.as_bytes()).into();
        if !same || holder.is_none() || !same_target(credentials.uri, request.uri, &self.realm) {
            return Outcome::Wrong;
        }
        let count = protection.count();
        let young = self.nonce(credentials, algorithm).filter(|nonce| nonce.is_young(now));
        match young {
            Some(nonce) if used.admits(count) => Outcome::Right { nonce, count },
            Some(_) | None => Outcome::Stale,
        }
    }
}

/// The fields that `qop` decides about.
pub(super) enum Protection<'a> {
    /// RFC 2069: none.
    Bare,
    /// `qop=auth`.
    Auth { nc: &'a str, cnonce: &'a str, count: u32 },
}

impl<'a> Protection<'a> {
    /// None where it is neither: `auth-int`, which we do not ask for, or `auth` without its fields.
    pub(super) fn of(credentials: &Credentials<'a>) -> Option<Self> {
        let Some(qop) = credentials.qop else {
            return Some(Self::Bare);
        };
        let (nc, cnonce) = credentials.nc.zip(credentials.cnonce)?;
        let is_hex = (1..=8).contains(&nc.len()) && nc.bytes().all(|digit| digit.is_ascii_hexdigit());
        let count = u32::from_str_radix(nc, 16).ok().filter(|_| is_hex)?;
        qop.eq_ignore_ascii_case("auth")
            .then_some(Self::Auth { nc, cnonce, count })
    }

    fn count(&self) -> u32 {
        match self {
            Self::Bare => 0,
            Self::Auth { count, .. } => *count,
        }
    }
}

/// Whether the `uri` of the credentials is the request's, or names the same but for what phones write differently in
/// both: parameters, the default port, and `sip:` twice (RFC 7616 §3.4.6 wants them to be the same resource, not the
/// same text). The office itself, by its domain or by the host of the request, stands for each of its extensions: some
/// programs sign every request so. What was sent is what is hashed, and each count of a nonce serves once.
fn same_target(sent: &str, asked: &str, domain: &str) -> bool {
    if sent == asked {
        return true;
    }
    let Some(asked) = Named::parse(asked) else {
        return false;
    };
    let host = Named { user: None, ..asked };
    let domain = Named { host: domain, ..host };
    let is_meant = |sent: Named<'_>| [asked, host, domain].iter().any(|meant| sent.is(meant));
    [sent, once(sent)].into_iter().filter_map(Named::parse).any(is_meant)
}

/// A URI without the first of two schemes.
fn once(uri: &str) -> &str {
    match uri.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("sip") => rest,
        _ => uri,
    }
}

/// H(username ":" realm ":" secret) in hexadecimal digits (RFC 7616 §3.4.2): stands for the secret in this realm, and
/// is kept as carefully.
pub fn ha1(algorithm: Algorithm, username: &str, realm: &str, secret: &DeviceSecret) -> Zeroizing<String> {
    hash(algorithm, &[username, realm, secret.reveal()])
}

/// What `response` is in these credentials, by whoever holds the secret; none where `qop` is not `auth` or lacks its
/// fields.
pub fn signed(credentials: &Credentials<'_>, holder: Holder<'_>, method: &str) -> Option<Zeroizing<String>> {
    let protection = Protection::of(credentials)?;
    let ha1 = ha1(holder.algorithm, credentials.username, credentials.realm, holder.secret);
    Some(response(holder.algorithm, &ha1, credentials, &protection, method))
}

/// What `response` should be (RFC 7616 §3.4.1; without `qop`, RFC 2617 §3.2.2.1).
pub(super) fn response(
    algorithm: Algorithm,
    ha1: &str,
    credentials: &Credentials<'_>,
    protection: &Protection<'_>,
    method: &str,
) -> Zeroizing<String> {
    let ha2 = hash(algorithm, &[method, credentials.uri]);
    match protection {
        Protection::Bare => hash(algorithm, &[ha1, credentials.nonce, &ha2]),
        Protection::Auth { nc, cnonce, .. } => {
            let qop = credentials.qop.unwrap_or_default();
            hash(algorithm, &[ha1, credentials.nonce, nc, cnonce, qop, &ha2])
        }
    }
}

/// The hash of the parts with colons between them, in hexadecimal digits of lower case.
fn hash(algorithm: Algorithm, parts: &[&str]) -> Zeroizing<String> {
    let text = Zeroizing::new(parts.join(":"));
    let hex = |bytes: &[u8]| Zeroizing::new(data_encoding::HEXLOWER.encode(bytes));
    match algorithm {
        Algorithm::Md5 => hex(&Md5::digest(text.as_bytes())),
        Algorithm::Sha256 => hex(&Sha256::digest(text.as_bytes())),
    }
}
