//! Who asked for a link by letter, and which browser waits for the short code in it.

use heapless::index_map::FnvIndexMap;

use crate::rules::id::AccountId;
use crate::rules::moment::{Ttl, UnixTime};
use crate::rules::people::recovery::Sent;
use crate::rules::secret::TokenHash;
use crate::rules::verdict::Refusal;

/// Accounts remembered at once: a whole small office that forgot everything over the holidays. 120 bytes each.
const ACCOUNTS: usize = 256;
/// Letters to one account in an hour.
const LETTERS: usize = 3;
/// The hour.
const HOUR: Ttl = Ttl::hours(1);
/// Tries of one code: five of a hundred million.
const TRIES: u8 = 5;

#[derive(Default)]
struct Asked {
    letters: heapless::Deque<UnixTime, LETTERS>,
    waiting: Option<Waiting>,
}

struct Waiting {
    browser: TokenHash,
    sent: Sent,
    tries: u8,
}

/// See the module.
#[derive(Default)]
pub struct Recoveries(FnvIndexMap<AccountId, Asked, ACCOUNTS>);

impl Recoveries {
    /// Whether a letter may go to that account now; if so it is counted.
    pub fn admit(&mut self, account: AccountId, now: UnixTime) -> bool {
        self.0.retain(|_, asked| {
            let code_lives = asked.waiting.as_ref().is_some_and(|waiting| now < waiting.sent.until);
            code_lives || asked.letters.back().is_some_and(|last| now - *last < HOUR)
        });
        if !self.0.contains_key(&account) && self.0.insert(account, Asked::default()).is_err() {
            return false;
        }
        let Some(asked) = self.0.get_mut(&account) else {
            return false;
        };
        while asked.letters.front().is_some_and(|oldest| now - *oldest >= HOUR) {
            asked.letters.pop_front();
        }
        asked.letters.push_back(now).is_ok()
    }

    /// A letter is on its way; its code works in the browser with that cookie.
    pub fn wait(&mut self, account: AccountId, browser: TokenHash, sent: Sent) {
        if let Some(asked) = self.0.get_mut(&account) {
            asked.waiting = Some(Waiting {
                browser,
                sent,
                tries: TRIES,
            });
        }
    }

    /// The link that a code stands for. A wrong code costs one of its tries; wrong, too old, used up and another browser's
    /// are one and the same refusal.
    pub fn redeem(&mut self, browser: TokenHash, code: &str, now: UnixTime) -> Result<TokenHash, Refusal> {
        let waiting = self.0.values_mut().filter_map(|asked| asked.waiting.as_mut());
        let waiting = waiting.filter(|waiting| now < waiting.sent.until && waiting.tries > 0);
        let mut of_this_one = waiting.filter(|waiting| waiting.browser == browser);
        let waiting = of_this_one.next().ok_or(Refusal::WrongCode)?;
        waiting.tries -= 1;
        if waiting.sent.code.is(code) {
            waiting.tries = 0;
            Ok(waiting.sent.link)
        } else {
            Err(Refusal::WrongCode)
        }
    }
}
