//! HTTP/1.1 as bytes, without sockets and without time: what a request says, and what an answer looks like.
//!
//! Strict where leniency would let two readers of one byte stream see different requests (RFC 9112 §11.2): a head that
//! is not exactly as the standard has it is refused, never repaired.

pub mod answer;
pub mod bad;
pub mod body;
pub mod head;
