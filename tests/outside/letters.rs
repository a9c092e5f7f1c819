//! Letters through a real mail server: with TLS, STARTTLS and a sign-in, and through one that misbehaves in every way.

use std::process::Command;
use std::sync::mpsc::{Receiver, channel};

use rcgen::generate_simple_self_signed;
use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::house::{House, Neighbour, PASSWORD, ask, wait_for};
use crate::program::{Folder, Visitor};

pub struct MailServer {
    pub server: Neighbour,
    port: u16,
    certificate: String,
}

const LOGIN: &str = "pbx:correct horse battery";

impl MailServer {
    pub fn start(folder: &Folder, security: &str, behaviour: &str, login: Option<&str>) -> Self {
        let made = generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let pair = (made.cert.pem(), made.signing_key.serialize_pem());
        Self::with(folder, security, behaviour, login, pair)
    }

    /// One with that certificate and its key, as PEM.
    pub fn with(
        folder: &Folder,
        security: &str,
        behaviour: &str,
        login: Option<&str>,
        (certificate, key): (String, String),
    ) -> Self {
        let cert = folder.file("mail.crt", &certificate);
        let key = folder.file("mail.key", &key);
        let mut command = Command::new("/usr/bin/python3");
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/outside/mail_server.py"));
        command.args([security, behaviour, "--cert", &cert, "--key", &key]);
        if let Some(login) = login {
            command.args(["--login", login]);
        }
        let mut server = Neighbour::start(&mut command);
        let port = server
            .line()
            .parse()
            .expect("python3-aiosmtpd is installed by tests/run");
        Self {
            server,
            port,
            certificate,
        }
    }

    pub fn relay(&self, security: &str) -> Value {
        json!({
            "server": "127.0.0.1", "port": self.port, "security": security,
            "sender": "pbx@example.org", "roots": self.certificate,
        })
    }

    pub fn letter(&mut self) -> Value {
        serde_json::from_str(&self.server.line()).unwrap()
    }

    /// Letters as they come, for as long as somebody takes them.
    pub fn letters(mut self) -> Receiver<Value> {
        let (taken, letters) = channel();
        std::thread::spawn(move || while taken.send(self.letter()).is_ok() {});
        letters
    }
}

pub fn set(house: &mut House, relay: Value) {
    house.ask("PUT", "/api/mail", relay).expect(200);
}

pub fn add_mira(house: &mut House) {
    let card = json!({ "extension": "101", "name": "Mira Ö", "email": "mira@example.org" });
    house.ask("POST", "/api/people", card).expect(201);
}

pub fn outbox(house: &mut House) -> Vec<Value> {
    let letters = house.ask("GET", "/api/mail/outbox", Value::Null).expect(200).json;
    letters["letters"].as_array().unwrap().clone()
}

/// The letter as it stands in the outbox after a try.
pub fn tried(house: &mut House) -> Value {
    wait_for("a try", || {
        outbox(house).into_iter().find(|letter| letter["tries"] != json!(0))
    })
}

pub fn test_letter(house: &mut House) -> (bool, String) {
    let tested = house
        .ask("POST", "/api/mail/test", json!({ "to": "admin@example.org" }))
        .expect(200)
        .json;
    (
        tested["accepted"].as_bool().unwrap(),
        tested["said"].as_str().unwrap().to_owned(),
    )
}

#[test]
fn an_invitation_arrives_whole_over_tls_starttls_and_in_the_clear() {
    for (security, login) in [("tls", Some(LOGIN)), ("starttls", Some(LOGIN)), ("none", None)] {
        let mut house = House::open(&[]);
        let mut server = MailServer::start(&house.folder, security, "ok", login);
        let mut relay = server.relay(security);
        if login.is_some() {
            relay["username"] = json!("pbx");
            relay["password"] = json!("correct horse battery");
        }
        set(&mut house, relay);
        add_mira(&mut house);
        let letter = server.letter();
        assert_eq!(
            (&letter["from"], &letter["to"]),
            (&json!("pbx@example.org"), &json!(["mira@example.org"])),
            "{security}"
        );
        let data = letter["data"].as_str().unwrap();
        let (head, body) = data.split_once("\r\n\r\n").unwrap();
        for field in [
            "From: ",
            "To: <mira@example.org>",
            "Subject: Your sign-in",
            "Date: ",
            "Message-ID: <",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
        ] {
            assert!(
                head.lines().any(|line| line.starts_with(field)),
                "{field} is missing:\n{head}"
            );
        }
        assert!(head.contains("@example.org>") && !head.contains("List-") && !head.contains("Precedence"));
        // Quoted-printable softly breaks long lines and writes `=` as `=3D`.
        let body = body.replace("=\r\n", "").replace("=3D", "=");
        assert!(
            body.contains("Content-Type: text/plain") && body.contains("Content-Type: text/html"),
            "{body}"
        );
        for remote in ["<img", "src=", "url(", "<link", "<script"] {
            assert!(!body.contains(remote), "{remote} fetches something");
        }
        let link = format!("{}/join#", house.program.url);
        assert!(body.contains(&link), "no link:\n{body}");
        let token = token_of(&body);
        ask(
            house.program.port(),
            &mut house.visitor(),
            "POST",
            "/api/sign-in/link",
            json!({ "token": token }),
        )
        .expect(200);
        let about = wait_for("the journal's line", || {
            let journal = house
                .ask("GET", "/api/journal?event=letter-sent", Value::Null)
                .expect(200)
                .json;
            journal["lines"].get(0).map(|line| line["about"].clone())
        });
        assert_eq!(about, json!("101 (Mira Ö): mira@example.org"));
        assert_eq!(outbox(&mut house), Vec::<Value>::new());
    }
}

#[test]
fn a_reset_letter_bears_the_code_for_the_browser_that_asked() {
    let mut house = House::open(&[]);
    let mut server = MailServer::start(&house.folder, "none", "ok", None);
    set(&mut house, server.relay("none"));
    add_mira(&mut house);
    server.letter();
    back_by_letter(&house, &mut server, "101");
}

/// Of the one-time password, the only way in that there was, nothing is left.
#[test]
fn a_locked_out_administrator_is_back_by_letter() {
    let mut house = House::open(&[]);
    let mut server = MailServer::start(&house.folder, "none", "ok", None);
    set(&mut house, server.relay("none"));
    let card = json!({ "email": "owner@example.org" });
    house.ask("PATCH", "/api/administrators/admin", card).expect(200);
    house.ask("POST", "/api/sign-out", Value::Null).expect(204);
    let mut locked_out = house.visitor();
    let spent = json!({ "username": "admin", "password": PASSWORD });
    let port = house.program.port();
    ask(port, &mut locked_out, "POST", "/api/sign-in/password", spent).expect(401);
    let mut owner = back_by_letter(&house, &mut server, "admin");
    ask(port, &mut owner, "GET", "/api/people", Value::Null).expect(200);
    let begun = ask(port, &mut owner, "POST", "/api/me/passkeys/begin", json!({})).expect(200);
    let mut phone = Authenticator::new(&owner.origin, 3);
    let made = json!({ "ticket": begun.json["ticket"], "credential": phone.create(&begun.json["publicKey"]) });
    ask(port, &mut owner, "POST", "/api/me/passkeys/finish", made).expect(201);
}

fn token_of(body: &str) -> String {
    let (_, token) = body.split_once("/join#").unwrap_or_else(|| panic!("no link:\n{body}"));
    token.chars().take(43).collect()
}

/// What a reset letter bears: its link's token, and its code.
pub fn link_and_code(letter: &Value) -> (String, String) {
    let data = letter["data"].as_str().unwrap();
    let code = data
        .lines()
        .find_map(|line| line.strip_prefix("    "))
        .expect("a code stands alone on its line");
    assert_eq!(code.trim().len(), 9, "{code}");
    // Quoted-printable softly breaks long lines and writes `=` as `=3D`.
    let token = token_of(&data.replace("=\r\n", "").replace("=3D", "="));
    (token, code.to_owned())
}

/// Asks for a letter as that account, and types its code: a browser that is signed in.
fn back_by_letter(house: &House, server: &mut MailServer, username: &str) -> Visitor {
    let mut asking = house.visitor();
    let mut post = |path: &str, body: Value| ask(house.program.port(), &mut asking, "POST", path, body);
    post("/api/sign-in/recover", json!({ "username": username })).expect(202);
    let (_, code) = link_and_code(&server.letter());
    let next = post("/api/sign-in/code", json!({ "code": code })).expect(200).json;
    assert_eq!(next, json!({ "next": "/welcome" }));
    asking
}

#[test]
fn a_test_letter_brings_back_the_servers_own_words() {
    let mut house = House::open(&[]);
    let cases: [(&str, &str, Option<&str>, &str, &str); 7] = [
        ("none", "ok", None, "none", "250 2.0.0 taken as number 4711"),
        (
            "none",
            "refuse-later",
            None,
            "none",
            "451 4.3.2 come back later, please",
        ),
        (
            "none",
            "refuse-rcpt",
            None,
            "none",
            "550 5.1.1 nobody of that name lives here",
        ),
        ("none", "refuse-data", None, "none", "554 5.7.1 this looks like spam"),
        ("none", "drop", None, "none", "broke off"),
        ("none", "ok", None, "starttls", "does not offer STARTTLS"),
        ("starttls", "ok", Some(LOGIN), "starttls", "sign-in refused"),
    ];
    for (security, behaviour, login, set_to, words) in cases {
        let server = MailServer::start(&house.folder, security, behaviour, login);
        let mut relay = server.relay(set_to);
        if login.is_some() {
            relay["username"] = json!("pbx");
            relay["password"] = json!("a wrong one");
        }
        set(&mut house, relay);
        let (accepted, said) = test_letter(&mut house);
        assert_eq!(accepted, words.contains("4711"), "{said}");
        let whole = words.starts_with(|first: char| first.is_ascii_digit());
        assert!(
            if whole { said == words } else { said.contains(words) },
            "{behaviour}: {said}"
        );
    }
    set(
        &mut house,
        json!({ "server": "127.0.0.1", "port": 1, "security": "none", "sender": "pbx@example.org" }),
    );
    let (accepted, said) = test_letter(&mut house);
    assert!(!accepted && said.to_lowercase().contains("refused"), "{said}");
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_not_trusted() {
    let mut house = House::open(&[]);
    let server = MailServer::start(&house.folder, "tls", "ok", None);
    let mut relay = server.relay("tls");
    relay["roots"] = json!(
        generate_simple_self_signed(["127.0.0.1".to_owned()])
            .unwrap()
            .cert
            .pem()
    );
    set(&mut house, relay);
    let (accepted, said) = test_letter(&mut house);
    assert!(!accepted && said.starts_with("TLS: "), "{said}");
    // The same one under another name.
    let mut relay = server.relay("tls");
    relay["server"] = json!("localhost");
    set(&mut house, relay);
    let (accepted, said) = test_letter(&mut house);
    assert!(!accepted && said.starts_with("TLS: "), "{said}");
}

#[test]
fn a_letter_that_is_refused_for_now_is_tried_again_and_one_refused_for_good_is_given_up() {
    let mut house = House::open(&[]);
    let later = MailServer::start(&house.folder, "none", "refuse-later", None);
    set(&mut house, later.relay("none"));
    add_mira(&mut house);
    let waiting = tried(&mut house);
    assert_eq!(
        (&waiting["kind"], &waiting["given_up"]),
        (&json!("invite"), &json!(false))
    );
    assert!(
        waiting["said"].as_str().unwrap().contains("come back later"),
        "{waiting}"
    );
    assert!(waiting["next_try"].as_u64() > waiting["queued"].as_u64());
    // Another mail server is tried at once.
    let mut fine = MailServer::start(&house.folder, "none", "ok", None);
    set(&mut house, fine.relay("none"));
    assert_eq!(fine.letter()["to"], json!(["mira@example.org"]));
    let never = MailServer::start(&house.folder, "none", "refuse-rcpt", None);
    set(&mut house, never.relay("none"));
    house.ask("POST", "/api/people/101/invite", json!({})).expect(201);
    let given_up = tried(&mut house);
    assert_eq!(given_up["given_up"], json!(true), "{given_up}");
    let journal = house
        .ask("GET", "/api/journal?event=letter-given-up", Value::Null)
        .expect(200)
        .json;
    assert!(
        journal["lines"][0]["about"]
            .as_str()
            .unwrap()
            .contains("nobody of that name"),
        "{journal}"
    );
    let id = &given_up["id"];
    house
        .ask("DELETE", &format!("/api/mail/outbox/{id}"), Value::Null)
        .expect(204);
    assert!(outbox(&mut house).is_empty());
}

#[test]
fn letters_wait_for_a_mail_server_that_wants_a_sign_in_until_one_is_set() {
    let mut house = House::open(&[]);
    let mut server = MailServer::start(&house.folder, "none", "ok", Some(LOGIN));
    let mut relay = server.relay("none");
    set(&mut house, relay.clone());
    add_mira(&mut house);
    let waiting = tried(&mut house);
    assert!(waiting["said"].as_str().unwrap().contains("530"), "{waiting}");
    assert_eq!(waiting["given_up"], json!(false), "{waiting}");
    relay["username"] = json!("pbx");
    relay["password"] = json!("correct horse battery");
    set(&mut house, relay);
    assert_eq!(server.letter()["to"], json!(["mira@example.org"]));
}

#[test]
fn a_mail_server_that_hangs_holds_up_nobody() {
    let mut house = House::open(&[]);
    let mut server = MailServer::start(&house.folder, "none", "hang", None);
    set(&mut house, server.relay("none"));
    add_mira(&mut house);
    assert_eq!(server.server.line(), "here it hangs");
    let words = json!({ "password": "a quiet river at night" });
    house.ask("POST", "/api/people/101/password", words).expect(204);
    let sign_in = json!({ "username": "101", "password": "a quiet river at night" });
    for _ in 0..3 {
        ask(
            house.program.port(),
            &mut house.visitor(),
            "POST",
            "/api/sign-in/password",
            sign_in.clone(),
        )
        .expect(200);
    }
    let letter = outbox(&mut house).pop().unwrap();
    assert_eq!(
        (&letter["tries"], &letter["said"]),
        (&json!(0), &Value::Null),
        "it hangs to this moment"
    );
    // Neither does the end of the program wait for it.
    house.program.signal("TERM");
    let House { program, folder, .. } = house;
    let (status, took, _) = program.ended();
    assert!(
        status.success() && took < std::time::Duration::from_secs(20),
        "{status} after {took:?}"
    );
    drop(folder);
}
