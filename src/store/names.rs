//! What the store knows of the appliance's names.

use super::Facts;
use super::fault::Fault;
use super::tables;
use crate::rules::office::named::{EarlierNames, Moving, Named};
use crate::rules::time::Date;

impl Facts<'_> {
    /// The name that the appliance is served under, and since when.
    pub fn named(&self) -> Result<Option<Named>, Fault> {
        self.0.meta.row(tables::META_NAMED)
    }

    /// The names of before that passkeys were made under.
    pub fn earlier_names(&self) -> Result<EarlierNames, Fault> {
        Ok(self.0.meta.row(tables::META_EARLIER_NAMES)?.unwrap_or_default())
    }

    /// The move from one name to another that was decided, if any.
    pub fn moving(&self) -> Result<Option<Moving>, Fault> {
        self.0.meta.row(tables::META_MOVING)
    }

    /// When the newest passkey was made. Reads all.
    pub fn newest_passkey(&self) -> Result<Option<Date>, Fault> {
        let mut newest = None;
        for account in self.administrators()?.into_iter().chain(self.people()?) {
            let made = self.passkeys_of(account.id)?.last().map(|passkey| passkey.created);
            newest = newest.max(made);
        }
        Ok(newest)
    }
}
