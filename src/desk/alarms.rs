//! Which accounts the administrators were told of lately: somebody else causes these letters and lines, so they are few.

use heapless::index_map::FnvIndexMap;

use crate::rules::id::AccountId;
use crate::rules::moment::{Ttl, UnixTime};

/// Accounts that alarms are raised for in a day, all in all: more than anybody reads, so that guesses at a few made first
/// hide none that matter.
const A_DAY: usize = 64;
/// One alarm for an account in so long.
const DAY: Ttl = Ttl::days(1);

/// See the module.
#[derive(Default)]
pub struct Alarms(FnvIndexMap<AccountId, UnixTime, A_DAY>);

impl Alarms {
    /// Whether this one is worth telling of; if so it is counted.
    pub fn raise(&mut self, account: AccountId, now: UnixTime) -> bool {
        self.0.retain(|_, at| now - *at < DAY);
        !self.0.contains_key(&account) && self.0.insert(account, now).is_ok()
    }
}
