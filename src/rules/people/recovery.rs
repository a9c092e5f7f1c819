//! Somebody cannot sign in and asks for a link by letter.

use crate::rules::change::Change;
use crate::rules::letters::letter::Content;
use crate::rules::letters::writer::LetterWriter;
use crate::rules::moment::Moment;
use crate::rules::office::settings::Settings;
use crate::rules::people::account::Account;
use crate::rules::people::invite::{self, Invite};
use crate::rules::refusal::Refusal;
use crate::rules::secret::{ShortCode, TokenHash};
use crate::rules::time::{Date, Ttl};

/// A link that is on its way, with the code for the browser that asked.
pub struct Sent {
    /// Finds the link.
    pub link: TokenHash,
    /// Signs in the browser that asked, in the link's stead.
    pub code: ShortCode,
    /// Until when the code works; the link works at least as long.
    pub until: Date,
}

/// Writes the letter. Refused, if the account has no address. `code_works`: some browser waits for the code. Anybody
/// may ask for anybody, so what they ask for ends no sooner than the link that it replaces (`replaced`): a new person
/// who finds their invitation spent by a stranger's question has as long as ever.
pub fn send(
    account: &Account,
    replaced: Option<&Invite>,
    settings: &Settings,
    writer: &LetterWriter<'_>,
    code_works: bool,
    moment: &mut Moment,
) -> Result<(Sent, Vec<Change>), Refusal> {
    let length = settings.reset_length();
    let left = replaced.map_or(Ttl(0), |older| older.until - moment.now);
    let (token, link, issued) = invite::issue(account.id, length.max(left), moment)?;
    let code = ShortCode::fresh(&mut moment.fresh);
    let content = Content::Reset {
        name: account.name.to_string(),
        token: token.reveal(),
        until: link.until,
        code: code_works.then(|| code.reveal()),
    };
    let letter = writer.write(account, &content, moment).ok_or(Refusal::NotFound)?;
    let sent = Sent {
        link: link.hash,
        code,
        until: moment.until(length)?,
    };
    Ok((sent, vec![issued, letter]))
}
