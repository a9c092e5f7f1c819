//! Whether what a CA issued may be served: it has to pass the test that the owner's own files have to pass.

use ring::rand::SystemRandom;
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::call::CallError;
use super::order::Fresh;
use crate::net::issued;
use crate::rules::certificates::acme::due::{self, Held};
use crate::rules::certificates::acme::record::{Issued, Trouble};
use crate::rules::certificates::inspect::{CHAIN, Flaw, Pair};
use crate::rules::certificates::name::DnsName;
use crate::rules::moment::Reading;
use crate::rules::secret::SealKey;
use crate::rules::time::Ttl;

/// How long is waited after one that is not fit: the next would be no other, and CAs count those that they issue. Those
/// of six days have two left when they are due.
const WAIT: Ttl = Ttl::days(1);
/// So far this machine's clock may be behind: one that begins to be valid within that time is kept where none is in
/// use, and served from its first second on. CAs date back by an hour at most.
const CLOCK_BEHIND: Ttl = Ttl::days(1);

/// What every client would refuse is a try that failed, and never takes the place of one that is served.
///
/// # Errors
/// [`CallError::Refused`], with a sentence of ours.
pub(super) fn judged(fresh: Fresh, names: &[DnsName], reading: Reading, is_served: bool) -> Result<Fresh, CallError> {
    let pair = pair(fresh.chain.clone(), &fresh.key);
    let flaw = match &pair {
        Ok(pair) => names.iter().find_map(|name| pair.fatal(name, reading)),
        Err(flaw) => Some(flaw.clone()),
    };
    let soon = |flaw: &Flaw| matches!(flaw, Flaw::NotYetValid { from, now } if *from <= *now + CLOCK_BEHIND);
    let flaw = flaw.filter(|flaw| is_served || !soon(flaw));
    let Some(flaw) = flaw else { return Ok(fresh) };
    let trouble = Trouble::ours(&issued::sentence(&flaw));
    let name = if let Flaw::OtherName { wanted, .. } = flaw {
        Some(wanted)
    } else {
        None
    };
    Err(CallError::Refused {
        trouble,
        asked: Some(WAIT),
        name,
    })
}

/// Whether one that is kept can be served under one of these names now.
pub(super) fn is_fit(issued: &Issued, under: &SealKey, names: &[DnsName], reading: Reading) -> bool {
    let Some(held) = Held::read(issued) else { return false };
    let mut names = names.iter().filter(|name| due::is_usable(&held, name, reading));
    let pair = issued
        .opened_key(under)
        .and_then(|key| pair(issued.chain.clone(), &key).ok());
    pair.is_some_and(|pair| names.any(|name| pair.fatal(name, reading).is_none()))
}

fn pair(chain: Vec<Vec<u8>>, key: &[u8]) -> Result<Pair, Flaw> {
    if chain.len() > CHAIN {
        let certificates = chain.len();
        return Err(Flaw::TooMany { certificates });
    }
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.to_vec()));
    Pair::of(chain, key, &SystemRandom::new())
}
