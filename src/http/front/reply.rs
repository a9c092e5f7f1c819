//! What outsiders may learn, on one page: every failure with its status and its stable code.

use serde::Serialize;

pub use super::failure::Failure;
use super::sentences;
use crate::http::edge::message::{Response, StatusCode};
use crate::rules::invalid::{Field, Invalid};
use crate::rules::refusal::{Kept, Refusal};
use crate::rules::time::Date;
use crate::rules::webauthn::{assertion, registration};

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
            response.set_field("www-authenticate", "Basic realm=\"Linekey\", charset=\"UTF-8\"");
            return response;
        }
        Failure::Broke(_) => (StatusCode::INTERNAL_SERVER_ERROR, "broken"),
        Failure::InTheClear => (StatusCode::FORBIDDEN, "in-the-clear"),
        Failure::Misfit(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
        Failure::NotJson => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json"),
        Failure::OtherOrigin => (StatusCode::FORBIDDEN, "other-origin"),
        Failure::Proxies => (StatusCode::BAD_REQUEST, "proxies-disagree"),
        Failure::Refused(refusal) => return refused(refusal, now),
        Failure::Unreadable(_) => (StatusCode::BAD_REQUEST, "unreadable"),
        Failure::WrongName => (StatusCode::MISDIRECTED_REQUEST, "wrong-name"),
    };
    let message = sentences::failed(failure);
    with_status(
        status,
        &Told {
            error,
            message,
            field: if let Failure::Misfit(misfit) = failure {
                Some(misfit.member())
            } else {
                None
            },
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
        response.set_field("retry-after", seconds.to_string());
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
        // Whoever has this passkey learns no more of the office than by one that is unknown.
        Refusal::Assertion(assertion::Step::Eligible) => (StatusCode::UNAUTHORIZED, "passkey-changed"),
        // One answer for every way a sign-in fails, so that it does not say which accounts exist.
        Refusal::Assertion(_) | Refusal::NotSignedIn | Refusal::OutsideRanges(_) => {
            (StatusCode::UNAUTHORIZED, "not-signed-in")
        }
        Refusal::Busy { .. } => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
        Refusal::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
        Refusal::LastWayIn => (StatusCode::CONFLICT, "last-way-in"),
        Refusal::LinkSpent => (StatusCode::GONE, "link-spent"),
        Refusal::NoDate => (StatusCode::SERVICE_UNAVAILABLE, "no-date"),
        Refusal::NotAllowed => (StatusCode::FORBIDDEN, "not-allowed"),
        Refusal::NotFound => (StatusCode::NOT_FOUND, "not-found"),
        Refusal::PasskeyUnreadable => (StatusCode::BAD_REQUEST, "passkey-unreadable"),
        Refusal::ProveAgain => (StatusCode::FORBIDDEN, "prove-again"),
        Refusal::Registration(registration::Step::Discoverable) => {
            (StatusCode::UNPROCESSABLE_ENTITY, "not-discoverable")
        }
        Refusal::Registration(_) => (StatusCode::UNPROCESSABLE_ENTITY, "passkey-refused"),
        Refusal::ShutsYouOut => (StatusCode::CONFLICT, "shuts-you-out"),
        Refusal::SignedOut => (StatusCode::UNAUTHORIZED, "signed-out"),
        Refusal::Stale => (StatusCode::PRECONDITION_FAILED, "stale"),
        Refusal::Taken(_) => (StatusCode::CONFLICT, "taken"),
        Refusal::TestLetters { .. } | Refusal::Wait { .. } => (StatusCode::TOO_MANY_REQUESTS, "wait"),
        Refusal::TicketSpent => (StatusCode::GONE, "ticket-spent"),
        Refusal::TooMany(Kept::ImportLines) => (StatusCode::UNPROCESSABLE_ENTITY, "too-many"),
        Refusal::TooMany(
            Kept::Accounts | Kept::Administrators | Kept::Devices | Kept::LinesOfOneMac | Kept::Passkeys,
        ) => (StatusCode::CONFLICT, "too-many"),
        Refusal::UnknownPasskey => (StatusCode::UNAUTHORIZED, "unknown-passkey"),
        Refusal::WrongCode => (StatusCode::UNAUTHORIZED, "wrong-code"),
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
