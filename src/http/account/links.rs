//! An account's one-time link: made, shown or mailed, and ended.

use serde::{Deserialize, Serialize};

use super::turn::change_subject;
use crate::http::front::call::Call;
use crate::http::front::qr;
use crate::http::front::reply::{self, Answer};
use crate::office::Office;
use crate::rules::people::account::Account;
use crate::rules::people::invite::{self, Invite};
use crate::rules::refusal::Refusal;
use crate::rules::secret::Token;
use crate::rules::verdict::Verdict;

/// A link to hand over, shown this once; or where it was mailed.
#[derive(Serialize)]
pub struct LinkJson {
    link: Option<String>,
    qr: Option<qr::Drawn>,
    until: u64,
    mailed_to: Option<String>,
}

#[derive(Default, Deserialize)]
struct Inviting {
    /// Show the link even if it could be mailed.
    #[serde(default)]
    hand_over: bool,
}

/// Makes a new link; it ends the older one.
pub async fn make(call: Call) -> Answer {
    let said: Inviting = call.message_if_any()?;
    let account = call.subject()?.account.clone();
    let here = call.office().clone();
    let office = call.office();
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
        let Some(current) = facts.account(account.id)? else {
            return Ok(Verdict::no(Refusal::NotFound));
        };
        let length = facts.settings()?.invite_length();
        let (token, invite, issued) = match invite::issue(current.id, length, moment) {
            Ok(issued) => issued,
            Err(refusal) => return Ok(Verdict::no(refusal)),
        };
        let writer = here.letter_writer(facts)?.filter(|_| !said.hand_over);
        let letter = writer.and_then(|it| it.invite(&current, &token, invite.until, moment));
        let mailed = letter.is_some();
        let changes = std::iter::once(issued).chain(letter).collect();
        Ok(Verdict::yes((current, token, invite, mailed), changes))
    });
    let (account, token, invite, mailed) = turn.await??;
    Ok(reply::created(&link(office, &account, &token, &invite, mailed)))
}

/// Ends the link that is out.
pub async fn revoke(call: Call) -> Answer {
    change_subject(&call, |current, facts, _| {
        Ok(invite::revoke(facts.invite_of(current.id)?).map(|((), changes)| changes))
    })
    .await
}

/// A link as it is shown, or where it was mailed.
pub fn link(office: &Office, account: &Account, token: &Token, invite: &Invite, mailed: bool) -> LinkJson {
    let until = invite.until.0;
    if mailed {
        return LinkJson {
            link: None,
            qr: None,
            until,
            mailed_to: account.email.as_ref().map(ToString::to_string),
        };
    }
    let link = format!("{}/join#{}", office.site.origin, token.reveal());
    LinkJson {
        qr: qr::drawn(&link),
        link: Some(link),
        until,
        mailed_to: None,
    }
}
