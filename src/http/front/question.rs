//! What is asked of a browser's authenticator.

use serde::Serialize;

use crate::rules::people::passkey::Passkey;
use crate::rules::webauthn::options::Descriptor;

/// The options of a ceremony, and the ticket to answer them with.
#[derive(Serialize)]
pub struct Question<T> {
    ticket: String,
    #[serde(rename = "publicKey")]
    public_key: T,
}

impl<T> Question<T> {
    /// A ticket and its options.
    pub fn new(ticket: String, public_key: T) -> Self {
        Self { ticket, public_key }
    }
}

/// How browsers are told of a passkey.
pub fn descriptor(passkey: &Passkey) -> Descriptor<'_> {
    Descriptor::new(&passkey.credential.0, &passkey.transports)
}
