//! The machine that this binary was built for: `board/*.toml`, baked in by `build.rs`.

use crate::rules::office::button::Holds;

/// A board as its file describes it.
#[derive(Debug)]
pub struct Board {
    /// The file's name without `.toml`.
    pub id: &'static str,
    /// What the machine is called.
    pub title: &'static str,
    /// Where the store lives; `None`: in the user's state folder.
    pub data: Option<&'static str>,
    /// Whether its clock goes on while it is switched off.
    pub clock: Clock,
    /// The button for a factory reset.
    pub reset: Option<Button>,
    /// Where the first one-time password comes from: `machine-id`, `serial`, `dmi-uuid` or a file.
    pub password_from: Option<&'static str>,
    /// The light that shows how it is, and a factory reset: its name under `/sys/class/leds`.
    pub led: Option<&'static str>,
    /// Its name at the first start, under which HTTPS comes up by itself.
    pub name: Option<&'static str>,
    /// Where plain HTTP is served, or `off`.
    pub http: &'static str,
    /// Where HTTPS is served once it comes up, or `off`.
    pub https: &'static str,
}

/// What a board's clock does while the board is switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// It goes on.
    Battery,
    /// It starts anew in 1970.
    None,
}

/// A button that pulls its line low while it is pressed.
#[derive(Debug)]
pub struct Button {
    /// Where it is connected.
    pub line: Line,
    /// How long it is held for which reset.
    pub holds: Holds,
}

/// A line of the kernel's GPIO character devices.
#[derive(Debug)]
pub enum Line {
    /// By its name, whatever chip has it.
    Named(&'static str),
    /// By its number in the chip with this label.
    Numbered {
        /// The chip's label.
        chip: &'static str,
        /// The line's number in the chip.
        number: u32,
    },
}

include!(concat!(env!("OUT_DIR"), "/board.rs"));
