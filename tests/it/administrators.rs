//! Administrators: several of them, from where they may act, programs that act for them, and the last way in.

use std::net::IpAddr;

use data_encoding::BASE64;
use linekey::http::edge::message::Method;
use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::office::{Browser, MINUTE, ORIGIN, Office, Reply, token_of};

/// A second administrator, `nora`, invited by the first, with a passkey.
pub fn nora<'a>(administrator: &mut Browser<'a>) -> (Browser<'a>, Authenticator) {
    let card = json!({ "username": "Nora", "name": "Nora Night", "email": "nora@example.org" });
    let added = administrator.post("/api/administrators", card).expect(201);
    assert_eq!(added.json["administrator"]["username"], json!("nora"));
    let mut browser = administrator.office.browser();
    browser.sign_in_by_link(&token_of(&added.json["invite"])).expect(200);
    let mut authenticator = Authenticator::new(ORIGIN, 9);
    browser.add_passkey(&mut authenticator).expect(201);
    (browser, authenticator)
}

/// A program's request: Basic credentials over TLS, no cookie.
pub fn program(office: &Office, from: &str, secure: bool, secret: &str, method: Method, path: &str) -> Reply {
    let mut program = office.browser_at(from.parse().unwrap());
    program.secure = secure;
    let mut request = program.request(method, path, &Value::Null);
    request.set_field(
        "Authorization",
        format!("Basic {}", BASE64.encode(format!("nora:{secret}").as_bytes())),
    );
    program.send(request)
}

#[test]
fn an_administrator_invites_another_who_signs_in_like_everybody() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let (_, authenticator) = nora(&mut administrator);
    let mut again = office.browser();
    again.sign_in_by_passkey(&authenticator).expect(200);
    let listed = again.get("/api/administrators").expect(200);
    let names: Vec<_> = listed.json["administrators"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["username"])
        .collect();
    assert_eq!(names, [&json!("admin"), &json!("nora")]);
    assert_eq!(listed.json["administrators"][1]["you"], json!(true));
    administrator
        .post("/api/administrators", json!({ "username": "nora", "name": "Other" }))
        .refused(409, "taken");
    administrator
        .post("/api/administrators", json!({ "username": "12", "name": "Digits" }))
        .refused(422, "invalid");
    administrator.get("/api/people/nora").refused(404, "not-found");
}

#[test]
fn outside_the_ranges_neither_passkey_nor_session_nor_secret_opens() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let (mut nora, authenticator) = nora(&mut administrator);
    let secret = administrator
        .post("/api/administrators/nora/api", json!({}))
        .expect(201)
        .json["secret"]
        .clone();
    let ranges = json!({ "ranges": ["192.0.2.0/24", " 2001:db8::/32 "] });
    let changed = administrator.patch("/api/administrators/nora", ranges).expect(200);
    assert_eq!(changed.json["ranges"], json!(["192.0.2.0/24", "2001:db8::/32"]));
    nora.get("/api/me").refused(401, "signed-out");
    nora.address = "2001:db8::7".parse().unwrap();
    nora.get("/api/me").expect(200);
    for (address, status) in [
        ("192.0.2.9", 200),
        ("::ffff:192.0.2.9", 200),
        ("192.0.3.1", 401),
        ("2001:db9::1", 401),
    ] {
        let mut there = office.browser_at(address.parse().unwrap());
        assert_eq!(there.sign_in_by_passkey(&authenticator).status, status, "{address}");
        let by_secret = program(
            &office,
            address,
            true,
            secret.as_str().unwrap(),
            Method::GET,
            "/api/people",
        );
        assert_eq!(by_secret.status, status, "{address}");
    }
    administrator
        .patch("/api/administrators/nora", json!({ "ranges": ["192.0.2.0/33"] }))
        .refused(422, "invalid");
}

#[test]
fn nobody_shuts_themselves_out() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    administrator
        .patch("/api/administrators/admin", json!({ "ranges": ["192.0.2.0/24"] }))
        .refused(409, "shuts-you-out");
    assert_eq!(
        administrator.get("/api/administrators/admin").expect(200).json["ranges"],
        json!([])
    );
    administrator
        .patch("/api/administrators/admin", json!({ "ranges": ["127.0.0.1"] }))
        .expect(200);
    administrator.get("/api/me").expect(200);
}

#[test]
fn a_rescue_from_the_lan_is_not_held_up_by_ranges() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    administrator
        .patch("/api/administrators/admin", json!({ "ranges": ["127.0.0.0/8"] }))
        .expect(200);
    office.arm("admin", "another time, another word");
    let rescue = |from: &str| {
        let mut browser = office.browser_at(from.parse::<IpAddr>().unwrap());
        let reply = browser.sign_in_by_password("admin", "another time, another word");
        (browser, reply)
    };
    rescue("198.51.100.7").1.refused(401, "not-signed-in");
    let (mut browser, reply) = rescue("192.168.1.20");
    reply.expect(200);
    browser
        .patch("/api/administrators/admin", json!({ "ranges": [] }))
        .expect(200);
    browser.address = "198.51.100.7".parse().unwrap();
    browser.get("/api/me").expect(200);
}

#[test]
fn programs_act_by_a_secret_over_tls_once_it_is_turned_on() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let (mut nora, _) = nora(&mut administrator);
    let get = |secret: &str, secure: bool| program(&office, "192.0.2.1", secure, secret, Method::GET, "/api/people");
    let off = get("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", true).refused(401, "not-signed-in");
    assert_eq!(
        off.field("www-authenticate"),
        Some("Basic realm=\"Linekey\", charset=\"UTF-8\"")
    );
    let shown = administrator
        .post("/api/administrators/nora/api", json!({}))
        .expect(201);
    let secret = shown.json["secret"].as_str().unwrap();
    assert_eq!(secret.len(), 32, "192 bits");
    get(secret, true).expect(200);
    get(secret, false).refused(403, "in-the-clear");
    get(&secret.to_lowercase(), true).refused(401, "not-signed-in");
    // It acts in the office, not for the person.
    for path in ["/api/me", "/api/me/passkeys"] {
        program(&office, "192.0.2.1", true, secret, Method::GET, path).refused(403, "not-allowed");
    }
    // And whatever it may do ends with its secret.
    for (method, path) in [
        (Method::POST, "/api/administrators"),
        (Method::PATCH, "/api/administrators/nora"),
        (Method::POST, "/api/administrators/admin/invite"),
        (Method::POST, "/api/administrators/nora/password"),
        (Method::POST, "/api/administrators/nora/api"),
        (Method::DELETE, "/api/administrators/admin"),
        (Method::PUT, "/api/mail"),
        (Method::PUT, "/api/acme"),
    ] {
        program(&office, "192.0.2.1", true, secret, method, path).refused(403, "not-allowed");
    }
    let row = administrator.get("/api/administrators/nora").expect(200);
    assert_eq!(row.json["api"]["last_used"], json!(office.now()));
    assert!(!String::from_utf8_lossy(&row.bytes).contains(secret), "shown once");
    // Whose it is sees it among what is their own, and nobody else's.
    assert_eq!(nora.get("/api/me").expect(200).json["api"], row.json["api"]);
    assert_eq!(administrator.get("/api/me").expect(200).json["api"], Value::Null);
    let newer = administrator
        .post("/api/administrators/nora/api", json!({}))
        .expect(201);
    get(secret, true).refused(401, "not-signed-in");
    get(newer.json["secret"].as_str().unwrap(), true).expect(200);
    administrator.delete("/api/administrators/nora/api").expect(204);
    get(newer.json["secret"].as_str().unwrap(), true).refused(401, "not-signed-in");
    administrator
        .delete("/api/administrators/nora/api")
        .refused(404, "not-found");
}

#[test]
fn the_last_administrator_who_can_sign_in_stays() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    administrator
        .delete("/api/administrators/admin")
        .refused(409, "last-way-in");
    // Somebody who was only invited cannot sign in yet.
    let card = json!({ "username": "nora", "name": "Nora" });
    let added = administrator.post("/api/administrators", card).expect(201);
    administrator
        .delete("/api/administrators/admin")
        .refused(409, "last-way-in");
    administrator
        .delete("/api/administrators/admin/passkeys")
        .refused(409, "last-way-in");
    let mut nora = office.browser();
    nora.sign_in_by_link(&token_of(&added.json["invite"])).expect(200);
    nora.add_passkey(&mut Authenticator::new(ORIGIN, 3)).expect(201);
    nora.delete("/api/administrators/admin").expect(204);
    administrator.get("/api/me").refused(401, "signed-out");
    nora.delete("/api/administrators/nora/passkeys")
        .refused(409, "last-way-in");
}

#[test]
fn an_administrator_who_is_limited_to_elsewhere_is_no_last_way_in() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    nora(&mut administrator);
    administrator
        .patch("/api/administrators/nora", json!({ "ranges": ["203.0.113.9"] }))
        .expect(200);
    administrator
        .delete("/api/administrators/admin/passkeys")
        .refused(409, "last-way-in");
    // A range in the IPv4-mapped form is the range of IPv4.
    let mapped = json!({ "ranges": ["::ffff:127.0.0.0/104", "203.0.113.9"] });
    let limited = administrator.patch("/api/administrators/nora", mapped).expect(200);
    assert_eq!(limited.json["ranges"][0], json!("127.0.0.0/8"));
    administrator.delete("/api/administrators/admin/passkeys").expect(204);
}

#[test]
fn passkeys_and_sessions_of_anybody_can_be_deleted_at_once() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let (mut mira, phone) = office.person(&mut administrator, "101", 1);
    let mut other = office.browser();
    other.sign_in_by_passkey(&phone).expect(200);
    let detail = administrator.get("/api/people/101").expect(200).json;
    let (passkeys, sessions) = (
        detail["passkey_list"].as_array().unwrap(),
        detail["session_list"].as_array().unwrap(),
    );
    assert_eq!((passkeys.len(), sessions.len()), (1, 2));
    assert_eq!(passkeys[0]["last_used"], json!(office.now()));
    for field in ["opened", "last_used", "address", "browser", "expires", "by"] {
        assert!(!sessions[0][field].is_null(), "{field}: {}", sessions[0]);
    }
    let newest = sessions.iter().find(|one| one["by"] == json!("passkey")).unwrap();
    administrator
        .delete(&format!("/api/people/101/sessions/{}", newest["id"].as_str().unwrap()))
        .expect(204);
    other.get("/api/me").refused(401, "signed-out");
    mira.get("/api/me").expect(200);
    administrator.delete("/api/people/101/sessions").expect(204);
    mira.get("/api/me").refused(401, "signed-out");
    administrator
        .delete(&format!(
            "/api/people/101/passkeys/{}",
            passkeys[0]["id"].as_str().unwrap()
        ))
        .expect(204);
    office
        .browser()
        .sign_in_by_passkey(&phone)
        .refused(401, "unknown-passkey");
}

#[test]
fn passwords_of_people_are_the_administrators_until_the_office_says_otherwise() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let (mut mira, phone) = office.person(&mut administrator, "101", 1);
    let words = json!({ "password": "a quiet river at night" });
    mira.post("/api/me/password", words.clone()).refused(403, "not-allowed");
    assert_eq!(mira.get("/api/me").expect(200).json["may_set_password"], json!(false));
    administrator
        .patch("/api/settings", json!({ "people_set_passwords": true }))
        .expect(200);
    mira.post("/api/me/password", words).expect(204);
    administrator.delete("/api/people/101/password").expect(204);
    office
        .browser()
        .sign_in_by_password("101", "a quiet river at night")
        .refused(401, "not-signed-in");
    for common in [
        "q1w2e3r4t5y6",
        "123456123456",
        "zzzzzzzzzzzz",
        "passwordpassword",
        "Password1234!",
        "mira@example.org12",
    ] {
        let reply = administrator.post("/api/people/101/password", json!({ "password": common }));
        assert_eq!(
            reply.status,
            if common.starts_with("mira") { 204 } else { 422 },
            "{common}"
        );
    }
    // Whoever guess at the password make its owner wait where nobody knows them, but not their passkey.
    for number in 0..25 {
        office
            .browser_at([192, 0, 2, number].into())
            .sign_in_by_password("101", "wrong wrong wrong");
    }
    let mut elsewhere = office.browser_at("198.51.100.7".parse().unwrap());
    elsewhere
        .sign_in_by_password("101", "mira@example.org12")
        .refused(429, "wait");
    office.browser().sign_in_by_passkey(&phone).expect(200);
    office.pass(16 * MINUTE);
    elsewhere.sign_in_by_password("101", "mira@example.org12").expect(200);
}

#[test]
fn only_attested_passkeys_where_the_office_says_so() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let (mut mira, _) = office.person(&mut administrator, "101", 1);
    let policy = |required: bool, models: Value, roots: &str| {
        let attestation = json!({ "required": required, "models": models, "roots": roots });
        json!({ "attestation": attestation })
    };
    administrator
        .patch("/api/settings", policy(true, json!([]), ""))
        .refused(422, "invalid");
    let key = rcgen::generate_simple_self_signed(["maker.example".to_owned()]).unwrap();
    let models = json!(["cb69481e-8ff7-4039-93ec-0a2729a154a8"]);
    for useless in ["AAAA", "MAA="] {
        let pem = format!("-----BEGIN CERTIFICATE-----\n{useless}\n-----END CERTIFICATE-----\n");
        administrator
            .patch("/api/settings", policy(true, models.clone(), &pem))
            .refused(422, "invalid");
    }
    let set = administrator
        .patch("/api/settings", policy(true, models.clone(), &key.cert.pem()))
        .expect(200);
    assert_eq!(set.json["attestation"]["models"], models);
    assert_eq!(
        set.json["attestation"]["roots"].as_str().unwrap().trim(),
        key.cert.pem().replace('\r', "").trim()
    );
    let asked = mira.asked("/api/me/passkeys/begin");
    assert_eq!(asked["publicKey"]["attestation"], json!("direct"));
    let mut phone = Authenticator::new(ORIGIN, 2);
    mira.add_passkey(&mut phone).refused(422, "passkey-refused");
    administrator
        .patch("/api/settings", policy(false, models, ""))
        .expect(200);
    mira.add_passkey(&mut phone).expect(201);
}

#[test]
fn an_account_for_a_program_has_no_sign_in_link_once_its_access_is_on() {
    let office = Office::open();
    let (mut browser, _) = office.administrator();
    let card = json!({ "username": "backup-script", "name": "Backup" });
    let added = browser.post("/api/administrators", card).expect(201).json;
    browser
        .post("/api/administrators/backup-script/api", json!({}))
        .expect(201);
    let shown = browser.get("/api/administrators/backup-script").expect(200).json;
    assert_eq!(shown["invited_until"], Value::Null);
    let token = token_of(&added["invite"]);
    office.browser().sign_in_by_link(&token).refused(410, "link-spent");
    // Somebody who signs in keeps the link that was made for them.
    browser.post("/api/administrators/admin/invite", json!({})).expect(201);
    browser.post("/api/administrators/admin/api", json!({})).expect(201);
    let shown = browser.get("/api/administrators/admin").expect(200).json;
    assert!(shown["invited_until"].is_u64());
}
