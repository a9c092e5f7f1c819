//! What outsiders may learn, on one page: every refusal with its status, its stable code and its sentence.

use serde::Serialize;
use tide::http::headers::{CONTENT_TYPE, RETRY_AFTER};
use tide::{Response, StatusCode};

use crate::rules::time::Date;
use crate::rules::verdict::Refusal;
use crate::rules::webauthn::registration;
use crate::store::Fault;

/// Seconds after which a time server may have told the date.
const UNDATED: u64 = 60;

/// What a handler comes back with.
pub type Answer = Result<Response, Failure>;

/// Why there is no answer.
#[derive(Debug)]
pub enum Failure {
    /// A program's credentials are not right.
    BadCredentials(Refusal),
    /// We broke: the caller learns only that.
    Broke(Fault),
    /// A program's credentials came over an unencrypted line.
    InTheClear,
    /// The body is not declared as JSON.
    NotJson,
    /// A state-changing request from another origin (Fetch Metadata, RFC 6454).
    OtherOrigin,
    /// A trusted proxy does not say, or says twice and differently, whom it speaks for.
    Proxies,
    /// The rules say no.
    Refused(Refusal),
    /// The body does not have the shape that the call wants; in what way.
    Unreadable(String),
    /// The request names a host that is not ours.
    WrongName,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Broke(fault)
    }
}

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
    let plain = |status, error, message: &str| {
        with_status(
            status,
            &Told {
                error,
                message: message.to_owned(),
                field: None,
            },
        )
    };
    match failure {
        Failure::BadCredentials(refusal) => {
            let mut response = refused(refusal, now);
            response.insert_header("WWW-Authenticate", "Basic realm=\"Linekey\", charset=\"UTF-8\"");
            response
        }
        Failure::InTheClear => plain(
            StatusCode::Forbidden,
            "in-the-clear",
            "Credentials of programs are taken over HTTPS alone. Use another secret from now on: this one was readable on the way.",
        ),
        Failure::Broke(_) => plain(
            StatusCode::InternalServerError,
            "broken",
            "Something broke in the appliance. Nothing was changed; its log says what it was.",
        ),
        Failure::NotJson => plain(
            StatusCode::UnsupportedMediaType,
            "not-json",
            "Send the message as JSON, with Content-Type: application/json.",
        ),
        Failure::OtherOrigin => plain(
            StatusCode::Forbidden,
            "other-origin",
            "This request came from another site's page, so it was not carried out.",
        ),
        Failure::Proxies => plain(
            StatusCode::BadRequest,
            "proxies-disagree",
            "The proxy in front does not say whom it speaks for: Forwarded or X-Forwarded-For hides the caller, or they disagree. Let it set one of them and remove the other.",
        ),
        Failure::Refused(refusal) => refused(refusal, now),
        Failure::Unreadable(why) => plain(
            StatusCode::BadRequest,
            "unreadable",
            &format!("The message cannot be read: {why}."),
        ),
        Failure::WrongName => plain(
            StatusCode::MisdirectedRequest,
            "wrong-name",
            "This appliance is not served at this address. Open it under its own name, over HTTPS where it has it.",
        ),
    }
}

fn refused(refusal: &Refusal, now: Date) -> Response {
    let (status, error, message) = told(refusal);
    let field = if let Refusal::Field(field, _) | Refusal::Taken(field) = refusal {
        Some(*field)
    } else {
        (*refusal == Refusal::ShutsYouOut).then_some("ranges")
    };
    let mut response = with_status(
        status,
        &Told {
            error,
            message: message.to_owned(),
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

/// The sentence of a refusal, for people.
pub fn sentence(refusal: &Refusal) -> &'static str {
    told(refusal).2
}

/// The stable code of a refusal.
pub fn code(refusal: &Refusal) -> &'static str {
    told(refusal).1
}

fn told(refusal: &Refusal) -> (StatusCode, &'static str, &'static str) {
    match refusal {
        // One answer for every way a sign-in fails, so that it does not say which accounts exist.
        Refusal::Assertion(_) | Refusal::NotSignedIn | Refusal::OutsideRanges(_) => (
            StatusCode::Unauthorized,
            "not-signed-in",
            "That did not sign you in. Check what you typed, or use your passkey.",
        ),
        Refusal::Busy { .. } => (
            StatusCode::ServiceUnavailable,
            "busy",
            "Too many people are signing in at this moment. Try again in a minute.",
        ),
        Refusal::Field(_, sentence) => (StatusCode::UnprocessableEntity, "invalid", sentence),
        Refusal::LastWayIn => (
            StatusCode::Conflict,
            "last-way-in",
            "Nobody could administer this appliance after that. Add another passkey or administrator first.",
        ),
        Refusal::LinkSpent => (
            StatusCode::Gone,
            "link-spent",
            "This link has been used, has expired, or was replaced by a newer one. Ask for a new link.",
        ),
        Refusal::NoDate => (
            StatusCode::ServiceUnavailable,
            "no-date",
            "This appliance does not know the date yet, as after a power cut. It learns it from the network: try again in a minute. If it stays so, ask whoever runs the appliance to set its clock.",
        ),
        Refusal::NotAllowed => (StatusCode::Forbidden, "not-allowed", "Your account may not do this."),
        Refusal::NotFound => (
            StatusCode::NotFound,
            "not-found",
            "There is no such thing here (any more).",
        ),
        Refusal::ShutsYouOut => (
            StatusCode::Conflict,
            "shuts-you-out",
            "Your own address is not in these ranges: you would be shut out at once. Add it, or save from where they hold.",
        ),
        Refusal::ProveAgain => (
            StatusCode::Forbidden,
            "prove-again",
            "For this change, show once more that it is you: use your passkey or password.",
        ),
        Refusal::Registration(registration::Step::Discoverable) => (
            StatusCode::UnprocessableEntity,
            "not-discoverable",
            "This passkey would need your name at every sign-in: the device is full, or too old to do without. Make it on another device or security key.",
        ),
        Refusal::Registration(_) => (
            StatusCode::UnprocessableEntity,
            "passkey-refused",
            "This passkey could not be accepted. Try again, or use another device or security key.",
        ),
        Refusal::SignedOut => (
            StatusCode::Unauthorized,
            "signed-out",
            "You are signed out. Sign in to go on.",
        ),
        Refusal::Taken("email") => (
            StatusCode::Conflict,
            "taken",
            "Somebody else has this e-mail address already. Each person needs their own.",
        ),
        Refusal::Taken(_) => (
            StatusCode::Conflict,
            "taken",
            "Somebody else has this already. Choose another.",
        ),
        Refusal::TestLetters { .. } => (
            StatusCode::TooManyRequests,
            "wait",
            "Test letters go one at a time, twenty in an hour. Wait a moment before the next one.",
        ),
        Refusal::TicketSpent => (
            StatusCode::Gone,
            "ticket-spent",
            "This prompt was open for too long or was answered already. Start again.",
        ),
        Refusal::TooMany("passkeys") => (
            StatusCode::Conflict,
            "too-many",
            "There are 16 passkeys already. Delete one that you no longer use.",
        ),
        Refusal::TooMany("lines") => (
            StatusCode::UnprocessableEntity,
            "too-many",
            "That are more than 1,000 lines. Import them in parts.",
        ),
        Refusal::TooMany("administrators") => (
            StatusCode::Conflict,
            "too-many",
            "There are 64 administrators already. Delete one first.",
        ),
        Refusal::TooMany(_) => (
            StatusCode::Conflict,
            "too-many",
            "The office is full: the appliance keeps 2,000 accounts. Delete one first.",
        ),
        Refusal::UnknownPasskey => (
            StatusCode::Unauthorized,
            "unknown-passkey",
            "This passkey is not known here (any more). Use another one, or ask for a new link.",
        ),
        Refusal::WrongCode => (
            StatusCode::Unauthorized,
            "wrong-code",
            "That code does not work: it is mistyped, too old, or was asked for in another browser. After five tries ask for a new letter.",
        ),
        Refusal::Wait { .. } => (
            StatusCode::TooManyRequests,
            "wait",
            "Too many attempts went wrong. Wait a moment before the next one, or use your passkey.",
        ),
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
