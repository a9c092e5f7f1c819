//! A request's body: where it ends (RFC 9112 §6) and what it holds (§7.1), fed with bytes as they come.

use super::bad::Bad;
use crate::http::edge::limits::Limits;

/// How the body's end is known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Framing {
    /// In chunks, the last one empty.
    Chunked,
    /// After this many bytes. Zero: there is no body.
    Length(usize),
}

impl Framing {
    /// Decides from the values of `Content-Length` and `Transfer-Encoding`, each given at most once.
    pub(super) fn of(length: Option<&str>, coding: Option<&str>, old: bool, limits: &Limits) -> Result<Self, Bad> {
        match (length, coding) {
            (None, None) => Ok(Self::Length(0)),
            (Some(_), Some(_)) => Err(Bad::ContentLength),
            (None, Some(_)) if old => Err(Bad::TransferEncoding),
            (None, Some(coding)) if coding.eq_ignore_ascii_case("chunked") => Ok(Self::Chunked),
            (None, Some(_)) => Err(Bad::TransferCoding),
            (Some(digits), None) if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                Err(Bad::ContentLength)
            }
            // Digits too many for a number are a length too large.
            (Some(digits), None) => match digits.parse() {
                Ok(length) if length <= limits.body => Ok(Self::Length(length)),
                Ok(_) | Err(_) => Err(limits.longer),
            },
        }
    }
}

/// Most bytes of chunk framing and of a trailer: a byte in each chunk is what nobody sends.
const OVERHEAD: usize = 64 * 1024;
/// Longest size line of a chunk, extensions included; they are dropped (RFC 9112 §7.1.1). Nobody sends any.
const SIZE_LINE: usize = 256;

/// A body on its way in. Named by what comes next.
#[derive(Debug)]
enum Expect {
    ChunkSize,
    ChunkData(usize),
    ChunkEnd,
    Data(usize),
    Nothing,
    Trailer,
}

/// Collects one body. Holds at most the limit, and takes at most as many bytes again of chunk framing and trailers, or
/// 64 KiB of these.
#[derive(Debug)]
pub struct Collector {
    expect: Expect,
    line: Vec<u8>,
    got: Vec<u8>,
    limit: usize,
    /// What is said of a body that is longer.
    longer: Bad,
    overhead: usize,
}

impl Collector {
    /// Ready for the first byte after the head.
    pub fn new(framing: Framing, limits: &Limits) -> Self {
        let expect = match framing {
            Framing::Length(0) => Expect::Nothing,
            Framing::Length(length) => Expect::Data(length),
            Framing::Chunked => Expect::ChunkSize,
        };
        Self {
            expect,
            line: Vec::new(),
            got: Vec::new(),
            limit: limits.body,
            longer: limits.longer,
            overhead: 0,
        }
    }

    /// Whether the body is whole. Bytes after it belong to the next request.
    pub fn is_whole(&self) -> bool {
        matches!(self.expect, Expect::Nothing)
    }

    /// How many bytes of the body are here.
    pub fn held(&self) -> usize {
        self.got.len()
    }

    /// The body.
    pub fn into_bytes(self) -> Vec<u8> {
        self.got
    }

    /// Takes what it can of `bytes`; returns how many. Less than all only when the body is whole.
    ///
    /// # Errors
    /// [`Bad::Chunk`] and [`Limits::longer`]; the connection must then be closed.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<usize, Bad> {
        let mut rest = bytes;
        while !rest.is_empty() {
            rest = match self.expect {
                Expect::Nothing => break,
                Expect::Data(left) => self.data(left, rest, Expect::Data, Expect::Nothing),
                Expect::ChunkData(left) => self.data(left, rest, Expect::ChunkData, Expect::ChunkEnd),
                Expect::ChunkSize | Expect::ChunkEnd | Expect::Trailer => self.line(rest)?,
            };
        }
        Ok(bytes.len() - rest.len())
    }

    fn data<'a>(&mut self, left: usize, bytes: &'a [u8], more: fn(usize) -> Expect, done: Expect) -> &'a [u8] {
        let (data, rest) = bytes.split_at_checked(left).unwrap_or((bytes, &[]));
        self.got.extend_from_slice(data);
        self.expect = if data.len() == left {
            done
        } else {
            more(left - data.len())
        };
        rest
    }

    /// Takes bytes up to a line's end, and when that is there, what the line says.
    fn line<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], Bad> {
        let end = bytes
            .iter()
            .position(|&byte| byte == b'\n')
            .map_or(bytes.len(), |at| at + 1);
        let (part, rest) = bytes.split_at_checked(end).ok_or(Bad::Chunk)?;
        self.overhead += part.len();
        let most = self.limit.min(OVERHEAD);
        let longest = if matches!(self.expect, Expect::Trailer) {
            most
        } else {
            SIZE_LINE
        };
        if self.line.len() + part.len() > longest || self.overhead > most {
            return Err(Bad::Chunk);
        }
        self.line.extend_from_slice(part);
        if !part.ends_with(b"\n") {
            return Ok(rest);
        }
        let mut line = std::mem::take(&mut self.line);
        let said = line
            .strip_suffix(b"\r\n")
            .filter(|said| !said.contains(&b'\r'))
            .ok_or(Bad::Chunk)?;
        self.expect = match self.expect {
            Expect::ChunkSize => self.after_size(said)?,
            Expect::ChunkEnd if said.is_empty() => Expect::ChunkSize,
            Expect::Trailer if said.is_empty() => Expect::Nothing,
            // Trailers are dropped: nothing here asks for one, and merging them into the head is how smuggling begins.
            Expect::Trailer if said.contains(&b':') && !said.starts_with(b" ") && !said.starts_with(b"\t") => {
                Expect::Trailer
            }
            Expect::ChunkEnd | Expect::Trailer | Expect::ChunkData(_) | Expect::Data(_) | Expect::Nothing => {
                return Err(Bad::Chunk);
            }
        };
        line.clear();
        self.line = line;
        Ok(rest)
    }

    fn after_size(&self, line: &[u8]) -> Result<Expect, Bad> {
        let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let (size, rest) = line.split_at_checked(digits).ok_or(Bad::Chunk)?;
        let extended = rest.trim_ascii_start().first().is_none_or(|&byte| byte == b';');
        if size.is_empty() || !extended || !rest.iter().all(|&byte| byte == b'\t' || (b' '..=b'~').contains(&byte)) {
            return Err(Bad::Chunk);
        }
        let size = std::str::from_utf8(size).map_err(|_| Bad::Chunk)?;
        match usize::from_str_radix(size, 16) {
            Ok(0) => Ok(Expect::Trailer),
            Ok(size) if size <= self.limit.saturating_sub(self.got.len()) => Ok(Expect::ChunkData(size)),
            Ok(_) | Err(_) => Err(self.longer),
        }
    }
}
