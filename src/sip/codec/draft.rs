//! Messages of our own: responses to a request, and requests from parts.

use std::fmt::{Display, Write};
use std::net::SocketAddr;

use super::address::Address;
use super::method::Method;
use super::name::Name;
use super::scan;
use super::via::Via;
use super::view::View;

/// A message that is being written. Header fields come out in the order they go in; Content-Length is written at the
/// end.
#[derive(Clone, Debug)]
pub struct Draft {
    bytes: Vec<u8>,
}

impl Draft {
    /// A request with nothing but its request line.
    #[must_use]
    pub fn request(method: Method<'_>, uri: &str) -> Self {
        let mut draft = Self {
            bytes: Vec::with_capacity(USUAL_LENGTH),
        };
        draft.push_line(&format_args!("{method} {uri} SIP/2.0"));
        draft
    }

    /// A response as RFC 3261 §8.2.6 makes it: Via, From, To, Call-ID and CSeq as they came, `received` and `rport` in
    /// the topmost Via as the source has them, and in To the tag, unless it has one or the status is 100. Record-Route
    /// is copied into 101 to 299 where the method makes a dialog (§12.1.1), Timestamp into 100. What is malformed is
    /// copied as it came.
    #[must_use]
    pub fn response(to: &View<'_>, source: SocketAddr, status: u16, reason: &str, tag: &str) -> Self {
        let mut draft = Self {
            bytes: Vec::with_capacity(USUAL_LENGTH),
        };
        draft.push_line(&format_args!("SIP/2.0 {status} {reason}"));
        for (place, field) in to.all(Name::Via).enumerate() {
            // Lists stay lists: a line of its own for each element would make a long answer to a short list of nothing.
            let (first, rest) = field
                .value
                .split_at_checked(scan::first_element_length(field.value))
                .unwrap_or((field.value, &[]));
            match Via::parse(scan::trimmed(first)) {
                Ok(via) if place == 0 => draft.push_raw("Via", &[&via.stamped(source), rest].concat()),
                Ok(_) | Err(_) => draft.push_raw("Via", field.value),
            }
        }
        let makes_dialog = to.method().is_some_and(Method::makes_dialog);
        if makes_dialog && (101..300).contains(&status) {
            draft = draft.with_all(to, Name::RecordRoute);
        }
        if status == 100 {
            draft = draft.with_all(to, Name::Timestamp);
        }
        for name in [Name::From, Name::To, Name::CallId, Name::CSeq] {
            if let (Some(value), Some(text)) = (to.first(name), name.as_str()) {
                if name == Name::To && status != 100 {
                    draft.push_raw(text, &with_tag(value, tag));
                } else {
                    draft.push_raw(text, value);
                }
            }
        }
        draft
    }

    /// Adds a field. Control characters in the value become blanks, so that a value cannot begin another line.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Display) -> Self {
        self.push_line(&format_args!("{name}: {value}"));
        self
    }

    /// Adds a field whose value came in another message, byte for byte, without its folds.
    #[must_use]
    pub fn with_raw(mut self, name: &str, value: &[u8]) -> Self {
        self.push_raw(name, value);
        self
    }

    /// Adds all fields of this name from another message.
    #[must_use]
    pub fn with_all(mut self, from: &View<'_>, name: Name) -> Self {
        for field in from.all(name) {
            self.push_raw(name.as_str().unwrap_or_default(), field.value);
        }
        self
    }

    /// The message without a body.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.bytes.extend_from_slice(b"Content-Length: 0\r\n\r\n");
        self.bytes
    }

    /// The message with a body.
    #[must_use]
    pub fn finish_with(self, content_type: &str, body: &[u8]) -> Vec<u8> {
        let mut whole = self
            .with("Content-Type", content_type)
            .with("Content-Length", body.len());
        whole.bytes.extend_from_slice(b"\r\n");
        whole.bytes.extend_from_slice(body);
        whole.bytes
    }

    fn push_line(&mut self, line: &impl Display) {
        let start = self.bytes.len();
        // Writing into memory cannot fail.
        if write!(Appended(&mut self.bytes), "{line}").is_err() {
            self.bytes.truncate(start);
        }
        for byte in self.bytes.iter_mut().skip(start) {
            if byte.is_ascii_control() {
                *byte = b' ';
            }
        }
        self.bytes.extend_from_slice(b"\r\n");
    }

    fn push_raw(&mut self, name: &str, value: &[u8]) {
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.extend_from_slice(b": ");
        // Only line ends are taken out: other control characters may stand in quotes (RFC 4475 §3.1.1.2).
        self.bytes.extend(
            value
                .iter()
                .map(|byte| if matches!(byte, b'\r' | b'\n') { b' ' } else { *byte }),
        );
        self.bytes.extend_from_slice(b"\r\n");
    }
}

/// Room for a usual answer, so that it seldom grows.
const USUAL_LENGTH: usize = 768;

struct Appended<'b>(&'b mut Vec<u8>);

impl Write for Appended<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

/// The value of To with the tag, unless it has one, or is malformed.
fn with_tag(value: &[u8], tag: &str) -> Vec<u8> {
    let mut tagged = value.to_vec();
    if Address::parse(value).is_ok_and(|to| !to.params.has("tag")) {
        let bare = scan::trimmed(value.strip_suffix(b";").unwrap_or(value)).len();
        tagged.truncate(bare);
        tagged.extend_from_slice(b";tag=");
        tagged.extend_from_slice(tag.as_bytes());
    }
    tagged
}

/// The CANCEL of an INVITE, as that INVITE was sent (RFC 3261 §9.1): the same request URI, topmost Via, Route, To,
/// From, Call-ID and number of CSeq. Add Reason and finish it.
#[must_use]
pub fn cancel(invite: &View<'_>) -> Draft {
    let to = invite.first(Name::To).unwrap_or_default();
    of_invite(invite, Method::Cancel, to)
}

/// The ACK to a final response other than 2xx (RFC 3261 §17.1.1.3): as the INVITE that was answered, with the
/// response's To.
#[must_use]
pub fn ack(invite: &View<'_>, response: &View<'_>) -> Draft {
    let to = response
        .first(Name::To)
        .or_else(|| invite.first(Name::To))
        .unwrap_or_default();
    of_invite(invite, Method::Ack, to)
}

fn of_invite(invite: &View<'_>, method: Method<'_>, to: &[u8]) -> Draft {
    let uri = invite
        .start
        .split(|byte| *byte == b' ')
        .nth(1)
        .and_then(scan::text)
        .unwrap_or_default();
    let number = invite
        .first(Name::CSeq)
        .map(|value| scan::Cursor::new(value).take_while(|byte| byte.is_ascii_digit()));
    let number = number.and_then(scan::text).unwrap_or_default();
    let via = invite.elements(Name::Via).next().unwrap_or_default();
    Draft::request(method, uri)
        .with_raw("Via", via)
        .with("Max-Forwards", MAX_FORWARDS)
        .with_all(invite, Name::Route)
        .with_raw("From", invite.first(Name::From).unwrap_or_default())
        .with_raw("To", to)
        .with_raw("Call-ID", invite.first(Name::CallId).unwrap_or_default())
        .with("CSeq", format_args!("{number} {method}"))
}

/// What a request of our own begins with (RFC 3261 §8.1.1.6).
pub const MAX_FORWARDS: u8 = 70;
