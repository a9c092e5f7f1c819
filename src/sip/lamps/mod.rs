//! Line keys: subscriptions to `dialog` (RFC 6665, RFC 4235), and what is told outside of them.

pub(super) mod notify;
pub(super) mod subscribe;
pub(super) mod table;
pub(super) mod told;
