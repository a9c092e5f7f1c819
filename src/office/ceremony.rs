//! The check that every use of a passkey goes through, before any turn is taken.

use std::sync::Arc;

use super::Shared;
use super::failure::Failure;
use crate::desk::tickets::Purpose;
use crate::rules::id::AccountId;
use crate::rules::office::journal::Actor;
use crate::rules::people::passkey::{self, CredentialId, Passkey};
use crate::rules::refusal::Refusal;
use crate::rules::verdict::Verdict;
use crate::rules::webauthn::assertion::{self, AssertionResponse, PasskeyUse, StoredPasskey};
use crate::rules::webauthn::es256::Table;
use crate::rules::webauthn::public_key::Key;
use crate::rules::webauthn::wire::AuthenticationResponseJson;
use crate::rules::webauthn::{Challenge, RelyingParty, UserVerification};

/// Which question an assertion answers.
pub struct Asking<'a> {
    /// The ticket it was asked with.
    pub ticket: &'a str,
    /// Which site asked.
    pub party: &'a RelyingParty,
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
) -> Result<(Passkey, PasskeyUse), Failure> {
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
        None => assertion::AllowedPasskeys::Anyone,
        Some(owner) if owner == account.id => assertion::AllowedPasskeys::OneOf(&own),
        Some(_) => assertion::AllowedPasskeys::OneOf(&[]),
    };
    let stored = StoredPasskey {
        credential_id: passkey.credential.0.clone(),
        public_key_cose: passkey.public_key.clone(),
        sign_count: passkey.sign_count,
        backup_eligible: passkey.backup_eligible,
        user_handle: account.handle.0.to_vec(),
    };
    let (party, challenge) = (asking.party, Challenge::new(&question.challenge));
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
