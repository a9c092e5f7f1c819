//! Web Authentication Level 3 (editor's draft of 2026-07-30): the relying party's side, without I/O.
