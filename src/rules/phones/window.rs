//! When a device may fetch its files, and under which address.

use std::net::IpAddr;

use crate::rules::moment::Moment;
use crate::rules::refusal::Refusal;
use crate::rules::secret::{Token, TokenHash};
use crate::rules::time::{Date, Ttl};

/// How long a device that is new, or was opened again, may fetch by its MAC address alone (SPEC §5).
pub const WINDOW: Ttl = Ttl::hours(24);

/// What is kept about a device's files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provisioning {
    /// Until when it may fetch by its MAC address alone. None: the window was never opened, or was shut.
    pub open_until: Option<Date>,
    /// The first fetch in the window that is open or was the last.
    pub fetched: Option<Fetched>,
    /// The same by the box's other MAC address, which has an IP address of its own.
    pub other_fetched: Option<Fetched>,
    /// Recognises the address that the device comes back to; the token itself is only in the device's file.
    pub own_address: Option<TokenHash>,
    /// Rises with each change of what the files say. In seconds since 1970 or above, so that it rises after a restore,
    /// too. Even: the odd number below is that of the file at first contact, which says less.
    pub revision: u64,
}

/// By which of a box's MAC addresses a file is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// The one that it was added by.
    #[default]
    Mac,
    /// The one that was joined to it.
    OtherMac,
}

/// A fetch that was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// When.
    pub at: Date,
    /// By whom.
    pub from: IpAddr,
}

impl Provisioning {
    /// The same, where the files say something else from now on.
    #[must_use]
    pub fn revised(&self, now: Date) -> Self {
        let next = self.revision.saturating_add(1).max(now.0);
        Self {
            revision: next.saturating_add(next % 2),
            ..self.clone()
        }
    }

    /// The same, with the window open for so long. What was fetched in an earlier window is forgotten; the device's own
    /// address stays, for a device that still has it. What is fetched now tells another own address, so it is another
    /// revision: some phones take no file that is not newer.
    pub fn opened(&self, length: Ttl, moment: &Moment) -> Result<Self, Refusal> {
        Ok(Self {
            open_until: Some(moment.until(length)?),
            fetched: None,
            other_fetched: None,
            ..self.revised(moment.now)
        })
    }

    /// The same, with the window shut.
    #[must_use]
    pub fn shut(&self) -> Self {
        Self {
            open_until: None,
            ..self.clone()
        }
    }

    /// Whether whoever knows the MAC address may fetch now.
    pub fn is_open(&self, now: Date) -> bool {
        self.open_until.is_some_and(|until| now < until)
    }

    /// The same, after an answered fetch in the window. A phone fetches several times before it is set up, so the
    /// window stays open until it comes by its own address; which that is, `own` says, where the phone was told it.
    #[must_use]
    pub fn fetched(&self, from: IpAddr, by: By, own: Option<&Token>, now: Date) -> Self {
        let mut after = self.clone();
        let first = match by {
            By::Mac => &mut after.fetched,
            By::OtherMac => &mut after.other_fetched,
        };
        first.get_or_insert(Fetched { at: now, from });
        after.own_address = own.map(Token::hash).or(self.own_address);
        after
    }

    /// The first fetch in the window by that MAC address.
    pub fn first_by(&self, by: By) -> Option<Fetched> {
        match by {
            By::Mac => self.fetched,
            By::OtherMac => self.other_fetched,
        }
    }

    /// The first fetch in the window by either MAC address.
    pub fn first(&self) -> Option<Fetched> {
        let both = [self.fetched, self.other_fetched];
        both.into_iter().flatten().min_by_key(|fetched| fetched.at)
    }
}
