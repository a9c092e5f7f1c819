//! People, for administrators.

use serde::{Deserialize, Serialize};

use super::call::Call;
use super::office::Office;
use super::passkeys::{self, credential};
use super::reply::{self, Answer, Failure};
use super::{qr, sessions};
use crate::rules::id::{AccountId, Extension};
use crate::rules::limits;
use crate::rules::people::account::Account;
use crate::rules::people::invite::{self, Invite};
use crate::rules::people::passkey;
use crate::rules::people::roster::{self, Card};
use crate::rules::people::session;
use crate::rules::secret::Token;
use crate::rules::verdict::{Change, Refusal, Verdict};
use crate::store::facts::Listed;
use crate::store::{Facts, Fault};

#[derive(Deserialize)]
struct Page {
    after: Option<String>,
    limit: Option<usize>,
}

#[derive(Deserialize)]
struct NewPerson {
    extension: String,
    name: String,
    email: Option<String>,
}

#[derive(Deserialize)]
struct Changed {
    extension: Option<String>,
    name: Option<String>,
    email: Option<String>,
}

#[derive(Serialize)]
struct Person<'a> {
    extension: &'a str,
    name: &'a str,
    email: Option<&'a str>,
    passkeys: usize,
    last_seen: Option<u64>,
    invited_until: Option<u64>,
}

#[derive(Serialize)]
struct People<'a> {
    people: Vec<Person<'a>>,
    next: Option<&'a str>,
}

#[derive(Serialize)]
struct Link {
    link: String,
    until: u64,
    qr: Option<qr::Drawn>,
}

#[derive(Serialize)]
struct Added<'a> {
    person: Person<'a>,
    invite: Link,
}

#[derive(Serialize)]
struct Detail<'a> {
    #[serde(flatten)]
    person: Person<'a>,
    passkey_list: Vec<passkeys::Shown>,
    session_list: Vec<sessions::Shown>,
}

#[derive(Serialize)]
struct PasskeyList {
    passkeys: Vec<passkeys::Shown>,
}

#[derive(Serialize)]
struct SessionList {
    sessions: Vec<sessions::Shown>,
}

impl<'a> Person<'a> {
    fn of(listed: &'a Listed, now: u64) -> Self {
        let account = &listed.account;
        Self {
            extension: account.username(),
            name: account.name.as_str(),
            email: account.email.as_ref().map(|email| email.as_str()),
            passkeys: listed.passkeys,
            last_seen: listed.last_seen.map(|at| at.0),
            invited_until: listed.invited_until.map(|until| until.0).filter(|until| *until > now),
        }
    }
}

/// A page of people, in the order of their numbers.
pub async fn list(call: Call) -> Answer {
    let asked: Page = call
        .request
        .query()
        .map_err(|error| Failure::Unreadable(error.to_string()))?;
    let after = asked.after.as_deref().map(Extension::parse).transpose()?;
    let limit = asked.limit.unwrap_or(limits::PAGE_ROWS).clamp(1, limits::PAGE_ROWS);
    let office = call.office();
    let rows = office
        .store
        .read(|facts| facts.people_after(after.as_ref(), limit + 1))?;
    let page = rows.get(..limit).unwrap_or(&rows);
    let more = rows.len() > limit;
    let next = page.last().filter(|_| more).map(|listed| listed.account.username());
    let now = office.now().0;
    Ok(reply::json(&People {
        people: page.iter().map(|listed| Person::of(listed, now)).collect(),
        next,
    }))
}

/// Adds a person, and answers with the link to hand over: it is shown this once.
pub async fn add(mut call: Call) -> Answer {
    let said: NewPerson = call.message().await?;
    let card = Card::parse(&said.extension, &said.name, said.email.as_deref())?;
    let office = call.office();
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
        let owners = owners(facts, &card)?;
        let (count, next_id) = (facts.accounts()?, facts.next_account()?);
        Ok(roster::add(card, |name| owners.get(name), count, next_id, moment).into())
    });
    let added = turn.await??;
    let listed = Listed {
        passkeys: 0,
        last_seen: None,
        invited_until: Some(added.invite.until),
        account: added.account,
    };
    let person = Person::of(&listed, office.now().0);
    Ok(reply::created(&Added {
        person,
        invite: link(office, &added.token, &added.invite),
    }))
}

/// One person, with passkeys and sessions.
pub async fn show(call: Call) -> Answer {
    let office = call.office();
    let person = named(&call)?;
    let (listed, keys, open) = office.store.read(|facts| {
        Ok((
            facts.listed(person.id)?,
            facts.passkeys_of(person.id)?,
            facts.sessions_of(person.id)?,
        ))
    })?;
    let listed = listed.ok_or(Refusal::NotFound)?;
    Ok(reply::json(&Detail {
        person: Person::of(&listed, office.now().0),
        passkey_list: keys.iter().map(passkeys::Shown::from).collect(),
        session_list: sessions::shown(office, &open, None),
    }))
}

/// Changes a person's number, name or e-mail address; what the message leaves out stays.
pub async fn change(mut call: Call) -> Answer {
    let said: Changed = call.message().await?;
    let person = named(&call)?;
    let old_email = person.email.as_ref().map(|email| email.as_str());
    let card = Card::parse(
        said.extension.as_deref().unwrap_or(person.username()),
        said.name.as_deref().unwrap_or(person.name.as_str()),
        said.email.as_deref().or(old_email),
    )?;
    let office = call.office();
    let id = person.id;
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, _| {
        let owners = owners(facts, &card)?;
        let current = facts.account(id)?;
        Ok(current
            .ok_or(Refusal::NotFound)
            .and_then(|current| roster::change(current, card, |name| owners.get(name)))
            .into())
    });
    let changed = turn.await??;
    let listed = office
        .store
        .read(|facts| facts.listed(changed.id))?
        .ok_or(Refusal::NotFound)?;
    Ok(reply::json(&Person::of(&listed, office.now().0)))
}

/// Deletes a person, and with them their passkeys, sessions and link.
pub async fn delete(call: Call) -> Answer {
    let person = named(&call)?;
    turn_on(&call, person.id, |current, _| Ok(vec![Change::AccountDeleted(current)])).await
}

/// Makes a new link for a person; it ends the older one.
pub async fn invite(call: Call) -> Answer {
    let person = named(&call)?;
    let office = call.office();
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
        let Some(current) = facts.account(person.id)? else {
            return Ok(Verdict::no(Refusal::NotFound));
        };
        let (token, invite, issued) = invite::issue(current.id, moment);
        Ok(Verdict::yes((token, invite), vec![issued]))
    });
    let (token, invite) = turn.await??;
    Ok(reply::created(&link(office, &token, &invite)))
}

/// A person's passkeys.
pub async fn passkeys(call: Call) -> Answer {
    let person = named(&call)?;
    let keys = call.office().store.read(|facts| facts.passkeys_of(person.id))?;
    Ok(reply::json(&PasskeyList {
        passkeys: keys.iter().map(passkeys::Shown::from).collect(),
    }))
}

/// Deletes one of a person's passkeys.
pub async fn delete_passkey(call: Call) -> Answer {
    let person = named(&call)?;
    let id = credential(&call)?;
    turn_on(&call, person.id, move |current, facts| {
        Ok(passkey::delete(facts.passkey(&id)?, &current, true)
            .map(|((), changes)| changes)
            .unwrap_or_default())
    })
    .await
}

/// Deletes all of a person's passkeys.
pub async fn delete_passkeys(call: Call) -> Answer {
    let person = named(&call)?;
    turn_on(&call, person.id, |current, facts| {
        let keys = facts.passkeys_of(current.id)?.into_iter();
        Ok(keys
            .map(|key| Change::PasskeyDeleted(current.id, key.credential))
            .collect())
    })
    .await
}

/// A person's sessions.
pub async fn sessions(call: Call) -> Answer {
    let person = named(&call)?;
    let office = call.office();
    let open = office.store.read(|facts| facts.sessions_of(person.id))?;
    Ok(reply::json(&SessionList {
        sessions: sessions::shown(office, &open, None),
    }))
}

/// Ends one of a person's sessions.
pub async fn delete_session(call: Call) -> Answer {
    let person = named(&call)?;
    let id = call.part("id")?.to_owned();
    turn_on(&call, person.id, move |current, facts| {
        Ok(session::delete(&facts.sessions_of(current.id)?, &id)
            .map(|((), changes)| changes)
            .unwrap_or_default())
    })
    .await
}

/// Ends all of a person's sessions.
pub async fn delete_sessions(call: Call) -> Answer {
    let person = named(&call)?;
    turn_on(&call, person.id, |current, facts| {
        Ok(session::delete_all_but(&facts.sessions_of(current.id)?, None))
    })
    .await
}

/// The person whose number stands in the path.
fn named(call: &Call) -> Result<Account, Failure> {
    let extension = Extension::parse(call.part("extension")?).map_err(|_| Refusal::NotFound)?;
    let account = call
        .office()
        .store
        .read(|facts| facts.account_by_username(&(&extension).into()))?;
    Ok(account
        .filter(|account| !account.is_administrator())
        .ok_or(Refusal::NotFound)?)
}

/// One turn that changes something of a person who is still there; nothing to change is "not found".
async fn turn_on(
    call: &Call,
    person: AccountId,
    decide: impl FnOnce(Account, &Facts<'_>) -> Result<Vec<Change>, Fault> + Send + 'static,
) -> Answer {
    let office = call.office();
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, _| {
        let Some(current) = facts.account(person)? else {
            return Ok(Verdict::no(Refusal::NotFound));
        };
        let changes = decide(current, facts)?;
        Ok(if changes.is_empty() {
            Verdict::no(Refusal::NotFound)
        } else {
            Verdict::yes((), changes)
        })
    });
    turn.await??;
    Ok(reply::done())
}

/// Who signs in by the names on a card, looked up before the rule decides.
struct Owners(Vec<(crate::rules::id::Username, AccountId)>);

impl Owners {
    fn get(&self, name: &crate::rules::id::Username) -> Option<AccountId> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, id)| *id)
    }
}

fn owners(facts: &Facts<'_>, card: &Card) -> Result<Owners, Fault> {
    let mut owners = Vec::new();
    for name in card.usernames() {
        owners.extend(facts.owner_of(&name)?.map(|id| (name, id)));
    }
    Ok(Owners(owners))
}

fn link(office: &Office, token: &Token, invite: &Invite) -> Link {
    let link = format!("{}/join#{}", office.site.origin, token.reveal());
    Link {
        qr: qr::drawn(&link),
        link,
        until: invite.until.0,
    }
}
