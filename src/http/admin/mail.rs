//! The office's mail server, and the letters that wait for it.

use serde::{Deserialize, Serialize};

use crate::http::front::call::Call;
use crate::http::front::etag::{self, IfMatch};
use crate::http::front::reply::{self, Answer};
use crate::office::{Office, TestLetter};
use crate::rules::id::Email;
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::letters::letter::{Letter, LetterKind};
use crate::rules::letters::relay::{self, Relay, Security, Typed};
use crate::rules::letters::sending;
use crate::rules::limits;
use crate::rules::refusal::Refusal;
use crate::rules::text::domain_shown;
use crate::rules::time::Ttl;
use crate::rules::verdict::Verdict;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    server: String,
    port: u16,
    security: Security,
    username: Option<String>,
    password: Option<String>,
    sender: String,
    roots: Option<String>,
}

#[derive(Deserialize)]
struct Test {
    to: Option<String>,
}

#[derive(Serialize)]
struct MailJson {
    relay: Option<RelayJson>,
}

#[derive(Serialize)]
struct RelayJson {
    server: String,
    port: u16,
    security: Security,
    username: Option<String>,
    has_password: bool,
    sender: String,
    roots: Option<String>,
}

#[derive(Serialize)]
struct Tested {
    accepted: bool,
    said: String,
}

#[derive(Serialize)]
struct Outbox {
    letters: Vec<LetterJson>,
    /// Whether no more are written until one of them is gone.
    full: bool,
    next: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    after: Option<u64>,
    limit: Option<usize>,
}

#[derive(Serialize)]
struct LetterJson {
    id: u64,
    to: String,
    kind: LetterKind,
    queued: u64,
    tries: u32,
    next_try: u64,
    said: Option<String>,
    given_up: bool,
}

impl From<Relay> for RelayJson {
    fn from(relay: Relay) -> Self {
        Self {
            server: domain_shown(&relay.server),
            port: relay.port,
            security: relay.security,
            has_password: relay.login.is_some(),
            username: relay.login.map(|login| login.username),
            sender: relay.sender.to_string(),
            roots: relay.roots,
        }
    }
}

impl From<(u64, Letter)> for LetterJson {
    fn from((id, letter): (u64, Letter)) -> Self {
        Self {
            id,
            to: letter.to.to_string(),
            kind: letter.kind,
            queued: letter.queued.0,
            tries: letter.tries,
            next_try: letter.next.0.max(letter.queued.0),
            said: letter.said,
            given_up: letter.given_up,
        }
    }
}

/// The mail server as it is set; its password is shown to nobody.
pub async fn show(call: Call) -> Answer {
    shown(call.office())
}

fn shown(office: &Office) -> Answer {
    let relay = office.store.read(|facts| facts.relay())?;
    let tag = etag::of_record(&relay);
    let shown = reply::json(&MailJson {
        relay: relay.map(RelayJson::from),
    });
    Ok(etag::tagged(shown, tag))
}

/// Sets the mail server. Letters that wait are tried at once.
pub async fn set(call: Call) -> Answer {
    let said: Set = call.message()?;
    let typed = Typed {
        server: said.server,
        port: said.port,
        security: said.security,
        username: said.username,
        password: said.password,
        sender: said.sender,
        roots: said.roots,
    };
    let (office, seen) = (call.office().clone(), IfMatch::of(&call.request));
    let here = office.clone();
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
        let before = facts.relay()?;
        if let Err(stale) = seen.holds_of(&before) {
            return Ok(Verdict::no(stale));
        }
        Ok(relay::set(typed, before, &here.key, &mut moment.fresh).into())
    });
    turn.await??;
    shown(&office)
}

/// Forgets the mail server. Letters that wait are kept for the next one.
pub async fn remove(call: Call) -> Answer {
    let (office, seen) = (call.office(), IfMatch::of(&call.request));
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, _| {
        let before = facts.relay()?;
        Ok(seen
            .holds_of(&before)
            .and_then(|()| relay::remove(before.as_ref()))
            .into())
    });
    turn.await??;
    Ok(reply::done())
}

/// How long a test letter takes at most.
const A_TEST: Ttl = Ttl(40);

/// Sends a test letter, and answers with the server's own words. One at a time: each holds a thread until the server
/// answers.
pub async fn test(call: Call) -> Answer {
    let said: Test = call.message()?;
    let own = call.account()?.email.clone();
    let typed = said.to.filter(|to| !to.trim().is_empty());
    let to = typed
        .map(|to| Email::parse(&to))
        .transpose()?
        .or(own)
        .ok_or(Invalid::new(Field::To, Why::NoRecipient))?;
    let office = call.office();
    let relay = office
        .store
        .read(|facts| facts.relay())?
        .ok_or(Invalid::new(Field::Server, Why::NoServer))?;
    let now = office.stopwatch();
    let place = office.testing.try_acquire_arc();
    let place = place.ok_or(Refusal::TestLetters { until: now + A_TEST })?;
    let admitted = office.desk.test_letters().admit(now);
    admitted.map_err(|until| Refusal::TestLetters { until })?;
    let letter = TestLetter {
        relay,
        to,
        language: call.speaks()?.unwrap_or_default(),
        place,
    };
    let outcome = (office.world.test_letter)(letter).await;
    let (accepted, said) = match outcome {
        Ok(said) => (true, said),
        Err(said) => (false, said),
    };
    Ok(reply::json(&Tested { accepted, said }))
}

/// A page of the letters that wait or were given up, in the order in which they were written.
pub async fn outbox(call: Call) -> Answer {
    let asked: Page = call.query()?;
    let limit = limits::page_rows(asked.limit);
    let (mut letters, room) = call
        .office()
        .store
        .read(|facts| Ok((facts.letters_after(asked.after, limit + 1)?, facts.room_for_letters()?)))?;
    let more = letters.len() > limit;
    letters.truncate(limit);
    Ok(reply::json(&Outbox {
        next: letters.last().map(|(id, _)| *id).filter(|_| more),
        full: room == 0,
        letters: letters.into_iter().map(LetterJson::from).collect(),
    }))
}

/// Takes a letter out of the outbox.
pub async fn withdraw(call: Call) -> Answer {
    let id: u64 = call.part("id")?.parse().map_err(|_| Refusal::NotFound)?;
    let office = call.office();
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, _| {
        Ok(sending::withdraw(id, facts.letter(id)?).into())
    });
    turn.await??;
    Ok(reply::done())
}
