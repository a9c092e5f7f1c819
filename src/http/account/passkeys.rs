//! One's own passkeys: list, add, rename, delete; and the check that every use of one goes through.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::desk::tickets::{self, Purpose};
use crate::http::front::call::Call;
use crate::http::front::caller::SignedIn;
use crate::http::front::reply::{self, Answer, Failure};
use crate::http::sign_in::{Asked, noted};
use crate::office::{Shared, TITLE};
use crate::rules::id::{AccountId, DisplayName};
use crate::rules::office::journal::Actor;
use crate::rules::people::passkey::{self, CredentialId, Passkey, Told};
use crate::rules::refusal::Refusal;
use crate::rules::verdict::Verdict;
use crate::rules::webauthn::assertion::{self, AssertionResponse, Seen, StoredPasskey};
use crate::rules::webauthn::es256::Table;
use crate::rules::webauthn::options::{Base64Url, CreationOptions, Descriptor, User};
use crate::rules::webauthn::public_key::Key;
use crate::rules::webauthn::registration;
use crate::rules::webauthn::wire::{AuthenticationResponseJson, Given, RegistrationResponseJson};
use crate::rules::webauthn::{Algorithm, Challenge, UserVerification, aaguid};

/// Where a passkey should live, best first (WebAuthn L3 §5.8.7): in this device, or in the phone.
const ANYWHERE: &[&str] = &["client-device", "hybrid"];
/// Where models are attested, nothing else is kept.
const ATTESTED: &[&str] = &["security-key"];

/// A passkey as lists show it.
#[derive(Serialize)]
pub struct Shown {
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

impl From<&Passkey> for Shown {
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
struct List<'a> {
    rp_id: &'a str,
    user_id: String,
    passkeys: Vec<Shown>,
}

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

/// The passkeys of whoever is signed in, with what the Signal API (WebAuthn L3 §5.1.10) wants to know.
pub async fn list(call: Call) -> Answer {
    let (office, account) = (call.office(), &call.signed_in()?.account);
    let passkeys = office.store.read(|facts| facts.passkeys_of(account.id))?;
    let user_id = data_encoding::BASE64URL_NOPAD.encode(&account.handle.0);
    let passkeys = passkeys.iter().map(Shown::from).collect();
    Ok(reply::json(&List {
        rp_id: &office.site.party.rp_id,
        user_id,
        passkeys,
    }))
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
    let known = passkeys.iter().map(descriptor).collect();
    let attested = settings.attestation.required;
    let options = CreationOptions::new(&office.site.party, TITLE, user, &challenge, known, attested)
        .with_hints(if attested { ATTESTED } else { ANYWHERE });
    let options = if conditional { options.quiet() } else { options };
    Ok(reply::json(&Asked::new(ticket, options)))
}

/// Checks what the browser made, and keeps it. The journal has a line of one that is refused, with the step.
pub async fn finish(call: Call) -> Answer {
    let said: Finish = call.message()?;
    let refused = match kept(&call, said).await {
        Ok(passkey) => return Ok(reply::created(&Shown::from(&passkey))),
        Err(refused) => refused,
    };
    Err(match refused {
        Failure::Refused(Refusal::Registration(_) | Refusal::PasskeyUnreadable | Refusal::TicketSpent) => {
            noted(&call, Some(&call.signed_in()?.account), refused)
        }
        other => other,
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
        let scribe = here.scribe(facts)?;
        let told = Told {
            scribe: scribe.as_ref(),
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
fn asked(office: &Shared, ticket: &str, owner: AccountId) -> Result<(tickets::Asked, bool), Refusal> {
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
    let id = credential(&call)?;
    let office = call.office();
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, _| {
        Ok(passkey::rename(facts.passkey(&id)?, owner, &said.name).into())
    });
    Ok(reply::json(&Shown::from(&turn.await??)))
}

/// The credential that the path names.
pub fn credential(call: &Call) -> Result<CredentialId, Refusal> {
    CredentialId::parse(call.part("id")?).ok_or(Refusal::NotFound)
}

/// How browsers are told of a passkey.
pub fn descriptor(passkey: &Passkey) -> Descriptor<'_> {
    Descriptor::new(&passkey.credential.0, &passkey.transports)
}

/// Which question an assertion answers.
pub struct Asking<'a> {
    /// The ticket it was asked with.
    pub ticket: &'a str,
    /// What it was asked for.
    pub purpose: Purpose,
    /// Whose passkey it must be; `None`: anybody's.
    pub owner: Option<AccountId>,
    /// Whose doing it is.
    pub actor: Actor,
}

/// Takes the ticket, finds the passkey and verifies the assertion (WebAuthn L3 §7.2), before any turn is taken.
pub async fn checked(
    office: &Shared,
    said: AuthenticationResponseJson,
    asking: Asking<'_>,
) -> Result<(Passkey, Seen), Failure> {
    let question = office
        .desk
        .tickets()
        .take(asking.ticket, asking.purpose, office.stopwatch())?;
    let response: AssertionResponse = said
        .try_into()
        .map_err(|_| Refusal::Assertion(assertion::Step::Allowed))?;
    let found = office.store.read(|facts| {
        let Some(passkey) = facts.passkey(&CredentialId(response.id.clone()))? else {
            return Ok(None);
        };
        Ok(facts.account(passkey.account)?.map(|account| (passkey, account)))
    })?;
    let (passkey, account) = found.ok_or(Refusal::UnknownPasskey)?;
    let own = [passkey.credential.0.clone()];
    let asked = match asking.owner {
        None => assertion::Asked::Anyone,
        Some(owner) if owner == account.id => assertion::Asked::OneOf(&own),
        Some(_) => assertion::Asked::OneOf(&[]),
    };
    let stored = StoredPasskey {
        credential_id: passkey.credential.0.clone(),
        public_key_cose: passkey.public_key.clone(),
        sign_count: passkey.sign_count,
        backup_eligible: passkey.backup_eligible,
        user_handle: account.handle.0.to_vec(),
    };
    let (party, challenge) = (&office.site.party, Challenge::new(&question.challenge));
    let key = Key::parse(&passkey.public_key)
        .ok()
        .and_then(|key| key.es256().cloned());
    let table = key.as_ref().and_then(|key| office.desk.curve_tables().of(key));
    let required = UserVerification::Required;
    let seen = assertion::verify_warm(party, challenge, required, &stored, asked, &response, table.as_deref());
    // Once a day for each passkey is enough: whoever has the copy could go on for ever.
    let copied = seen == Err(assertion::Step::Counter);
    if copied
        && office
            .desk
            .clones()
            .raise(passkey.credential.clone(), office.stopwatch())
    {
        let suspected = passkey::suspect(&passkey);
        let turn = office
            .store
            .turn(asking.actor, office.moment(), |_, _| Ok(Verdict::yes((), suspected)));
        turn.await??;
    }
    let seen = seen.map_err(Refusal::Assertion)?;
    office.answered(question, account.id)?;
    let worth = key.and_then(|key| office.desk.curve_tables().used(&key).map(|size| (key, size)));
    if let Some((key, size)) = worth {
        let office = office.clone();
        // After the answer: this one was checked without it.
        smol::unblock(move || {
            let table = Arc::new(Table::of(&key, size));
            office.desk.curve_tables().keep(table);
        })
        .detach();
    }
    Ok((passkey, seen))
}
