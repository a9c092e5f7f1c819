//! The date: the clock, time servers, the judging of what they say, and `--date-is`. Boards have no battery for a
//! clock of their own.

pub(super) mod clock;
pub(super) mod date_is;
mod sntp;
pub(super) mod sources;
