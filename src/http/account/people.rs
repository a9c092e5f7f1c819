//! People, for administrators. What people and administrators have in common is in `accounts.rs`.

use serde::{Deserialize, Serialize};

use crate::http::account::accounts::{self, Facets};
use crate::http::account::links::LinkJson;
use crate::http::account::tag;
use crate::http::front::call::Call;
use crate::http::front::etag;
use crate::http::front::reply::{self, Answer};
use crate::rules::id::Email;
use crate::rules::id::Extension;
use crate::rules::limits;
use crate::rules::people::account::Account;
use crate::rules::people::roster::Card;
use crate::store::facts::Listed;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
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
    #[serde(flatten)]
    facets: Facets<'a>,
}

#[derive(Serialize)]
struct People<'a> {
    people: Vec<Person<'a>>,
    next: Option<&'a str>,
}

#[derive(Serialize)]
struct Added<'a> {
    person: Person<'a>,
    invite: LinkJson,
}

#[derive(Serialize)]
struct Detail<'a> {
    #[serde(flatten)]
    person: Person<'a>,
    #[serde(flatten)]
    keys: accounts::Keys,
}

#[derive(Serialize)]
struct AsChanged<'a> {
    #[serde(flatten)]
    person: Person<'a>,
    /// Whether the link that was out went with the older e-mail address.
    link_ended: bool,
}

impl<'a> Person<'a> {
    fn of(listed: &'a Listed, now: u64) -> Self {
        Self {
            extension: listed.account.username(),
            facets: Facets::of(listed, now),
        }
    }
}

/// A page of people, in the order of their numbers.
pub async fn list(call: Call) -> Answer {
    let asked: Page = call.query()?;
    let after = asked.after.as_deref().map(Extension::parse).transpose()?;
    let limit = limits::page_rows(asked.limit);
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

/// Adds a person, and answers with the link to hand over, or to whom it was mailed.
pub async fn add(call: Call) -> Answer {
    let said: NewPerson = call.message()?;
    let card = Card::person(&said.extension, &said.name, said.email.as_deref())?;
    let (listed, invite) = accounts::add(&call, card).await?;
    Ok(reply::created(&Added {
        person: Person::of(&listed, call.office().now().0),
        invite,
    }))
}

/// One person, with passkeys and sessions.
pub async fn show(call: Call) -> Answer {
    let person = call.subject()?.account.clone();
    let (listed, keys) = accounts::detail(&call, person.id)?;
    let person = Person::of(&listed, call.office().now().0);
    let shown = reply::json(&Detail { person, keys });
    Ok(etag::tagged(shown, tag::of(&listed.account, &[])))
}

/// Changes a person's number, name or e-mail address; what the message leaves out stays.
pub async fn change(call: Call) -> Answer {
    let said: Changed = call.message()?;
    let person = call.subject()?.account.clone();
    let card = move |current: &Account| {
        Card::person(
            said.extension.as_deref().unwrap_or(current.username()),
            said.name.as_deref().unwrap_or(current.name.as_str()),
            said.email.as_deref().or(current.email.as_ref().map(Email::as_str)),
        )
    };
    let changed = accounts::change(&call, person.id, card, None).await?;
    let shown = reply::json(&AsChanged {
        person: Person::of(&changed.listed, call.office().now().0),
        link_ended: changed.link_ended,
    });
    Ok(etag::tagged(shown, changed.tag))
}
