//! Changes of accounts and their ways in → rows.

use super::put_number;
use crate::rules::change::PeopleChange;
use crate::rules::id::AccountId;
use crate::rules::letters::letter::Letter;
use crate::rules::people::access::Access;
use crate::rules::people::account::{Account, AccountKind};
use crate::rules::people::passkey::{CredentialId, Passkey};
use crate::rules::people::session::{Session, Used};
use crate::rules::secret::TokenHash;
use crate::store::facts::extension_key;
use crate::store::{Facts, Fault, outbox, tables};

pub(super) fn apply(facts: &mut Facts<'_>, change: &PeopleChange) -> Result<(), Fault> {
    match change {
        PeopleChange::AccessErased(account) => erase_access(facts, *account),
        PeopleChange::AccountAdded(account) => add_account(facts, account),
        PeopleChange::AccountChanged(account, _) => {
            let before = facts.account(account.id)?;
            // What waits for the older address tells a stranger, perhaps.
            if before.is_some_and(|before| before.email != account.email) {
                outbox::withdraw(facts, account.id, |letter| Some(&letter.to) != account.email.as_ref())?;
            }
            forget_names(facts, account.id)?;
            put_account(facts, account)
        }
        PeopleChange::AccountDeleted(account) => delete_account(facts, account.id),
        PeopleChange::ApiClosed(account) => change_access(facts, *account, |reach| reach.api = None),
        PeopleChange::ApiOpened(account, api) => change_access(facts, *account, |reach| reach.api = Some(api.clone())),
        PeopleChange::InviteIssued(invite) => {
            forget_invite(facts, invite.account)?;
            facts.0.invite_of.insert(invite.account.0, &invite.hash.0)?;
            facts.0.invites.keep(&invite.hash.0, invite)
        }
        // Its letter stays: one that waits is given up by the postman, and one that was given up is shown for a while.
        PeopleChange::InviteExpired(account) => remove_invite(facts, *account).map(drop),
        PeopleChange::InviteRevoked(account) | PeopleChange::InviteSpent(account) => forget_invite(facts, *account),
        PeopleChange::PasskeyAdded(passkey) => {
            let credential = passkey.credential.0.as_slice();
            facts.0.passkey_owners.insert(credential, passkey.account.0)?;
            put_passkey(facts, passkey)
        }
        PeopleChange::PasskeyCloneSuspected(..) | PeopleChange::PasswordGuessed(..) => Ok(()),
        PeopleChange::PasskeyDeleted(passkey) => delete_passkey(facts, passkey.account, &passkey.credential),
        PeopleChange::PasskeyRenamed(before, name) => {
            change_passkey(facts, &before.credential, |passkey| passkey.name = name.clone())
        }
        PeopleChange::PasskeyUsed {
            credential,
            sign_count,
            backed_up,
            seen,
        } => change_passkey(facts, credential, |passkey| {
            passkey.sign_count = *sign_count;
            passkey.backed_up = *backed_up;
            passkey.last_used = Some(seen.clone());
        }),
        PeopleChange::PasswordRemoved(account) => change_account(facts, *account, |account| account.password = None),
        PeopleChange::PasswordRehashed(account, hash) | PeopleChange::PasswordSet(account, hash) => {
            change_account(facts, *account, |account| account.password = Some(hash.clone()))
        }
        PeopleChange::RangesChanged(account, ranges, _) => {
            change_access(facts, *account, |reach| reach.ranges = ranges.clone())
        }
        PeopleChange::SessionDeleted(account, hash) | PeopleChange::SessionExpired(account, hash) => {
            delete_session(facts, *account, *hash)
        }
        PeopleChange::SessionOpened(session) => {
            facts.0.session_owners.insert(&session.hash.0, session.account.0)?;
            put_session(facts, session)
        }
        PeopleChange::SessionProved(hash, at, by) => change_session(facts, *hash, |session| {
            session.proved = *at;
            session.proved_by = *by;
        }),
        PeopleChange::Used(uses) => uses.iter().try_for_each(|(used, seen)| match used {
            Used::Api(account) => change_access(facts, *account, |reach| {
                if let Some(api) = reach.api.as_mut().filter(|api| api.is_of(seen)) {
                    api.last_used = Some(seen.clone());
                }
            }),
            Used::Session(hash) => change_session(facts, *hash, |session| session.last_used = seen.clone()),
        }),
    }
}

fn add_account(facts: &mut Facts<'_>, account: &Account) -> Result<(), Fault> {
    let next = account.id.0.saturating_add(1).max(facts.next_account()?.0);
    put_number(facts, tables::META_NEXT_ACCOUNT, next)?;
    put_account(facts, account)
}

fn put_account(facts: &mut Facts<'_>, account: &Account) -> Result<(), Fault> {
    for name in account.usernames() {
        facts.0.usernames.insert(name.as_str(), account.id.0)?;
    }
    if let AccountKind::Person(extension) = &account.kind {
        facts.0.extensions.insert(extension_key(extension), account.id.0)?;
    }
    facts.0.accounts.keep(account.id.0, account)
}

fn forget_names(facts: &mut Facts<'_>, id: AccountId) -> Result<(), Fault> {
    let Some(account) = facts.account(id)? else {
        return Ok(());
    };
    for name in account.kept_names() {
        // An older release may have kept another account under another spelling of the same name.
        if facts.0.usernames.get(name.as_str(), |owner| owner)? == Some(id.0) {
            facts.0.usernames.remove(name.as_str())?;
        }
    }
    if let AccountKind::Person(extension) = &account.kind {
        facts.0.extensions.remove(extension_key(extension))?;
    }
    Ok(())
}

fn delete_account(facts: &mut Facts<'_>, id: AccountId) -> Result<(), Fault> {
    delete_ways_in(facts, id)?;
    outbox::withdraw(facts, id, |_| true)?;
    forget_names(facts, id)?;
    facts.0.languages.remove(id.0)?;
    facts.0.accounts.remove(id.0).map(drop)
}

fn erase_access(facts: &mut Facts<'_>, id: AccountId) -> Result<(), Fault> {
    delete_ways_in(facts, id)?;
    change_account(facts, id, |account| account.password = None)
}

fn delete_ways_in(facts: &mut Facts<'_>, id: AccountId) -> Result<(), Fault> {
    for passkey in facts.passkeys_of(id)? {
        delete_passkey(facts, id, &passkey.credential)?;
    }
    for session in facts.sessions_of(id)? {
        delete_session(facts, id, session.hash)?;
    }
    facts.0.access.remove(id.0)?;
    forget_invite(facts, id)
}

fn change_access(facts: &mut Facts<'_>, id: AccountId, change: impl FnOnce(&mut Access)) -> Result<(), Fault> {
    let mut reach = facts.access(id)?;
    change(&mut reach);
    if reach == Access::default() {
        facts.0.access.remove(id.0).map(drop)
    } else {
        facts.0.access.keep(id.0, &reach)
    }
}

fn change_account(facts: &mut Facts<'_>, id: AccountId, change: impl FnOnce(&mut Account)) -> Result<(), Fault> {
    let Some(mut account) = facts.account(id)? else {
        return Ok(());
    };
    change(&mut account);
    put_account(facts, &account)
}

/// Ends an account's link, and withdraws the letter with it. Where there was no link no letter is looked for.
fn forget_invite(facts: &mut Facts<'_>, account: AccountId) -> Result<(), Fault> {
    if remove_invite(facts, account)? {
        outbox::withdraw(facts, account, Letter::carries_link)?;
    }
    Ok(())
}

/// Whether there was one.
fn remove_invite(facts: &mut Facts<'_>, account: AccountId) -> Result<bool, Fault> {
    let Some(old) = facts.0.invite_of.get(account.0, |hash| *hash)? else {
        return Ok(false);
    };
    facts.0.invite_of.remove(account.0)?;
    facts.0.invites.remove(&old)?;
    Ok(true)
}

fn put_passkey(facts: &mut Facts<'_>, passkey: &Passkey) -> Result<(), Fault> {
    let key = (passkey.account.0, passkey.credential.0.as_slice());
    facts.0.passkeys.keep(key, passkey)
}

fn change_passkey(facts: &mut Facts<'_>, id: &CredentialId, change: impl FnOnce(&mut Passkey)) -> Result<(), Fault> {
    let Some(mut passkey) = facts.passkey(id)? else {
        return Ok(());
    };
    change(&mut passkey);
    put_passkey(facts, &passkey)
}

fn delete_passkey(facts: &mut Facts<'_>, account: AccountId, id: &CredentialId) -> Result<(), Fault> {
    facts.0.passkey_owners.remove(id.0.as_slice())?;
    facts.0.passkeys.remove((account.0, id.0.as_slice())).map(drop)
}

fn put_session(facts: &mut Facts<'_>, session: &Session) -> Result<(), Fault> {
    facts.0.sessions.keep((session.account.0, &session.hash.0), session)
}

fn change_session(facts: &mut Facts<'_>, hash: TokenHash, change: impl FnOnce(&mut Session)) -> Result<(), Fault> {
    let Some(mut session) = facts.session(hash)? else {
        return Ok(());
    };
    change(&mut session);
    put_session(facts, &session)
}

fn delete_session(facts: &mut Facts<'_>, account: AccountId, hash: TokenHash) -> Result<(), Fault> {
    facts.0.session_owners.remove(&hash.0)?;
    facts.0.sessions.remove((account.0, &hash.0)).map(drop)
}
