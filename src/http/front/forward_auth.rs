//! The question that a reverse proxy asks before it lets somebody through to another service.

use serde::Deserialize;

use crate::http::front::call::Call;
use crate::http::front::reply::{self, Answer, Failure};
use crate::rules::id::Email;
use crate::rules::refusal::Refusal;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Wanted {
    /// Who alone is let through.
    group: Option<String>,
    /// `redirect`: browsers that nobody is signed in with are sent to the sign-in page, for proxies that cannot do it.
    sign_in: Option<String>,
}

/// What is asked behind the question mark: nothing (Caddy leaves the mark alone where its example takes the query
/// away), or what holds. An empty value comes from a variable that a proxy's owner did not set, and lets nobody
/// through; nor does a parameter that is unknown or stands there twice.
fn wanted(call: &Call) -> Result<Wanted, Failure> {
    let wanted: Wanted = call.query()?;
    let holds =
        |value: &Option<String>, known: &[&str]| value.as_ref().is_none_or(|value| known.contains(&value.as_str()));
    if !holds(&wanted.group, &["administrators", "people"]) {
        return Err(Failure::Unreadable("group is administrators or people".to_owned()));
    }
    if !holds(&wanted.sign_in, &["redirect"]) {
        return Err(Failure::Unreadable("sign-in is redirect, or left out".to_owned()));
    }
    Ok(wanted)
}

/// What a proxy is answered for nobody: 401, or the way to the sign-in page and back, if it asks so for a browser
/// that wants a page.
pub fn nobody(call: &Call) -> Answer {
    let field = |name| call.request.field(name);
    let wants_page = field("accept").is_some_and(|accept| accept.contains("text/html"));
    let redirects = wanted(call).is_ok_and(|wanted| wanted.sign_in.is_some());
    if !redirects || !wants_page {
        return Err(Refusal::SignedOut.into());
    }
    let asked = (
        field("x-forwarded-proto"),
        field("x-forwarded-host"),
        field("x-forwarded-uri"),
    );
    let onwards = match asked {
        (Some(proto), Some(host), Some(uri)) if uri.starts_with('/') => format!("?to={proto}://{host}{uri}"),
        _ => String::new(),
    };
    Ok(reply::see(&format!("{}/{onwards}", call.office().site.origin)))
}

/// 204 and who it is, in fields that the proxy hands on; 401 for nobody. With `?group=administrators`, 403 for others.
pub async fn check(call: Call) -> Answer {
    let wanted = wanted(&call)?;
    let account = call.account()?;
    let group = if account.is_administrator() {
        "administrators"
    } else {
        "people"
    };
    if wanted.group.is_some_and(|wanted| wanted != group) {
        return Err(Refusal::NotAllowed.into());
    }
    let mut response = reply::done();
    response.set_field("remote-user", encoded(account.username()));
    response.set_field("remote-name", encoded(account.name.as_str()));
    // Always there: Caddy 2.6 hands on the name of a variable in place of a field that is missing.
    let email = account.email.as_ref().map_or("", Email::as_str);
    response.set_field("remote-email", encoded(email));
    response.set_field("remote-groups", group);
    Ok(response)
}

/// Percent-encoded UTF-8 where it is not printable ASCII (RFC 3986 §2.1), and `%` itself: header fields carry no more.
fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'%' | 0..0x20 | 0x7f.. => format!("%{byte:02X}"),
        _ => char::from(byte).to_string(),
    };
    text.bytes().map(byte).collect()
}
