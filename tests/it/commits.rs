//! What is written to the disk, and when: as seldom as can be.

use linekey::appliance::upkeep::sweep::keep_up;
use linekey::http::edge::message::Method;
use linekey::http::front::routes::ROUTES;
use linekey::rules::change::{LettersChange, PeopleChange};
use linekey::rules::id::AccountId;
use linekey::rules::people::session::{Use, Used};
use linekey::rules::time::Date;
use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::disk::Disk;
use crate::links;
use crate::office::{Browser, HOUR, ORIGIN, Office};
use crate::turns::{Before, hash_of};
use crate::wall::path_of;

const WORDS: &str = "a quiet river at night";
const ANOTHER_WORD: &str = "another five words this time";
const FINISH: &str = "/api/sign-in/passkey/finish";
const PASSWORD: &str = "/api/sign-in/password";
const LINK: &str = "/api/sign-in/link";
const CODE: &str = "/api/sign-in/code";

#[test]
fn what_cannot_be_written_of_uses_waits_for_the_next_time() {
    let before = Before::new();
    let (disk, office) = before.opened();
    let mut administrator = before.administrator(&office);
    administrator.get("/api/me").expect(200);
    disk.cut_at_sync(1);
    assert!(office.state.write_down().is_err());
    let session = Used::Session(hash_of(&administrator));
    let seen = office.state.desk.uses().newest(session).cloned();
    assert_eq!(seen.map(|seen| seen.at.0), Some(office.now()));
}

#[test]
fn a_use_in_the_middle_of_a_batch_waits_for_the_next_and_four_thousand_have_room() {
    let office = Office::open();
    let seen = |at: u64| Use {
        at: Date(at),
        address: "192.0.2.1".parse().unwrap(),
        browser: String::new(),
    };
    let programs = 1..=4096_u64;
    let mut uses = office.state.desk.uses();
    for number in programs.clone() {
        uses.note(Used::Api(AccountId(number)), seen(1));
    }
    let batch = uses.all();
    uses.note(Used::Api(AccountId(7)), seen(2));
    uses.written(&batch);
    assert_eq!(batch.len(), 4096);
    assert_eq!(uses.all(), [(Used::Api(AccountId(7)), seen(2))]);
}

#[test]
fn last_used_is_exact_to_an_hour_even_when_the_power_goes() {
    let office = Office::open();
    let (administrator, _) = office.administrator();
    let hash = hash_of(&administrator);
    let written = || office.state.store.read(|facts| facts.session(hash)).unwrap().unwrap();
    let (rounds, began) = (std::cell::Cell::new(0), office.now());
    let pause = |time: std::time::Duration| {
        let over = office.now() + time.as_secs();
        while office.now() < over {
            office.pass(30);
            administrator.clone().get("/api/me").expect(200);
            let behind = office.now() - written().last_used.at.0;
            assert!(behind <= HOUR, "{behind} seconds");
        }
        rounds.set(rounds.get() + 1);
        let done = rounds.get() == 36;
        async move {
            if done {
                std::future::pending::<()>().await;
            }
        }
    };
    let kept = keep_up(office.state.clone(), pause);
    let watched = async {
        while rounds.get() < 36 {
            smol::future::yield_now().await;
        }
    };
    smol::block_on(smol::future::or(watched, kept));
    assert!(office.now() - began >= 3 * HOUR);
    assert!(written().last_used.at.0 > began, "something was written down");
}

/// Syncs and writes that it costs.
pub fn cost(disk: &Disk, act: impl FnOnce()) -> (u64, u64) {
    let before = (disk.syncs(), disk.writes());
    act();
    (disk.syncs() - before.0, disk.writes() - before.1)
}

/// An office with a mail server and every kind of way in: the person 101 has an address, a password and a passkey, 102
/// the link of `before`, and `admin` a passkey and a one-time password.
fn prepared<'a>(before: &Before, office: &'a Office) -> (Browser<'a>, Authenticator) {
    let mut administrator = before.administrator(office);
    links::set_relay(&mut administrator);
    let card = json!({ "email": "mira@example.org" });
    administrator.patch("/api/people/101", card).expect(200);
    let words = json!({ "password": WORDS });
    administrator.post("/api/people/101/password", words).expect(204);
    let mut passkey = Authenticator::new(ORIGIN, 7);
    let mut mira = office.browser();
    mira.sign_in_by_password("101", WORDS).expect(200);
    mira.add_passkey(&mut passkey).expect(201);
    (mira, passkey)
}

/// A browser that asked for a letter, and the link and code in it.
fn asked(office: &Office) -> (Browser<'_>, String, String) {
    let mut browser = office.browser();
    links::ask(&mut browser, "101");
    let (token, code) = links::reset_of(office);
    (browser, token, code)
}

fn passkey_body(browser: &mut Browser<'_>, passkey: &Authenticator) -> Value {
    let asked = browser.asked("/api/sign-in/passkey/begin");
    json!({ "ticket": asked["ticket"], "credential": passkey.get(&asked["publicKey"]) })
}

#[test]
fn a_sign_in_of_whatever_kind_costs_one_durable_commit() {
    let before = Before::new();
    let (disk, office) = before.opened();
    let (mut mira, passkey) = prepared(&before, &office);
    let sign_in = |what: &str, browser: &mut Browser<'_>, path: &str, body: Value| {
        let (syncs, _) = cost(&disk, || drop(browser.post(path, body).expect(200)));
        assert_eq!(syncs, 1, "{what}");
    };
    for _ in 0..3 {
        let body = passkey_body(&mut mira, &passkey);
        sign_in("passkey", &mut office.browser(), FINISH, body);
        let body = json!({ "username": "101", "password": WORDS });
        sign_in("password", &mut office.browser(), PASSWORD, body);
        let (_, token, _) = asked(&office);
        sign_in("link", &mut office.browser(), LINK, json!({ "token": token }));
    }
    office.pass(HOUR);
    let (mut asking, _, code) = asked(&office);
    sign_in("code", &mut asking, CODE, json!({ "code": code }));
    let word = json!({ "username": "admin", "password": ANOTHER_WORD });
    sign_in("one-time password", &mut office.browser(), PASSWORD, word);
}

#[test]
fn a_refused_sign_in_of_whatever_kind_costs_the_disk_nothing() {
    let before = Before::new();
    let (disk, office) = before.opened();
    let (mut mira, passkey) = prepared(&before, &office);
    let (mut asking, late, code) = asked(&office);
    let spent_word = json!({ "username": "admin", "password": ANOTHER_WORD });
    office.browser().post(PASSWORD, spent_word.clone()).expect(200);
    let used = passkey_body(&mut mira, &passkey);
    office.browser().post(FINISH, used.clone()).expect(200);
    let mut forged = passkey_body(&mut mira, &before.authenticator);
    forged["credential"]["response"]["signature"] = json!("MAYCAQECAQE");
    let mut unknown = Authenticator::new(ORIGIN, 77);
    let begun = mira.asked("/api/me/passkeys/begin");
    unknown.create(&begun["publicKey"]);
    let unknown = passkey_body(&mut mira, &unknown);
    let by_password = |username: &str| json!({ "username": username, "password": "a wrong sentence" });
    let wrong = if code.starts_with('1') {
        "2222 2222"
    } else {
        "1111 1111"
    };
    let refused = |browser: &mut Browser<'_>, path: &str, body: Value, status: u16, code: &str| {
        let spent = cost(&disk, || drop(browser.post(path, body).refused(status, code)));
        assert_eq!(spent, (0, 0), "syncs and writes of {path}, {code}");
    };
    let stranger = &mut office.browser();
    refused(stranger, FINISH, forged, 401, "not-signed-in");
    refused(stranger, FINISH, used, 410, "ticket-spent");
    refused(stranger, FINISH, unknown, 401, "unknown-passkey");
    refused(stranger, PASSWORD, by_password("101"), 401, "not-signed-in");
    refused(stranger, PASSWORD, by_password("nobody"), 401, "not-signed-in");
    refused(stranger, PASSWORD, spent_word, 401, "not-signed-in");
    refused(stranger, LINK, json!({ "token": "A".repeat(43) }), 410, "link-spent");
    refused(stranger, CODE, json!({ "code": code }), 401, "wrong-code");
    refused(&mut asking, CODE, json!({ "code": wrong }), 401, "wrong-code");
    for _ in 0..20 {
        office.browser().post(PASSWORD, by_password("102"));
    }
    refused(stranger, PASSWORD, by_password("102"), 429, "wait");
    office.pass(HOUR);
    refused(&mut asking, CODE, json!({ "code": code }), 401, "wrong-code");
    refused(stranger, LINK, json!({ "token": late }), 410, "link-spent");
}

/// Every page, list, file and asset there is, or is not.
#[test]
fn whatever_is_looked_at_costs_the_disk_nothing() {
    let before = Before::new();
    let (disk, office) = before.opened();
    let (mut mira, _) = prepared(&before, &office);
    let mut administrator = before.administrator(&office);
    let page = String::from_utf8(office.browser().get("/").bytes).unwrap();
    let asset = page.split('"').find_map(|text| text.strip_prefix("/a/")).unwrap();
    let mut looked = 0;
    for route in ROUTES.iter().filter(|route| route.method == Method::GET) {
        let there = route.path.replace(":extension", "101").replace(":name", "admin");
        let there = there.replace("*asset", asset);
        for path in [there, path_of(route)] {
            for (who, browser) in [
                ("stranger", &mut office.browser()),
                ("person", &mut mira),
                ("administrator", &mut administrator),
            ] {
                let mut status = 0;
                let spent = cost(&disk, || status = browser.get(&path).status);
                // What stands for devices' secrets leaves a line in the journal, and that alone.
                let is_export = path.ends_with("pjsip_wizard.conf") && status == 200;
                assert_eq!(spent.0, u64::from(is_export), "syncs of GET {path}, {who}: {status}");
                assert!(
                    is_export || spent.1 == 0,
                    "{} writes of GET {path}, {who}: {status}",
                    spent.1
                );
                looked += u32::from(status == 200);
            }
        }
    }
    assert!(looked > 100, "{looked} were shown");
}

#[test]
fn what_strangers_ask_for_in_vain_costs_the_disk_nothing() {
    let before = Before::new();
    let (disk, office) = before.opened();
    prepared(&before, &office);
    let spent = cost(&disk, || {
        links::ask(&mut office.browser(), "nobody");
        links::ask(&mut office.browser(), "102");
        office.browser().post("/api/sign-out", Value::Null).expect(204);
        office.browser().post("/nowhere", json!({})).expect(404);
    });
    assert_eq!(spent, (0, 0), "syncs and writes");
}

#[test]
fn changes_that_are_refused_cost_the_disk_nothing() {
    let before = Before::new();
    let (disk, office) = before.opened();
    let mut administrator = before.administrator(&office);
    let spent = cost(&disk, || {
        administrator
            .post("/api/people", json!({ "extension": "101", "name": "Taken" }))
            .refused(409, "taken");
        administrator.delete("/api/people/999").refused(404, "not-found");
        administrator.asked("/api/me/passkeys/begin");
    });
    assert_eq!(spent, (0, 0), "syncs and writes");
}

/// What DESIGN.md says that a stranger can make us write, in KiB: a recovery's letter when it is queued and when it was
/// sent, and a guessed-at account's alarm to one administrator.
#[test]
fn what_strangers_can_make_us_write_is_bounded() {
    let before = Before::new();
    let (disk, office) = before.opened();
    prepared(&before, &office);
    let written = |act: &dyn Fn()| {
        let before = disk.octets();
        act();
        (disk.octets() - before) / 1024
    };
    let queued = written(&|| links::ask(&mut office.browser(), "101"));
    let (id, letter) = links::letters(&office).pop().unwrap();
    let sent = written(&|| {
        crate::scale::write(&office, vec![LettersChange::LetterSent(id, letter.clone()).into()]);
    });
    let alarmed = written(&|| {
        crate::scale::write(
            &office,
            vec![PeopleChange::PasswordGuessed(AccountId(2), "192.0.2.1".parse().unwrap()).into()],
        );
    });
    println!("{queued} KiB queued, {sent} sent, {alarmed} alarmed");
    // A page of redb more or less each, by how the trees lie.
    assert!(queued + sent <= 72 && alarmed <= 32, "{queued} {sent} {alarmed}");
}
