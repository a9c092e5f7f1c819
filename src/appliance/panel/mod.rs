//! The front of the board: its reset button, its light, and what both do at power-on and while the appliance runs.

pub mod button;
pub(super) mod front;
pub mod led;
