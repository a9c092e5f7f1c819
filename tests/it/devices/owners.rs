//! What becomes of devices when their owner is another, goes, or gets another number; and what people may do with their
//! own.

use linekey::rules::id::AccountId;
use linekey::rules::moment::Moment;
use linekey::rules::office::journal::Actor;
use linekey::rules::phones::change::PhoneChange;
use linekey::rules::phones::device::{DeviceId, Role, Sitting};
use linekey::rules::time::Date;
use linekey::rules::verdict::Verdict;
use serde_json::{Value, json};

use super::{add, events, office, secret_of, staffed};
use crate::office::{MINUTE, Office};

#[test]
fn another_owner_gets_another_name_and_another_secret() {
    let office = office();
    let mut administrator = staffed(&office);
    let before = add(&mut administrator, json!({ "extension": "101" }));
    let secret = secret_of(&mut administrator, &before);
    let same = administrator
        .patch("/api/devices/1", json!({ "extension": "101" }))
        .expect(200)
        .json;
    assert_eq!(same, before, "the same owner is no other");
    let after = administrator
        .patch("/api/devices/1", json!({ "extension": "102" }))
        .expect(200)
        .json;
    assert!(after["username"].as_str().unwrap().starts_with("102-"), "{after}");
    assert_ne!(secret_of(&mut administrator, &after), secret);
    assert!(
        events(&mut administrator)
            .iter()
            .any(|(event, _)| event == "device-owner-changed")
    );
}

#[test]
fn a_persons_devices_go_with_them_and_a_shared_desk_stays() {
    let office = office();
    let mut administrator = staffed(&office);
    for kind in ["phone", "app", "desk"] {
        add(&mut administrator, json!({ "extension": "101", "kind": kind }));
    }
    let other = add(&mut administrator, json!({ "extension": "102", "kind": "desk" }));
    let desk = DeviceId(other["id"].as_u64().unwrap());
    let desk = office.state.store.read(|facts| facts.device(desk)).unwrap().unwrap();
    let sits = PhoneChange::DeskTaken(
        desk,
        Sitting {
            who: person(&office, "101"),
            until: Date(office.now() + 3600),
        },
    );
    let turn = office
        .state
        .store
        .turn_now(Actor::APPLIANCE, office.state.moment(), |_, _: &mut Moment| {
            Ok(Verdict::yes((), vec![sits.into()]))
        });
    turn.unwrap().unwrap();
    let shown = administrator.get("/api/devices/4").expect(200).json;
    assert_eq!(shown["sitting"]["extension"], "101");
    let desk = administrator.get("/api/devices/3").expect(200).json;
    administrator.delete("/api/people/101").expect(204);
    let left = administrator.get("/api/devices").expect(200).json["devices"].clone();
    let left: Vec<_> = left
        .as_array()
        .unwrap()
        .iter()
        .map(|device| (&device["id"], &device["extension"]))
        .collect();
    assert_eq!(left, [(&json!(3), &json!(null)), (&json!(4), &json!("102"))]);
    let after = administrator.get("/api/devices/3").expect(200).json;
    assert_eq!(after["username"], desk["username"]);
    let roles: Vec<Role> = office
        .state
        .store
        .read(|facts| facts.devices())
        .unwrap()
        .into_iter()
        .map(|device| device.role)
        .collect();
    assert!(
        roles
            .iter()
            .all(|role| matches!(role, Role::Desk { sitting: None, .. })),
        "{roles:?}"
    );
    assert_eq!(
        administrator.get("/api/devices/4").expect(200).json["sitting"],
        Value::Null
    );
}

fn person(office: &Office, extension: &str) -> AccountId {
    let name = linekey::rules::id::Username::from_typed(extension);
    office.state.store.read(|facts| facts.owner_of(&name)).unwrap().unwrap()
}

#[test]
fn a_person_who_gets_another_number_keeps_their_devices_on_the_line() {
    let office = office();
    let mut administrator = staffed(&office);
    let before = add(&mut administrator, json!({ "extension": "101" }));
    let secret = secret_of(&mut administrator, &before);
    let revision = |office: &Office| {
        office
            .state
            .store
            .read(|facts| facts.device(DeviceId(1)))
            .unwrap()
            .unwrap()
            .provisioning
            .revision
    };
    let told = revision(&office);
    administrator
        .patch("/api/people/101", json!({ "email": "ida@example.org" }))
        .expect(200);
    assert_eq!(revision(&office), told, "its files do not tell the address");
    administrator
        .patch("/api/people/101", json!({ "extension": "103" }))
        .expect(200);
    let after = administrator.get("/api/devices/1").expect(200).json;
    assert_eq!(
        (&after["extension"], &after["username"]),
        (&json!("103"), &before["username"])
    );
    assert_eq!(secret_of(&mut administrator, &after), secret);
    assert!(revision(&office) > told, "its files say something else");
}

#[test]
fn people_see_their_own_devices_and_choose_a_password_only_where_they_may() {
    let office = office();
    let (mut administrator, _) = office.administrator();
    let (mut mira, _) = office.person(&mut administrator, "101", 1);
    let (mut jonas, _) = office.person(&mut administrator, "102", 2);
    let device = add(&mut administrator, json!({ "extension": "101" }));
    add(&mut administrator, json!({ "extension": "101", "kind": "desk" }));
    let own = mira.get("/api/me/devices").expect(200).json;
    assert_eq!((&own["devices"][0], &own["may_set_secret"]), (&device, &json!(false)));
    assert_eq!(jonas.get("/api/me/devices").expect(200).json["devices"], json!([]));
    assert_eq!(
        administrator.get("/api/me/devices").expect(200).json["devices"],
        json!([])
    );
    let (path, good) = ("/api/me/devices/1/secret", json!({ "secret": "quiet-harbour.12" }));
    mira.post(path, good.clone()).refused(403, "not-allowed");
    administrator
        .patch("/api/settings", json!({ "people_set_sip_passwords": true }))
        .expect(200);
    assert_eq!(mira.get("/api/me/devices").expect(200).json["may_set_secret"], true);
    jonas.post(path, good.clone()).refused(404, "not-found");
    administrator.post(path, good.clone()).refused(404, "not-found");
    mira.post("/api/me/devices/2/secret", good.clone())
        .refused(404, "not-found");
    for bad in [
        "",
        "elevenchars",
        "with a blank in it",
        "ünïcödé-letters",
        "semi;colons;here",
        &"x".repeat(33),
    ] {
        let refused = mira.post(path, json!({ "secret": bad })).refused(422, "invalid");
        assert_eq!(refused.json["field"], "secret", "{bad}");
    }
    mira.post(path, json!({ "secret": "passwordpassword" }))
        .refused(422, "invalid");
    mira.post(path, good).expect(204);
    assert_eq!(secret_of(&mut administrator, &device), "quiet-harbour.12");
    office.pass(11 * MINUTE);
    mira.post(path, json!({ "secret": "another-one-here" }))
        .refused(403, "prove-again");
}
