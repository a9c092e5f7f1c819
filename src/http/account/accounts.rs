//! Accounts, people's and administrators': added, changed, deleted, and what all of them have.

use ipnet::IpNet;
use serde::Serialize;

use super::links::{self, LinkJson};
use super::passkeys::PasskeyJson;
use super::sessions::{self, SessionJson};
use super::tag;
use super::turn::change_subject;
use crate::http::front::call::Call;
use crate::http::front::etag::IfMatch;
use crate::http::front::reply::{Answer, Failure};
use crate::office::administrators;
use crate::rules::change::Change;
use crate::rules::id::{AccountId, Username};
use crate::rules::invalid::Invalid;
use crate::rules::letters::language;
use crate::rules::people::access;
use crate::rules::people::account::{Account, AccountKind};
use crate::rules::people::roster::{self, Card, Headcount};
use crate::rules::people::ways_in;
use crate::rules::phones::colleagues;
use crate::rules::phones::roster as phones;
use crate::rules::refusal::Refusal;
use crate::rules::time::Date;
use crate::rules::verdict::Verdict;
use crate::store::facts::Listed;
use crate::store::{Facts, Fault};

/// What every account has.
#[derive(Serialize)]
pub struct Facets<'a> {
    name: &'a str,
    email: Option<&'a str>,
    passkeys: usize,
    has_password: bool,
    last_seen: Option<u64>,
    invited_until: Option<u64>,
}

/// An account's passkeys and sessions.
#[derive(Serialize)]
pub struct Keys {
    passkey_list: Vec<PasskeyJson>,
    session_list: Vec<SessionJson>,
}

impl<'a> Facets<'a> {
    /// As of now.
    pub fn of(listed: &'a Listed, now: u64) -> Self {
        let account = &listed.account;
        Self {
            name: account.name.as_str(),
            email: account.email.as_ref().map(|email| email.as_str()),
            passkeys: listed.passkeys,
            has_password: account.password.is_some(),
            last_seen: listed.last_seen.map(|at| at.0),
            invited_until: listed.invited_until.map(|until| until.0).filter(|until| *until > now),
        }
    }
}

/// Adds an account with its first link.
pub async fn add(call: &Call, card: Card) -> Result<(Listed, LinkJson), Failure> {
    let (office, language) = (call.office().clone(), call.speaks()?);
    let turn = call
        .office()
        .store
        .turn(call.actor(), office.moment(), move |facts, moment| {
            let owners = owners(facts, &card)?;
            let administrators = match card.kind {
                AccountKind::Administrator(_) => facts.administrators()?.len(),
                AccountKind::Person(_) => 0,
            };
            let count = Headcount {
                accounts: facts.accounts()?,
                administrators,
            };
            let (next_id, settings) = (facts.next_account()?, facts.settings()?);
            let added = roster::add(card, |name| owners.get(name), count, next_id, &settings, moment);
            let writer = office.letter_writer(facts)?;
            let added = with_phones(facts, added, moment.now)?;
            Ok(added
                .map(|(added, mut changes)| {
                    let letter =
                        writer.and_then(|it| it.invite(&added.account, &added.token, added.invite.until, moment));
                    let mailed = letter.is_some();
                    changes.extend(letter);
                    changes.extend(language::learn(added.account.id, None, language));
                    ((added, mailed), changes)
                })
                .into())
        });
    let (added, mailed) = turn.await??;
    let shown = links::link(call.office(), &added.account, &added.token, &added.invite, mailed);
    let listed = Listed {
        passkeys: 0,
        last_seen: None,
        invited_until: Some(added.invite.until),
        account: added.account,
    };
    Ok((listed, shown))
}

/// An account with its passkeys and sessions.
pub fn detail(call: &Call, id: AccountId) -> Result<(Listed, Keys), Failure> {
    let office = call.office();
    let (listed, passkeys, open) = office
        .store
        .read(|facts| Ok((facts.listed(id)?, facts.passkeys_of(id)?, facts.sessions_of(id)?)))?;
    let keys = Keys {
        passkey_list: passkeys.iter().map(PasskeyJson::from).collect(),
        session_list: sessions::shown(office, &open, call.session()),
    };
    Ok((listed.ok_or(Refusal::NotFound)?, keys))
}

/// An account that was changed.
pub struct Changed {
    /// As it is now.
    pub listed: Listed,
    /// The tag of that state.
    pub tag: String,
    /// Whether the link that was out went with the older e-mail address.
    pub link_ended: bool,
}

/// Writes another card, made from the account as it is then, and other ranges where there are any. Not where the
/// request is about an older state of it. Says with the account its tag, and whether the link that was out went with an
/// e-mail address that was another one.
pub async fn change(
    call: &Call,
    id: AccountId,
    card: impl FnOnce(&Account) -> Result<Card, Invalid> + Send + 'static,
    ranges: Option<Vec<IpNet>>,
) -> Result<Changed, Failure> {
    let office = call.office();
    let (saver, seen) = (call.account()?.id, IfMatch::of(&call.request));
    let address = call.caller.address;
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
        let Some(current) = facts.account(id)? else {
            return Ok(Verdict::no(Refusal::NotFound));
        };
        let (reach, invited) = (facts.access(id)?, facts.invite_of(id)?.is_some());
        let fresh = seen.holds(&tag::of(&current, &reach.ranges));
        let card = match fresh.and_then(|()| Ok(card(&current)?)) {
            Ok(card) => card,
            Err(refusal) => return Ok(Verdict::no(refusal)),
        };
        let owners = owners(facts, &card)?;
        let all = administrators(facts)?;
        let emergency = facts.settings()?.phones.emergency;
        let changed = roster::change(current, card, invited, |name| owners.get(name), &emergency);
        let changed = changed.and_then(|((), mut changes)| {
            if let Some(ranges) = ranges.filter(|ranges| *ranges != reach.ranges) {
                let ((), limited) = access::limit(id, ranges, reach, (saver, address), &all)?;
                changes.extend(limited);
            }
            Ok((changes.iter().any(Change::ends_link), changes))
        });
        Ok(with_phones(facts, changed, moment.now)?.into())
    });
    let link_ended = turn.await??;
    let (listed, reach) = office.store.read(|facts| Ok((facts.listed(id)?, facts.access(id)?)))?;
    let listed = listed.ok_or(Refusal::NotFound)?;
    let tag = tag::of(&listed.account, &reach.ranges);
    Ok(Changed {
        listed,
        tag,
        link_ended,
    })
}

/// Deletes an account, and with it its passkeys, sessions, link and letters. Not the last administrator who can sign
/// in.
pub async fn delete(call: Call) -> Answer {
    let (address, seen) = (call.caller.address, IfMatch::of(&call.request));
    change_subject(&call, move |current, facts, moment| {
        if let Err(stale) = seen.holds(&tag::of(&current, &facts.access(current.id)?.ranges)) {
            return Ok(Err(stale));
        }
        let stays = ways_in::left_without(&administrators(facts)?, current.id, address);
        let gone = phones::without(current.id, &facts.devices()?, moment.now);
        let deleted = with_phones(facts, roster::delete(current, stays), moment.now)?;
        Ok(deleted.map(|((), changes)| gone.into_iter().map(Change::from).chain(changes).collect()))
    })
    .await
}

/// The same, and what becomes of phones' files that name people who came, went or were renamed.
pub fn with_phones<T>(
    facts: &Facts<'_>,
    decided: Result<(T, Vec<Change>), Refusal>,
    now: Date,
) -> Result<Result<(T, Vec<Change>), Refusal>, Fault> {
    let Ok((answer, mut changes)) = decided else {
        return Ok(decided);
    };
    let devices = facts.devices()?;
    if !devices.is_empty() {
        let revised = colleagues::revised(&facts.people()?, &changes, &devices, now);
        changes.extend(revised.into_iter().map(Change::from));
    }
    Ok(Ok((answer, changes)))
}

/// Who signs in by the names on a card, looked up before the rule decides.
pub struct Owners(Vec<(Username, AccountId)>);

impl Owners {
    /// The account of that name.
    pub fn get(&self, name: &Username) -> Option<AccountId> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, id)| *id)
    }
}

/// See [`Owners`].
pub fn owners(facts: &Facts<'_>, card: &Card) -> Result<Owners, Fault> {
    let mut owners = Vec::new();
    for name in card.usernames() {
        owners.extend(facts.owner_of(&name)?.map(|id| (name, id)));
    }
    Ok(Owners(owners))
}
