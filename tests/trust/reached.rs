//! What a LAN reaches of an appliance: addresses of both families, the plain door, and boards at their first start.

use std::path::Path;
use std::time::Duration;

use crate::left_out::left_out;
use crate::live::within;
use crate::world::said;

use super::wire::{Avahi, Host, Wire};

const NAME: &str = "office.local";
/// Longer than the name and the leaf take to have a new address, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// What OpenSSL finds at that address: whether it takes the leaf for the name, and the leaf's names.
fn leaf(visitor: &Host, authority: &str, at: &str) -> String {
    let script = format!(
        "openssl s_client -connect {at}:443 -servername {NAME} -CAfile {authority} -verify_hostname {NAME} \
         </dev/null 2>/dev/null | tee /dev/stderr | openssl x509 -noout -ext subjectAltName"
    );
    said(&visitor.run("sh", &["-c", &script]))
}

/// T10, T12: Debian's avahi finds no address that leads nowhere; once the interface has a unique local one, it finds
/// both families, and the leaf is for both.
#[test]
fn avahi_finds_the_name_by_ipv4_alone_until_there_is_an_ipv6_address_that_others_reach() {
    let Some(wire) = Wire::new() else {
        return;
    };
    let (one, visitor) = (wire.host(1), wire.host(9));
    let Some(avahi) = Avahi::start(&wire, &visitor, true) else {
        return;
    };
    let _appliance = one.appliance_of_both_families(&wire.folder.data(), &["--name", NAME]);
    within(PATIENCE, "the name", || {
        avahi.resolves(NAME, 4).as_deref() == Some(&*one.address)
    });
    let addresses = said(&one.run("ip", &["-6", "addr", "show", "dev", "eth0"]));
    assert!(addresses.contains("inet6 fe80:"), "{addresses}");
    assert_eq!(avahi.resolves(NAME, 6), None);
    let authority = wire.folder.path().join("ca.pem");
    let authority = authority.to_str().unwrap();
    visitor.curl(&["-o", authority, &format!("http://{}/trust/linekey.pem", one.address)]);
    let names = leaf(&visitor, authority, &one.address);
    assert!(names.contains("Verification: OK"), "{names}");
    assert!(
        names.contains(&format!("DNS:{NAME}")) && names.contains(&one.address),
        "{names}"
    );
    assert!(!names.to_lowercase().contains("fe80"), "{names}");

    for (host, address) in [(&one, "fd77::1/64"), (&visitor, "fd77::9/64")] {
        let added = host.run("ip", &["addr", "add", address, "dev", "eth0", "nodad"]);
        assert!(added.status.success(), "{}", said(&added));
    }
    within(PATIENCE, "the name over IPv6", || {
        avahi.resolves(NAME, 6).as_deref() == Some("fd77::1")
    });
    assert_eq!(avahi.resolves(NAME, 4).as_deref(), Some(&*one.address));
    within(PATIENCE, "a leaf for the address", || {
        let names = leaf(&visitor, authority, "[fd77::1]");
        names.contains("Verification: OK") && names.contains("IP Address:FD77:0:0:0:0:0:0:1")
    });
    let url = "https://[fd77::1]/healthz";
    let checked = [
        "-sm",
        "10",
        "--cacert",
        authority,
        "-o",
        "/dev/null",
        "-w",
        "%{http_code}",
        url,
    ];
    assert_eq!(said(&visitor.run("curl", &checked)), "200");
}

/// T12, where this host has such an address for certain.
#[test]
fn a_link_local_address_is_none_that_is_told() {
    let Some(wire) = Wire::new() else {
        return;
    };
    let one = wire.host(1);
    let itself = std::env::current_exe().unwrap();
    let test = "names::this_host_has_addresses_and_none_that_needs_a_zone";
    let there = one.run(itself.to_str().unwrap(), &[test, "--exact", "--nocapture"]);
    let told = said(&there);
    assert!(there.status.success() && told.contains("1 passed"), "{told}");
    assert!(told.contains("link-local: fe80:"), "{told}");
}

/// Whoever comes from the LAN in the clear, by the right name too.
#[test]
fn in_the_clear_the_lan_gets_the_welcome_page_and_no_answer_of_the_office() {
    let Some(wire) = Wire::new() else {
        return;
    };
    let (one, visitor) = (wire.host(1), wire.host(9));
    let _appliance = one.appliance(&wire.folder.data(), &["--name", NAME], None);
    let there = format!("{NAME}:80:{}", one.address);
    let ask = |path: &str, more: &[&str]| {
        let url = format!("http://{NAME}{path}");
        visitor.curl(&[&["-i", "--resolve", &there, &url], more].concat())
    };
    for path in ["/", "/home", "/people/42", "/settings"] {
        let page = ask(path, &[]);
        assert!(page.starts_with("HTTP/1.1 200"), "{path}: {page}");
        assert!(page.contains("Let this device trust Linekey"), "{path}: {page}");
        assert!(!page.to_lowercase().contains("\nset-cookie:"), "{path}: {page}");
    }
    let json = ["-H", "Content-Type: application/json", "-d"];
    let password = [&json[..], &[r#"{"username":"admin","password":"four words"}"#]].concat();
    let nothing = [&json[..], &["{}"]].concat();
    for (path, more) in [
        ("/api/site", &[][..]),
        ("/api/me", &[]),
        ("/api/sign-in/password", &password),
        ("/api/sign-in/passkey/begin", &nothing),
    ] {
        let refused = ask(path, more);
        assert!(refused.starts_with("HTTP/1.1 421"), "{path}: {refused}");
        assert!(!refused.to_lowercase().contains("\nset-cookie:"), "{path}: {refused}");
        assert!(!refused.contains("publicKey"), "{path}: {refused}");
    }
    // The same over TLS is answered.
    let there = format!("{NAME}:443:{}", one.address);
    let url = format!("https://{NAME}/api/site");
    let answered = visitor.curl(&["-i", "--resolve", &there, &url]);
    assert!(answered.starts_with("HTTP/1.1 200"), "{answered}");
}

/// A board that `.ci/board` made, with no flag but its folder: its name, its ports and the office CA are its own doing.
#[test]
fn a_board_comes_up_over_https_under_its_own_name_at_its_first_start() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/board");
    let boards = [
        ("pc", None),
        ("nanopi-neo", Some("qemu-arm-static")),
        ("raspberry-pi", Some("qemu-aarch64-static")),
    ];
    let built = boards.map(|(board, emulator)| (root.join(board).join("linekey"), emulator));
    let Some((binary, emulator)) = built.into_iter().find(|(binary, _)| binary.is_file()) else {
        left_out("no board is built; .ci/board nanopi-neo makes its binary");
        return;
    };
    let Some(wire) = Wire::new() else {
        return;
    };
    let words = emulator.into_iter().chain(binary.to_str()).map(str::to_owned);
    let (one, visitor) = (wire.host(1), wire.host(9));
    let board = one.program(&words.collect::<Vec<_>>(), &wire.folder.data(), &[], None);
    assert_eq!(board.url, "https://linekey.local");
    let authority = wire.folder.path().join("ca.pem");
    let authority = authority.to_str().unwrap();
    visitor.curl(&["-o", authority, &format!("http://{}/trust/linekey.pem", one.address)]);
    let there = format!("linekey.local:443:{}", one.address);
    let checked = [
        "-sm",
        "10",
        "--cacert",
        authority,
        "--resolve",
        &there,
        "https://linekey.local/",
    ];
    let page = said(&visitor.run("curl", &checked));
    assert!(
        page.contains("<title>") && !page.contains("Let this device trust"),
        "{page}"
    );
    let plain = visitor.curl(&[&format!("http://{}/", one.address)]);
    assert!(plain.contains("Let this device trust Linekey"), "{plain}");
}
