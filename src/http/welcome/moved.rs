//! What the old name says while the appliance moves to another: browsers ask it whether the new one may use its
//! passkeys.

use serde::Serialize;

use crate::http::front::address;
use crate::http::front::call::Call;
use crate::http::front::reply::{self, Answer};
use crate::rules::refusal::Refusal;

/// Where browsers ask (WebAuthn Level 3 §5.11): over HTTPS under the RP ID, on the usual port, without a cookie; a
/// redirect is not followed.
pub const PATH: &str = "/.well-known/webauthn";

#[derive(Serialize)]
struct Origins<'a> {
    origins: Vec<&'a str>,
}

/// The origins that may use the old name's passkeys; nothing under any other name, in the clear, or once the move is
/// over.
pub async fn origins(call: Call) -> Answer {
    let (office, request) = (call.office(), &call.request);
    let old = office.moved_from()?.ok_or(Refusal::NotFound)?;
    if !request.peer.secure || !address::is_right(request.field("host").unwrap_or_default(), old.as_str()) {
        return Err(Refusal::NotFound.into());
    }
    let origins = office.site.party.origins.iter().map(String::as_str);
    Ok(reply::json(&Origins {
        origins: origins.filter(|origin| origin.starts_with("https:")).collect(),
    }))
}
