//! A real nginx in front: it ends TLS, says who calls, and asks who is there before it lets anybody through.

use std::process::Command;
use std::sync::Arc;

use futures_rustls::TlsConnector;
use futures_rustls::rustls::crypto::ring::default_provider;
use futures_rustls::rustls::{ClientConfig, RootCertStore};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls_pki_types::ServerName;
use serde_json::{Value, json};
use smol::net::TcpStream;

use crate::authenticator::Authenticator;
use crate::house::{House, Neighbour, PASSWORD, wait_for};
use crate::program::{Folder, Heard, Program, Visitor};

const NAME: &str = "pbx.test";

/// What the examples do with callers' own `Forwarded`.
const STRIPS: &str = "proxy_set_header Forwarded \"\";";

struct Front {
    _nginx: Neighbour,
    _folder: Folder,
    certificate: CertifiedKey<KeyPair>,
    port: u16,
    behind: u16,
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

impl Front {
    /// The configuration is the one that the examples page shows, on other ports, and with an address of its own: here all
    /// share one machine.
    fn start(linekey: u16) -> Self {
        Self::start_at(free_port(), linekey, STRIPS)
    }

    /// `strips`: what it does with callers' own `Forwarded`.
    fn start_at(port: u16, linekey: u16, strips: &str) -> Self {
        let folder = Folder::new();
        let certificate = generate_simple_self_signed([NAME.to_owned()]).unwrap();
        let cert = folder.file("front.crt", &certificate.cert.pem());
        let key = folder.file("front.key", &certificate.signing_key.serialize_pem());
        let (behind, service) = (free_port(), free_port());
        let here = folder.path().display();
        let configuration = folder.file(
            "nginx.conf",
            &format!(
                "daemon off; master_process off; pid {here}/pid; error_log stderr warn;\n\
                 events {{}}\n\
                 http {{ access_log off; proxy_bind 127.0.0.9; client_body_temp_path {here}/body; proxy_temp_path {here}/proxy; fastcgi_temp_path {here}/f; uwsgi_temp_path {here}/u; scgi_temp_path {here}/s;\n\
                 ssl_certificate {cert}; ssl_certificate_key {key};\n\
                 server {{ listen 127.0.0.1:{port} ssl; server_name {NAME};\n\
                   location / {{ proxy_pass http://127.0.0.1:{linekey}; proxy_set_header Host $host:$server_port; {strips}\n\
                     proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme; }} }}\n\
                 server {{ listen 127.0.0.1:{behind} ssl; server_name {NAME};\n\
                   location / {{ auth_request /auth/check; auth_request_set $user $upstream_http_remote_user;\n\
                     proxy_set_header Remote-User $user; proxy_pass http://127.0.0.1:{service}; error_page 401 = @sign_in; }}\n\
                   location = /auth/check {{ internal; proxy_pass http://127.0.0.1:{linekey}; proxy_pass_request_body off; proxy_set_header Content-Length \"\"; {strips}\n\
                     proxy_set_header Host {NAME}; proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme; }}\n\
                   location @sign_in {{ return 303 https://{NAME}:{port}/?to=https://$http_host$request_uri; }} }}\n\
                 server {{ listen 127.0.0.1:{service}; location / {{ default_type text/plain; return 200 \"hello $http_remote_user\"; }} }} }}\n"
            ),
        );
        let nginx = Neighbour::start(Command::new("/usr/sbin/nginx").args(["-c", &configuration, "-e", "stderr"]));
        wait_for("nginx", || std::net::TcpStream::connect(("127.0.0.1", port)).ok());
        Self {
            _nginx: nginx,
            _folder: folder,
            certificate,
            port,
            behind,
        }
    }

    fn ask(&self, port: u16, visitor: &mut Visitor, method: &str, path: &str, body: Value) -> Heard {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.cert.der().clone()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        smol::block_on(async {
            let line = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            let name = ServerName::try_from(NAME).unwrap();
            let line = TlsConnector::from(Arc::new(config)).connect(name, line).await.unwrap();
            visitor.ask(line, method, path, &body).await
        })
    }
}

fn house(proxies: &str) -> House {
    House::open(&["--name", NAME, "--trusted-proxy", proxies])
}

#[test]
fn behind_a_trusted_proxy_the_callers_own_address_and_tls_count() {
    let mut house = House::open(&["--trusted-proxy", "10.0.0.0/8,127.0.0.9", "--name", NAME]);
    let port = house.program.port();
    let front = Front::start(port);
    let secret = house
        .ask("POST", "/api/administrators/admin/api", json!({}))
        .expect(201)
        .json["secret"]
        .clone();
    let mut visitor = Visitor::to(&format!("https://{NAME}:{}", front.port));
    let credentials = data_encoding::BASE64.encode(format!("admin:{}", secret.as_str().unwrap()).as_bytes());
    visitor.authorization = Some(format!("Basic {credentials}"));
    // nginx came over plain HTTP, but says that its caller came over TLS.
    let listed = front.ask(front.port, &mut visitor, "GET", "/api/people", Value::Null);
    assert_eq!(listed.status, 200, "{}", listed.body);
    let row = house
        .ask("GET", "/api/administrators/admin", Value::Null)
        .expect(200)
        .json;
    assert_eq!(row["api"]["address"], json!("127.0.0.1"));
    // A caller who writes the field themselves gains nothing: nginx adds the true address on the right.
    visitor.forwarded_for = Some("198.51.100.1".to_owned());
    front
        .ask(front.port, &mut visitor, "GET", "/api/people", Value::Null)
        .expect(200);
    let row = house
        .ask("GET", "/api/administrators/admin", Value::Null)
        .expect(200)
        .json;
    assert_ne!(row["api"]["address"], json!("198.51.100.1"));
}

#[test]
fn without_trust_a_proxys_word_counts_for_nothing() {
    let mut house = house("192.0.2.1");
    let front = Front::start(house.program.port());
    let secret = house
        .ask("POST", "/api/administrators/admin/api", json!({}))
        .expect(201)
        .json["secret"]
        .clone();
    let mut visitor = Visitor::to(&format!("https://{NAME}:{}", front.port));
    let credentials = data_encoding::BASE64.encode(format!("admin:{}", secret.as_str().unwrap()).as_bytes());
    visitor.authorization = Some(format!("Basic {credentials}"));
    let refused = front.ask(front.port, &mut visitor, "GET", "/api/people", Value::Null);
    assert_eq!(
        (refused.status, &refused.json["error"]),
        (403, &json!("in-the-clear")),
        "{}",
        refused.body
    );
}

/// Linekey behind nginx alone: nobody comes to it but through the proxy, and its name is the proxy's.
struct Behind {
    front: Front,
    _program: Program,
    _folder: Folder,
}

impl Behind {
    fn open(strips: &str) -> Self {
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
            "127.0.0.9",
            "--admin-password",
            PASSWORD,
        ]);
        assert_eq!(program.url, origin);
        Self {
            front: Front::start_at(port, own, strips),
            _program: program,
            _folder: folder,
        }
    }

    fn visitor(&self) -> Visitor {
        Visitor::to(&format!("https://{NAME}:{}", self.front.port))
    }

    fn ask(&self, visitor: &mut Visitor, method: &str, path: &str, body: Value) -> Heard {
        self.front.ask(self.front.port, visitor, method, path, body)
    }

    fn sign_in_by_word(&self) -> Visitor {
        let mut visitor = self.visitor();
        let body = json!({ "username": "admin", "password": PASSWORD });
        self.ask(&mut visitor, "POST", "/api/sign-in/password", body)
            .expect(200);
        visitor
    }
}

#[test]
fn a_browser_that_knows_nginx_alone_makes_a_passkey_and_signs_in_with_it() {
    let behind = Behind::open(STRIPS);
    let mut owner = behind.sign_in_by_word();
    assert!(owner.cookie.as_deref().unwrap().starts_with("__Host-linekey="));
    let asked = behind
        .ask(&mut owner, "POST", "/api/me/passkeys/begin", json!({}))
        .expect(200)
        .json;
    let mut authenticator = Authenticator::new(&owner.origin, 0);
    let made =
        json!({ "ticket": asked["ticket"], "credential": authenticator.create(&asked["publicKey"]), "name": "Phone" });
    behind
        .ask(&mut owner, "POST", "/api/me/passkeys/finish", made)
        .expect(201);
    let mut again = behind.visitor();
    let asked = behind
        .ask(&mut again, "POST", "/api/sign-in/passkey/begin", json!({}))
        .expect(200)
        .json;
    let answer = json!({ "ticket": asked["ticket"], "credential": authenticator.get(&asked["publicKey"]) });
    behind
        .ask(&mut again, "POST", "/api/sign-in/passkey/finish", answer)
        .expect(200);
    behind.ask(&mut again, "GET", "/api/me", Value::Null).expect(200);
}

#[test]
fn a_caller_who_writes_forwarded_themselves_gains_nothing() {
    let strict = Behind::open(STRIPS);
    let mut owner = strict.sign_in_by_word();
    owner.forwarded = Some("for=198.51.100.1;proto=https".to_owned());
    let sessions = strict
        .ask(&mut owner, "GET", "/api/me/sessions", Value::Null)
        .expect(200);
    assert!(!sessions.body.contains("198.51.100.1"), "{}", sessions.body);
    let lax = Behind::open("");
    let mut stranger = lax.visitor();
    stranger.forwarded = Some("for=198.51.100.1;proto=https".to_owned());
    let refused = lax.ask(&mut stranger, "GET", "/api/me", Value::Null).expect(400);
    assert_eq!(refused.json["error"], json!("proxies-disagree"));
}

#[test]
fn nginx_lets_nobody_through_whom_linekey_does_not_know() {
    let house = Behind::open(STRIPS);
    let front = &house.front;
    let mut owner = house.sign_in_by_word();
    let card = json!({ "extension": "101", "name": "Mira" });
    house.ask(&mut owner, "POST", "/api/people", card).expect(201);
    let words = json!({ "password": "a quiet river at night" });
    house
        .ask(&mut owner, "POST", "/api/people/101/password", words)
        .expect(204);
    let mut mira = Visitor::to(&format!("https://{NAME}:{}", front.behind));
    let away = front
        .ask(front.behind, &mut mira, "GET", "/calls?day=1", Value::Null)
        .expect(303);
    assert_eq!(
        away.field("location"),
        Some(
            format!(
                "https://{NAME}:{}/?to=https://{NAME}:{}/calls?day=1",
                front.port, front.behind
            )
            .as_str()
        )
    );
    mira.origin = format!("https://{NAME}:{}", front.port);
    let sign_in = json!({ "username": "101", "password": "a quiet river at night" });
    front
        .ask(front.port, &mut mira, "POST", "/api/sign-in/password", sign_in)
        .expect(200);
    assert!(mira.cookie.as_deref().unwrap().starts_with("__Host-linekey="));
    mira.origin = format!("https://{NAME}:{}", front.behind);
    let through = front
        .ask(front.behind, &mut mira, "GET", "/calls", Value::Null)
        .expect(200);
    assert_eq!(through.body, "hello 101");
}
