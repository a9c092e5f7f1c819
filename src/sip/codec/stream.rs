//! Messages on a stream: bytes in pieces of any size in, whole messages out (RFC 3261 §18.3, RFC 5626 §4.4.1).

use super::view::{Length, View};
use super::{HEAD_MAX, MESSAGE_MAX, Malformed, Name, Unreadable};
use crate::rules::time::Tick;

/// Two line ends this close together are one ping; further apart they are two pongs. Long enough for a ping that comes
/// byte by byte, far shorter than the 95 seconds between two keep-alives (RFC 5626 §4.4.1).
pub const PING_GAP_MS: u64 = 2_000;

/// What a stream brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// One whole message, for [`View::read`].
    Message(&'a [u8]),
    /// A ping: answer it with [`PONG`].
    Ping,
}

/// The answer to a ping.
pub const PONG: &[u8] = b"\r\n";

/// The stream cannot be read any further: where the next message begins cannot be told. Answer if there is a head, and
/// close the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken<'a> {
    /// What came is no SIP message.
    Unreadable(Unreadable),
    /// The length of the body is not clear.
    Length {
        /// What is wrong.
        why: Malformed,
        /// The head, for [`View::read`], so that its sender can be answered.
        head: &'a [u8],
    },
    /// The message is longer than [`MESSAGE_MAX`]: 513 (RFC 3261 §21.5.7).
    TooLong {
        /// The head.
        head: &'a [u8],
    },
}

/// The bytes of one stream that are not taken yet. Holds at most what one [`Stream::push`] brings more than
/// [`MESSAGE_MAX`] bytes, if all frames are taken after each push.
#[derive(Debug, Default)]
pub struct Stream {
    bytes: Vec<u8>,
    /// How many bytes at the front have been given out.
    taken: usize,
    /// How many bytes after those have been searched for the end of the head.
    searched: usize,
    /// When a line end came that may be the first half of a ping.
    half_ping: Option<Tick>,
    /// When the newest bytes came.
    now: Tick,
    is_broken: bool,
}

/// What the bytes at the front of a stream are.
enum Front {
    Message { length: usize },
    Half,
    Broken { head: usize, why: Option<Malformed> },
    Unreadable(Unreadable),
}

impl Stream {
    /// A stream that has brought nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            bytes: Vec::new(),
            taken: 0,
            searched: 0,
            half_ping: None,
            now: Tick(0),
            is_broken: false,
        }
    }

    /// Takes bytes as they came from the connection. Take all frames with [`Self::frame`] before the next push.
    pub fn push(&mut self, bytes: &[u8], now: Tick) {
        if self.is_broken {
            return;
        }
        self.bytes.drain(..self.taken.min(self.bytes.len()));
        self.taken = 0;
        self.bytes.extend_from_slice(bytes);
        self.now = now;
    }

    /// The next frame. `Ok(None)`: more bytes are needed.
    ///
    /// # Errors
    /// The stream is broken, said once; afterwards it brings nothing.
    pub fn frame(&mut self) -> Result<Option<Frame<'_>>, Broken<'_>> {
        if self.is_broken {
            return Ok(None);
        }
        if self.pass_line_ends() {
            return Ok(Some(Frame::Ping));
        }
        let start = self.taken;
        match self.front() {
            Front::Half => Ok(None),
            Front::Message { length } => {
                self.searched = 0;
                self.taken = start.saturating_add(length);
                Ok(self.bytes.get(start..self.taken).map(Frame::Message))
            }
            Front::Unreadable(why) => {
                self.is_broken = true;
                Err(Broken::Unreadable(why))
            }
            Front::Broken { head, why } => {
                self.is_broken = true;
                let head = self.bytes.get(start..start.saturating_add(head)).unwrap_or_default();
                Err(why.map_or(Broken::TooLong { head }, |why| Broken::Length { why, head }))
            }
        }
    }

    /// Whether bytes of a message lie here that has not come whole: such a connection deserves a deadline.
    #[must_use]
    pub fn is_in_message(&self) -> bool {
        !self.is_broken && self.rest().iter().any(|byte| !matches!(byte, b'\r' | b'\n' | 0))
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.taken..).unwrap_or_default()
    }

    /// Passes over line ends before a message, and zeros, which some programs send to keep a connection alive. True:
    /// two line ends were a ping.
    fn pass_line_ends(&mut self) -> bool {
        loop {
            let length = match self.rest() {
                [0, ..] => {
                    self.searched = 0;
                    self.taken = self.taken.saturating_add(1);
                    continue;
                }
                [b'\r', b'\n', ..] => 2,
                [b'\n', ..] => 1,
                _ => break,
            };
            self.searched = 0;
            self.taken = self.taken.saturating_add(length);
            let is_second = self
                .half_ping
                .take()
                .is_some_and(|since| self.now.ms_since(since) <= PING_GAP_MS);
            if is_second {
                return true;
            }
            self.half_ping = Some(self.now);
        }
        if !matches!(self.rest(), [] | [b'\r']) {
            self.half_ping = None;
        }
        false
    }

    fn front(&mut self) -> Front {
        let rest = self.bytes.get(self.taken..).unwrap_or_default();
        match rest {
            [] | [b'\r'] => return Front::Half,
            [first, ..] if !super::scan::is_token(*first) => return Front::Unreadable(Unreadable::NotSip),
            [..] => {}
        }
        let Some(head) = head_length(rest, self.searched) else {
            // The end of the head may begin with the last three bytes.
            self.searched = rest.len().saturating_sub(3);
            return if rest.len() > HEAD_MAX {
                Front::Unreadable(Unreadable::HeadTooLong)
            } else {
                Front::Half
            };
        };
        let view = match View::read(rest.get(..head).unwrap_or(rest)) {
            Ok(view) => view,
            Err(why) => return Front::Unreadable(why),
        };
        let body = match view.length {
            Length::Bytes(bytes) => usize::try_from(bytes).unwrap_or(usize::MAX),
            Length::Unclear => {
                return Front::Broken {
                    head,
                    why: Some(Malformed::ContentLength),
                };
            }
            // RFC 3261 §18.3 wants the field on a stream. Phones leave it out where there is no body, and then no body
            // is meant.
            Length::Absent if view.first(Name::ContentType).is_none() => 0,
            Length::Absent => {
                return Front::Broken {
                    head,
                    why: Some(Malformed::ContentLength),
                };
            }
        };
        let length = head.saturating_add(body);
        if length > MESSAGE_MAX {
            return Front::Broken { head, why: None };
        }
        if length > rest.len() {
            // The head is known to end where it does: the next look starts there.
            self.searched = head.saturating_sub(4);
            return Front::Half;
        }
        Front::Message { length }
    }
}

/// The length of the head with its empty line, searched from a place on.
fn head_length(bytes: &[u8], from: usize) -> Option<usize> {
    let mut place = from;
    loop {
        let after = bytes.get(place..)?;
        let line_end = after.iter().position(|byte| *byte == b'\n')?;
        place = place.saturating_add(line_end).saturating_add(1);
        match bytes.get(place..)? {
            [b'\n', ..] => return place.checked_add(1),
            [b'\r', b'\n', ..] => return place.checked_add(2),
            _ => {}
        }
    }
}
