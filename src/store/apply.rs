//! Changes → rows. One exhaustive match, inside the writer's transaction.

use redb::{ReadableTable, ReadableTableMetadata, WriteTransaction};

use super::facts::{extension_key, one_time_key};
use super::{Facts, Fault, outbox, row, tables};
use crate::rules::change::{Change, LettersChange, OfficeChange, PeopleChange};
use crate::rules::id::AccountId;
use crate::rules::letters::letter::Letter;
use crate::rules::limits;
use crate::rules::office::journal::{self, Actor, Line, News};
use crate::rules::people::access::Reach;
use crate::rules::people::account::{Account, Kind};
use crate::rules::people::passkey::{CredentialId, Passkey};
use crate::rules::people::session::{Session, Used};
use crate::rules::secret::TokenHash;
use crate::rules::time::Date;
use crate::rules::verdict::Verdict;

/// Applies all changes of one verdict, writes their lines into the journal, and remembers the time.
pub(super) fn all<T>(tx: &WriteTransaction, verdict: &Verdict<T>, actor: Actor, now: Date) -> Result<(), Fault> {
    verdict.changes.iter().try_for_each(|change| one(tx, change, now))?;
    verdict
        .news
        .iter()
        .try_for_each(|news| write_line(tx, news, actor, now))?;
    let newest = Facts::Turn(tx).newest()?.map_or(now, |newest| newest.max(now));
    put_meta(tx, tables::META_NEWEST, &newest.0.to_le_bytes())
}

fn one(tx: &WriteTransaction, change: &Change, now: Date) -> Result<(), Fault> {
    match change {
        Change::People(PeopleChange::AccessErased(account)) => erase_access(tx, *account),
        Change::People(PeopleChange::AccountAdded(account)) => add_account(tx, account),
        Change::People(PeopleChange::AccountChanged(account)) => {
            let before = Facts::Turn(tx).account(account.id)?;
            // What waits for the older address tells a stranger, perhaps.
            if before.is_some_and(|before| before.email != account.email) {
                outbox::withdraw(tx, account.id, |letter| Some(&letter.to) != account.email.as_ref())?;
            }
            forget_names(tx, account.id)?;
            put_account(tx, account)
        }
        Change::People(PeopleChange::AccountDeleted(account)) => delete_account(tx, account.id),
        Change::People(PeopleChange::ApiClosed(account)) => change_reach(tx, *account, |reach| reach.api = None),
        Change::People(PeopleChange::ApiOpened(account, api)) => {
            change_reach(tx, *account, |reach| reach.api = Some(api.clone()))
        }
        Change::People(PeopleChange::InviteIssued(invite)) => {
            forget_invite(tx, invite.account)?;
            tx.open_table(tables::INVITE_OF)?
                .insert(invite.account.0, &invite.hash.0)?;
            tx.open_table(tables::INVITES)?
                .insert(&invite.hash.0, row::bytes(invite, "invites")?.as_slice())?;
            Ok(())
        }
        // Its letter stays: one that waits is given up by the postman, and one that was given up is shown for a while.
        Change::People(PeopleChange::InviteExpired(account)) => remove_invite(tx, *account).map(drop),
        Change::People(PeopleChange::InviteRevoked(account)) | Change::People(PeopleChange::InviteSpent(account)) => {
            forget_invite(tx, *account)
        }
        Change::Letters(LettersChange::LanguageLearnt(account, language)) => {
            tx.open_table(tables::LANGUAGES)?
                .insert(account.0, row::bytes(language, "languages")?.as_slice())?;
            Ok(())
        }
        Change::Letters(LettersChange::LetterGivenUp(id, letter))
        | Change::Letters(LettersChange::LetterPostponed(id, letter)) => outbox::keep(tx, *id, letter),
        Change::Letters(LettersChange::LetterQueued(letter)) => outbox::queue(tx, letter),
        Change::Letters(LettersChange::LetterSent(id, _))
        | Change::Letters(LettersChange::LetterSwept(id))
        | Change::Letters(LettersChange::LetterWithdrawn(id, _)) => outbox::drop(tx, *id),
        Change::Office(OfficeChange::KeyNoted(check)) => {
            put_meta(tx, tables::META_KEY_CHECK, &row::bytes(check, "meta")?)
        }
        Change::Office(OfficeChange::Named(named)) => put_meta(tx, tables::META_NAMED, &row::bytes(named, "meta")?),
        Change::Office(OfficeChange::OneTimeArmed(slot, one_time)) => {
            put_meta(tx, one_time_key(*slot), &row::bytes(one_time, "meta")?)
        }
        Change::Office(OfficeChange::OneTimeSpent(slot, _)) => {
            let Some(mut one_time) = Facts::Turn(tx).one_time(*slot)? else {
                return Ok(());
            };
            one_time.spent = true;
            put_meta(tx, one_time_key(*slot), &row::bytes(&one_time, "meta")?)
        }
        Change::Office(OfficeChange::OneTimesForgotten) => {
            let mut meta = tx.open_table(tables::META)?;
            meta.remove(tables::META_ONE_TIME_FLAGS)?;
            meta.remove(tables::META_ONE_TIME_CONSOLE)?;
            Ok(())
        }
        Change::People(PeopleChange::PasskeyAdded(passkey)) => {
            tx.open_table(tables::PASSKEYS_OF)?
                .insert((passkey.account.0, passkey.credential.0.as_slice()), ())?;
            put_passkey(tx, passkey)
        }
        Change::People(PeopleChange::PasskeyCloneSuspected(..)) | Change::People(PeopleChange::PasswordGuessed(..)) => {
            Ok(())
        }
        Change::People(PeopleChange::PasskeyDeleted(account, credential)) => delete_passkey(tx, *account, credential),
        Change::People(PeopleChange::PasskeyRenamed(credential, name)) => {
            change_passkey(tx, credential, |passkey| passkey.name = name.clone())
        }
        Change::People(PeopleChange::PasskeyUsed {
            credential,
            sign_count,
            backed_up,
            seen,
        }) => change_passkey(tx, credential, |passkey| {
            passkey.sign_count = *sign_count;
            passkey.backed_up = *backed_up;
            passkey.last_used = Some(seen.clone());
        }),
        Change::People(PeopleChange::PasswordRemoved(account)) => {
            change_account(tx, *account, |account| account.password = None)
        }
        Change::People(PeopleChange::PasswordRehashed(account, hash))
        | Change::People(PeopleChange::PasswordSet(account, hash)) => {
            change_account(tx, *account, |account| account.password = Some(hash.clone()))
        }
        Change::People(PeopleChange::RangesChanged(account, ranges)) => {
            change_reach(tx, *account, |reach| reach.ranges = ranges.clone())
        }
        Change::Letters(LettersChange::RelayRemoved) => {
            tx.open_table(tables::META)?.remove(tables::META_RELAY)?;
            Ok(())
        }
        Change::Letters(LettersChange::RelaySet(relay)) => {
            put_meta(tx, tables::META_RELAY, &row::bytes(relay, "meta")?)?;
            outbox::revive(tx, now)
        }
        Change::People(PeopleChange::SessionDeleted(account, hash))
        | Change::People(PeopleChange::SessionExpired(account, hash)) => delete_session(tx, *account, *hash),
        Change::People(PeopleChange::SessionOpened(session)) => {
            tx.open_table(tables::SESSIONS_OF)?
                .insert((session.account.0, &session.hash.0), ())?;
            put_session(tx, session)
        }
        Change::People(PeopleChange::SessionProved(hash, at)) => {
            change_session(tx, *hash, |session| session.proved = *at)
        }
        Change::Office(OfficeChange::SettingsChanged(settings)) => {
            put_meta(tx, tables::META_SETTINGS, &row::bytes(settings, "meta")?)
        }
        Change::Office(OfficeChange::Tuned(effort)) => put_meta(tx, tables::META_EFFORT, &row::bytes(effort, "meta")?),
        Change::People(PeopleChange::Used(uses)) => uses.iter().try_for_each(|(used, seen)| match used {
            Used::Api(account) => change_reach(tx, *account, |reach| {
                if let Some(api) = reach.api.as_mut().filter(|api| api.is_of(seen)) {
                    api.last_used = Some(seen.clone());
                }
            }),
            Used::Session(hash) => change_session(tx, *hash, |session| session.last_used = seen.clone()),
        }),
    }
}

fn put_meta(tx: &WriteTransaction, key: &str, value: &[u8]) -> Result<(), Fault> {
    tx.open_table(tables::META)?.insert(key, value)?;
    Ok(())
}

fn add_account(tx: &WriteTransaction, account: &Account) -> Result<(), Fault> {
    let next = account.id.0.saturating_add(1).max(Facts::Turn(tx).next_account()?.0);
    put_meta(tx, tables::META_NEXT_ACCOUNT, &next.to_le_bytes())?;
    put_account(tx, account)
}

fn put_account(tx: &WriteTransaction, account: &Account) -> Result<(), Fault> {
    for name in account.usernames() {
        tx.open_table(tables::USERNAMES)?.insert(name.as_str(), account.id.0)?;
    }
    if let Kind::Person(extension) = &account.kind {
        tx.open_table(tables::EXTENSIONS)?
            .insert(extension_key(extension), account.id.0)?;
    }
    tx.open_table(tables::ACCOUNTS)?
        .insert(account.id.0, row::bytes(account, "accounts")?.as_slice())?;
    Ok(())
}

fn forget_names(tx: &WriteTransaction, id: AccountId) -> Result<(), Fault> {
    let Some(account) = Facts::Turn(tx).account(id)? else {
        return Ok(());
    };
    for name in account.usernames() {
        tx.open_table(tables::USERNAMES)?.remove(name.as_str())?;
    }
    if let Kind::Person(extension) = &account.kind {
        tx.open_table(tables::EXTENSIONS)?.remove(extension_key(extension))?;
    }
    Ok(())
}

fn delete_account(tx: &WriteTransaction, id: AccountId) -> Result<(), Fault> {
    delete_ways_in(tx, id)?;
    outbox::withdraw(tx, id, |_| true)?;
    forget_names(tx, id)?;
    tx.open_table(tables::LANGUAGES)?.remove(id.0)?;
    tx.open_table(tables::ACCOUNTS)?.remove(id.0)?;
    Ok(())
}

fn erase_access(tx: &WriteTransaction, id: AccountId) -> Result<(), Fault> {
    delete_ways_in(tx, id)?;
    change_account(tx, id, |account| account.password = None)
}

fn delete_ways_in(tx: &WriteTransaction, id: AccountId) -> Result<(), Fault> {
    for passkey in Facts::Turn(tx).passkeys_of(id)? {
        delete_passkey(tx, id, &passkey.credential)?;
    }
    for session in Facts::Turn(tx).sessions_of(id)? {
        delete_session(tx, id, session.hash)?;
    }
    tx.open_table(tables::REACH)?.remove(id.0)?;
    forget_invite(tx, id)
}

fn change_reach(tx: &WriteTransaction, id: AccountId, change: impl FnOnce(&mut Reach)) -> Result<(), Fault> {
    let mut reach = Facts::Turn(tx).reach(id)?;
    change(&mut reach);
    let mut table = tx.open_table(tables::REACH)?;
    if reach == Reach::default() {
        table.remove(id.0)?;
    } else {
        table.insert(id.0, row::bytes(&reach, "reach")?.as_slice())?;
    }
    Ok(())
}

fn change_account(tx: &WriteTransaction, id: AccountId, change: impl FnOnce(&mut Account)) -> Result<(), Fault> {
    let Some(mut account) = Facts::Turn(tx).account(id)? else {
        return Ok(());
    };
    change(&mut account);
    put_account(tx, &account)
}

/// Ends an account's link, and withdraws the letter with it. Where there was no link no letter is looked for.
fn forget_invite(tx: &WriteTransaction, account: AccountId) -> Result<(), Fault> {
    if remove_invite(tx, account)? {
        outbox::withdraw(tx, account, Letter::carries_link)?;
    }
    Ok(())
}

/// Whether there was one.
fn remove_invite(tx: &WriteTransaction, account: AccountId) -> Result<bool, Fault> {
    let old = tx
        .open_table(tables::INVITE_OF)?
        .remove(account.0)?
        .map(|hash| *hash.value());
    if let Some(old) = old {
        tx.open_table(tables::INVITES)?.remove(&old)?;
    }
    Ok(old.is_some())
}

fn put_passkey(tx: &WriteTransaction, passkey: &Passkey) -> Result<(), Fault> {
    let bytes = row::bytes(passkey, "passkeys")?;
    tx.open_table(tables::PASSKEYS)?
        .insert(passkey.credential.0.as_slice(), bytes.as_slice())?;
    Ok(())
}

fn change_passkey(tx: &WriteTransaction, id: &CredentialId, change: impl FnOnce(&mut Passkey)) -> Result<(), Fault> {
    let Some(mut passkey) = Facts::Turn(tx).passkey(id)? else {
        return Ok(());
    };
    change(&mut passkey);
    put_passkey(tx, &passkey)
}

fn delete_passkey(tx: &WriteTransaction, account: AccountId, id: &CredentialId) -> Result<(), Fault> {
    tx.open_table(tables::PASSKEYS_OF)?
        .remove((account.0, id.0.as_slice()))?;
    tx.open_table(tables::PASSKEYS)?.remove(id.0.as_slice())?;
    Ok(())
}

fn put_session(tx: &WriteTransaction, session: &Session) -> Result<(), Fault> {
    tx.open_table(tables::SESSIONS)?
        .insert(&session.hash.0, row::bytes(session, "sessions")?.as_slice())?;
    Ok(())
}

fn change_session(tx: &WriteTransaction, hash: TokenHash, change: impl FnOnce(&mut Session)) -> Result<(), Fault> {
    let Some(mut session) = Facts::Turn(tx).session(hash)? else {
        return Ok(());
    };
    change(&mut session);
    put_session(tx, &session)
}

fn delete_session(tx: &WriteTransaction, account: AccountId, hash: TokenHash) -> Result<(), Fault> {
    tx.open_table(tables::SESSIONS_OF)?.remove((account.0, &hash.0))?;
    tx.open_table(tables::SESSIONS)?.remove(&hash.0)?;
    Ok(())
}

fn write_line(tx: &WriteTransaction, news: &News, actor: Actor, now: Date) -> Result<(), Fault> {
    let named = |id: Option<AccountId>| -> Result<String, Fault> {
        let account = id.map_or(Ok(None), |id| Facts::Turn(tx).account(id))?;
        Ok(account.map(|account| account.username().to_owned()).unwrap_or_default())
    };
    let concerned_name = named(news.account)?;
    // Whoever signs in is nobody yet when the turn begins; whoever only asks for a link stays nobody.
    let who = if actor.account.is_none() && actor.address.is_some() && news.event != journal::LINK_MADE {
        concerned_name.clone()
    } else {
        named(actor.account)?
    };
    let about = [&concerned_name, &news.words]
        .into_iter()
        .filter(|part| !part.is_empty())
        .cloned()
        .collect::<Vec<_>>()
        .join(": ");
    let line = Line {
        at: now,
        who,
        address: actor.address,
        event: news.event.to_owned(),
        about,
    };
    let mut journal = tx.open_table(tables::JOURNAL)?;
    let next = journal.last()?.map_or(0, |(key, _)| key.value().saturating_add(1));
    journal.insert(next, row::bytes(&line, "journal")?.as_slice())?;
    while journal.len()? > limits::JOURNAL_LINES {
        journal.pop_first()?;
    }
    Ok(())
}
