//! Passkeys: what is kept of a WebAuthn credential, and what its owner may do with it.

pub mod record;

use std::net::IpAddr;

use crate::rules::change::{Change, PeopleChange};
use crate::rules::id::{AccountId, DisplayName};
use crate::rules::letters::letter::Content;
use crate::rules::letters::writer::LetterWriter;
use crate::rules::limits;
use crate::rules::moment::Moment;
use crate::rules::office::settings::Settings;
use crate::rules::people::account::Account;
use crate::rules::people::session::By;
use crate::rules::people::session::Session;
use crate::rules::refusal::{Kept, Refusal};
use crate::rules::time::{Date, Ttl};
use crate::rules::webauthn::registration::Registered;
pub use record::*;

/// Whether an account that has `count` passkeys may be asked for another: else a device would keep one that we do not.
pub fn room_for_one_more(count: usize) -> Result<(), Refusal> {
    if count < limits::PASSKEYS_OF_ONE {
        Ok(())
    } else {
        Err(Refusal::TooMany(Kept::Passkeys))
    }
}

/// Whether one may be made without asking anybody (conditional create): right after a sign-in by password, in the same
/// session, because the password is then the factor that nobody's verification gives (WebAuthn L3 §7.2, step 24). Never
/// on a public computer, and not where models are attested: no password manager can attest.
pub fn quietly(session: &Session, settings: &Settings, now: Date) -> Result<(), Refusal> {
    let just_in_by_password = session.by == By::Password && now < session.opened + Ttl::PROOF;
    if just_in_by_password && !session.public_computer && !settings.attestation.required {
        Ok(())
    } else {
        Err(Refusal::NotAllowed)
    }
}

/// Adds a verified registration to an account that has `count` passkeys already.
pub fn add(
    registered: Registered,
    owner: &Account,
    count: usize,
    name: DisplayName,
    told: &OwnerNotice<'_>,
    moment: &mut Moment,
) -> Result<(Passkey, Vec<Change>), Refusal> {
    room_for_one_more(count)?;
    let passkey = Passkey {
        credential: CredentialId(registered.credential_id),
        account: owner.id,
        public_key: registered.public_key.cose().to_vec(),
        sign_count: registered.sign_count,
        backup_eligible: registered.backup_eligible,
        backed_up: registered.backed_up,
        aaguid: registered.aaguid,
        transports: registered.transports,
        name,
        created: moment.now,
        last_used: None,
    };
    let letter = Content::PasskeyAdded {
        name: owner.name.to_string(),
        passkey: passkey.name.to_string(),
        at: moment.now,
        address: told.address,
    };
    let mut changes = vec![Change::People(PeopleChange::PasskeyAdded(passkey.clone()))];
    changes.extend(told.writer.and_then(|writer| writer.write(owner, &letter, moment)));
    Ok((passkey, changes))
}

/// Gives a passkey of this owner another name.
pub fn rename(passkey: Option<Passkey>, owner: AccountId, name: &str) -> Result<(Passkey, Vec<Change>), Refusal> {
    let before = owned(passkey, owner)?;
    let name = DisplayName::parse(name)?;
    let passkey = Passkey {
        name: name.clone(),
        ..before.clone()
    };
    Ok((
        passkey,
        vec![Change::People(PeopleChange::PasskeyRenamed(before, name))],
    ))
}

/// Deletes passkeys of this owner, and tells them. The last way in to the office's administration stays.
pub fn delete(
    passkeys: Vec<Passkey>,
    owner: &Account,
    ways_in_left: bool,
    told: &OwnerNotice<'_>,
    moment: &mut Moment,
) -> Result<((), Vec<Change>), Refusal> {
    if passkeys.is_empty() {
        return Err(Refusal::NotFound);
    }
    if owner.is_administrator() && !ways_in_left {
        return Err(Refusal::LastWayIn);
    }
    let mut changes = Vec::new();
    for passkey in passkeys {
        let letter = Content::PasskeyDeleted {
            name: owner.name.to_string(),
            passkey: passkey.name.to_string(),
            at: moment.now,
            address: told.address,
        };
        changes.push(Change::People(PeopleChange::PasskeyDeleted(passkey)));
        changes.extend(told.writer.and_then(|writer| writer.write(owner, &letter, moment)));
    }
    Ok(((), changes))
}

/// How an owner is told of what happened to their passkeys.
pub struct OwnerNotice<'a> {
    /// Writes the letter, if the office can send any.
    pub writer: Option<&'a LetterWriter<'a>>,
    /// Where the change came from.
    pub address: Option<IpAddr>,
}

/// The passkey, if it is that owner's.
pub fn owned(passkey: Option<Passkey>, owner: AccountId) -> Result<Passkey, Refusal> {
    passkey
        .filter(|passkey| passkey.account == owner)
        .ok_or(Refusal::NotFound)
}

/// A passkey's counter went back: somebody may have a copy of it (WebAuthn L3 §6.1.1).
pub fn suspect(passkey: &Passkey) -> Vec<Change> {
    vec![PeopleChange::PasskeyCloneSuspected(passkey.account, passkey.name.clone()).into()]
}
