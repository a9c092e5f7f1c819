//! A spare: a second board that keeps a copy of the newest backup and takes over when it is told to; and the board
//! that it took over from.

pub(super) mod copy;
mod fetched;
mod origin;
pub(super) mod replaced;
pub(super) mod standby;
