//! Messages as text: what phones of a test read and write.

/// All values of a field, in their order.
pub(super) fn fields<'a>(message: &'a str, name: &str) -> Vec<&'a str> {
    let head = message.split("\r\n\r\n").next().unwrap_or_default();
    let lines = head.split("\r\n").skip(1).filter_map(|line| line.split_once(':'));
    lines
        .filter(|(found, _)| found.trim().eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
        .collect()
}

/// The first value of a field; empty where there is none.
pub(super) fn field<'a>(message: &'a str, name: &str) -> &'a str {
    fields(message, name).first().copied().unwrap_or_default()
}

/// The status of a response; 0 for a request.
pub(super) fn status(message: &str) -> u16 {
    let rest = message.strip_prefix("SIP/2.0 ").unwrap_or_default();
    rest.get(..3).and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// The method of a request, or of the request that a response answers.
pub(super) fn method(message: &str) -> &str {
    field(message, "CSeq").split_whitespace().nth(1).unwrap_or_default()
}

/// The request URI.
pub(super) fn uri(message: &str) -> &str {
    message.split(' ').nth(1).unwrap_or_default()
}

/// What stands between `tag=` and the next semicolon.
pub(super) fn tag(value: &str) -> &str {
    let rest = value.split(";tag=").nth(1).unwrap_or_default();
    rest.split(';').next().unwrap_or_default()
}

/// What stands between angle brackets.
pub(super) fn bracketed(value: &str) -> &str {
    value
        .split('<')
        .nth(1)
        .and_then(|rest| rest.split('>').next())
        .unwrap_or_default()
}

/// What stands in quotes after `name=`.
pub(super) fn quoted<'a>(value: &'a str, name: &str) -> &'a str {
    value
        .split(&format!("{name}=\""))
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap_or_default()
}

pub(super) fn body(message: &str) -> &str {
    message.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

/// The answer to a request, with a To tag and further lines.
pub(super) fn reply(request: &str, status: u16, to_tag: &str, lines: &[&str]) -> String {
    let mut text = format!("SIP/2.0 {status} Said\r\n");
    for name in ["Via", "Record-Route", "From", "Call-ID", "CSeq"] {
        for value in fields(request, name) {
            text += &format!("{name}: {value}\r\n");
        }
    }
    let to = field(request, "To");
    let to = if to.contains(";tag=") || to_tag.is_empty() {
        to.to_owned()
    } else {
        format!("{to};tag={to_tag}")
    };
    text += &format!("To: {to}\r\n");
    for line in lines {
        text += &format!("{line}\r\n");
    }
    text + "Content-Length: 0\r\n\r\n"
}
