//! Somebody cannot sign in and asks for a link by letter.

use super::account::Account;
use super::invite;
use super::letter::{Content, Scribe};
use super::settings::Settings;
use crate::rules::moment::{Moment, UnixTime};
use crate::rules::secret::{ShortCode, TokenHash};
use crate::rules::verdict::Change;

/// A link that is on its way, with the code for the browser that asked.
pub struct Sent {
    /// Finds the link.
    pub link: TokenHash,
    /// Signs in the browser that asked, in the link's stead.
    pub code: ShortCode,
    /// Until when both work.
    pub until: UnixTime,
}

/// Writes the letter. Nothing, if the account has no address. `code_works`: some browser waits for the code.
pub fn send(
    account: &Account,
    settings: &Settings,
    scribe: &Scribe<'_>,
    code_works: bool,
    moment: &mut Moment,
) -> Option<(Sent, Vec<Change>)> {
    let (token, link, issued) = invite::issue(account.id, settings.reset_length(), moment);
    let code = ShortCode::fresh(&mut moment.fresh);
    let content = Content::Reset {
        name: account.name.to_string(),
        token: token.reveal(),
        until: link.until,
        code: code_works.then(|| code.reveal()),
    };
    let letter = scribe.write(account, &content, moment)?;
    let sent = Sent {
        link: link.hash,
        code,
        until: link.until,
    };
    Some((sent, vec![issued, letter]))
}
