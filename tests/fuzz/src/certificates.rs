//! What refusals name of certificates.

#[path = "../../../src/rules/certificates/looks.rs"]
pub mod looks;
