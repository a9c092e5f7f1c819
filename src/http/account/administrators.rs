//! Administrators, for administrators: who they are, from where, and whether programs may act for them.

use serde::{Deserialize, Serialize};

use crate::http::account::accounts::{self, Facets};
use crate::http::account::api::ApiJson;
use crate::http::account::links::LinkJson;
use crate::http::account::tag;
use crate::http::front::call::Call;
use crate::http::front::etag;
use crate::http::front::reply::{self, Answer};
use crate::rules::id::Email;
use crate::rules::people::access::{self, Access};
use crate::rules::people::account::Account;
use crate::rules::people::invite;
use crate::rules::people::roster::Card;
use crate::rules::refusal::Refusal;
use crate::rules::verdict::Verdict;
use crate::store::facts::Listed;

#[derive(Deserialize)]
struct New {
    username: String,
    name: String,
    email: Option<String>,
}

#[derive(Deserialize)]
struct Changed {
    username: Option<String>,
    name: Option<String>,
    email: Option<String>,
    ranges: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Administrator<'a> {
    username: &'a str,
    #[serde(flatten)]
    facets: Facets<'a>,
    ranges: Vec<String>,
    api: Option<ApiJson>,
    /// Whether this is who asks.
    you: bool,
}

#[derive(Serialize)]
struct Administrators<'a> {
    administrators: Vec<Administrator<'a>>,
}

#[derive(Serialize)]
struct Added<'a> {
    administrator: Administrator<'a>,
    invite: LinkJson,
}

#[derive(Serialize)]
struct AsChanged<'a> {
    #[serde(flatten)]
    administrator: Administrator<'a>,
    /// Whether the link that was out went with the older e-mail address.
    link_ended: bool,
}

#[derive(Serialize)]
struct Detail<'a> {
    #[serde(flatten)]
    administrator: Administrator<'a>,
    #[serde(flatten)]
    keys: accounts::Keys,
}

#[derive(Serialize)]
struct Secret<'a> {
    username: &'a str,
    secret: String,
}

impl<'a> Administrator<'a> {
    fn of(listed: &'a Listed, reach: &Access, call: &Call) -> Self {
        let office = call.office();
        Self {
            username: listed.account.username(),
            facets: Facets::of(listed, office.now().0),
            ranges: reach.ranges.iter().map(ToString::to_string).collect(),
            api: ApiJson::of(office, listed.account.id, reach),
            you: call.account().is_ok_and(|account| account.id == listed.account.id),
        }
    }
}

/// All administrators: a page of them at most.
pub async fn list(call: Call) -> Answer {
    let rows = call.office().store.read(|facts| {
        let all = facts.administrators()?.into_iter();
        let rows = all.map(|account| Ok((facts.listed(account.id)?, facts.access(account.id)?)));
        rows.collect::<Result<Vec<_>, crate::store::Fault>>()
    })?;
    let shown = rows.iter().filter_map(|(listed, reach)| {
        let listed = listed.as_ref()?;
        Some(Administrator::of(listed, reach, &call))
    });
    Ok(reply::json(&Administrators {
        administrators: shown.collect(),
    }))
}

/// Adds an administrator, and answers with the link to hand over, or to whom it was mailed.
pub async fn add(call: Call) -> Answer {
    let said: New = call.message()?;
    let card = Card::administrator(&said.username, &said.name, said.email.as_deref())?;
    let (listed, invite) = accounts::add(&call, card).await?;
    Ok(reply::created(&Added {
        administrator: Administrator::of(&listed, &Access::default(), &call),
        invite,
    }))
}

/// One administrator, with passkeys and sessions.
pub async fn show(call: Call) -> Answer {
    let account = call.subject()?.account.clone();
    let (listed, keys) = accounts::detail(&call, account.id)?;
    let reach = call.office().store.read(|facts| facts.access(account.id))?;
    let administrator = Administrator::of(&listed, &reach, &call);
    let shown = reply::json(&Detail { administrator, keys });
    Ok(etag::tagged(shown, tag::of(&listed.account, &reach.ranges)))
}

/// Changes an administrator's name, e-mail address or ranges; what the message leaves out stays.
pub async fn change(call: Call) -> Answer {
    let said: Changed = call.message()?;
    let account = call.subject()?.account.clone();
    let ranges = said.ranges.as_deref().map(access::parse_ranges).transpose()?;
    let card = move |current: &Account| {
        Card::administrator(
            said.username.as_deref().unwrap_or(current.username()),
            said.name.as_deref().unwrap_or(current.name.as_str()),
            said.email.as_deref().or(current.email.as_ref().map(Email::as_str)),
        )
    };
    let changed = accounts::change(&call, account.id, card, ranges).await?;
    let reach = call.office().store.read(|facts| facts.access(account.id))?;
    let shown = reply::json(&AsChanged {
        administrator: Administrator::of(&changed.listed, &reach, &call),
        link_ended: changed.link_ended,
    });
    Ok(etag::tagged(shown, changed.tag))
}

/// Turns API access on, or gives it another secret: it is shown this once. The first link of an account that nobody has
/// signed in with ends: it is a program's, and needs none.
pub async fn open_api(call: Call) -> Answer {
    let account = call.subject()?.account.clone();
    let office = call.office();
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
        let Some(account) = facts.account(account.id)? else {
            return Ok(Verdict::no(Refusal::NotFound));
        };
        let (secret, mut changes) = access::open_api(account.id, moment);
        let listed = facts.listed(account.id)?;
        let unused = listed.is_some_and(|it| it.passkeys == 0 && it.last_seen.is_none() && account.password.is_none());
        if let Some(invite) = facts.invite_of(account.id)?.filter(|_| unused) {
            changes.extend(
                invite::revoke(Some(invite))
                    .map(|((), ended)| ended)
                    .unwrap_or_default(),
            );
        }
        Ok(Verdict::yes((account, secret), changes))
    });
    let (account, secret) = turn.await??;
    Ok(reply::created(&Secret {
        username: account.username(),
        secret: secret.reveal(),
    }))
}

/// Turns API access off, from the next request on.
pub async fn close_api(call: Call) -> Answer {
    let account = call.subject()?.account.clone();
    let office = call.office();
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, _| {
        Ok(access::close_api(account.id, &facts.access(account.id)?).into())
    });
    turn.await??;
    Ok(reply::done())
}
