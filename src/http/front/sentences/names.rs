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

/// The sentence of a server of that kind whose name is none.
pub(super) fn server(wrong: WrongName, kind: &str) -> String {
    match wrong {
        WrongName::Port => {
            let elsewhere = if kind == "time" {
                ""
            } else {
                ", which has a field of its own"
            };
            format!("Give the server without a port{elsewhere}: the part before the colon.")
        }
        WrongName::Scheme => {
            format!("Give the server's name alone, like {kind}.example.org: nothing with :// before it, and no slash.")
        }
        WrongName::Underscore => {
            "This name has an underscore, which host names may not have. Look up how the server is really called, or \
             give its IP address."
                .to_owned()
        }
        WrongName::Address | WrongName::BeyondAscii | WrongName::Other => {
            format!("A {kind} server is a host name like {kind}.example.org, or an IP address.")
        }
    }
}
