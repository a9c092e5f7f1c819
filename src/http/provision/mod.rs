//! The files that phones fetch: at first by their MAC address, in a window that an administrator opens; then by an
//! address of each device's own. Whoever gets nothing gets the same 404, costs no look into the store, and writes
//! nothing.

pub mod app;
pub mod fetch;
mod looks;
mod sheet;
