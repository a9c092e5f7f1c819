//! A browser's connection: HTTP/1.1 kept alive over plain TCP, one request after the other.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};
use std::time::Duration;

use serde_json::Value;
use socket2::{Domain, Socket, Type};

/// Longer than any answer takes, a queue of password checks included.
const PATIENCE: Duration = Duration::from_secs(90);

pub struct Client {
    address: SocketAddr,
    /// From which loopback address it comes.
    source: Ipv4Addr,
    stream: Option<TcpStream>,
    received: Vec<u8>,
    pub cookie: Option<String>,
}

pub struct Reply {
    pub status: u16,
    pub body: Vec<u8>,
    pub cookie: Option<String>,
}

impl Reply {
    /// An answer that must have this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self
    }

    /// The JSON of an answer that must have this status.
    #[track_caller]
    pub fn json(self, status: u16) -> Value {
        serde_json::from_slice(&self.expect(status).body).expect("JSON")
    }
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        Self::from(address, Ipv4Addr::LOCALHOST)
    }

    pub fn from(address: SocketAddr, source: Ipv4Addr) -> Self {
        let (stream, received, cookie) = (None, Vec::new(), None);
        Self {
            address,
            source,
            stream,
            received,
            cookie,
        }
    }

    /// How browsers see the server.
    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.address.port())
    }

    pub fn get(&mut self, path: &str) -> Reply {
        self.send("GET", path, "")
    }

    pub fn post(&mut self, path: &str, body: &Value) -> Reply {
        self.send("POST", path, &body.to_string())
    }

    fn send(&mut self, method: &str, path: &str, body: &str) -> Reply {
        let port = self.address.port();
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost:{port}\r\nAccept: */*\r\nAccept-Language: en\r\n\
             User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n"
        );
        if let Some(cookie) = &self.cookie {
            request += &format!("Cookie: {cookie}\r\n");
        }
        if method == "POST" {
            let length = body.len();
            request += &format!(
                "Origin: http://localhost:{port}\r\nSec-Fetch-Site: same-origin\r\n\
                 Content-Type: application/json\r\nContent-Length: {length}\r\n"
            );
        }
        request += "\r\n";
        request += body;
        let mut stream = self.stream.take().unwrap_or_else(|| self.connect());
        stream
            .write_all(request.as_bytes())
            .expect("the server takes a request");
        let (reply, closes) = self.receive(&mut stream);
        if !closes {
            self.stream = Some(stream);
        }
        reply
    }

    fn connect(&self) -> TcpStream {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        if self.source != Ipv4Addr::LOCALHOST {
            let source = SocketAddr::V4(SocketAddrV4::new(self.source, 0));
            socket.bind(&source.into()).expect("a loopback address");
        }
        socket.connect(&self.address.into()).expect("the server accepts");
        socket.set_tcp_nodelay(true).expect("a TCP socket");
        socket.set_read_timeout(Some(PATIENCE)).expect("a TCP socket");
        socket.into()
    }

    /// One answer, and whether the connection ends with it.
    fn receive(&mut self, stream: &mut TcpStream) -> (Reply, bool) {
        self.received.clear();
        let mut chunk = [0; 16 * 1024];
        let mut head = None;
        loop {
            if head.is_none() {
                head = self
                    .received
                    .windows(4)
                    .position(|four| four == b"\r\n\r\n")
                    .map(|at| self.head(at));
            }
            if let Some((_, _, start, length)) = head
                && let Some(body) = self.received.get(start..start + length)
                && let Some((reply, closes, ..)) = head.take()
            {
                return (
                    Reply {
                        body: body.to_vec(),
                        ..reply
                    },
                    closes,
                );
            }
            let count = stream.read(&mut chunk).expect("the server answers");
            assert!(count > 0, "the server closed the connection before its answer");
            self.received.extend(&chunk[..count]);
        }
    }

    /// Status and fields, whether the connection ends, where the body begins and how long it is.
    fn head(&self, end: usize) -> (Reply, bool, usize, usize) {
        let head = String::from_utf8_lossy(&self.received[..end]);
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|word| word.parse().ok())
            .expect("a status");
        let (mut length, mut closes, mut cookie) = (0, false, None);
        for (name, value) in head.lines().filter_map(|line| line.split_once(": ")) {
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().expect("a length"),
                "connection" => closes = value.eq_ignore_ascii_case("close"),
                "set-cookie" => cookie = value.split(';').next().map(ToOwned::to_owned),
                "transfer-encoding" => panic!("an answer without a length"),
                _ => {}
            }
        }
        (
            Reply {
                status,
                body: Vec::new(),
                cookie,
            },
            closes,
            end + 4,
            length,
        )
    }
}
