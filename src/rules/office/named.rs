//! Under which names the appliance is and was served.

use crate::rules::id::HostName;
use crate::rules::people::passkey::record::Passkey;
use crate::rules::time::Date;

/// Which name the appliance has been served under, and since when. Passkeys are bound to the name that they were made
/// under (the RP ID), and are of no use under another.
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

/// Names of before that are remembered; of more, the oldest is forgotten, and its passkeys count as those of the next.
pub const REMEMBERED: usize = 16;

/// A name of before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// The name.
    pub name: HostName,
    /// When the newest passkey was made under it, in seconds.
    pub until: Date,
}

/// The names of before under which passkeys were made, oldest first. None: the appliance had one name since this is
/// written down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EarlierNames(Vec<Earlier>);

impl EarlierNames {
    /// Those of a row.
    pub fn kept(names: Vec<Earlier>) -> Self {
        Self(names)
    }

    /// All, oldest first.
    pub fn all(&self) -> &[Earlier] {
        &self.0
    }

    /// The name that a passkey was made under, and works under alone; `now` is the appliance's own. Told by the date: a
    /// date that somebody brought back deliberately makes passkeys of the days in between count as those of before.
    pub fn of<'a>(&'a self, passkey: &Passkey, now: &'a HostName) -> &'a HostName {
        let made = |earlier: &&Earlier| passkey.created <= earlier.until;
        self.0.iter().find(made).map_or(now, |earlier| &earlier.name)
    }

    /// These, and `before` as the newest, under which passkeys were made until then.
    pub fn and(mut self, before: HostName, until: Date) -> Self {
        if self.0.last().is_none_or(|last| last.until < until) {
            self.0.push(Earlier { name: before, until });
        }
        let surplus = self.0.len().saturating_sub(REMEMBERED);
        self.0.drain(..surplus);
        self
    }
}

/// A move from one name to another: while it lasts, browsers that can use the old name's passkeys under the new one
/// (related origins, WebAuthn Level 3 §5.11), and certificate and announcement hold both names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moving {
    /// The old name.
    pub from: HostName,
    /// When it was decided.
    pub since: Date,
}

impl Moving {
    /// The old name, where the appliance is served under another one by now.
    pub fn old(&self, now: &HostName) -> Option<&HostName> {
        (self.from != *now).then_some(&self.from)
    }
}
