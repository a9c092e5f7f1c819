//! What `sip` imports of the rules.

#[path = "../../../src/rules/time.rs"]
pub mod time;
