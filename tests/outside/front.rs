//! Other people's reverse proxies in front, ending TLS.

use std::process::Command;
use std::sync::Arc;

use futures_rustls::TlsConnector;
use futures_rustls::rustls::crypto::ring::default_provider;
use futures_rustls::rustls::{ClientConfig, RootCertStore};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls_pki_types::{CertificateDer, ServerName};
use serde_json::{Value, json};
use smol::net::TcpStream;

use crate::house::{Neighbour, PASSWORD, wait_for};
use crate::program::{Folder, Heard, Program, Visitor};

pub const NAME: &str = "pbx.test";

/// Where the examples have the certificate of that name.
const CERTIFICATE_FILE: &str = "/etc/ssl/certs/pbx.test.pem";
const KEY_FILE: &str = "/etc/ssl/private/pbx.test.key";
pub const CERTIFICATE: &str =
    "ssl_certificate /etc/ssl/certs/pbx.test.pem; ssl_certificate_key /etc/ssl/private/pbx.test.key;";

/// What the examples say of the caller: in the older fields, without the caller's own `Forwarded`.
pub const OLDER: &str =
    "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header Forwarded \"\";";
/// The same with the caller's own `Forwarded` left in.
pub const LAX: &str =
    "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;";
/// The standard field (RFC 7239), behind what the caller wrote there.
pub const STANDARD: &str = "proxy_set_header Forwarded \"$http_forwarded, for=$remote_addr;proto=$scheme\";
    proxy_set_header X-Forwarded-For \"\";";

/// A proxy on a port of its own.
pub struct Front {
    _proxy: Neighbour,
    _folder: Folder,
    certificate: CertifiedKey<KeyPair>,
    pub port: u16,
}

pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

impl Front {
    /// An nginx in front of Linekey, with an address of its own: here all share one machine.
    pub fn start(linekey: u16) -> Self {
        Self::start_at(free_port(), linekey, OLDER)
    }

    /// `says`: how it speaks of the caller.
    pub fn start_at(port: u16, linekey: u16, says: &str) -> Self {
        Self::nginx(
            port,
            &format!(
                "proxy_bind 127.0.0.9;
                 server {{ listen 127.0.0.1:{port} ssl; server_name {NAME}; {CERTIFICATE}
                   location / {{ proxy_pass http://127.0.0.1:{linekey}; proxy_set_header Host $host:$server_port; \
                   {says} }} }}"
            ),
        )
    }

    /// An nginx with these servers, of which one listens on the port. They name their certificate themselves.
    pub fn nginx(port: u16, servers: &str) -> Self {
        Self::run(port, |folder, cert, key| {
            let here = folder.path().display();
            let configuration = folder.file(
                "nginx.conf",
                &format!(
                    "daemon off; master_process off; pid {here}/pid; error_log stderr warn;
                     events {{}}
                     http {{ access_log off; client_body_temp_path {here}/body; proxy_temp_path {here}/proxy; \
                     fastcgi_temp_path {here}/f; uwsgi_temp_path {here}/u; scgi_temp_path {here}/s;
                     {servers} }}"
                )
                .replace(CERTIFICATE_FILE, cert)
                .replace(KEY_FILE, key),
            );
            let mut nginx = Command::new("/usr/sbin/nginx");
            nginx.args(["-c", &configuration, "-e", "stderr"]);
            nginx
        })
    }

    /// A Caddy with this site, of which the port is one.
    pub fn caddy(port: u16, site: &str) -> Self {
        Self::run(port, |folder, cert, key| {
            // Who serves a real name needs no certificate of their own: Caddy fetches one.
            let site = site.replacen('{', &format!("{{\n\ttls {cert} {key}"), 1);
            let globals = "admin off\nauto_https off\ndefault_bind 127.0.0.1\nlog {\nlevel ERROR\n}";
            let configuration = folder.file("Caddyfile", &format!("{{\n{globals}\n}}\n{site}\n"));
            let mut caddy = Command::new("caddy");
            caddy.args(["run", "--adapter", "caddyfile", "--config", &configuration]);
            caddy.env("HOME", folder.path());
            caddy
        })
    }

    fn run(port: u16, command: impl FnOnce(&Folder, &str, &str) -> Command) -> Self {
        let folder = Folder::new();
        let certificate = generate_simple_self_signed([NAME.to_owned(), "localhost".to_owned()]).unwrap();
        let cert = folder.file("front.crt", &certificate.cert.pem());
        let key = folder.file("front.key", &certificate.signing_key.serialize_pem());
        let proxy = Neighbour::start(&mut command(&folder, &cert, &key));
        wait_for("the proxy", || std::net::TcpStream::connect(("127.0.0.1", port)).ok());
        Self {
            _proxy: proxy,
            _folder: folder,
            certificate,
            port,
        }
    }

    /// Somebody's way through other rooms, at whose end they seem to be at that address of this machine. It passes on
    /// what callers say of themselves.
    pub fn detour(address: &str, to: u16) -> Self {
        let port = free_port();
        Self::nginx(
            port,
            &format!(
                "server {{ listen 127.0.0.1:{port} ssl; server_name {NAME}; {CERTIFICATE}
                   location / {{ proxy_bind {address}; proxy_pass https://127.0.0.1:{to}; proxy_set_header Host \
                   $http_host; }} }}"
            ),
        )
    }

    /// Its certificate, which signs itself.
    pub fn pem(&self) -> String {
        self.certificate.cert.pem()
    }

    pub fn visitor(&self) -> Visitor {
        Visitor::to(&format!("https://{NAME}:{}", self.port))
    }

    pub fn ask(&self, visitor: &mut Visitor, method: &str, path: &str, body: Value) -> Heard {
        over_tls(
            self.port,
            NAME,
            self.certificate.cert.der(),
            visitor,
            (method, path, body),
        )
    }
}

/// One request over TLS to whoever shows that certificate for the name.
pub fn over_tls(
    port: u16,
    name: &'static str,
    certificate: &CertificateDer<'static>,
    visitor: &mut Visitor,
    (method, path, body): (&str, &str, Value),
) -> Heard {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    smol::block_on(async {
        let line = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let name = ServerName::try_from(name).unwrap();
        let line = TlsConnector::from(Arc::new(config)).connect(name, line).await.unwrap();
        visitor.ask(line, method, path, &body).await
    })
}

/// Linekey behind nginx alone: nobody comes to it but through the proxy, and its name is the proxy's.
pub struct Behind {
    pub front: Front,
    /// The port on which Linekey itself listens.
    pub own: u16,
    _program: Program,
    _folder: Folder,
}

impl Behind {
    pub fn open(says: &str, proxies: &str) -> Self {
        let folder = Folder::new();
        let (port, own, data) = (free_port(), free_port(), folder.data());
        let (door, origin) = (format!("127.0.0.1:{own}"), format!("https://{NAME}:{port}"));
        let program = Program::start(&[
            "--data",
            &data,
            "--http",
            &door,
            "--origin",
            &origin,
            "--trusted-proxy",
            proxies,
            "--admin-password",
            PASSWORD,
        ]);
        assert_eq!(program.url, origin);
        Self {
            front: Front::start_at(port, own, says),
            own,
            _program: program,
            _folder: folder,
        }
    }

    pub fn visitor(&self) -> Visitor {
        self.front.visitor()
    }

    pub fn ask(&self, visitor: &mut Visitor, method: &str, path: &str, body: Value) -> Heard {
        self.front.ask(visitor, method, path, body)
    }

    pub fn sign_in_by_word(&self) -> Visitor {
        let mut visitor = self.visitor();
        let body = json!({ "username": "admin", "password": PASSWORD });
        self.ask(&mut visitor, "POST", "/api/sign-in/password", body)
            .expect(200);
        visitor
    }
}
