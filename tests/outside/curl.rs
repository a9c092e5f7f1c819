//! The examples for curl, as the page of examples shows them, in a shell: with an account for a script alone, over
//! HTTPS.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use rcgen::generate_simple_self_signed;
use serde_json::{Value, json};

use crate::front::over_tls;
use crate::house::PASSWORD;
use crate::program::{Folder, Program, Visitor};

/// Where the first example says that the secret is kept.
const CONFIGURATION: &str = "# ~/.linekey.curl, chmod 600";

/// The page's examples as its script shows them.
fn examples(page: &str, origin: &str) -> Vec<String> {
    let blocks = page
        .split("<code>")
        .skip(1)
        .map(|rest| rest.split_once("</code>").unwrap().0);
    let shown = blocks.map(|block| {
        let block = block.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        block.replace("ORIGIN", origin)
    });
    shown.collect()
}

#[test]
fn every_example_for_curl_does_what_it_says() {
    let folder = Folder::new();
    let made = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let cert = folder.file("own.crt", &made.cert.pem());
    let key = folder.file("own.key", &made.signing_key.serialize_pem());
    let data = folder.data();
    let program = Program::start(&[
        "--data",
        &data,
        "--http",
        "off",
        "--https",
        "127.0.0.1:0",
        "--tls-cert",
        &cert,
        "--tls-key",
        &key,
        "--name",
        "localhost",
        "--admin-password",
        PASSWORD,
    ]);
    let mut owner = Visitor::to(&program.url);
    let mut ask = |method: &str, path: &str, body: Value| {
        over_tls(
            program.port(),
            "localhost",
            made.cert.der(),
            &mut owner,
            (method, path, body),
        )
    };
    let sign_in = json!({ "username": "admin", "password": PASSWORD });
    ask("POST", "/api/sign-in/password", sign_in).expect(200);
    let page = ask("GET", "/examples", Value::Null).expect(200).body;
    let examples = examples(&page, &program.url);
    let configuration = examples
        .iter()
        .find(|example| example.starts_with(CONFIGURATION))
        .unwrap();
    let (_, script) = configuration.split_once("user = \"").unwrap();
    let (script, _) = script.split_once(':').unwrap();
    let card = json!({ "username": script, "name": "A script" });
    ask("POST", "/api/administrators", card).expect(201);
    let opened = ask("POST", &format!("/api/administrators/{script}/api"), json!({})).expect(201);
    let secret = opened.json["secret"].as_str().unwrap();

    let kept = folder.file(".linekey.curl", &configuration.replace("SECRET", secret));
    std::fs::set_permissions(kept, std::fs::Permissions::from_mode(0o600)).unwrap();
    let mut answers = Vec::new();
    for example in examples.iter().filter(|example| example.starts_with("curl ")) {
        let mut shell = Command::new("sh");
        // Who has a certificate of their own making tells curl; nothing else is added to what the page shows.
        shell
            .args(["-c", example])
            .env("HOME", folder.path())
            .env("CURL_CA_BUNDLE", &cert);
        let ran = shell.output().unwrap();
        let said = String::from_utf8(ran.stdout).unwrap();
        assert!(
            ran.status.success(),
            "{example}: {}",
            String::from_utf8_lossy(&ran.stderr)
        );
        let answer: Value = serde_json::from_str(&said).unwrap_or_else(|why| panic!("{example}: {why}: {said}"));
        assert!(answer["error"].is_null(), "{example}: {answer}");
        answers.push((example, answer));
    }
    let [list, add, invite, journal] = &answers[..] else {
        panic!("{answers:?}")
    };
    assert_eq!(list.1["people"], json!([]), "{list:?}");
    assert_eq!(add.1["person"]["extension"], json!("21"), "{add:?}");
    assert!(
        invite.1["link"].as_str().unwrap().starts_with(&program.url),
        "{invite:?}"
    );
    let lines = journal.1["lines"].as_array().unwrap();
    assert!(
        lines
            .iter()
            .all(|line| line["event"].as_str().unwrap().starts_with("signed-in"))
    );
    assert!(!lines.is_empty(), "the owner's own sign-in");
    let people = ask("GET", "/api/people", Value::Null).expect(200).json;
    assert_eq!(people["people"][0]["email"], json!("mira@example.org"));
}

/// They send no credentials before they are asked for them.
#[test]
fn programs_that_wait_to_be_asked_show_their_secret() {
    let folder = Folder::new();
    let made = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (cert, key) = (
        folder.file("own.crt", &made.cert.pem()),
        folder.file("own.key", &made.signing_key.serialize_pem()),
    );
    let data = folder.data();
    let flags = [
        "--data",
        &data,
        "--http",
        "off",
        "--https",
        "127.0.0.1:0",
        "--admin-password",
        PASSWORD,
    ];
    let program = Program::start(&[&flags[..], &["--tls-cert", &cert, "--tls-key", &key]].concat());
    let mut owner = Visitor::to(&program.url);
    let mut ask = |path: &str, body: Value| {
        over_tls(
            program.port(),
            "localhost",
            made.cert.der(),
            &mut owner,
            ("POST", path, body),
        )
    };
    ask(
        "/api/sign-in/password",
        json!({ "username": "admin", "password": PASSWORD }),
    );
    let opened = ask("/api/administrators/admin/api", json!({}));
    let secret = opened.json["secret"].as_str().unwrap();
    let address = format!("{}/api/people", program.url);
    let python = "import sys, ssl, urllib.request as r
address, secret, cert = sys.argv[1:]
known = r.HTTPPasswordMgrWithDefaultRealm()
known.add_password(None, address, 'admin', secret)
tls = r.HTTPSHandler(context=ssl.create_default_context(cafile=cert))
print(r.build_opener(tls, r.HTTPBasicAuthHandler(known)).open(address).read().decode())";
    let user = format!("admin:{secret}");
    let (name, word) = ("--user=admin".to_owned(), format!("--password={secret}"));
    let trusted = format!("--ca-certificate={cert}");
    for words in [
        &[
            "curl",
            "-sS",
            "--fail",
            "--anyauth",
            "--user",
            &user,
            "--cacert",
            &cert,
            &address,
        ][..],
        &["wget", "-q", "-O", "-", &name, &word, &trusted, &address],
        &["python3", "-c", python, &address, secret, &cert],
    ] {
        let ran = Command::new(words[0])
            .args(&words[1..])
            .env("HOME", folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ran.stdout);
        assert!(
            ran.status.success() && said.contains("\"people\":[]"),
            "{}: {said} {ran:?}",
            words[0]
        );
    }
}
