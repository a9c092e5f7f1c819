//! The office CA of one appliance: made at the first start, kept in the store, and its leaf renewed while it runs.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use zeroize::Zeroizing;

use super::authority::{self, Authority, AuthorityError};
use crate::net::certificates::{Certificates, TlsError};
use crate::rules::certificates::authority::AuthorityPlan;
use crate::rules::certificates::keep;
use crate::rules::certificates::kept::{Holder, KeptPair};
use crate::rules::certificates::leaf::{self, Due, Leaf, LeafPlan, Wanted};
use crate::rules::certificates::name::DnsName;
use crate::rules::moment::{Moment, Reading};
use crate::rules::office::journal::Actor;
use crate::rules::secret::SealKey;
use crate::rules::time::Date;
use crate::rules::verdict::Verdict;
use crate::store::{Fault, Store};

/// Why the office CA cannot be used.
#[derive(Debug)]
pub enum KeeperError {
    /// No certificate can be made.
    Authority(AuthorityError),
    /// The CA permits none of the names, or has ended.
    Ended,
    /// The kept key was sealed by another appliance's key.
    Foreign,
    /// The store failed.
    Store(Fault),
    /// What was issued cannot be served.
    Tls(TlsError),
}

impl fmt::Display for KeeperError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Authority(why) => write!(to, "the office CA cannot be used: {why}"),
            Self::Ended => to.write_str("the office CA has ended, so it can issue no certificate"),
            Self::Foreign => {
                to.write_str("the office CA in the store was sealed with another key than this appliance's")
            }
            Self::Store(why) => write!(to, "the office CA cannot be kept: {why}"),
            Self::Tls(why) => why.fmt(to),
        }
    }
}

impl std::error::Error for KeeperError {}

impl From<AuthorityError> for KeeperError {
    fn from(why: AuthorityError) -> Self {
        Self::Authority(why)
    }
}

impl From<Fault> for KeeperError {
    fn from(why: Fault) -> Self {
        Self::Store(why)
    }
}

impl From<TlsError> for KeeperError {
    fn from(why: TlsError) -> Self {
        Self::Tls(why)
    }
}

/// Where the CA is kept, and what its keys are sealed with.
pub struct Safe {
    /// The store.
    pub store: Store,
    /// The appliance's own key.
    pub key: Arc<SealKey>,
    /// Time and dice of one turn.
    pub moment: Box<dyn Fn() -> Moment + Send + Sync>,
}

/// The CA at work.
pub struct Keeper {
    safe: Safe,
    name: DnsName,
    authority: Authority,
    certificate: Vec<u8>,
    certificates: Certificates,
    leaf: Mutex<Leaf>,
}

impl Keeper {
    /// Takes up the kept CA and leaf. Makes what is missing: a CA where there is none, or where the one that is there
    /// may not sign for the names or has ended; a leaf where one is due. Blocks.
    ///
    /// # Errors
    /// Nothing can be written, or what is kept is of no use.
    pub fn open(safe: Safe, name: DnsName, addresses: &[IpAddr]) -> Result<Self, KeeperError> {
        let old = safe.moved_from(&name)?;
        let now = reading(&(safe.moment)());
        let is_of_use = |authority: &Authority| {
            let facts = authority.facts();
            let mut names = [Some(&name), old.as_ref()].into_iter().flatten();
            names.all(|name| facts.permits(name)) && !(now.known && facts.has_ended(now.date))
        };
        let (kept, kept_leaf) = safe.store.read(|facts| Ok((facts.authority()?, facts.leaf()?)))?;
        let kept = kept.map(|pair| safe.open_authority(&pair)).transpose()?;
        let (authority, certificate) = match kept.filter(|(authority, _)| is_of_use(authority)) {
            Some(kept) => kept,
            None => safe.make_authority(&name, old.as_ref())?,
        };
        let wanted = Wanted::new(name.clone(), old, addresses);
        // A leaf that cannot be opened is as good as none: nobody has installed it.
        let opened = kept_leaf.and_then(|pair| {
            let key = pair.key(Holder::Leaf, &safe.key)?;
            Some((Leaf::read(&pair.certificate)?, pair.certificate, key))
        });
        let before = opened.as_ref().map(|(leaf, ..)| leaf);
        let (leaf, der, key) = match (leaf::due(before, &wanted, authority.facts(), now), opened) {
            (None, Some(kept)) => kept,
            // What is there is served until another one can be kept.
            (Some(_), Some(kept)) if safe.store.writable().is_err() => kept,
            (_, before) => safe.issue(&authority, &wanted, before.as_ref().map(|(leaf, ..)| leaf))?,
        };
        Ok(Self {
            certificates: Certificates::issued(&der, &key)?,
            leaf: Mutex::new(leaf),
            safe,
            name,
            authority,
            certificate,
        })
    }

    /// The certificates that it keeps up to date.
    pub fn certificates(&self) -> &Certificates {
        &self.certificates
    }

    /// The CA's certificate: DER.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// The CA's common name.
    pub fn common_name(&self) -> &str {
        &self.authority.facts().common_name
    }

    /// The CA's last second.
    pub fn ends(&self) -> Date {
        self.authority.facts().validity.until
    }

    /// Makes a new leaf if one is due for these addresses, keeps it, and serves it from then on. Blocks.
    ///
    /// # Errors
    /// As [`Self::open`]; the leaf in use then stays in use.
    pub fn renew(&self, addresses: &[IpAddr]) -> Result<Option<Due>, KeeperError> {
        let old = self.safe.moved_from(&self.name)?;
        let wanted = Wanted::new(self.name.clone(), old, addresses);
        let mut current = self.leaf.lock().unwrap_or_else(PoisonError::into_inner);
        let reading = reading(&(self.safe.moment)());
        let Some(due) = leaf::due(Some(&current), &wanted, self.authority.facts(), reading) else {
            return Ok(None);
        };
        let (leaf, der, key) = self.safe.issue(&self.authority, &wanted, Some(&current))?;
        self.certificates.exchange(&der, &key)?;
        *current = leaf;
        Ok(Some(due))
    }
}

/// A leaf, its DER and its key.
type Issued = (Leaf, Vec<u8>, Zeroizing<Vec<u8>>);

impl Safe {
    /// The name that the appliance, which is called `name`, moved away from, while that move lasts.
    pub(super) fn moved_from(&self, name: &DnsName) -> Result<Option<DnsName>, Fault> {
        let moving = self.store.read(|facts| facts.moving())?;
        let old = moving.and_then(|moving| DnsName::parse(moving.from.as_str()));
        Ok(old.filter(|old| old != name))
    }

    fn open_authority(&self, kept: &KeptPair) -> Result<(Authority, Vec<u8>), KeeperError> {
        let key = kept.key(Holder::Authority, &self.key).ok_or(KeeperError::Foreign)?;
        Ok((Authority::open(&kept.certificate, &key)?, kept.certificate.clone()))
    }

    fn make_authority(&self, name: &DnsName, old: Option<&DnsName>) -> Result<(Authority, Vec<u8>), KeeperError> {
        let mut moment = (self.moment)();
        let key = authority::new_key()?;
        let plan = AuthorityPlan::new(name, old, moment.now, &mut moment.fresh);
        let certificate = authority::certificate(&plan, &key)?;
        let pair = KeptPair::seal(
            Holder::Authority,
            certificate.clone(),
            &key,
            &self.key,
            &mut moment.fresh,
        );
        self.keep(keep::authority(pair))?;
        Ok((Authority::open(&certificate, &key)?, certificate))
    }

    fn issue(&self, authority: &Authority, wanted: &Wanted, before: Option<&Leaf>) -> Result<Issued, KeeperError> {
        let mut moment = (self.moment)();
        let plan = LeafPlan::new(wanted, before, authority.facts(), &mut moment).ok_or(KeeperError::Ended)?;
        let key = authority::new_key()?;
        let der = authority.leaf(&plan, &key)?;
        let pair = KeptPair::seal(Holder::Leaf, der.clone(), &key, &self.key, &mut moment.fresh);
        self.keep(keep::leaf(pair))?;
        let leaf = Leaf::read(&der).ok_or(KeeperError::Tls(TlsError::NotIssued))?;
        Ok((leaf, der, key))
    }

    fn keep(&self, verdict: Verdict<()>) -> Result<(), KeeperError> {
        let turn = self
            .store
            .turn_now(Actor::APPLIANCE, (self.moment)(), |_, _| Ok(verdict));
        // The verdict is a yes.
        turn.map(drop).map_err(KeeperError::Store)
    }
}

pub(super) fn reading(moment: &Moment) -> Reading {
    Reading {
        date: moment.now,
        known: moment.known,
        running: moment.now,
    }
}
