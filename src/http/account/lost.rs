//! A device is lost: its passkey is deleted, and what was opened with it ends.

use serde::Deserialize;

use crate::http::account::accounts::{named, turn_on};
use crate::http::account::passkeys::credential;
use crate::http::front::call::Call;
use crate::http::front::reply::Answer;
use crate::office::administrators;
use crate::rules::id::AccountId;
use crate::rules::people::passkey::{self, Passkey, Told};
use crate::rules::people::session;
use crate::rules::people::ways_in;

/// Deletes one of one's own passkeys.
pub async fn delete_own(call: Call) -> Answer {
    let owner = call.signed_in()?.account.id;
    let id = credential(&call)?;
    delete_passkeys_of(&call, owner, move |passkey| passkey.credential == id).await
}

/// Deletes all of one's own passkeys.
pub async fn delete_all_own(call: Call) -> Answer {
    let owner = call.signed_in()?.account.id;
    delete_passkeys_of(&call, owner, |_| true).await
}

/// Deletes one of an account's passkeys.
pub async fn delete_passkey(call: Call) -> Answer {
    let account = named(&call)?;
    let id = credential(&call)?;
    delete_passkeys_of(&call, account.id, move |passkey| passkey.credential == id).await
}

/// Deletes all of an account's passkeys.
pub async fn delete_passkeys(call: Call) -> Answer {
    let account = named(&call)?;
    delete_passkeys_of(&call, account.id, |_| true).await
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

/// Deletes those of an account's passkeys, and tells their owner. Unless they shall be kept, the sessions that were opened by
/// passkey end with them. Which passkey opened one is not known: all of them do, but for the one that asks.
pub async fn delete_passkeys_of(
    call: &Call,
    owner: AccountId,
    which: impl Fn(&Passkey) -> bool + Send + 'static,
) -> Answer {
    let Deleting { sessions } = call.query()?;
    let (office, address, here) = (call.office().clone(), call.caller.address, call.session());
    turn_on(call, owner, move |current, facts, moment| {
        let mut passkeys = facts.passkeys_of(current.id)?;
        passkeys.retain(which);
        let left = ways_in::left(&administrators(facts)?, current.id, passkeys.len(), address);
        let scribe = office.scribe(facts)?;
        let told = Told {
            scribe: scribe.as_ref(),
            address: Some(address),
        };
        let open = facts.sessions_of(current.id)?;
        let deleted = passkey::delete(passkeys, &current, left, &told, moment);
        Ok(deleted.map(|((), mut changes)| {
            if sessions == Sessions::End {
                changes.extend(session::delete_by_passkey_but(&open, here));
            }
            changes
        }))
    })
    .await
}
