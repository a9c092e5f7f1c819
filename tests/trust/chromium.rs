//! A headless Chromium that knows the office CA and nothing else of us: no switch lets it overlook a certificate.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;

use futures_rustls::rustls::{self, ServerConfig, ServerConnection, Stream};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};

use super::world::{Folder, Office, run, said};
use crate::left_out::left_out;

const PAGE: &str = "<!doctype html><title>x</title><p>the welcome page";

/// Serves [`PAGE`] over TLS with that leaf on a port of loopback, until the test ends.
fn serve(leaf: &str, key: &[u8]) -> u16 {
    let chain = vec![CertificateDer::from_pem_slice(leaf.as_bytes()).unwrap()];
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, PrivatePkcs8KeyDer::from(key.to_vec()).into())
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut socket in listener.incoming().flatten() {
            let mut connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = Stream::new(&mut connection, &mut socket);
            // A browser that refuses the certificate ends the connection here; that is what is tested.
            if stream.read(&mut [0; 4096]).is_ok() {
                let answer = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: \
                        close\r\n\r\n{PAGE}",
                    PAGE.len()
                );
                stream.write_all(answer.as_bytes()).ok();
                stream.flush().ok();
            }
        }
    });
    port
}

/// A home folder in which Chromium finds that CA, and no other of ours.
fn home(office: &Office) -> Option<Folder> {
    let folder = Folder::new();
    let (ca, store) = (folder.file("ca.pem", office.pem()), folder.path().join(".pki/nssdb"));
    std::fs::create_dir_all(&store).unwrap();
    let store = format!("sql:{}", store.display());
    let made = run("certutil", &["-d", &store, "-N", "--empty-password"])?;
    assert!(made.status.success(), "{}", said(&made));
    let added = run(
        "certutil",
        &["-d", &store, "-A", "-n", "office", "-t", "C,,", "-i", &ca],
    )?;
    assert!(added.status.success(), "{}", said(&added));
    let here = Command::new("chromium").arg("--version").output().is_ok();
    if !here {
        left_out("chromium is not installed");
    }
    here.then_some(folder)
}

/// What Chromium makes of a page, and what it said on the way.
fn visit(home: &Folder, host: &str, port: u16) -> String {
    let output = Command::new("chromium")
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-dev-shm-usage",
        ])
        .args(["--enable-logging=stderr", "--dump-dom"])
        .arg("--host-resolver-rules=MAP * 127.0.0.1")
        .arg(format!("--user-data-dir={}", home.path().join("profile").display()))
        .arg(format!("https://{host}:{port}/"))
        .env("HOME", home.path())
        .env_remove("XDG_CONFIG_HOME")
        .output()
        .unwrap();
    said(&output)
}

#[test]
fn with_the_authority_imported_it_shows_the_page_and_refuses_what_a_thief_would_sign() {
    let office = Office::new("linekey.test", 1);
    let Some(home) = home(&office) else { return };
    let (ours, key) = office.sign(&office.plan("linekey.test", &["192.168.1.5", "fd00::5"]));
    let port = serve(&ours, &key);
    for host in ["linekey.test", "linekey.local", "192.168.1.5"] {
        let shown = visit(&home, host, port);
        assert!(shown.contains("the welcome page"), "{host}: {shown}");
    }
    // -200 is ERR_CERT_COMMON_NAME_INVALID, -207 ERR_CERT_INVALID: outside the name constraints.
    for (names, addresses, host, error) in [
        (["evil.test"].as_slice(), [].as_slice(), "evil.test", "net_error -207"),
        (&["linekey.test", "evil.test"], &[], "evil.test", "net_error -207"),
        (&["linekey.test"], &["203.0.113.5"], "203.0.113.5", "net_error -207"),
        (&[], &["203.0.113.5"], "203.0.113.5", "net_error -207"),
        (&["linekey.test"], &[], "evil.test", "net_error -200"),
    ] {
        let (leaf, key) = office.steal(names, addresses);
        let shown = visit(&home, host, serve(&leaf, &key));
        assert!(!shown.contains("the welcome page"), "{host}: {shown}");
        assert!(shown.contains(error), "{host}: {shown}");
    }
}

#[test]
fn without_the_authority_it_does_not_show_the_page() {
    let (office, other) = (Office::new("linekey.test", 1), Office::new("linekey.test", 2));
    let Some(home) = home(&other) else { return };
    let (ours, key) = office.sign(&office.plan("linekey.test", &[]));
    let shown = visit(&home, "linekey.test", serve(&ours, &key));
    // ERR_CERT_AUTHORITY_INVALID.
    assert!(
        !shown.contains("the welcome page") && shown.contains("net_error -202"),
        "{shown}"
    );
}
