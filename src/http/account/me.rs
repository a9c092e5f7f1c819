//! One's own account.

use serde::{Deserialize, Serialize};

use crate::http::account::administrators::Api;
use crate::http::front::call::Call;
use crate::http::front::reply::{self, Answer};
use crate::office::administrators;
use crate::rules::office::settings::Settings;
use crate::rules::people::account::{Account, Kind};
use crate::rules::people::password::{self, Typed};
use crate::rules::people::session::By;
use crate::rules::people::ways_in;
use crate::rules::refusal::Refusal;
use crate::store::Fault;

#[derive(Serialize)]
struct Me<'a> {
    id: String,
    kind: &'static str,
    username: &'a str,
    name: &'a str,
    extension: Option<&'a str>,
    email: Option<&'a str>,
    has_password: bool,
    may_set_password: bool,
    passkeys: usize,
    rights: &'static [&'static str],
    /// What programs may do in one's name; `None` where they may not.
    api: Option<Api>,
    session: SessionOfMe,
}

#[derive(Serialize)]
struct SessionOfMe {
    id: String,
    opened: u64,
    expires: u64,
    proof_until: u64,
    public_computer: bool,
    by: By,
}

/// A password to set.
#[derive(Deserialize)]
pub struct NewPassword {
    password: String,
}

/// Who is signed in, and what they may do.
pub async fn show(call: Call) -> Answer {
    let (office, signed_in) = (call.office(), call.signed_in()?);
    let (account, session) = (&signed_in.account, &signed_in.session);
    let (passkeys, settings, reach) = office.store.read(|facts| {
        let passkeys = facts.passkeys_of(account.id)?.len();
        Ok((passkeys, facts.settings()?, facts.reach(account.id)?))
    })?;
    let (kind, extension, rights): (_, _, &[&str]) = match &account.kind {
        Kind::Person(extension) => ("person", Some(extension.as_str()), &[]),
        Kind::Administrator(_) => (
            "administrator",
            None,
            &["people", "administrators", "phones", "journal", "settings"],
        ),
    };
    Ok(reply::json(&Me {
        id: data_encoding::BASE64URL_NOPAD.encode(&account.handle.0),
        kind,
        username: account.username(),
        name: account.name.as_str(),
        extension,
        email: account.email.as_ref().map(|email| email.as_str()),
        has_password: account.password.is_some(),
        may_set_password: may_set_password(account, &settings),
        passkeys,
        rights,
        api: Api::of(office, account.id, &reach),
        session: SessionOfMe {
            id: session.hash.public_id(),
            opened: session.opened.0,
            expires: session.until.0,
            proof_until: session.proof_until().0,
            public_computer: session.public_computer,
            by: session.by,
        },
    }))
}

/// People may only where the office lets them (SPEC §2).
fn may_set_password(account: &Account, settings: &Settings) -> bool {
    account.is_administrator() || settings.people_set_passwords
}

/// Sets one's own password.
pub async fn set_password(call: Call) -> Answer {
    let said: NewPassword = call.message()?;
    let owner = call.signed_in()?.account.clone();
    let settings = call.office().store.read(|facts| facts.settings())?;
    if !may_set_password(&owner, &settings) {
        return Err(Refusal::NotAllowed.into());
    }
    set_password_of(&call, owner, said).await
}

/// Judges, hashes and sets an account's password.
pub async fn set_password_of(call: &Call, owner: Account, said: NewPassword) -> Answer {
    let acceptable = password::judge(&Typed::new(said.password), &owner)?;
    let office = call.office();
    let mut moment = office.moment();
    let hash = office.passwords.hash(acceptable.as_str(), &mut moment.fresh).await;
    let hash = hash.ok_or(Fault::Memory("hash a password"))?;
    let turn = office.store.turn(call.actor(), moment, move |facts, _| {
        let current = facts.account(owner.id)?.ok_or(Refusal::NotFound);
        Ok(current.map(|current| ((), password::set(&current, hash))).into())
    });
    turn.await??;
    Ok(reply::done())
}

/// Takes one's own password away, if a passkey is left.
pub async fn remove_password(call: Call) -> Answer {
    let (owner, address) = (call.signed_in()?.account.clone(), call.caller.address);
    let office = call.office();
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, _| {
        let ways_in_left = ways_in::left(&administrators(facts)?, owner.id, 1, address);
        let current = facts.account(owner.id)?;
        Ok(current
            .ok_or(Refusal::SignedOut)
            .and_then(|owner| password::remove(&owner, ways_in_left))
            .into())
    });
    turn.await??;
    Ok(reply::done())
}
