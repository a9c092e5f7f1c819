//! What is baked in: pages, and the files that they are made of.

use serde::Serialize;

use crate::http::edge::message::Request;
use crate::http::edge::message::{Response, StatusCode};
use crate::http::front::address;
use crate::http::front::assets::{self, Asset};
use crate::http::front::call::Call;
use crate::http::front::etag::IfNoneMatch;
use crate::http::front::reply::{self, Answer};
use crate::http::front::route::Who;
use crate::http::welcome;
use crate::office::{Office, TITLE};
use crate::rules::id::HostName;
use crate::rules::refusal::Refusal;

/// Pages behind the sign-in are kept by nobody: the way back after a sign-out shows none of them.
const NEVER: &str = "no-store";
/// Pages are asked for again each time, and cost nothing when they are the same.
const REVALIDATE: &str = "no-cache";
/// Files have their content's hash in their address, so they never change.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// Where a password manager sends people to change a password (W3C, A Well-Known URL for Changing Passwords).
pub async fn change_password(_call: Call) -> Answer {
    Ok(reply::see("/me"))
}

/// Where a password manager sends people to make and manage passkeys (W3C, Passkey Endpoints Well-Known URL).
pub async fn passkey_endpoints(call: Call) -> Answer {
    let me = format!("{}/me", call.office().site.origin);
    Ok(reply::json(&Endpoints {
        enroll: &me,
        manage: &me,
    }))
}

#[derive(Serialize)]
struct Endpoints<'a> {
    enroll: &'a str,
    manage: &'a str,
}

#[derive(Serialize)]
struct Site<'a> {
    name: &'a str,
    origin: &'a str,
    version: &'static str,
    title: &'static str,
    /// The welcome page in the clear, where browsers may not know the certificate.
    help: Option<String>,
    /// The name that the appliance moves away from.
    moved_from: Option<String>,
}

/// A page, or the way to it where the address bar shows a name that passkeys do not work under.
pub fn page(name: &str, who: Who, call: &Call) -> Answer {
    let request = &call.request;
    let site = &call.office().site;
    let host = request.field("host").unwrap_or_default();
    if !address::is_right(host, site.name.as_str()) && site.can_be_reached_from(call.caller.address) {
        return Ok(under_our_name(call.office(), request));
    }
    let asset = assets::page(name).ok_or(Refusal::NotFound)?;
    Ok(match who {
        Who::Anyone | Who::Newcomer => baked(asset, request, REVALIDATE),
        Who::Identified
        | Who::SignedIn
        | Who::Proved
        | Who::Administrator
        | Who::AdministratorProved
        | Who::AdministratorInPerson => {
            let mut response = Response::new(StatusCode::OK);
            fill(&mut response, asset, request, NEVER);
            response
        }
    })
}

/// The way to the sign-in, which leads back to the page that was asked for.
pub fn sign_in_first(request: &Request) -> Response {
    match request.target() {
        home if home == "/home" => reply::see("/"),
        page => reply::see(&format!("/?to={page}")),
    }
}

/// The way to the same page under the name that passkeys work under, with all that was asked of it.
pub fn under_our_name(office: &Office, request: &Request) -> Response {
    reply::see(&format!("{}{}", office.site.origin, request.target()))
}

/// The way home for whoever is signed in already, and onwards: where the first page was asked to lead is not forgotten.
/// To a page of ours it is no detour.
pub fn home(request: &Request) -> Response {
    let onwards = request.query.as_deref().filter(|query| query.starts_with("to="));
    let page = onwards.and_then(|query| query.strip_prefix("to="));
    let ours = |page: &&str| page.starts_with('/') && !page.starts_with("//") && !page.contains('\\');
    if let Some(page) = page.filter(ours).filter(|_| request.path == "/") {
        return reply::see(page);
    }
    reply::see(&onwards.map_or_else(|| "/home".to_owned(), |query| format!("/home?{query}")))
}

/// The page for what is nowhere. It is sent whole each time: that it is the same as before is not the answer.
pub fn missing(request: &Request) -> Response {
    let mut response = Response::new(StatusCode::NOT_FOUND);
    if let Some(asset) = assets::page("missing") {
        fill(&mut response, asset, request, REVALIDATE);
    }
    response
}

/// A file of the pages.
pub async fn asset(call: Call) -> Answer {
    let asset = assets::file(&call.request.path).ok_or(Refusal::NotFound)?;
    Ok(baked(asset, &call.request, FOREVER))
}

/// The mark, for browsers that ask for it by its old name.
pub async fn favicon(call: Call) -> Answer {
    let asset = assets::favicon().ok_or(Refusal::NotFound)?;
    Ok(baked(asset, &call.request, REVALIDATE))
}

/// 200 while the appliance works; 503 while nothing can be written down.
pub async fn healthy(call: Call) -> Answer {
    let (status, word) = match call.office().store.writable() {
        Ok(()) => (StatusCode::OK, "ok\n"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the store cannot be written\n"),
    };
    let mut response = Response::new(status).with_body(word);
    response.set_field("content-type", "text/plain; charset=utf-8");
    // The welcome page, whose address has another name, finds out by it whether the browser trusts this one.
    response.set_field("cross-origin-resource-policy", "cross-origin");
    Ok(response)
}

/// Where this appliance lives.
pub async fn site(call: Call) -> Answer {
    let office = call.office();
    let site = &office.site;
    let (name, origin) = (site.name.as_str(), site.origin.as_str());
    let plain = site.party.origins.iter().find(|origin| origin.starts_with("http:"));
    Ok(reply::json(&Site {
        name,
        origin,
        help: plain
            .filter(|_| office.trust.is_private())
            .map(|plain| format!("{plain}{}", welcome::PATH)),
        moved_from: office.moved_from()?.as_ref().map(HostName::to_string),
        version: env!("CARGO_PKG_VERSION"),
        title: TITLE,
    }))
}

fn baked(asset: &'static Asset, request: &Request, cached: &str) -> Response {
    let mut response = Response::new(StatusCode::OK);
    response.set_field("etag", asset.etag);
    if IfNoneMatch::of(request).has(asset.etag) {
        response.set_field("cache-control", cached);
        response.set_field("vary", "Accept-Encoding");
        response.status = StatusCode::NOT_MODIFIED;
    } else {
        fill(&mut response, asset, request, cached);
    }
    response
}

fn fill(response: &mut Response, asset: &'static Asset, request: &Request, cached: &str) {
    response.set_field("cache-control", cached);
    response.set_field("vary", "Accept-Encoding");
    if takes_gzip(request) {
        response.body = (asset.gzip).into();
        response.set_field("content-encoding", "gzip");
    } else {
        response.body = (asset.raw).into();
    }
    response.set_field("content-type", asset.kind);
}

/// Whether gzip is among the codings that the client takes (RFC 9110 §12.5.3): by its name, or else by `*`, with a
/// weight above nothing.
fn takes_gzip(request: &Request) -> bool {
    let codings = || request.fields_named("accept-encoding").flat_map(|line| line.split(','));
    let weight = |wanted: &[&str]| {
        codings().find_map(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let named = wanted.iter().any(|wanted| name.eq_ignore_ascii_case(wanted));
            let value = |part: &str| {
                part.strip_prefix(['q', 'Q'])?
                    .trim_start()
                    .strip_prefix('=')?
                    .trim()
                    .parse()
                    .ok()
            };
            named.then(|| parts.find_map(value).unwrap_or(1.0_f32))
        })
    };
    let weight = weight(&["gzip", "x-gzip"]).or_else(|| weight(&["*"]));
    weight.is_some_and(|weight| weight > 0.0)
}
