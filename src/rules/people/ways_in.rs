//! The last way in: an office where no administrator can sign in any more needs a rescue, so no change may lead there.

use std::net::IpAddr;

use crate::rules::id::AccountId;
use crate::rules::people::access::record::Access;
use crate::rules::people::account::Account;

/// An administrator, with how many passkeys they have and from where they may use them.
pub struct Administrator {
    /// The account.
    pub account: Account,
    /// Those of its passkeys that can be used.
    pub passkeys: usize,
    /// Its ranges.
    pub reach: Access,
}

impl Administrator {
    /// How many ways in they have: passkeys, and a password.
    pub fn ways_in(&self) -> usize {
        self.passkeys + usize::from(self.account.password.is_some())
    }
}

/// Whether some administrator can still sign in without `account`, from where the change is made (`from`).
pub fn left_without(administrators: &[Administrator], account: AccountId, from: IpAddr) -> bool {
    left(administrators, account, usize::MAX, from)
}

/// Whether some administrator can still sign in after `account` lost `lost` of its ways in. Who is limited to other
/// ranges than `from`, where the change is made, does not count: nobody may be there.
pub fn left(administrators: &[Administrator], account: AccountId, lost: usize, from: IpAddr) -> bool {
    administrators.iter().any(|one| {
        let lost = if one.account.id == account { lost } else { 0 };
        one.ways_in() > lost && one.reach.admits(from)
    })
}

/// Whether limiting `account` so would shut out the last administrators who can sign in from where the change is made
/// (`from`). Where nobody could before, the change is not to blame.
pub fn shuts_out_all(administrators: &[Administrator], account: AccountId, limited: &Access, from: IpAddr) -> bool {
    let can = |one: &Administrator, reach: &Access| one.ways_in() > 0 && reach.admits(from);
    let after = |one: &Administrator| can(one, if one.account.id == account { limited } else { &one.reach });
    administrators.iter().any(|one| can(one, &one.reach)) && !administrators.iter().any(after)
}
