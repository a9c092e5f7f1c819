//! Every bound of HTTP on one page, each with its reason.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use smol::lock::Semaphore;

use super::wire::bad::Bad;
use crate::net::limits as doors;

/// What one visitor, and all of them together, may cost us.
///
/// Worst case in memory, when every place is held by a stranger with a full body: `doors.connections` × (`head` +
/// `body`), 20 MiB, and two tables, 3.1 MiB. Nothing else grows with traffic.
#[derive(Clone, Debug)]
pub struct Limits {
    /// What every door has in common.
    pub doors: doors::Limits,
    /// Bytes of request line and header fields together. 16 KiB: what browsers' cookies fit in, and nginx's order.
    pub head: usize,
    /// Header fields. 64: Chromium sends about 20, a chain of proxies adds some.
    pub fields: usize,
    /// Bytes of the request target. 2 KiB: our longest path is below 200.
    pub target: usize,
    /// Bytes of a body, chunked or not. 64 KiB: the largest registration with attestation is below 16.
    pub body: usize,
    /// Bytes of the body that is a table or the ends of a backup, chunked or not: `rules::limits::IMPORT_OCTETS` as
    /// JSON. 1,600 KiB: three times that, as escaped letters (`\\u00fc` for two octets) take the most, and the rest.
    pub table: usize,
    /// What is said of a body that is longer.
    pub longer: Bad,
    /// Who may send one at a time. Two: one who works, and one who is slow.
    pub tables: Arc<Semaphore>,
    /// Time for a head, from its first byte to its end.
    pub head_time: Duration,
    /// Time for a whole body. 64 KiB in 20 s is 26 kbit/s: any line that can show the page.
    pub body_time: Duration,
    /// How long a connection without a request is kept. 30 s: a page's next click, and no longer.
    pub idle: Duration,
    /// Time for the application's answer to begin. 60 s: two password checks at a time, on the slowest board, queued.
    pub answer: Duration,
    /// Time for the client to take an answer, or 64 KiB of a longer one.
    pub write: Duration,
    /// The longest silence of a live stream, after which it is closed: streams must say something more often.
    pub silence: Duration,
    /// How long we listen, after our last word, to what the client still sends. Closing at once would make the
    /// kernel send a reset that overtakes the answer (RFC 9112 §9.6).
    pub linger: Duration,
    /// The one path that is answered without a `Host`, which HTTP/1.1 demands (RFC 9112 §3.2): monitors ask it by bare
    /// address.
    pub hostless: &'static str,
    /// Where phones fetch their files: without a `Host`, too, as old ones do; and what they would send is refused
    /// unread.
    pub phones: &'static str,
    /// Requests on one connection; the last answer says `close`. 1,000: none is for ever, and handshakes stay rare.
    pub requests: u32,
}

impl Limits {
    /// The appliance's own numbers, with proxies that speak for many.
    pub fn trusting(proxies: Vec<IpNet>) -> Self {
        let mut limits = Self::appliance();
        limits.doors.exempt.extend(proxies);
        limits
    }

    /// The appliance's own numbers.
    pub fn appliance() -> Self {
        Self {
            doors: doors::Limits::appliance(),
            head: 16 * 1024,
            fields: 64,
            target: 2 * 1024,
            body: 64 * 1024,
            table: 1600 * 1024,
            longer: Bad::BodyLength,
            tables: Arc::new(Semaphore::new(2)),
            head_time: Duration::from_secs(10),
            body_time: Duration::from_secs(20),
            idle: Duration::from_secs(30),
            answer: Duration::from_secs(60),
            write: Duration::from_secs(20),
            silence: Duration::from_secs(60),
            linger: Duration::from_secs(2),
            hostless: "/healthz",
            phones: PHONES,
            requests: 1000,
        }
    }

    /// The limits for a body that goes there.
    pub fn of(&self, target: &str) -> Cow<'_, Self> {
        let is_table = TABLES.contains(&target);
        if !is_table && target != ENDS {
            return Cow::Borrowed(self);
        }
        let mut limits = self.clone();
        limits.body = limits.table;
        if is_table {
            limits.longer = Bad::TableLength;
        }
        Cow::Owned(limits)
    }
}

/// Where phones fetch their files.
pub const PHONES: &str = "/provision/";

/// Where tables go, of people and of phones.
const TABLES: [&str; 2] = ["/api/devices/import", "/api/people/import"];

/// Where the two ends of a backup go: 172 KiB.
const ENDS: &str = "/api/backup/try";
