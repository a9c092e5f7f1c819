//! By what phones reach the appliance, and what they say of themselves on the way.

use redb::backends::InMemoryBackend;
use serde_json::json;

use super::desks::by_passkey;
use super::{LAN, PHONES, Phone, add, path_of, read_by, settings, staffed};
use crate::office::Office;

fn named(name: &str) -> Office {
    let origin = format!("https://{name}:8443");
    Office::with_site(InMemoryBackend::new(), 1, [7; 32], (name, &origin))
}

#[test]
fn phones_are_told_an_address_of_the_certificate_where_the_name_is_for_multicast_dns_alone() {
    for (make, mac, name, _, back) in PHONES {
        let office = named("linekey.local");
        let mut administrator = staffed(&office);
        add(&mut administrator, mac);
        let read = read_by(make, &Phone::at(&office, LAN), "/provision/", name);
        assert!(
            read[back].contains("192.168.1.5:8443/provision/s/"),
            "{make}: {}",
            read[back]
        );
        let told: Vec<_> = read
            .iter()
            .filter(|(_, value)| value.contains("linekey.local"))
            .collect();
        assert!(told.is_empty(), "{make}: {told:?}");
        let page = administrator.get("/api/devices/makes").expect(200).json;
        assert_eq!(page["base"], "https://192.168.1.5:8443/provision/");
        let sentences = page["every_phone"].to_string();
        assert!(
            sentences.contains("always give this appliance that address"),
            "{sentences}"
        );
    }
}

#[test]
fn apps_are_told_the_address_too_and_keep_the_offices_name_as_their_domain() {
    let office = named("linekey.local");
    let mut administrator = staffed(&office);
    let (mut mira, _) = by_passkey(&office, &mut administrator, "110", 1);
    let added = mira.post("/api/me/devices/app", json!({})).expect(201).json;
    let link = added["link"].as_str().unwrap();
    assert!(link.starts_with("https://192.168.1.5:8443/provision/app/"), "{link}");
    let path = &link[link.find("/provision/").unwrap()..];
    let file = String::from_utf8(Phone::at(&office, LAN).get(path).expect(200).bytes).unwrap();
    assert!(file.contains("&lt;sip:192.168.1.5:"), "{file}");
    assert!(file.contains(">linekey.local</entry>"), "{file}");
    let by_hand = mira.post("/api/me/devices/app/by-hand", json!({})).expect(201).json;
    assert_eq!(by_hand["server"], "192.168.1.5");
}

#[test]
fn where_no_address_can_be_told_the_page_says_what_the_routers_dns_needs() {
    let office = named("bare.local");
    let mut administrator = staffed(&office);
    let page = administrator.get("/api/devices/makes").expect(200).json;
    assert_eq!(page["base"], "https://bare.local:8443/provision/");
    let sentences = page["every_phone"].to_string();
    assert!(sentences.contains("DNS server answer for “bare.local”"), "{sentences}");
    // A name that the network's DNS knows is told as it is, and nothing is said of it.
    let office = named("pbx.example.org");
    let mut administrator = staffed(&office);
    let page = administrator.get("/api/devices/makes").expect(200).json;
    assert_eq!(page["base"], "https://pbx.example.org:8443/provision/");
    assert!(!page["every_phone"].to_string().contains("pbx.example.org"));
}

#[test]
fn p05_a_phone_that_sends_credentials_is_served_as_one_that_sends_none() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    add(&mut administrator, "249ad8000001");
    let name = "249ad8000001.cfg";
    let plain = Phone::at(&office, LAN).first(name).expect(200);
    let own = path_of(&settings(&plain)["static.auto_provision.server.url"]);
    let digest = "Digest username=\"admin\", realm=\"x\", nonce=\"abc\", uri=\"/\", response=\"00\", qop=auth, \
                  nc=00000001, cnonce=\"a\"";
    for credentials in [
        "Basic YWRtaW46YWRtaW4=",
        "Basic Og==",
        "Basic !",
        digest,
        "Digest",
        "Bearer x",
    ] {
        let phone = || Phone::at(&office, LAN).with("authorization", credentials);
        assert_eq!(phone().first(name).expect(200).bytes, plain.bytes, "{credentials}");
    }
    for credentials in ["Basic YWRtaW46YWRtaW4=", "Basic Og==", digest] {
        let phone = Phone::at(&office, LAN).with("authorization", credentials);
        assert_eq!(
            phone.get(&format!("{own}{name}")).expect(200).bytes,
            plain.bytes,
            "{credentials}"
        );
    }
}

#[test]
fn what_a_make_cannot_hold_of_a_name_is_said_at_the_phone() {
    let office = named("office.example");
    let mut administrator = staffed(&office);
    assert_eq!(add(&mut administrator, "80:5e:c0:12:34:56")["loses"], json!(null));
    administrator
        .patch("/api/people/101", json!({ "name": "%NULL%" }))
        .expect(200);
    let list = administrator.get("/api/devices").expect(200).json;
    let loses = list["devices"][0]["loses"].clone();
    assert_eq!(loses["shown"], "NULL");
    assert!(loses["why"].as_str().unwrap().contains("back to default"), "{loses}");
}
