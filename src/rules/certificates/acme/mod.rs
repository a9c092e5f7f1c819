//! Certificates from a CA that is asked over the network (ACME, RFC 8555): what is asked of whom, when, and what is
//! said of it.

pub mod due;
pub mod record;
pub mod set;
pub mod step;
pub mod trouble;
