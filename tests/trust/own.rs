//! The built program with the owner's own files: what is served when they turn bad, what Settings say of them, HSTS,
//! and the way for whoever does not find the name.

use std::time::Duration;

use serde_json::{Value, json};
use smol::net::TcpStream;

use super::live::{House, within};
use super::program::{Folder, Visitor};
use super::world::{run, said};
use crate::left_out::left_out;

const PASSWORD: &str = "four words for one time";

/// A leaf of the folder's own CA, which is made first, for that name from that day to that day.
fn put(folder: &Folder, name: &str, from: &str, until: &str) -> bool {
    let script = format!(
        "set -e; cd {}; export OPENSSL_CONF=/dev/null; new='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'; \
         [ -e root.pem ] || openssl req -x509 $new -keyout root.key -out root.pem -days 900 -subj /CN=Root \
         -addext basicConstraints=critical,CA:TRUE; \
         [ -e new.key ] || openssl req $new -keyout new.key -out new.csr -subj /CN=x; \
         printf 'subjectAltName=DNS:{name}\\n' >new.ext; : >index; rm -f index.attr; \
         printf '[ca]\\ndefault_ca=a\\n[a]\\ndatabase=index\\nrand_serial=yes\\ndefault_md=sha256\\npolicy=p\\n\
         new_certs_dir=.\\nunique_subject=no\\n[p]\\ncommonName=supplied\\n' >ca.conf; \
         openssl ca -batch -notext -config ca.conf -cert root.pem -keyfile root.key -in new.csr -extfile new.ext \
         -startdate $(date -u -d '{from}' +%Y%m%d%H%M%SZ) \
         -enddate $(date -u -d '{until}' +%Y%m%d%H%M%SZ) -out leaf.pem; \
         cat leaf.pem root.pem >chain.new; mv chain.new chain.pem; cp new.key key.pem",
        folder.path().display()
    );
    let Some(made) = run("sh", &["-c", &script]) else {
        return false;
    };
    let is_made = made.status.success();
    assert!(is_made || said(&made).contains("not found"), "{}", said(&made));
    if !is_made {
        left_out("openssl is not installed");
    }
    is_made
}

fn good(folder: &Folder) -> bool {
    put(folder, "linekey.test", "-1 day", "+30 days")
}

fn flags(folder: &Folder) -> [String; 4] {
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (certificate, key) = (at("chain.pem"), at("key.pem"));
    ["--tls-cert".to_owned(), certificate, "--tls-key".to_owned(), key]
}

fn start(folder: &Folder, more: &[&str], environment: &[(&str, &str)]) -> House {
    let files = flags(folder);
    let files: Vec<&str> = files.iter().map(String::as_str).chain(more.iter().copied()).collect();
    House::start(folder, &files, environment)
}

/// What Settings say of the certificate.
fn doubts(house: &House, administrator: &mut Visitor) -> Vec<String> {
    let mut ask = |method: &str, path: &str, body: Value| {
        smol::block_on(async {
            let line = TcpStream::connect(("127.0.0.1", house.plain)).await.unwrap();
            administrator.ask(line, method, path, &body).await
        })
    };
    let body = json!({ "username": "admin", "password": PASSWORD });
    ask("POST", "/api/sign-in/password", body).expect(200);
    let set = json!({ "password": PASSWORD });
    ask("POST", "/api/me/password", set).expect(204);
    let settings = ask("GET", "/api/settings", Value::Null).expect(200).json;
    let listed = settings["certificate"]["doubts"].as_array().unwrap();
    listed.iter().map(|doubt| doubt.as_str().unwrap().to_owned()).collect()
}

#[test]
fn files_that_turn_bad_never_take_the_place_of_a_good_certificate_and_settings_say_why() {
    let folder = Folder::new();
    if !good(&folder) {
        return;
    }
    let house = start(&folder, &["--admin-password", PASSWORD], &[]);
    let mut administrator = Visitor::to(&format!("http://linekey.test:{}", house.plain));
    assert_eq!(doubts(&house, &mut administrator), Vec::<String>::new());
    let first = house.leaf().unwrap();
    for (name, from, until, words) in [
        ("linekey.test", "-90 days", "-1 day", "expired on"),
        ("linekey.test", "+2 days", "+30 days", "is valid from"),
        (
            "foreign.example",
            "-1 day",
            "+30 days",
            "is for foreign.example, not for linekey.test",
        ),
    ] {
        assert!(put(&folder, name, from, until));
        house.program.signal("HUP");
        let mut told = Vec::new();
        within(Duration::from_secs(20), words, || {
            told = doubts(&house, &mut administrator);
            told.iter().any(|doubt| doubt.contains(words))
        });
        assert!(
            told.len() == 1 && told[0].starts_with("what the files hold by now is not used: "),
            "{told:?}"
        );
        assert_eq!(house.leaf().unwrap(), first, "{words}");
    }
    assert!(good(&folder));
    house.program.signal("HUP");
    within(Duration::from_secs(20), "the renewed one", || {
        house.leaf().unwrap() != first
    });
    assert_eq!(doubts(&house, &mut administrator), Vec::<String>::new());
}

/// What the forms of files turn to while the program runs, made of what `put` left; whether it is taken up.
const TURNED: [(&str, &str, bool); 3] = [
    (
        "openssl ec -in new.key -aes128 -passout pass:words -out key.pem",
        "is under a passphrase",
        false,
    ),
    (
        "sed -i s/sha256/sha1/ ca.conf && openssl ca -batch -notext -config ca.conf -cert root.pem -keyfile root.key \
         -in new.csr -extfile new.ext -days 30 -out leaf.pem && cat leaf.pem root.pem >chain.pem",
        "SHA-1",
        false,
    ),
    // Others may know the way, or the leaf itself was installed.
    ("cp leaf.pem chain.pem", "the one of its issuer (Root) is missing", true),
];

#[test]
fn an_encrypted_key_a_weak_signature_and_a_missing_chain_are_told_at_a_reload_of_the_running_program() {
    let folder = Folder::new();
    if !good(&folder) {
        return;
    }
    let house = start(&folder, &["--admin-password", PASSWORD], &[]);
    let mut administrator = Visitor::to(&format!("http://linekey.test:{}", house.plain));
    for (turn, words, is_taken) in TURNED {
        assert!(good(&folder));
        house.program.signal("HUP");
        within(Duration::from_secs(20), "good files", || {
            doubts(&house, &mut administrator).is_empty()
        });
        if is_taken {
            // Another one than is served, so that it is seen which.
            assert!(good(&folder));
        }
        let before = house.leaf().unwrap();
        let script = format!(
            "cd {} && export OPENSSL_CONF=/dev/null && {turn}",
            folder.path().display()
        );
        let turned = run("sh", &["-c", &script]).unwrap();
        assert!(turned.status.success(), "{}", said(&turned));
        house.program.signal("HUP");
        let mut told = Vec::new();
        within(Duration::from_secs(20), words, || {
            told = doubts(&house, &mut administrator);
            told.iter().any(|doubt| doubt.contains(words))
        });
        assert_eq!(told.len(), 1, "{told:?}");
        let is_unused = told[0].starts_with("what the files hold by now is not used: ");
        assert_eq!(
            (is_unused, house.leaf().unwrap() != before),
            (!is_taken, is_taken),
            "{told:?}"
        );
    }
}

#[test]
fn at_a_start_what_browsers_refuse_is_served_where_nothing_better_is_there_and_settings_say_so() {
    let folder = Folder::new();
    if !put(&folder, "linekey.test", "-90 days", "-1 day") {
        return;
    }
    let house = start(&folder, &["--admin-password", PASSWORD], &[]);
    let mut administrator = Visitor::to(&format!("http://linekey.test:{}", house.plain));
    let told = doubts(&house, &mut administrator);
    assert!(told.len() == 1 && told[0].contains("expired on"), "{told:?}");
    let expired = house.leaf().unwrap();
    // One as bad takes its place: it is the newest that there is.
    assert!(put(&folder, "foreign.example", "-1 day", "+30 days"));
    house.program.signal("HUP");
    within(Duration::from_secs(20), "the other one", || {
        house.leaf().unwrap() != expired
    });
    let told = doubts(&house, &mut administrator);
    assert!(
        told.len() == 1 && told[0].contains("is for foreign.example"),
        "{told:?}"
    );
}

/// T07.
#[test]
fn strict_transport_security_waits_for_a_certificate_that_this_machine_knows() {
    let folder = Folder::new();
    if !good(&folder) {
        return;
    }
    let root = folder.path().join("root.pem").to_str().unwrap().to_owned();
    let nobody = folder.file("nobody.pem", "");
    for (roots, sent) in [
        (&nobody, "max-age=0"),
        (&root, "max-age=15552000"),
        (&nobody, "max-age=0"),
    ] {
        let house = start(
            &folder,
            &["--hsts"],
            &[("SSL_CERT_FILE", roots), ("SSL_CERT_DIR", "/nowhere")],
        );
        let Some(head) = house.head("/") else { return };
        let wanted = format!("strict-transport-security: {sent}\r\n");
        assert!(head.contains(&wanted), "{roots}: {head}");
        if roots == &root {
            // Renewed by somebody whom nobody knows, it is taken back.
            std::fs::remove_file(folder.path().join("root.pem")).unwrap();
            assert!(good(&folder));
            std::fs::write(&root, "").unwrap();
            house.program.signal("HUP");
            within(Duration::from_secs(20), "the end of HSTS", || {
                house
                    .head("/")
                    .unwrap()
                    .contains("strict-transport-security: max-age=0\r\n")
            });
        }
    }
}

/// T10, T12: under the owner's own files, too.
#[test]
fn whoever_comes_by_another_name_gets_the_welcome_page_without_a_ca() {
    let folder = Folder::new();
    if !good(&folder) {
        return;
    }
    let house = start(&folder, &[], &[]);
    for host in ["192.168.1.2", "[fe80::1%25eth0]", "[fe80::1%eth0]:80", "other.example"] {
        for path in ["/", "/home", "/people/42", "/trust"] {
            let answer = String::from_utf8_lossy(&house.get(host, path)).into_owned();
            assert!(answer.starts_with("HTTP/1.1 200"), "{host}{path}: {answer}");
            assert!(
                answer.contains("<h1 >Linekey has a name of its own"),
                "{host}{path}: {answer}"
            );
            assert!(
                answer.contains("aria-labelledby=\"first\" hidden"),
                "{host}{path}: {answer}"
            );
        }
        let gone = String::from_utf8_lossy(&house.get(host, "/trust/linekey.crt")).into_owned();
        assert!(gone.starts_with("HTTP/1.1 404"), "{host}: {gone}");
        let api = String::from_utf8_lossy(&house.get(host, "/api/me")).into_owned();
        assert!(api.starts_with("HTTP/1.1 4"), "{host}: {api}");
    }
    let port = house.program.port();
    let Some(output) = run("curl", &["-sk", &format!("https://127.0.0.1:{port}/")]) else {
        return;
    };
    assert!(
        said(&output).contains("<h1 >Linekey has a name of its own"),
        "{}",
        said(&output)
    );
    for host in [
        "[fe80::1%]",
        "[fe80::1%25et h0]",
        "[fe80::1%<b>]",
        "fe80::1%25eth0",
        "a%25b",
    ] {
        let answer = String::from_utf8_lossy(&house.get(host, "/")).into_owned();
        assert!(answer.starts_with("HTTP/1.1 400"), "{host}: {answer}");
    }
}
