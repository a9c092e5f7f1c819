//! What outsiders may learn, on one page: every failure with its status and its stable code.

use serde::Serialize;

pub use super::failure::Failure;
use super::sentences;
use crate::http::edge::message::{Response, StatusCode};
use crate::rules::invalid::{Field, Invalid};
use crate::rules::refusal::{Kept, Refusal};
use crate::rules::time::Date;

/// Seconds after which a time server may have told the date.
const UNDATED: u64 = 60;

/// What a handler comes back with.
pub type Answer = Result<Response, Failure>;

/// The form of every error.
#[derive(Serialize)]
struct ErrorJson<'a> {
    error: &'a str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
}

/// 200 with JSON.
pub fn json(body: &impl Serialize) -> Response {
    with_status(StatusCode::OK, body)
}

/// 201 with JSON.
pub fn created(body: &impl Serialize) -> Response {
    with_status(StatusCode::CREATED, body)
}

/// 204.
pub fn done() -> Response {
    Response::new(StatusCode::NO_CONTENT)
}

/// 404 for a phone, the same to the byte for whoever gets nothing, whyever.
pub fn gone() -> Response {
    let mut response = Response::new(StatusCode::NOT_FOUND).with_body("not here\n");
    response.set_field("content-type", "text/plain; charset=utf-8");
    response
}

/// 303 to a path of ours.
pub fn see(path: &str) -> Response {
    let mut response = Response::new(StatusCode::SEE_OTHER);
    response.set_field("location", path);
    response
}

/// The answer to a failure, `now` being the time against which "wait" is counted.
pub fn failed(failure: &Failure, now: Date) -> Response {
    let (status, error) = match failure {
        Failure::BadCredentials(refusal) => {
            let mut response = refused(refusal, now);
            challenge(&mut response);
            return response;
        }
        Failure::Broke(fault) if fault.is_full() => (StatusCode::INSUFFICIENT_STORAGE, "disk-full"),
        Failure::Broke(_) => (StatusCode::INTERNAL_SERVER_ERROR, "broken"),
        Failure::Encoded => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "encoded"),
        Failure::InTheClear => (StatusCode::FORBIDDEN, "in-the-clear"),
        Failure::Misfit(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
        Failure::NotJson => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json"),
        Failure::NotUtf8 => (StatusCode::BAD_REQUEST, "unreadable"),
        Failure::OtherOrigin => (StatusCode::FORBIDDEN, "other-origin"),
        Failure::Proxies => (StatusCode::BAD_REQUEST, "proxies-disagree"),
        Failure::ProxyInTheClear => (StatusCode::BAD_REQUEST, "proxy-in-the-clear"),
        Failure::Refused(refusal) => return refused(refusal, now),
        Failure::Unreadable(_) => (StatusCode::BAD_REQUEST, "unreadable"),
        Failure::WrongMethod(_) => (StatusCode::METHOD_NOT_ALLOWED, "wrong-method"),
        Failure::WrongName => (StatusCode::MISDIRECTED_REQUEST, "wrong-name"),
    };
    let message = sentences::failed(failure);
    let mut response = with_status(
        status,
        &ErrorJson {
            error,
            message,
            field: if let Failure::Misfit(misfit) = failure {
                Some(misfit.member())
            } else {
                None
            },
        },
    );
    if matches!(failure, Failure::Encoded) {
        // What would have been taken (RFC 9110 §15.5.16).
        response.set_field("accept-encoding", "identity");
    }
    if let Failure::WrongMethod(allowed) = failure {
        response.set_field("allow", allowed.as_str());
    }
    response
}

/// Tells a program that it may show its secret (RFC 7617): many send none before they were asked.
pub fn challenge(response: &mut Response) {
    response.set_field("www-authenticate", "Basic realm=\"Linekey\", charset=\"UTF-8\"");
}

/// A sentence alone, for somebody whose browser cannot show our pages.
pub fn sentence(failure: &Failure, now: Date) -> Response {
    let mut response = failed(failure, now).with_body(sentences::failed(failure) + "\n");
    response.set_field("content-type", "text/plain; charset=utf-8");
    response
}

fn refused(refusal: &Refusal, now: Date) -> Response {
    let field = if let Refusal::Invalid(Invalid { field, .. }) | Refusal::Taken(field) = refusal {
        Some(field.name())
    } else {
        (*refusal == Refusal::ShutsYouOut).then_some(Field::Ranges.name())
    };
    let mut response = with_status(
        status(refusal),
        &ErrorJson {
            error: refusal.code(),
            message: sentences::refused(refusal),
            field,
        },
    );
    let wait = if let Refusal::Wait { until } | Refusal::Busy { until } | Refusal::TestLetters { until } = refusal {
        Some((*until - now).0.max(1))
    } else {
        (*refusal == Refusal::NoDate).then_some(UNDATED)
    };
    if let Some(seconds) = wait {
        response.set_field("retry-after", seconds.to_string());
    }
    response
}

/// What outsiders may learn of a refusal besides its code and sentence: its status.
fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Assertion(_)
        | Refusal::NotSignedIn
        | Refusal::OutsideRanges(_)
        | Refusal::SignedOut
        | Refusal::UnknownPasskey
        | Refusal::WrongCode => StatusCode::UNAUTHORIZED,
        Refusal::NotAllowed | Refusal::PasskeyNeeded | Refusal::ProveAgain => StatusCode::FORBIDDEN,
        Refusal::NotFound => StatusCode::NOT_FOUND,
        Refusal::PasskeyUnreadable => StatusCode::BAD_REQUEST,
        Refusal::Stale => StatusCode::PRECONDITION_FAILED,
        Refusal::LastWayIn
        | Refusal::NoWayThere
        | Refusal::OrderUnderWay
        | Refusal::ShutsYouOut
        | Refusal::Taken(_) => StatusCode::CONFLICT,
        Refusal::LinkSpent | Refusal::TicketSpent => StatusCode::GONE,
        Refusal::Invalid(_) | Refusal::Registration(_) | Refusal::TooMany(Kept::ImportLines) => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Refusal::TooMany(_) => StatusCode::CONFLICT,
        Refusal::TestLetters { .. } | Refusal::Wait { .. } => StatusCode::TOO_MANY_REQUESTS,
        Refusal::Busy { .. } | Refusal::NoDate => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn with_status(status: StatusCode, body: &impl Serialize) -> Response {
    let mut response = Response::new(status);
    match serde_json::to_vec(body) {
        Ok(bytes) => {
            response.body = (bytes).into();
            response.set_field("content-type", "application/json");
        }
        Err(_) => response.status = StatusCode::INTERNAL_SERVER_ERROR,
    }
    response
}
