//! One-time links: made by an administrator, spent by the press of a button.

use crate::rules::id::AccountId;
use crate::rules::moment::Moment;
use crate::rules::secret::{Token, TokenHash};
use crate::rules::time::{Date, Ttl};
use crate::rules::verdict::{Change, Refusal};

/// A link that signs its account in once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    /// Finds the row; the token itself is only in the link.
    pub hash: TokenHash,
    /// Whom it signs in.
    pub account: AccountId,
    /// When it stops working.
    pub until: Date,
}

/// Makes a link for an account that works for `length`. It ends any older one.
pub fn issue(account: AccountId, length: Ttl, moment: &mut Moment) -> Result<(Token, Invite, Change), Refusal> {
    let token = Token::fresh(&mut moment.fresh);
    let invite = Invite {
        hash: token.hash(),
        account,
        until: moment.until(length)?,
    };
    Ok((token, invite.clone(), Change::InviteIssued(invite)))
}

/// Ends an account's link before its time.
pub fn revoke(invite: Option<Invite>) -> Result<((), Vec<Change>), Refusal> {
    let invite = invite.ok_or(Refusal::NotFound)?;
    Ok(((), vec![Change::InviteRevoked(invite.account)]))
}

/// Whether a link still works. Used, replaced, unknown and too old are one and the same answer.
pub fn usable(invite: Option<Invite>, now: Date) -> Result<Invite, Refusal> {
    invite.filter(|invite| now < invite.until).ok_or(Refusal::LinkSpent)
}
