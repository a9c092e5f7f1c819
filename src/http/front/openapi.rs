//! The API's own description (OpenAPI 3.1).

use crate::http::edge::message::{Response, StatusCode};
use crate::http::front::call::Call;
use crate::http::front::reply::Answer;

/// Written by hand in `openapi.json`; the tests hold it against the route table and against every answer.
const DOCUMENT: &str = include_str!(concat!(env!("OUT_DIR"), "/openapi.json"));

/// The document.
pub async fn document(_call: Call) -> Answer {
    let mut response = Response::new(StatusCode::OK);
    response.body = (DOCUMENT).into();
    response.set_field("content-type", "application/json");
    Ok(response)
}
