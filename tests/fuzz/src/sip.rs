//! The wire of telephony, by path.

#[path = "../../../src/sip/codec/mod.rs"]
pub mod codec;
