//! An account: a person with an extension, or an administrator with a name.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::rules::id::{AccountId, AdminName, DisplayName, Email, Extension, Username};
use crate::rules::moment::Moment;
use crate::rules::time::Date;

/// One who can sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The store's number.
    pub id: AccountId,
    /// Person or administrator, with the name that they sign in by.
    pub kind: AccountKind,
    /// What they are called on screen.
    pub name: DisplayName,
    /// Where letters go; also a name to sign in by.
    pub email: Option<Email>,
    /// The WebAuthn user handle (L3 §5.4.3): random, says nothing about the person.
    pub handle: UserHandle,
    /// Only where the account has a password.
    pub password: Option<PasswordHash>,
    /// When it was added.
    pub created: Date,
}

/// What an account is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountKind {
    /// Somebody who is rung at this number.
    Person(Extension),
    /// Somebody who runs the appliance.
    Administrator(AdminName),
}

impl AccountKind {
    /// The name that this signs in by.
    pub fn username(&self) -> Username {
        match self {
            Self::Person(extension) => extension.into(),
            Self::Administrator(name) => name.into(),
        }
    }
}

/// 16 random bytes, unique to the account (WebAuthn L3 §14.6.1: no personal information in it).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserHandle(pub [u8; 16]);

/// What one computation of Argon2id costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Memory, in KiB.
    pub memory: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Effort {
    /// What a computation of this effort must be followed by to take as long as one of `other`; none where it takes as
    /// long already.
    pub fn short_of(self, other: Self) -> Option<Self> {
        let cost = |effort: Self| u64::from(effort.memory) * u64::from(effort.passes);
        let missing = cost(other).saturating_sub(cost(self)) + u64::from(other.memory) / 2;
        let passes = u32::try_from(missing.checked_div(u64::from(other.memory))?).ok()?;
        (passes > 0).then_some(Self { passes, ..other })
    }
}

/// An Argon2id hash (RFC 9106, version 1.3, one lane) with what it takes to compute it again. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash {
    /// How hard it was made.
    pub effort: Effort,
    /// Random, one for each password.
    pub salt: [u8; 16],
    /// The result.
    pub hash: [u8; 32],
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

impl Account {
    /// A new account without any way in yet.
    pub fn new(id: AccountId, kind: AccountKind, name: DisplayName, email: Option<Email>, moment: &mut Moment) -> Self {
        let handle = UserHandle(moment.fresh.bytes());
        Self {
            id,
            kind,
            name,
            email,
            handle,
            password: None,
            created: moment.now,
        }
    }

    /// Whether this is an administrator.
    pub fn is_administrator(&self) -> bool {
        matches!(self.kind, AccountKind::Administrator(_))
    }

    /// The extension or the administrator's name.
    pub fn username(&self) -> &str {
        match &self.kind {
            AccountKind::Person(extension) => extension.as_str(),
            AccountKind::Administrator(name) => name.as_str(),
        }
    }

    /// Every name that signs in to this account: unique over the whole office.
    pub fn usernames(&self) -> impl Iterator<Item = Username> {
        std::iter::once(self.kind.username()).chain(self.email.as_ref().map(Username::from))
    }

    /// Number or name to sign in by and, where it says more, what they are called: `101 (Mira Example)`, `admin`.
    pub fn described(&self) -> String {
        let (username, name) = (self.username(), self.name.as_str());
        if name.to_lowercase() == username.to_lowercase() {
            username.to_owned()
        } else {
            format!("{username} ({name})")
        }
    }

    /// Every name under which this or an older release may have kept the account: those of [`Account::usernames`] in
    /// every spelling, and the e-mail address as it was written down then.
    pub fn kept_names(&self) -> impl Iterator<Item = String> {
        let email = self.email.as_ref().map(|email| email.as_str().to_owned());
        self.usernames()
            .flat_map(|name| name.spellings().collect::<Vec<_>>())
            .chain(email)
    }
}
