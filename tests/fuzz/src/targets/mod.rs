//! One entry for each parser and each ceremony: any bytes may come, none may panic, and whatever is accepted must be
//! accepted by a second judge too.

mod ceremonies;
mod chain;
mod parsers;
pub mod parts;
mod signatures;

pub use ceremonies::{assertion, registration};
pub use chain::{chain, is_anchored};
pub use parsers::{attestation_object, auth_data, client_data, cose_key};
pub use signatures::{der_signature, es256};
