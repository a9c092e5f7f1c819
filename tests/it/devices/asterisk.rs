//! `pjsip_wizard.conf`, read as Asterisk reads it: sections, `name = value`, remarks behind `;`.

use std::collections::BTreeMap;

use md5::{Digest, Md5};
use serde_json::{Value, json};

use super::{add, events, secret_of, staffed};
use crate::office::Office;

type Section = BTreeMap<String, String>;

/// The sections of a file in the form of Asterisk's `config.c`: a `;` begins a remark unless `\` stands before it; a
/// line is a section's head or `name = value` (`=>` means the same); no name stands twice in a section.
fn read(text: &str) -> Vec<(String, Section)> {
    let mut sections: Vec<(String, Section)> = Vec::new();
    for line in text.lines() {
        assert!(!line.contains("\\;") && !line.contains(";--"), "{line}");
        let line = line.split(';').next().unwrap().trim();
        if line.is_empty() {
            continue;
        }
        if let Some(head) = line.strip_prefix('[') {
            let name = head.strip_suffix(']').expect("no template, nothing behind the bracket");
            sections.push((name.to_owned(), Section::new()));
            continue;
        }
        let (name, value) = line
            .split_once('=')
            .unwrap_or_else(|| panic!("neither head nor value: {line}"));
        let section = &mut sections.last_mut().expect("a value in a section").1;
        let twin = section.insert(name.trim().to_owned(), value.trim().to_owned());
        assert!(twin.is_none(), "{line} stands twice");
    }
    sections
}

fn md5(text: &str) -> String {
    data_encoding::HEXLOWER.encode(&Md5::digest(text))
}

#[test]
fn the_export_has_a_section_for_each_device_with_what_stands_for_its_secret() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    let nasty = json!({ "name": "Mira; \"Ünal\" [x]\\" });
    administrator.patch("/api/people/101", nasty).expect(200);
    let phone = add(&mut administrator, json!({ "extension": "101", "label": "Hall;--" }));
    let app = add(
        &mut administrator,
        json!({ "extension": "102", "kind": "app", "algorithm": "SHA-256" }),
    );
    let desk = add(&mut administrator, json!({ "kind": "desk" }));
    let secrets: Vec<String> = [&phone, &app, &desk]
        .map(|device| secret_of(&mut administrator, device))
        .into();
    let export = administrator.get("/api/devices/pjsip_wizard.conf").expect(200);
    assert_eq!(
        export.field("content-disposition"),
        Some("attachment; filename=\"pjsip_wizard.conf\"")
    );
    let text = String::from_utf8(export.bytes).unwrap();
    let sections = read(&text);
    assert_eq!(sections.len(), 3);
    for ((device, secret), (name, section)) in [&phone, &app, &desk].into_iter().zip(&secrets).zip(&sections) {
        let username = device["username"].as_str().unwrap();
        assert_eq!(name, username);
        let get = |name: &str| section.get(name).map(String::as_str);
        assert_eq!(get("type"), Some("wizard"));
        assert_eq!(
            (get("accepts_auth"), get("accepts_registrations")),
            (Some("yes"), Some("yes"))
        );
        assert_eq!(
            (get("inbound_auth/auth_type"), get("inbound_auth/username")),
            (Some("md5"), Some(username))
        );
        assert_eq!(get("inbound_auth/realm"), Some("localhost"));
        let ha1 = md5(&format!("{username}:localhost:{secret}"));
        assert_eq!(get("inbound_auth/md5_cred"), Some(ha1.as_str()));
        assert!(!text.contains(secret.as_str()), "the secret itself is not in it");
    }
    let caller = |place: usize| sections[place].1.get("endpoint/callerid").map(String::as_str);
    assert_eq!(caller(0), Some("\"Mira   Ünal  [x] \" <101>"));
    assert_eq!((caller(1), caller(2)), (Some("\"Person 102\" <102>"), None));
    assert!(events(&mut administrator).contains(&("devices-exported".to_owned(), "3".to_owned())));
    let empty = Office::open();
    let (mut alone, _) = empty.administrator();
    let text = alone.get("/api/devices/pjsip_wizard.conf").expect(200).bytes;
    assert_eq!(read(&String::from_utf8(text).unwrap()), []);
    assert_eq!(
        phone["state"],
        json!({ "registered": false, "bindings": [], "busy": false, "failing": Value::Null })
    );
}
