//! Phones fetch their files from the whole server, read by parsers that know nothing of the writers. Numbers such as
//! P01 are those of the list of phones' troubles.

mod apps;
mod desks;
mod many;
mod names;
mod newer;
mod page;
mod seen;
mod shared;
mod strangers;
mod two_addresses;

use std::net::{IpAddr, SocketAddr};

use linekey::http::edge::message::{Method, Request};
use linekey::net::peer::Peer;
use linekey::rules::phones::provisioning::MAKES;
use linekey::rules::phones::provisioning::make;
use serde_json::{Value, json};

use crate::office::{Browser, HOUR, Office, Reply};
use crate::reader::{self, Settings};

const LAN: &str = "192.168.1.20";

/// One phone of each make: the MAC address, the path of the first file that is served, and where the user name and the
/// way back stand.
const PHONES: [(&str, &str, &str, &str, &str); 5] = [
    (
        "fanvil",
        "0C383E000001",
        "0c383e000001.cfg",
        "sysConf/sip/line[1]/RegisterUser",
        "sysConf/ap/FlashServerIP",
    ),
    (
        "grandstream",
        "C074AD000001",
        "cfgc074ad000001.xml",
        "gs_provision/config/P36",
        "gs_provision/config/P237",
    ),
    (
        "poly",
        "0004F2000001",
        "0004f2000001.cfg",
        "polycomConfig@reg.1.auth.userId",
        "polycomConfig@device.prov.serverName",
    ),
    (
        "snom",
        "000413AABBCC",
        "snomD785-000413AABBCC.htm",
        "settings/phone-settings/user_pname[1]",
        "settings/phone-settings/setting_server",
    ),
    (
        "yealink",
        "249AD8000001",
        "249ad8000001.cfg",
        "account.1.auth_name",
        "static.auto_provision.server.url",
    ),
];

struct Phone<'a> {
    office: &'a Office,
    from: IpAddr,
    secure: bool,
    fields: Vec<(&'static str, String)>,
}

impl<'a> Phone<'a> {
    fn at(office: &'a Office, from: &str) -> Self {
        Self {
            office,
            from: from.parse().unwrap(),
            secure: true,
            fields: Vec::new(),
        }
    }

    fn with(mut self, field: &'static str, value: impl Into<String>) -> Self {
        self.fields.push((field, value.into()));
        self
    }

    fn asks(&self, method: Method, path: &str) -> Reply {
        let peer = Peer {
            address: SocketAddr::new(self.from, 40_000),
            secure: self.secure,
        };
        let mut request = Request::new(method, path, peer);
        for (field, value) in &self.fields {
            request.set_field(field, value.clone());
        }
        self.office.respond(request, peer)
    }

    fn get(&self, path: &str) -> Reply {
        self.asks(Method::GET, path)
    }

    fn first(&self, name: &str) -> Reply {
        self.get(&format!("/provision/{name}"))
    }
}

/// 404, short, no page, and always the same.
#[track_caller]
fn gone(reply: &Reply) {
    assert_eq!((reply.status, reply.bytes.as_slice()), (404, b"not here\n".as_slice()));
    assert_eq!(reply.fields().len(), 1, "{reply:?}");
}

fn settings(reply: &Reply) -> Settings {
    let media_type = match reply.field("content-type").unwrap() {
        "text/plain; charset=utf-8" => "text/plain; charset=utf-8",
        "application/xml; charset=utf-8" => "application/xml; charset=utf-8",
        other => panic!("a phone was handed {other}"),
    };
    reader::read(&make::Answer {
        media_type,
        bytes: reply.bytes.clone(),
    })
}

/// An office whose phones are on, with 101 and 102.
fn staffed(office: &Office) -> Browser<'_> {
    let (mut administrator, _) = office.administrator();
    staff(&mut administrator);
    administrator
}

fn staff(administrator: &mut Browser<'_>) {
    for (extension, name) in [("101", "Zoë Öztürk-Łuczak"), ("102", "A&B (x) <y> \"z\" 'q'")] {
        let card = json!({ "extension": extension, "name": name });
        administrator.post("/api/people", card).expect(201);
    }
    administrator
        .patch("/api/settings", json!({ "phones": true }))
        .expect(200);
}

fn add(administrator: &mut Browser<'_>, mac: &str) -> Value {
    let card = json!({ "extension": "101", "mac": mac });
    administrator.post("/api/devices", card).expect(201).json
}

/// The path behind the origin of an address that a file says.
fn path_of(address: &str) -> String {
    let from = address
        .find("/provision/")
        .unwrap_or_else(|| panic!("{address:?} is none of ours"));
    let mut parts = address[from..].split('/').skip(2);
    match (parts.next(), parts.next()) {
        (Some("s"), Some(token)) => format!("/provision/s/{token}/"),
        _ => "/provision/".to_owned(),
    }
}

/// What the phone of a make reads: the file itself, or the one that it lists (Poly).
fn read_by(make: &str, phone: &Phone<'_>, below: &str, name: &str) -> Settings {
    let first = phone.get(&format!("{below}{name}")).expect(200);
    let read = settings(&first);
    if make != "poly" {
        return read;
    }
    let listed = read
        .iter()
        .find(|(key, _)| key.ends_with("CONFIG_FILES"))
        .expect("a master lists files")
        .1;
    settings(
        &phone
            .get(&format!(
                "{below}{}",
                listed.replace("[PHONE_MAC_ADDRESS]", name.trim_end_matches(".cfg"))
            ))
            .expect(200),
    )
}

#[test]
fn each_makes_phone_fetches_by_its_mac_address_then_by_its_own_address_and_the_window_is_shut() {
    for (make, mac, name, user, back) in PHONES {
        let office = Office::open();
        let mut administrator = staffed(&office);
        let device = add(&mut administrator, mac);
        let phone = Phone::at(&office, LAN);
        let first = read_by(make, &phone, "/provision/", name);
        assert_eq!(first[user], device["username"].as_str().unwrap(), "{make}");
        assert!(
            first.values().any(|value| value.contains("Zoë Öztürk-Łuczak")),
            "{make}"
        );
        let own = path_of(&first[back]);
        assert!(own.starts_with("/provision/s/"), "{make}: {own}");
        phone.first(name).expect(200);
        // Snom's address names its file.
        let later = if make == "snom" { "000413AABBCC.xml" } else { name };
        let again = read_by(make, &phone, &own, later);
        assert_eq!(again, first, "{make}");
        gone(&phone.first(name));
        // Nor does its own address hand out anybody else's file.
        gone(&phone.get(&format!(
            "{own}{}",
            name.replace("0001", "0002").replace("BBCC", "BBCD")
        )));
        // Weeks later, from somewhere else on the LAN.
        office.pass(40 * 24 * HOUR);
        read_by(make, &Phone::at(&office, "192.168.1.99"), &own, name);
    }
}

#[test]
fn p01_the_letter_case_of_the_name_does_not_count() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    for (_, mac, ..) in PHONES {
        add(&mut administrator, mac);
    }
    let phone = Phone::at(&office, LAN);
    for names in [
        vec![
            "snomD785-000413AABBCC.htm",
            "snomd785-000413aabbcc.HTM",
            "snomD785-000413aAbBcC.htm",
        ],
        vec!["249ad8000001.cfg", "249AD8000001.CFG"],
        vec!["cfgC074AD000001.xml", "cfgc074ad000001.xml"],
        vec!["0004F2000001.CFG", "0004f2000001.cfg"],
        vec!["0C383E000001.cfg", "0c383e000001.cfg"],
    ] {
        let files: Vec<Vec<u8>> = names.iter().map(|name| phone.first(name).expect(200).bytes).collect();
        assert!(files.windows(2).all(|two| two[0] == two[1]), "{names:?}");
    }
}

#[test]
fn p03_files_that_are_not_ours_are_gone_and_spend_nothing() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    add(&mut administrator, "249ad8000001");
    let phone = Phone::at(&office, LAN).with("user-agent", "Yealink SIP-T46U 108.86.0.20 24:9a:d8:00:00:01");
    let before = administrator.get("/api/journal").expect(200).json;
    for name in ["249ad8000001.boot", "y000000000000.boot", "y000000000108.cfg"] {
        for _ in 0..3 {
            gone(&phone.first(name));
        }
    }
    let shown = administrator.get("/api/devices/1").expect(200).json;
    assert_eq!(shown["open_until"], office.now() + 24 * HOUR);
    assert_eq!(administrator.get("/api/journal").expect(200).json, before);
    phone.first("249ad8000001.cfg").expect(200);
}

#[test]
fn p07_plain_http_is_gone_until_it_is_switched_on_and_then_says_nothing_secret_under_any_name() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    let device = add(&mut administrator, "249ad8000001");
    let secret = administrator.post("/api/devices/1/secret", json!({})).expect(200).json;
    let plain = |host: Option<&str>| {
        let mut phone = Phone::at(&office, LAN);
        phone.secure = false;
        match host {
            Some(host) => phone.with("host", host),
            None => phone,
        }
    };
    let hosts = [Some("192.0.2.10"), Some("office.example"), Some("linekey.local"), None];
    for host in hosts {
        gone(&plain(host).first("249ad8000001.cfg"));
    }
    administrator
        .patch("/api/settings", json!({ "plain_provisioning": true }))
        .expect(200);
    for host in hosts {
        let reply = plain(host).first("249ad8000001.cfg").expect(200);
        let text = String::from_utf8(reply.bytes.clone()).unwrap();
        for secret in [&secret["secret"], &device["username"], &json!("Zoë")] {
            assert!(!text.contains(secret.as_str().unwrap()), "{text}");
        }
        // Over HTTPS it comes back to where it has to say its MAC address again: nothing secret went over the wire.
        assert_eq!(
            path_of(&settings(&reply)["static.auto_provision.server.url"]),
            "/provision/"
        );
        // The same by HTTPS, under a name or an address that is not the browsers'.
        let secure = Phone {
            secure: true,
            ..plain(host)
        };
        let whole = secure.first("249ad8000001.cfg").expect(200);
        assert_eq!(
            settings(&whole)["account.1.auth_name"],
            device["username"].as_str().unwrap()
        );
    }
    let whole = settings(&Phone::at(&office, LAN).first("249ad8000001.cfg").expect(200));
    let own = path_of(&whole["static.auto_provision.server.url"]);
    gone(&plain(None).get(&format!("{own}249ad8000001.cfg")));
}

#[test]
fn p10_head_spends_nothing_and_a_file_that_is_known_is_not_sent_again() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    add(&mut administrator, "249ad8000001");
    let phone = Phone::at(&office, LAN);
    let head = phone.asks(Method::HEAD, "/provision/249ad8000001.cfg").expect(200);
    assert_eq!(
        administrator.get("/api/devices/1").expect(200).json["fetched"],
        Value::Null
    );
    let whole = Phone::at(&office, "192.168.1.21").first("249ad8000001.cfg").expect(200);
    assert_eq!(head.fields(), whole.fields());
    assert_eq!(
        administrator.get("/api/devices/1").expect(200).json["fetched"],
        office.now()
    );
    let tag = whole.field("etag").unwrap();
    let known = Phone::at(&office, "192.168.1.21")
        .with("if-none-match", tag)
        .first("249ad8000001.cfg")
        .expect(304);
    assert!(known.bytes.is_empty());
    let ranged = Phone::at(&office, "192.168.1.21")
        .with("range", "bytes=999999-")
        .first("249ad8000001.cfg")
        .expect(200);
    assert_eq!(ranged.bytes, whole.bytes);
}

#[test]
fn a_change_of_owner_reaches_the_phone_at_its_own_address_and_a_deleted_one_gets_nothing() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    add(&mut administrator, "249ad8000001");
    let phone = Phone::at(&office, LAN);
    let first = settings(&phone.first("249ad8000001.cfg").expect(200));
    let own = format!(
        "{}249ad8000001.cfg",
        path_of(&first["static.auto_provision.server.url"])
    );
    let same = phone.get(&own).expect(200).bytes;
    assert!((0..10).all(|_| phone.get(&own).expect(200).bytes == same), "P14");
    let changed = administrator
        .patch("/api/devices/1", json!({ "extension": "102" }))
        .expect(200)
        .json;
    let second = settings(&phone.get(&own).expect(200));
    assert_eq!(second["account.1.auth_name"], changed["username"].as_str().unwrap());
    assert_eq!(second["account.1.display_name"], "A&B (x) <y> \"z\" 'q'", "P12");
    assert_ne!(first["account.1.password"], second["account.1.password"]);
    administrator.delete("/api/devices/1").expect(204);
    gone(&phone.get(&own));
}

#[test]
fn the_makes_are_all_played() {
    let played: Vec<&str> = PHONES.iter().map(|phone| phone.0).collect();
    let known: Vec<&str> = MAKES.iter().map(|make| make.id).collect();
    assert_eq!(played, known);
}
