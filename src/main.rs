//! The `linekey` program: flags in, exit status out.

fn main() {}
