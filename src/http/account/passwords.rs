//! An account's password, one's own or somebody's: set and take away.

use serde::Deserialize;

use super::tag;
use super::turn::change_subject;
use crate::http::front::call::Call;
use crate::http::front::etag::IfMatch;
use crate::http::front::reply::{self, Answer};
use crate::office::administrators;
use crate::rules::office::settings::Settings;
use crate::rules::people::account::Account;
use crate::rules::people::password::{self, Typed};
use crate::rules::people::ways_in;
use crate::rules::refusal::Refusal;
use crate::rules::verdict::Verdict;
use crate::store::Fault;

#[derive(Deserialize)]
struct NewPassword {
    password: String,
}

/// People may set their own only where the office lets them (SPEC §2).
pub fn may_set_password(account: &Account, settings: &Settings) -> bool {
    account.is_administrator() || settings.people_set_passwords
}

/// Judges, hashes and sets the account's password.
pub async fn set(call: Call) -> Answer {
    let said: NewPassword = call.message()?;
    let (office, subject) = (call.office(), call.subject()?);
    let settings = office.store.read(|facts| facts.settings())?;
    if subject.is_oneself && !may_set_password(&subject.account, &settings) {
        return Err(Refusal::NotAllowed.into());
    }
    let acceptable = password::judge(&Typed::new(said.password), &subject.account)?;
    let (mut moment, seen) = (office.moment(), IfMatch::of(&call.request));
    let hash = office.passwords.hash(acceptable.as_str(), &mut moment.fresh).await;
    let (hash, owner) = (hash.ok_or(Fault::Memory("hash a password"))?, subject.account.id);
    let turn = office.store.turn(call.actor(), moment, move |facts, _| {
        let Some(current) = facts.account(owner)? else {
            return Ok(Verdict::no(Refusal::NotFound));
        };
        let fresh = seen.holds(&tag::of(&current, &facts.access(owner)?.ranges));
        Ok(fresh.map(|()| ((), password::set(&current, hash))).into())
    });
    turn.await??;
    Ok(reply::done())
}

/// Takes the account's password away, if another way in is left.
pub async fn remove(call: Call) -> Answer {
    let (address, seen) = (call.caller.address, IfMatch::of(&call.request));
    change_subject(&call, move |current, facts, _| {
        if let Err(stale) = seen.holds(&tag::of(&current, &facts.access(current.id)?.ranges)) {
            return Ok(Err(stale));
        }
        let left = ways_in::left(&administrators(facts)?, current.id, 1, address);
        Ok(password::remove(&current, left).map(|((), changes)| changes))
    })
    .await
}
