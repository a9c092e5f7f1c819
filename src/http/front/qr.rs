//! QR codes (ISO/IEC 18004) of links: as a path for the page's SVG, and as text for a terminal.

use qrcodegen::{QrCode, QrCodeEcc};
use serde::Serialize;

/// A code for an SVG: `size` modules square, dark modules as one path.
#[derive(Serialize)]
pub struct Drawn {
    size: i32,
    path: String,
}

/// Modules a side that the camera of an old mobile reads from a screen.
const COARSE: i32 = 57;

impl Drawn {
    /// Whether the camera of an old mobile reads it.
    pub const fn is_coarse(&self) -> bool {
        self.size <= COARSE
    }
}

/// Draws a link for a page; `None` if it is longer than a code can hold.
pub fn drawn(link: &str) -> Option<Drawn> {
    let code = encode(link)?;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            path.push_str(&format!("M{x} {y}h1v1h-1z"));
        }
    }
    Some(Drawn {
        size: code.size(),
        path,
    })
}

/// Draws a link for a terminal: two modules to a character, light on dark, with the quiet zone of four modules.
pub fn for_terminal(link: &str) -> Option<String> {
    const QUIET: i32 = 4;
    let code = encode(link)?;
    let light = |x, y| !code.get_module(x, y);
    let mut text = String::new();
    for y in (-QUIET..code.size() + QUIET).step_by(2) {
        for x in -QUIET..code.size() + QUIET {
            text.push(match (light(x, y), light(x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        text.push('\n');
    }
    Some(text)
}

fn encode(link: &str) -> Option<QrCode> {
    QrCode::encode_text(link, QrCodeEcc::Medium).ok()
}
