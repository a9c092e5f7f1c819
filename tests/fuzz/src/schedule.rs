//! What refusals name of backups.

#[path = "../../../src/rules/office/schedule/bucket_trouble.rs"]
pub mod bucket_trouble;
