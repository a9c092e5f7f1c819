//! A one-time password's record.

use crate::rules::id::AdminName;
use crate::rules::secret::{Mark, SealKey};
use crate::rules::time::Date;

/// Where a one-time password came from. Each place has its own, so that one does not wake the other's up again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// `--admin-password` and its kin.
    Flags,
    /// Printed on the console.
    Console,
    /// Shown on the page to an administrator who changes the appliance's name.
    Page,
}

impl Slot {
    /// Every place.
    pub const ALL: [Self; 3] = [Self::Flags, Self::Console, Self::Page];
}

/// A one-time password, waiting or spent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneTime {
    /// Whom it signs in; the account is made at that moment if there is none.
    pub username: AdminName,
    /// Recognises the password without keeping it.
    pub mark: Mark,
    /// When it was armed.
    pub armed: Date,
    /// Whether it signed somebody in already.
    pub spent: bool,
}

/// What is kept of a one-time password.
pub fn mark(key: &SealKey, username: &AdminName, password: &str) -> Mark {
    key.mark("one-time password", &format!("{username}\n{password}"))
}

impl OneTime {
    /// Whether this name and password are the waiting ones.
    pub fn opens(&self, key: &SealKey, username: &str, password: &str) -> bool {
        let named = self.username.as_str() == username;
        named && !self.spent && self.mark == mark(key, &self.username, password)
    }
}
