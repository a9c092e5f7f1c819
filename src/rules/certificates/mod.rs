//! What certificates may say, and which are believed.

pub mod pasted;
