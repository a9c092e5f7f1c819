//! What the page shows and the journal tells of who fetched a phone's files, and of phones that ask in vain.

use serde_json::{Value, json};

use super::{LAN, PHONES, Phone, add, gone, path_of, read_by, settings, staff, staffed};
use crate::office::{Browser, HOUR, Office};

fn device(administrator: &mut Browser<'_>) -> Value {
    administrator.get("/api/devices/1").expect(200).json
}

#[test]
fn p11_who_got_a_phones_secrets_is_in_the_journal_and_on_the_page() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    add(&mut administrator, "249ad8000001");
    assert_eq!(device(&mut administrator)["fetched_from"], Value::Null);
    let phone = Phone::at(&office, LAN);
    for _ in 0..2 {
        phone.first("249ad8000001.cfg").expect(200);
    }
    assert_eq!(device(&mut administrator)["fetched_from"], LAN);
    let journal = administrator.get("/api/journal").expect(200).json["lines"].clone();
    let lines = journal.as_array().unwrap().iter();
    let fetched: Vec<&Value> = lines.filter(|line| line["event"] == "device-files-fetched").collect();
    let [line] = &fetched[..] else { panic!("{journal}") };
    assert!(line.to_string().contains(&format!("from {LAN}")), "{line}");
}

#[test]
fn a_poly_has_come_once_it_has_its_settings_and_not_with_the_list_of_files() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    add(&mut administrator, "0004f2000001");
    let phone = Phone::at(&office, LAN);
    let (_, _, name, _, back) = PHONES[2];
    let own = path_of(&read_by("poly", &phone, "/provision/", name)[back]);
    // The list alone leaves the window open.
    phone.get(&format!("{own}{name}")).expect(200);
    phone.first(name).expect(200);
    administrator
        .patch("/api/devices/1", json!({ "label": "Hall" }))
        .expect(200);
    phone.get(&format!("{own}{name}")).expect(200);
    assert_eq!(device(&mut administrator)["not_fetched"], true, "the list alone");
    read_by("poly", &phone, &own, name);
    assert_eq!(device(&mut administrator)["not_fetched"], false);
    gone(&phone.first(name));
}

#[test]
fn a_phone_that_was_reset_is_on_the_page_until_its_window_is_open_again() {
    let office = Office::open();
    let (mut administrator, authenticator) = office.administrator();
    staff(&mut administrator);
    add(&mut administrator, "249ad8000001");
    let asking = |administrator: &mut Browser<'_>| {
        let shown = administrator.get("/api/devices/asking").expect(200).json;
        shown["asking"].as_array().unwrap().clone()
    };
    let name = "249ad8000001.cfg";
    let phone = Phone::at(&office, LAN).with("user-agent", "Yealink SIP-T46U 108.86.0.20 24:9a:d8:00:00:01");
    let first = phone.first(name).expect(200);
    let own = path_of(&settings(&first)["static.auto_provision.server.url"]);
    phone.get(&format!("{own}{name}")).expect(200);
    assert!(asking(&mut administrator).is_empty());
    office.pass(HOUR);
    gone(&phone.first(name));
    let shown = asking(&mut administrator);
    assert_eq!(shown.len(), 1);
    assert_eq!(
        (&shown[0]["device"], &shown[0]["label"], &shown[0]["model"]),
        (&json!(1), &json!("Phone"), &json!("T46U"))
    );
    administrator.prove_by_passkey(&authenticator).expect(200);
    administrator.post("/api/devices/1/window", Value::Null).expect(200);
    assert!(asking(&mut administrator).is_empty(), "it is awaited");
    office.pass(60);
    phone.first(name).expect(200);
    assert!(asking(&mut administrator).is_empty(), "it has come");
}

#[test]
fn a_phones_own_address_answers_on_the_lan_alone_unless_phones_may_be_anywhere() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    add(&mut administrator, "249ad8000001");
    let name = "249ad8000001.cfg";
    let first = Phone::at(&office, LAN).first(name).expect(200);
    let own = path_of(&settings(&first)["static.auto_provision.server.url"]) + name;
    let outside = Phone::at(&office, "8.8.8.8");
    gone(&outside.get(&own));
    administrator
        .patch("/api/settings", json!({ "phones_from_anywhere": true }))
        .expect(200);
    outside.get(&own).expect(200);
}

#[test]
fn p41_a_mac_of_no_known_maker_needs_its_make_also_in_a_table() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    let card = json!({ "extension": "101", "mac": "020000000001" });
    let refused = administrator.post("/api/devices", card).refused(422, "invalid");
    assert_eq!(refused.json["field"], "make");
    let csv = "MAC;Extension;Model;Make\n020000000001;101;T46U;\n020000000002;101;T46U;Yealink\n\
               020000000003;102;X;Acme\n249ad8000001;102;T46U;\n";
    let table = json!({ "csv": csv, "commit": true });
    let added = administrator.post("/api/devices/import", table).expect(200).json;
    let faulty = |line: &Value| (!line["problem"].is_null()).then(|| line["line"].as_u64().unwrap());
    let faulty: Vec<u64> = added["lines"].as_array().unwrap().iter().filter_map(faulty).collect();
    assert_eq!((faulty, &added["added"]), (vec![2, 4], &json!(2)), "{added}");
    let devices = administrator.get("/api/devices").expect(200).json["devices"].clone();
    assert_eq!(devices[0]["make"], "yealink");
    Phone::at(&office, LAN).first("020000000002.cfg").expect(200);
}

#[test]
fn a_large_offices_phone_book_fits_each_makes_file() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    // Each takes five octets in a file.
    let name = "&".repeat(60);
    let table: String = (0..400)
        .map(|number| format!("{},{name}{:03},\n", 200 + number, number))
        .collect();
    administrator
        .post("/api/people/import", json!({ "csv": table, "commit": true }))
        .expect(200);
    let phone = Phone::at(&office, LAN);
    let mut snom = String::new();
    for (make, mac, name, _, back) in PHONES {
        add(&mut administrator, mac);
        let own = path_of(&read_by(make, &phone, "/provision/", name)[back]);
        if make == "snom" {
            snom = format!("{own}000413AABBCC.xml");
        }
        for file in [
            name,
            "000413AABBCC.xml",
            "phonebook.xml",
            "0004f2000001-directory.xml",
            "0004f2000001-linekey.cfg",
        ] {
            let answer = phone.get(&format!("{own}{file}"));
            if answer.status == 200 {
                assert!(answer.bytes.len() <= 32 * 1024, "{make} {file}: {}", answer.bytes.len());
                settings(&answer);
            }
        }
    }
    // Ten people with the longest names in one box.
    for number in 0..9 {
        let card = json!({ "extension": (200 + number).to_string(), "mac": "000413AABBCC", "shares_mac": true });
        administrator.post("/api/devices", card).expect(201);
    }
    let file = phone.get(&snom).expect(200);
    assert!(file.bytes.len() <= 32 * 1024, "{}", file.bytes.len());
    assert_eq!(
        settings(&file)
            .keys()
            .filter(|key| key.starts_with("settings/phone-settings/user_pname["))
            .count(),
        10
    );
}
