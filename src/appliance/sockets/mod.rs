//! The sockets that are served: those of HTTP's doors, those for phones, and those that the service manager has opened
//! already.

pub(super) mod door;
pub(super) mod handed;
pub(super) mod line;
