//! From a row of the route table to an answer: is the name ours, does the request come from our own pages, may the
//! caller do this.

use std::sync::atomic::{AtomicBool, Ordering};

use super::call::Call;
use super::etag::IfNoneMatch;
use super::failure::Failure;
use super::reply::{self, Answer};
use super::resolve;
use super::route::{Does, Route, Who};
use super::{address, basic, forward_auth, misspelt, pages, proxies, sentences};
use crate::http::edge::limits::PHONES;
use crate::http::edge::message::{Method, Request, Response};
use crate::http::welcome::{self, acme, moved};
use crate::office::watch::WAYS;
use crate::office::{Office, Shared, Site, log};
use crate::rules::refusal::Refusal;

/// Answers one request by its row; `parts` are those of the path that the row leaves open.
pub async fn answer(
    office: Shared,
    route: &'static Route,
    mut request: Request,
    parts: Vec<(String, String)>,
) -> Response {
    let now = office.stopwatch();
    let through_proxy = proxies::is_through(&office.proxies, &request);
    if proxies::names_nobody(&office.proxies, &request) {
        tell_of_hidden_callers();
    }
    let secure_cookies = proxies::wants_secure_cookies(&office.proxies, &request);
    match proxies::seen_through(&office.proxies, &request) {
        Ok(peer) if peer == request.peer => request.has_secure_cookies = secure_cookies,
        Ok(behind) => {
            (request.peer, request.neighbour) = (behind, behind.address.ip().into());
            request.has_secure_cookies = behind.secure;
        }
        // A monitor that asks whether we are ready is nobody in particular.
        Err(_) if route.path == HEALTH => {}
        Err(failure) => return reply::failed(&failure, now),
    }
    let is_program = is_program(&request);
    let outcome = match ours(&office, &request, through_proxy) {
        Ok(()) => carry_out(office.clone(), route, request, parts).await,
        Err(failure) => stray(&office, route, &request, failure),
    };
    outcome.unwrap_or_else(|failure| {
        count(&office, route, &failure);
        if let Failure::Broke(fault) = &failure {
            log::error(&fault.to_string());
        }
        if matches!(failure, Failure::ProxyInTheClear) {
            tell_of_proxy();
        }
        let mut response = reply::failed(&failure, now);
        if is_program && matches!(failure, Failure::Refused(Refusal::SignedOut)) {
            reply::challenge(&mut response);
        }
        response
    })
}

/// Counts what was refused, and of which way to sign in.
fn count(office: &Office, route: &Route, failure: &Failure) {
    let sign_in = route.path.strip_prefix("/api/sign-in/");
    let way = sign_in.and_then(|path| WAYS.into_iter().position(|way| path.split('/').next() == Some(way)));
    match failure {
        Failure::Refused(refusal) | Failure::BadCredentials(refusal) => office.watch.refused(refusal, way),
        Failure::Broke(_) => office.watch.broke(),
        Failure::Encoded
        | Failure::InTheClear
        | Failure::Misfit(_)
        | Failure::NotJson
        | Failure::NotUtf8
        | Failure::OtherOrigin
        | Failure::Proxies
        | Failure::ProxyInTheClear
        | Failure::Unreadable(_)
        | Failure::WrongMethod(_)
        | Failure::WrongName => {}
    }
}

/// The path that monitors ask, under whatever name they know.
const HEALTH: &str = "/healthz";

/// What browsers call what they are made of.
const ENGINES: [&str; 5] = ["AppleWebKit/", "Gecko/", "MSIE ", "Safari/", "Trident/"];

/// Whether a program asks that may show a secret here once it is told so. Not a browser, which would put up a prompt of
/// its own: those send Fetch Metadata, or at least the name of their engine, which PowerShell's `Mozilla/5.0`
/// lacks. And not in the clear, where a secret must not be sent.
fn is_program(request: &Request) -> bool {
    let is_browser = request.field("sec-fetch-site").is_some()
        || request.field("sec-fetch-mode").is_some()
        || request
            .field("user-agent")
            .is_some_and(|name| ENGINES.iter().any(|engine| name.contains(engine)));
    let may_show = request.path.starts_with("/api/") || request.path == basic::PROXY;
    request.peer.secure && may_show && !is_browser
}

/// Says once in the log what a proxy leaves out.
fn tell_of_proxy() {
    static TOLD: AtomicBool = AtomicBool::new(false);
    if !TOLD.swap(true, Ordering::Relaxed) {
        log::warning(&sentences::failed(&Failure::ProxyInTheClear));
    }
}

/// Says once in the log that a proxy leaves out whom it speaks for.
fn tell_of_hidden_callers() {
    static TOLD: AtomicBool = AtomicBool::new(false);
    if !TOLD.swap(true, Ordering::Relaxed) {
        log::warning(sentences::HIDDEN_CALLERS);
    }
}

async fn carry_out(office: Shared, route: &'static Route, request: Request, parts: Vec<(String, String)>) -> Answer {
    let if_none_match = IfNoneMatch::of(&request);
    let call = Call::receive(office, request, parts)?;
    let known = call.account().is_ok();
    let answer = answered(route, call).await;
    answer.map(|response| Response {
        known,
        ..if_none_match.unless_any(response)
    })
}

async fn answered(route: &'static Route, call: Call) -> Answer {
    match (admitted(route.who, &call), &route.does) {
        (Ok(()), Does::Work(handler)) => {
            let subject = resolve::subject(&call)?;
            handler(call.about(subject)).await
        }
        (_, Does::Page(_)) if is_welcome(&call) => welcome::page(call.office(), &call.request),
        (Ok(()), Does::Page(page)) => pages::page(page, route.who, &call),
        // A page sends people to where they can go instead of telling them a code.
        (Err(Refusal::NotAllowed), Does::Page(_)) => Ok(pages::home(&call.request)),
        (Err(_), Does::Page(_)) => Ok(pages::sign_in_first(&call.request)),
        (Err(Refusal::SignedOut), Does::Work(_)) if call.request.path == basic::PROXY => forward_auth::nobody(&call),
        (Err(refusal), Does::Work(_)) => Err(refusal.into()),
    }
}

/// Whether the page that is asked for would be of no use where it is asked for.
fn is_welcome(call: &Call) -> bool {
    let (office, request) = (call.office(), &call.request);
    welcome::is_instead(office, request.peer.secure, is_right(office, request))
}

/// Whether a request came by the name that passkeys are bound to.
fn is_right(office: &Office, request: &Request) -> bool {
    address::is_right(request.field("host").unwrap_or_default(), office.site.name.as_str())
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
fn ours(office: &Office, request: &Request, through_proxy: bool) -> Result<(), Failure> {
    let site = &office.site;
    // Phones know us by whatever name their DHCP server hands out; they have no cookie, and nothing is changed by them.
    let of_phones = request.path.starts_with(PHONES);
    if request.path == HEALTH
        || of_phones
        || request.path.starts_with(acme::ANSWERS)
        || request.path == moved::PATH
        || welcome::is_open(office, &request.path)
    {
        return Ok(());
    }
    let host = request.field("host").unwrap_or_default();
    let in_the_clear = !request.peer.secure && !request.peer.address.ip().is_loopback();
    if in_the_clear && site.is_secure() {
        return Err(if through_proxy && is_in_a_circle(site, host, request) {
            Failure::ProxyInTheClear
        } else {
            Failure::WrongName
        });
    }
    // Some trusted proxies ask under their own name for us; what they hand on is a cookie or a secret of ours.
    let asked_by_proxy = through_proxy && request.path == basic::PROXY;
    if !asked_by_proxy && !address::is_ours(host, site.name.as_str()) {
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

/// Whether a browser behind that proxy is at the right address already, so that sending it there would never end:
/// nothing is said of how it came; or it sends Fetch Metadata, which browsers do over HTTPS alone; or it came to a port
/// that speaks TLS.
fn is_in_a_circle(site: &Site, host: &str, request: &Request) -> bool {
    let (_, authority) = site.origin.split_once("://").unwrap_or_default();
    let at_our_port = host.eq_ignore_ascii_case(authority) && authority.contains(':');
    let over_tls = request.field("sec-fetch-site").is_some();
    address::is_right(host, site.name.as_str()) && (!proxies::says_how(request) || over_tls || at_our_port)
}

/// A page asked for under a wrong name is shown under the right one; anything else is refused.
fn stray(office: &Office, route: &'static Route, request: &Request, failure: Failure) -> Answer {
    match (&failure, &route.does) {
        (Failure::WrongName, Does::Page(_)) if welcome::is_for_strays(office, is_right(office, request)) => {
            welcome::page(office, request)
        }
        (Failure::WrongName, Does::Page(_)) => Ok(pages::under_our_name(office, request)),
        (Failure::ProxyInTheClear, Does::Page(_)) => {
            tell_of_proxy();
            Ok(reply::sentence(&failure, office.stopwatch()))
        }
        _ => Err(failure),
    }
}

/// What no row has with that method: the methods that its path has, if any; else a page for people, an error for
/// programs.
pub fn nowhere(office: &Office, routes: &[Route], request: &Request) -> Response {
    if request.path.starts_with(PHONES) && matches!(request.method, Method::GET | Method::HEAD) {
        return reply::gone();
    }
    let known = routes.iter().filter(|route| route.is_for(&request.path));
    let mut methods: Vec<&str> = known.map(|route| route.method.as_str()).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    if !methods.is_empty() {
        return reply::failed(&Failure::WrongMethod(methods.join(", ")), office.stopwatch());
    }
    if let Some(page) = misspelt::meant(routes, request) {
        return reply::see(&page);
    }
    let wants_page = request
        .field("accept")
        .is_some_and(|accept| accept.contains("text/html"));
    if wants_page && !request.path.starts_with("/api/") {
        return pages::missing(request);
    }
    reply::failed(&Refusal::NotFound.into(), office.stopwatch())
}
