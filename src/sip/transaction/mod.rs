//! Transactions (RFC 3261 §17, RFC 6026): who sends again, and until when.

pub(super) mod client;
pub(super) mod server;

use client::Clients;
use server::Servers;

/// All transactions.
#[derive(Default)]
pub(super) struct Transactions {
    pub(super) servers: Servers,
    pub(super) clients: Clients,
}
