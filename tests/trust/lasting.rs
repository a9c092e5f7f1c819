//! What becomes of an office CA: another one at a press, its end, and a LAN with other addresses.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use smol::net::TcpStream;

use super::live::{House, clock, has_faketime, within};
use super::program::{Folder, Heard, Program, Visitor, command};
use super::wire::Wire;
use super::world::{run, said};

pub(crate) const PASSWORD: &str = "four words for one time";
const NAMED: [&str; 2] = ["-verify_hostname", "linekey.test"];

/// Somebody who signs in under the flag's password, in the clear, on this machine.
pub(crate) struct Owner {
    pub(crate) visitor: Visitor,
    plain: u16,
}

impl Owner {
    pub(crate) fn of(house: &House) -> Self {
        Self::with(house, PASSWORD)
    }

    /// The same by that password.
    pub(crate) fn with(house: &House, password: &str) -> Self {
        let visitor = Visitor::to(&format!("http://linekey.test:{}", house.plain));
        let mut owner = Self {
            visitor,
            plain: house.plain,
        };
        let body = json!({ "username": "admin", "password": password });
        owner.ask("POST", "/api/sign-in/password", &body).expect(200);
        owner
    }

    pub(crate) fn ask(&mut self, method: &str, path: &str, body: &Value) -> Heard {
        smol::block_on(async {
            let line = TcpStream::connect(("127.0.0.1", self.plain)).await.unwrap();
            self.visitor.ask(line, method, path, body).await
        })
    }
}

#[test]
fn a_press_makes_a_new_ca_with_the_next_start_and_the_leaf_and_the_pages_follow() {
    let folder = Folder::new();
    let flags = ["--admin-password", PASSWORD];
    let house = House::start(&folder, &flags, &[]);
    let (old, old_file) = (house.body("/trust/linekey.crt"), house.authority(&folder));
    let Some(leaf) = house.leaf() else { return };
    let mut owner = Owner::of(&house);
    owner.ask("DELETE", "/api/authority", &Value::Null).expect(204);
    // Until then nothing changes for whoever trusts the old one.
    assert_eq!(
        (house.body("/trust/linekey.crt"), house.leaf().unwrap()),
        (old.clone(), leaf)
    );
    assert!(house.handshake(&old_file, &NAMED).unwrap().contains("Verification: OK"));
    drop(house);

    let house = House::start(&folder, &flags, &[]);
    let new = house.body("/trust/linekey.crt");
    assert_ne!(new, old);
    // Both stand beside each other on a device: another name, so that neither is taken for the other.
    let new_file = folder.file("new.pem", &String::from_utf8(house.body("/trust/linekey.pem")).unwrap());
    let subject = |file: &str| said(&run("openssl", &["x509", "-in", file, "-noout", "-subject"]).unwrap());
    assert_ne!(subject(&new_file), subject(&old_file));
    assert!(house.handshake(&new_file, &NAMED).unwrap().contains("Verification: OK"));
    assert!(!house.handshake(&old_file, &NAMED).unwrap().contains("Verification: OK"));
    let print = said(
        &run(
            "openssl",
            &["x509", "-in", &new_file, "-noout", "-fingerprint", "-sha256"],
        )
        .unwrap(),
    );
    let (_, print) = print.trim().split_once('=').unwrap();
    let page = String::from_utf8(house.body("/trust")).unwrap();
    assert!(page.contains(print), "{page}");
    // The profile for Apple's devices is another one, or it would put itself in the old one's place in silence.
    let profile = String::from_utf8(house.body("/trust/linekey.mobileconfig")).unwrap();
    let der = data_encoding::BASE64.encode(&new);
    assert!(profile.replace(['\n', '\t', ' '], "").contains(&der), "{profile}");
    // Pressed once is made once.
    drop(house);
    let house = House::start(&folder, &flags, &[]);
    assert_eq!(house.body("/trust/linekey.crt"), new);
}

#[test]
fn a_start_after_the_cas_end_makes_another_and_one_a_day_before_it_keeps_it() {
    if !has_faketime() {
        return;
    }
    let folder = Folder::new();
    let file = folder.file("clock", "+0d");
    let house = House::start(&folder, &[], &clock(&file));
    let authority = house.body("/trust/linekey.crt");
    drop(house);
    // Ten years, and the leaf is renewed on the way.
    for days in [900, 1_800, 2_700, 3_649] {
        std::fs::write(&file, format!("+{days}d")).unwrap();
        let house = House::start(&folder, &[], &clock(&file));
        assert_eq!(house.body("/trust/linekey.crt"), authority, "after {days} days");
    }
    std::fs::write(&file, "+3652d").unwrap();
    let house = House::start(&folder, &[], &clock(&file));
    assert_ne!(house.body("/trust/linekey.crt"), authority);
    let kept = house.authority(&folder);
    let script = format!(
        "openssl s_client -attime $(($(date +%s) + 3652 * 86400)) -connect 127.0.0.1:{} -CAfile {kept} \
         -verify_hostname linekey.test -verify_return_error </dev/null 2>&1",
        house.program.port()
    );
    let Some(output) = run("sh", &["-c", &script]) else {
        return;
    };
    assert!(said(&output).contains("Verification: OK"), "{}", said(&output));
}

/// The router was replaced: the same CA signs for the new subnet, without a restart and for no public address.
#[test]
fn another_subnet_keeps_the_ca_and_the_leaf_names_the_new_address() {
    let Some(wire) = Wire::new() else {
        return;
    };
    let one = wire.host(1);
    let _appliance = one.appliance(&wire.folder.data(), &["--name", "office.local"], None);
    let file = wire.folder.path().join("ca.pem");
    let file = file.to_str().unwrap();
    let fetched = |at: &str| one.curl(&[&format!("http://{at}/trust/linekey.pem")]);
    let before = fetched(&one.address);
    std::fs::write(file, &before).unwrap();
    let there = |at: &str| {
        let script = format!(
            "openssl s_client -connect {at}:443 -CAfile {file} -verify_ip {at} -verify_return_error </dev/null 2>&1"
        );
        said(&one.run("sh", &["-c", &script])).contains("Verification: OK")
    };
    assert!(there(&one.address));
    for line in [
        "addr add 10.9.8.7/24 dev eth0",
        "addr add 203.0.113.5/24 dev eth0",
        &format!("addr del {}/24 dev eth0", one.address),
    ] {
        let done = one.run("ip", &line.split(' ').collect::<Vec<_>>());
        assert!(done.status.success(), "{line}: {}", said(&done));
    }
    within(Duration::from_secs(40), "a leaf with the new address", || {
        there("10.9.8.7")
    });
    assert_eq!(fetched("10.9.8.7"), before);
    assert!(!there("203.0.113.5"), "a public address is none of the CA's");
}

/// T04.
#[test]
fn twenty_restarts_change_neither_ca_nor_leaf() {
    let folder = Folder::new();
    let house = House::start(&folder, &[], &[]);
    let (Some(leaf), authority) = (house.leaf(), house.body("/trust/linekey.crt")) else {
        return;
    };
    drop(house);
    for restart in 0..20 {
        let house = House::start(&folder, &[], &[]);
        assert_eq!(
            (house.leaf().unwrap(), house.body("/trust/linekey.crt")),
            (leaf.clone(), authority.clone()),
            "restart {restart}"
        );
    }
}

/// T04: whoever comes while the leaf is exchanged meets a valid one, and an open connection goes on.
#[test]
fn every_handshake_around_a_renewal_is_valid_and_an_open_connection_goes_on() {
    if !has_faketime() {
        return;
    }
    let folder = Folder::new();
    let file = folder.file("clock", "+0d");
    let house = House::start(&folder, &[], &clock(&file));
    let Some(leaf) = house.leaf() else { return };
    let (authority, place) = (house.authority(&folder), format!("127.0.0.1:{}", house.program.port()));
    let mut open = Command::new("openssl")
        .args(["s_client", "-quiet", "-connect", &place, "-servername", "linekey.test"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (mut asks, mut hears) = (open.stdin.take().unwrap(), BufReader::new(open.stdout.take().unwrap()));
    let mut goes_on = || {
        let question = format!("GET /healthz HTTP/1.1\r\nHost: {place}\r\n\r\n");
        asks.write_all(question.as_bytes()).unwrap();
        let mut line = String::new();
        while !line.starts_with("HTTP/1.1 200") {
            line.clear();
            assert!(hears.read_line(&mut line).unwrap() > 0, "the open connection has ended");
        }
    };
    goes_on();
    std::fs::write(&file, "+266d").unwrap();
    let verify = format!(
        "openssl s_client -attime $(($(date +%s) + 266 * 86400)) -connect {place} -CAfile {authority} \
         -verify_hostname linekey.test -verify_return_error </dev/null 2>&1"
    );
    let mut handshakes = 0;
    within(Duration::from_secs(60), "the renewed leaf", || {
        let told = said(&run("sh", &["-c", &verify]).unwrap());
        assert!(told.contains("Verification: OK"), "{told}");
        handshakes += 1;
        goes_on();
        house.leaf().unwrap() != leaf
    });
    let told = said(&run("sh", &["-c", &verify]).unwrap());
    assert!(told.contains("Verification: OK") && handshakes > 0, "{told}");
    goes_on();
    open.kill().unwrap();
    open.wait().unwrap();
}

/// Killed at every sync of a first start, then started again: one CA, and a leaf that it signed.
#[test]
fn a_first_start_that_is_killed_at_any_sync_leaves_one_ca_with_its_leaf_in_the_end() {
    if run("strace", &["-V"]).is_none() {
        return;
    }
    for kind in ["fsync", "fdatasync"] {
        for call in 1.. {
            let folder = Folder::new();
            let data = folder.data();
            let built = command();
            let mut start = Command::new("strace");
            start.args(["-D", "-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={kind}")]);
            start.args(["-e", &format!("inject={kind}:signal=KILL:when={call}")]);
            start.arg(built.get_program()).args(built.get_args());
            start.args([
                "--data",
                &data,
                "--name",
                "linekey.test",
                "--http",
                "off",
                "--https",
                "127.0.0.1:0",
            ]);
            let came_through = Program::run_as_it_is(start).is_ok();
            let house = House::start(&folder, &[], &[]);
            let authority = house.authority(&folder);
            let Some(told) = house.handshake(&authority, &NAMED) else {
                return;
            };
            assert!(told.contains("Verification: OK"), "{kind} {call}: {told}");
            let before = (house.leaf(), house.body("/trust/linekey.crt"));
            drop(house);
            let house = House::start(&folder, &[], &[]);
            assert_eq!(
                (house.leaf(), house.body("/trust/linekey.crt")),
                before,
                "{kind} {call}"
            );
            if came_through {
                assert!(call > 1, "a first start makes no {kind}");
                println!("{kind}: killed at {} calls", call - 1);
                break;
            }
        }
    }
}
