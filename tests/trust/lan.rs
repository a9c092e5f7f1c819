//! Appliances on a LAN of their own: two of one name, cables that are pulled, visitors with and without multicast, and
//! the two names of a move.

use std::time::{Duration, Instant};

use crate::live::within;
use crate::wait::let_pass;
use crate::world::{run, said};

use super::wire::{Administrator, Avahi, Wire};

const NAME: &str = "office.local";
/// SPEC: Home tells of another host within this time.
const TOLD: Duration = Duration::from_secs(10);
/// Longer than anybody takes to look at the addresses again: mdns-sd and the appliance do so every 15 seconds.
const LOOKED: Duration = Duration::from_secs(21);
/// Repeats whatever is said on the LAN from its own address, as a reflector does, and counts it in a file.
const REFLECTOR: &str = "
import socket, struct, sys
own, count = sys.argv[1], 0
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
s.bind(('', 5353))
s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton('224.0.0.251') + socket.inet_aton(own))
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(own))
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
while True:
    words, (whence, port) = s.recvfrom(9000)
    if whence != own:
        s.sendto(words, ('224.0.0.251', 5353))
        count += 1
        open(sys.argv[2], 'w').write(str(count))
";

/// Asks for the name by multicast, once.
const ASKER: &str = "
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(sys.argv[1]))
s.sendto(bytes([0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]) + b'\\x06office\\x05local\\x00' + bytes([0, 1, 0, 1]),
         ('224.0.0.251', 5353))
";

/// Announced, and nobody in the way.
fn quiet() -> serde_json::Value {
    serde_json::json!({ "announced": true, "taken_by": null, "withheld_by": null, "withheld_address": null })
}

/// T11.
#[test]
fn a_second_appliance_of_the_name_tells_who_has_it_and_takes_it_once_the_first_is_gone() {
    let Some(wire) = Wire::new() else {
        return;
    };
    let (one, other) = (wire.host(1), wire.host(2));
    let data = |which: &str| format!("{}-{which}", wire.folder.data());
    let mut first = one.appliance(&data("one"), &["--name", NAME], None);
    let mut owner = Administrator::sign_in(&wire, &one, NAME, &first.printed_one_time());
    within(TOLD, "the announcement", || owner.on_lan()["announced"] == true);

    let begun = Instant::now();
    let mut second = other.appliance(&data("other"), &["--name", NAME], None);
    let mut newcomer = Administrator::sign_in(&wire, &other, NAME, &second.printed_one_time());
    within(TOLD - begun.elapsed().min(TOLD), "the other's address", || {
        newcomer.on_lan()["taken_by"] == one.address.as_str()
    });
    let settings = newcomer.ask("GET", "/api/settings", "");
    assert_eq!(
        (&settings["name"], &settings["on_lan"]["announced"]),
        (&NAME.into(), &false.into())
    );
    let names = settings["certificate"]["names"].as_array().unwrap();
    assert!(names.contains(&NAME.into()), "{names:?}");
    let asked = newcomer.ask("POST", "/api/sign-in/passkey/begin", "{}");
    assert_eq!(asked["publicKey"]["rpId"], NAME);
    // The first keeps the name, and hears of the one that would have it and is silent.
    within(TOLD, "the newcomer's address", || {
        let told = owner.on_lan();
        told["announced"] == true && told["taken_by"] == other.address.as_str()
    });

    // SIGTERM says goodbye: the name is free at once, long before its lifetime is over.
    first.signal("TERM");
    assert!(first.ended().0.success());
    within(TOLD, "the name for the second", || newcomer.on_lan() == quiet());
    drop(second);
}

/// T11: what a host hears of itself is no other host.
#[test]
fn a_reflector_and_twenty_pulled_cables_are_no_conflict() {
    let Some(wire) = Wire::new() else {
        return;
    };
    let (one, reflector) = (wire.host(1), wire.host(9));
    let file = wire.folder.file("reflector.py", REFLECTOR);
    let counted = wire.folder.file("count", "0");
    let repeated = || {
        let count = std::fs::read_to_string(&counted).unwrap();
        // It may be just being written.
        count.parse::<u32>().unwrap_or_default()
    };
    let _repeats = reflector.start("python3", &[&file, &reflector.address, &counted]);
    let mut appliance = one.appliance(&wire.folder.data(), &["--name", NAME], None);
    let mut owner = Administrator::sign_in(&wire, &one, NAME, &appliance.printed_one_time());
    within(TOLD, "the announcement", || owner.on_lan()["announced"] == true);
    within(TOLD, "the reflector", || repeated() > 0);
    // Out for as long as it takes to be looked at.
    wire.plug(1, false);
    let_pass(LOOKED);
    assert_eq!(owner.on_lan(), quiet());
    wire.plug(1, true);
    let before = repeated();
    for _ in 0..20 {
        wire.plug(1, false);
        let_pass(Duration::from_millis(100));
        wire.plug(1, true);
        let_pass(Duration::from_millis(200));
        assert_eq!(owner.on_lan(), quiet());
    }
    // What the looks after the last of them find is said again, and repeated.
    let end = Instant::now() + LOOKED;
    while Instant::now() < end {
        let_pass(Duration::from_secs(1));
        assert_eq!(owner.on_lan(), quiet());
    }
    // Whoever asks for the name is answered, and the answer is repeated too.
    let asker = wire.host(8);
    let asked = wire.folder.file("ask.py", ASKER);
    within(TOLD, "an answer and its repetition", || {
        asker.run("python3", &[&asked, &asker.address]);
        repeated() >= before + 2
    });
    println!("the reflector repeated {} datagrams", repeated());
    assert_eq!(owner.on_lan(), quiet());
    assert_eq!(owner.ask("GET", "/api/settings", "")["name_in_use"], NAME);
}

/// T10.
#[test]
fn a_visitor_without_multicast_gets_the_welcome_page_by_address() {
    let Some(wire) = Wire::new() else {
        return;
    };
    let (one, visitor) = (wire.host(1), wire.host(9));
    let _appliance = one.appliance(&wire.folder.data(), &["--name", NAME], None);
    for line in ["link set dev eth0 multicast off", "route del 224.0.0.0/4 dev eth0"] {
        visitor.run("ip", &line.split(' ').collect::<Vec<_>>());
    }
    assert!(!said(&visitor.run("curl", &["-sm", "5", &format!("http://{NAME}/")])).contains("Linekey"));
    for scheme in ["http", "https"] {
        let answer = visitor.curl(&["-i", &format!("{scheme}://{}/", one.address)]);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(!answer.to_lowercase().contains("\nlocation:"), "{answer}");
        assert!(
            answer.contains("Let this device trust Linekey") && answer.contains(NAME),
            "{answer}"
        );
    }
}

/// A resolver that holds private addresses back until a file says otherwise.
const RESOLVER: &str = "
import os, socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[1], 53))
while True:
    asked, whom = s.recvfrom(512)
    given = open(sys.argv[2]).read().strip()
    if given == 'silent' and b'\\x03pbx' in asked:
        continue
    number = 1 if given[:1].isdigit() else 0
    answer = asked[:2] + bytes([0x81, 0x80, 0, 1, 0, number, 0, 0, 0, 0]) + asked[12:]
    if number:
        answer += bytes([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]) + socket.inet_aton(given)
    s.sendto(answer, whom)
";

/// T15.
#[test]
fn a_router_that_holds_the_name_back_is_named_with_the_line_to_add() {
    const PUBLIC: &str = "pbx.example.org";
    let Some(wire) = Wire::new() else {
        return;
    };
    let (one, router, visitor) = (wire.host(1), wire.host(53), wire.host(9));
    let (script, given) = (
        wire.folder.file("resolver.py", RESOLVER),
        wire.folder.file("given", "nothing"),
    );
    let resolv = wire
        .folder
        .file("resolv.conf", &format!("nameserver {}\n", router.address));
    let _resolver = router.start("python3", &[&script, &router.address, &given]);
    let mut appliance = one.appliance(&wire.folder.data(), &["--name", PUBLIC], Some(&resolv));
    let mut owner = Administrator::sign_in(&wire, &one, PUBLIC, &appliance.printed_one_time());
    let page = |scheme: &str| visitor.curl(&[&format!("{scheme}://{}/", one.address)]);
    // Nothing, then not even an answer, are the same trouble; an address ends it without a restart.
    for withheld in ["nothing", "silent"] {
        std::fs::write(&given, withheld).unwrap();
        within(Duration::from_secs(60), withheld, || {
            owner.on_lan()["withheld_by"] == router.address.as_str()
        });
        assert_eq!(owner.on_lan()["withheld_address"], one.address.as_str());
        for scheme in ["http", "https"] {
            let told = page(scheme);
            let sentence = format!(
                "Your router ({}) does not give out {PUBLIC} (rebind protection)",
                router.address
            );
            assert!(told.contains(&sentence), "{told}");
            assert!(told.contains(&format!("address=/{PUBLIC}/{}", one.address)), "{told}");
            assert!(told.contains("data-tone=\"bad\" >\n      <p>Your router"), "{told}");
        }
        std::fs::write(&given, &one.address).unwrap();
        within(Duration::from_secs(60), "the name", || {
            owner.on_lan()["withheld_by"] == serde_json::Value::Null
        });
        assert!(page("http").contains("data-tone=\"bad\" hidden>\n      <p>Your router"));
        if withheld == "nothing" {
            // It asks again in ten minutes while all is well: a start asks at once.
            std::fs::write(&given, "silent").unwrap();
            drop(appliance);
            appliance = one.appliance(&wire.folder.data(), &["--name", PUBLIC], Some(&resolv));
        }
    }
}

/// T16, and T08's kill: RP ID, certificate and announcement are of one name, whenever it was killed; during the move
/// certificate and announcement hold the old one too, and let go of it at the end.
#[test]
fn a_move_holds_both_names_until_its_end_and_a_kill_leaves_no_mixture() {
    const PASSWORD: &str = "four long words in a row";
    let Some(wire) = Wire::new() else { return };
    let (one, visitor) = (wire.host(1), wire.host(9));
    // The goodbye goes over IPv4 alone; what was heard over IPv6 is forgotten after its two minutes.
    let Some(avahi) = Avahi::start(&wire, &visitor, false) else {
        return;
    };
    let data = wire.folder.data();
    let mut appliance = one.appliance(&data, &["--name", NAME], None);
    let mut owner = Administrator::sign_in(&wire, &one, NAME, &appliance.printed_one_time());
    owner.ask("POST", "/api/me/password", &format!(r#"{{"password":"{PASSWORD}"}}"#));
    let kept = owner.ask("PATCH", "/api/settings", &format!(r#"{{"name":"{NAME}"}}"#));
    assert_eq!(kept["name"], NAME, "{kept}");

    let leaf = |host: &str| {
        let script = format!(
            "openssl s_client -connect {}:443 -servername {host} </dev/null 2>/dev/null | \
             openssl x509 -noout -ext subjectAltName",
            one.address
        );
        said(&visitor.run("sh", &["-c", &script]))
    };
    let begin = |host: &str| {
        let there = format!("{host}:443:{}", one.address);
        let url = format!("https://{host}/api/sign-in/passkey/begin");
        let json = "Content-Type: application/json";
        let told = visitor.curl(&["--resolve", &there, "-H", json, "-d", "{}", &url]);
        serde_json::from_str::<serde_json::Value>(&told).unwrap_or_default()["publicKey"]["rpId"].clone()
    };
    let mut name = NAME.to_owned();
    for round in 0..4_u64 {
        let wanted = if name == NAME { "moved.local" } else { NAME };
        let saved = format!(r#"{{"name":"{wanted}","moving":false}}"#);
        let id = appliance.id().to_string();
        let killer = std::thread::spawn(move || {
            let_pass(Duration::from_millis(20 + round * 7));
            run("kill", &["-KILL", &id]);
        });
        let told = owner.ask("PATCH", "/api/settings", &saved);
        println!("round {round}: {name} → {wanted}: {}", told["name"]);
        assert_eq!(told["error"], serde_json::Value::Null, "{told}");
        killer.join().unwrap();
        drop(appliance);
        appliance = one.appliance(&data, &[], None);
        let now = appliance.url.strip_prefix("https://").unwrap().to_owned();
        assert!([NAME, "moved.local"].contains(&&*now), "{now}");
        let other = if now == NAME { "moved.local" } else { NAME };
        assert_eq!(
            (begin(&now), begin(other)),
            (now.clone().into(), serde_json::Value::Null)
        );
        let names = leaf(&now);
        assert!(
            names.contains(&format!("DNS:{now}")) && !names.contains(other),
            "{names}"
        );
        within(TOLD, "the announcement", || avahi.resolves(&now, 4).is_some());
        owner.moved_to(&now, PASSWORD);
        name = now;
    }

    let wanted = if name == NAME { "moved.local" } else { NAME };
    let saved = owner.ask(
        "PATCH",
        "/api/settings",
        &format!(r#"{{"name":"{wanted}","moving":true}}"#),
    );
    assert_eq!(saved["name"], wanted, "{saved}");
    drop(appliance);
    let appliance = one.appliance(&data, &[], None);
    owner.moved_to(wanted, PASSWORD);
    let names = leaf(wanted);
    assert!(names.contains(NAME) && names.contains("moved.local"), "{names}");
    for both in [NAME, "moved.local"] {
        within(TOLD, both, || avahi.resolves(both, 4).is_some());
    }
    let there = format!("{name}:443:{}", one.address);
    let origins = || {
        visitor.curl(&[
            "-i",
            "--resolve",
            &there,
            &format!("https://{name}/.well-known/webauthn"),
        ])
    };
    let told = origins();
    assert!(
        told.starts_with("HTTP/1.1 200") && told.contains("\r\ncontent-type: application/json\r\n"),
        "{told}"
    );
    assert!(
        told.ends_with(&format!(r#"{{"origins":["https://{wanted}"]}}"#)),
        "{told}"
    );

    owner.ask("DELETE", "/api/name/move", "");
    assert!(origins().starts_with("HTTP/1.1 404"));
    within(Duration::from_secs(60), "the leaf without the old name", || {
        !leaf(wanted).contains(&format!("DNS:{name}"))
    });
    within(Duration::from_secs(60), "the end of the announcement", || {
        avahi.resolves(&name, 4).is_none()
    });
    assert!(avahi.resolves(wanted, 4).is_some());
    drop(appliance);
}
