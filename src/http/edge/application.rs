//! Whoever answers the requests that the wire brings.

use smol::future::Boxed;

use super::message::{Request, Response};
use super::wire::bad::Bad;

/// Answers requests; or says what is wrong with one that the wire could not see.
pub type Application = dyn Fn(Request) -> Boxed<Result<Response, Bad>> + Send + Sync;
