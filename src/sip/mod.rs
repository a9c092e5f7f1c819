//! The wire of telephony, without sockets and without time: bytes and a [`Tick`](crate::rules::time::Tick) in, actions
//! out.
//!
//! The promise: one input, then all its actions are taken, then the next input. The same seed and the same inputs make
//! the same bytes.
//!
//! - [`codec`]: messages as bytes.
//! - [`stack`]: what a shell feeds and drains; all parts below work for it.
//! - `transaction`: retransmissions and their timers. `registrar`: who is where. `proxy`: calls from one device to
//!   another. `lamps`: line keys.

mod action;
mod alarm;
mod alarms;
mod change;
pub mod codec;
mod flow;
mod input;
mod lamps;
pub mod limits;
mod line;
mod proxy;
mod receive;
mod registrar;
pub mod stack;
mod state;
mod transaction;
mod unheard;
mod wire;
