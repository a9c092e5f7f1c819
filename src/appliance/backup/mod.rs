//! Backups at the start: written into a file and restored from one, with the passphrases for both; and buckets as
//! places for them.

pub mod bucket;
pub(super) mod passphrases;
pub(super) mod restore;
pub(super) mod target;
pub(super) mod to_file;
