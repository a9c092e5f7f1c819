//! DECIDES. Plain functions over records, bytes, the time and fresh randomness, all passed in as values.
//!
//! Nothing here may read a clock, throw dice, touch a disk or a wire, or wait: whoever calls brings what is needed and
//! carries out what was decided.

pub mod certificates;
pub mod change;
pub mod id;
pub mod invalid;
pub mod letters;
pub mod limits;
pub mod moment;
pub mod neighbour;
pub mod office;
pub mod people;
pub mod phones;
pub mod refusal;
pub mod secret;
pub mod table;
pub mod text;
pub mod time;
pub mod verdict;
pub mod webauthn;
