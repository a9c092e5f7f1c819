//! What is over is swept away, once a day, so that the store does not grow with the years.

use crate::rules::change::{Change, LettersChange, PeopleChange};
use crate::rules::letters::letter::Letter;
use crate::rules::people::invite::Invite;
use crate::rules::people::session::Session;
use crate::rules::time::{Date, Ttl};

/// A letter that was given up is shown for so long.
const SHOWN: Ttl = Ttl::days(30);

/// The changes that sweep ended sessions, dead links and old given-up letters away.
pub fn sweep(sessions: &[Session], invites: &[Invite], letters: &[(u64, Letter)], now: Date) -> Vec<Change> {
    let ended = sessions.iter().filter(|session| session.until <= now);
    let dead = invites.iter().filter(|invite| invite.until <= now);
    let old = letters
        .iter()
        .filter(|(_, letter)| letter.given_up && now - letter.queued > SHOWN);
    let ended = ended.map(|session| Change::People(PeopleChange::SessionExpired(session.account, session.hash)));
    let dead = dead.map(|invite| Change::People(PeopleChange::InviteExpired(invite.account)));
    let old = old.map(|(id, _)| Change::Letters(LettersChange::LetterSwept(*id)));
    ended.chain(dead).chain(old).collect()
}
