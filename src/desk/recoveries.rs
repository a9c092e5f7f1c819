//! Who asked for a link by letter, and which browser waits for the short code in it.

use std::net::IpAddr;

use heapless::Deque;
use heapless::index_map::FnvIndexMap;

use super::neighbour::Neighbour;
use crate::rules::id::AccountId;
use crate::rules::moment::{Ttl, UnixTime};
use crate::rules::people::recovery::Sent;
use crate::rules::secret::TokenHash;
use crate::rules::verdict::Refusal;

/// Accounts remembered at once: a whole small office that forgot everything over the holidays. 120 bytes each.
const ACCOUNTS: usize = 256;
/// Letters to one account in an hour.
const LETTERS: usize = 3;
/// What one neighbour may ask for in an hour: an office behind one address, after the holidays.
const ASKS: usize = 10;
/// Neighbours remembered at once; whoever asked longest ago makes room. 120 bytes each.
const NEIGHBOURS: usize = 256;
/// The hour.
const HOUR: Ttl = Ttl::hours(1);
/// Tries of one code: five of a hundred million.
const TRIES: u8 = 5;

#[derive(Default)]
struct Asked {
    letters: LastHour<LETTERS>,
    waiting: Option<Waiting>,
}

struct Waiting {
    browser: TokenHash,
    sent: Sent,
    tries: u8,
}

impl Waiting {
    fn is_live(&self, now: UnixTime) -> bool {
        now < self.sent.until && self.tries > 0
    }
}

impl Asked {
    fn has_live_code(&self, now: UnixTime) -> bool {
        self.waiting.as_ref().is_some_and(|waiting| waiting.is_live(now))
    }
}

/// When something happened within the last hour, so many times at most.
#[derive(Default)]
struct LastHour<const MOST: usize>(Deque<UnixTime, MOST>);

impl<const MOST: usize> LastHour<MOST> {
    /// Whether it may happen once more; if so it is counted.
    fn admit(&mut self, now: UnixTime) -> bool {
        while self.0.front().is_some_and(|oldest| now - *oldest >= HOUR) {
            self.0.pop_front();
        }
        self.0.push_back(now).is_ok()
    }

    fn last(&self) -> Option<UnixTime> {
        self.0.back().copied()
    }

    fn is_over(&self, now: UnixTime) -> bool {
        self.last().is_none_or(|last| now - last >= HOUR)
    }
}

/// See the module.
#[derive(Default)]
pub struct Recoveries {
    accounts: FnvIndexMap<AccountId, Asked, ACCOUNTS>,
    neighbours: FnvIndexMap<Neighbour, LastHour<ASKS>, NEIGHBOURS>,
}

impl Recoveries {
    /// Whether somebody at that address may ask now, for whomever; if so it is counted.
    pub fn may_ask(&mut self, from: IpAddr, now: UnixTime) -> bool {
        let from = Neighbour::from(from);
        self.neighbours.retain(|_, asks| !asks.is_over(now));
        if !self.neighbours.contains_key(&from) && self.neighbours.len() == NEIGHBOURS {
            let oldest = self.neighbours.iter().min_by_key(|(_, asks)| asks.last());
            if let Some(oldest) = oldest.map(|(neighbour, _)| *neighbour) {
                self.neighbours.remove(&oldest);
            }
        }
        let mut asks = self.neighbours.remove(&from).unwrap_or_default();
        let admitted = asks.admit(now);
        self.neighbours.insert(from, asks).map(drop).unwrap_or_default();
        admitted
    }

    /// Whether a letter may go to that account now; if so it is counted. In a full table the one who asked longest ago and
    /// has no code to type any more makes room.
    pub fn admit(&mut self, account: AccountId, now: UnixTime) -> bool {
        self.accounts
            .retain(|_, asked| asked.has_live_code(now) || !asked.letters.is_over(now));
        if !self.accounts.contains_key(&account) {
            if self.accounts.len() == ACCOUNTS {
                self.forget_the_oldest(now);
            }
            if self.accounts.insert(account, Asked::default()).is_err() {
                return false;
            }
        }
        let asked = self.accounts.get_mut(&account);
        asked.is_some_and(|asked| asked.letters.admit(now))
    }

    fn forget_the_oldest(&mut self, now: UnixTime) {
        let idle = self.accounts.iter().filter(|(_, asked)| !asked.has_live_code(now));
        let oldest = idle.min_by_key(|(_, asked)| asked.letters.last());
        if let Some(oldest) = oldest.map(|(account, _)| *account) {
            self.accounts.remove(&oldest);
        }
    }

    /// A letter is on its way; its code works in the browser with that cookie.
    pub fn wait(&mut self, account: AccountId, browser: TokenHash, sent: Sent) {
        if let Some(asked) = self.accounts.get_mut(&account) {
            asked.waiting = Some(Waiting {
                browser,
                sent,
                tries: TRIES,
            });
        }
    }

    /// The link that a code stands for, among all that this browser waits for. A code that is none of them costs each a
    /// try; wrong, too old, used up and another browser's are one and the same refusal.
    pub fn redeem(&mut self, browser: TokenHash, code: &str, now: UnixTime) -> Result<TokenHash, Refusal> {
        let waiting = self.accounts.values_mut().filter_map(|asked| asked.waiting.as_mut());
        let of_this_one = waiting.filter(|waiting| waiting.is_live(now) && waiting.browser == browser);
        let (right, wrong): (Vec<_>, Vec<_>) = of_this_one.partition(|waiting| waiting.sent.code.is(code));
        if let Some(redeemed) = right.into_iter().next() {
            redeemed.tries = 0;
            return Ok(redeemed.sent.link);
        }
        wrong.into_iter().for_each(|waiting| waiting.tries -= 1);
        Err(Refusal::WrongCode)
    }
}
