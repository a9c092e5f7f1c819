//! What it does to bring the date back.

use std::fmt;

/// What bringing the date back does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consequences {
    /// So many sessions end: all.
    pub sessions: usize,
    /// So many links end: all.
    pub links: usize,
    /// So many lines of the journal keep a date that has not come yet.
    pub lines: usize,
    /// Whether the office CA begins after the date, so that a new one is made, which every device has to trust anew.
    pub authority: bool,
}

impl fmt::Display for Consequences {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            sessions,
            links,
            lines,
            authority,
        } = self;
        write!(
            to,
            "sessions that end: {sessions}, links that end: {links}, lines of the journal that keep a later date: \
                {lines}, "
        )?;
        to.write_str(if *authority {
            "the office CA is made anew and every device has to trust it once more"
        } else {
            "the office CA stays"
        })
    }
}
