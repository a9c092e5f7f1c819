//! From sockets to requests and back: connections, and HTTP/1.1 as bytes.

pub mod application;
mod connection;
pub mod headers;
mod hearing;
pub mod limits;
pub mod message;
pub mod server;
pub mod wire;
