//! Passwords that strangers guess at: whom an attempt is counted for, and who is told.

use std::net::IpAddr;

use crate::desk::throttle::{Admitted, Closed};
use crate::office::failure::Failure;
use crate::office::{Office, Shared, log};
use crate::rules::id::{AccountId, Username};
use crate::rules::letters::letter::Content;
use crate::rules::neighbour::Neighbour;
use crate::rules::office::journal::Actor;
use crate::rules::people::account::Account;
use crate::rules::people::password;
use crate::rules::people::session::Used;
use crate::rules::verdict::Verdict;
use crate::store::Fault;

/// Lets an attempt at a name through, or says when to come back; counted for whoever makes it. Who is at home is looked
/// up only where strangers have closed the name, or somebody at the same address that address, and then for names of
/// nobody too, so that the time it takes tells nothing.
pub fn admit(
    office: &Office,
    known: Option<&Account>,
    name: &Username,
    address: IpAddr,
    from: Neighbour,
) -> Result<Admitted, Failure> {
    let now = office.stopwatch();
    let admitted = office.desk.throttle().admit(name, from, false, now);
    let admitted = match admitted {
        Err(closed @ (Closed::ToStrangers(_) | Closed::ToTheirs(_))) => {
            let looked_for = known.map_or(AccountId::FIRST, |account| account.id);
            let at_home = is_at_home(office, looked_for, from)? && known.is_some();
            let mut throttle = office.desk.throttle();
            if !at_home && matches!(closed, Closed::ToStrangers(_)) {
                throttle.turned_away(from, now);
            }
            throttle.admit(name, from, at_home, now)
        }
        admitted => admitted,
    };
    Ok(admitted.map_err(|closed| office.refused(address, known, closed.into()))?)
}

/// Whether the account has a live session there, or a passkey that was last used there.
fn is_at_home(office: &Office, account: AccountId, at: Neighbour) -> Result<bool, Fault> {
    let (sessions, passkeys) = office
        .store
        .read(|facts| Ok((facts.sessions_of(account)?, facts.passkeys_of(account)?)))?;
    let (now, uses) = (office.now(), office.desk.uses());
    let live = sessions.iter().filter(|session| now < session.until);
    let here = live.map(|session| uses.newest(Used::Session(session.hash)).unwrap_or(&session.last_used));
    let by_passkey = passkeys.iter().filter_map(|passkey| passkey.last_used.as_ref());
    Ok(here.chain(by_passkey).any(|seen| at.may_be_at(seen.address)))
}

/// Tells administrators by letter, and in the journal, that an account's password is being guessed. A stranger is the
/// cause, so there are few; and whoever guesses is not made to wait for it, because that would tell that there is such
/// an account.
pub fn raise_alarm(office: Shared, account: &Account, address: IpAddr) {
    let (id, username) = (account.id, account.username().to_owned());
    smol::unblock(move || {
        if let Err(fault) = write_alarm(office, id, username, address) {
            log::error(&fault.to_string());
        }
    })
    .detach();
}

fn write_alarm(office: Shared, account: AccountId, username: String, address: IpAddr) -> Result<(), Fault> {
    if !office.desk.alarms().raise(account, office.stopwatch()) {
        return Ok(());
    }
    let (store, moment) = (office.store.clone(), office.moment());
    let alarm = store.turn_from_pool(Actor::APPLIANCE, moment, move |facts, moment| {
        let writer = office.letter_writer(facts)?;
        let letters = facts.administrators()?.into_iter().filter_map(|administrator| {
            let content = Content::LockedOut {
                name: administrator.name.to_string(),
                username: username.clone(),
                at: moment.now,
                address,
            };
            writer.as_ref()?.write(&administrator, &content, moment)
        });
        Ok(Verdict::yes((), password::guessed(account, address, letters)))
    });
    alarm.map(drop)
}
