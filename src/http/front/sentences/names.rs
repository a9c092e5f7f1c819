//! Why a host name is none.

use crate::rules::invalid::WrongName;

/// The sentence of a name that is no host name, or that passkeys cannot be bound to.
pub(super) fn wrong(wrong: WrongName) -> String {
    let sentence = match wrong {
        WrongName::Address => {
            "This is an IP address, which passkeys do not work with. Give a name that people type into the address \
             bar, like pbx.example.org."
        }
        WrongName::BeyondAscii => {
            "This name has letters beyond a to z. Write it in the form that begins with xn--, as browsers and DNS know \
             it."
        }
        WrongName::Port => "Give the name without a port: the part before the colon.",
        WrongName::Scheme => "Give the name alone, like pbx.example.org: no https:// and no slash.",
        WrongName::Underscore => {
            "This name has an underscore, which host names may not have and browsers make no passkeys for. Take a \
             hyphen instead."
        }
        WrongName::Other => {
            "A name is what people type into the address bar, like pbx.example.org; passkeys do not work with an IP \
             address."
        }
    };
    sentence.to_owned()
}
