//! A relying party's side of Web Authentication, to be read with the standard in the other hand.
//!
//! Edition: **Web Authentication Level 3, editor's draft of 2026-07-30** (w3c/webauthn `146d0db`). Every step number
//! here is that edition's; a step that can refuse is a value ([`registration::Step`], [`assertion::Step`]) and refusing
//! anywhere else is not possible.
//!
//! Everything is a function of its arguments: no clock, no dice, no wire. So certificates' dates are never looked at
//! (boards wake in 1970, and attestation certificates outlive their dates anyway), and challenges are made by the
//! caller.
//!
//! | module | reads |
//! | --- | --- |
//! | [`cbor`], [`der`], [`json`] | the three encodings, strictly; nothing is ever left over |
//! | [`client_data`], [`auth_data`], [`public_key`], [`attestation`] | the four structures of the standard |
//! | [`registration`], [`assertion`] | §7.1 and §7.2 |
//! | [`wire`], [`options`] | the standard's JSON forms, from and to the browser |

pub mod aaguid;
pub mod algorithm;
pub mod assertion;
pub mod attestation;
pub mod auth_data;
pub mod cbor;
pub mod client_data;
mod curves;
pub mod der;
pub mod es256;
pub mod json;
pub mod limits;
pub mod malformed;
pub mod options;
pub mod party;
pub mod public_key;
pub mod registration;
pub mod wire;

pub use algorithm::Algorithm;
pub use malformed::Malformed;
pub use party::{Challenge, RelyingParty, UserVerification};
pub use public_key::PublicKey;
