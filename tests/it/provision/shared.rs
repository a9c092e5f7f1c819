//! A box that serves several people, as the base of a DECT system does: one window, one address of its own, one file.

use serde_json::{Value, json};

use super::{LAN, Phone, add, gone, path_of, settings, staffed};
use crate::office::{Browser, Office};

const NAME: &str = "0c383e000001.cfg";

/// 101's and 102's handsets at one Fanvil base, which has fetched its file; where it comes back to.
fn base(office: &Office, administrator: &mut Browser<'_>) -> String {
    add(administrator, "0c383e000001");
    share(administrator, "102");
    let first = Phone::at(office, LAN).first(NAME).expect(200);
    format!("{}{NAME}", path_of(&settings(&first)["sysConf/ap/FlashServerIP"]))
}

fn share(administrator: &mut Browser<'_>, extension: &str) -> Value {
    let card = json!({ "extension": extension, "mac": "0c383e000001", "shares_mac": true });
    administrator.post("/api/devices", card).expect(201).json
}

#[test]
fn a_base_that_came_to_its_own_address_shuts_the_window_of_all_its_handsets() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    let own = base(&office, &mut administrator);
    let phone = Phone::at(&office, LAN);
    // The second handset's window gives nobody else the file, either.
    gone(&Phone::at(&office, "192.168.1.21").first(NAME));
    phone.get(&own).expect(200);
    gone(&phone.first(NAME));
    for device in [1, 2] {
        let shown = administrator.get(&format!("/api/devices/{device}")).expect(200).json;
        assert_eq!(shown["open_until"], Value::Null, "{device}");
    }
}

#[test]
fn a_base_keeps_its_address_when_any_of_its_handsets_goes_and_a_further_one_opens_no_window() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    let own = base(&office, &mut administrator);
    let phone = Phone::at(&office, LAN);
    let version = |bytes: &super::Reply| settings(bytes)["sysConf/Version"].clone();
    let user =
        |reply: &super::Reply, line: u8| settings(reply)[&format!("sysConf/sip/line[{line}]/RegisterUser")].clone();
    let before = phone.get(&own).expect(200);
    let third = share(&mut administrator, "101");
    gone(&phone.first(NAME));
    let with_third = phone.get(&own).expect(200);
    assert_eq!(user(&with_third, 3), third["username"].as_str().unwrap());
    assert!(version(&with_third) > version(&before));
    administrator.delete("/api/devices/1").expect(204);
    let shown = administrator.get("/api/devices/2").expect(200).json;
    assert_eq!(shown["not_fetched"], true, "the base is told");
    let without_first = phone.get(&own).expect(200);
    assert_eq!(user(&without_first, 2), third["username"].as_str().unwrap());
    assert!(version(&without_first) > version(&with_third));
    administrator.delete("/api/people/102").expect(204);
    let last = phone.get(&own).expect(200);
    assert!(version(&last) > version(&without_first));
    administrator
        .delete(&format!("/api/devices/{}", third["id"]))
        .expect(204);
    gone(&phone.get(&own));
}

#[test]
fn a_phone_that_holds_one_person_is_refused_a_second_one_with_its_field() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    add(&mut administrator, "c074ad000001");
    let second = json!({ "extension": "102", "mac": "c074ad000001", "shares_mac": true });
    let refused = administrator.post("/api/devices", second).refused(422, "invalid");
    assert_eq!(refused.json["field"], "mac");
}
