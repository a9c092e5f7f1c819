//! The wire of telephony, without sockets and without time: bytes and a [`Tick`](crate::rules::time::Tick) in, actions out.
//!
//! The promise: one input, then all its actions are taken, then the next input.

pub mod codec;
