//! HEARS AND ANSWERS. The one layer that knows HTTP: sockets, TLS and the wire, and on top of them tide's routing.
//!
//! tide routes and nothing more: [`server`] accepts, [`wire`] reads and writes, and `tide::Server::respond` is the only
//! call between them, so another router could take tide's place without a change below this line.

mod connection;
pub mod headers;
pub mod limits;
mod patience;
mod places;
pub mod server;
pub mod tls;
pub mod wire;
