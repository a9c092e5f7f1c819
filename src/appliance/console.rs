//! What the owner sees at the start.

use std::io::{IsTerminal, Write};

use super::one_time::Shown;
use crate::http::front::qr;
use crate::office::Site;

/// Prints where to go, and the one-time password if one was made. A console that is closed is no reason to stop.
pub(super) fn greet(site: &Site, shown: Option<&Shown>) {
    let mut text = format!("Linekey is ready at {}\n", site.origin);
    if let Some(Shown { username, password }) = shown {
        text.push_str("\nNobody administers it yet. Sign in once with\n\n");
        text.push_str(&format!(
            "    name      {username}\n    password  {}\n\n",
            password.as_str()
        ));
        text.push_str("and make a passkey; the password works this one time only.\n");
    }
    let mut out = std::io::stdout().lock();
    if out.is_terminal()
        && let Some(code) = qr::for_terminal(&site.origin)
    {
        text.push('\n');
        text.push_str(&code);
    }
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .unwrap_or_default();
}
