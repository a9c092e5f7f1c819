//! What `sip` imports of the rules.

#[path = "certificates.rs"]
pub mod certificates;
#[path = "../../../src/rules/id.rs"]
pub mod id;
#[path = "../../../src/rules/invalid.rs"]
pub mod invalid;
#[path = "../../../src/rules/limits.rs"]
pub mod limits;
#[path = "../../../src/rules/moment.rs"]
pub mod moment;
#[path = "office.rs"]
pub mod office;
#[path = "phones.rs"]
pub mod phones;
#[path = "../../../src/rules/secret.rs"]
pub mod secret;
#[path = "../../../src/rules/text.rs"]
pub mod text;
#[path = "../../../src/rules/time.rs"]
pub mod time;

/// Nobody chooses a password here, and the list of common ones is made by the main package's `build.rs`.
pub mod people {
    pub mod common_passwords {
        pub fn is_common(_: &str) -> bool {
            false
        }
    }
}
