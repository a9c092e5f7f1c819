//! Phones' boxes in memory: which MAC address and which own address is whose, who asked in vain, and where SIP is
//! served. A stranger's question is answered from here alone: it reads nothing from the store, and writes nothing.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use event_listener::{Event, EventListener};

use super::app_codes::AppCodes;
use crate::rules::id::{AccountId, DisplayName, Extension};
use crate::rules::letters::language::Language;
use crate::rules::office::settings::{Clock, Phones};
use crate::rules::people::account::AccountKind;
use crate::rules::phones::device::{Device, DeviceId};
use crate::rules::phones::fetch::FetchedRevisions;
use crate::rules::phones::mac::Mac;
use crate::rules::phones::provisioning::make::Make;
use crate::rules::phones::surroundings::Surroundings;
use crate::rules::phones::window::By;
use crate::rules::secret::TokenHash;
use crate::rules::time::{Date, Ttl};
use crate::store::{Fault, Store};

/// Phones that asked and are nobody's yet, as the page lists them: more than anybody unpacks at once.
pub const ASKING: usize = 64;
/// How long somebody who was put out of a desk, or whose code was scanned twice, is told so.
const TOLD: Ttl = Ttl::hours(24);
/// The pause between two lines of the journal about strangers.
const STRANGERS_PAUSE: Ttl = Ttl::hours(1);

/// What is known of phones' boxes; all of it may be forgotten.
#[derive(Default)]
pub struct Hardware {
    index: Mutex<Option<(u64, Arc<Index>)>>,
    asking: Mutex<VecDeque<Asking>>,
    strangers: Mutex<Strangers>,
    sip: Mutex<SipPorts>,
    apps: Mutex<AppCodes>,
    app_answered: Event,
    scanned_again: Mutex<HashMap<AccountId, ScannedAgain>>,
    put_out: Mutex<HashMap<AccountId, PutOut>>,
    authority: Option<Arc<str>>,
    surroundings: Mutex<Option<Surroundings>>,
}

/// How somebody lost a desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutOut {
    /// What the desk is called.
    pub label: String,
    /// Who sits there since; none: an administrator made it free.
    pub by: Option<String>,
    /// When.
    pub at: Date,
}

/// A code that had set up somebody's app was used once more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScannedAgain {
    /// The app that it had set up.
    pub device: DeviceId,
    /// Where the second came from.
    pub from: IpAddr,
    /// When.
    pub at: Date,
}

/// What files are written from, as it is in the store.
#[derive(Default)]
pub struct Index {
    /// The settings.
    pub phones: Phones,
    /// The time that phones are told.
    pub clock: Clock,
    /// All people, in the order of their numbers.
    pub people: Vec<Person>,
    devices: HashMap<DeviceId, Device>,
    by_mac: HashMap<Mac, Vec<DeviceId>>,
    /// The first address of a box by its other one.
    by_other_mac: HashMap<Mac, Mac>,
    by_own_address: HashMap<TokenHash, DeviceId>,
    languages: HashMap<AccountId, Language>,
    fetched: FetchedRevisions,
}

/// Somebody with a number.
pub struct Person {
    /// Who.
    pub account: AccountId,
    /// Their number.
    pub extension: Extension,
    /// What they are called.
    pub name: DisplayName,
}

/// A phone that asked in vain. Anybody on the LAN can say anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asking {
    /// Its MAC address.
    pub mac: Mac,
    /// Its make, by the name in the interface, where it can be told.
    pub make: Option<&'static str>,
    /// What it says of its model; at most 32 characters.
    pub model: String,
    /// Where it asked from.
    pub from: IpAddr,
    /// When, the last time.
    pub at: Date,
    /// Whether it asked by SIP plug and play.
    pub plug_and_play: bool,
}

/// Where phones register: the ports of UDP and TCP, and of TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SipPorts {
    /// UDP and TCP.
    pub plain: Option<u16>,
    /// TLS.
    pub secure: Option<u16>,
}

#[derive(Default)]
struct Strangers {
    count: u64,
    newest: Option<IpAddr>,
    told: Date,
}

impl Hardware {
    /// What the store says, read again only after a commit that may have changed it.
    ///
    /// # Errors
    /// The store's.
    pub fn index(&self, store: &Store) -> Result<Arc<Index>, Fault> {
        let mut known = locked(&self.index);
        let count = store.notices().phone_files();
        if let Some((_, index)) = known.as_ref().filter(|(at, _)| *at == count) {
            return Ok(Arc::clone(index));
        }
        let index = Arc::new(Index::read(store)?);
        *known = Some((count, Arc::clone(&index)));
        Ok(index)
    }

    /// A phone asks. Where there is no room, the oldest question from the address that asked the most makes some.
    pub fn asks(&self, asking: Asking) {
        let mut list = locked(&self.asking);
        list.retain(|known| known.mac != asking.mac);
        if list.len() >= ASKING {
            let mut counts: HashMap<IpAddr, usize> = HashMap::new();
            for known in list.iter() {
                *counts.entry(known.from).or_default() += 1;
            }
            let busiest = counts.into_iter().max_by_key(|(_, count)| *count).map(|(from, _)| from);
            let oldest = list.iter().position(|known| Some(known.from) == busiest);
            drop(oldest.and_then(|oldest| list.remove(oldest)));
        }
        list.push_back(asking);
    }

    /// The phones that asked in vain, the newest first: those that are nobody's, and those of the office's devices that
    /// may not have their files now and are off the line, as after a factory reset.
    pub fn asking(&self, index: &Index, is_on_line: impl Fn(DeviceId) -> bool, now: Date) -> Vec<Asking> {
        let list = locked(&self.asking);
        let is_lost = |asking: &Asking, device: &Device| {
            let first = device.provisioning.first();
            let is_awaited = device.provisioning.is_open(now) && first.is_none();
            !is_awaited && first.is_none_or(|first| first.at < asking.at) && !is_on_line(device.id)
        };
        let is_shown = |asking: &&Asking| index.of(asking.mac).all(|device| is_lost(asking, device));
        list.iter().rev().filter(is_shown).cloned().collect()
    }

    /// The codes of apps that were not scanned yet.
    pub fn apps(&self) -> MutexGuard<'_, AppCodes> {
        locked(&self.apps)
    }

    /// The answer to a code came through, or broke off.
    pub fn app_answered(&self, code: TokenHash, came_through: bool) {
        self.apps().answered(code, came_through);
        self.app_answered.notify(usize::MAX);
    }

    /// Wakes up when the next answer to a code came through or broke off.
    pub fn next_app_answered(&self) -> EventListener {
        self.app_answered.listen()
    }

    /// Somebody's code was used once more. At most one such note for each account of the office.
    pub fn scanned_again(&self, whose: AccountId, how: ScannedAgain) {
        locked(&self.scanned_again).insert(whose, how);
    }

    /// Whether somebody's code was used once more in the last day.
    pub fn was_scanned_again(&self, whose: AccountId, now: Date) -> Option<ScannedAgain> {
        let mut all = locked(&self.scanned_again);
        all.retain(|_, how| now - how.at < TOLD);
        all.get(&whose).cloned()
    }

    /// Somebody was put out of a desk. At most one such note for each account of the office.
    pub fn put_out(&self, who: AccountId, how: PutOut) {
        locked(&self.put_out).insert(who, how);
    }

    /// Somebody sits again.
    pub fn sits(&self, who: AccountId) {
        locked(&self.put_out).remove(&who);
    }

    /// How somebody was put out in the last day, unless they sat down again.
    pub fn was_put_out(&self, who: AccountId, now: Date) -> Option<PutOut> {
        let mut all = locked(&self.put_out);
        all.retain(|_, how| now - how.at < TOLD);
        all.get(&who).cloned()
    }

    /// Somebody asked in vain.
    pub fn refused(&self, from: IpAddr) {
        let mut strangers = locked(&self.strangers);
        strangers.count = strangers.count.saturating_add(1);
        strangers.newest = Some(from);
    }

    /// How many asked in vain, and where the newest came from; once an hour.
    pub fn strangers(&self, now: Date) -> Option<(u64, IpAddr)> {
        let mut strangers = locked(&self.strangers);
        if now - strangers.told < STRANGERS_PAUSE {
            return None;
        }
        let newest = strangers.newest.take()?;
        strangers.told = now;
        Some((std::mem::take(&mut strangers.count), newest))
    }

    /// SIP is served here.
    pub fn serve_sip(&self, plain: Option<SocketAddr>, secure: Option<SocketAddr>) {
        let port = |place: Option<SocketAddr>| place.map(|place| place.port());
        *locked(&self.sip) = SipPorts {
            plain: port(plain),
            secure: port(secure),
        };
    }

    /// Where SIP is served.
    pub fn sip(&self) -> SipPorts {
        *locked(&self.sip)
    }

    /// For phones that are to trust the office's own CA, in PEM; none: the appliance has another certificate.
    pub fn trusting(authority: Option<String>) -> Self {
        Self {
            authority: authority.map(Into::into),
            ..Self::default()
        }
    }

    /// Whether a make's phone comes in the clear at first: it checks certificates, knows none of ours, and may.
    pub fn comes_in_the_clear(&self, make: &Make, phones: &Phones) -> bool {
        make.checks && self.authority.is_some() && phones.plain_provisioning
    }

    /// Keeps what the files say of the appliance now; whether that is what they said at the last look.
    pub fn is_settled(&self, seen: Surroundings) -> bool {
        locked(&self.surroundings).replace(seen) == Some(seen)
    }

    /// The office's own CA, PEM.
    pub fn authority(&self) -> Option<Arc<str>> {
        self.authority.clone()
    }
}

impl Index {
    fn read(store: &Store) -> Result<Self, Fault> {
        store.read(|facts| {
            let settings = facts.settings()?;
            let mut index = Self {
                phones: settings.phones,
                clock: settings.clock,
                fetched: facts.fetched_revisions()?,
                ..Self::default()
            };
            for device in facts.devices()? {
                if let Some(mac) = device.hardware.mac {
                    index.by_mac.entry(mac).or_default().push(device.id);
                    if let Some(other) = device.hardware.other_mac {
                        index.by_other_mac.insert(other, mac);
                    }
                }
                if let Some(hash) = device.provisioning.own_address {
                    // All devices of a box have the same: the first stands for them.
                    index.by_own_address.entry(hash).or_insert(device.id);
                }
                index.devices.insert(device.id, device);
            }
            for account in facts.people()? {
                if let AccountKind::Person(extension) = account.kind {
                    index.people.push(Person {
                        account: account.id,
                        extension,
                        name: account.name,
                    });
                }
            }
            let owners: Vec<AccountId> = index.devices.values().filter_map(Device::owner).collect();
            for owner in owners {
                if let Some(language) = facts.language(owner)? {
                    index.languages.insert(owner, language);
                }
            }
            Ok(index)
        })
    }

    /// All devices, in no order.
    pub fn devices(&self) -> impl Iterator<Item = &Device> {
        self.devices.values()
    }

    /// A device.
    pub fn device(&self, id: DeviceId) -> Option<&Device> {
        self.devices.get(&id)
    }

    /// Whether a device's files say something else than those that it fetched.
    pub fn is_behind(&self, device: &Device) -> bool {
        self.fetched.is_behind(device)
    }

    /// The revisions of all devices in a box whose files are fetched now, as far as that is news.
    pub fn news_for(&self, mac: Mac) -> Vec<(DeviceId, u64)> {
        let now = self.of(mac).map(|device| (device.id, device.provisioning.revision));
        now.filter(|(id, revision)| self.fetched.0.get(id) != Some(revision))
            .collect()
    }

    /// Which of its box's two addresses that is.
    pub fn by(&self, mac: Mac) -> By {
        if self.by_other_mac.contains_key(&mac) {
            By::OtherMac
        } else {
            By::Mac
        }
    }

    /// The devices with that MAC address, be it their box's first or its other one, by number.
    pub fn of(&self, mac: Mac) -> impl Iterator<Item = &Device> {
        let mac = self.by_other_mac.get(&mac).copied().unwrap_or(mac);
        let ids = self.by_mac.get(&mac).into_iter().flatten();
        ids.filter_map(|id| self.devices.get(id))
    }

    /// The device whose own address has that token.
    pub fn of_own_address(&self, hash: TokenHash) -> Option<&Device> {
        self.devices.get(self.by_own_address.get(&hash)?)
    }

    /// A person.
    pub fn person(&self, account: AccountId) -> Option<&Person> {
        self.people.iter().find(|person| person.account == account)
    }

    /// The language of an account's letters, and of its phones.
    pub fn language(&self, account: Option<AccountId>) -> Language {
        account
            .and_then(|account| self.languages.get(&account).copied())
            .unwrap_or_default()
    }
}

fn locked<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}
