//! The language between the rules and the world: what was decided, and what is to be written.

use std::net::IpAddr;

use ipnet::IpNet;

use super::id::{AccountId, AdminName, DisplayName};
use super::letters::language::Language;
use super::letters::letter::Letter;
use super::letters::relay::Relay;
use super::office::settings::Settings;
use super::people::access::Api;
use super::people::account::{Account, Effort, PasswordHash};
use super::people::invite::Invite;
use super::people::one_time::{OneTime, Slot};
use super::people::passkey::{CredentialId, Passkey};
use super::people::session::{Session, Use, Used};
use super::people::ways_in::Named;
use super::secret::TokenHash;
use super::time::Date;
use super::webauthn::{assertion, registration};

/// What a rule decided. The changes are applied in one transaction, all or none.
#[must_use]
pub struct Verdict<T> {
    /// What the caller is told.
    pub answer: Result<T, Refusal>,
    /// What is written first.
    pub changes: Vec<Change>,
}

impl<T> Verdict<T> {
    /// Yes, after these changes.
    pub fn yes(answer: T, changes: Vec<Change>) -> Self {
        Self {
            answer: Ok(answer),
            changes,
        }
    }

    /// No, and nothing is written.
    pub fn no(refusal: Refusal) -> Self {
        Self {
            answer: Err(refusal),
            changes: Vec::new(),
        }
    }
}

impl<T> From<Result<(T, Vec<Change>), Refusal>> for Verdict<T> {
    fn from(decided: Result<(T, Vec<Change>), Refusal>) -> Self {
        decided.map_or_else(Self::no, |(answer, changes)| Self::yes(answer, changes))
    }
}

/// Everything that can ever be written. Past tense: these are facts, and they are the journal.
#[derive(Clone, Debug)]
pub enum Change {
    /// `--factory-reset=access`: the administrator has no passkey, password, session, link or limit any more.
    AccessErased(AccountId),
    /// A person or an administrator came to the office.
    AccountAdded(Account),
    /// Name, extension or e-mail address are now these.
    AccountChanged(Account),
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
    /// The appliance is served under this name from now on.
    Named(Named),
    /// A one-time password waits at the door.
    OneTimeArmed(Slot, OneTime),
    /// It signed somebody in.
    OneTimeSpent(Slot, AdminName),
    /// No one-time password waits any more.
    OneTimesForgotten,
    /// A passkey was registered.
    PasskeyAdded(Passkey),
    /// A passkey's counter went back: somebody may have a copy of it (WebAuthn L3 §6.1.1). Nothing but a line in the journal.
    PasskeyCloneSuspected(AccountId, DisplayName),
    /// A passkey went.
    PasskeyDeleted(AccountId, CredentialId),
    /// Its owner calls it something else.
    PasskeyRenamed(CredentialId, DisplayName),
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
    /// So many strangers' attempts at the account's password failed that the next has to wait as long as it ever has to;
    /// from where the last one came. Nothing but a line in the journal.
    PasswordGuessed(AccountId, IpAddr),
    /// The account has no password any more.
    PasswordRemoved(AccountId),
    /// The same password, hashed as hard as this board checks now.
    PasswordRehashed(AccountId, PasswordHash),
    /// The account has this password now.
    PasswordSet(AccountId, PasswordHash),
    /// The administrator may be used from these ranges alone; empty: from everywhere.
    RangesChanged(AccountId, Vec<IpNet>),
    /// Letters are not sent any more; those that wait are kept.
    RelayRemoved,
    /// Letters go through this mail server.
    RelaySet(Relay),
    /// A session ended before its time.
    SessionDeleted(AccountId, TokenHash),
    /// A session's time had come, and it was swept away.
    SessionExpired(AccountId, TokenHash),
    /// A browser was signed in.
    SessionOpened(Session),
    /// The one in front of it proved again who they are.
    SessionProved(TokenHash, Date),
    /// The office's settings are now these.
    SettingsChanged(Settings),
    /// What takes this board the time that a password check should take.
    Tuned(Effort),
    /// Where and when sessions and API access were last used, gathered over some minutes.
    Used(Vec<(Used, Use)>),
}

/// The caller is told no. An answer, not an incident. The sentences for people are in `http::reply`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The assertion failed at that step of WebAuthn L3 §7.2.
    Assertion(assertion::Step),
    /// Too many are asking at once; the desk has room again by then.
    Busy {
        /// When to come back.
        until: Date,
    },
    /// A field of the message does not hold; which one, and the sentence that says so.
    Field(&'static str, &'static str),
    /// The last way in cannot be closed.
    LastWayIn,
    /// The link was used, is too old, was replaced by a newer one or never existed.
    LinkSpent,
    /// The clock is known to be wrong, and this would be issued by it.
    NoDate,
    /// This is not for this account.
    NotAllowed,
    /// There is no such thing (or not for this account).
    NotFound,
    /// The name, password or passkey did not sign anybody in.
    NotSignedIn,
    /// The administrator proved who they are, but not from one of their ranges. They are told no more than
    /// [`Self::NotSignedIn`] says; the journal has the reason.
    OutsideRanges(AccountId),
    /// The list of ranges would shut out whoever saves it.
    ShutsYouOut,
    /// The last proof is too old for this change.
    ProveAgain,
    /// The registration failed at that step of WebAuthn L3 §7.1.
    Registration(registration::Step),
    /// Nobody is signed in.
    SignedOut,
    /// Another account has this already; which field.
    Taken(&'static str),
    /// A test letter is under way, or there were many; the next is sent then.
    TestLetters {
        /// When to come back.
        until: Date,
    },
    /// The ticket was used, is too old or never existed.
    TicketSpent,
    /// There are as many as the appliance keeps; of what.
    TooMany(&'static str),
    /// The passkey is not known here (any more).
    UnknownPasskey,
    /// The short code is not the one in the letter, or is worth nothing here (any more).
    WrongCode,
    /// Too many failed attempts; the next is looked at then.
    Wait {
        /// When to come back.
        until: Date,
    },
}
