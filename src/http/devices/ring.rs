//! A test call, so that somebody hears which phone it is and that it works.

use serde::Serialize;

use super::device::named;
use crate::http::front::call::Call;
use crate::http::front::reply::{self, Answer};
use crate::rules::refusal::Refusal;

#[derive(Serialize)]
struct Ringing {
    /// False: it is not registered, or another phone is being tried.
    ringing: bool,
}

/// Lets a device ring for a few seconds.
pub async fn ring(call: Call) -> Answer {
    let (office, id) = (call.office(), named(&call)?);
    office.store.read(|facts| facts.device(id))?.ok_or(Refusal::NotFound)?;
    let line = office.line.now();
    let is_registered = line.of(id).is_some_and(|on_line| !on_line.bindings.is_empty());
    let ringing = is_registered && office.line.ring(id);
    Ok(reply::json(&Ringing { ringing }))
}
