//! XML 1.0 as phones read it: UTF-8, entities for what the language keeps for itself, no control characters.

/// Whether XML 1.0 has no way to write this character (§2.2 Char), or turns it into another (§2.11, §3.3.3: line ends
/// and tabs).
pub(super) fn cannot(c: char) -> bool {
    c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// Content of an element or of an attribute in double quotes.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !cannot(*c)) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            plain => out.push(plain),
        }
    }
    out
}

/// The same with line ends kept as character references, for text of several lines in an attribute.
pub(super) fn escape_lines(text: &str) -> String {
    text.lines().map(escape).collect::<Vec<_>>().join("&#10;")
}

/// An element with text in it, on a line of its own. `attributes` is empty or begins with a blank.
pub(super) fn element(out: &mut String, name: &str, attributes: &str, text: &str) {
    out.push_str(&format!("<{name}{attributes}>{}</{name}>\n", escape(text)));
}
