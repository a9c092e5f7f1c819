//! Step-up: whoever is signed in shows once more that it is them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::desk::tickets::Purpose;
use crate::http::front::body::Nothing;
use crate::http::front::call::Call;
use crate::http::front::question::{Question, descriptor};
use crate::http::front::reply::{self, Answer};
use crate::http::sign_in::password_of;
use crate::office::ceremony::{Asking, checked};
use crate::office::{Office, has_passkey_here};
use crate::rules::id::AccountId;
use crate::rules::people::password::Typed;
use crate::rules::people::session;
use crate::rules::people::sign_in;
use crate::rules::refusal::Refusal;
use crate::rules::verdict::Verdict;
use crate::rules::webauthn::RelyingParty;
use crate::rules::webauthn::options::RequestOptions;
use crate::rules::webauthn::wire::{AuthenticationResponseJson, Given};
use crate::store::Fault;

#[derive(Deserialize)]
struct Finish {
    ticket: String,
    credential: Given<AuthenticationResponseJson>,
}

#[derive(Deserialize)]
struct ByPassword {
    password: String,
}

#[derive(Serialize)]
struct ProvedUntil {
    proof_until: u64,
}

/// Asks for one of the passkeys of whoever is signed in.
pub async fn passkey_begin(call: Call) -> Answer {
    let Nothing {} = call.message()?;
    let (office, signed_in) = (call.office(), call.signed_in()?);
    let party = party(office, signed_in.account.id)?;
    let passkeys = office.store.read(|facts| facts.passkeys_of(signed_in.account.id))?;
    let purpose = Purpose::Prove(signed_in.session.hash);
    let (ticket, challenge) = office.ask(purpose);
    let allowed = passkeys.iter().map(descriptor).collect();
    Ok(reply::json(&Question::new(
        ticket,
        RequestOptions::new(&party, &challenge, allowed),
    )))
}

/// Under which of its names the site asks: the old one where the account has no passkey but of that, while the
/// appliance moves.
fn party(office: &Office, account: AccountId) -> Result<Cow<'_, RelyingParty>, Fault> {
    let name = &office.site.name;
    if office.store.read(|facts| has_passkey_here(facts, account, name))? {
        return Ok(Cow::Borrowed(&office.site.party));
    }
    let earlier = office.earlier_party()?;
    Ok(earlier.map_or(Cow::Borrowed(&office.site.party), Cow::Owned))
}

/// Checks the passkey's answer.
pub async fn passkey_finish(call: Call) -> Answer {
    let said: Finish = call.message()?;
    let office = call.office();
    let session = call.signed_in()?.session.clone();
    let purpose = Purpose::Prove(session.hash);
    let party = party(office, session.account)?;
    let asking = Asking {
        ticket: &said.ticket,
        party: &party,
        purpose,
        owner: Some(session.account),
        actor: call.actor(),
    };
    let credential = said.credential.right().ok_or(Refusal::PasskeyUnreadable)?;
    let (passkey, seen) = checked(office, credential, asking).await?;
    let here = call.caller.seen(office);
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
        let proved = sign_in::by_passkey(&passkey, facts.passkey(&passkey.credential)?, &seen, here);
        Ok(proved
            .and_then(|(proof, used)| {
                let (until, mut changes) = session::prove_again(&session, &proof, moment.now)?;
                changes.push(used);
                Ok((until, changes))
            })
            .into())
    });
    Ok(reply::json(&ProvedUntil {
        proof_until: turn.await??.0,
    }))
}

/// Checks the account's password.
pub async fn password(call: Call) -> Answer {
    let said: ByPassword = call.message()?;
    let typed = Typed::new(said.password);
    let office = call.office().clone();
    let signed_in = call.signed_in()?.clone();
    let session = signed_in.session.hash;
    let admitted = office.desk.throttle().admit_proof(session, office.stopwatch());
    admitted.map_err(Refusal::from)?;
    let matched = password_of(&call, Some(signed_in.account.clone()), &typed)
        .await
        .map(|matched| matched.account);
    if matched.is_some() {
        office.desk.throttle().proved(session);
    }
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
        let current = facts.account(signed_in.account.id)?;
        let proved = sign_in::by_password(matched.as_ref(), current.as_ref(), None);
        Ok(Verdict::from(proved.and_then(|(proof, _)| {
            session::prove_again(&signed_in.session, &proof, moment.now)
        })))
    });
    Ok(reply::json(&ProvedUntil {
        proof_until: turn.await??.0,
    }))
}
