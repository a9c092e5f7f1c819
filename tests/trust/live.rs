//! The built program under its own office CA, with other people's tools at its doors.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use super::program::{Folder, Program, command};
use super::world::{run, said};

pub(crate) use super::wait::within;

/// What Debian's `faketime` preloads.
const FAKETIME: &str = "/usr/$LIB/faketime/libfaketime.so.1";

/// A running program with both doors on loopback.
pub(crate) struct House {
    pub(crate) program: Program,
    pub(crate) plain: u16,
}

impl House {
    pub(crate) fn start(folder: &Folder, more: &[&str], environment: &[(&str, &str)]) -> Self {
        let plain = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (data, http) = (folder.data(), format!("127.0.0.1:{plain}"));
        let mut start = command();
        start
            .args([
                "--data",
                &data,
                "--name",
                "linekey.test",
                "--http",
                &http,
                "--https",
                "127.0.0.1:0",
            ])
            .args(more)
            .envs(environment.iter().copied());
        let program = Program::run(start).unwrap_or_else(|(_, line)| panic!("not ready: {line}"));
        Self { program, plain }
    }

    /// Whatever is answered to a visit in the clear under that name.
    pub(crate) fn get(&self, host: &str, path: &str) -> Vec<u8> {
        let mut line = TcpStream::connect(("127.0.0.1", self.plain)).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        line.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        line.read_to_end(&mut answer).unwrap();
        answer
    }

    pub(crate) fn body(&self, path: &str) -> Vec<u8> {
        let mut answer = self.get("192.168.1.2", path);
        assert!(
            answer.starts_with(b"HTTP/1.1 200"),
            "{}",
            String::from_utf8_lossy(&answer)
        );
        let head = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        answer.split_off(head + 4)
    }

    pub(crate) fn authority(&self, folder: &Folder) -> String {
        folder.file("ca.pem", &String::from_utf8(self.body("/trust/linekey.pem")).unwrap())
    }

    /// What OpenSSL says of a handshake with these arguments.
    pub(crate) fn handshake(&self, authority: &str, more: &[&str]) -> Option<String> {
        let address = format!("127.0.0.1:{}", self.program.port());
        let mut arguments = vec!["s_client", "-connect", &address, "-CAfile", authority, "-showcerts"];
        arguments.extend(["-x509_strict", "-verify_return_error"]);
        arguments.extend(more);
        run("openssl", &arguments).map(|output| said(&output))
    }

    /// The headers of an answer over TLS, by curl, which takes any certificate.
    pub(crate) fn head(&self, path: &str) -> Option<String> {
        let url = format!("{}{path}", self.program.url);
        let resolve = format!("linekey.test:{}:127.0.0.1", self.program.port());
        run("curl", &["-skD-", "-o", "/dev/null", "--resolve", &resolve, &url]).map(|output| said(&output))
    }

    /// Serial number and end of the leaf that is served now.
    pub(crate) fn leaf(&self) -> Option<String> {
        let script = format!(
            "openssl s_client -connect 127.0.0.1:{} </dev/null 2>/dev/null | openssl x509 -noout -serial -enddate",
            self.program.port()
        );
        run("sh", &["-c", &script]).map(|output| said(&output))
    }
}

pub(crate) fn has_faketime() -> bool {
    run("faketime", &["--version"]).is_some()
}

/// A clock that follows a file, for the program alone.
pub(crate) fn clock(file: &str) -> [(&str, &str); 4] {
    [
        ("LD_PRELOAD", FAKETIME),
        ("FAKETIME_TIMESTAMP_FILE", file),
        ("FAKETIME_NO_CACHE", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ]
}

/// T01, T02.
#[test]
fn what_is_downloaded_is_one_ca_with_a_common_name_and_no_key() {
    let folder = Folder::new();
    let house = House::start(&folder, &[], &[]);
    let answer = String::from_utf8_lossy(&house.get("10.0.0.7", "/trust/linekey.crt")).into_owned();
    assert!(
        answer.contains("\r\ncontent-type: application/x-x509-ca-cert\r\n"),
        "{answer}"
    );
    assert!(answer.contains("filename=\"linekey.crt\""), "{answer}");
    let pem = String::from_utf8(house.body("/trust/linekey.pem")).unwrap();
    assert_eq!((pem.matches("BEGIN").count(), pem.matches("KEY").count()), (1, 0));
    // Sent as a file to save, an iPhone would offer no installation.
    let head = String::from_utf8_lossy(&house.get("10.0.0.7", "/trust/linekey.mobileconfig")).to_lowercase();
    assert!(
        head.contains("\r\ncontent-type: application/x-apple-aspen-config\r\n"),
        "{head}"
    );
    assert!(!head.contains("\r\ncontent-disposition:"), "{head}");
    let profile = house.body("/trust/linekey.mobileconfig");
    assert_eq!(profile, house.body("/trust/linekey.mobileconfig"));
    let file = house.authority(&folder);
    let Some(output) = run("openssl", &["x509", "-in", &file, "-noout", "-text"]) else {
        return;
    };
    let text = said(&output);
    for part in ["CA:TRUE", "Certificate Sign", "Subject: CN = Linekey office CA"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

/// T03, and handshakes that name no server.
#[test]
fn openssl_takes_the_leaf_strictly_with_and_without_a_server_name() {
    let folder = Folder::new();
    let house = House::start(&folder, &[], &[]);
    let authority = house.authority(&folder);
    for more in [
        &["-verify_hostname", "linekey.test"][..],
        &["-noservername"],
        &["-verify_hostname", "linekey.local"],
    ] {
        let Some(text) = house.handshake(&authority, more) else {
            return;
        };
        assert!(text.contains("Verification: OK"), "{more:?}: {text}");
    }
    let text = house.handshake(&authority, &["-verify_hostname", "evil.test"]).unwrap();
    assert!(!text.contains("Verification: OK"), "{text}");
    let script = format!(
        "openssl s_client -connect 127.0.0.1:{} </dev/null 2>/dev/null | \
         openssl x509 -noout -subject -ext subjectAltName",
        house.program.port()
    );
    let text = said(&run("sh", &["-c", &script]).unwrap());
    let (_, subject) = text.lines().next().unwrap().split_once("CN = ").unwrap();
    assert_eq!(subject, "linekey.test");
    assert!(text.contains(&format!("DNS:{subject},")), "{text}");
}

/// T04.
#[test]
fn restarts_keep_ca_and_leaf_and_two_thirds_of_its_life_renew_the_leaf_alone() {
    if !has_faketime() {
        return;
    }
    let folder = Folder::new();
    let file = folder.file("clock", "+0d");
    let house = House::start(&folder, &[], &clock(&file));
    let (Some(leaf), authority) = (house.leaf(), house.body("/trust/linekey.crt")) else {
        return;
    };
    drop(house);
    let mut house = House::start(&folder, &[], &clock(&file));
    for days in [0, 100, 262] {
        drop(house);
        std::fs::write(&file, format!("+{days}d")).unwrap();
        house = House::start(&folder, &[], &clock(&file));
        assert_eq!(house.leaf().unwrap(), leaf, "after {days} days");
    }
    std::fs::write(&file, "+266d").unwrap();
    within(Duration::from_secs(40), "the renewed leaf", || {
        house.leaf().unwrap() != leaf
    });
    let renewed = house.leaf();
    assert_eq!(house.body("/trust/linekey.crt"), authority);
    drop(house);
    let house = House::start(&folder, &[], &clock(&file));
    assert_eq!((house.leaf(), house.body("/trust/linekey.crt")), (renewed, authority));
}

/// T06.
#[test]
fn a_first_start_in_1970_says_so_in_the_clear_and_serves_a_valid_leaf_once_the_date_is_known() {
    if !has_faketime() {
        return;
    }
    let folder = Folder::new();
    let file = folder.file("clock", "@1970-01-02 00:00:00");
    let house = House::start(&folder, &[], &clock(&file));
    let authority = house.body("/trust/linekey.crt");
    let page = String::from_utf8(house.body("/trust")).unwrap();
    assert!(
        page.contains("data-tone=\"bad\" >The appliance does not know"),
        "{page}"
    );
    let Some(before) = house.leaf() else { return };
    // The date that it has is its build's. Who knows today's comes in all the same, however old the build is.
    let (kept, resolve) = (
        house.authority(&folder),
        format!("linekey.test:{}:127.0.0.1", house.program.port()),
    );
    for (days, taken) in [
        ("+0 days", true),
        ("+420 days", true),
        ("+730 days", true),
        ("+900 days", false),
    ] {
        let visit = [
            days,
            "curl",
            "-sm",
            "10",
            "--cacert",
            &kept,
            "--resolve",
            &resolve,
            &house.program.url,
        ];
        let page = run("faketime", &visit).unwrap();
        assert_eq!(page.status.success(), taken, "{days}: {}", said(&page));
        assert!(!taken || said(&page).contains("<title>"), "{days}: {}", said(&page));
    }
    std::fs::write(&file, "+0d").unwrap();
    within(Duration::from_secs(60), "another leaf", || {
        house.leaf().unwrap() != before
    });
    let kept = house.authority(&folder);
    let text = house.handshake(&kept, &["-verify_hostname", "linekey.test"]).unwrap();
    assert!(text.contains("Verification: OK"), "{text}");
    assert_eq!(house.body("/trust/linekey.crt"), authority);
    let page = String::from_utf8(house.body("/trust")).unwrap();
    assert!(page.contains("data-tone=\"bad\" hidden>The appliance does not know"));
}

/// T06, where a time server answers after the first leaf was made.
#[test]
fn once_a_time_server_answers_a_valid_leaf_of_the_same_ca_is_served_without_a_restart() {
    let folder = Folder::new();
    let server = UdpSocket::bind("127.0.0.1:0").unwrap();
    let place = server.local_addr().unwrap().to_string();
    let house = House::start(&folder, &["--clock", "none", "--time-server", &place], &[]);
    let authority = house.body("/trust/linekey.crt");
    let page = String::from_utf8(house.body("/trust")).unwrap();
    assert!(
        page.contains("data-tone=\"bad\" >The appliance does not know"),
        "{page}"
    );
    let Some(before) = house.leaf() else { return };
    // It is heard from here on.
    let today = run("date", &["+%s"])
        .map(|output| said(&output).trim().parse::<u64>().unwrap())
        .unwrap();
    std::thread::spawn(move || {
        let mut question = [0; 100];
        while let Ok((48, who)) = server.recv_from(&mut question) {
            let mut answer = [0; 48];
            (answer[0], answer[1]) = (0x24, 2);
            answer[24..32].copy_from_slice(&question[40..48]);
            let seconds = u32::try_from(today + 2_208_988_800).unwrap();
            answer[40..44].copy_from_slice(&seconds.to_be_bytes());
            server.send_to(&answer, who).unwrap();
        }
    });
    within(Duration::from_secs(60), "another leaf", || {
        house.leaf().unwrap() != before
    });
    let kept = house.authority(&folder);
    let text = house.handshake(&kept, &["-verify_hostname", "linekey.test"]).unwrap();
    assert!(text.contains("Verification: OK"), "{text}");
    assert_eq!(house.body("/trust/linekey.crt"), authority);
}

/// T07.
#[test]
fn strict_transport_security_is_a_choice_and_never_the_office_cas() {
    let folder = Folder::new();
    let house = House::start(&folder, &[], &[]);
    for path in [
        "/",
        "/home",
        "/nowhere",
        "/api/me",
        "/api/site",
        "/trust",
        "/healthz",
        "/favicon.ico",
    ] {
        let Some(head) = house.head(path) else { return };
        assert!(head.starts_with("HTTP/1.1"), "{path}: {head}");
        assert!(!head.contains("strict-transport-security"), "{path}: {head}");
    }
    drop(house);
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let (certificate, key) = (certificate.to_str().unwrap(), key.to_str().unwrap());
    let request = [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "30",
    ];
    let subject = [
        "-subj",
        "/CN=linekey.test",
        "-addext",
        "subjectAltName=DNS:linekey.test",
        "-keyout",
        key,
        "-out",
    ];
    let Some(made) = run("openssl", &[&request[..], &subject, &[certificate]].concat()) else {
        return;
    };
    assert!(made.status.success(), "{}", said(&made));
    let files = ["--tls-cert", certificate, "--tls-key", key];
    for (more, sent) in [
        (files.to_vec(), "strict-transport-security: max-age=0\r\n"),
        // It signs itself: no browser knows it.
        (
            [&files[..], &["--hsts"]].concat(),
            "strict-transport-security: max-age=0\r\n",
        ),
        // What was chosen once is taken back, whatever kind of certificate is served then.
        (Vec::new(), "strict-transport-security: max-age=0\r\n"),
    ] {
        let house = House::start(&folder, &more, &[]);
        let head = house.head("/").unwrap();
        assert!(head.contains(sent), "{more:?}: {head}");
    }
}

/// T10, T12.
#[test]
fn a_visit_by_any_other_name_gets_the_welcome_page_and_nothing_else() {
    let folder = Folder::new();
    let house = House::start(&folder, &[], &[]);
    for host in [
        "192.168.1.2",
        "192.168.1.2:80",
        "[fe80::1]",
        "[fe80::1%25eth0]",
        "[fe80::1%eth0]:8080",
        "[fd00::1]:8080",
        "other.example",
        "linekey.test",
    ] {
        for path in ["/", "/home", "/people/42", "/trust"] {
            let answer = String::from_utf8_lossy(&house.get(host, path)).into_owned();
            assert!(answer.starts_with("HTTP/1.1 200"), "{host}{path}: {answer}");
            assert!(answer.contains("Let this device trust Linekey"), "{host}{path}");
        }
    }
    let answer = String::from_utf8_lossy(&house.get("other.example", "/api/site")).into_owned();
    assert!(answer.starts_with("HTTP/1.1 421"), "{answer}");
    let Some(output) = run(
        "curl",
        &["-sk", &format!("https://127.0.0.1:{}/", house.program.port())],
    ) else {
        return;
    };
    assert!(said(&output).contains("Let this device trust Linekey"));
}
