//! What the page *Phones* shows of phones on their way.

use linekey::rules::phones::provisioning::MAKES;
use serde_json::json;

use super::{LAN, Phone, add, gone, staff, staffed};
use crate::office::{HOUR, Office};

#[test]
fn a_phone_that_asks_is_listed_until_it_is_added_and_an_administrator_opens_its_window_again() {
    let office = Office::open();
    let (mut administrator, authenticator) = office.administrator();
    staff(&mut administrator);
    let phone = Phone::at(&office, LAN).with("user-agent", "Yealink SIP-T46U 108.86.0.20 24:9a:d8:00:00:01");
    gone(&phone.first("249ad8000001.cfg"));
    // From beyond the LAN nobody gets onto the page.
    gone(&Phone::at(&office, "203.0.113.9").first("249ad8000009.cfg"));
    let shown = administrator.get("/api/devices/asking").expect(200).json;
    let wanted = json!({
        "mac": "249ad8000001", "make": "yealink", "model": "T46U", "address": LAN, "at": office.now(),
        "plug_and_play": false, "device": null, "label": null,
    });
    assert_eq!(shown, json!({ "asking": [wanted] }));
    let added = add(&mut administrator, "249ad8000001");
    let shown = administrator.get("/api/devices/asking").expect(200).json;
    assert_eq!(shown, json!({ "asking": [] }));
    phone.first("249ad8000001.cfg").expect(200);
    office.pass(24 * HOUR);
    gone(&phone.first("249ad8000001.cfg"));
    administrator.prove_by_passkey(&authenticator).expect(200);
    let path = format!("/api/devices/{}/window", added["id"]);
    for hours in [0, 169] {
        administrator
            .post(&path, json!({ "hours": hours }))
            .refused(422, "invalid");
    }
    let opened = administrator.post(&path, json!({ "hours": 2 })).expect(200).json;
    assert_eq!(
        (&opened["open_until"], &opened["fetched"]),
        (&json!(office.now() + 2 * HOUR), &json!(null))
    );
    // After a factory reset it may have another address.
    Phone::at(&office, "192.168.1.31").first("249ad8000001.cfg").expect(200);
    administrator
        .post("/api/devices/77/window", json!({}))
        .refused(404, "not-found");
}

#[test]
fn p33_the_page_has_what_a_dhcp_server_hands_out_for_each_make() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    let shown = administrator.get("/api/devices/makes").expect(200).json;
    let base = shown["base"].as_str().unwrap();
    assert_eq!(base, "http://localhost:8080/provision/");
    let makes = shown["makes"].as_array().unwrap();
    assert_eq!(makes.len(), MAKES.len());
    for make in makes {
        for option in make["dhcp"].as_array().unwrap() {
            assert!(option["value"].as_str().unwrap().starts_with(base), "{make}");
            assert!(option["dnsmasq"].as_str().unwrap().contains(base), "{make}");
        }
    }
}
