//! Linekey: passkey sign-in and line keys for a small office's telephone system.
//!
//! **A request is one turn: facts in, verdict out, at most one commit.** The rules decide over plain values, the store
//! keeps what must last, the desk remembers what may be forgotten, and nothing else writes.
//!
//! | layer | does | may import |
//! | --- | --- | --- |
//! | [`http`] | hears and answers: sockets, TLS, the wire, routing | `store`, `desk`, `rules` |
//! | [`rules`] | decides: no clock, dice, disk, wire or async | values only |

pub mod http;
pub mod rules;
