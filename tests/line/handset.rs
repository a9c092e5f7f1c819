//! A desk phone of a socket and a few lines: it registers, calls, is called, and shows what it is told.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use data_encoding::HEXLOWER;
use md5::{Digest, Md5};

use crate::house::wait_for;
use crate::line::{DOMAIN, Device, Line};

pub struct Handset {
    pub socket: UdpSocket,
    pub device: Device,
    server: String,
    count: u32,
}

/// A message: its first line, its fields as they came, and its body.
#[derive(Clone, Debug)]
pub struct Message {
    pub start: String,
    pub fields: Vec<(String, String)>,
    pub body: String,
}

impl Message {
    pub fn read(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut lines = head.split("\r\n");
        let start = lines.next().unwrap().to_owned();
        let field = |line: &str| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_ascii_lowercase(), value.trim().to_owned())
        };
        Self {
            start,
            fields: lines.map(field).collect(),
            body: body.to_owned(),
        }
    }

    pub fn all(&self, name: &str) -> Vec<&str> {
        let same = self.fields.iter().filter(|(known, _)| known == name);
        same.map(|(_, value)| value.as_str()).collect()
    }

    #[track_caller]
    pub fn field(&self, name: &str) -> &str {
        self.all(name).first().unwrap_or_else(|| panic!("no {name}: {self:?}"))
    }

    pub fn status(&self) -> Option<u16> {
        self.start.strip_prefix("SIP/2.0 ")?.get(..3)?.parse().ok()
    }

    /// The URI in its Contact.
    pub fn contact(&self) -> String {
        let value = self.field("contact");
        value.split('<').nth(1).unwrap().split('>').next().unwrap().to_owned()
    }
}

/// A parameter of digest credentials or of a challenge.
pub fn part<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = value.split_once(&format!("{name}="))?;
    Some(match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => rest.split([',', ' ']).next()?,
    })
}

pub fn md5(text: &str) -> String {
    HEXLOWER.encode(&Md5::digest(text.as_bytes()))
}

impl Handset {
    pub fn new(line: &Line, device: Device) -> Self {
        Self::at("127.0.0.1", line, device)
    }

    /// One at another address of this machine.
    pub fn at(address: &str, line: &Line, device: Device) -> Self {
        Self {
            socket: UdpSocket::bind((address, 0)).unwrap(),
            device,
            server: format!("127.0.0.1:{}", line.sip),
            count: 0,
        }
    }

    pub fn registered(line: &Line, device: Device) -> Self {
        let mut phone = Self::new(line, device);
        phone.register(600);
        phone
    }

    /// Registers, and tries again as phones do while the line has not heard yet of a device that was just made.
    pub fn register(&mut self, seconds: u32) {
        let to = format!("<sip:{}@{DOMAIN}>", self.device.extension);
        let expires = format!("Expires: {seconds}\r\n");
        wait_for("a phone on the line", || {
            let answer = self.request("REGISTER", &format!("sip:{DOMAIN}"), &to, &expires);
            (answer.status() == Some(200)).then_some(())
        });
    }

    fn place(&self) -> String {
        self.socket.local_addr().unwrap().to_string()
    }

    pub fn send(&self, text: &str) {
        self.socket.send_to(text.as_bytes(), &self.server).unwrap();
    }

    /// The next message within so many seconds.
    pub fn hear(&self, seconds: u64) -> Option<Message> {
        self.socket
            .set_read_timeout(Some(Duration::from_secs(seconds.max(1))))
            .unwrap();
        let mut bytes = [0; 65_535];
        let (length, _) = self.socket.recv_from(&mut bytes).ok()?;
        Some(Message::read(&bytes[..length]))
    }

    /// The next request of that method within so many seconds, and how long it took.
    #[expect(clippy::disallowed_methods, reason = "how soon a phone is told is what is asked")]
    pub fn asked(&self, method: &str, seconds: u64) -> Option<(Message, Duration)> {
        let began = Instant::now();
        let limit = Duration::from_secs(seconds);
        while began.elapsed() < limit {
            let left = (limit - began.elapsed()).as_secs();
            if let Some(message) = self.hear(left).filter(|message| message.start.starts_with(method)) {
                return Some((message, began.elapsed()));
            }
        }
        None
    }

    /// Answers a request.
    pub fn answer(&self, request: &Message, status: &str, more: &str) {
        let mut text = format!("SIP/2.0 {status}\r\n");
        for name in ["via", "record-route", "from", "call-id", "cseq"] {
            for value in request.all(name) {
                text += &format!("{name}: {value}\r\n");
            }
        }
        let to = request.field("to");
        let tag = if to.contains(";tag=") { "" } else { ";tag=phone" };
        text += &format!("To: {to}{tag}\r\nContact: <sip:phone@{}>\r\n{more}", self.place());
        self.send(&format!("{text}Content-Length: 0\r\n\r\n"));
    }

    /// Asks, with credentials once they are wanted; the final answer.
    pub fn request(&mut self, method: &str, uri: &str, to: &str, more: &str) -> Message {
        let call = format!("{}-{}", self.place(), self.count);
        self.request_within(&call, method, uri, to, more)
    }

    /// The same with this Call-ID.
    pub fn request_within(&mut self, call: &str, method: &str, uri: &str, to: &str, more: &str) -> Message {
        let first = self.once(method, uri, to, call, more);
        let (name, challenge) = match first.status() {
            Some(401) => ("Authorization", first.field("www-authenticate")),
            Some(407) => ("Proxy-Authorization", first.field("proxy-authenticate")),
            _ => return first,
        };
        if method == "INVITE" {
            self.acknowledge(&first, uri, call, self.count, "");
        }
        let (user, realm) = (&self.device.username, part(challenge, "realm").unwrap());
        let nonce = part(challenge, "nonce").unwrap();
        let ha1 = md5(&format!("{user}:{realm}:{}", self.device.secret));
        let ha2 = md5(&format!("{method}:{uri}"));
        let response = md5(&format!("{ha1}:{nonce}:00000001:c:auth:{ha2}"));
        let more = format!(
            "{more}{name}: Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", \
             response=\"{response}\", algorithm=MD5, cnonce=\"c\", qop=auth, nc=00000001\r\n"
        );
        self.once(method, uri, to, call, &more)
    }

    fn once(&mut self, method: &str, uri: &str, to: &str, call: &str, more: &str) -> Message {
        self.count += 1;
        let (place, count, extension) = (self.place(), self.count, &self.device.extension);
        self.send(&format!(
            "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {place};branch=z9hG4bK{count}{method};rport\r\n\
             Max-Forwards: 70\r\nFrom: <sip:{extension}@{DOMAIN}>;tag=me\r\nTo: {to}\r\nCall-ID: {call}\r\n\
             CSeq: {count} {method}\r\nContact: <sip:{extension}@{place}>\r\n{more}Content-Length: 0\r\n\r\n"
        ));
        loop {
            let heard = self.hear(10).expect("an answer");
            let is_ours = heard.field("cseq") == format!("{count} {method}");
            if is_ours && heard.status().is_some_and(|status| status >= 200) {
                return heard;
            }
        }
    }

    fn acknowledge(&self, answer: &Message, uri: &str, call: &str, count: u32, routes: &str) {
        let (place, extension) = (self.place(), &self.device.extension);
        self.send(&format!(
            "ACK {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {place};branch=z9hG4bK{count}INVITE;rport\r\nMax-Forwards: 70\r\n\
             {routes}From: <sip:{extension}@{DOMAIN}>;tag=me\r\nTo: {}\r\nCall-ID: {call}\r\nCSeq: {count} ACK\r\n\
             Content-Length: 0\r\n\r\n",
            answer.field("to")
        ));
    }

    /// Calls a phone that answers at once; what ends the call.
    pub fn talk(&mut self, other: &Self) -> impl FnOnce(&mut Self) + use<> {
        let uri = format!("sip:{}@{DOMAIN}", other.device.extension);
        let answer = std::thread::scope(|scope| {
            scope.spawn(|| {
                let (invite, _) = other.asked("INVITE", 10).expect("a call");
                other.answer(&invite, "200 OK", "");
            });
            self.request("INVITE", &uri, &format!("<{uri}>"), "")
        });
        assert_eq!(answer.status(), Some(200), "{answer:?}");
        let routes: String = answer
            .all("record-route")
            .iter()
            .rev()
            .map(|route| format!("Route: {route}\r\n"))
            .collect();
        let (target, call) = (answer.contact(), answer.field("call-id").to_owned());
        self.acknowledge(&answer, &target, &call, self.count, &routes);
        move |phone: &mut Self| {
            let ended = phone.once("BYE", &target, answer.field("to"), &call, &routes);
            assert!(ended.status().is_some(), "{ended:?}");
        }
    }
}
