//! A stateful proxy between the devices of one office (RFC 3261 §16), and never a relay for anybody else.

pub(super) mod answer;
pub(super) mod calls;
pub(super) mod cancel;
pub(super) mod dialog;
mod fork;
mod outgoing;
pub(super) mod progress;
pub(super) mod request;
pub(super) mod ring;
mod room;
pub(super) mod route;
pub(super) mod table;
pub(super) mod withdraw;
