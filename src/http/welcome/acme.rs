//! What a CA finds in the clear that was asked for a certificate (http-01, RFC 8555 §8.3).

use crate::http::edge::message::{Response, StatusCode};
use crate::http::front::call::Call;
use crate::http::front::reply::Answer;
use crate::rules::refusal::Refusal;

/// Where it looks, under whatever name.
pub const ANSWERS: &str = "/.well-known/acme-challenge/";

/// The answer to a token while it is asked for.
pub async fn answer(call: Call) -> Answer {
    let acme = call.office().trust.acme.as_ref().ok_or(Refusal::NotFound)?;
    let answer = acme.answer(call.part("token")?).ok_or(Refusal::NotFound)?;
    let mut response = Response::new(StatusCode::OK).with_body(answer);
    response.set_field("content-type", "application/octet-stream");
    Ok(response)
}
