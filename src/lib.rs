//! Linekey: passkey sign-in and line keys for a small office's telephone system.
//!
//! **A request is one turn: facts in, verdict out, at most one commit.** The rules decide over plain values, the store
//! keeps what must last, the desk remembers what may be forgotten, and nothing else writes.
//!
//! | layer | does | may import |
//! | --- | --- | --- |
//! | [`appliance`] | stands: flags, start, clock, dice, signals | everything below |
//! | [`http`] | speaks: routes, pages, answers | `store`, `desk`, `rules` |
//! | [`phones`] | rings: SIP over UDP, TCP and TLS | `office`, `net`, `store`, `sip`, `rules` |
//! | [`mail`] | tells: letters, and the postman who carries them | `store`, `desk`, `rules` |
//! | [`store`] | keeps: one redb file, one writer | `rules` |
//! | [`desk`] | remembers for minutes: fixed tables in memory | `rules` |
//! | [`rules`] | decides: no clock, dice, disk, wire or async | values only |

pub mod appliance;
pub mod desk;
pub mod http;
pub mod mail;
pub mod names;
pub mod net;
pub mod office;
pub mod phones;
pub mod rules;
pub mod sip;
pub mod store;
pub mod trust;
