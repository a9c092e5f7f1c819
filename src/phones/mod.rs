//! RINGS. UDP, TCP and TLS sockets and timers that feed [`sip`](crate::sip), as long as phones are turned on.
//!
//! - `exchange`: the one stack behind a lock, and all its actions carried out before the next input.
//! - `sockets`: opened. `datagrams`: those for UDP. `stream`: one connection. `keeper`: follows the settings and the
//!   devices.
//! - `places`: bindings saved and found again. `told`: what pages and the journal learn. `notifier`: what phones are
//!   told outside of calls.

mod datagrams;
mod directory;
mod exchange;
pub mod keeper;
pub mod limits;
mod notifier;
mod places;
mod queue;
pub mod sockets;
mod stream;
mod told;
