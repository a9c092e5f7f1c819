//! What is written to the disk, and when: as seldom as can be.

use linekey::appliance::upkeep::keep_up;
use linekey::rules::id::AccountId;
use linekey::rules::moment::UnixTime;
use linekey::rules::people::session::{Use, Used};
use serde_json::{Value, json};

use crate::disk::Disk;
use crate::office::{MINUTE, Office};
use crate::turns::{Before, hash_of};

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
        at: UnixTime(at),
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
fn last_used_is_exact_to_five_minutes_even_when_the_power_goes() {
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
            assert!(behind <= 5 * MINUTE, "{behind} seconds");
        }
        rounds.set(rounds.get() + 1);
        let done = rounds.get() == 12;
        async move {
            if done {
                std::future::pending::<()>().await;
            }
        }
    };
    let kept = keep_up(office.state.clone(), None, pause);
    let watched = async {
        while rounds.get() < 12 {
            smol::future::yield_now().await;
        }
    };
    smol::block_on(smol::future::or(watched, kept));
    assert!(office.now() - began >= 12 * MINUTE);
    assert!(written().last_used.at.0 > began, "something was written down");
}

/// What `act` costs: (syncs, writes).
/// Syncs and writes that it costs.
pub fn cost(disk: &Disk, act: impl FnOnce()) -> (u64, u64) {
    let before = (disk.syncs(), disk.writes());
    act();
    (disk.syncs() - before.0, disk.writes() - before.1)
}

#[test]
fn what_strangers_do_costs_the_disk_nothing() {
    let before = Before::new();
    let (disk, office) = before.opened();
    let spent = cost(&disk, || {
        for path in [
            "/",
            "/join",
            "/home",
            "/a/none",
            "/healthz",
            "/api/site",
            "/api/me",
            "/nowhere",
            "/favicon.ico",
        ] {
            office.browser().get(path);
        }
        crate::links::ask(&mut office.browser(), "101");
        office.browser().post("/api/sign-out", Value::Null).expect(204);
        office
            .browser()
            .sign_in_by_password("admin", "a wrong sentence")
            .refused(401, "not-signed-in");
        office
            .browser()
            .sign_in_by_password("nobody", "a wrong sentence")
            .refused(401, "not-signed-in");
        office
            .browser()
            .sign_in_by_link(&"A".repeat(43))
            .refused(410, "link-spent");
        let mut browser = office.browser();
        let asked = browser.asked("/api/sign-in/passkey/begin");
        let mut credential = before.authenticator.get(&asked["publicKey"]);
        credential["response"]["signature"] = json!("MAYCAQECAQE");
        let body = json!({ "ticket": asked["ticket"], "credential": credential });
        browser
            .post("/api/sign-in/passkey/finish", body)
            .refused(401, "not-signed-in");
    });
    assert_eq!(spent, (0, 0), "syncs and writes");
}

#[test]
fn looking_around_while_signed_in_costs_the_disk_nothing() {
    let before = Before::new();
    let (disk, office) = before.opened();
    let mut administrator = before.administrator(&office);
    let spent = cost(&disk, || {
        for path in [
            "/home",
            "/people",
            "/api/me",
            "/api/me/passkeys",
            "/api/me/sessions",
            "/api/people",
            "/api/people/101",
        ] {
            administrator.get(path).expect(200);
        }
        administrator
            .post("/api/people", json!({ "extension": "101", "name": "Taken" }))
            .refused(409, "taken");
        administrator.delete("/api/people/999").refused(404, "not-found");
        administrator.asked("/api/me/passkeys/begin");
    });
    assert_eq!(spent, (0, 0), "syncs and writes");
}

#[test]
fn a_sign_in_costs_one_durable_commit() {
    let before = Before::new();
    let (disk, office) = before.opened();
    let mut syncs = Vec::new();
    for _ in 0..5 {
        let mut browser = office.browser();
        let asked = browser.asked("/api/sign-in/passkey/begin");
        let body = json!({ "ticket": asked["ticket"], "credential": before.authenticator.get(&asked["publicKey"]) });
        let spent = cost(&disk, || {
            drop(browser.post("/api/sign-in/passkey/finish", body).expect(200))
        });
        syncs.push(spent.0);
    }
    assert_eq!(syncs, [1; 5], "syncs of each sign-in");
}
