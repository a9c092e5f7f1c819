//! Fuzzing of everything that reads what strangers send. `.ci/fuzz` runs each target for some seconds from `seeds/`;
//! `tests/vectors` replays the seeds without sanitizers. One target for longer, from the main package's folder:
//!
//!     RUSTC_BOOTSTRAP=1 target/tools/bin/cargo-fuzz run --fuzz-dir tests/fuzz --target-dir target/fuzz NAME \
//!         tests/fuzz/corpus/NAME tests/fuzz/seeds/NAME

extern crate self as linekey;

pub mod mutator;
pub mod rules;
#[path = "../../../src/sip/mod.rs"]
pub mod sip;
#[path = "../../sip/exercise.rs"]
pub mod sip_message;
#[path = "../../sip/script.rs"]
pub mod sip_script;
pub mod targets;
#[path = "../../../src/rules/webauthn/mod.rs"]
pub mod webauthn;
