//! What is baked in: pages, and the files that they are made of.

use serde::Serialize;
use tide::http::headers::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use tide::{Request, Response, StatusCode};

use super::address;
use super::assets::{self, Asset};
use super::call::Call;
use super::office::{Shared, TITLE};
use super::reply::{self, Answer};
use crate::rules::verdict::Refusal;

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
}

/// A page, or the way to it where the address bar shows a name that passkeys do not work under.
pub fn page(name: &str, call: &Call) -> Answer {
    let request = &call.request;
    let site = &call.office().site;
    let host = request
        .header("Host")
        .map(|values| values.last().as_str())
        .unwrap_or_default();
    if !address::is_right(host, site.name.as_str()) && site.can_be_reached_from(call.caller.address) {
        let query = request
            .url()
            .query()
            .map(|query| format!("?{query}"))
            .unwrap_or_default();
        return Ok(reply::see(&format!("{}{}{query}", site.origin, request.url().path())));
    }
    let asset = assets::page(name).ok_or(Refusal::NotFound)?;
    Ok(baked(asset, request, REVALIDATE))
}

/// The page for what is nowhere.
pub fn missing(request: &Request<Shared>) -> Response {
    assets::page("missing").map_or_else(
        || Response::new(StatusCode::NotFound),
        |asset| baked(asset, request, REVALIDATE),
    )
}

/// A file of the pages.
pub async fn asset(call: Call) -> Answer {
    let asset = assets::file(call.request.url().path()).ok_or(Refusal::NotFound)?;
    Ok(baked(asset, &call.request, FOREVER))
}

/// The mark, for browsers that ask for it by its old name.
pub async fn favicon(call: Call) -> Answer {
    let asset = assets::favicon().ok_or(Refusal::NotFound)?;
    Ok(baked(asset, &call.request, REVALIDATE))
}

/// 200 once the appliance is ready, which it is as soon as it answers.
pub async fn healthy(_call: Call) -> Answer {
    let mut response = Response::new(StatusCode::Ok);
    response.set_body("ok\n");
    Ok(response)
}

/// Where this appliance lives.
pub async fn site(call: Call) -> Answer {
    let site = &call.office().site;
    let (name, origin) = (site.name.as_str(), site.origin.as_str());
    Ok(reply::json(&Site {
        name,
        origin,
        version: env!("CARGO_PKG_VERSION"),
        title: TITLE,
    }))
}

fn baked(asset: &'static Asset, request: &Request<Shared>, cached: &str) -> Response {
    let has = |name, wanted: &str| {
        request
            .header(name)
            .is_some_and(|values| values.iter().any(|value| value.as_str().contains(wanted)))
    };
    let mut response = Response::new(StatusCode::Ok);
    response.insert_header(CACHE_CONTROL, cached);
    response.insert_header(ETAG, asset.etag);
    response.insert_header(VARY, "Accept-Encoding");
    if has(IF_NONE_MATCH, asset.etag) {
        response.set_status(StatusCode::NotModified);
        return response;
    }
    if has(ACCEPT_ENCODING, "gzip") {
        response.set_body(asset.gzip);
        response.insert_header(CONTENT_ENCODING, "gzip");
    } else {
        response.set_body(asset.raw);
    }
    response.insert_header(CONTENT_TYPE, asset.kind);
    response
}
