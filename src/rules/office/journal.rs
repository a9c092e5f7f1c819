//! The journal: every change, as a line that an administrator reads. Never holds a secret.

use std::net::IpAddr;

use crate::rules::certificates::acme::record::Progress;
use crate::rules::change::{Change, LettersChange, OfficeChange, PeopleChange};
use crate::rules::id::AccountId;
use crate::rules::letters::letter::Letter;
use crate::rules::office::tenure::record::Tenure;
use crate::rules::people::one_time::Slot;
use crate::rules::people::session::By;
use crate::rules::phones::change::PhoneChange;
use crate::rules::phones::device::Device;
use crate::rules::time::Date;

/// The event of a link that was made, by an administrator or for whoever asked.
pub const LINK_MADE: &str = "link-made";

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalLine {
    /// When it happened.
    pub at: Date,
    /// Who did it: as [`described`](crate::rules::people::account::Account::described) had them then; empty for the
    /// appliance itself.
    pub who: String,
    /// From which address.
    pub address: Option<IpAddr>,
    /// What happened: a stable code such as `signed-in`.
    pub event: String,
    /// Whom or what it concerns, in words.
    pub about: String,
}

/// Whose doing a turn is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The account signed in, if any.
    pub account: Option<AccountId>,
    /// Where the request came from; `None` for the appliance itself.
    pub address: Option<IpAddr>,
}

impl Actor {
    /// The appliance itself: start-up flags, upkeep.
    pub const APPLIANCE: Self = Self {
        account: None,
        address: None,
    };
}

/// A line to come: what the journal tells of a change. Who did it, and what the account is called, the store knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// A stable code such as `signed-in`.
    pub event: &'static str,
    /// The account that it concerns, if any.
    pub account: Option<AccountId>,
    /// Further words; may be empty.
    pub words: String,
}

impl News {
    fn of(event: &'static str, account: AccountId) -> Self {
        Self::with(event, Some(account), String::new())
    }

    fn with(event: &'static str, account: Option<AccountId>, words: String) -> Self {
        Self { event, account, words }
    }
}

/// What the journal tells of a change; nothing of those that are no news.
pub fn news(change: &Change) -> Option<News> {
    match change {
        Change::Letters(change) => of_letters(change),
        Change::Office(change) => of_office(change),
        Change::People(change) => of_people(change),
        Change::Phones(change) => of_phones(change),
    }
}

fn of_letters(change: &LettersChange) -> Option<News> {
    let about = |event, letter: &Letter, words| Some(News::with(event, Some(letter.about), words));
    match change {
        LettersChange::LetterGivenUp(_, letter) => about("letter-given-up", letter, unsent(letter)),
        LettersChange::LetterSent(_, letter) => about("letter-sent", letter, letter.to.to_string()),
        LettersChange::LetterWithdrawn(_, letter) => about("letter-withdrawn", letter, letter.to.to_string()),
        LettersChange::RelayRemoved => Some(News::with("mail-changed", None, "removed".to_owned())),
        LettersChange::RelaySet(relay, altered) => {
            let words = [relay.server.as_str(), altered.as_str()];
            let told = words.into_iter().filter(|words| !words.is_empty());
            Some(News::with("mail-changed", None, told.collect::<Vec<_>>().join(": ")))
        }
        LettersChange::LanguageLearnt(..)
        | LettersChange::LetterPostponed(..)
        | LettersChange::LetterQueued(_)
        | LettersChange::LetterSwept(_) => None,
    }
}

fn of_office(change: &OfficeChange) -> Option<News> {
    let (event, words) = match change {
        OfficeChange::AcmeFailed(progress) => ("certificate-refused", told(progress)),
        OfficeChange::AcmeIssued(issued) => ("certificate-issued", issued.directory.clone()),
        OfficeChange::AcmeSet(acme) => ("acme-on", acme.directory.clone()),
        OfficeChange::AcmeUnset => ("acme-off", String::new()),
        OfficeChange::AuthorityForgotten => ("authority-forgotten", String::new()),
        OfficeChange::BackupFailed(bad) => ("backup-failed", bad.trouble.to_string()),
        OfficeChange::BackupMade(good, _, true) => ("backup-made", good.file.clone()),
        OfficeChange::BackupTaken => ("backup-taken", String::new()),
        OfficeChange::DateBroughtBack(_, done) => ("date-brought-back", done.to_string()),
        OfficeChange::DateConfirmed(date) => ("date-confirmed", date.iso()),
        OfficeChange::MetricsClosed => ("metrics-off", String::new()),
        OfficeChange::MetricsOpened(_) => ("metrics-on", String::new()),
        OfficeChange::SyslogSet(syslog) => ("syslog-changed", syslog.server.clone()),
        OfficeChange::SyslogUnset => ("syslog-changed", String::new()),
        OfficeChange::TwinMet(address) => ("twin-met", address.map(|at| at.to_string()).unwrap_or_default()),
        OfficeChange::TimeServersChanged(servers) => ("time-servers-changed", servers.to_string()),
        OfficeChange::MoveBegun(moving) => ("move-begun", moving.from.to_string()),
        OfficeChange::MoveEnded(from) => ("move-ended", from.to_string()),
        OfficeChange::OneTimeArmed(slot, row) => ("one-time-armed", format!("{} ({})", row.username, place(*slot))),
        OfficeChange::OneTimeSpent(slot, name) => ("one-time-used", format!("{name} ({})", place(*slot))),
        OfficeChange::Restored(newest) => ("restored", newest.map(Date::iso).unwrap_or_default()),
        OfficeChange::ScheduleRemoved => ("backups-changed", "removed".to_owned()),
        OfficeChange::TenureChanged(Tenure { replaced: Some(by), .. }) => ("board-replaced", by.at.iso()),
        OfficeChange::TenureChanged(Tenure { told: false, since, .. }) => ("board-took-over", since.iso()),
        OfficeChange::ScheduleSet(schedule, _, altered) => {
            let words = if altered.is_empty() {
                &schedule.folder
            } else {
                altered.as_str()
            };
            ("backups-changed", words.to_owned())
        }
        OfficeChange::SettingsChanged(_, altered) => ("settings-changed", altered.as_str().to_owned()),
        OfficeChange::AcmeAccount(_)
        | OfficeChange::AcmeProgressed(_)
        | OfficeChange::AuthorityMade(_)
        | OfficeChange::BackupMade(..)
        | OfficeChange::BucketSet(_)
        | OfficeChange::KeyNoted(_)
        | OfficeChange::LeafIssued(_)
        | OfficeChange::Named(_)
        | OfficeChange::NamesNoted(_)
        | OfficeChange::OneTimesForgotten
        | OfficeChange::StrictTransport(_)
        | OfficeChange::TenureChanged(_)
        | OfficeChange::Tuned(_) => return None,
    };
    Some(News::with(event, None, words))
}

fn of_phones(change: &PhoneChange) -> Option<News> {
    let device = |event, device: &Device| {
        let words = format!("{} ({})", device.label, device.username);
        Some(News::with(event, device.owner(), words))
    };
    let sits = |event, desk: &Device, who| Some(News::with(event, Some(who), desk.label.to_string()));
    let on_line = |event, device: &Device, words| {
        let words = format!("{} ({}) {words}", device.label, device.username);
        Some(News::with(event, device.owner(), words))
    };
    match change {
        PhoneChange::AppCodeUsedAgain(app, from) => on_line("app-code-again", app, format!("from {from}")),
        PhoneChange::AppSetUp(app, from) => on_line("app-set-up", app, format!("from {from}")),
        PhoneChange::DeskLeft(desk, who) => sits("desk-left", desk, *who),
        PhoneChange::DeskTaken(desk, sitting) => sits("desk-taken", desk, sitting.who),
        PhoneChange::DeviceAdded(added) => device("device-added", added),
        PhoneChange::DeviceChanged(changed, altered) if altered.is_empty() => device("device-changed", changed),
        PhoneChange::DeviceChanged(changed, altered) => {
            on_line("device-changed", changed, format!("({})", altered.as_str()))
        }
        PhoneChange::DeviceDeleted(deleted) => device("device-deleted", deleted),
        PhoneChange::Exported(count) => Some(News::with("devices-exported", None, count.to_string())),
        PhoneChange::OwnerChanged(changed) => device("device-owner-changed", changed),
        PhoneChange::SecretRevealed(shown) => device("device-secret-shown", shown),
        PhoneChange::SecretRotated(rotated) => device("device-secret-changed", rotated),
        PhoneChange::StrangersAsked(count, newest) => {
            let words = format!("{count}, the newest from {newest}");
            Some(News::with("phone-files-refused", None, words))
        }
        PhoneChange::WindowOpened(opened) => device("device-window-opened", opened),
        PhoneChange::AddressChanged(moved, from) => on_line("device-moved", moved, format!("from {from}")),
        PhoneChange::Failing(failing, from, why) => on_line("device-failing", failing, format!("from {from}: {why}")),
        PhoneChange::FirstFetched(new, from) => on_line("device-files-fetched", new, format!("from {from}")),
        PhoneChange::FirstRegistered(new, from) => on_line("device-registered", new, format!("from {from}")),
        PhoneChange::BindingsSaved(..)
        | PhoneChange::FilesFetched(_)
        | PhoneChange::ProvisioningChanged(..)
        | PhoneChange::SurroundingsSeen(_) => None,
    }
}

fn of_people(change: &PeopleChange) -> Option<News> {
    let named = |event, account: AccountId, words: String| News::with(event, Some(account), words);
    Some(match change {
        PeopleChange::AccessErased(account) => News::of("access-reset", *account),
        PeopleChange::AccountAdded(account) => News::of("account-added", account.id),
        PeopleChange::AccountChanged(account, altered) => {
            named("account-changed", account.id, altered.as_str().to_owned())
        }
        PeopleChange::AccountDeleted(account) => News::with("account-deleted", None, account.described()),
        PeopleChange::ApiClosed(account) => News::of("api-off", *account),
        PeopleChange::ApiOpened(account, _) => News::of("api-on", *account),
        PeopleChange::InviteIssued(invite) => News::of(LINK_MADE, invite.account),
        PeopleChange::InviteRevoked(account) => News::of("link-revoked", *account),
        PeopleChange::InviteSpent(account) => News::of("link-used", *account),
        PeopleChange::PasskeyAdded(passkey) => named("passkey-added", passkey.account, passkey.name.to_string()),
        PeopleChange::PasskeyCloneSuspected(account, name) => {
            named("passkey-possible-clone", *account, name.to_string())
        }
        PeopleChange::PasskeyDeleted(passkey) => named("passkey-deleted", passkey.account, passkey.name.to_string()),
        PeopleChange::PasskeyRenamed(before, name) => {
            named("passkey-renamed", before.account, format!("{} → {name}", before.name))
        }
        PeopleChange::PasswordGuessed(account, from) => named("password-guessed", *account, format!("from {from}")),
        PeopleChange::PasswordRemoved(account) => News::of("password-removed", *account),
        PeopleChange::PasswordSet(account, _) => News::of("password-set", *account),
        PeopleChange::RangesChanged(account, _, altered) => {
            named("ranges-changed", *account, altered.as_str().to_owned())
        }
        PeopleChange::SessionDeleted(account, _) => News::of("session-ended", *account),
        PeopleChange::SessionOpened(session) => named("signed-in", session.account, by(session.by).to_owned()),
        PeopleChange::InviteExpired(_)
        | PeopleChange::PasskeyUsed { .. }
        | PeopleChange::PasswordRehashed(..)
        | PeopleChange::SessionExpired(..)
        | PeopleChange::SessionProved(..)
        | PeopleChange::Used(_) => return None,
    })
}

fn told(progress: &Progress) -> String {
    let said = progress.trouble.as_ref().map(|trouble| trouble.said.as_str());
    format!("{} ({})", progress.directory, said.unwrap_or_default())
}

fn unsent(letter: &Letter) -> String {
    let said = letter.said.as_deref().unwrap_or_default();
    format!("{} ({said})", letter.to)
}

fn place(slot: Slot) -> &'static str {
    match slot {
        Slot::Flags => "start-up flags",
        Slot::Console => "console",
        Slot::Page => "page",
    }
}

fn by(by: By) -> &'static str {
    match by {
        By::Passkey => "passkey",
        By::Password => "password",
        By::Link => "link",
        By::OneTime => "one-time password",
    }
}
