//! DOORS. What every listener stands on, whatever it speaks: bounds, slots, deadlines, the stop, certificates.

pub mod certificates;
pub mod deadline;
pub mod limits;
pub mod slots;
