//! An account's passkeys, one's own or somebody's: list, and delete where a device is lost.

use serde::{Deserialize, Serialize};

use super::turn::change_subject;
use crate::http::front::call::Call;
use crate::http::front::reply::{self, Answer};
use crate::office::administrators;
use crate::rules::people::passkey::{self, CredentialId, OwnerNotice, Passkey};
use crate::rules::people::session;
use crate::rules::people::ways_in;
use crate::rules::refusal::Refusal;
use crate::rules::webauthn::aaguid;

/// A passkey as lists show it.
#[derive(Serialize)]
pub struct PasskeyJson {
    id: String,
    name: String,
    created: u64,
    last_used: Option<u64>,
    address: Option<String>,
    browser: Option<String>,
    synced: bool,
    aaguid: String,
    authenticator: Option<&'static str>,
}

impl From<&Passkey> for PasskeyJson {
    fn from(passkey: &Passkey) -> Self {
        let seen = passkey.last_used.as_ref();
        Self {
            id: passkey.credential.to_string(),
            name: passkey.name.to_string(),
            created: passkey.created.0,
            last_used: seen.map(|seen| seen.at.0),
            address: seen.map(|seen| seen.address.to_string()),
            browser: seen.map(|seen| seen.browser.clone()),
            synced: passkey.backed_up,
            aaguid: aaguid::text(&passkey.aaguid),
            authenticator: aaguid::name(&passkey.aaguid),
        }
    }
}

#[derive(Serialize)]
struct PasskeyList<'a> {
    /// With `user_id` what the Signal API wants to know (WebAuthn L3 §5.1.10); for the owner's own browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    rp_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    passkeys: Vec<PasskeyJson>,
}

/// The account's passkeys.
pub async fn list(call: Call) -> Answer {
    let (office, subject) = (call.office(), call.subject()?);
    let passkeys = office.store.read(|facts| facts.passkeys_of(subject.account.id))?;
    let handle = || data_encoding::BASE64URL_NOPAD.encode(&subject.account.handle.0);
    Ok(reply::json(&PasskeyList {
        rp_id: subject.is_oneself.then_some(&office.site.party.rp_id),
        user_id: subject.is_oneself.then(handle),
        passkeys: passkeys.iter().map(PasskeyJson::from).collect(),
    }))
}

/// Deletes one of the account's passkeys.
pub async fn delete(call: Call) -> Answer {
    let id = credential(&call)?;
    delete_those(&call, move |passkey| passkey.credential == id).await
}

/// Deletes all of the account's passkeys.
pub async fn delete_all(call: Call) -> Answer {
    delete_those(&call, |_| true).await
}

/// What becomes of the sessions that were opened by a passkey which is deleted.
#[derive(Deserialize)]
struct Deleting {
    #[serde(default)]
    sessions: Sessions,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Sessions {
    /// They end, as where a device is lost.
    #[default]
    End,
    /// They go on.
    Keep,
}

/// Deletes those of the account's passkeys, and tells their owner. Unless they shall be kept, the sessions that they
/// opened end with them, but for the one that asks.
async fn delete_those(call: &Call, which: impl Fn(&Passkey) -> bool + Send + 'static) -> Answer {
    let Deleting { sessions } = call.query()?;
    let (office, address, here) = (call.office().clone(), call.caller.address, call.session());
    change_subject(call, move |current, facts, moment| {
        let mut passkeys = facts.passkeys_of(current.id)?;
        passkeys.retain(which);
        let ids: Vec<CredentialId> = passkeys.iter().map(|passkey| passkey.credential.clone()).collect();
        let left = ways_in::left(&administrators(facts)?, current.id, passkeys.len(), address);
        let writer = office.letter_writer(facts)?;
        let told = OwnerNotice {
            writer: writer.as_ref(),
            address: Some(address),
        };
        let open = facts.sessions_of(current.id)?;
        let deleted = passkey::delete(passkeys, &current, left, &told, moment);
        Ok(deleted.map(|((), mut changes)| {
            if sessions == Sessions::End {
                changes.extend(session::delete_opened_by(&open, &ids, here));
            }
            changes
        }))
    })
    .await
}

/// The credential that the path names.
pub fn credential(call: &Call) -> Result<CredentialId, Refusal> {
    CredentialId::parse(call.part("id")?).ok_or(Refusal::NotFound)
}
