//! What refusals name of the office.

#[path = "schedule.rs"]
pub mod schedule;
