//! An appliance whose phones are on, at ports of its own.

use std::net::{TcpListener, TcpStream, UdpSocket};
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::house::{House, PASSWORD, wait_for};
use crate::left_out::left_out;
use crate::program::{Folder, Program, Visitor};

/// The name that the appliance is served under: SIP's domain and realm.
pub const DOMAIN: &str = "lab.test";

/// A device with what it registers with.
pub struct Device {
    pub id: u64,
    pub extension: String,
    pub username: String,
    pub secret: String,
}

pub struct Line {
    pub house: House,
    /// UDP and TCP.
    pub sip: u16,
    /// TLS.
    pub sips: u16,
    files: Folder,
    flags: Vec<String>,
}

impl Line {
    /// Phones are off, as they are at first.
    pub fn off() -> Self {
        Self::with("127.0.0.1", &[])
    }

    /// Phones are on, and an HTTPS proxy on this machine speaks for phones that fetch their files.
    pub fn behind_proxy() -> Self {
        Self::turned_on(Self::with("127.0.0.1", &["--trusted-proxy", "127.0.0.1"]))
    }

    /// Phones are on, and the appliance has its own office CA; HTTPS is served, too, at the port that comes with it.
    pub fn under_own_authority() -> (Self, u16) {
        Self::under_own_authority_with(&[])
    }

    /// The same with these variables in its environment.
    pub fn under_own_authority_with(environment: &[(&str, &str)]) -> (Self, u16) {
        let [plain, secure, sip, sips] = [(); 4].map(|()| free_port());
        let (folder, files) = (Folder::new(), Folder::new());
        let places = [("--http", plain), ("--https", secure), ("--sip", sip), ("--sips", sips)];
        let mut flags = ["--data", &folder.data(), "--admin-password", PASSWORD, "--name", DOMAIN].map(str::to_owned);
        let places = places.map(|(flag, port)| [flag.to_owned(), format!("127.0.0.1:{port}")]);
        let flags: Vec<String> = flags
            .iter_mut()
            .map(std::mem::take)
            .chain(places.into_iter().flatten())
            .collect();
        let given: Vec<&str> = flags.iter().map(String::as_str).collect();
        let mut program = Program::start_with(&given, environment);
        // The tests ask at the plain door, which serves this machine alone.
        program.url = format!("http://{DOMAIN}:{plain}");
        let line = Self {
            house: House::entered(program, folder),
            sip,
            sips,
            files,
            flags,
        };
        (Self::turned_on(line), secure)
    }

    /// Phones are on, at all addresses of this machine.
    pub fn everywhere() -> Self {
        Self::turned_on(Self::with("0.0.0.0", &[]))
    }

    /// Phones are on.
    pub fn on() -> Self {
        Self::turned_on(Self::off())
    }

    fn turned_on(mut line: Self) -> Self {
        line.set(json!({ "phones": true }));
        line.wait_until_open(true, true);
        line
    }

    fn with(address: &str, more: &[&str]) -> Self {
        let (sip, sips) = (free_port(), free_port());
        let files = Folder::new();
        let (certificate, key) = certificate(&files);
        let (at_sip, at_sips) = (format!("{address}:{sip}"), format!("127.0.0.1:{sips}"));
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
        let flags = [&flags[..], &places, more].concat();
        let house = House::open(&flags);
        let flags = flags.into_iter().map(str::to_owned).collect();
        Self {
            house,
            sip,
            sips,
            files,
            flags,
        }
    }

    /// The certificate that it shows phones.
    pub fn certificate(&self) -> std::path::PathBuf {
        self.files.path().join("cert.pem")
    }

    /// A phone of the person with that extension, who is added where they are not there yet.
    pub fn device(&mut self, extension: &str) -> Device {
        self.device_with(extension, "MD5")
    }

    pub fn device_with(&mut self, extension: &str, algorithm: &str) -> Device {
        self.device_of(json!({ "extension": extension, "algorithm": algorithm }))
    }

    /// The device that is added with that message.
    pub fn device_of(&mut self, device: Value) -> Device {
        let extension = device["extension"].as_str().map(str::to_owned);
        if let Some(extension) = &extension {
            let person = json!({ "extension": extension, "name": format!("Person {extension}") });
            let added = self.house.ask("POST", "/api/people", person);
            assert!(matches!(added.status, 201 | 409), "{}", added.body);
        }
        let device = self.house.ask("POST", "/api/devices", device).expect(201).json;
        let id = device["id"].as_u64().unwrap();
        let path = format!("/api/devices/{id}/secret");
        let shown = self.house.ask("POST", &path, json!(null)).expect(200).json;
        let text = |name: &str| shown[name].as_str().unwrap().to_owned();
        Device {
            id,
            // A shared desk that is nobody's goes by its own name.
            extension: extension.unwrap_or_else(|| text("username")),
            username: text("username"),
            secret: text("secret"),
        }
    }

    /// Gives a device another secret, which its phone does not know.
    pub fn rotate(&mut self, device: &Device) {
        let path = format!("/api/devices/{}/secret", device.id);
        self.house.ask("POST", &path, json!({ "rotate": true })).expect(200);
    }

    /// What the page shows of a device.
    pub fn show(&mut self, device: &Device) -> Value {
        let path = format!("/api/devices/{}", device.id);
        self.house.ask("GET", &path, json!(null)).expect(200).json
    }

    pub fn is_registered(&mut self, device: &Device) -> bool {
        self.show(device)["state"]["registered"] == true
    }

    /// The same appliance after it was stopped and started again.
    pub fn again(self) -> Self {
        self.started_again_after("TERM")
    }

    /// The same appliance after it was killed (kill -9) and started again.
    pub fn killed(self) -> Self {
        self.started_again_after("KILL")
    }

    fn started_again_after(self, signal: &str) -> Self {
        let Self {
            house,
            sip,
            sips,
            files,
            flags,
        } = self;
        let House {
            program,
            administrator,
            folder,
        } = house;
        program.signal(signal);
        let (status, took, _) = program.ended();
        assert_eq!(status.success(), signal == "TERM", "{status}");
        assert!(took < Duration::from_secs(2), "{took:?}");
        let data = folder.data();
        let mut all = vec!["--data", &data, "--http", "127.0.0.1:0", "--admin-password", PASSWORD];
        all.extend(flags.iter().map(String::as_str));
        let program = Program::start(&all);
        let administrator = Visitor {
            origin: program.url.clone(),
            ..administrator
        };
        let house = House {
            program,
            administrator,
            folder,
        };
        let line = Self {
            house,
            sip,
            sips,
            files,
            flags,
        };
        line.wait_until_open(true, true);
        line
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

/// A port that nobody has now, nor the one after it (baresip takes that for TLS). Below those that the system gives
/// out, and none twice in one process: what is free now stays so.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 12_000 + (std::process::id() % 200) as u16 * 80;
    loop {
        let port = first + NEXT.fetch_add(2, Ordering::Relaxed);
        let is_free =
            |port| TcpListener::bind(("127.0.0.1", port)).is_ok() && UdpSocket::bind(("127.0.0.1", port)).is_ok();
        if is_free(port) && is_free(port + 1) {
            return port;
        }
    }
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
        left_out(&format!("{program} is not installed"));
    }
    found
}
