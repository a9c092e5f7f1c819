//! The last way in: an office where no administrator can sign in any more needs a rescue, so no change may lead there.

use super::account::Account;
use crate::rules::id::AccountId;

/// An administrator, with how many passkeys they have.
pub struct Administrator {
    /// The account.
    pub account: Account,
    /// Its passkeys.
    pub passkeys: usize,
}

impl Administrator {
    /// How many ways in they have: passkeys, and a password.
    pub fn ways_in(&self) -> usize {
        self.passkeys + usize::from(self.account.password.is_some())
    }
}

/// Whether some administrator can still sign in without `account`.
pub fn left_without(administrators: &[Administrator], account: AccountId) -> bool {
    left(administrators, account, usize::MAX)
}

/// Whether some administrator can still sign in after `account` lost `lost` of its ways in.
pub fn left(administrators: &[Administrator], account: AccountId, lost: usize) -> bool {
    administrators.iter().any(|one| {
        let lost = if one.account.id == account { lost } else { 0 };
        one.ways_in() > lost
    })
}
