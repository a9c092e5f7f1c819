//! The office's own certificate authority, and ACME, at work.

pub mod acme;
pub mod authority;
pub mod keeper;
