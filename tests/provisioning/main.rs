//! The files that phones fetch and the names they ask for, read by parsers that know nothing of the writers.
//!
//! `golden/README.md` has a table per make: every key, its value in the golden file, and what it was checked against.
#![cfg(test)]

mod addresses;
mod discovery;
mod golden;
mod makes;
mod names;
mod phone;
mod reader;
mod record;
mod requests;
