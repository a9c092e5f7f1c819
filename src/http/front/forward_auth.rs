//! The question that a reverse proxy asks before it lets somebody through to another service.

use serde::Deserialize;

use crate::http::front::call::Call;
use crate::http::front::reply::{self, Answer};
use crate::rules::id::Email;
use crate::rules::refusal::Refusal;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    group: Option<String>,
}

/// 204 and who it is, in fields that the proxy hands on; 401 for nobody. With `?group=administrators`, 403 for others.
pub async fn check(call: Call) -> Answer {
    let wanted: Wanted = call.query()?;
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
