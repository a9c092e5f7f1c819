//! Access for programs, as lists show it.

use serde::Serialize;

use crate::office::Office;
use crate::rules::id::AccountId;
use crate::rules::people::access::Access;
use crate::rules::people::session::Used;

/// Access for programs, as lists show it.
#[derive(Serialize)]
pub struct ApiJson {
    since: u64,
    last_used: Option<u64>,
    address: Option<String>,
    browser: Option<String>,
}

impl ApiJson {
    /// Where it is on: since when, with the newest use that the desk knows of.
    pub fn of(office: &Office, account: AccountId, access: &Access) -> Option<Self> {
        let api = access.api.as_ref()?;
        let uses = office.desk.uses();
        let newest = uses.newest(Used::Api(account)).filter(|seen| api.is_of(seen));
        let seen = newest.or(api.last_used.as_ref());
        Some(Self {
            since: api.since.0,
            last_used: seen.map(|seen| seen.at.0),
            address: seen.map(|seen| seen.address.to_string()),
            browser: seen.map(|seen| seen.browser.clone()),
        })
    }
}
