//! What every request passes: the table of routes, who asks, and how answers look.

pub mod address;
pub mod assets;
pub mod basic;
pub mod body;
pub mod call;
pub mod caller;
pub mod cookies;
pub mod dispatch;
pub mod etag;
pub mod events;
pub mod failure;
pub mod forward_auth;
mod forwarded;
mod misspelt;
pub mod onlooker;
pub mod openapi;
pub mod pages;
pub mod proxies;
pub mod qr;
pub mod question;
pub mod reply;
mod resolve;
pub mod route;
pub mod router;
pub mod routes;
pub mod sentences;
pub mod subject;
