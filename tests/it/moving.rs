//! Another name: what it means for whom is said before, nobody who saves it is shut out, nothing is deleted, and a move
//! lets people over one by one.

use linekey::http::edge::message::Method;
use linekey::rules::office::journal::Actor;
use linekey::rules::office::upkeep;
use redb::StorageBackend;
use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::disk::{Disk, Loss};
use crate::office::{Browser, MINUTE, Office, Reply};

const OLD: (&str, &str) = ("old.test", "https://old.test:8443");
const NEW: (&str, &str) = ("new.test", "https://new.test:8443");

/// An office over that disk under another name and its origin, as a start under it leaves the store.
pub fn called(disk: impl StorageBackend, seed: u64, site: (&str, &str)) -> Office {
    let office = Office::with_site(disk, seed, [7; 32], site);
    let (store, name) = (&office.state.store, office.state.site.name.clone());
    let named = store.turn_now(Actor::APPLIANCE, office.state.moment(), move |facts, moment| {
        let newest = facts.newest_passkey()?;
        Ok(upkeep::named(
            &name,
            facts.named()?,
            facts.earlier_names()?,
            newest,
            moment.now,
        ))
    });
    named.unwrap().unwrap();
    office
}

/// The disk of an office of that name, and when it was left.
struct House {
    bytes: Vec<u8>,
    clock: u64,
}

impl House {
    fn left(disk: &Disk, office: Office) -> Self {
        let clock = office.now();
        drop(office);
        Self {
            bytes: disk.after(Loss::All),
            clock,
        }
    }

    /// The same a minute later, after a start under that name.
    fn started(&self, seed: u64, site: (&str, &str)) -> (Disk, Office) {
        let disk = Disk::holding(self.bytes.clone());
        let office = called(disk.clone(), seed, site);
        office.set_clock(self.clock + MINUTE);
        (disk, office)
    }
}

/// An office under the old name: five people, who have seven passkeys; none has a password or an e-mail address.
fn five_with_seven() -> (House, Vec<Authenticator>) {
    let disk = Disk::empty();
    let office = called(disk.clone(), 1, OLD);
    let (mut administrator, first) = office.administrator();
    let mut all = vec![first];
    for (extension, seed) in [("101", 1), ("102", 2), ("103", 3), ("104", 4)] {
        let (mut browser, authenticator) = office.person(&mut administrator, extension, seed);
        all.push(authenticator);
        if seed < 3 {
            let mut second = Authenticator::new(OLD.1, seed + 10);
            browser.add_passkey(&mut second).expect(201);
            all.push(second);
        }
    }
    assert_eq!(all.len(), 7);
    (House::left(&disk, office), all)
}

fn sign_in(office: &Office, authenticator: &Authenticator) -> Reply {
    office.browser().sign_in_by_passkey(authenticator)
}

fn on_the_new_page(authenticator: &Authenticator) -> Authenticator {
    let mut here = authenticator.clone();
    NEW.1.clone_into(&mut here.origin);
    here
}

/// By a passkey of the old name, on a page of the new one, as a browser does that knows related origins.
fn sign_in_as_before(browser: &mut Browser<'_>, authenticator: &Authenticator) -> Reply {
    let asked = browser.post("/api/sign-in/passkey/begin", json!({ "earlier": true }));
    if asked.status != 200 {
        return asked;
    }
    let asked = asked.json;
    let credential = on_the_new_page(authenticator).get(&asked["publicKey"]);
    let body = json!({ "ticket": asked["ticket"], "credential": credential, "earlier": true });
    browser.post("/api/sign-in/passkey/finish", body)
}

fn renamed(name: &str, moving: bool) -> Value {
    json!({ "name": name, "moving": moving })
}

/// The old name's own word, asked by a browser without a cookie.
fn related_origins(office: &Office, host: &str, secure: bool) -> Reply {
    let mut browser = Browser {
        secure,
        ..office.browser()
    };
    let mut request = browser.request(Method::GET, "/.well-known/webauthn", &Value::Null);
    request.set_field("Host", host);
    browser.send(request)
}

/// T08.
#[test]
fn a_change_of_the_name_says_whom_it_meets_and_deletes_nothing_and_back_again_all_passkeys_work() {
    let (house, all) = five_with_seven();
    let (disk, office) = house.started(2, OLD);
    let mut administrator = office.browser();
    administrator.sign_in_by_passkey(&all[0]).expect(200);
    let bound = administrator.get("/api/name").expect(200).json;
    assert_eq!(
        (&bound["passkeys"], bound["accounts"].as_array().unwrap().len()),
        (&json!(7), 5)
    );
    assert_eq!(bound["ways"], json!({ "password": false, "code": false }));
    let afterwards = bound["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .all(|one| one["afterwards"] == "link");
    assert!(afterwards, "{bound}");

    administrator
        .patch("/api/settings", renamed("new.test", false))
        .refused(409, "no-way-there");
    assert_eq!(administrator.get("/api/settings").expect(200).json["name"], "old.test");
    let code = administrator.post("/api/name/code", json!({})).expect(200).json;
    assert_eq!(administrator.get("/api/name").expect(200).json["ways"]["code"], true);
    administrator
        .patch("/api/settings", renamed("new.test", false))
        .expect(200);

    let (disk, office) = House::left(&disk, office).started(3, NEW);
    assert_eq!(office.state.store.read(|facts| facts.passkeys()).unwrap(), 7);
    let mut administrator = office.browser();
    let username = code["username"].as_str().unwrap();
    let came = administrator.sign_in_by_password(username, code["code"].as_str().unwrap());
    assert_eq!(came.expect(200).json["next"], "/welcome");
    assert_eq!(administrator.get("/api/name").expect(200).json["passkeys"], 0);
    // No move: the old ones are asked for by nobody.
    sign_in_as_before(&mut office.browser(), &all[1]).refused(404, "not-found");

    // The code is spent; the passkey that was made under the old name is the way in.
    administrator
        .patch("/api/settings", renamed("old.test", false))
        .expect(200);
    let (_, office) = House::left(&disk, office).started(4, OLD);
    for authenticator in &all {
        assert_eq!(sign_in(&office, authenticator).expect(200).json["next"], "/home");
    }
    let mut administrator = office.browser();
    administrator.sign_in_by_passkey(&all[0]).expect(200);
    assert_eq!(administrator.get("/api/name").expect(200).json["passkeys"], 7);
}

/// T16.
#[test]
fn while_the_appliance_moves_the_old_names_passkeys_sign_in_once_more_and_then_new_ones_are_made() {
    let (house, all) = five_with_seven();
    let (disk, office) = house.started(2, OLD);
    let mut administrator = office.browser();
    administrator.sign_in_by_passkey(&all[0]).expect(200);
    administrator.post("/api/name/code", json!({})).expect(200);
    administrator
        .patch("/api/settings", renamed("new.test", true))
        .expect(200);
    let moving = administrator.get("/api/name").expect(200).json["moving"].clone();
    assert_eq!((&moving["from"], &moving["begun"]), (&json!("old.test"), &json!(false)));
    // Until the start nothing has moved.
    related_origins(&office, "old.test:8443", true).refused(404, "not-found");
    assert_eq!(
        administrator.get("/api/site").expect(200).json["moved_from"],
        Value::Null
    );

    let (_, office) = House::left(&disk, office).started(3, NEW);
    let said = related_origins(&office, "old.test", true).expect(200);
    assert_eq!(said.json, json!({ "origins": ["https://new.test:8443"] }));
    assert_eq!(said.field("content-type"), Some("application/json"));
    related_origins(&office, "new.test:8443", true).refused(404, "not-found");
    related_origins(&office, "old.test", false).refused(404, "not-found");
    assert_eq!(
        office.browser().get("/api/site").expect(200).json["moved_from"],
        "old.test"
    );

    let mut person = office.browser();
    let came = sign_in_as_before(&mut person, &all[1]).expect(200);
    assert_eq!(came.json["next"], "/welcome", "a passkey of the new name is offered");
    let mut new = Authenticator::new(NEW.1, 40);
    person.add_passkey(&mut new).expect(201);
    assert_eq!(sign_in(&office, &new).expect(200).json["next"], "/home");
    // The old name's question is answered by no passkey of the new one, and the other way round.
    let asked = person.asked("/api/sign-in/passkey/begin");
    let credential = on_the_new_page(&all[1]).get_by(0, &asked["publicKey"]);
    let body = json!({ "ticket": asked["ticket"], "credential": credential });
    person
        .post("/api/sign-in/passkey/finish", body)
        .refused(401, "not-signed-in");

    let mut administrator = office.browser();
    sign_in_as_before(&mut administrator, &all[0]).expect(200);
    let moving = administrator.get("/api/name").expect(200).json["moving"].clone();
    assert_eq!((&moving["begun"], &moving["left"]), (&json!(true), &json!(4)));
    // Who proves again has the old passkey alone.
    let asked = administrator.asked("/api/me/proof/passkey/begin");
    assert_eq!(asked["publicKey"]["rpId"], "old.test");

    administrator.delete("/api/name/move").expect(204);
    related_origins(&office, "old.test", true).refused(404, "not-found");
    sign_in_as_before(&mut office.browser(), &all[2]).refused(404, "not-found");
    assert_eq!(sign_in(&office, &new).expect(200).json["next"], "/home");
    administrator.delete("/api/name/move").refused(404, "not-found");
}

#[test]
fn taking_the_name_back_before_the_start_withdraws_the_move() {
    let (house, all) = five_with_seven();
    let (_, office) = house.started(2, OLD);
    let mut administrator = office.browser();
    administrator.sign_in_by_passkey(&all[0]).expect(200);
    administrator.post("/api/name/code", json!({})).expect(200);
    administrator
        .patch("/api/settings", renamed("new.test", true))
        .expect(200);
    administrator
        .patch("/api/settings", renamed("old.test", true))
        .expect(200);
    assert_eq!(administrator.get("/api/name").expect(200).json["moving"], Value::Null);
}

#[test]
fn a_password_is_a_way_in_under_any_name() {
    let (house, all) = five_with_seven();
    let (_, office) = house.started(2, OLD);
    let mut administrator = office.browser();
    administrator.sign_in_by_passkey(&all[0]).expect(200);
    let password = json!({ "password": "four long words in a row" });
    administrator.post("/api/me/password", password).expect(204);
    administrator
        .patch("/api/settings", renamed("new.test", false))
        .expect(200);
}
