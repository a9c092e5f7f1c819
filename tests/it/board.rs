//! One binary on one board, from the first start to a passkey sign-in over HTTPS, as a browser would.
//! `LINEKEY_UNDER_TEST` says which command is tested (`qemu-arm-static path/linekey`); without it, it is the one that
//! cargo built.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "in a test a panic is the report; the modules are shared with the other binary, which uses all of them"
)]

mod authenticator;
mod program;
mod wait;

use std::sync::Arc;

use futures_rustls::TlsConnector;
use futures_rustls::rustls::crypto::ring::default_provider;
use futures_rustls::rustls::{ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion, version};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls_pki_types::ServerName;
use serde_json::{Value, json};
use smol::io::{AsyncReadExt, AsyncWriteExt};
use smol::net::TcpStream;

use authenticator::Authenticator;
use program::{Folder, Heard, Program, Visitor};

const NAME: &str = "linekey.test";
const PASSWORD: &str = "four words for one time";

/// An appliance behind HTTPS, with a certificate for its name.
struct Board {
    program: Program,
    certificate: CertifiedKey<KeyPair>,
    flags: Vec<String>,
    _folder: Folder,
}

impl Board {
    fn start() -> Self {
        let folder = Folder::new();
        let certificate = generate_simple_self_signed([NAME.to_owned()]).unwrap();
        let chain = folder.file("chain.pem", &certificate.cert.pem());
        let key = folder.file("key.pem", &certificate.signing_key.serialize_pem());
        let password = folder.file("password", PASSWORD);
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .to_string();
        let data = folder.data();
        let flags = [
            "--data",
            &data,
            "--name",
            NAME,
            "--http",
            "off",
            "--https",
            &port,
            "--tls-cert",
            &chain,
        ];
        // Whatever the board's own clock is like, this machine knows the date.
        let more = [
            "--tls-key",
            &key,
            "--admin-password-file",
            &password,
            "--clock",
            "battery",
        ];
        let flags: Vec<String> = flags.into_iter().chain(more).map(str::to_owned).collect();
        Self {
            program: started(&flags),
            certificate,
            flags,
            _folder: folder,
        }
    }

    fn restart(self) -> Self {
        self.program.signal("TERM");
        let (status, _, _) = self.program.ended();
        assert_eq!(status.code(), Some(0), "{status}");
        Self {
            program: started(&self.flags),
            ..self
        }
    }

    /// Asks over TLS, trusting this board's certificate alone. Answers with the TLS version, too.
    fn ask_over(
        &self,
        version: &'static SupportedProtocolVersion,
        visitor: &mut Visitor,
        method: &str,
        path: &str,
        body: &Value,
    ) -> (Heard, Option<ProtocolVersion>) {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.cert.der().clone()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        smol::block_on(async {
            let line = TcpStream::connect(("127.0.0.1", self.program.port())).await.unwrap();
            let name = ServerName::try_from(NAME).unwrap();
            let mut line = TlsConnector::from(Arc::new(config))
                .connect(name, line)
                .await
                .expect("a TLS handshake");
            let spoken = line.get_ref().1.protocol_version();
            (visitor.ask(&mut line, method, path, body).await, spoken)
        })
    }

    fn ask(&self, visitor: &mut Visitor, method: &str, path: &str, body: Value) -> Heard {
        self.ask_over(&version::TLS13, visitor, method, path, &body).0
    }

    fn visitor(&self) -> Visitor {
        Visitor::to(&self.program.url)
    }

    fn sign_in_by_passkey(&self, authenticator: &Authenticator) -> (Visitor, Heard) {
        let mut visitor = self.visitor();
        let asked = self
            .ask(&mut visitor, "POST", "/api/sign-in/passkey/begin", json!({}))
            .expect(200)
            .json;
        let body = json!({ "ticket": asked["ticket"], "credential": authenticator.get(&asked["publicKey"]) });
        let heard = self.ask(&mut visitor, "POST", "/api/sign-in/passkey/finish", body);
        (visitor, heard)
    }
}

fn started(flags: &[String]) -> Program {
    Program::start(&flags.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn a_board_takes_its_owner_from_the_one_time_password_to_a_passkey_over_https() {
    let board = Board::start();
    assert!(
        board.program.url.starts_with("https://linekey.test:"),
        "{}",
        board.program.url
    );
    let mut owner = board.visitor();
    let body = json!({ "username": "admin", "password": PASSWORD });
    let heard = board
        .ask(&mut owner, "POST", "/api/sign-in/password", body.clone())
        .expect(200);
    assert_eq!(heard.json, json!({ "next": "/welcome" }));
    assert_eq!(
        board
            .ask(&mut board.visitor(), "POST", "/api/sign-in/password", body.clone())
            .status,
        401
    );

    let asked = board
        .ask(&mut owner, "POST", "/api/me/passkeys/begin", json!({}))
        .expect(200)
        .json;
    assert_eq!(asked["publicKey"]["rp"]["id"], NAME);
    let mut authenticator = Authenticator::new(&board.program.url, 0);
    let made =
        json!({ "ticket": asked["ticket"], "credential": authenticator.create(&asked["publicKey"]), "name": "Phone" });
    assert_eq!(
        board
            .ask(&mut owner, "POST", "/api/me/passkeys/finish", made)
            .expect(201)
            .json["name"],
        "Phone"
    );

    let signed_out = board.ask(&mut owner, "POST", "/api/sign-out", Value::Null).expect(204);
    assert!(signed_out.field("clear-site-data").is_some(), "{}", signed_out.head);
    board.ask(&mut owner, "GET", "/api/me", Value::Null).expect(401);

    let (mut owner, heard) = board.sign_in_by_passkey(&authenticator);
    assert_eq!(heard.expect(200).json, json!({ "next": "/home" }));
    assert_eq!(
        board.ask(&mut owner, "GET", "/api/me", Value::Null).expect(200).json["passkeys"],
        1
    );

    let board = board.restart();
    assert_eq!(
        board.ask(&mut owner, "GET", "/api/me", Value::Null).expect(200).json["username"],
        "admin"
    );
    assert_eq!(
        board
            .ask(&mut board.visitor(), "POST", "/api/sign-in/password", body)
            .status,
        401
    );
    let (_, heard) = board.sign_in_by_passkey(&authenticator);
    heard.expect(200);
}

#[test]
fn the_cookie_is_bound_to_the_host_and_the_browser_is_told_to_stay_with_https() {
    let board = Board::start();
    let body = json!({ "username": "admin", "password": PASSWORD });
    let heard = board
        .ask(&mut board.visitor(), "POST", "/api/sign-in/password", body)
        .expect(200);
    let set = heard.field("set-cookie").unwrap();
    assert!(set.starts_with("__Host-linekey="), "{set}");
    for attribute in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
        assert!(set.contains(attribute), "{set}");
    }
    assert!(
        heard
            .field("strict-transport-security")
            .unwrap()
            .starts_with("max-age="),
        "{}",
        heard.head
    );
    let page = board.ask(&mut board.visitor(), "GET", "/", Value::Null).expect(200);
    assert!(
        page.field("content-type").unwrap().starts_with("text/html"),
        "{}",
        page.head
    );
    let policy = page.field("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert!(
        page.field("permissions-policy")
            .unwrap()
            .contains("publickey-credentials-get=(self)"),
        "{}",
        page.head
    );
    assert_eq!(page.field("referrer-policy"), Some("no-referrer"));
    assert_eq!(page.field("x-content-type-options"), Some("nosniff"));
}

#[test]
fn both_versions_of_tls_are_spoken() {
    let board = Board::start();
    for (offered, name) in [
        (&version::TLS12, ProtocolVersion::TLSv1_2),
        (&version::TLS13, ProtocolVersion::TLSv1_3),
    ] {
        let (heard, spoken) = board.ask_over(offered, &mut board.visitor(), "GET", "/healthz", &Value::Null);
        assert_eq!((heard.expect(200).body.as_str(), spoken), ("ok\n", Some(name)));
    }
}

#[test]
fn plain_http_at_the_secure_door_gets_an_answer_and_no_page() {
    let board = Board::start();
    let heard = smol::block_on(async {
        let mut line = TcpStream::connect(("127.0.0.1", board.program.port())).await.unwrap();
        line.write_all(b"GET / HTTP/1.1\r\nHost: linekey.test\r\n\r\n")
            .await
            .unwrap();
        let mut heard = String::new();
        line.read_to_string(&mut heard).await.unwrap();
        heard
    });
    assert!(heard.starts_with("HTTP/1.1 4"), "{heard}");
    assert!(
        !heard.contains("<form") && !heard.to_lowercase().contains("set-cookie"),
        "{heard}"
    );
}

#[test]
fn a_page_under_another_name_explains_the_right_one_and_leads_there_once_it_is_found() {
    let board = Board::start();
    let mut lost = Visitor::to(&format!("https://127.0.0.1:{}", board.program.port()));
    let heard = board.ask(&mut lost, "GET", "/join", Value::Null).expect(200);
    let leads = format!("data-origin=\"{}\"", board.program.url);
    assert!(heard.body.contains(&leads), "{}", heard.body);
    let mut rebound = Visitor::to("https://evil.example");
    assert_eq!(
        board
            .ask(&mut rebound, "GET", "/api/site", Value::Null)
            .expect(421)
            .json["error"],
        "wrong-name"
    );
}
