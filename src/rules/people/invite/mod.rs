//! One-time links: made by an administrator, spent by the press of a button.

pub mod record;

use crate::rules::change::{Change, PeopleChange};
use crate::rules::id::AccountId;
use crate::rules::moment::Moment;
use crate::rules::refusal::Refusal;
use crate::rules::secret::Token;
use crate::rules::time::{Date, Ttl};
pub use record::*;

/// Makes a link for an account that works for `length`. It ends any older one.
pub fn issue(account: AccountId, length: Ttl, moment: &mut Moment) -> Result<(Token, Invite, Change), Refusal> {
    let token = Token::fresh(&mut moment.fresh);
    let invite = Invite {
        hash: token.hash(),
        account,
        until: moment.until(length)?,
    };
    Ok((
        token,
        invite.clone(),
        Change::People(PeopleChange::InviteIssued(invite)),
    ))
}

/// Ends an account's link before its time.
pub fn revoke(invite: Option<Invite>) -> Result<((), Vec<Change>), Refusal> {
    let invite = invite.ok_or(Refusal::NotFound)?;
    Ok(((), vec![Change::People(PeopleChange::InviteRevoked(invite.account))]))
}

/// Whether a link still works. Used, replaced, unknown and too old are one and the same answer.
pub fn usable(invite: Option<Invite>, now: Date) -> Result<Invite, Refusal> {
    invite.filter(|invite| now < invite.until).ok_or(Refusal::LinkSpent)
}
