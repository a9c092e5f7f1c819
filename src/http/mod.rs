//! SPEAKS. HTTP in, one turn, HTTP out. tide's router behind an accept loop of our own; nothing below knows of either.

pub mod address;
pub mod assets;
pub mod body;
pub mod call;
mod connection;
pub mod dispatch;
pub mod headers;
pub mod limits;
pub mod me;
pub mod office;
pub mod pages;
pub mod passkeys;
pub mod passwords;
mod patience;
pub mod people;
mod places;
pub mod prove;
pub mod qr;
pub mod reply;
pub mod routes;
pub mod server;
pub mod sessions;
pub mod settings;
pub mod sign_in;
pub mod tls;
pub mod wire;
