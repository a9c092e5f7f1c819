//! A CA that issues what no browser takes: it is judged as the owner's own files are, before it is put in use.

use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use data_encoding::{BASE64, BASE64URL_NOPAD};
use futures_rustls::TlsAcceptor;
use futures_rustls::rustls::ServerConfig;
use futures_rustls::rustls::crypto::ring::default_provider;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use smol::io::{AsyncReadExt, AsyncWriteExt};

use super::ca::certificates;
use super::house::{House, NAME, choice, doors};
use crate::live::within;
use crate::program::Folder;
use crate::world::{run, said};

/// How the next certificate is made.
#[derive(Clone, Copy)]
struct Way {
    name: &'static str,
    from: &'static str,
    until: &'static str,
    digest: &'static str,
    /// Whether it is for the key of the request.
    of_request: bool,
    /// A further line of its extensions.
    more: &'static str,
}

const GOOD: Way = Way {
    name: NAME,
    from: "-1 day",
    until: "+80 days",
    digest: "-md sha256",
    of_request: true,
    more: "",
};

/// Valid in a moment.
const SOON: Way = Way {
    from: "+20 minutes",
    ..GOOD
};

/// A directory over TLS that takes every account and order, looks at nothing, and issues as it is told.
struct Odd {
    folder: Arc<Folder>,
    port: u16,
    root: String,
    way: Arc<Mutex<Way>>,
}

impl Odd {
    fn start() -> Self {
        let folder = Arc::new(Folder::new());
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
        let way = Arc::new(Mutex::new(GOOD));
        let (issuer, how) = (folder.clone(), way.clone());
        std::thread::spawn(move || {
            for line in listener.incoming().map(Result::unwrap) {
                let acceptor = acceptor.clone();
                let (issuer, how) = (&issuer, &how);
                let said = smol::block_on(async move {
                    let mut line = acceptor.accept(smol::Async::new(line)?).await?;
                    let question = question(&mut line).await?;
                    let way = *how.lock().unwrap_or_else(PoisonError::into_inner);
                    line.write_all(&answered(issuer, port, way, &question)).await?;
                    line.close().await
                });
                said.ok();
            }
        });
        Self {
            folder,
            port,
            root,
            way,
        }
    }

    fn issues(&self, way: Way) {
        *self.way.lock().unwrap_or_else(PoisonError::into_inner) = way;
    }

    fn directory(&self) -> String {
        assert!(self.folder.path().exists());
        format!("https://localhost:{}/dir", self.port)
    }
}

/// One request, whole.
async fn question(line: &mut (impl AsyncReadExt + Unpin)) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    loop {
        let mut more = [0; 4096];
        let length = line.read(&mut more).await?;
        bytes.extend_from_slice(&more[..length]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let head = head.to_ascii_lowercase();
            let long = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            body.len() >= long.map_or(0, |long| long.trim().parse().unwrap())
        });
        if whole || length == 0 {
            return Ok(text);
        }
    }
}

/// RFC 8555 §7, as far as the appliance asks.
fn answered(folder: &Folder, port: u16, way: Way, question: &str) -> Vec<u8> {
    let at = |path: &str| format!("https://localhost:{port}/{path}");
    let path = question.split(' ').nth(1).unwrap_or_default();
    let valid = "valid";
    let order = |status: &str| {
        json!({ "status": status, "authorizations": [at("authz")], "finalize": at("finalize"),
            "certificate": at("certificate") })
    };
    let (status, kind, body) = match path {
        "/dir" => {
            let directory = json!({ "newNonce": at("nonce"), "newAccount": at("account"), "newOrder": at("order") });
            (200, "application/json", directory.to_string())
        }
        "/account" => (201, "application/json", json!({ "status": valid }).to_string()),
        "/order" => (201, "application/json", order("ready").to_string()),
        "/authz" => {
            let identifier = json!({ "type": "dns", "value": NAME });
            let authorization = json!({ "status": valid, "identifier": identifier, "challenges": [] });
            (200, "application/json", authorization.to_string())
        }
        "/finalize" => {
            let body: Value = serde_json::from_str(question.split_once("\r\n\r\n").unwrap().1).unwrap();
            let payload = BASE64URL_NOPAD.decode(body["payload"].as_str().unwrap().as_bytes());
            let payload: Value = serde_json::from_slice(&payload.unwrap()).unwrap();
            let request = BASE64URL_NOPAD
                .decode(payload["csr"].as_str().unwrap().as_bytes())
                .unwrap();
            issue(folder, way, &request);
            (200, "application/json", order(valid).to_string())
        }
        "/order/1" => (200, "application/json", order(valid).to_string()),
        "/certificate" => {
            let chain = std::fs::read_to_string(folder.path().join("chain.pem")).unwrap();
            (200, "application/pem-certificate-chain", chain)
        }
        _ => (200, "application/json", String::new()),
    };
    format!(
        "HTTP/1.1 {status} OK\r\nReplay-Nonce: bm9uY2U\r\nLocation: {}\r\nContent-Type: {kind}\r\nContent-Length: \
         {}\r\nConnection: close\r\n\r\n{body}",
        at("order/1"),
        body.len()
    )
    .into_bytes()
}

/// `chain.pem`: a leaf made in that way for that request (DER), and its CA.
fn issue(folder: &Folder, way: Way, request: &[u8]) {
    folder.file(
        "asked.csr",
        &format!(
            "-----BEGIN CERTIFICATE REQUEST-----\n{}\n-----END CERTIFICATE REQUEST-----\n",
            BASE64.encode(request)
        ),
    );
    let Way {
        name,
        from,
        until,
        digest,
        of_request,
        more,
    } = way;
    let asked = if of_request { "asked.csr" } else { "other.csr" };
    let script = format!(
        "set -e; cd {}; export OPENSSL_CONF=/dev/null; new='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'; \
         [ -e root.pem ] || openssl req -x509 $new -keyout root.key -out root.pem -days 900 -subj /CN=Odd \
         -addext basicConstraints=critical,CA:TRUE; \
         openssl req $new -keyout other.key -out other.csr -subj /CN=x; \
         printf 'subjectAltName=DNS:{name}\\n{more}\\n' >new.ext; : >index; rm -f index.attr; \
         printf '[ca]\\ndefault_ca=a\\n[a]\\ndatabase=index\\nrand_serial=yes\\ndefault_md=sha256\\npolicy=p\\n\
         new_certs_dir=.\\nunique_subject=no\\n[p]\\ncommonName=optional\\n' >ca.conf; \
         openssl ca -batch -notext -config ca.conf -cert root.pem -keyfile root.key -in {asked} -extfile new.ext \
         -subj /CN=x {digest} -startdate $(date -u -d '{from}' +%Y%m%d%H%M%SZ) \
         -enddate $(date -u -d '{until}' +%Y%m%d%H%M%SZ) -out leaf.pem; cat leaf.pem root.pem >chain.pem",
        folder.path().display()
    );
    let made = run("sh", &["-c", &script]).unwrap();
    assert!(made.status.success(), "{}", said(&made));
}

#[test]
fn what_a_ca_issues_is_judged_as_own_files_are_and_a_bad_one_never_takes_a_good_ones_place() {
    if run("openssl", &["version"]).is_none() {
        return;
    }
    let (folder, doors) = (Folder::new(), doors());
    let ca = Odd::start();
    let mut house = House::open(&folder, doors);
    let bad = [
        (
            Way {
                name: "foreign.example",
                ..GOOD
            },
            "it is for foreign.example, not for pbx.example.com",
        ),
        (
            Way {
                from: "+2 days",
                ..GOOD
            },
            "it is valid from",
        ),
        (
            Way {
                from: "-90 days",
                until: "-1 day",
                ..GOOD
            },
            "it expired on",
        ),
        (
            Way {
                of_request: false,
                ..GOOD
            },
            "it is for another key",
        ),
        (
            Way {
                digest: "-md sha1",
                ..GOOD
            },
            "it is signed with SHA-1",
        ),
        (
            Way {
                more: "extendedKeyUsage=clientAuth",
                ..GOOD
            },
            "it is not made for servers",
        ),
        (SOON, "it is valid from"),
    ];
    let told = |house: &mut House, words: &str| {
        let acme = house.settled();
        let said = acme["trouble"]["said"].as_str().unwrap_or_default();
        assert!(
            said.starts_with("the CA issued a certificate that ") && said.contains(words),
            "{words}: {acme}"
        );
        // Another one would be as bad: it is asked for a day later, or at a press.
        let wait = acme["next"].as_u64().unwrap() - acme["tried"].as_u64().unwrap();
        assert!((86_400..86_500).contains(&wait), "{words}: {acme}");
    };
    // With nothing better, the office CA's leaf stays.
    ca.issues(bad[0].0);
    let typed = choice(&ca.directory(), &ca.root, "http-01", false);
    house.ask("PUT", "/api/acme", typed).expect(200);
    told(&mut house, bad[0].1);
    assert!(house.leaf().contains("Linekey office CA"), "{}", house.leaf());
    // This clock may be behind: one that begins in a moment is kept, and not counted as a failure.
    ca.issues(SOON);
    house.order_again();
    let acme = house.settled();
    assert!(!acme.to_string().contains("that is not used"), "{acme}");
    ca.issues(GOOD);
    house.order_again();
    assert_eq!(house.settled()["trouble"], Value::Null);
    within(Duration::from_secs(20), "the good one", || house.source() == "acme");
    let good = house.leaf();
    assert!(good.contains("CN = Odd"), "{good}");
    for (way, words) in bad {
        ca.issues(way);
        house.order_again();
        told(&mut house, words);
        assert_eq!(
            (house.leaf(), house.source().as_str()),
            (good.clone(), "acme"),
            "{words}"
        );
    }
    house.kill_and_start();
    assert_eq!(house.leaf(), good, "after a restart");
    ca.issues(GOOD);
    house.order_again();
    assert_eq!(house.settled()["trouble"], Value::Null);
    assert_ne!(house.leaf(), good);
}
