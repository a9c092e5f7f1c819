//! Who sent a request (RFC 3261 §22, RFC 8760).

use super::Registrar;
use super::offers::Offer;
use crate::rules::phones::device::{Algorithm, DeviceId};
use crate::rules::phones::digest::{self, Holder, Outcome};
use crate::rules::phones::nonce::Used;
use crate::sip::action::Failure;
use crate::sip::codec::{self, Name, Request};
use crate::sip::flow::Flow;
use crate::sip::wire::Wire;
use std::net::SocketAddr;

/// What becomes of a request before anybody looks at what it wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip) enum Admission {
    /// It is this device's.
    Device(DeviceId),
    /// Ask for credentials.
    Challenge {
        /// With this hash, or one of these.
        offer: Offer,
        /// The secret was right, the nonce was not.
        stale: bool,
    },
    /// It is not worth an answer.
    Silence,
}

/// Products in the User-Agent of programs that look for open registrars.
const SCANNERS: [&str; 11] = [
    "friendly-scanner",
    "sipvicious",
    "sipcli",
    "pplsip",
    "sundayddr",
    "vaxsipuseragent",
    "sip-scan",
    "sipscan",
    "siparmyknife",
    "iwar",
    "smap",
];

/// Whether a program that nobody uses to call sent it.
pub(in crate::sip) fn is_scanner(request: &Request<'_>) -> bool {
    let Some(agent) = request.view.first(Name::UserAgent) else {
        return false;
    };
    let agent = String::from_utf8_lossy(agent.get(..128).unwrap_or(agent)).to_ascii_lowercase();
    // Whole products: honest names have such words in them.
    let mut products = agent.split(|c: char| c.is_whitespace() || "/();,".contains(c));
    products.any(|product| SCANNERS.contains(&product))
}

impl Registrar {
    /// Judges the credentials in these fields.
    pub(in crate::sip) fn admit(
        &mut self,
        wire: &mut Wire,
        request: &Request<'_>,
        fields: &[Name],
        flow: Flow,
        source: SocketAddr,
    ) -> Admission {
        let Some(sent) = credentials(request, fields, &wire.config.domain) else {
            let tables = (&self.roll, &self.places, &*wire);
            let offer = self.offers.offer(tables, request, flow, source);
            return Admission::Challenge { offer, stale: false };
        };
        let sent = digest::Credentials {
            username: sent.username,
            realm: sent.realm,
            nonce: sent.nonce,
            uri: sent.uri,
            response: sent.response,
            algorithm: sent.algorithm.map(codec::Algorithm::as_str),
            qop: sent.qop,
            nc: sent.nc.map(|nc| nc.text),
            cnonce: sent.cnonce,
        };
        let entry = self.roll.named(sent.device_name());
        let device = entry.map(|entry| entry.device);
        let own = entry.map_or_else(Algorithm::default, |entry| entry.algorithm);
        // Where both were offered, an MD5 device may answer with the better hash.
        let is_better = sent.algorithm == Some(Algorithm::Sha256.as_str());
        let is_offered = is_better && self.guard.nonce(&sent, Algorithm::Sha256).is_some();
        let algorithm = if is_offered { Algorithm::Sha256 } else { own };
        let nonce = self.guard.nonce(&sent, algorithm);
        let used = nonce.map_or(Used::Never, |nonce| self.nonces.used(nonce));
        let holder = entry.map(|entry| Holder {
            secret: &entry.secret,
            algorithm,
        });
        let asked = digest::Request {
            method: request.method.as_str(),
            uri: request.uri.as_str(),
        };
        let outcome = self.guard.check(&sent, &asked, holder, used, wire.now);
        // Whoever knows a secret is let in at once, however many others behind the same address do not. All others get
        // the same silence, so it tells nobody which devices there are.
        let is_refused = matches!(outcome, Outcome::Foreign | Outcome::Wrong);
        if is_refused && self.strikes.is_out(source, wire.now) && self.places.at(flow).is_none() {
            self.strikes.stranger(wire, source);
            return Admission::Silence;
        }
        if outcome == Outcome::Wrong {
            self.strikes.wrong(source, wire.now);
        }
        match (outcome, device) {
            (Outcome::Right { nonce, count }, Some(device)) => {
                self.nonces.remember(nonce, count, wire.now);
                self.offers.see(device, source);
                Admission::Device(device)
            }
            (Outcome::Stale, Some(_)) => challenge(algorithm, true),
            (Outcome::Foreign, Some(device)) => {
                // Credentials that phones send before they know the realm are no failure.
                if sent.realm == wire.config.domain {
                    self.strikes.fails(wire, device, Failure::Protection, source);
                }
                challenge(own, false)
            }
            (Outcome::Wrong, Some(device)) => {
                self.strikes.fails(wire, device, Failure::WrongSecret, source);
                challenge(own, false)
            }
            (_, None) => {
                self.strikes.stranger(wire, source);
                challenge(own, false)
            }
        }
    }

    /// The value of WWW-Authenticate or Proxy-Authenticate.
    pub(in crate::sip) fn challenge(&self, wire: &mut Wire, algorithm: Algorithm, stale: bool) -> String {
        self.guard.challenge(algorithm, stale, wire.now, &mut wire.fresh)
    }
}

const fn challenge(algorithm: Algorithm, stale: bool) -> Admission {
    Admission::Challenge {
        offer: Offer::One(algorithm),
        stale,
    }
}

/// The credentials for our realm, else the first of any.
fn credentials<'a>(request: &Request<'a>, fields: &[Name], realm: &str) -> Option<codec::Credentials<'a>> {
    let mut first = None;
    for credentials in fields.iter().flat_map(|field| request.credentials(*field)).flatten() {
        if credentials.realm == realm {
            return Some(credentials);
        }
        first = first.or(Some(credentials));
    }
    first
}
