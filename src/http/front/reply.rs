//! What outsiders may learn, on one page: every failure with its status and its stable code.

use serde::Serialize;
use tide::http::headers::{CONTENT_TYPE, RETRY_AFTER};
use tide::{Response, StatusCode};

pub use super::failure::Failure;
use super::sentences;
use crate::rules::invalid::{Field, Invalid};
use crate::rules::refusal::{Kept, Refusal};
use crate::rules::time::Date;
use crate::rules::webauthn::registration;

/// Seconds after which a time server may have told the date.
const UNDATED: u64 = 60;

/// What a handler comes back with.
pub type Answer = Result<Response, Failure>;

/// The form of every error.
#[derive(Serialize)]
struct Told<'a> {
    error: &'a str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
}

/// 200 with JSON.
pub fn json(body: &impl Serialize) -> Response {
    with_status(StatusCode::Ok, body)
}

/// 201 with JSON.
pub fn created(body: &impl Serialize) -> Response {
    with_status(StatusCode::Created, body)
}

/// 204.
pub fn done() -> Response {
    Response::new(StatusCode::NoContent)
}

/// 303 to a path of ours.
pub fn see(path: &str) -> Response {
    let mut response = Response::new(StatusCode::SeeOther);
    response.insert_header("Location", path);
    response
}

/// The answer to a failure, `now` being the time against which "wait" is counted.
pub fn failed(failure: &Failure, now: Date) -> Response {
    let (status, error) = match failure {
        Failure::BadCredentials(refusal) => {
            let mut response = refused(refusal, now);
            response.insert_header("WWW-Authenticate", "Basic realm=\"Linekey\", charset=\"UTF-8\"");
            return response;
        }
        Failure::Broke(_) => (StatusCode::InternalServerError, "broken"),
        Failure::InTheClear => (StatusCode::Forbidden, "in-the-clear"),
        Failure::NotJson => (StatusCode::UnsupportedMediaType, "not-json"),
        Failure::OtherOrigin => (StatusCode::Forbidden, "other-origin"),
        Failure::Proxies => (StatusCode::BadRequest, "proxies-disagree"),
        Failure::Refused(refusal) => return refused(refusal, now),
        Failure::Unreadable(_) => (StatusCode::BadRequest, "unreadable"),
        Failure::WrongName => (StatusCode::MisdirectedRequest, "wrong-name"),
    };
    let message = sentences::failed(failure);
    with_status(
        status,
        &Told {
            error,
            message,
            field: None,
        },
    )
}

fn refused(refusal: &Refusal, now: Date) -> Response {
    let (status, error) = told(refusal);
    let field = if let Refusal::Invalid(Invalid { field, .. }) | Refusal::Taken(field) = refusal {
        Some(field.name())
    } else {
        (*refusal == Refusal::ShutsYouOut).then_some(Field::Ranges.name())
    };
    let mut response = with_status(
        status,
        &Told {
            error,
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
        response.insert_header(RETRY_AFTER, seconds.to_string());
    }
    response
}

/// The stable code of a refusal.
pub fn code(refusal: &Refusal) -> &'static str {
    told(refusal).1
}

/// What outsiders may learn of a refusal: its status and its stable code.
fn told(refusal: &Refusal) -> (StatusCode, &'static str) {
    match refusal {
        // One answer for every way a sign-in fails, so that it does not say which accounts exist.
        Refusal::Assertion(_) | Refusal::NotSignedIn | Refusal::OutsideRanges(_) => {
            (StatusCode::Unauthorized, "not-signed-in")
        }
        Refusal::Busy { .. } => (StatusCode::ServiceUnavailable, "busy"),
        Refusal::Invalid(_) => (StatusCode::UnprocessableEntity, "invalid"),
        Refusal::LastWayIn => (StatusCode::Conflict, "last-way-in"),
        Refusal::LinkSpent => (StatusCode::Gone, "link-spent"),
        Refusal::NoDate => (StatusCode::ServiceUnavailable, "no-date"),
        Refusal::NotAllowed => (StatusCode::Forbidden, "not-allowed"),
        Refusal::NotFound => (StatusCode::NotFound, "not-found"),
        Refusal::ProveAgain => (StatusCode::Forbidden, "prove-again"),
        Refusal::Registration(registration::Step::Discoverable) => {
            (StatusCode::UnprocessableEntity, "not-discoverable")
        }
        Refusal::Registration(_) => (StatusCode::UnprocessableEntity, "passkey-refused"),
        Refusal::ShutsYouOut => (StatusCode::Conflict, "shuts-you-out"),
        Refusal::SignedOut => (StatusCode::Unauthorized, "signed-out"),
        Refusal::Taken(_) => (StatusCode::Conflict, "taken"),
        Refusal::TestLetters { .. } | Refusal::Wait { .. } => (StatusCode::TooManyRequests, "wait"),
        Refusal::TicketSpent => (StatusCode::Gone, "ticket-spent"),
        Refusal::TooMany(Kept::ImportLines) => (StatusCode::UnprocessableEntity, "too-many"),
        Refusal::TooMany(Kept::Accounts | Kept::Administrators | Kept::Passkeys) => (StatusCode::Conflict, "too-many"),
        Refusal::UnknownPasskey => (StatusCode::Unauthorized, "unknown-passkey"),
        Refusal::WrongCode => (StatusCode::Unauthorized, "wrong-code"),
    }
}

fn with_status(status: StatusCode, body: &impl Serialize) -> Response {
    let mut response = Response::new(status);
    match serde_json::to_vec(body) {
        Ok(bytes) => {
            response.set_body(bytes);
            response.insert_header(CONTENT_TYPE, "application/json");
        }
        Err(_) => response.set_status(StatusCode::InternalServerError),
    }
    response
}
