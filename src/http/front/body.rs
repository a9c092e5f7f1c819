//! The body of a request: JSON of a known shape.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use tide::Request;

use crate::http::front::reply::Failure;
use crate::office::Shared;

/// A message without content: `{}`.
#[derive(Deserialize)]
pub struct Nothing {}

/// Reads the body as JSON of the shape `T`. Its size was bounded at the wire.
pub async fn json<T: DeserializeOwned>(request: &mut Request<Shared>) -> Result<T, Failure> {
    let is_json = request
        .content_type()
        .is_some_and(|mime| mime.essence() == "application/json");
    if !is_json {
        return Err(Failure::NotJson);
    }
    let bytes = request
        .body_bytes()
        .await
        .map_err(|_| Failure::Unreadable("the message broke off".to_owned()))?;
    serde_json::from_slice(&bytes).map_err(|error| Failure::Unreadable(error.to_string()))
}
