//! The stopwatch of sockets.

use std::time::Instant;

/// Now, for waits on sockets alone.
#[expect(
    clippy::disallowed_methods,
    reason = "how long a socket may dawdle is the wire's own business, not the office's time"
)]
pub(super) fn now() -> Instant {
    Instant::now()
}
