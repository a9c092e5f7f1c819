//! A CA of one test alone, on loopback.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_rustls::TlsAcceptor;
use futures_rustls::rustls::ServerConfig;
use futures_rustls::rustls::crypto::ring::default_provider;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use smol::io::{AsyncReadExt, AsyncWriteExt};
use smol::net::TcpStream;

use crate::live::within;
use crate::program::{Folder, Visitor};
use crate::world::run;

/// A port that nothing uses now, each but once: below those that systems give to connections that go out, which would
/// else take it before it is listened at.
pub(super) fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = NEXT.fetch_add(1, Ordering::SeqCst) + std::process::id() * 64;
        let port = u16::try_from(12_000 + number % 20_000).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Whether pebble is installed; a word about it where it is not.
pub(super) fn is_here() -> bool {
    ["pebble", "pebble-challtestsrv"]
        .iter()
        .all(|name| run(name, &["-h"]).is_some())
}

/// A process that is killed when dropped.
struct Neighbour(Child);

impl Neighbour {
    fn start(command: &mut Command) -> Self {
        let quiet = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        Self(quiet.spawn().unwrap())
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// An appliance's ports: for phones over TLS, and where a CA looks, in the clear and over TLS.
#[derive(Clone, Copy)]
pub(super) struct Doors {
    pub(super) phones: u16,
    pub(super) plain: u16,
    pub(super) secure: u16,
}

/// A pebble and its DNS.
pub(super) struct Ca {
    folder: Folder,
    dns: Option<Neighbour>,
    pebble: Option<Neighbour>,
    environment: Vec<(&'static str, String)>,
    port: u16,
    dns_port: u16,
    management: u16,
    /// The certificate (PEM) that its directory's own leads to.
    pub(super) root: String,
}

impl Ca {
    /// One that rejects so many of a hundred good nonces, and issues for five years.
    pub(super) fn start(doors: Doors, rejects: u32) -> Self {
        Self::issuing_for(5 * 365, doors, rejects)
    }

    /// The same, for so many days.
    pub(super) fn issuing_for(days: u64, doors: Doors, rejects: u32) -> Self {
        let folder = Folder::new();
        let root = certificates(&folder);
        let [port, dns_port, dns_management] = [0; 3].map(|_| free_port());
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let config = serde_json::json!({ "pebble": {
            "listenAddress": format!("127.0.0.1:{port}"),
            "managementListenAddress": format!("127.0.0.1:{}", free_port()),
            "certificate": path("pebble.pem"),
            "privateKey": path("pebble.key"),
            "httpPort": doors.plain,
            "tlsPort": doors.secure,
            "externalAccountBindingRequired": false,
            "certificateValidityPeriod": days * 86_400,
        }});
        folder.file("pebble.json", &config.to_string());
        let mut dns = Command::new("pebble-challtestsrv");
        dns.args(["-management", &format!("127.0.0.1:{dns_management}")]);
        dns.args([
            "-dns01",
            &format!("127.0.0.1:{dns_port}"),
            "-http01",
            "",
            "-https01",
            "",
            "-tlsalpn01",
            "",
        ]);
        dns.args(["-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""]);
        let environment = vec![
            ("PEBBLE_VA_NOSLEEP", "1".to_owned()),
            ("PEBBLE_WFE_NONCEREJECT", rejects.to_string()),
            ("PEBBLE_AUTHZREUSE", "0".to_owned()),
        ];
        let mut ca = Self {
            dns: Some(Neighbour::start(&mut dns)),
            folder,
            pebble: None,
            environment,
            port,
            dns_port,
            management: dns_management,
            root,
        };
        ca.up();
        ca
    }

    /// Starts it with nothing in it.
    pub(super) fn up(&mut self) {
        let mut command = Command::new("pebble");
        command.args(["-config", self.folder.path().join("pebble.json").to_str().unwrap()]);
        command.args(["-dnsserver", &format!("127.0.0.1:{}", self.dns_port)]);
        let log = std::fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(self.folder.path().join("pebble.log"))
            .unwrap();
        let process = command
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.pebble = Some(Neighbour(process));
        for port in [self.port, self.management] {
            within(Duration::from_secs(20), "the CA", || {
                std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
            });
        }
    }

    /// Ends it; it forgets all that it knew.
    pub(super) fn down(&mut self) {
        self.pebble = None;
    }

    pub(super) fn directory(&self) -> String {
        format!("https://localhost:{}/dir", self.port)
    }

    /// How often something was asked of it since the first start: what its log has.
    pub(super) fn asked(&self, what: &str) -> usize {
        let log = std::fs::read_to_string(self.folder.path().join("pebble.log")).unwrap();
        log.matches(what).count()
    }

    /// Orders that were made: those whose nonce was taken.
    pub(super) fn orders(&self) -> usize {
        self.asked("Added order")
    }

    /// Accounts that were opened.
    pub(super) fn accounts(&self) -> usize {
        self.asked("accounts in memory")
    }

    /// Gives the name this IPv6 address too, or none any more.
    pub(super) fn give_ipv6(&self, name: &str, address: Option<&str>) {
        let host = format!("{name}.");
        let (path, body) = match address {
            Some(address) => ("/add-aaaa", serde_json::json!({ "host": host, "addresses": [address] })),
            None => ("/clear-aaaa", serde_json::json!({ "host": host })),
        };
        smol::block_on(async {
            let line = TcpStream::connect(("127.0.0.1", self.management)).await.unwrap();
            let mut visitor = Visitor::to(&format!("http://127.0.0.1:{}", self.management));
            visitor.ask(line, "POST", path, &body).await.expect(200);
        });
    }
}

impl Drop for Ca {
    fn drop(&mut self) {
        self.pebble = None;
        self.dns = None;
    }
}

/// A directory that says nothing but this answer, over TLS.
pub(super) struct Sayer {
    port: u16,
    folder: Folder,
    pub(super) root: String,
}

impl Sayer {
    pub(super) fn start(answer: &'static str) -> Self {
        let folder = Folder::new();
        let root = certificates(&folder);
        let pem = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
        let chain = vec![CertificateDer::from_pem_slice(&pem("pebble.pem")).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(&pem("pebble.key")).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for line in listener.incoming().map(Result::unwrap) {
                let acceptor = acceptor.clone();
                let said = smol::block_on(async move {
                    let mut line = acceptor.accept(smol::Async::new(line)?).await?;
                    line.read(&mut [0; 4096]).await?;
                    line.write_all(answer.as_bytes()).await?;
                    line.close().await
                });
                said.ok();
            }
        });
        Self { port, folder, root }
    }

    pub(super) fn directory(&self) -> String {
        assert!(self.folder.path().exists());
        format!("https://localhost:{}/dir", self.port)
    }
}

/// A root and the directory's own certificate for `localhost`; the root as PEM.
pub(super) fn certificates(folder: &Folder) -> String {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let root = params.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(params, key);
    let own = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    folder.file("pebble.pem", &leaf.signed_by(&own, &issuer).unwrap().pem());
    folder.file("pebble.key", &own.serialize_pem());
    root
}
