//! The rules about devices and their line, sentence by sentence; B01 … are the troubles of owners in
//! `../shared/sip/corpus/bugs.md`.

mod addresses;
mod binding;
mod boxes;
mod colleagues;
mod corpus;
mod desk;
mod digest;
mod digest_uri;
mod full;
#[path = "../../../../tests/it/left_out.rs"]
#[allow(unreachable_pub, reason = "shared with the targets of tests")]
mod left_out;
mod line_state;
mod roster;
mod typed;
mod way;
