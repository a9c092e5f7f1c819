//! From a row of the route table to an answer: is the name ours, does the request come from our own pages, may the caller
//! do this.

use super::call::Call;
use super::failure::Failure;
use super::reply::{self, Answer};
use super::route::{Does, Route, Who};
use super::{address, pages, proxies};
use crate::http::edge::message::{Method, Request, Response};
use crate::office::{Office, Shared};
use crate::rules::refusal::Refusal;

/// Answers one request by its row; `parts` are those of the path that the row leaves open.
pub async fn answer(
    office: Shared,
    route: &'static Route,
    mut request: Request,
    parts: Vec<(String, String)>,
) -> Response {
    let now = office.stopwatch();
    match proxies::seen_through(&office.proxies, &request) {
        Ok(peer) => request.peer = peer,
        Err(failure) => return reply::failed(&failure, now),
    }
    let outcome = match ours(&office, &request) {
        Ok(()) => carry_out(office, route, request, parts).await,
        Err(failure) => stray(&office, route, &request, failure),
    };
    outcome.unwrap_or_else(|failure| {
        if let Failure::Broke(fault) = &failure {
            eprintln!("linekey: {fault}");
        }
        reply::failed(&failure, now)
    })
}

async fn carry_out(office: Shared, route: &'static Route, request: Request, parts: Vec<(String, String)>) -> Answer {
    let call = Call::receive(office, request, parts)?;
    match (admitted(route.who, &call), &route.does) {
        (Ok(()), Does::Work(handler)) => handler(call).await,
        (Ok(()), Does::Page(page)) => pages::page(page, route.who, &call),
        // A page sends people to where they can go instead of telling them a code.
        (Err(Refusal::NotAllowed), Does::Page(_)) => Ok(pages::home(&call.request)),
        (Err(_), Does::Page(_)) => Ok(pages::sign_in_first(&call.request)),
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
fn ours(office: &Office, request: &Request) -> Result<(), Failure> {
    let site = &office.site;
    let host = request.field("host").unwrap_or_default();
    let in_the_clear = !request.peer.secure && !request.peer.address.ip().is_loopback();
    if !address::is_ours(host, site.name.as_str()) || (in_the_clear && site.is_secure()) {
        return Err(Failure::WrongName);
    }
    if matches!(request.method, Method::GET | Method::HEAD) {
        return Ok(());
    }
    // Fetch Metadata first (it cannot be forged by a page), then Origin; programs that send neither are no browsers and
    // carry no cookie that somebody else's page could use.
    let (fetched, origin) = (request.field("sec-fetch-site"), request.field("origin"));
    let same_site = fetched.is_none_or(|site| matches!(site, "same-origin" | "none"));
    let same_origin = origin.is_none_or(|origin| site.party.origins.iter().any(|ours| ours == origin));
    if same_site && same_origin {
        Ok(())
    } else {
        Err(Failure::OtherOrigin)
    }
}

/// A page asked for under a wrong name is shown under the right one; anything else is refused.
fn stray(office: &Office, route: &'static Route, request: &Request, failure: Failure) -> Answer {
    match (&failure, &route.does) {
        (Failure::WrongName, Does::Page(_)) => Ok(pages::under_our_name(office, request)),
        _ => Err(failure),
    }
}

/// What nobody has a row for: a page for people, an error for programs.
pub fn nowhere(office: &Office, request: &Request) -> Response {
    let wants_page = request
        .field("accept")
        .is_some_and(|accept| accept.contains("text/html"));
    if wants_page && !request.path.starts_with("/api/") {
        return pages::missing(request);
    }
    reply::failed(&Refusal::NotFound.into(), office.stopwatch())
}
