//! Methods of requests.

use std::fmt;

use super::scan;

/// What a request asks for. Written with case (RFC 3261 §7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method<'a> {
    /// RFC 3261 §13.
    Ack,
    /// RFC 3261 §15.
    Bye,
    /// RFC 3261 §9.
    Cancel,
    /// RFC 6086.
    Info,
    /// RFC 3261 §13.
    Invite,
    /// RFC 3428.
    Message,
    /// RFC 6665.
    Notify,
    /// RFC 3261 §11.
    Options,
    /// RFC 3262.
    Prack,
    /// RFC 3903.
    Publish,
    /// RFC 3515.
    Refer,
    /// RFC 3261 §10.
    Register,
    /// RFC 6665.
    Subscribe,
    /// RFC 3311.
    Update,
    /// Any other token.
    Other(&'a str),
}

impl<'a> Method<'a> {
    /// The method that is written so; `None` if it is no token.
    #[must_use]
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        Some(match bytes {
            b"ACK" => Self::Ack,
            b"BYE" => Self::Bye,
            b"CANCEL" => Self::Cancel,
            b"INFO" => Self::Info,
            b"INVITE" => Self::Invite,
            b"MESSAGE" => Self::Message,
            b"NOTIFY" => Self::Notify,
            b"OPTIONS" => Self::Options,
            b"PRACK" => Self::Prack,
            b"PUBLISH" => Self::Publish,
            b"REFER" => Self::Refer,
            b"REGISTER" => Self::Register,
            b"SUBSCRIBE" => Self::Subscribe,
            b"UPDATE" => Self::Update,
            other => Self::Other(scan::token(other)?),
        })
    }

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        match self {
            Self::Ack => "ACK",
            Self::Bye => "BYE",
            Self::Cancel => "CANCEL",
            Self::Info => "INFO",
            Self::Invite => "INVITE",
            Self::Message => "MESSAGE",
            Self::Notify => "NOTIFY",
            Self::Options => "OPTIONS",
            Self::Prack => "PRACK",
            Self::Publish => "PUBLISH",
            Self::Refer => "REFER",
            Self::Register => "REGISTER",
            Self::Subscribe => "SUBSCRIBE",
            Self::Update => "UPDATE",
            Self::Other(name) => name,
        }
    }

    /// Whether a 2xx to it makes a dialog, so that Record-Route is copied into the answer (RFC 3261 §12.1.1,
    /// RFC 6665 §4.2.1, RFC 3515).
    #[must_use]
    pub const fn makes_dialog(self) -> bool {
        matches!(self, Self::Invite | Self::Subscribe | Self::Refer | Self::Notify)
    }
}

impl fmt::Display for Method<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}
