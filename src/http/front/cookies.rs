//! Cookies: the session's, and that of a browser that asked for a link.

use crate::http::edge::message::Request;
use crate::rules::secret::Token;
use crate::rules::time::Ttl;

/// The session cookie over TLS (RFC 6265bis §4.1.3.2: `__Host-` binds it to this host, path `/` and `Secure`).
const SECURE_COOKIE: &str = "__Host-linekey";
/// The session cookie over plain HTTP, which only `localhost` serves.
const PLAIN_COOKIE: &str = "linekey";

/// The cookie of a browser that asked for a link, over TLS and over plain HTTP.
const SECURE_WAITING: &str = "__Host-linekey-asked";
const PLAIN_WAITING: &str = "linekey-asked";

/// The `Set-Cookie` value that signs a browser in; `None` for `max_age`: until the browser is closed.
pub fn set_cookie(secure: bool, token: &Token, max_age: Option<u64>) -> String {
    let lasting = max_age
        .map(|seconds| format!("; Max-Age={seconds}"))
        .unwrap_or_default();
    format!(
        "{}={}{}{lasting}",
        session_name(secure),
        token.reveal(),
        attributes(secure)
    )
}

/// The `Set-Cookie` value that signs a browser out.
pub fn clear_cookie(secure: bool) -> String {
    format!("{}={}; Max-Age=0", session_name(secure), attributes(secure))
}

fn session_name(secure: bool) -> &'static str {
    if secure { SECURE_COOKIE } else { PLAIN_COOKIE }
}

fn attributes(secure: bool) -> &'static str {
    if secure {
        "; Path=/; Secure; HttpOnly; SameSite=Lax"
    } else {
        "; Path=/; HttpOnly; SameSite=Lax"
    }
}

/// The `Set-Cookie` value that marks the browser which asked for a link: its letter's short code works here alone.
pub fn waiting_cookie(secure: bool, token: &Token, lasting: Ttl) -> String {
    let (name, attributes) = (waiting_name(secure), attributes(secure));
    format!("{name}={}{attributes}; Max-Age={}", token.reveal(), lasting.0)
}

fn waiting_name(secure: bool) -> &'static str {
    if secure { SECURE_WAITING } else { PLAIN_WAITING }
}

/// What marks the browser that asked for a link.
pub fn waiting(request: &Request) -> Option<Token> {
    named(request, waiting_name(request.has_secure_cookies)).next()
}

/// The tokens of the sessions that a browser claims to have. There may be several: on `localhost` every port has the
/// same cookies, and pages of other programs can set the same name for another path. Their order says nothing
/// (RFC 6265 §4.2.2).
pub fn sessions(request: &Request) -> impl Iterator<Item = Token> {
    named(request, session_name(request.has_secure_cookies))
}

/// How many cookies of one name are looked at.
const ALIKE: usize = 4;

fn named(request: &Request, name: &'static str) -> impl Iterator<Item = Token> {
    let pairs = request.fields_named("cookie").flat_map(|value| value.split(';'));
    pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(move |(known, _)| *known == name)
        .filter_map(|(_, value)| Token::parse(value))
        .take(ALIKE)
}
