//! DOORS. What every listener stands on, whatever it speaks: bounds, slots, deadlines, the stop, certificates.

pub mod bucket;
pub mod certificates;
pub mod deadline;
pub mod file;
pub mod flaws;
pub mod gathered;
pub mod handshakes;
pub mod https;
mod instant;
pub mod issued;
pub mod limits;
pub mod listener;
pub mod log_server;
pub mod pasted;
pub mod peer;
pub mod refused;
mod slots;
pub mod stop;
pub mod streamed;
pub mod tls;
pub mod trusted;
pub mod unbound;
mod unusable;
