//! The journal: every change, as a line that an administrator reads. Never holds a secret.

use std::net::IpAddr;

use super::id::AccountId;
use super::people::letter::Letter;
use super::people::one_time::Slot;
use super::people::sign_in::By;
use super::time::Date;
use super::verdict::Change;
use ipnet::IpNet;

/// The event of a link that was made, by an administrator or for whoever asked.
pub const LINK_MADE: &str = "link-made";

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When it happened.
    pub at: Date,
    /// Who did it: their username then; empty for the appliance itself.
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

/// What a change reads like: its event, the account it concerns (named by the store), and further words. `None` for
/// changes that are no news.
pub fn news(change: &Change) -> Option<(&'static str, Option<AccountId>, String)> {
    let nothing = String::new;
    Some(match change {
        Change::AccessErased(account) => ("access-reset", Some(*account), nothing()),
        Change::AccountAdded(account) => ("account-added", Some(account.id), account.name.to_string()),
        Change::AccountChanged(account) => ("account-changed", Some(account.id), account.name.to_string()),
        Change::AccountDeleted(account) => (
            "account-deleted",
            None,
            format!("{} ({})", account.username(), account.name),
        ),
        Change::ApiClosed(account) => ("api-off", Some(*account), nothing()),
        Change::ApiOpened(account, _) => ("api-on", Some(*account), nothing()),
        Change::InviteIssued(invite) => (LINK_MADE, Some(invite.account), nothing()),
        Change::InviteRevoked(account) => ("link-revoked", Some(*account), nothing()),
        Change::InviteSpent(account) => ("link-used", Some(*account), nothing()),
        Change::LetterGivenUp(_, letter) => ("letter-given-up", Some(letter.about), unsent(letter)),
        Change::LetterSent(_, letter) => ("letter-sent", Some(letter.about), letter.to.to_string()),
        Change::LetterWithdrawn(_, letter) => ("letter-withdrawn", Some(letter.about), letter.to.to_string()),
        Change::OneTimeArmed(slot, row) => ("one-time-armed", None, format!("{} ({})", row.username, place(*slot))),
        Change::OneTimeSpent(slot, name) => ("one-time-used", None, format!("{name} ({})", place(*slot))),
        Change::PasskeyAdded(passkey) => ("passkey-added", Some(passkey.account), passkey.name.to_string()),
        Change::PasskeyCloneSuspected(account, name) => ("passkey-possible-clone", Some(*account), name.to_string()),
        Change::PasskeyDeleted(account, _) => ("passkey-deleted", Some(*account), nothing()),
        Change::PasskeyRenamed(_, name) => ("passkey-renamed", None, name.to_string()),
        Change::PasswordGuessed(account, from) => ("password-guessed", Some(*account), format!("from {from}")),
        Change::PasswordRemoved(account) => ("password-removed", Some(*account), nothing()),
        Change::PasswordSet(account, _) => ("password-set", Some(*account), nothing()),
        Change::RangesChanged(account, ranges) => ("ranges-changed", Some(*account), listed(ranges)),
        Change::RelayRemoved => ("mail-changed", None, nothing()),
        Change::RelaySet(relay) => ("mail-changed", None, relay.server.clone()),
        Change::SessionDeleted(account, _) => ("session-ended", Some(*account), nothing()),
        Change::SessionOpened(session) => ("signed-in", Some(session.account), by(session.by).to_owned()),
        Change::SettingsChanged(_) => ("settings-changed", None, nothing()),
        Change::InviteExpired(_)
        | Change::LanguageLearnt(..)
        | Change::LetterPostponed(..)
        | Change::LetterQueued(_)
        | Change::LetterSwept(_)
        | Change::Named(_)
        | Change::OneTimesForgotten
        | Change::PasskeyUsed { .. }
        | Change::PasswordRehashed(..)
        | Change::SessionExpired(..)
        | Change::SessionProved(..)
        | Change::Tuned(_)
        | Change::Used(_) => return None,
    })
}

fn listed(ranges: &[IpNet]) -> String {
    let texts: Vec<String> = ranges.iter().map(IpNet::to_string).collect();
    if texts.is_empty() {
        "everywhere".to_owned()
    } else {
        texts.join(", ")
    }
}

fn unsent(letter: &Letter) -> String {
    let said = letter.said.as_deref().unwrap_or_default();
    format!("{} ({said})", letter.to)
}

fn place(slot: Slot) -> &'static str {
    match slot {
        Slot::Flags => "start-up flags",
        Slot::Console => "console",
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
