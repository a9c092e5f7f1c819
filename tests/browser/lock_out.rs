//! A browser that lost the office CA (T07): neither the help in the clear nor the way past the warning is shut.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

use futures_rustls::rustls::crypto::ring::default_provider;
use futures_rustls::rustls::{ServerConfig, ServerConnection, Stream};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls_pki_types::PrivatePkcs8KeyDer;

use super::appliance::sign_in_by_password;
use super::driver::Browser;
use super::office_ca::Secure;

/// Whether the page in front is Chromium's warning of an unknown CA, and whether it can be clicked away.
const WARNING: &str = "return [document.body.textContent.includes('ERR_CERT_AUTHORITY_INVALID'), \
    !!document.getElementById('proceed-link')?.closest('#final-paragraph')]";

/// The browser again with its profile, after its user took the CA away.
fn after_the_loss(appliance: &Secure, before: Browser) -> Browser {
    let profile = before.closed();
    appliance.forget("office");
    let (home, rules) = appliance.at_usual_ports();
    Browser::open_again(home, profile, &[&rules])
}

/// T07.
#[test]
fn after_the_ca_is_lost_the_welcome_page_is_shown_in_the_clear_and_the_warning_can_be_clicked_away() {
    // A name of a test, and one of the internet: HTTPS-first treats them differently.
    for name in ["linekey.test", "pbx.example.com"] {
        let appliance = Secure::named(name);
        appliance.import();
        let (home, rules) = appliance.at_usual_ports();
        let browser = Browser::open_at(home, &[&rules]);
        browser.go(&appliance.origin);
        sign_in_by_password(&browser, "admin", &appliance.password);
        browser.arrives_at("/welcome");
        browser.add_authenticator();
        browser.click("#make-passkey");
        browser.arrives_at("/home");
        browser.click("#sign-out");
        browser.arrives_at("/");
        browser.click("#sign-in-passkey");
        browser.arrives_at("/home");

        let browser = after_the_loss(&appliance, browser);
        for url in [format!("http://{name}/"), appliance.in_the_clear(name)] {
            browser.go(&url);
            browser.until("the welcome page's verdict", || {
                let told = browser.text("#tell");
                told.starts_with("This browser does not trust").then_some(())
            });
            assert_eq!(browser.url(), url);
        }
        for url in [format!("https://{name}/"), format!("{}/", appliance.origin)] {
            browser.go(&url);
            assert_eq!(browser.run(WARNING), serde_json::json!([true, true]), "{url}");
        }
        browser.click("#details-button");
        browser.click("#proceed-link");
        browser.arrives_at("/home");
    }
}

/// What the test above would meet, had HSTS been sent once: another server of that name sends it, on a port of its own.
#[test]
fn a_name_that_sent_strict_transport_security_is_shut_after_its_ca_is_lost() {
    let appliance = Secure::start();
    appliance.import();
    let (root, port) = strict("linekey.test");
    appliance.import_another("strict", &root);
    let (home, rules) = appliance.at_usual_ports();
    let browser = Browser::open_at(home, &[&rules]);
    browser.go(&format!("https://linekey.test:{port}/"));
    assert_eq!(browser.text("p"), "strict");
    let browser = after_the_loss(&appliance, browser);
    for url in ["http://linekey.test/".to_owned(), format!("{}/", appliance.origin)] {
        browser.go(&url);
        assert_eq!(browser.run(WARNING), serde_json::json!([true, false]), "{url}");
    }
    // By address the help stays open. In the clear the name is not asked any more, so nobody knows whether it is found.
    for path in ["", "trust"] {
        let url = appliance.in_the_clear("127.0.0.1") + path;
        browser.go(&url);
        let told = browser.until("the verdict", || {
            let told = browser.text("#tell");
            (!told.starts_with("Checking")).then_some(told)
        });
        assert!(told.contains("(HSTS)") && told.contains("not known here"), "{told}");
        assert_eq!(browser.url(), url);
        assert_eq!(browser.text("#line"), "127.0.0.1 linekey.test");
        assert_eq!(browser.count("#for-linux[open]"), 1);
        assert!(browser.count("#first") == 1 && !browser.text("#fingerprint").is_empty());
    }
}

/// A server of that name that sends HSTS, under a CA of its own (PEM), on a port of loopback until the test ends.
fn strict(name: &str) -> (String, u16) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "strict");
    let key = KeyPair::generate().unwrap();
    let root = params.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(params, key);
    let own = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let leaf = leaf.signed_by(&own, &issuer).unwrap().der().clone();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf], PrivatePkcs8KeyDer::from(own.serialize_der()).into())
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut socket in listener.incoming().flatten() {
            let mut connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = Stream::new(&mut connection, &mut socket);
            let answer = "HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=15552000\r\nContent-Type: text/html\r\n\
                Content-Length: 9\r\nConnection: close\r\n\r\n<p>strict";
            // What a browser opens and leaves unused ends here.
            if stream.read(&mut [0; 4096]).is_ok() {
                stream.write_all(answer.as_bytes()).ok();
                stream.flush().ok();
            }
        }
    });
    (root, port)
}
