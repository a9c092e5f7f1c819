//! A hundred thousand requests that went wrong on the way: none may panic, and none may be read beyond its limits.

use linekey::http::edge::limits::Limits;
use linekey::http::edge::wire::body::Collector;
use linekey::http::edge::wire::head;

const SEEDS: &[&str] = &[
    "GET /a?b=c HTTP/1.1\r\nHost: a:8080\r\nCookie: linekey=abc\r\nConnection: keep-alive\r\n\r\n",
    "POST /echo HTTP/1.1\r\nHost: [::1]:80\r\nContent-Length: 12\r\nExpect: 100-continue\r\n\r\nhello, world",
    "POST http://a/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \
        chunked\r\n\r\n5;x=\"y\"\r\nhello\r\nA\r\n0123456789\r\n0\r\nT: v\r\n\r\n",
    "\r\nDELETE / HTTP/1.0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
];
const WORDS: &[&str] = &[
    "\r\n",
    "\n",
    "\r",
    "\0",
    " ",
    "\t",
    ":",
    "Content-Length: 5\r\n",
    "Transfer-Encoding: chunked\r\n",
    "chunked",
    "Host: b\r\n",
    "ffffffffffffffff\r\n",
    "-1",
    "99999999999999999999",
    "HTTP/1.1",
    "\u{fc}",
    "[",
    "://",
    "/",
    ";",
    "0\r\n\r\n",
];

/// xorshift64*: a failing round can be played again from its number.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % bound.max(1)
    }

    fn mutated(&mut self) -> Vec<u8> {
        let mut bytes = SEEDS[self.below(SEEDS.len())].as_bytes().to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len());
            match self.below(5) {
                0 => bytes[at] = self.below(256) as u8,
                1 => drop(bytes.remove(at)),
                2 => drop(bytes.splice(at..at, WORDS[self.below(WORDS.len())].bytes())),
                3 => bytes.truncate(at.max(1)),
                _ => {
                    let to = at + self.below(bytes.len() - at);
                    let again = bytes[at..to].to_vec();
                    drop(bytes.splice(at..at, again));
                }
            }
            if bytes.is_empty() {
                bytes.push(b'G');
            }
        }
        bytes
    }
}

/// What a reader makes of the bytes: requests with their bodies, and whether it came to a refusal.
fn read(bytes: &[u8], limits: &Limits, step: usize) -> (Vec<(String, Vec<u8>)>, bool) {
    let mut read = Vec::new();
    let mut rest = bytes;
    while let Some(end) = head::end(rest, 0) {
        let Ok(head) = head::read(&rest[..end], limits) else {
            return (read, true);
        };
        assert!(head.target.len() <= limits.target && head.fields.len() <= limits.fields);
        assert!(head.target.starts_with('/') && head.target.is_ascii() || head.target == "*");
        rest = &rest[end..];
        let mut collector = Collector::new(head.framing, limits);
        while !collector.is_whole() && !rest.is_empty() {
            let part = &rest[..step.min(rest.len())];
            match collector.feed(part) {
                Ok(used) => rest = &rest[used..],
                Err(_) => return (read, true),
            }
        }
        if !collector.is_whole() {
            return (read, false);
        }
        let body = collector.into_bytes();
        assert!(body.len() <= limits.body);
        read.push((head.target, body));
    }
    (read, false)
}

#[test]
fn mutated_requests_are_read_alike_whole_and_in_pieces() {
    let limits = Limits {
        body: 64,
        head: 512,
        ..Limits::appliance()
    };
    for round in 1..=100_000_u64 {
        let bytes = Dice(round.wrapping_mul(0x9E37_79B9_7F4A_7C15)).mutated();
        let whole = read(&bytes, &limits, usize::MAX);
        assert_eq!(
            whole,
            read(&bytes, &limits, 1),
            "round {round}: {:?}",
            String::from_utf8_lossy(&bytes)
        );
    }
}

#[test]
fn the_end_of_a_head_is_found_alike_whole_and_in_pieces() {
    for round in 1..=20_000_u64 {
        let bytes = Dice(round.wrapping_mul(0x9E37_79B9_7F4A_7C15)).mutated();
        let mut known = 0;
        let found = (1..=bytes.len()).find_map(|length| {
            let found = head::end(&bytes[..length], known);
            known = length;
            found
        });
        assert_eq!(
            found,
            head::end(&bytes, 0),
            "round {round}: {:?}",
            String::from_utf8_lossy(&bytes)
        );
    }
}

#[test]
fn seeds_are_read_as_they_were_meant() {
    let limits = Limits::appliance();
    let bodies: Vec<_> = SEEDS.iter().map(|seed| read(seed.as_bytes(), &limits, 3).0).collect();
    assert_eq!(bodies[1], [("/echo".to_owned(), b"hello, world".to_vec())]);
    assert_eq!(bodies[2], [("/echo".to_owned(), b"hello0123456789".to_vec())]);
    assert_eq!(bodies[3].len(), 2);
}
