//! From a row of the route table to an answer: is the name ours, does the request come from our own pages, may the caller
//! do this.

use tide::http::headers::{HOST, ORIGIN};
use tide::http::{Method, mime};
use tide::{Request, Response};

use crate::http::edge::server::Peer;
use crate::http::front::address;
use crate::http::front::call::Call;
use crate::http::front::pages;
use crate::http::front::proxies;
use crate::http::front::reply::{self, Answer, Failure};
use crate::http::front::routes::{Does, Route, Who};
use crate::office::Shared;
use crate::rules::refusal::Refusal;

/// Answers one request by its row.
pub async fn answer(route: &'static Route, mut request: Request<Shared>) -> Response {
    let office = request.state().clone();
    if let Some(peer) = request.ext::<Peer>().copied() {
        match proxies::seen_through(&office.proxies, &request, peer) {
            Ok(peer) => drop(request.set_ext(peer)),
            Err(failure) => return reply::failed(&failure, office.stopwatch()),
        }
    }
    let outcome = match ours(&request) {
        Ok(()) => carry_out(route, request).await,
        Err(failure) => stray(route, &request, failure),
    };
    outcome.unwrap_or_else(|failure| {
        if let Failure::Broke(fault) = &failure {
            eprintln!("linekey: {fault}");
        }
        reply::failed(&failure, office.stopwatch())
    })
}

async fn carry_out(route: &'static Route, request: Request<Shared>) -> Answer {
    let call = Call::receive(request)?;
    match (admitted(route.who, &call), &route.does) {
        (Ok(()), Does::Work(handler)) => handler(call).await,
        (Ok(()), Does::Page(page)) => pages::page(page, &call),
        // A page sends people to where they can go instead of telling them a code.
        (Err(Refusal::NotAllowed), Does::Page(_)) => Ok(pages::home(&call.request)),
        (Err(_), Does::Page(_)) => Ok(reply::see("/")),
        (Err(refusal), Does::Work(_)) => Err(refusal.into()),
    }
}

/// Whether the caller may use a row.
fn admitted(who: Who, call: &Call) -> Result<(), Refusal> {
    let now = call.office().now();
    match who {
        Who::Anyone => Ok(()),
        Who::Newcomer if call.caller.signed_in.is_some() => Err(Refusal::NotAllowed),
        Who::Newcomer => Ok(()),
        // A program acts in the office, not for the person: it makes no passkeys and no passwords,
        // and opens no other way in.
        Who::SignedIn | Who::Proved | Who::AdministratorInPerson if call.caller.program.is_some() => {
            Err(Refusal::NotAllowed)
        }
        Who::SignedIn => call.signed_in().map(drop),
        Who::Proved => call.signed_in()?.session.recently_proved(now),
        Who::Identified => call.account().map(drop),
        // It showed its secret with this very request, and only administrators' accounts have one.
        Who::Administrator | Who::AdministratorProved if call.caller.program.is_some() => Ok(()),
        Who::Administrator | Who::AdministratorProved | Who::AdministratorInPerson => {
            let signed_in = call.signed_in()?;
            if !signed_in.account.is_administrator() {
                return Err(Refusal::NotAllowed);
            }
            if who == Who::Administrator {
                Ok(())
            } else {
                signed_in.session.recently_proved(now)
            }
        }
    }
}

/// Whether a request is for us, and from our own pages where it changes something.
fn ours(request: &Request<Shared>) -> Result<(), Failure> {
    let site = &request.state().site;
    let host = request
        .header(HOST)
        .map(|values| values.last().as_str())
        .unwrap_or_default();
    let in_the_clear = request
        .ext::<Peer>()
        .is_some_and(|peer| !peer.secure && !peer.address.ip().is_loopback());
    if !address::is_ours(host, site.name.as_str()) || (in_the_clear && site.is_secure()) {
        return Err(Failure::WrongName);
    }
    if matches!(request.method(), Method::Get | Method::Head) {
        return Ok(());
    }
    // Fetch Metadata first (it cannot be forged by a page), then Origin; programs that send neither are no browsers and
    // carry no cookie that somebody else's page could use.
    let fetched = request.header("Sec-Fetch-Site").map(|values| values.last().as_str());
    let origin = request.header(ORIGIN).map(|values| values.last().as_str());
    let same_site = fetched.is_none_or(|site| matches!(site, "same-origin" | "none"));
    let same_origin = origin.is_none_or(|origin| site.party.origins.iter().any(|ours| ours == origin));
    if same_site && same_origin {
        Ok(())
    } else {
        Err(Failure::OtherOrigin)
    }
}

/// A page asked for under a wrong name is shown under the right one; anything else is refused.
fn stray(route: &'static Route, request: &Request<Shared>, failure: Failure) -> Answer {
    match (&failure, &route.does) {
        (Failure::WrongName, Does::Page(_)) => Ok(pages::under_our_name(request)),
        _ => Err(failure),
    }
}

/// What nobody has a row for: a page for people, an error for programs.
pub async fn nowhere(request: Request<Shared>) -> Response {
    let wants_page = request
        .header("Accept")
        .is_some_and(|accept| accept.as_str().contains(mime::HTML.essence()));
    if wants_page && !request.url().path().starts_with("/api/") {
        return pages::missing(&request);
    }
    reply::failed(&Refusal::NotFound.into(), request.state().stopwatch())
}
