//! The verifier alone, for `tests.rs`.

#[path = "../../../../src/rules/webauthn/mod.rs"]
pub mod webauthn;
