//! What `sip` imports of the rules about devices.

#[path = "../../../src/rules/phones/binding.rs"]
pub mod binding;
#[path = "../../../src/rules/phones/device.rs"]
pub mod device;
#[path = "../../../src/rules/phones/digest.rs"]
pub mod digest;
#[path = "../../../src/rules/phones/limits.rs"]
pub mod limits;
#[path = "../../../src/rules/phones/line_state.rs"]
pub mod line_state;
#[path = "../../../src/rules/phones/mac.rs"]
pub mod mac;
#[path = "../../../src/rules/phones/nonce.rs"]
pub mod nonce;
#[path = "../../../src/rules/phones/sip_uri.rs"]
pub mod sip_uri;
#[path = "../../../src/rules/phones/spelling.rs"]
pub mod spelling;

/// When a phone may fetch its files is no part of its line.
pub mod window {
    use super::super::time::Date;

    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Provisioning {
        pub open_until: Option<Date>,
    }
}
