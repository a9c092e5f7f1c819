//! Names, boxes and times that files have to cope with, and phones from a table.

use linekey::rules::phones::provisioning::MAKES;
use serde_json::{Value, json};

use super::{LAN, PHONES, Phone, add, gone, path_of, read_by, settings, staffed};
use crate::office::{Browser, Office};

/// The keys where a make's file has the name of whoever rings there.
const NAMES: [(&str, &str); 5] = [
    ("fanvil", "sysConf/sip/line[1]/DisplayName"),
    ("grandstream", "gs_provision/config/P3"),
    ("poly", "polycomConfig@reg.1.displayName"),
    ("snom", "settings/phone-settings/user_realname[1]"),
    ("yealink", "account.1.display_name"),
];

#[test]
fn p12_names_arrive_in_each_makes_file_from_the_server_and_broken_lines_are_refused() {
    let sharp = "ß".repeat(64);
    let names = [
        "A&B (x) <y> \"z\" 'q'",
        "#1; x=y",
        "Zoë Öztürk-Łuczak",
        &sharp,
        "Ada 🦊",
        "a ]]> b",
    ];
    for (make, mac, name, user, back) in PHONES {
        let office = Office::open();
        let mut administrator = staffed(&office);
        add(&mut administrator, mac);
        let phone = Phone::at(&office, LAN);
        let first = read_by(make, &phone, "/provision/", name);
        let own = path_of(&first[back]);
        let later = if make == "snom" { "000413AABBCC.xml" } else { name };
        let (_, key) = NAMES.into_iter().find(|(id, _)| *id == make).unwrap();
        for person in names {
            administrator
                .patch("/api/people/101", json!({ "name": person }))
                .expect(200);
            let read = read_by(make, &phone, &own, later);
            let loses = MAKES.into_iter().find(|known| known.id == make).unwrap().loses;
            let told = loses(linekey::rules::phones::provisioning::make::Place::Name, person);
            assert!(read[key] == person || told.is_some(), "{make}: {:?}", read[key]);
            assert!(!read[key].is_empty() && !read[user].is_empty(), "{make}");
        }
    }
    let office = Office::open();
    let mut administrator = staffed(&office);
    add(&mut administrator, "249ad8000001");
    for broken in ["a\rb", "a\nb", "a\0b"] {
        for (path, field) in [("/api/people/101", "name"), ("/api/devices/1", "label")] {
            let refused = administrator
                .patch(path, json!({ field: broken }))
                .refused(422, "invalid");
            assert_eq!(refused.json["field"], "name", "{path}");
        }
    }
}

#[test]
fn p40_one_mac_is_one_person_or_all_of_those_who_share_it_and_nobody_is_lost_in_silence() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    let first = add(&mut administrator, "249ad8000001");
    let second = json!({ "extension": "102", "mac": "249ad8000001" });
    let refused = administrator.post("/api/devices", second).refused(422, "invalid");
    assert_eq!(refused.json["field"], "mac");
    let shared = json!({ "extension": "102", "mac": "249ad8000001", "shares_mac": true });
    let second = administrator.post("/api/devices", shared).expect(201).json;
    let file = settings(&Phone::at(&office, LAN).first("249ad8000001.cfg").expect(200));
    for (account, device) in [(1, &first), (2, &second)] {
        let name = format!("account.{account}.auth_name");
        assert_eq!(file[&name], device["username"].as_str().unwrap());
    }
    assert_ne!(file["account.1.password"], file["account.2.password"]);
    // Both are told when theirs changes, and both have come when the box has.
    let behind = |administrator: &mut Browser<'_>, id: &Value| {
        administrator.get(&format!("/api/devices/{id}")).expect(200).json["not_fetched"] == true
    };
    administrator
        .patch(
            &format!("/api/devices/{}", second["id"]),
            json!({ "label": "Handset 2" }),
        )
        .expect(200);
    assert!(!behind(&mut administrator, &first["id"]) && behind(&mut administrator, &second["id"]));
    Phone::at(&office, LAN).first("249ad8000001.cfg").expect(200);
    assert!(!behind(&mut administrator, &second["id"]));
}

#[test]
fn p41_a_mac_that_no_list_knows_is_served_by_the_make_that_was_chosen_and_keeps_it() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    let card = json!({ "extension": "101", "mac": "020000000001", "make": "yealink" });
    administrator.post("/api/devices", card).expect(201);
    let phone = Phone::at(&office, LAN).with("user-agent", "Yealink SIP-T46U 108.86.0.20 02:00:00:00:00:02");
    phone.first("020000000001.cfg").expect(200);
    // The same phone on Wi-Fi: listed once, however often it asks.
    for _ in 0..3 {
        gone(&phone.first("020000000002.cfg"));
    }
    let asking = administrator.get("/api/devices/asking").expect(200).json;
    assert_eq!(asking["asking"].as_array().unwrap().len(), 1);
    assert_eq!(asking["asking"][0]["mac"], "020000000002");
    for change in [json!({ "label": "Hall" }), json!({ "extension": "102" })] {
        let changed = administrator.patch("/api/devices/1", change).expect(200).json;
        assert_eq!(
            (&changed["mac"], &changed["make"]),
            (&json!("020000000001"), &json!("yealink"))
        );
    }
}

#[test]
fn phones_are_told_the_offices_time_and_that_it_changed() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    add(&mut administrator, "249ad8000001");
    let phone = Phone::at(&office, LAN);
    let read = || settings(&phone.first("249ad8000001.cfg").expect(200));
    let before = read();
    assert_eq!(
        (
            before["local_time.time_zone"].as_str(),
            before["local_time.ntp_server1"].as_str()
        ),
        ("+0", "pool.ntp.org")
    );
    for (field, wrong) in [
        ("time_zone", "Europe/Atlantis"),
        ("time_server", "a b"),
        ("time_server", "x\ny"),
    ] {
        let refused = administrator
            .patch("/api/settings", json!({ field: wrong }))
            .refused(422, "invalid");
        assert_eq!(refused.json["field"], field);
    }
    let change = json!({ "time_zone": "europe/berlin", "time_server": "192.168.1.1" });
    let shown = administrator.patch("/api/settings", change).expect(200).json;
    assert_eq!(
        (&shown["time_zone"], &shown["time_server"]),
        (&json!("Europe/Berlin"), &json!("192.168.1.1"))
    );
    assert_eq!(
        administrator.get("/api/devices/1").expect(200).json["not_fetched"],
        true
    );
    let after = read();
    assert_eq!(
        [
            "local_time.time_zone",
            "local_time.summer_time",
            "local_time.start_time",
            "local_time.end_time",
            "local_time.ntp_server1"
        ]
        .map(|key| after[key].as_str()),
        ["+1", "1", "3/5/7/2", "10/5/7/3", "192.168.1.1"]
    );
    // What no file says tells nobody.
    administrator
        .patch("/api/settings", json!({ "hide_names": true }))
        .expect(200);
    assert_eq!(
        administrator.get("/api/devices/1").expect(200).json["not_fetched"],
        false
    );
}

#[test]
fn a_table_of_phones_is_looked_at_line_by_line_and_its_good_ones_added_in_one_turn() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    let csv = "MAC;Extension;Model\n24:9a:d8:00:00:01;101;T46U\n249AD8000001;102;T46U\nnonsense;101;\n\
               00-04-13-aa-bb-cc;999;D785\n0004.13aa.bbcc;102;D785\n";
    let looked = administrator
        .post("/api/devices/import", json!({ "csv": csv }))
        .expect(200)
        .json;
    assert_eq!(
        (&looked["good"], &looked["faulty"], &looked["added"]),
        (&json!(2), &json!(3), &json!(0))
    );
    let faulty: Vec<u64> = looked["lines"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| !line["problem"].is_null())
        .map(|line| line["line"].as_u64().unwrap())
        .collect();
    assert_eq!(faulty, [3, 4, 5]);
    assert_eq!(administrator.get("/api/devices").expect(200).json["devices"], json!([]));
    let commits = office.state.store.notices().phone_files();
    let added = administrator
        .post("/api/devices/import", json!({ "csv": csv, "commit": true }))
        .expect(200)
        .json;
    assert_eq!((&added["added"], &added["lines"]), (&json!(2), &looked["lines"]));
    assert_eq!(office.state.store.notices().phone_files(), commits + 1, "one turn");
    let devices = administrator.get("/api/devices").expect(200).json["devices"].clone();
    assert_eq!(
        (&devices[0]["label"], &devices[1]["make"]),
        (&json!("T46U"), &Value::Null)
    );
    Phone::at(&office, LAN).first("snomD785-000413AABBCC.htm").expect(200);
    administrator
        .post("/api/devices/import", json!({ "csv": "MAC;Extension\n" }))
        .refused(422, "invalid");
}

/// Whoever guesses MAC addresses on the LAN learns nothing from how long the answer takes.
#[test]
#[expect(clippy::disallowed_methods, reason = "how long an answer takes is what is asked")]
fn p17_a_mac_that_is_nobodys_takes_as_long_as_one_whose_window_is_shut() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    add(&mut administrator, "249ad8000001");
    let owner = Phone::at(&office, LAN);
    owner.first("249ad8000001.cfg").expect(200);
    let attacker = Phone::at(&office, "192.168.1.66");
    // The list of those who ask is full before anything is timed.
    for number in 0..200 {
        attacker.first(&format!("249ad8f{number:05x}.cfg"));
    }
    let mut took = [Vec::new(), Vec::new()];
    for number in 0..10_000 {
        let names = [format!("249ad8e{number:05x}.cfg"), "249ad8000001.cfg".to_owned()];
        for (name, took) in names.iter().zip(&mut took) {
            let began = std::time::Instant::now();
            gone(&attacker.first(name));
            took.push(began.elapsed());
        }
    }
    let [nobodys, shut] = took.map(|mut took| {
        took.sort_unstable();
        took[took.len() / 2].as_secs_f64()
    });
    let ratio = nobodys / shut;
    assert!((0.8..1.25).contains(&ratio), "{nobodys} s against {shut} s");
}
