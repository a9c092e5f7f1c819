//! Typed reads over one consistent view of the store.

use std::ops::Bound::{self, Excluded, Unbounded};
use std::ops::Range;

use super::tables::Tables;
use super::{Fault, row, tables};
use crate::rules::certificates::acme::record::{Account as AcmeAccount, Acme, Issued, Progress};
use crate::rules::certificates::kept::KeptPair;
use crate::rules::id::{AccountId, Extension, Username};
use crate::rules::letters::language::Language;
use crate::rules::letters::letter::Letter;
use crate::rules::letters::relay::Relay;
use crate::rules::limits;
use crate::rules::office::journal::JournalLine;
use crate::rules::office::schedule::{Outcomes, Schedule};
use crate::rules::office::settings::Settings;
use crate::rules::office::time_servers::TimeServers;
use crate::rules::people::access::Access;
use crate::rules::people::account::{Account, Effort};
use crate::rules::people::invite::Invite;
use crate::rules::people::one_time::{OneTime, Slot};
use crate::rules::people::passkey::{CredentialId, Passkey};
use crate::rules::people::session::Session;
use crate::rules::phones::device::DeviceId;
use crate::rules::phones::fetch::FetchedRevisions;
use crate::rules::phones::saved::LinePlace;
use crate::rules::phones::surroundings::Surroundings;
use crate::rules::secret::{Mark, TokenHash};
use crate::rules::time::Date;

/// Where a table keyed by hashes begins.
const NO_HASH: &[u8; 32] = &[0; 32];

/// The keys of an account's sessions.
fn sessions_of(id: AccountId) -> Range<(u64, &'static [u8; 32])> {
    (id.0, NO_HASH)..(id.0.saturating_add(1), NO_HASH)
}

/// A view of the store: a snapshot, or what the writer sees in the middle of its batch.
pub struct Facts<'t>(pub(super) Tables<'t>);

/// A person on a page of the list.
pub struct Listed {
    /// The account.
    pub account: Account,
    /// How many passkeys it has.
    pub passkeys: usize,
    /// The newest use of its sessions that was written down.
    pub last_seen: Option<Date>,
    /// Until when its link works, if one is out.
    pub invited_until: Option<Date>,
}

impl Facts<'_> {
    /// The account of that number.
    pub fn account(&self, id: AccountId) -> Result<Option<Account>, Fault> {
        self.0.accounts.row(id.0)
    }

    /// The number of the account that signs in by that name.
    pub fn owner_of(&self, name: &Username) -> Result<Option<AccountId>, Fault> {
        let mut spellings = name.spellings();
        spellings
            .find_map(|name| self.0.usernames.get(name.as_str(), AccountId).transpose())
            .transpose()
    }

    /// The account that signs in by that name.
    pub fn account_by_username(&self, name: &Username) -> Result<Option<Account>, Fault> {
        self.owner_of(name)?.map_or(Ok(None), |id| self.account(id))
    }

    /// How many accounts there are.
    pub fn accounts(&self) -> Result<usize, Fault> {
        Ok(usize::try_from(self.0.accounts.len()?).unwrap_or(usize::MAX))
    }

    /// The number that the next account gets.
    pub fn next_account(&self) -> Result<AccountId, Fault> {
        let next = self.0.meta.number(tables::META_NEXT_ACCOUNT)?;
        Ok(next.map_or(AccountId::FIRST, AccountId))
    }

    /// In which revision each device last fetched its files.
    pub fn fetched_revisions(&self) -> Result<FetchedRevisions, Fault> {
        Ok(self.0.meta.row(tables::META_FETCHED)?.unwrap_or_default())
    }

    /// What all phones' files said of the appliance when that was last looked at.
    pub fn surroundings(&self) -> Result<Option<Surroundings>, Fault> {
        self.0.meta.row(tables::META_SURROUNDINGS)
    }

    /// What is kept of a device's place on the line.
    pub fn line_place(&self, id: DeviceId) -> Result<Option<LinePlace>, Fault> {
        self.0.line.row(id.0)
    }

    /// What is kept of all devices' places on the line, by their numbers.
    pub fn line_places(&self) -> Result<Vec<LinePlace>, Fault> {
        self.0.line.rows(0..)
    }

    /// All administrators, in no order.
    pub fn administrators(&self) -> Result<Vec<Account>, Fault> {
        let all: Vec<Account> = self.0.accounts.rows(0..)?;
        Ok(all.into_iter().filter(Account::is_administrator).collect())
    }

    /// All people, in the order of their numbers.
    pub fn people(&self) -> Result<Vec<Account>, Fault> {
        let all = (Bound::<(u8, &str)>::Unbounded, Unbounded);
        let ids = self
            .0
            .extensions
            .collect(all, limits::ACCOUNTS, |_, id| Ok(Some(AccountId(id))))?;
        ids.into_iter().filter_map(|id| self.account(id).transpose()).collect()
    }

    /// People in the order of their numbers, `limit` of them, after the given extension.
    pub fn people_after(&self, after: Option<&Extension>, limit: usize) -> Result<Vec<Listed>, Fault> {
        let start = after.map_or(Unbounded, |extension| Excluded(extension_key(extension)));
        let ids = self
            .0
            .extensions
            .collect((start, Unbounded), limit, |_, id| Ok(Some(AccountId(id))))?;
        ids.into_iter().filter_map(|id| self.listed(id).transpose()).collect()
    }

    /// A person as a row of the list.
    pub fn listed(&self, id: AccountId) -> Result<Option<Listed>, Fault> {
        let Some(account) = self.account(id)? else {
            return Ok(None);
        };
        let passkeys = self.passkeys_of(id)?;
        let sessions = self.0.sessions.collect(sessions_of(id), usize::MAX, |_, row| {
            row::session::last_used(row, self.0.sessions.name()).map(Some)
        })?;
        let used = passkeys
            .iter()
            .filter_map(|passkey| passkey.last_used.as_ref())
            .map(|seen| seen.at);
        let last_seen = sessions.into_iter().chain(used).max();
        let invited_until = self.invite_of(id)?.map(|invite| invite.until);
        Ok(Some(Listed {
            account,
            passkeys: passkeys.len(),
            last_seen,
            invited_until,
        }))
    }

    /// The passkey with that credential ID.
    pub fn passkey(&self, credential: &CredentialId) -> Result<Option<Passkey>, Fault> {
        let credential = credential.0.as_slice();
        let owner = self.0.passkey_owners.get(credential, |owner| owner)?;
        owner.map_or(Ok(None), |owner| self.0.passkeys.row((owner, credential)))
    }

    /// The passkeys of an account, oldest first.
    pub fn passkeys_of(&self, id: AccountId) -> Result<Vec<Passkey>, Fault> {
        let empty: &[u8] = &[];
        let mut passkeys: Vec<Passkey> = self.0.passkeys.rows((id.0, empty)..(id.0.saturating_add(1), empty))?;
        passkeys.sort_by_key(|passkey| passkey.created);
        Ok(passkeys)
    }

    /// Whether an account has a passkey.
    pub fn has_passkey(&self, id: AccountId) -> Result<bool, Fault> {
        let empty: &[u8] = &[];
        let range = (id.0, empty)..(id.0.saturating_add(1), empty);
        let first = self.0.passkeys.collect(range, 1, |_, _| Ok(Some(())))?;
        Ok(!first.is_empty())
    }

    /// The session of that token, live or ended.
    pub fn session(&self, hash: TokenHash) -> Result<Option<Session>, Fault> {
        let owner = self.0.session_owners.get(&hash.0, |owner| owner)?;
        owner.map_or(Ok(None), |owner| self.0.sessions.row((owner, &hash.0)))
    }

    /// The sessions of an account, live or ended, newest first.
    pub fn sessions_of(&self, id: AccountId) -> Result<Vec<Session>, Fault> {
        let mut sessions: Vec<Session> = self.0.sessions.rows(sessions_of(id))?;
        sessions.sort_by_key(|session| std::cmp::Reverse(session.opened));
        Ok(sessions)
    }

    /// The link with that token.
    pub fn invite(&self, hash: TokenHash) -> Result<Option<Invite>, Fault> {
        self.0.invites.row(&hash.0)
    }

    /// The one link of an account.
    pub fn invite_of(&self, id: AccountId) -> Result<Option<Invite>, Fault> {
        self.0
            .invite_of
            .get(id.0, |hash| TokenHash(*hash))?
            .map_or(Ok(None), |hash| self.invite(hash))
    }

    /// The one-time password of that place.
    pub fn one_time(&self, slot: Slot) -> Result<Option<OneTime>, Fault> {
        self.0.meta.row(one_time_key(slot))
    }

    /// What limits an account, and what programs may do in its name.
    pub fn access(&self, id: AccountId) -> Result<Access, Fault> {
        Ok(self.0.access.row(id.0)?.unwrap_or_default())
    }

    /// In which language an account reads its letters, where it is known.
    pub fn language(&self, id: AccountId) -> Result<Option<Language>, Fault> {
        self.0.languages.row(id.0)
    }

    /// The letters that wait or were given up, by their numbers, oldest first.
    pub fn letters(&self) -> Result<Vec<(u64, Letter)>, Fault> {
        self.letters_after(None, usize::MAX)
    }

    /// Letters of the outbox in the order in which they were queued, those after `after`.
    pub fn letters_after(&self, after: Option<u64>, limit: usize) -> Result<Vec<(u64, Letter)>, Fault> {
        self.0.outbox.rows_after(after, limit)
    }

    /// How many letters the outbox takes yet: those that were given up make room.
    pub fn room_for_letters(&self) -> Result<usize, Fault> {
        let waiting = self.letters()?.iter().filter(|(_, letter)| !letter.given_up).count();
        Ok(limits::LETTERS.saturating_sub(waiting))
    }

    /// One letter of the outbox.
    pub fn letter(&self, id: u64) -> Result<Option<Letter>, Fault> {
        self.0.outbox.row(id)
    }

    /// The office's mail server.
    pub fn relay(&self) -> Result<Option<Relay>, Fault> {
        self.0.meta.row(tables::META_RELAY)
    }

    /// The office CA, where one was made.
    pub fn authority(&self) -> Result<Option<KeptPair>, Fault> {
        self.0.meta.row(tables::META_AUTHORITY)
    }

    /// The office CA's newest leaf.
    pub fn leaf(&self) -> Result<Option<KeptPair>, Fault> {
        self.0.meta.row(tables::META_LEAF)
    }

    /// How certificates come by ACME, where that is chosen.
    pub fn acme(&self) -> Result<Option<Acme>, Fault> {
        self.0.meta.row(tables::META_ACME)
    }

    /// The account at a directory.
    pub fn acme_account(&self, directory: &str) -> Result<Option<AcmeAccount>, Fault> {
        self.0.meta.row(acme_key(tables::META_ACME_ACCOUNT, directory).as_str())
    }

    /// The newest certificate of a directory.
    pub fn acme_certificate(&self, directory: &str) -> Result<Option<Issued>, Fault> {
        self.0
            .meta
            .row(acme_key(tables::META_ACME_CERTIFICATE, directory).as_str())
    }

    /// How things stand at a directory.
    pub fn acme_progress(&self, directory: &str) -> Result<Option<Progress>, Fault> {
        self.0
            .meta
            .row(acme_key(tables::META_ACME_PROGRESS, directory).as_str())
    }

    /// Whether browsers were told to come by HTTPS alone, and it was not taken back.
    pub fn is_strict(&self) -> Result<bool, Fault> {
        Ok(self.0.meta.get(tables::META_STRICT, |told| told == [1])? == Some(true))
    }

    /// What the key is recognised by that the store belongs to; none in a store that never met one.
    pub fn key_check(&self) -> Result<Option<Mark>, Fault> {
        self.0.meta.row(tables::META_KEY_CHECK)
    }

    /// What a password check costs on this board, once it was measured.
    pub fn effort(&self) -> Result<Option<Effort>, Fault> {
        self.0.meta.row(tables::META_EFFORT)
    }

    /// All sessions, live or ended.
    pub fn all_sessions(&self) -> Result<Vec<Session>, Fault> {
        self.0.sessions.rows((0, NO_HASH)..)
    }

    /// All links, live or dead.
    pub fn all_invites(&self) -> Result<Vec<Invite>, Fault> {
        self.0.invites.rows(NO_HASH..)
    }

    /// The office's settings.
    pub fn settings(&self) -> Result<Settings, Fault> {
        let settings: Settings = self.0.meta.row(tables::META_SETTINGS)?.unwrap_or_default();
        let clock = self.0.meta.row(tables::META_CLOCK)?.unwrap_or_default();
        Ok(Settings { clock, ..settings })
    }

    /// Backups that are made by themselves, where they were set.
    pub fn schedule(&self) -> Result<Option<Schedule>, Fault> {
        self.0.meta.row(tables::META_SCHEDULE)
    }

    /// What came of them.
    pub fn outcomes(&self) -> Result<Outcomes, Fault> {
        Ok(self.0.meta.row(tables::META_OUTCOMES)?.unwrap_or_default())
    }

    /// Whether the store came out of a backup, and was not opened for work since.
    pub fn is_restored(&self) -> Result<bool, Fault> {
        Ok(self.0.meta.get(tables::META_RESTORED, |_| ())?.is_some())
    }

    /// The newest time at which anything was written.
    pub fn newest(&self) -> Result<Option<Date>, Fault> {
        Ok(self.0.meta.number(tables::META_NEWEST)?.map(Date))
    }

    /// Whom a board without a clock of its own asks for the date.
    pub fn time_servers(&self) -> Result<TimeServers, Fault> {
        Ok(self.0.meta.row(tables::META_TIME_SERVERS)?.unwrap_or_default())
    }

    /// How many passkeys the office has in all.
    pub fn passkeys(&self) -> Result<u64, Fault> {
        self.0.passkeys.len()
    }

    /// Lines of the journal with their numbers, newest first: `limit` of those that fit, from before that number on.
    pub fn journal(
        &self,
        before: Option<u64>,
        limit: usize,
        fits: impl Fn(&JournalLine) -> bool,
    ) -> Result<Vec<(u64, JournalLine)>, Fault> {
        let before = before.unwrap_or(u64::MAX);
        self.0.journal.collect_back(..before, limit, |id, bytes| {
            let line = row::parse(bytes, "journal")?;
            Ok(fits(&line).then_some((id, line)))
        })
    }

    /// Lines of the journal after that one, oldest first.
    pub fn journal_after(&self, after: Option<u64>, limit: usize) -> Result<Vec<(u64, JournalLine)>, Fault> {
        self.0.journal.rows_after(after, limit)
    }
}

/// The key under which people are kept in the order of their numbers.
pub(super) fn extension_key(extension: &Extension) -> (u8, &str) {
    let digits = extension.as_str();
    (u8::try_from(digits.len()).unwrap_or(u8::MAX), digits)
}

/// The META key of a one-time password's place.
pub(super) fn one_time_key(slot: Slot) -> &'static str {
    match slot {
        Slot::Flags => tables::META_ONE_TIME_FLAGS,
        Slot::Console => tables::META_ONE_TIME_CONSOLE,
        Slot::Page => tables::META_ONE_TIME_PAGE,
    }
}

/// The META key of a row that a directory has for itself.
pub(super) fn acme_key(kind: &str, directory: &str) -> String {
    [kind, directory].concat()
}
