//! Bakes what the binary carries.
fn main() {}
