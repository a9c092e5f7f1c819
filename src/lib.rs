//! Linekey: passkey sign-in and line keys for a small office's telephone system.
//!
//! **A request is one turn: facts in, verdict out, at most one commit.** The rules decide over plain values, the store
//! keeps what must last, the desk remembers what may be forgotten, and nothing else writes.
//!
//! | room | does | floor |
//! | --- | --- | --- |
//! | [`appliance`] | stands: flags, start, clock, dice, signals | 5 |
//! | [`http`] | speaks: routes, pages, answers | 4 |
//! | [`phones`] | rings: the sockets and timers of telephony | 4 |
//! | [`mail`] | tells: letters, and the postman who carries them | 4 |
//! | [`names`] | announces the appliance on the LAN | 4 |
//! | [`trust`] | vouches: the office's own certificate authority | 4 |
//! | [`office`] | what every door stands in | 3 |
//! | [`net`] | doors: listeners, slots, deadlines, certificates | 3 |
//! | [`store`] | keeps: one redb file, one writer | 2 |
//! | [`desk`] | remembers for minutes: fixed tables in memory | 2 |
//! | [`sip`] | telephony without sockets and without time | 2 |
//! | [`rules`] | decides: no clock, dice, disk, wire or async | 1 |
//!
//! A room imports those of lower floors alone (`tests/it/house`).

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
