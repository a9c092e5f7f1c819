//! TLS handshakes that failed, remembered for an hour, so that a page can say which phone cannot connect and why.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_rustls::rustls::{Error, PeerIncompatible};

use super::instant::now;
use crate::rules::certificates::handshake::{Cause, FailedHandshake};
use crate::rules::people::access::is_near;
use crate::rules::time::Ttl;

/// Addresses that are remembered: more than an office has old phones. The one that was silent the longest makes room.
const ADDRESSES: usize = 64;
/// How long.
const REMEMBERED: Duration = Duration::from_secs(3_600);

/// What is remembered; all of it may be forgotten. Only addresses of the LAN are: scanners of the internet are nobody's
/// phones.
#[derive(Debug, Default)]
pub struct Handshakes(Mutex<Vec<Failed>>);

#[derive(Debug)]
struct Failed {
    from: IpAddr,
    cause: Cause,
    count: u32,
    at: Instant,
}

impl Handshakes {
    /// A handshake from there failed.
    pub(super) fn failed(&self, from: IpAddr, error: &std::io::Error) {
        let from = from.to_canonical();
        let error = error.get_ref().and_then(|error| error.downcast_ref::<Error>());
        let Some(cause) = error.and_then(cause).filter(|_| is_near(from)) else {
            return;
        };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = now();
        if let Some(known) = all.iter_mut().find(|known| known.from == from) {
            known.cause = cause;
            known.count = known.count.saturating_add(1);
            known.at = at;
            return;
        }
        if all.len() >= ADDRESSES {
            let longest = all
                .iter()
                .enumerate()
                .min_by_key(|(_, known)| known.at)
                .map(|(place, _)| place);
            if let Some(place) = longest {
                all.swap_remove(place);
            }
        }
        let count = 1;
        all.push(Failed { from, cause, count, at });
    }

    /// One from there came about.
    pub(super) fn came_about(&self, from: IpAddr) {
        let from = from.to_canonical();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|known| known.from != from);
    }

    /// Those of the last hour, the newest first.
    pub fn all(&self) -> Vec<FailedHandshake> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = now();
        all.retain(|known| at.saturating_duration_since(known.at) < REMEMBERED);
        all.sort_by_key(|known| std::cmp::Reverse(known.at));
        let told = |known: &Failed| FailedHandshake {
            from: known.from,
            cause: known.cause,
            count: known.count,
            ago: Ttl(at.saturating_duration_since(known.at).as_secs()),
        };
        all.iter().map(told).collect()
    }
}

#[allow(clippy::wildcard_enum_match_arm, reason = "rustls lets its enums grow")]
fn cause(error: &Error) -> Option<Cause> {
    use PeerIncompatible as P;
    match error {
        Error::PeerIncompatible(
            P::Tls12NotOffered
            | P::Tls12NotOfferedOrEnabled
            | P::SupportedVersionsExtensionRequired
            | P::Tls13RequiredForQuic,
        ) => Some(Cause::OldTls),
        Error::PeerIncompatible(
            P::NoCipherSuitesInCommon
            | P::NoEcPointFormatsInCommon
            | P::NoKxGroupsInCommon
            | P::NoSignatureSchemesInCommon
            | P::NamedGroupsExtensionRequired
            | P::SignatureAlgorithmsExtensionRequired
            | P::UncompressedEcPointsRequired
            | P::NullCompressionRequired,
        ) => Some(Cause::OtherKeys),
        _ => None,
    }
}
