//! Mail servers as offices have them: with certificates of their own making, on the wrong port, and older than EHLO.

use std::process::Command;
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, date_time_ymd};
use serde_json::{Value, json};

use crate::house::House;
use crate::letters::{MailServer, add_mira, outbox, set, test_letter, tried};

/// A certificate that signs itself, and its key.
fn own(name: &str, also: impl FnOnce(&mut CertificateParams)) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    also(&mut params);
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

fn plain(_: &mut CertificateParams) {}

/// As `openssl req -x509` says it.
fn of_a_ca(params: &mut CertificateParams) {
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
}

/// What a test e-mail brings back; `pasted`: what the administrator gave, the server's own if nothing else.
fn said(house: &mut House, pair: (String, String), pasted: Option<String>) -> (bool, String) {
    let server = MailServer::with(&house.folder, "tls", "ok", None, pair);
    let mut relay = server.relay("tls");
    if let Some(pasted) = pasted {
        relay["roots"] = json!(pasted);
    }
    set(house, relay);
    test_letter(house)
}

#[test]
fn a_certificate_that_was_pasted_is_trusted_as_it_is() {
    let mut house = House::open(&[]);
    for (what, pair) in [
        ("a server's", own("127.0.0.1", plain)),
        ("a CA's", own("127.0.0.1", of_a_ca)),
    ] {
        let (accepted, words) = said(&mut house, pair, None);
        assert!(accepted, "{what}: {words}");
    }
    // Among others, and behind text.
    let (other, _) = own("10.0.0.1", of_a_ca);
    let pair = own("127.0.0.1", of_a_ca);
    let pasted = format!("The mail server's:\r\n{other}\r\n{}", pair.0.replace('\n', "\r\n"));
    let (accepted, words) = said(&mut house, pair, Some(pasted));
    assert!(accepted, "{words}");
}

#[test]
fn what_is_wrong_with_a_certificate_is_said_in_plain_words() {
    let mut house = House::open(&[]);
    let (another, _) = own("127.0.0.1", of_a_ca);
    let long_ago = |params: &mut CertificateParams| {
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 31);
    };
    let some_day = |params: &mut CertificateParams| {
        params.not_before = date_time_ymd(2124, 1, 1);
        params.not_after = date_time_ymd(2125, 1, 1);
    };
    let old_ca = |params: &mut CertificateParams| {
        of_a_ca(params);
        long_ago(params);
    };
    let no_name = |params: &mut CertificateParams| params.subject_alt_names.clear();
    for (pair, pasted, words) in [
        (
            own("127.0.0.1", plain),
            Some(&another),
            "paste the one that it shows now",
        ),
        (own("127.0.0.1", of_a_ca), Some(&another), "paste"),
        (
            own("mail.example.org", plain),
            None,
            "is for mail.example.org, not for 127.0.0.1",
        ),
        (
            own("mail.example.org", of_a_ca),
            None,
            "is for mail.example.org, not for 127.0.0.1",
        ),
        (own("127.0.0.1", no_name), None, "lists no such name"),
        (own("127.0.0.1", long_ago), None, "expired on 2020-01-31"),
        (own("127.0.0.1", old_ca), None, "expired on 2020-01-31"),
        (own("127.0.0.1", some_day), None, "valid from 2124-01-01"),
    ] {
        let (accepted, told) = said(&mut house, pair, pasted.cloned());
        assert!(
            !accepted && told.starts_with("TLS: ") && told.contains(words),
            "{words}: {told}"
        );
    }
}

#[test]
fn a_certificate_of_version_1_is_called_that() {
    let mut house = House::open(&[]);
    let path = |name: &str| house.folder.path().join(name);
    // Without extensions `openssl req` falls back to version 1, from release 3.4 on only where it is told to.
    let config = house.folder.file(
        "old.cnf",
        "[req]\ndistinguished_name = dn\nprompt = no\n[dn]\nCN = 127.0.0.1\n",
    );
    let made = [&["-x509v1"][..], &[]].into_iter().any(|version| {
        Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "30",
            ])
            .args(["-config", &config])
            .args(version)
            .arg("-keyout")
            .arg(path("old.key"))
            .arg("-out")
            .arg(path("old.crt"))
            .output()
            .expect("openssl is installed by tests/run")
            .status
            .success()
    });
    assert!(made);
    let read = |name: &str| std::fs::read_to_string(path(name)).unwrap();
    let pair = (read("old.crt"), read("old.key"));
    let (another, _) = own("127.0.0.1", of_a_ca);
    for pasted in [None, Some(another)] {
        let (accepted, words) = said(&mut house, pair.clone(), pasted);
        assert!(!accepted && words.contains("of version 1"), "{words}");
    }
}

/// Makes keys and certificates in the house's folder; each argument list is a line.
fn openssl(house: &House, lines: &[&str]) {
    for line in lines {
        let made = Command::new("openssl")
            .args(line.split_whitespace())
            .current_dir(house.folder.path())
            .output()
            .expect("openssl is installed by tests/run");
        let said = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "{line}: {said}");
    }
}

#[test]
fn a_certificate_that_is_too_weak_for_anybody_is_told_so_pasted_or_not() {
    let mut house = House::open(&[]);
    let name = house.folder.file("name.ext", "subjectAltName=IP:127.0.0.1");
    openssl(
        &house,
        &[
            "req -x509 -newkey rsa:1024 -nodes -days 30 -subj /CN=mail -addext subjectAltName=IP:127.0.0.1 -keyout \
             short.key -out short.crt",
            "req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=CA -keyout ca.key -out ca.crt",
            "req -newkey rsa:2048 -nodes -subj /CN=mail -keyout sha1.key -out sha1.csr",
            &format!("x509 -req -sha1 -in sha1.csr -CA ca.crt -CAkey ca.key -days 30 -extfile {name} -out sha1.crt"),
            "req -x509 -newkey rsa:1024 -nodes -days 30 -subj /CN=Small -keyout small.key -out small.crt",
            &format!(
                "x509 -req -in sha1.csr -CA small.crt -CAkey small.key -days 30 -extfile {name} -out of-small.crt"
            ),
        ],
    );
    let read = |file: &str| std::fs::read_to_string(house.folder.path().join(file)).unwrap();
    let short = (read("short.crt"), read("short.key"));
    let cases = [
        (
            short.clone(),
            Some(short.0.clone()),
            "RSA key of 1024 bits, which is too short",
        ),
        (short, None, "RSA key of 1024 bits, which is too short"),
        (
            (read("sha1.crt"), read("sha1.key")),
            Some(read("ca.crt")),
            "signed with SHA-1 or MD5",
        ),
        (
            (read("of-small.crt"), read("sha1.key")),
            Some(read("small.crt")),
            "RSA key of 1024 bits",
        ),
    ];
    for (pair, pasted, words) in cases {
        let server = MailServer::with(&house.folder, "tls", "weak", None, pair);
        let mut relay = server.relay("tls");
        relay["roots"] = json!(pasted.unwrap_or_else(|| own("10.0.0.1", of_a_ca).0));
        set(&mut house, relay);
        let (accepted, told) = test_letter(&mut house);
        assert!(
            !accepted && told.contains(words) && !told.contains("another certificate"),
            "{words}: {told}"
        );
    }
}

#[test]
fn a_server_that_ends_the_handshake_is_told_of_with_what_to_do() {
    let mut house = House::open(&[]);
    // Python's server does not always send the alert of a certificate that it wants: `mail::smtp::tests` has that one.
    for (mood, words) in [
        ("old-tls", &["old versions of TLS alone", "TLS 1.2"][..]),
        ("odd-cipher", &["no cipher that both know", "TLS 1.3"]),
    ] {
        for security in ["tls", "starttls"] {
            let server = MailServer::start(&house.folder, security, mood, None);
            set(&mut house, server.relay(security));
            let (accepted, told) = test_letter(&mut house);
            assert!(!accepted && told.starts_with("TLS: "), "{mood}: {told}");
            assert!(words.iter().all(|word| told.contains(word)), "{mood}: {told}");
        }
    }
}

#[test]
fn a_server_that_offers_starttls_and_refuses_it_is_quoted() {
    let mut house = House::open(&[]);
    for (mood, words) in [
        ("tls-later", "(454 4.7.0 TLS is out of order today)"),
        ("tls-never", "(554 5.7.3 no TLS for you)"),
    ] {
        let server = MailServer::start(&house.folder, "starttls", mood, None);
        set(&mut house, server.relay("starttls"));
        let (accepted, told) = test_letter(&mut house);
        assert!(
            !accepted && told.contains(words) && told.contains("offers STARTTLS") && told.contains("choose TLS"),
            "{told}"
        );
    }
}

#[test]
fn a_server_that_is_not_there_is_told_by_its_name_and_port() {
    let mut house = House::open(&[]);
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let relay =
        |server: &str| json!({ "server": server, "port": closed, "security": "none", "sender": "pbx@example.org" });
    set(&mut house, relay("127.0.0.1"));
    let told = test_letter(&mut house).1;
    assert!(
        told.contains(&format!("nobody listens at 127.0.0.1 on port {closed}")),
        "{told}"
    );
    set(&mut house, relay("mail.invalid"));
    let told = test_letter(&mut house).1;
    assert!(told.contains("mail.invalid is not found"), "{told}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how long it takes is what is asked")]
fn tls_on_the_other_port_is_recognised_within_seconds_and_the_choice_named() {
    let mut house = House::open(&[]);
    for (speaks, set_to, words) in [
        ("starttls", "tls", "choose STARTTLS"),
        ("none", "tls", "does not begin with TLS"),
        ("tls", "starttls", "choose TLS"),
        ("tls", "none", "choose TLS"),
        ("none", "starttls", "does not offer STARTTLS"),
        ("starttls", "none", "choose STARTTLS"),
    ] {
        let server = MailServer::start(&house.folder, speaks, "ok", None);
        set(&mut house, server.relay(set_to));
        let began = Instant::now();
        let (accepted, told) = test_letter(&mut house);
        let took = began.elapsed();
        assert!(!accepted && told.contains(words), "{speaks} taken for {set_to}: {told}");
        assert!(took < Duration::from_secs(12), "{speaks} taken for {set_to}: {took:?}");
    }
}

#[test]
fn a_server_that_knows_helo_alone_gets_letters_where_neither_tls_nor_a_sign_in_is_wanted() {
    let mut house = House::open(&[]);
    let mut old = MailServer::start(&house.folder, "none", "old", None);
    set(&mut house, old.relay("none"));
    add_mira(&mut house);
    assert_eq!(old.letter()["to"], json!(["mira@example.org"]));
    let mut relay = old.relay("none");
    relay["username"] = json!("pbx");
    relay["password"] = json!("correct horse battery");
    set(&mut house, relay);
    let (accepted, told) = test_letter(&mut house);
    assert!(!accepted && told.contains("502"), "{told}");
}

#[test]
fn letters_beyond_ascii_arrive_where_the_server_takes_them_and_a_sentence_where_not() {
    let mut house = House::open(&[]);
    let plain = MailServer::start(&house.folder, "none", "plain", None);
    set(&mut house, plain.relay("none"));
    let card = json!({ "extension": "102", "name": "Jörg", "email": "jörg@bücher.example" });
    house.ask("POST", "/api/people", card).expect(201);
    let letter = tried(&mut house);
    assert!(letter["said"].as_str().unwrap().contains("SMTPUTF8"), "{letter}");
    assert_eq!(
        (&letter["given_up"], &letter["to"]),
        (&json!(true), &json!("jörg@bücher.example"))
    );
    let mut able = MailServer::start(&house.folder, "none", "ok", None);
    set(&mut house, able.relay("none"));
    let taken = able.letter();
    assert_eq!(taken["to"], json!(["jörg@xn--bcher-kva.example"]));
    assert!(
        taken["data"]
            .as_str()
            .unwrap()
            .contains("To: <jörg@xn--bcher-kva.example>"),
        "{taken}"
    );
}

#[test]
fn a_sender_or_password_that_is_refused_for_good_is_not_tried_for_two_days_and_anew_with_other_settings() {
    let mut house = House::open(&[]);
    let never = MailServer::start(&house.folder, "none", "refuse-sender-for-good", None);
    set(&mut house, never.relay("none"));
    add_mira(&mut house);
    let letter = tried(&mut house);
    assert_eq!(
        (&letter["given_up"], &letter["said"]),
        (&json!(true), &json!("553 5.7.1 nobody here sends as you"))
    );
    let login = "pbx:correct horse battery";
    let mut strict = MailServer::start(&house.folder, "none", "ok", Some(login));
    let mut relay = strict.relay("none");
    relay["username"] = json!("pbx");
    relay["password"] = json!("a wrong one");
    set(&mut house, relay.clone());
    let letter = crate::house::wait_for("a refused sign-in", || {
        let letter = outbox(&mut house).pop()?;
        letter["said"].as_str()?.contains("sign-in refused").then_some(letter)
    });
    assert_eq!(letter["given_up"], json!(true), "{letter}");
    relay["password"] = json!("correct horse battery");
    set(&mut house, relay);
    assert_eq!(strict.letter()["to"], json!(["mira@example.org"]));
    crate::house::wait_for("an empty outbox", || outbox(&mut house).is_empty().then_some(()));
    assert_eq!(outbox(&mut house), Vec::<Value>::new());
}
