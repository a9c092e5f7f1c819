//! An appliance whose phones are on, at ports of its own.

use std::net::{TcpListener, TcpStream, UdpSocket};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::house::{House, wait_for};
use crate::program::Folder;

/// The name that the appliance is served under: SIP's domain and realm.
pub const DOMAIN: &str = "lab.test";

pub struct Line {
    pub house: House,
    /// UDP and TCP.
    pub sip: u16,
    /// TLS.
    pub sips: u16,
    files: Folder,
}

impl Line {
    /// Phones are off, as they are at first.
    pub fn off() -> Self {
        Self::with(&[])
    }

    /// Phones are on.
    pub fn on() -> Self {
        let mut line = Self::off();
        line.set(json!({ "phones": true }));
        line.wait_until_open(true, true);
        line
    }

    fn with(more: &[&str]) -> Self {
        let (sip, sips) = (free_port(), free_port());
        let files = Folder::new();
        let (certificate, key) = certificate(&files);
        let (at_sip, at_sips) = (format!("127.0.0.1:{sip}"), format!("127.0.0.1:{sips}"));
        let flags = [
            "--name",
            DOMAIN,
            "--https",
            "off",
            "--tls-cert",
            &certificate,
            "--tls-key",
            &key,
        ];
        let places = ["--sip", &at_sip, "--sips", &at_sips];
        let house = House::open(&[&flags[..], &places, more].concat());
        Self {
            house,
            sip,
            sips,
            files,
        }
    }

    pub fn set(&mut self, settings: Value) {
        self.house.ask("PATCH", "/api/settings", settings).expect(200);
    }

    /// Waits until UDP and TCP, and TLS, are open or closed.
    pub fn wait_until_open(&self, plain: bool, secure: bool) {
        wait_for("the sockets", || {
            let now = (udp_is_open(self.sip), tcp_is_open(self.sip), tcp_is_open(self.sips));
            (now == (plain, plain, secure)).then_some(())
        });
    }
}

/// A port that nobody has now. Somebody may take it in between; that is seen at once.
pub fn free_port() -> u16 {
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = tcp.local_addr().unwrap().port();
    UdpSocket::bind(("127.0.0.1", port)).map_or_else(|_| free_port(), |_| port)
}

pub fn tcp_is_open(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

/// A port without a socket refuses datagrams by ICMP, which a connected socket hears of; silence is a socket.
pub fn udp_is_open(port: u16) -> bool {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(("127.0.0.1", port)).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    socket.send(b"\r\n\r\n").unwrap();
    match socket.recv(&mut [0; 16]) {
        Ok(_) => true,
        Err(error) => error.kind() != std::io::ErrorKind::ConnectionRefused,
    }
}

fn certificate(folder: &Folder) -> (String, String) {
    let made = rcgen::generate_simple_self_signed([DOMAIN.to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let files = [
        ("cert.pem", made.cert.pem()),
        ("key.pem", made.signing_key.serialize_pem()),
    ];
    let [certificate, key] = files.map(|(name, content)| folder.file(name, &content));
    (certificate, key)
}

/// Whether other people's program is there; says so where it is not.
pub fn has(program: &str) -> bool {
    let found = Command::new("which").arg(program).output().unwrap().status.success();
    if !found {
        eprintln!("skipped: {program} is not installed");
    }
    found
}
