//! Power cuts: every kind of turn, cut at every sync that it makes. Afterwards the store opens, and the turn happened
//! as a whole or not at all; if it was answered with success, it happened.

mod backups;
mod certificates;
mod date;
mod devices;
mod name;
mod surroundings;
mod watch;

use linekey::http::edge::message::{Method, Request};
use linekey::rules::change::{Change, PeopleChange};
use linekey::rules::id::{AccountId, Username};
use linekey::rules::office::journal::Actor;
use linekey::rules::people::one_time::Slot;
use linekey::rules::people::session::Used;
use linekey::rules::secret::{Token, TokenHash};
use linekey::rules::time::Date;
use linekey::rules::verdict::Verdict;
use linekey::store::{Fault, Store};
use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::disk::{Disk, Loss};
use crate::links::set_relay;
use crate::office::{Browser, MINUTE, ORIGIN, Office, Reply, token_of};

/// All ways in which unsynced writes are lost in these tests.
fn losses() -> Vec<Loss> {
    [Loss::All, Loss::None]
        .into_iter()
        .chain((0..12).map(Loss::Some))
        .collect()
}

/// Everything that the store knows, through every index that leads to it.
pub fn contents(office: &Office) -> String {
    contents_of(&office.state.store).expect("the store can be read as a whole")
}

/// The same; or why it cannot be read.
pub fn contents_of(store: &Store) -> Result<String, Fault> {
    store.read(|facts| {
        let mut text = format!("accounts {} passkeys {}\n", facts.accounts()?, facts.passkeys()?);
        for number in 0..facts.next_account()?.0 {
            let id = AccountId(number);
            let account = facts.account(id)?;
            for name in account.iter().flat_map(|account| account.usernames()) {
                text += &format!("{name:?} is {:?}\n", facts.owner_of(&name)?);
            }
            text += &format!("{id:?} {account:?}\n{:?}\n", facts.passkeys_of(id)?);
            text += &format!("{:?}\n{:?}\n", facts.sessions_of(id)?, facts.invite_of(id)?);
            text += &format!("reads {:?}\n", facts.language(id)?);
        }
        for name in ["admin", "101", "102", "103"] {
            text += &format!("{name} is {:?}\n", facts.owner_of(&Username::from_typed(name))?);
        }
        text += &format!("{:?}\n{:?}\n", facts.relay()?, facts.letters()?);
        text += &format!("{:?}\n{:?}\n", facts.devices()?, facts.next_device()?);
        text += &format!("{:?}\n", facts.surroundings()?);
        text += &format!("{:?}\n{:?}\n", facts.schedule()?, facts.outcomes()?);
        text += &format!("{:?}\n{:?}\n", facts.metrics()?, facts.syslog()?);
        text += &format!("{:?}\n{:?}\n", facts.bucket()?, facts.tenure()?);
        text += &format!("{:?} {:?}\n", facts.moving()?, facts.earlier_names()?);
        let people = facts.people_after(None, 100)?;
        text += &format!(
            "{:?}\n",
            people.iter().map(|listed| listed.account.id).collect::<Vec<_>>()
        );
        for slot in Slot::ALL {
            text += &format!("{:?}\n", facts.one_time(slot)?);
        }
        text += &format!(
            "{:?} {:?}\n{:#?}",
            facts.settings()?,
            facts.newest()?,
            facts.journal(None, 1000, |_| true)?
        );
        Ok(text)
    })
}

/// An office with an administrator and the person 101, on a disk that is then copied for each cut. What a test needs to
/// know of it besides.
pub struct Before {
    bytes: Vec<u8>,
    clock: u64,
    administrator: Option<String>,
    pub authenticator: Authenticator,
    link: String,
}

impl Before {
    pub fn new() -> Self {
        let disk = Disk::empty();
        let office = Office::over(disk.clone(), 1);
        let (mut administrator, authenticator) = office.administrator();
        office.person(&mut administrator, "101", 1);
        let added = administrator
            .post("/api/people", json!({ "extension": "102", "name": "Jonas" }))
            .expect(201);
        office.arm("admin", "another five words this time");
        office.pass(MINUTE);
        let (bytes, clock) = (disk.after(Loss::All), office.now());
        Self {
            bytes,
            clock,
            administrator: administrator.cookie,
            authenticator,
            link: token_of(&added.json["invite"]),
        }
    }

    /// The same, in an office that sends letters; 101 and the administrator have an address.
    fn with_mail() -> Self {
        let before = Self::new();
        let (disk, office) = before.opened();
        let mut administrator = before.administrator(&office);
        set_relay(&mut administrator);
        for (path, email) in [
            ("/api/people/101", "ida@example.org"),
            ("/api/administrators/admin", "owner@example.org"),
        ] {
            administrator.patch(path, json!({ "email": email })).expect(200);
        }
        let bytes = disk.after(Loss::All);
        Self { bytes, ..before }
    }

    /// The same office with other dice, on a disk of its own.
    pub fn opened(&self) -> (Disk, Office) {
        let (disk, office) = opened(self.bytes.clone());
        office.set_clock(self.clock);
        (disk, office)
    }

    pub fn administrator<'a>(&self, office: &'a Office) -> Browser<'a> {
        Browser {
            cookie: self.administrator.clone(),
            ..office.browser()
        }
    }
}

/// Over TLS where the request says so.
fn sent(office: &Office, request: Request) -> Reply {
    let secure = request.peer.secure;
    let mut browser = Browser {
        secure,
        ..office.browser()
    };
    browser.send(request)
}

fn opened(bytes: Vec<u8>) -> (Disk, Office) {
    let disk = Disk::holding(bytes);
    let office = Office::over(disk.clone(), 2);
    (disk, office)
}

/// Cuts the turn that `ask` asks for at each of its syncs; `ask` may use the desk first. Answers with how many cuts
/// there were.
fn cut_everywhere(ask: impl Fn(&Before, &Office) -> Request) -> u64 {
    cut_everywhere_of(&Before::new(), ask)
}

fn cut_everywhere_of(before: &Before, ask: impl Fn(&Before, &Office) -> Request) -> u64 {
    let (disk, office) = before.opened();
    let untouched = contents(&office);
    let request = ask(before, &office);
    let answer = sent(&office, request);
    assert!(answer.status < 300, "{answer:?}");
    let done = contents(&office);
    assert_ne!(untouched, done, "the turn changes something");
    disk.cut();
    for loss in losses() {
        let (_, office) = opened(disk.after(loss));
        assert_eq!(
            contents(&office),
            done,
            "answered with success, then {loss:?} of what was not synced is lost"
        );
    }

    for cut in 1.. {
        let (disk, office) = before.opened();
        let request = ask(before, &office);
        disk.cut_at_sync(cut);
        let answer = sent(&office, request);
        if disk.cut() {
            assert!(cut > 1, "the turn syncs");
            assert!(answer.status < 300, "{answer:?}");
            return cut - 1;
        }
        drop(office);
        for loss in losses() {
            let (_, office) = opened(disk.after(loss));
            let found = contents(&office);
            let whole = found == done || (found == untouched && answer.status >= 500);
            assert!(
                whole,
                "cut at sync {cut} with {loss:?}, answered {}: neither before nor after\n{found}",
                answer.status
            );
        }
    }
    unreachable!("a turn that syncs for ever")
}

fn request(browser: &Browser<'_>, method: Method, path: &str, body: Value) -> Request {
    browser.request(method, path, &body)
}

#[test]
fn adding_a_person_is_all_or_nothing() {
    cut_everywhere(|before, office| {
        let card = json!({ "extension": "103", "name": "Ada", "email": "ada@example.org" });
        request(&before.administrator(office), Method::POST, "/api/people", card)
    });
}

/// Of a letter and what it tells of neither is there without the other.
#[test]
fn a_letter_is_queued_with_what_it_tells_of_or_neither_happened() {
    let before = Before::with_mail();
    cut_everywhere_of(&before, |before, office| {
        let card = json!({ "extension": "103", "name": "Ada", "email": "ada@example.org" });
        let browser = Browser {
            language: Some("de"),
            ..before.administrator(office)
        };
        request(&browser, Method::POST, "/api/people", card)
    });
    cut_everywhere_of(&before, |before, office| {
        let mut administrator = before.administrator(office);
        let asked = administrator.asked("/api/me/passkeys/begin");
        let credential = Authenticator::new(ORIGIN, 9).create(&asked["publicKey"]);
        let body = json!({ "ticket": asked["ticket"], "credential": credential });
        request(&administrator, Method::POST, "/api/me/passkeys/finish", body)
    });
    // The second link withdraws the letter with the first.
    let (disk, office) = before.opened();
    let mut administrator = before.administrator(&office);
    let first = administrator.post("/api/people/101/invite", json!({})).expect(201);
    assert_eq!(first.json["mailed_to"], json!("ida@example.org"));
    let before = Before {
        bytes: disk.after(Loss::All),
        ..before
    };
    cut_everywhere_of(&before, |before, office| {
        request(
            &before.administrator(office),
            Method::POST,
            "/api/people/101/invite",
            json!({}),
        )
    });
}

#[test]
fn changing_a_persons_number_is_all_or_nothing() {
    cut_everywhere(|before, office| {
        request(
            &before.administrator(office),
            Method::PATCH,
            "/api/people/101",
            json!({ "extension": "103" }),
        )
    });
}

#[test]
fn adding_a_passkey_is_all_or_nothing() {
    cut_everywhere(|before, office| {
        let mut administrator = before.administrator(office);
        let asked = administrator.asked("/api/me/passkeys/begin");
        let credential = Authenticator::new(ORIGIN, 9).create(&asked["publicKey"]);
        let body = json!({ "ticket": asked["ticket"], "credential": credential });
        request(&administrator, Method::POST, "/api/me/passkeys/finish", body)
    });
}

#[test]
fn signing_in_is_all_or_nothing() {
    cut_everywhere(|before, office| {
        let mut browser = office.browser();
        let asked = browser.asked("/api/sign-in/passkey/begin");
        let body = json!({ "ticket": asked["ticket"], "credential": before.authenticator.get(&asked["publicKey"]) });
        request(&browser, Method::POST, "/api/sign-in/passkey/finish", body)
    });
}

#[test]
fn spending_a_link_is_all_or_nothing() {
    cut_everywhere(|before, office| {
        request(
            &office.browser(),
            Method::POST,
            "/api/sign-in/link",
            json!({ "token": before.link }),
        )
    });
}

#[test]
fn spending_a_one_time_password_is_all_or_nothing() {
    cut_everywhere(|_, office| {
        let body = json!({ "username": "admin", "password": "another five words this time" });
        request(&office.browser(), Method::POST, "/api/sign-in/password", body)
    });
}

#[test]
fn deleting_a_person_is_all_or_nothing() {
    cut_everywhere(|before, office| {
        request(
            &before.administrator(office),
            Method::DELETE,
            "/api/people/101",
            Value::Null,
        )
    });
}

#[test]
fn ending_a_session_is_all_or_nothing() {
    cut_everywhere(|before, office| {
        request(
            &before.administrator(office),
            Method::POST,
            "/api/sign-out",
            Value::Null,
        )
    });
}

pub fn hash_of(browser: &Browser<'_>) -> TokenHash {
    let (_, token) = browser.cookie.as_ref().unwrap().split_once('=').unwrap();
    Token::parse(token).unwrap().hash()
}

#[test]
fn a_passkey_made_while_its_owner_is_being_deleted_is_not_kept() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let (mut mira, _) = office.person(&mut administrator, "101", 1);
    let asked = mira.asked("/api/me/passkeys/begin");
    let credential = Authenticator::new(ORIGIN, 9).create(&asked["publicKey"]);
    let body = json!({ "ticket": asked["ticket"], "credential": credential });
    let session = hash_of(&mira);
    office.pass(1);

    let (state, now) = (&office.state, Date(office.now()));
    let (writing, begun) = std::sync::mpsc::channel();
    let (leave, left) = std::sync::mpsc::channel();
    let told = std::thread::scope(|scope| {
        let deleting = scope.spawn(move || {
            state.store.turn_now(Actor::APPLIANCE, state.moment(), |facts, _| {
                let mira = facts.account_by_username(&Username::from_typed("101"))?.unwrap();
                writing.send(()).unwrap();
                left.recv().unwrap();
                Ok(Verdict::yes(
                    (),
                    vec![Change::People(PeopleChange::AccountDeleted(mira))],
                ))
            })
        });
        begun.recv().unwrap();
        let finishing = scope.spawn(move || mira.post("/api/me/passkeys/finish", body));
        // As soon as the desk knows of this use, the server has seen that Mira is signed in.
        while state
            .desk
            .uses()
            .newest(Used::Session(session))
            .is_none_or(|seen| seen.at < now)
        {
            std::thread::yield_now();
        }
        leave.send(()).unwrap();
        deleting.join().unwrap().unwrap().unwrap();
        finishing.join().unwrap()
    });
    told.refused(401, "signed-out");
    assert_eq!(
        office.state.store.read(|facts| facts.passkeys()).unwrap(),
        1,
        "the administrator's alone"
    );
}
