//! Everything that can ever be written, by family.

use std::net::IpAddr;

use ipnet::IpNet;

use super::certificates::acme::record::{Account as AcmeAccount, Acme, Issued, Progress};
use super::certificates::kept::KeptPair;
use super::id::{AccountId, AdminName, DisplayName, HostName};
use super::letters::language::record::Language;
use super::letters::letter::Letter;
use super::letters::relay::record::Relay;
use super::office::consequences::Consequences;
use super::office::difference::Difference;
use super::office::metrics::record::Metrics;
use super::office::named::{EarlierNames, Moving, Named};
use super::office::schedule::bucket::Bucket;
use super::office::schedule::record::{Bad, Good, Schedule};
use super::office::settings::record::Settings;
use super::office::syslog::record::Syslog;
use super::office::tenure::record::Tenure;
use super::office::time_servers::TimeServers;
use super::people::access::record::Api;
use super::people::account::{Account, Effort, PasswordHash};
use super::people::invite::record::Invite;
use super::people::one_time::record::{OneTime, Slot};
use super::people::passkey::record::{CredentialId, Passkey};
use super::people::session::record::{By, Session, Use, Used};
use super::phones::change::PhoneChange;
use super::secret::{Mark, TokenHash};
use super::time::Date;

/// A fact that is to be written. Past tense: these are facts, and what the journal tells of. Made by the rules alone.
#[derive(Clone, Debug)]
pub enum Change {
    /// Letters and the mail server.
    Letters(LettersChange),
    /// The office as a whole.
    Office(OfficeChange),
    /// Accounts and their ways in.
    People(PeopleChange),
    /// Desk phones, apps and shared desks.
    Phones(PhoneChange),
}

impl Change {
    /// Whether it ends a link before its time.
    pub fn ends_link(&self) -> bool {
        matches!(self, Self::People(PeopleChange::InviteRevoked(_)))
    }

    /// Whether it is a link that was made.
    pub fn is_link(&self) -> bool {
        matches!(self, Self::People(PeopleChange::InviteIssued(_)))
    }
}

/// What happened to letters and the mail server.
#[derive(Clone, Debug)]
pub enum LettersChange {
    /// The account's browser asked for this language; its letters are in it from now on.
    LanguageLearnt(AccountId, Language),
    /// A letter was given up; whom it was for, and what was said last.
    LetterGivenUp(u64, Letter),
    /// A letter waits for another try.
    LetterPostponed(u64, Letter),
    /// A letter waits to be sent.
    LetterQueued(Letter),
    /// The office's mail server took a letter.
    LetterSent(u64, Letter),
    /// A letter that was given up long ago was swept away.
    LetterSwept(u64),
    /// An administrator took a letter out of the outbox.
    LetterWithdrawn(u64, Letter),
    /// Letters are not sent any more; those that wait are kept.
    RelayRemoved,
    /// Letters go through this mail server; what that altered of the one before, if there was one.
    RelaySet(Relay, Difference),
}

/// What happened to the office as a whole.
#[derive(Clone, Debug)]
pub enum OfficeChange {
    /// This is the account at a directory from now on.
    AcmeAccount(AcmeAccount),
    /// An order for a certificate failed: how things stand at its directory.
    AcmeFailed(Progress),
    /// A directory issued this certificate; an older one of it is forgotten.
    AcmeIssued(Issued),
    /// So do things stand at a directory.
    AcmeProgressed(Progress),
    /// Certificates come by ACME, in this way.
    AcmeSet(Acme),
    /// Certificates come by ACME no more.
    AcmeUnset,
    /// The office has this CA; an older one is forgotten.
    AuthorityMade(KeptPair),
    /// The office CA and its leaf go; the next start makes another.
    AuthorityForgotten,
    /// No backup was made by itself.
    BackupFailed(Bad),
    /// One was made and opens; where the file system of its folder is mounted, if that is not the system's own; whether
    /// the journal tells of it.
    BackupMade(Good, Option<String>, bool),
    /// Backups go into this bucket, or into none.
    BucketSet(Option<Bucket>),
    /// An administrator took a backup. Nothing but a line in the journal.
    BackupTaken,
    /// The newest date is this, which lies before the one that was; what else that did.
    DateBroughtBack(Date, Consequences),
    /// An administrator said that this is the date. Nothing but a line in the journal.
    DateConfirmed(Date),
    /// The store belongs to the key with this check value.
    KeyNoted(Mark),
    /// The office CA issued this leaf; an older one is forgotten.
    LeafIssued(KeptPair),
    /// Numbers are given out to nobody any more.
    MetricsClosed,
    /// Numbers are given out to whoever has this token.
    MetricsOpened(Metrics),
    /// People move over from that name to the one that was saved with this.
    MoveBegun(Moving),
    /// The move from that name is over.
    MoveEnded(HostName),
    /// Passkeys were made under these names before.
    NamesNoted(EarlierNames),
    /// The appliance is served under this name from now on.
    Named(Named),
    /// A one-time password waits at the door.
    OneTimeArmed(Slot, OneTime),
    /// It signed somebody in.
    OneTimeSpent(Slot, AdminName),
    /// No one-time password waits any more.
    OneTimesForgotten,
    /// The store came out of a backup: sessions, links, one-time passwords and waiting letters of then are gone. The
    /// newest time that it knew.
    Restored(Option<Date>),
    /// No more backups are made by themselves.
    ScheduleRemoved,
    /// Backups are made by themselves; where the file system of the folder is mounted, if that is not the system's own.
    /// What that altered.
    ScheduleSet(Schedule, Option<String>, Difference),
    /// The office's settings are now these; what that altered.
    SettingsChanged(Settings, Difference),
    /// So it stands between this board and those that took over.
    TenureChanged(Tenure),
    /// Whether browsers are told to come by HTTPS alone.
    StrictTransport(bool),
    /// The journal's lines go to this log server.
    SyslogSet(Syslog),
    /// They go to none any more.
    SyslogUnset,
    /// Time servers that are asked on boards without a clock of their own.
    TimeServersChanged(TimeServers),
    /// Another running board has a copy of this store and its key; where, if it said so. Nothing but a line in the
    /// journal.
    TwinMet(Option<IpAddr>),
    /// What takes this board the time that a password check should take.
    Tuned(Effort),
}

/// What happened to accounts and their ways in.
#[derive(Clone, Debug)]
pub enum PeopleChange {
    /// `--factory-reset=access`: the administrator has no passkey, password, session, link or limit any more.
    AccessErased(AccountId),
    /// A person or an administrator came to the office.
    AccountAdded(Account),
    /// Name, extension or e-mail address are now these; what that altered.
    AccountChanged(Account, Difference),
    /// The account went, and with it its passkeys, sessions and invites.
    AccountDeleted(Account),
    /// The administrator's API access was turned off.
    ApiClosed(AccountId),
    /// Programs may act for the administrator with this secret.
    ApiOpened(AccountId, Api),
    /// The link of that account was too old, and was swept away.
    InviteExpired(AccountId),
    /// A link was made; it ends any older one of that account.
    InviteIssued(Invite),
    /// An administrator ended the link of that account.
    InviteRevoked(AccountId),
    /// The link of that account signed somebody in.
    InviteSpent(AccountId),
    /// A passkey was registered.
    PasskeyAdded(Passkey),
    /// A passkey's counter went back: somebody may have a copy of it (WebAuthn L3 §6.1.1). Nothing but a line in the
    /// journal.
    PasskeyCloneSuspected(AccountId, DisplayName),
    /// A passkey went.
    PasskeyDeleted(Passkey),
    /// Its owner calls it something else; the passkey as it was.
    PasskeyRenamed(Passkey, DisplayName),
    /// A passkey signed somebody in or proved them again.
    PasskeyUsed {
        /// Which one.
        credential: CredentialId,
        /// Its signature counter now (WebAuthn L3 §6.1.1).
        sign_count: u32,
        /// Whether it is backed up now (§6.1.3).
        backed_up: bool,
        /// When and from where.
        seen: Use,
    },
    /// So many strangers' attempts at the account's password failed that the next has to wait as long as it ever has
    /// to; from where the last one came. Nothing but a line in the journal.
    PasswordGuessed(AccountId, IpAddr),
    /// The same password, hashed as hard as this board checks now.
    PasswordRehashed(AccountId, PasswordHash),
    /// The account has no password any more.
    PasswordRemoved(AccountId),
    /// The account has this password now.
    PasswordSet(AccountId, PasswordHash),
    /// The administrator may be used from these ranges alone; empty: from everywhere. What that altered.
    RangesChanged(AccountId, Vec<IpNet>, Difference),
    /// A session ended before its time.
    SessionDeleted(AccountId, TokenHash),
    /// A session's time had come, and it was swept away.
    SessionExpired(AccountId, TokenHash),
    /// A browser was signed in.
    SessionOpened(Session),
    /// The one in front of it proved again who they are, in that way.
    SessionProved(TokenHash, Date, By),
    /// Where and when sessions and API access were last used, gathered over some minutes.
    Used(Vec<(Used, Use)>),
}

impl From<LettersChange> for Change {
    fn from(change: LettersChange) -> Self {
        Self::Letters(change)
    }
}

impl From<OfficeChange> for Change {
    fn from(change: OfficeChange) -> Self {
        Self::Office(change)
    }
}

impl From<PhoneChange> for Change {
    fn from(change: PhoneChange) -> Self {
        Self::Phones(change)
    }
}

impl From<PeopleChange> for Change {
    fn from(change: PeopleChange) -> Self {
        Self::People(change)
    }
}
