//! DECIDES. Plain functions over records, bytes, the time and fresh randomness, all passed in as values.

pub mod webauthn;
