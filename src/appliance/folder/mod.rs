//! The data folder: the store and its key in it, and what is done where it cannot be written.

pub(super) mod data;
pub(super) mod unwritable;
