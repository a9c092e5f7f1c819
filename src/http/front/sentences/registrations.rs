//! Why a passkey was not taken.

use crate::rules::webauthn::registration;

/// Why a new passkey was not kept, as far as somebody can do something about it.
pub(super) fn not_registered(step: registration::Step) -> String {
    use registration::Step;
    let sentence = match step {
        Step::Origin | Step::CrossOrigin | Step::TopOrigin | Step::RpId => {
            "This passkey was made for another address, so it would not work here. Open this page under its own name, \
             in a window of its own, and try again."
        }
        Step::Present | Step::Verified => {
            "The device did not make sure that it is you. Set up a PIN, fingerprint or face on it, and try again."
        }
        Step::Algorithm => {
            "This device makes keys of a kind that is not supported here. Use another device or security key."
        }
        Step::Format | Step::Attestation => {
            return format!(
                "The device, or a password manager in the browser, vouched for its make in a way that is not known \
                 here or does not hold ({step}). Use another browser, device or security key."
            );
        }
        Step::Trust => {
            "This office takes only security keys of certain models, and this one did not prove to be one of them. Ask \
             your administrator which ones."
        }
        Step::Unclaimed => {
            "This passkey is registered here already, for you or somebody else. Use another device or security key."
        }
        Step::Discoverable => {
            "This passkey would need your name at every sign-in: the device is full, or too old to do without. Make \
             one on another device or security key."
        }
        Step::Utf8 | Step::Json | Step::Type | Step::Challenge | Step::Decoded | Step::Backup | Step::CredentialId => {
            return format!(
                "The browser, or a password manager in it, made a passkey that is not as the standard wants it \
                 ({step}). Try again, or use another browser, device or security key."
            );
        }
    };
    sentence.to_owned()
}
