//! Who asked for a link by letter, and which browser waits for the short code in it.

use heapless::index_map::FnvIndexMap;

use super::last_hour::LastHour;
use crate::rules::id::AccountId;
use crate::rules::limits;
use crate::rules::neighbour::Neighbour;
use crate::rules::people::recovery::Sent;
use crate::rules::refusal::Refusal;
use crate::rules::secret::TokenHash;
use crate::rules::time::Date;

/// Accounts whose letters are counted: all that there can be, so that nobody's count is ever forgotten for another's,
/// and the next power of two. 136 KiB.
const ACCOUNTS: usize = limits::ACCOUNTS.next_power_of_two();
/// Letters to one account in an hour.
const LETTERS: usize = 3;
/// Codes that work at once: a whole small office that forgot everything over the holidays. 120 bytes each. The next
/// letter comes without one.
const CODES: usize = 256;
/// What one neighbour may ask for in an hour: an office behind one address, after the holidays.
const ASKS: usize = 10;
/// Neighbours remembered at once; whoever asked longest ago makes room. 120 bytes each.
const NEIGHBOURS: usize = 256;
/// Tries of one code: five of a hundred million.
const TRIES: u8 = 5;

struct Waiting {
    browser: TokenHash,
    sent: Sent,
    tries: u8,
}

impl Waiting {
    fn is_live(&self, now: Date) -> bool {
        now < self.sent.until && self.tries > 0
    }
}

/// See the module.
#[derive(Default)]
pub struct Recoveries {
    letters: FnvIndexMap<AccountId, LastHour<LETTERS>, ACCOUNTS>,
    codes: FnvIndexMap<AccountId, Waiting, CODES>,
    neighbours: FnvIndexMap<Neighbour, LastHour<ASKS>, NEIGHBOURS>,
}

impl Recoveries {
    /// Whether somebody at that address may ask now, for whomever; if so it is counted.
    pub fn may_ask(&mut self, from: Neighbour, now: Date) -> bool {
        self.neighbours.retain(|_, asks| !asks.is_over(now));
        if !self.neighbours.contains_key(&from) && self.neighbours.len() == NEIGHBOURS {
            let oldest = self.neighbours.iter().min_by_key(|(_, asks)| asks.last());
            if let Some(oldest) = oldest.map(|(neighbour, _)| *neighbour) {
                self.neighbours.remove(&oldest);
            }
        }
        let mut asks = self.neighbours.remove(&from).unwrap_or_default();
        let admitted = asks.admit(now).is_ok();
        self.neighbours.insert(from, asks).map(drop).unwrap_or_default();
        admitted
    }

    /// Whether a letter may go to that account now; if so it is counted.
    pub fn admit(&mut self, account: AccountId, now: Date) -> bool {
        self.letters.retain(|_, letters| !letters.is_over(now));
        if let Some(letters) = self.letters.get_mut(&account) {
            return letters.admit(now).is_ok();
        }
        let mut letters = LastHour::default();
        letters.admit(now).is_ok() && self.letters.insert(account, letters).is_ok()
    }

    /// Whether the account's next letter can bear a code. Codes that are worth nothing any more make room, no others.
    pub fn has_room(&mut self, account: AccountId, now: Date) -> bool {
        self.codes.retain(|_, waiting| waiting.is_live(now));
        self.codes.contains_key(&account) || self.codes.len() < CODES
    }

    /// A letter is on its way; its code works in the browser with that cookie. Whoever is in the table stays there.
    pub fn wait(&mut self, account: AccountId, browser: TokenHash, sent: Sent) {
        let waiting = Waiting {
            browser,
            sent,
            tries: TRIES,
        };
        self.codes.insert(account, waiting).map(drop).unwrap_or_default();
    }

    /// The link that a code stands for, among all that this browser waits for. A code that is none of them costs each a
    /// try; wrong, too old, used up and another browser's are one and the same refusal.
    pub fn redeem(&mut self, browser: TokenHash, code: &str, now: Date) -> Result<TokenHash, Refusal> {
        let waiting = self.codes.values_mut();
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
