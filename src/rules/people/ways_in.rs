//! The last way in: an office where no administrator can sign in any more needs a rescue, so no change may lead there.

use std::net::IpAddr;

use super::account::Account;
use super::passkey::Passkey;
use super::reach::Reach;
use crate::rules::id::{AccountId, HostName};
use crate::rules::time::Date;

/// An administrator, with how many passkeys they have and from where they may use them.
pub struct Administrator {
    /// The account.
    pub account: Account,
    /// Those of its passkeys that can be used.
    pub passkeys: usize,
    /// Its ranges.
    pub reach: Reach,
}

impl Administrator {
    /// How many ways in they have: passkeys, and a password.
    pub fn ways_in(&self) -> usize {
        self.passkeys + usize::from(self.account.password.is_some())
    }
}

/// Which name the appliance has been served under, and since when. Passkeys are bound to the name that they were made under
/// (the RP ID), and are of no use under another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The name.
    pub name: HostName,
    /// The first start under it, after another one.
    pub since: Date,
}

impl Named {
    /// Whether a passkey is known to be this name's: made or used since the appliance has had it.
    pub fn can_use(&self, passkey: &Passkey) -> bool {
        let used = passkey.last_used.as_ref().map_or(Date(0), |used| used.at);
        passkey.created.max(used) > self.since
    }
}

/// Whether some administrator can still sign in without `account`, from where the change is made (`from`).
pub fn left_without(administrators: &[Administrator], account: AccountId, from: IpAddr) -> bool {
    left(administrators, account, usize::MAX, from)
}

/// Whether some administrator can still sign in after `account` lost `lost` of its ways in. Who is limited to other ranges than
/// `from`, where the change is made, does not count: nobody may be there.
pub fn left(administrators: &[Administrator], account: AccountId, lost: usize, from: IpAddr) -> bool {
    administrators.iter().any(|one| {
        let lost = if one.account.id == account { lost } else { 0 };
        one.ways_in() > lost && one.reach.admits(from)
    })
}

/// Whether limiting `account` so would shut out the last administrators who can sign in from where the change is made
/// (`from`). Where nobody could before, the change is not to blame.
pub fn shuts_out_all(administrators: &[Administrator], account: AccountId, limited: &Reach, from: IpAddr) -> bool {
    let can = |one: &Administrator, reach: &Reach| one.ways_in() > 0 && reach.admits(from);
    let after = |one: &Administrator| can(one, if one.account.id == account { limited } else { &one.reach });
    administrators.iter().any(|one| can(one, &one.reach)) && !administrators.iter().any(after)
}
