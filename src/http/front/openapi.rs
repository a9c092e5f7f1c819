//! The API's own description (OpenAPI 3.1).

use tide::http::headers::CONTENT_TYPE;
use tide::{Response, StatusCode};

use crate::http::front::call::Call;
use crate::http::front::reply::Answer;

/// Written by hand in `openapi.json`; the tests hold it against the route table and against every answer.
const DOCUMENT: &str = include_str!(concat!(env!("OUT_DIR"), "/openapi.json"));

/// The document.
pub async fn document(_call: Call) -> Answer {
    let mut response = Response::new(StatusCode::Ok);
    response.set_body(DOCUMENT);
    response.insert_header(CONTENT_TYPE, "application/json");
    Ok(response)
}
