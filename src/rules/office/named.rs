//! Under which name the appliance is served.

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
