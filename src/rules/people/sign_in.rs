//! Signing in: every way to come by a [`Proof`], and nothing else.

use crate::rules::change::{Change, OfficeChange, PeopleChange};
use crate::rules::id::{AccountId, CredentialId, DisplayName};
use crate::rules::moment::Moment;
use crate::rules::people::account::{Account, AccountKind, PasswordHash};
use crate::rules::people::invite::{self, Invite};
use crate::rules::people::one_time::{OneTime, Slot};
use crate::rules::people::passkey::record::Passkey;
use crate::rules::people::session::record::{By, Use};
use crate::rules::refusal::Refusal;
use crate::rules::time::Date;
use crate::rules::webauthn::assertion::PasskeyUse;

/// Somebody proved who they are. Made by this module alone; the only thing that opens a session.
pub struct Proof {
    account: AccountId,
    by: By,
    passkey: Option<CredentialId>,
}

impl Proof {
    /// Who.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// By which passkey, if by one.
    pub fn passkey(&self) -> Option<&CredentialId> {
        self.passkey.as_ref()
    }

    /// How.
    pub fn by(&self) -> By {
        self.by
    }

    /// Where the browser goes next: whoever came in by something that works only once, or has no passkey of today's
    /// name, is offered to make one first.
    pub fn next_page(&self, has_passkey: bool) -> &'static str {
        match self.by {
            By::Passkey | By::Password if has_passkey => "/home",
            By::Passkey | By::Password | By::Link | By::OneTime => "/welcome",
        }
    }
}

/// A passkey's assertion was verified (`webauthn::assertion::verify`) against the record `passkey`; `current` is the
/// record as it is now, under the writer. A counter that somebody else moved in between, or a passkey deleted in
/// between, refuses.
pub fn by_passkey(
    passkey: &Passkey,
    current: Option<Passkey>,
    checked: &PasskeyUse,
    seen: Use,
) -> Result<(Proof, Change), Refusal> {
    let current = current.ok_or(Refusal::UnknownPasskey)?;
    if current.account != passkey.account || current.sign_count != passkey.sign_count {
        return Err(Refusal::NotSignedIn);
    }
    let used = Change::People(PeopleChange::PasskeyUsed {
        credential: current.credential.clone(),
        sign_count: checked.sign_count,
        backed_up: checked.backed_up,
        seen,
    });
    Ok((
        Proof {
            account: current.account,
            by: By::Passkey,
            passkey: Some(current.credential),
        },
        used,
    ))
}

/// The account's password was checked (slowly, outside): `matched` says with which outcome, for the account as it was
/// then. `current` is the account as it is now, `hardened` the same password in a hash that takes its place.
pub fn by_password(
    matched: Option<&Account>,
    current: Option<&Account>,
    hardened: Option<PasswordHash>,
) -> Result<(Proof, Vec<Change>), Refusal> {
    match (matched, current) {
        (Some(then), Some(now)) if then.id == now.id && then.password == now.password && now.password.is_some() => {
            let proof = Proof {
                account: now.id,
                by: By::Password,
                passkey: None,
            };
            let hardened = hardened.map(|hash| Change::People(PeopleChange::PasswordRehashed(now.id, hash)));
            Ok((proof, hardened.into_iter().collect()))
        }
        _ => Err(Refusal::NotSignedIn),
    }
}

/// Somebody pressed the button on a link's page.
pub fn by_link(invite: Option<Invite>, now: Date) -> Result<(Proof, Change), Refusal> {
    let invite = invite::usable(invite, now)?;
    Ok((
        Proof {
            account: invite.account,
            by: By::Link,
            passkey: None,
        },
        Change::People(PeopleChange::InviteSpent(invite.account)),
    ))
}

/// A waiting one-time password was typed. The administrator of that name is made if there is none yet; `next_id` is the
/// number that a new account gets.
pub fn by_one_time(
    slot: Slot,
    waiting: &OneTime,
    account: Option<&Account>,
    next_id: AccountId,
    moment: &mut Moment,
) -> (Proof, Vec<Change>) {
    let mut changes = vec![Change::Office(OfficeChange::OneTimeSpent(
        slot,
        waiting.username.clone(),
    ))];
    let id = account.map_or(next_id, |account| account.id);
    if account.is_none() {
        let name = DisplayName::from_guess(waiting.username.as_str(), "Administrator");
        let kind = AccountKind::Administrator(waiting.username.clone());
        changes.push(Change::People(PeopleChange::AccountAdded(Account::new(
            next_id, kind, name, None, moment,
        ))));
    }
    (
        Proof {
            account: id,
            by: By::OneTime,
            passkey: None,
        },
        changes,
    )
}
