//! Who sent a request (RFC 3261 §22, RFC 8760).

use super::Registrar;
use super::offers::Offer;
use crate::rules::phones::device::{Algorithm, DeviceId};
use crate::rules::phones::digest::{self, Holder, Outcome};
use crate::rules::phones::nonce::Used;
use crate::sip::action::Failure;
use crate::sip::codec::{self, Method, Name, Request, Uri};
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

/// What one set of credentials is worth, and whose it is.
struct Judged {
    device: Option<DeviceId>,
    /// The hash of that device.
    own: Algorithm,
    /// The hash that was used.
    algorithm: Algorithm,
    is_our_realm: bool,
    outcome: Outcome,
}

/// Sets of credentials for our realm that are judged: an old one beside a new one, in either field.
const SETS: usize = 4;

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
    /// Judges the credentials of a request, in whichever field they are: programs choose it by the method, not by the
    /// status that asked for them. Where there are several for our realm, those that are right count; each that is
    /// wrong is a guess, unless it is an older one of the same device.
    pub(in crate::sip) fn admit(
        &mut self,
        wire: &mut Wire,
        request: &Request<'_>,
        flow: Flow,
        source: SocketAddr,
    ) -> Admission {
        let sets = credentials(request, &wire.config.domain);
        let mut judged: Vec<Judged> = sets.iter().map(|sent| self.judge(wire, request, sent)).collect();
        judged.sort_by_key(|judged| match judged.outcome {
            Outcome::Right { .. } => 0,
            Outcome::Stale => 1,
            Outcome::Wrong => 2,
            Outcome::Foreign => 3,
        });
        let right = judged
            .first()
            .filter(|best| matches!(best.outcome, Outcome::Right { .. }));
        let right = right.and_then(|best| best.device);
        let guesses = judged.iter().filter(|judged| judged.outcome == Outcome::Wrong);
        let guesses = guesses.map(|judged| judged.device);
        let guesses: Vec<Option<DeviceId>> = guesses.filter(|of| right.is_none() || *of != right).collect();
        let Some(judged) = judged.into_iter().next() else {
            let tables = (&self.roll, &self.places, &*wire);
            let offer = self.offers.offer(tables, request, flow, source);
            return Admission::Challenge { offer, stale: false };
        };
        let Judged {
            device,
            own,
            algorithm,
            is_our_realm,
            outcome,
        } = judged;
        // Whoever knows a secret is let in at once, however many others behind the same address do not. All others get
        // the same silence, so it tells nobody which devices there are.
        let is_refused = matches!(outcome, Outcome::Foreign | Outcome::Wrong) || !guesses.is_empty();
        if is_refused && self.strikes.is_out(source, wire.now) && self.places.at(flow).is_none() {
            self.strikes.stranger(wire, source);
            return Admission::Silence;
        }
        for of in guesses {
            self.strikes.wrong(source, wire.now);
            if let Some(device) = of {
                self.strikes.fails(wire, device, Failure::WrongSecret, source);
            }
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
                if is_our_realm {
                    self.strikes.fails(wire, device, Failure::Protection, source);
                }
                challenge(own, false)
            }
            (Outcome::Wrong, Some(_)) => challenge(own, false),
            (_, None) => {
                self.strikes.stranger(wire, source);
                challenge(own, false)
            }
        }
    }

    /// Judges one set of credentials.
    fn judge(&self, wire: &Wire, request: &Request<'_>, sent: &codec::Credentials<'_>) -> Judged {
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
            uri: signed_for(wire, request, sent.uri),
        };
        Judged {
            device: entry.map(|entry| entry.device),
            own,
            algorithm,
            is_our_realm: sent.realm == wire.config.domain,
            outcome: self.guard.check(&sent, &asked, holder, used, wire.now),
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

/// The sets for our realm, else the first of any.
fn credentials<'a>(request: &Request<'a>, realm: &str) -> Vec<codec::Credentials<'a>> {
    let fields = [Name::ProxyAuthorization, Name::Authorization];
    let all = fields
        .into_iter()
        .flat_map(|field| request.credentials(field))
        .flatten();
    let (mut ours, others): (Vec<_>, Vec<_>) = all.partition(|sent| sent.realm == realm);
    ours.truncate(SETS);
    if ours.is_empty() {
        ours.extend(others.first());
    }
    ours
}

/// The URI that credentials are for: theirs, where it names this office by another of its names or addresses, and the
/// same user or none; a REGISTER has no user, and some phones sign it with their own address. Else the request's
/// (RFC 7616 §3.4.6: both name one resource).
fn signed_for<'a>(wire: &Wire, request: &Request<'a>, sent: &'a str) -> &'a str {
    let asked = request.uri.as_str();
    let bare = sent.trim().trim_start_matches('<').trim_end_matches('>');
    let Ok(uri) = Uri::parse(bare.as_bytes()) else {
        return asked;
    };
    let (own, theirs) = (request.uri.account(), uri.account());
    let is_same = theirs.is_empty() || own == theirs || (own.is_empty() && request.method == Method::Register);
    if is_same && wire.is_ours(&request.uri) && wire.is_ours(&uri) {
        sent
    } else {
        asked
    }
}
