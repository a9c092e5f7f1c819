//! ACME (RFC 8555) at work: a client of its own over the few parts that are here already, because no crate tells the
//! owner what the CA said (DESIGN.md, "ACME").

mod call;
mod fit;
pub mod keeper;
mod order;
pub mod roots;
