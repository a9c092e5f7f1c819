//! A one-time password's record.

use zeroize::Zeroizing;

use crate::rules::id::AdminName;
use crate::rules::secret::{Mark, SealKey};
use crate::rules::text::{opaque, visible};
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

/// What a one-time password is recognised by.
#[derive(Clone, Copy, Debug)]
pub struct Marks {
    /// What is kept: that of the one form of a password ([`opaque`]).
    pub kept: Mark,
    /// That of what was given: releases before kept it.
    older: Mark,
}

impl Marks {
    /// Those of that name and password.
    pub fn of(key: &SealKey, username: &AdminName, password: &str) -> Self {
        let mark = |password: &str| {
            let text = Zeroizing::new(format!("{username}\n{password}"));
            key.mark("one-time password", &text)
        };
        Self {
            kept: mark(&opaque(password)),
            older: mark(password),
        }
    }

    /// Whether it is that one.
    pub fn are_of(&self, known: &OneTime) -> bool {
        [self.kept, self.older].contains(&known.mark)
    }
}

impl OneTime {
    /// Whether this name and password are the waiting ones, what nobody sees in them aside.
    pub fn opens(&self, key: &SealKey, username: &str, password: &str) -> bool {
        let is_it = |password: &str| Marks::of(key, &self.username, password).are_of(self);
        self.username.as_str() == username && !self.spent && (is_it(password) || is_it(&visible(password)))
    }
}
