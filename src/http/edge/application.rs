//! Whoever answers the requests that the wire brings.

use smol::future::Boxed;

use super::message::{Request, Response};
use super::wire::bad::Bad;
use crate::rules::time::Date;

/// Answers requests; or says what is wrong with one that the wire could not see.
pub type Application = dyn Fn(Request) -> Boxed<Result<Response, Bad>> + Send + Sync;

/// The date for answers (RFC 9110 §6.6.1); none while it is not known.
pub type Clock = dyn Fn() -> Option<Date> + Send + Sync;
