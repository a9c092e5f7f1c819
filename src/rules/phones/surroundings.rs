//! What all phones' files say of the appliance: where it is found, by which CA it is known, at which ports it listens.

/// SHA-256 of it. Changes of it are nobody's turn: another name, another address, another CA, other flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Surroundings(pub [u8; 32]);
