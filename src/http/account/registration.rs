//! One's own passkeys: make one, and call it something else.

use serde::Deserialize;

use super::passkeys::{self, PasskeyJson};
use crate::desk::tickets::{self, Purpose};
use crate::http::front::call::Call;
use crate::http::front::caller::SignedIn;
use crate::http::front::question::{self, Question};
use crate::http::front::reply::{self, Answer, Failure};
use crate::office::{Shared, TITLE};
use crate::rules::id::{AccountId, DisplayName};
use crate::rules::people::passkey::{self, CredentialId, OwnerNotice, Passkey};
use crate::rules::refusal::Refusal;
use crate::rules::verdict::Verdict;
use crate::rules::webauthn::options::{Base64Url, CreationOptions, User};
use crate::rules::webauthn::registration;
use crate::rules::webauthn::wire::{Given, RegistrationResponseJson};
use crate::rules::webauthn::{Algorithm, Challenge, UserVerification, aaguid};

/// Where a passkey should live, best first (WebAuthn L3 §5.8.7): in this device, or in the phone.
const ANYWHERE: &[&str] = &["client-device", "hybrid"];
/// Where models are attested, nothing else is kept.
const ATTESTED: &[&str] = &["security-key"];

#[derive(Deserialize)]
struct Begin {
    /// Right after a password sign-in the browser may make a passkey without asking (conditional create).
    #[serde(default)]
    conditional: bool,
}

#[derive(Deserialize)]
struct Finish {
    ticket: String,
    credential: Given<RegistrationResponseJson>,
    name: Option<String>,
}

#[derive(Deserialize)]
struct Rename {
    name: String,
}

/// Asks the browser to make a passkey.
pub async fn begin(call: Call) -> Answer {
    let Begin { conditional } = call.message()?;
    let (office, SignedIn { account, session }) = (call.office(), call.signed_in()?);
    let (passkeys, settings) = office
        .store
        .read(|facts| Ok((facts.passkeys_of(account.id)?, facts.settings()?)))?;
    passkey::room_for_one_more(passkeys.len())?;
    let purpose = if conditional {
        passkey::quietly(session, &settings, office.now())?;
        Purpose::RegisterQuietly(account.id)
    } else {
        Purpose::Register(account.id)
    };
    let (ticket, challenge) = office.ask(purpose);
    let user = User {
        id: Base64Url(&account.handle.0),
        name: account.username(),
        display_name: account.name.as_str(),
    };
    let known = passkeys.iter().map(question::descriptor).collect();
    let attested = settings.attestation.required;
    let options = CreationOptions::new(&office.site.party, TITLE, user, &challenge, known, attested)
        .with_hints(if attested { ATTESTED } else { ANYWHERE });
    let options = if conditional { options.quiet() } else { options };
    Ok(reply::json(&Question::new(ticket, options)))
}

/// Checks what the browser made, and keeps it. The journal has a line of one that is refused, with the step.
pub async fn finish(call: Call) -> Answer {
    let said: Finish = call.message()?;
    let refused = match kept(&call, said).await {
        Ok(passkey) => return Ok(reply::created(&PasskeyJson::from(&passkey))),
        Err(refused) => refused,
    };
    let is_of_passkey = matches!(
        refused,
        Failure::Refused(Refusal::Registration(_) | Refusal::PasskeyUnreadable | Refusal::TicketSpent)
    );
    Err(if is_of_passkey {
        call.noted(Some(&call.signed_in()?.account), refused)
    } else {
        refused
    })
}

async fn kept(call: &Call, said: Finish) -> Result<Passkey, Failure> {
    let office = call.office();
    let SignedIn {
        account: owner,
        session,
    } = call.signed_in()?.clone();
    let (question, quietly) = asked(office, &said.ticket, owner.id)?;
    let settings = office.store.read(|facts| facts.settings())?;
    if quietly {
        passkey::quietly(&session, &settings, office.now())?;
    }
    let credential = said.credential.right().ok_or(Refusal::PasskeyUnreadable)?;
    let response = credential
        .try_into()
        .map_err(|_| Refusal::Registration(registration::Step::CredentialId))?;
    let registered = registration::verify(
        &office.site.party,
        Challenge::new(&question.challenge),
        if quietly {
            UserVerification::Quiet
        } else {
            UserVerification::Required
        },
        Algorithm::OFFERED,
        settings.attestation.policy(),
        &response,
    );
    let registered = registered.map_err(Refusal::Registration)?;
    office.answered(question, owner.id)?;
    let guess = aaguid::name(&registered.aaguid).unwrap_or(&call.caller.browser);
    let name = match said.name.as_deref().map(str::trim).filter(|name| !name.is_empty()) {
        Some(given) => DisplayName::parse(given)?,
        None => DisplayName::from_guess(guess, "Passkey"),
    };
    let (here, address) = (office.clone(), Some(call.caller.address));
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
        let writer = here.letter_writer(facts)?;
        let told = OwnerNotice {
            writer: writer.as_ref(),
            address,
        };
        let Some(owner) = facts.account(owner.id)? else {
            return Ok(Verdict::no(Refusal::SignedOut));
        };
        let id = CredentialId(registered.credential_id.clone());
        let keepable = registration::keepable(&registered, facts.passkey(&id)?.is_some());
        let count = facts.passkeys_of(owner.id)?.len();
        Ok(keepable
            .map_err(Refusal::Registration)
            .and_then(|()| passkey::add(registered, &owner, count, name, &told, moment))
            .into())
    });
    Ok(turn.await??)
}

/// The question of a registration, and whether it was asked quietly.
fn asked(office: &Shared, ticket: &str, owner: AccountId) -> Result<(tickets::OpenQuestion, bool), Refusal> {
    let (mut tickets, now) = (office.desk.tickets(), office.stopwatch());
    let loudly = tickets.take(ticket, Purpose::Register(owner), now);
    loudly.map(|asked| (asked, false)).or_else(|_| {
        let quietly = tickets.take(ticket, Purpose::RegisterQuietly(owner), now)?;
        Ok((quietly, true))
    })
}

/// Gives a passkey another name.
pub async fn rename(call: Call) -> Answer {
    let said: Rename = call.message()?;
    let owner = call.signed_in()?.account.id;
    let id = passkeys::credential(&call)?;
    let office = call.office();
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, _| {
        Ok(passkey::rename(facts.passkey(&id)?, owner, &said.name).into())
    });
    Ok(reply::json(&PasskeyJson::from(&turn.await??)))
}
