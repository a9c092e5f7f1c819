//! A session's record.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::rules::id::{AccountId, CredentialId};
use crate::rules::refusal::Refusal;
use crate::rules::secret::TokenHash;
use crate::rules::time::{Date, Ttl};

/// How somebody came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// A passkey, with user verification.
    Passkey,
    /// The account's own password.
    Password,
    /// A one-time link.
    Link,
    /// A one-time password from the flags or the console.
    OneTime,
}

/// When something was used, from where, by which browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// When.
    pub at: Date,
    /// From which address.
    pub address: IpAddr,
    /// The browser in a person's words, at most 64 characters; empty if it did not say.
    pub browser: String,
}

/// What was used: a browser's session, or an administrator's API access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Used {
    /// API access of that account.
    Api(AccountId),
    /// The session with that token.
    Session(TokenHash),
}

/// A browser's sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Finds the row; the token itself is only in the cookie.
    pub hash: TokenHash,
    /// Who is signed in.
    pub account: AccountId,
    /// How they came in.
    pub by: By,
    /// The passkey that opened it; none where nobody used one, or the store was written before that was noted.
    pub passkey: Option<CredentialId>,
    /// When.
    pub opened: Date,
    /// When they last proved who they are.
    pub proved: Date,
    /// How they proved it then.
    pub proved_by: By,
    /// When it ends.
    pub until: Date,
    /// Whether it was opened on a public computer: then the cookie ends with the browser, too.
    pub public_computer: bool,
    /// The last use that was written down (at most an hour behind).
    pub last_used: Use,
}

impl Session {
    /// The session, if it still lives.
    pub fn live(self, now: Date) -> Option<Self> {
        (now < self.until).then_some(self)
    }

    /// When the last proof stops being enough for changes to accounts and security.
    pub fn proof_until(&self) -> Date {
        self.proved + Ttl::PROOF
    }

    /// Asks for a proof that is recent enough (SPEC §1, step-up).
    pub fn recently_proved(&self, now: Date) -> Result<(), Refusal> {
        if now < self.proof_until() {
            Ok(())
        } else {
            Err(Refusal::ProveAgain)
        }
    }
}
