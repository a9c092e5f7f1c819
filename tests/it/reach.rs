//! From where administrators may act, and what is told of programs: where changes meet.

use serde_json::json;

use crate::administrators::{nora, program};
use crate::office::{MINUTE, Office, token_of};

const HERE: &str = "198.51.100.7";

/// Nora came in by her link and has neither passkey nor password yet, so the other administrator's are the last way in.
#[test]
fn ranges_do_not_close_the_last_way_in_of_an_office() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let card = json!({ "username": "nora", "name": "Nora Night" });
    let added = administrator.post("/api/administrators", card).expect(201);
    let mut nora = office.browser_at(HERE.parse().unwrap());
    nora.sign_in_by_link(&token_of(&added.json["invite"])).expect(200);
    let limit = |ranges: &[&str]| ("/api/administrators/admin", json!({ "ranges": ranges }));
    let (path, elsewhere) = limit(&["203.0.113.9"]);
    nora.patch(path, elsewhere.clone()).refused(409, "last-way-in");
    // From where she is somebody can still sign in: by ranges that admit it, or herself.
    let (_, here) = limit(&["203.0.113.9", "198.51.100.0/24"]);
    nora.patch(path, here).expect(200);
    nora.post("/api/me/password", json!({ "password": "a sentence of some length" }))
        .expect(204);
    nora.patch(path, elsewhere).expect(200);
    // And who has a way in there may not be shut out after that.
    let own = json!({ "ranges": ["203.0.113.9"] });
    nora.patch("/api/administrators/nora", own)
        .refused(409, "shuts-you-out");
}

#[test]
fn an_empty_element_of_a_list_grants_nothing_to_everybody() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let path = "/api/administrators/admin";
    administrator
        .patch(path, json!({ "ranges": ["127.0.0.0/8"] }))
        .expect(200);
    for empty in ["", " ", "\u{200b}"] {
        for ranges in [json!([empty]), json!(["127.0.0.0/8", empty])] {
            let reply = administrator
                .patch(path, json!({ "ranges": ranges }))
                .refused(422, "invalid");
            assert_eq!(reply.json["field"], "ranges");
        }
        let settings = administrator.patch("/api/settings", json!({ "emergency": ["112", empty] }));
        assert_eq!(settings.refused(422, "invalid").json["field"], "emergency");
        let models = json!({ "attestation": { "required": false, "models": [empty], "roots": "" } });
        administrator.patch("/api/settings", models).refused(422, "invalid");
    }
    assert_eq!(
        administrator.get(path).expect(200).json["ranges"],
        json!(["127.0.0.0/8"])
    );
    for servers in [",", "a.example,,b.example", " , "] {
        let reply = administrator.patch("/api/clock", json!({ "time_servers": servers }));
        assert_eq!(reply.refused(422, "invalid").json["field"], "time_servers");
    }
    // Pasted with what nobody sees around it.
    let pasted = json!({ "ranges": ["\u{202a}127.0.0.0/8\u{202c}"] });
    assert_eq!(
        administrator.patch(path, pasted).expect(200).json["ranges"],
        json!(["127.0.0.0/8"])
    );
}

#[test]
fn an_office_has_as_many_administrators_as_fit_a_page() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let mut add = |number: u32| {
        let card = json!({ "username": format!("admin-{number}"), "name": "Somebody" });
        administrator.post("/api/administrators", card)
    };
    for number in 1..64 {
        add(number).expect(201);
    }
    add(64).refused(409, "too-many");
    administrator
        .post("/api/people", json!({ "extension": "101", "name": "Mira" }))
        .expect(201);
}

#[test]
fn a_new_secret_has_not_been_used_by_who_had_the_old_one() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let (mut nora, _) = nora(&mut administrator);
    let secret = |nora: &mut crate::office::Browser<'_>| {
        let opened = nora.post("/api/administrators/nora/api", json!({})).expect(201);
        opened.json["secret"].as_str().unwrap().to_owned()
    };
    let old = secret(&mut nora);
    program(
        &office,
        HERE,
        true,
        &old,
        linekey::http::edge::message::Method::GET,
        "/api/people",
    )
    .expect(200);
    office.pass(MINUTE);
    let new = secret(&mut nora);
    let used = |nora: &mut crate::office::Browser<'_>| {
        nora.get("/api/administrators").expect(200).json["administrators"][1]["api"]["last_used"].clone()
    };
    assert_eq!(used(&mut nora), json!(null));
    office.state.write_down().unwrap();
    assert_eq!(used(&mut nora), json!(null), "nor is it written down as such");
    program(
        &office,
        HERE,
        true,
        &new,
        linekey::http::edge::message::Method::GET,
        "/api/people",
    )
    .expect(200);
    assert_eq!(used(&mut nora), json!(office.now()));
}
