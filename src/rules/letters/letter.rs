//! Letters: what is to be said to whom, kept in the outbox until the office's mail server takes it.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::rules::id::{AccountId, Email};
use crate::rules::secret::{SealKey, Sealed};
use crate::rules::text::{is_break, visible};
use crate::rules::time::{Date, Ttl};

/// A letter in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Whom it goes to.
    pub to: Email,
    /// The account that it is about; letters about a deleted account are withdrawn.
    pub about: AccountId,
    /// What kind it is: the content is sealed.
    pub kind: LetterKind,
    /// When it was written.
    pub queued: Date,
    /// When it is tried next.
    pub next: Date,
    /// How often it was tried.
    pub tries: u32,
    /// What the server, or the line to it, said last.
    pub said: Option<String>,
    /// Whether nobody tries any more.
    pub given_up: bool,
    /// [`Content`], sealed: links and codes lie in no file in the clear.
    pub content: Sealed,
}

/// What a letter is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LetterKind {
    /// A link for somebody new.
    Invite,
    /// A link that was asked for, with its short code.
    Reset,
    /// A passkey was added to the account.
    PasskeyAdded,
    /// A passkey of the account was deleted.
    PasskeyDeleted,
    /// To administrators: somebody's password is being guessed.
    LockedOut,
}

/// What a letter says; `mail::letter` has the words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// See [`LetterKind::Invite`].
    Invite {
        /// Whom it greets.
        name: String,
        /// The link's token, as text.
        token: String,
        /// When the link stops working.
        until: Date,
    },
    /// See [`LetterKind::Reset`].
    Reset {
        /// Whom it greets.
        name: String,
        /// The link's token, as text.
        token: String,
        /// When the link stops working, and the code with it if not before.
        until: Date,
        /// Eight digits; `None` if no browser waits for them.
        code: Option<String>,
    },
    /// See [`LetterKind::PasskeyAdded`].
    PasskeyAdded {
        /// Whom it greets.
        name: String,
        /// What the passkey is called.
        passkey: String,
        /// When.
        at: Date,
        /// From which address.
        address: Option<IpAddr>,
    },
    /// See [`LetterKind::PasskeyDeleted`].
    PasskeyDeleted {
        /// Whom it greets.
        name: String,
        /// What the passkey was called.
        passkey: String,
        /// When.
        at: Date,
        /// From which address.
        address: Option<IpAddr>,
    },
    /// See [`LetterKind::LockedOut`].
    LockedOut {
        /// Whom it greets.
        name: String,
        /// The username that is being tried.
        username: String,
        /// When.
        at: Date,
        /// From which address the last attempt came.
        address: IpAddr,
    },
}

impl Content {
    /// When the link that it carries stops working.
    pub fn until(&self) -> Option<Date> {
        match self {
            Self::Invite { until, .. } | Self::Reset { until, .. } => Some(*until),
            Self::PasskeyAdded { .. } | Self::PasskeyDeleted { .. } | Self::LockedOut { .. } => None,
        }
    }

    pub(super) fn kind(&self) -> LetterKind {
        match self {
            Self::Invite { .. } => LetterKind::Invite,
            Self::Reset { .. } => LetterKind::Reset,
            Self::PasskeyAdded { .. } => LetterKind::PasskeyAdded,
            Self::PasskeyDeleted { .. } => LetterKind::PasskeyDeleted,
            Self::LockedOut { .. } => LetterKind::LockedOut,
        }
    }
}

pub(super) const PURPOSE: &str = "letter";
/// A letter that was not taken for so long is given up (SPEC §2).
const PATIENCE: Ttl = Ttl::days(2);
/// The first wait after a failure; each further one is twice as long.
const FIRST_WAIT: u64 = 60;
/// The longest wait between two tries.
const LONGEST_WAIT: u64 = 4 * 3600;
/// How late the last try may be made.
const LATE: Ttl = Ttl::hours(1);

/// At most 300 characters that can be shown.
fn readable(said: &str) -> String {
    visible(said).chars().filter(|c| !is_break(*c)).take(300).collect()
}

impl Letter {
    /// What it says; `None` if the key is another one or the row was tampered with.
    pub fn open(&self, key: &SealKey) -> Option<Content> {
        let bytes = key.open(PURPOSE, self.to.as_str().as_bytes(), &self.content)?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Whether it is to be tried now.
    pub fn due(&self, now: Date) -> bool {
        !self.given_up && self.next <= now
    }

    /// The letter after a try that failed; `said` is what the server said, at most 300 characters of it. `lasting`: the
    /// server said that it will never take it (RFC 5321 §4.2.1, 5yz). The last try is made at the end of the two days.
    pub fn failed(&self, said: &str, lasting: bool, now: Date) -> Self {
        let wait = FIRST_WAIT.saturating_mul(1_u64.checked_shl(self.tries).unwrap_or(u64::MAX));
        let last = self.patience_ends();
        Self {
            tries: self.tries.saturating_add(1),
            next: last.min(now + Ttl(wait.min(LONGEST_WAIT))),
            said: Some(readable(said)),
            given_up: lasting || now >= last,
            ..self.clone()
        }
    }

    /// The letter that is not tried any more for that reason, with what was said last.
    pub fn given_up(&self, why: &str) -> Self {
        let said = match &self.said {
            Some(said) => format!("{why}; before that: {said}"),
            None => why.to_owned(),
        };
        Self {
            said: Some(readable(&said)),
            given_up: true,
            ..self.clone()
        }
    }

    /// When it has waited for two days: whoever reads it after that is told of what is long over.
    pub fn patience_ends(&self) -> Date {
        self.queued + PATIENCE
    }

    /// Whether it waited for so long that not even the last try is made: there was no mail server, or the appliance was
    /// off.
    pub fn is_stale(&self, now: Date) -> bool {
        now > self.patience_ends() + LATE
    }

    /// The letter for another mail server: tried at once, one that was given up too if it is young enough.
    pub fn revived(self, now: Date) -> Self {
        let given_up = self.given_up && now > self.patience_ends();
        Self {
            given_up,
            next: if given_up { self.next } else { Date(0) },
            ..self
        }
    }

    /// Whether it carries a link, and so ends with it.
    pub fn carries_link(&self) -> bool {
        matches!(self.kind, LetterKind::Invite | LetterKind::Reset)
    }
}
