//! The secure door: handshakes, resumption, a new certificate, and what is said about files that will not do.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_rustls::rustls::pki_types::{CertificateDer, ServerName};
use futures_rustls::rustls::{
    CipherSuite, ClientConfig, ClientConnection, HandshakeKind, RootCertStore, StreamOwned, SupportedProtocolVersion,
    crypto::CryptoProvider, crypto::ring::default_provider, version,
};
use linekey::net::certificates::{Certificates, Judged};
use linekey::rules::moment::Reading;
use linekey::rules::time::Date;

use super::house::{Client, House, body, has, short, status};

/// A folder with a certificate for localhost and its key, gone when dropped.
pub(crate) struct Papers {
    folder: PathBuf,
    der: CertificateDer<'static>,
}

impl Papers {
    pub(crate) fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("linekey-wire-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut papers = Self {
            folder,
            der: CertificateDer::from(Vec::new()),
        };
        papers.renew();
        papers
    }

    fn renew(&mut self) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(self.certificate(), made.cert.pem()).unwrap();
        std::fs::write(self.key(), made.signing_key.serialize_pem()).unwrap();
        self.der = made.cert.der().clone();
    }

    pub(crate) fn certificate(&self) -> PathBuf {
        self.folder.join("cert.pem")
    }

    pub(crate) fn key(&self) -> PathBuf {
        self.folder.join("key.pem")
    }

    fn client(&self, version: &'static SupportedProtocolVersion) -> Arc<ClientConfig> {
        self.client_with(default_provider(), version)
    }

    fn client_with(&self, provider: CryptoProvider, version: &'static SupportedProtocolVersion) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.der.clone()).unwrap();
        let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Arc::new(config)
    }
}

impl Drop for Papers {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).unwrap();
    }
}

/// For whom the papers are; without a date.
const LOCALHOST: Judged<'static> = Judged {
    name: "localhost",
    reading: Reading {
        date: Date(0),
        known: false,
        running: Date(0),
    },
};

type Secure = Client<StreamOwned<ClientConnection, std::net::TcpStream>>;

fn call(house: &House, config: &Arc<ClientConfig>) -> Secure {
    let name = ServerName::try_from("localhost").unwrap();
    let session = ClientConnection::new(Arc::clone(config), name).unwrap();
    Client {
        stream: StreamOwned::new(session, house.call().stream),
        got: Vec::new(),
    }
}

#[test]
fn both_versions_are_spoken_and_sessions_resumed() {
    let papers = Papers::new("versions");
    let (house, _) = House::secure(short(), &papers.certificate(), &papers.key());
    for version in [&version::TLS12, &version::TLS13] {
        let config = papers.client(version);
        for kind in [HandshakeKind::Full, HandshakeKind::Resumed] {
            let mut client = call(&house, &config);
            client.say("GET /peer HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            let answer = client.rest();
            assert_eq!(body(&answer), "127.0.0.1 true");
            assert!(has(&answer, "strict-transport-security: max-age=15552000"));
            assert_eq!(client.stream.conn.handshake_kind(), Some(kind), "{version:?}");
            assert_eq!(client.stream.conn.alpn_protocol(), Some(&b"http/1.1"[..]));
        }
    }
}

/// What `curl --http1.0` does, and old phones do.
#[test]
fn a_client_that_offers_http_1_0_alone_is_served() {
    let papers = Papers::new("oldest");
    let (house, _) = House::secure(short(), &papers.certificate(), &papers.key());
    for version in [&version::TLS12, &version::TLS13] {
        let mut config = ClientConfig::clone(&papers.client(version));
        config.alpn_protocols = vec![b"http/1.0".to_vec()];
        let mut client = call(&house, &Arc::new(config));
        client.say("GET /peer HTTP/1.0\r\nHost: localhost\r\n\r\n");
        assert_eq!(body(&client.rest()), "127.0.0.1 true", "{version:?}");
    }
}

#[test]
fn who_offers_a_key_as_long_with_a_quicker_hash_gets_that() {
    use CipherSuite as S;
    let papers = Papers::new("suites");
    let (house, _) = House::secure(short(), &papers.certificate(), &papers.key());
    let [long, short_key, as_long] = [
        S::TLS13_AES_256_GCM_SHA384,
        S::TLS13_AES_128_GCM_SHA256,
        S::TLS13_CHACHA20_POLY1305_SHA256,
    ];
    let cases: [(&[CipherSuite], CipherSuite); 6] = [
        (&[long, as_long, short_key], as_long),
        (&[long, short_key, as_long], long),
        (&[short_key, long, as_long], short_key),
        (&[as_long, short_key], as_long),
        (&[long, short_key], long),
        (&[long], long),
    ];
    for (offered, wanted) in cases {
        let mut provider = default_provider();
        let all = std::mem::take(&mut provider.cipher_suites);
        let named = |name: &CipherSuite| all.iter().copied().find(|suite| suite.suite() == *name).unwrap();
        provider.cipher_suites = offered.iter().map(named).collect();
        let config = papers.client_with(provider, &version::TLS13);
        for kind in [HandshakeKind::Full, HandshakeKind::Resumed] {
            let mut client = call(&house, &config);
            client.say("GET /peer HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            assert_eq!(body(&client.rest()), "127.0.0.1 true");
            let spoken = client.stream.conn.negotiated_cipher_suite().unwrap();
            assert_eq!(
                (spoken.suite(), client.stream.conn.handshake_kind()),
                (wanted, Some(kind))
            );
        }
    }
}

#[test]
fn a_large_answer_and_a_body_cross_tls_whole() {
    let papers = Papers::new("large");
    let (house, _) = House::secure(short(), &papers.certificate(), &papers.key());
    let mut client = call(&house, &papers.client(&version::TLS13));
    client.say(format!(
        "POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n\r\n{}",
        "x".repeat(65536)
    ));
    assert_eq!(body(&client.answer()), "65536");
    client.say("GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert_eq!(body(&client.rest()).len(), 1_000_000);
}

#[test]
fn a_refusal_reaches_a_client_that_is_still_sending_over_tls() {
    let papers = Papers::new("refusal");
    let (house, _) = House::secure(short(), &papers.certificate(), &papers.key());
    let mut client = call(&house, &papers.client(&version::TLS13));
    client.say(format!(
        "POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n{}",
        "x".repeat(500_000)
    ));
    assert_eq!(status(&client.rest()), 413);
}

#[test]
fn a_new_certificate_is_shown_without_a_restart() {
    let mut papers = Papers::new("reload");
    let (house, tls) = House::secure(short(), &papers.certificate(), &papers.key());
    let mut before = call(&house, &papers.client(&version::TLS13));
    before.say("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    before.answer();
    papers.renew();
    tls.reload(LOCALHOST).unwrap();
    let mut after = call(&house, &papers.client(&version::TLS13));
    after.say("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(
        status(&after.answer()),
        200,
        "a client that trusts only the new one is content"
    );
    before.say("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(status(&before.answer()), 200, "and who is in stays in");
    std::fs::write(papers.key(), "broken").unwrap();
    tls.reload(LOCALHOST).unwrap_err();
    let mut still = call(&house, &papers.client(&version::TLS13));
    still.say("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(status(&still.answer()), 200, "a bad file changes nothing");
}

#[test]
fn who_speaks_plain_http_is_told_how_to_come_in() {
    let papers = Papers::new("plain");
    let (house, _) = House::secure(short(), &papers.certificate(), &papers.key());
    let answer = house.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(status(&answer), 400);
    assert!(body(&answer).contains("https://"));
    assert!(!answer.contains("strict-transport-security"));
}

#[test]
fn a_handshake_that_stalls_or_is_none_is_closed() {
    let papers = Papers::new("stall");
    let (house, _) = House::secure(short(), &papers.certificate(), &papers.key());
    let began = Instant::now();
    let (mut silent, mut stalled, mut noise) = (house.call(), house.call(), house.call());
    stalled.say([22, 3, 1, 0, 200, 1]);
    noise.say([0; 64]);
    for client in [&mut silent, &mut stalled, &mut noise] {
        client.stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
        assert!(client.is_closed_silently());
    }
    assert!(began.elapsed() < Duration::from_millis(1500));
}

#[test]
fn what_is_wrong_with_a_file_is_said_with_its_name() {
    let papers = Papers::new("files");
    let other = Papers::new("files-other");
    let at = |name: &str, text: &str| {
        let path = papers.folder.join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let missing = papers.folder.join("missing.pem");
    let cases = [
        (missing.clone(), papers.key(), "missing.pem cannot be read"),
        (papers.certificate(), missing, "missing.pem cannot be read"),
        (papers.key(), papers.key(), "key.pem holds no certificate"),
        (
            papers.certificate(),
            papers.certificate(),
            "cert.pem holds no private key",
        ),
        (at("empty.pem", ""), papers.key(), "empty.pem holds no certificate"),
        (
            at("cut.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n"),
            papers.key(),
            "cut.pem is not a PEM file",
        ),
        (
            at(
                "wrong.pem",
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            ),
            papers.key(),
            "wrong.pem cannot be used",
        ),
        (
            at("long.pem", &"x".repeat(70_000)),
            papers.key(),
            "long.pem is too long",
        ),
        (
            papers.certificate(),
            other.key(),
            "does not belong to the first certificate in",
        ),
    ];
    for (certificate, key, sentence) in cases {
        let Err(error) = Certificates::open(&certificate, &key) else {
            panic!("{sentence}: was taken")
        };
        assert!(error.to_string().contains(sentence), "{error}");
    }
}

#[test]
fn certificates_and_keys_are_read_as_windows_saves_them() {
    let papers = Papers::new("windows");
    let text = |path: PathBuf| std::fs::read_to_string(path).unwrap();
    let (certificate, key) = (text(papers.certificate()), text(papers.key()));
    let utf16 =
        |text: &str, bytes: fn(u16) -> [u8; 2]| format!("\u{feff}{text}").encode_utf16().flat_map(bytes).collect();
    let saved: [fn(&str) -> String; 3] = [
        |text| format!("\u{feff}{text}"),
        |text| format!("\r\n\r\n{}", text.replace('\n', "\r\n")),
        |text| format!("Bag Attributes\n    friendlyName: pbx\n{text}"),
    ];
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = saved
        .iter()
        .map(|save| (save(&certificate).into_bytes(), save(&key).into_bytes()))
        .collect();
    pairs.push((utf16(&certificate, u16::to_le_bytes), utf16(&key, u16::to_be_bytes)));
    for (certificate, key) in pairs {
        std::fs::write(papers.certificate(), &certificate).unwrap();
        std::fs::write(papers.key(), &key).unwrap();
        if let Err(error) = Certificates::open(&papers.certificate(), &papers.key()) {
            panic!("{error}: {}", String::from_utf8_lossy(&certificate));
        }
    }
}

/// As OpenSSL makes them.
#[test]
fn a_file_that_tls_has_no_use_for_is_told_from_others() {
    let papers = Papers::new("kinds");
    let at = |name: &str| papers.folder.join(name);
    let openssl = |words: &str| {
        let made = std::process::Command::new("openssl")
            .args(words.split(' '))
            .current_dir(&papers.folder)
            .output();
        let made = made.expect("openssl is missing");
        assert!(
            made.status.success(),
            "{words}: {}",
            String::from_utf8_lossy(&made.stderr)
        );
    };
    let request = "req -x509 -nodes -subj /CN=localhost -addext subjectAltName=DNS:localhost -days 30";
    openssl(&format!(
        "{request} -newkey ec -pkeyopt ec_paramgen_curve:secp521r1 -keyout p521.key -out p521.pem"
    ));
    openssl(&format!("{request} -newkey rsa:1024 -keyout short.key -out short.pem"));
    openssl("pkey -in key.pem -aes256 -passout pass:word -out locked.key");
    openssl("x509 -in cert.pem -outform DER -out cert.der");
    openssl("pkcs12 -export -in cert.pem -inkey key.pem -passout pass:word -out both.pfx");
    for (certificate, key, words) in [
        ("p521.pem", "p521.key", "P-521"),
        ("short.pem", "short.key", "1024 bits"),
        ("cert.pem", "locked.key", "under a passphrase"),
        ("cert.der", "key.pem", "DER"),
        ("both.pfx", "key.pem", "PKCS #12"),
        ("cert.pem", "nothing", "no such file"),
        (".", "key.pem", "folder"),
    ] {
        let Err(error) = Certificates::open(&at(certificate), &at(key)) else {
            panic!("{words}: was taken")
        };
        assert!(error.to_string().contains(words), "{words}: {error}");
    }
}

#[test]
fn what_browsers_will_not_like_is_said_and_served_all_the_same() {
    let papers = Papers::new("doubts");
    let certificates = Certificates::open(&papers.certificate(), &papers.key()).unwrap();
    let at = |date: u64, known: bool| Reading {
        date: Date(date),
        known,
        running: Date(date),
    };
    let (now, late, early) = (1_795_420_800, 90_000_000_000, 0);
    // But that it signs itself, for a long time.
    let doubts = |name, reading| {
        let mut doubts = certificates.doubts(Judged { name, reading });
        doubts.retain(|doubt| !doubt.contains("signs itself") && !doubt.contains("days; Apple"));
        doubts
    };
    assert_eq!(doubts("localhost", at(now, true)), Vec::<String>::new());
    for (name, reading, words) in [
        ("pbx.test", at(now, true), "is for localhost, not for pbx.test"),
        ("localhost", at(late, true), "expired on"),
        ("localhost", at(early, true), "is valid from"),
    ] {
        let doubts = doubts(name, reading);
        assert!(doubts.len() == 1 && doubts[0].contains(words), "{doubts:?}");
    }
    let unknown = doubts("localhost", at(late, false));
    assert!(
        unknown.len() == 1 && unknown[0].contains("this machine does not know the date"),
        "{unknown:?}"
    );
}
