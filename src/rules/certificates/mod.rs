//! What certificates may say, when they are renewed, and what is wrong with those of the owner.

pub mod acme;
pub mod authority;
pub mod flaw;
pub mod handshake;
pub mod inspect;
pub mod keep;
pub mod kept;
mod key;
pub mod leaf;
pub mod looks;
pub mod name;
pub mod pasted;
mod pem;
pub mod profile;
pub mod served;
mod signature;
pub mod validity;
pub mod weakness;
pub mod x509;
