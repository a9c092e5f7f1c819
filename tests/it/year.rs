//! A year in the life of an office of thirty: people come and go, lose their phones, stay away, ask for letters; three
//! times nobody can get in. Every evening, before anything is swept away, nothing that is over works any more and
//! whoever has a passkey gets in with it; after it, everything is bounded.

mod evening;
mod mail;
mod moved;

use linekey::rules::office::journal::Actor;
use linekey::rules::office::rescue;
use linekey::rules::secret::Token;
use linekey::rules::verdict::Verdict;
use mail::{Mail, token_in};
use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::disk::Disk;
use crate::links::{ask, letters, set_relay};
use crate::office::{Browser, DAY, HOUR, ORIGIN, Office, token_of};

/// The store may not grow beyond this, however long the office lives: 10,000 lines of journal are a good half of it.
const STORE: usize = 4 << 20;
/// Mornings that somebody may stand at the door, with a mail server like this one.
const PATIENCE: u32 = 4;
/// How long somebody stays away: longer than an invitation lasts.
const AWAY: u64 = 8;

/// Somebody with a desk, a browser and a phone.
struct Colleague<'a> {
    /// Where administrators find them.
    path: String,
    username: String,
    email: Option<String>,
    browser: Browser<'a>,
    phone: Authenticator,
    /// The day on which they come.
    comes: u64,
    /// Mornings in a row without a way in.
    outside: u32,
    /// A link that was handed to them, or that they kept.
    link: Option<String>,
}

struct Year<'a> {
    office: &'a Office,
    day: u64,
    administrator: Browser<'a>,
    key: Authenticator,
    people: Vec<Colleague<'a>>,
    hired: u32,
    phones: u8,
    mail: Mail,
    /// Links that there were: the token, and when it ends.
    links: Vec<(String, u64)>,
    /// Cookies that were given out, and when they stop working at the latest.
    cookies: Vec<(Browser<'a>, u64)>,
    /// Links and sessions that were over and still in the store when they were tried.
    overdue: (u32, u32),
    recoveries: u32,
    by_letter: u32,
}

impl<'a> Year<'a> {
    fn begin(office: &'a Office) -> Self {
        let (mut administrator, key) = office.administrator();
        set_relay(&mut administrator);
        administrator
            .patch("/api/administrators/admin", json!({ "email": "admin@example.org" }))
            .expect(200);
        let mut year = Self {
            office,
            day: 0,
            administrator,
            key,
            people: Vec::new(),
            hired: 0,
            phones: 0,
            mail: Mail::default(),
            links: Vec::new(),
            cookies: Vec::new(),
            overdue: (0, 0),
            recoveries: 0,
            by_letter: 0,
        };
        let deputy = json!({ "username": "deputy", "name": "The deputy", "email": "deputy@example.org" });
        year.add("/api/administrators", "deputy", deputy);
        (0..30).for_each(|_| year.hire());
        year
    }

    fn new_phone(&mut self) -> Authenticator {
        self.phones += 1;
        Authenticator::new(ORIGIN, self.phones)
    }

    fn hire(&mut self) {
        let extension = (100 + self.hired).to_string();
        let mut card = json!({ "extension": extension, "name": format!("Person {extension}") });
        // Every fifth has no address.
        if !self.hired.is_multiple_of(5) {
            card["email"] = json!(format!("{extension}@example.org"));
        }
        self.add("/api/people", &extension, card);
    }

    fn add(&mut self, list: &str, username: &str, card: Value) {
        self.hired += 1;
        self.administer();
        let email = card["email"].as_str().map(str::to_owned);
        let added = self.administrator.post(list, card).expect(201).json;
        let (stays_away, phone) = (self.hired.is_multiple_of(7), self.new_phone());
        let mut colleague = Colleague {
            path: format!("{list}/{username}"),
            username: username.to_owned(),
            email,
            browser: self.office.browser(),
            phone,
            comes: self.day + if stays_away { AWAY } else { 0 },
            outside: 0,
            link: None,
        };
        self.hand_over(&added["invite"], &mut colleague);
        self.people.push(colleague);
    }

    /// A link that was made: handed over now, or in a letter.
    fn hand_over(&mut self, invite: &Value, colleague: &mut Colleague<'a>) {
        let token = if invite["link"].is_string() {
            colleague.link = Some(token_of(invite));
            token_of(invite)
        } else {
            assert_eq!(invite["mailed_to"], json!(colleague.email));
            self.newest_link(colleague.email.as_ref().unwrap())
        };
        self.links.push((token, invite["until"].as_u64().unwrap()));
    }

    /// The link in the newest letter to that address, as it waits in the outbox.
    fn newest_link(&self, email: &str) -> String {
        let waiting = letters(self.office).into_iter().rev();
        let mut links = waiting
            .filter(|(_, letter)| letter.to.as_str() == email)
            .filter_map(|(_, letter)| token_in(letter.open(&self.office.state.key).unwrap()));
        links.next().expect("a letter with a link")
    }

    /// The administrator is signed in, and just proved it.
    fn administer(&mut self) {
        if self.administrator.get("/api/me").status == 401 {
            self.administrator.sign_in_by_passkey(&self.key).expect(200);
            self.cookies
                .push((self.administrator.clone(), self.office.now() + 30 * DAY));
        }
        self.administrator.prove_by_passkey(&self.key).expect(200);
    }

    /// A phone falls into the river: its passkey and every session go.
    fn lose_phone(&mut self, number: usize) {
        self.administer();
        let phone = self.new_phone();
        let one = &mut self.people[number];
        self.administrator.delete(&format!("{}/passkeys", one.path)).expect(204);
        self.administrator.delete(&format!("{}/sessions", one.path)).expect(204);
        let lost = std::mem::replace(&mut one.phone, phone);
        one.browser.get("/api/me").refused(401, "signed-out");
        self.office
            .browser()
            .sign_in_by_passkey(&lost)
            .refused(401, "unknown-passkey");
    }

    fn leave(&mut self, number: usize) {
        self.administer();
        let mut gone = self.people.remove(number);
        self.administrator.delete(&gone.path).expect(204);
        gone.browser.get("/api/me").refused(401, "signed-out");
        if !gone.phone.passkeys.is_empty() {
            let again = gone.browser.sign_in_by_passkey(&gone.phone);
            again.refused(401, "unknown-passkey");
        }
    }

    /// `--factory-reset=access`, and what the next start prints.
    fn rescue(&mut self) {
        let state = &self.office.state;
        let reset = state.store.turn_now(Actor::APPLIANCE, state.moment(), |facts, _| {
            Ok(Verdict::yes((), rescue::reset_access(&facts.administrators()?)))
        });
        reset.unwrap().unwrap();
        self.administrator.get("/api/me").refused(401, "signed-out");
        let phone = self.new_phone();
        let deputy = self.people.iter_mut().find(|one| one.username == "deputy").unwrap();
        let lost = std::mem::replace(&mut deputy.phone, phone);
        for old in [&self.key, &lost]
            .into_iter()
            .filter(|phone| !phone.passkeys.is_empty())
        {
            let mut browser = self.office.browser();
            browser.sign_in_by_passkey(old).refused(401, "unknown-passkey");
        }
        let word = format!("the word of day {}", self.day);
        self.office.arm("admin", &word);
        self.administrator.sign_in_by_password("admin", &word).expect(200);
        self.key = self.new_phone();
        self.administrator.add_passkey(&mut self.key).expect(201);
        let mut again = self.office.browser();
        again.sign_in_by_password("admin", &word).refused(401, "not-signed-in");
    }

    /// Everybody comes to work: whoever is signed in stays so, the others sign in; who cannot tries the links they
    /// have, and asks for another.
    fn morning(&mut self) {
        for number in 0..self.people.len() {
            let one = &mut self.people[number];
            if one.comes > self.day || one.browser.get("/api/me").status == 200 {
                continue;
            }
            let came_in = if one.phone.passkeys.is_empty() {
                self.comes_by_link(number)
            } else {
                one.browser.sign_in_by_passkey(&one.phone).expect(200);
                true
            };
            let one = &mut self.people[number];
            if came_in {
                one.outside = 0;
                self.cookies.push((one.browser.clone(), self.office.now() + 30 * DAY));
                continue;
            }
            one.outside += 1;
            assert!(
                one.outside <= PATIENCE,
                "day {}: {} waits outside",
                self.day,
                one.username
            );
            self.ask_for_another(number);
        }
    }

    /// Who asked looks into the mailbox.
    fn noon(&mut self) {
        self.mail.deliver(self.office, self.day);
        for number in 0..self.people.len() {
            if self.people[number].outside > 0 && self.comes_by_link(number) {
                self.by_letter += 1;
                self.people[number].outside = 0;
                let browser = self.people[number].browser.clone();
                self.cookies.push((browser, self.office.now() + 30 * DAY));
            }
        }
    }

    fn comes_by_link(&mut self, number: usize) -> bool {
        let one = &mut self.people[number];
        let mailed = one.email.as_deref().and_then(|email| self.mail.link(email));
        for token in [one.link.take(), mailed].into_iter().flatten() {
            let followed = one.browser.sign_in_by_link(&token);
            if followed.status == 200 {
                one.browser.add_passkey(&mut one.phone).expect(201);
                return true;
            }
            followed.refused(410, "link-spent");
        }
        false
    }

    /// By letter, if they have an address and have not waited long; else from the administrator's hand.
    fn ask_for_another(&mut self, number: usize) {
        let (email, outside) = (self.people[number].email.clone(), self.people[number].outside);
        if let Some(email) = email.filter(|_| outside < 3) {
            self.recoveries += 1;
            // Each from their own desk.
            let desk = std::net::Ipv4Addr::new(192, 0, 2, u8::try_from(number).unwrap());
            ask(&mut self.office.browser_at(desk.into()), &self.people[number].username);
            let token = self.newest_link(&email);
            // As long as the one that it replaces, or an hour.
            let hash = Token::parse(&token).unwrap().hash();
            let kept = self.office.state.store.read(|facts| facts.invite(hash)).unwrap();
            self.links.push((token, kept.unwrap().until.0));
            return;
        }
        self.administer();
        let path = format!("{}/invite", self.people[number].path);
        let made = self.administrator.post(&path, json!({ "hand_over": true })).expect(201);
        let mut one = self.people.remove(number);
        self.hand_over(&made.json, &mut one);
        self.people.insert(number, one);
    }
}

#[test]
fn a_year_goes_by_and_every_evening_the_office_is_in_order() {
    let mut disk = Disk::empty();
    let mut office: &Office = Box::leak(Box::new(Office::over(disk.clone(), 365)));
    let mut year = Year::begin(office);
    for day in 1..=365_u64 {
        year.day = day;
        office.pass(DAY - HOUR);
        year.morning();
        let somebody = usize::try_from(day * 7 % 29).unwrap() % (year.people.len() - 1) + 1;
        if day % 9 == 0 && !year.people[somebody].phone.passkeys.is_empty() {
            year.lose_phone(somebody);
        }
        if day % 21 == 0 {
            year.leave(somebody);
            year.hire();
        }
        if [100, 200, 300].contains(&day) {
            year.rescue();
        }
        year.noon();
        office.pass(HOUR);
        year.nothing_that_is_over_works();
        year.whoever_has_a_passkey_gets_in();
        office.state.write_down().unwrap();
        office.state.sweep().unwrap();
        year.everything_is_bounded(&disk);
        if day == 200 {
            (office, disk) = year.moves();
        }
        if day == 300 {
            (office, disk) = year.is_taken_over();
        }
    }
    let lines = office
        .state
        .store
        .read(|facts| facts.journal(None, usize::MAX, |_| true));
    let lines = lines.unwrap();
    assert_eq!(lines.len(), 10_000);
    assert!(lines[9_999].0 > 1_000, "the year fills the journal, and more");
    assert!(
        year.overdue.0 >= 5 && year.overdue.1 >= 5_000,
        "{:?} were over",
        year.overdue
    );
    let Mail {
        taken,
        refused,
        given_up,
        ..
    } = year.mail;
    let mail = [taken, refused, given_up, year.recoveries, year.by_letter];
    assert!(mail.iter().all(|count| *count > 5), "{mail:?}");
}
