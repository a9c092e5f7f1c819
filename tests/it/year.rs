//! A year in the life of an office of thirty: people come and go, lose their phones, forget to come back; three times
//! nobody can get in. After every day the office is in order.

use linekey::rules::journal::Actor;
use linekey::rules::people::rescue;
use linekey::rules::verdict::Verdict;
use serde_json::json;

use crate::authenticator::Authenticator;
use crate::disk::Disk;
use crate::office::{Browser, DAY, HOUR, ORIGIN, Office, token_of};

/// The store may not grow beyond this, however long the office lives: 10,000 lines of journal are a good half of it.
const STORE: usize = 4 << 20;

/// Somebody with a desk, a browser and a phone.
struct Colleague<'a> {
    extension: String,
    browser: Browser<'a>,
    phone: Authenticator,
}

struct Year<'a> {
    office: &'a Office,
    administrator: Browser<'a>,
    key: Authenticator,
    people: Vec<Colleague<'a>>,
    hired: u32,
    /// Links that were handed out: the token, and when it ends.
    links: Vec<(String, u64)>,
    /// Cookies that were given out, and when they stop working at the latest.
    cookies: Vec<(Browser<'a>, u64)>,
}

impl<'a> Year<'a> {
    fn begin(office: &'a Office) -> Self {
        let (administrator, key) = office.administrator();
        let mut year = Self {
            office,
            administrator,
            key,
            people: Vec::new(),
            hired: 0,
            links: Vec::new(),
            cookies: Vec::new(),
        };
        (0..30).for_each(|_| year.hire());
        year
    }

    fn hire(&mut self) {
        let extension = (100 + self.hired).to_string();
        self.hired += 1;
        self.administer();
        let card = json!({ "extension": extension, "name": format!("Person {extension}") });
        let added = self.administrator.post("/api/people", card).expect(201);
        let token = token_of(&added.json["invite"]);
        self.links
            .push((token.clone(), added.json["invite"]["until"].as_u64().unwrap()));
        let mut colleague = Colleague {
            extension,
            browser: self.office.browser(),
            phone: Authenticator::new(ORIGIN, u8::try_from(self.hired % 250).unwrap()),
        };
        // Every seventh leaves the link lying until it is too old.
        if !self.hired.is_multiple_of(7) {
            follow(&mut colleague, &token);
        }
        self.people.push(colleague);
    }

    /// The administrator is signed in, and just proved it.
    fn administer(&mut self) {
        if self.administrator.get("/api/me").status == 401 {
            self.administrator.sign_in_by_passkey(&self.key).expect(200);
        }
        self.administrator.prove_by_passkey(&self.key).expect(200);
    }

    fn new_link(&mut self, number: usize) {
        self.administer();
        let path = format!("/api/people/{}/invite", self.people[number].extension);
        let made = self.administrator.post(&path, json!({})).expect(201);
        let token = token_of(&made.json);
        self.links.push((token.clone(), made.json["until"].as_u64().unwrap()));
        follow(&mut self.people[number], &token);
    }

    /// A phone falls into the river: its passkey and every session go, and a new link brings its owner back.
    fn lose_phone(&mut self, number: usize) {
        self.administer();
        let path = format!("/api/people/{}", self.people[number].extension);
        self.administrator.delete(&format!("{path}/passkeys")).expect(204);
        self.administrator.delete(&format!("{path}/sessions"));
        let old = self.people[number].phone.clone();
        self.people[number].browser.get("/api/me").refused(401, "signed-out");
        self.new_link(number);
        self.office
            .browser()
            .sign_in_by_passkey(&old)
            .refused(401, "unknown-passkey");
    }

    fn leave(&mut self, number: usize) {
        self.administer();
        let mut gone = self.people.remove(number);
        self.administrator
            .delete(&format!("/api/people/{}", gone.extension))
            .expect(204);
        gone.browser.get("/api/me").refused(401, "signed-out");
        gone.browser
            .sign_in_by_passkey(&gone.phone)
            .refused(401, "unknown-passkey");
    }

    /// `--factory-reset=access`, and what the next start prints.
    fn rescue(&mut self, day: u64) {
        let state = &self.office.state;
        let reset = state.store.turn_now(Actor::APPLIANCE, state.moment(), |facts, _| {
            Ok(Verdict::yes((), rescue::reset_access(&facts.administrators()?)))
        });
        reset.unwrap().unwrap();
        self.administrator.get("/api/me").refused(401, "signed-out");
        self.office
            .browser()
            .sign_in_by_passkey(&self.key)
            .refused(401, "unknown-passkey");
        let word = format!("the word of day {day}");
        self.office.arm("admin", &word);
        self.administrator.sign_in_by_password("admin", &word).expect(200);
        self.key = Authenticator::new(ORIGIN, u8::try_from(day % 250).unwrap());
        self.administrator.add_passkey(&mut self.key).expect(201);
        self.office
            .browser()
            .sign_in_by_password("admin", &word)
            .refused(401, "not-signed-in");
    }

    /// Everybody comes to work: whoever is signed in stays so, the others sign in, and who cannot asks for a link.
    fn morning(&mut self) {
        for number in 0..self.people.len() {
            let one = &mut self.people[number];
            if one.browser.get("/api/me").status == 200 {
                continue;
            }
            let until = self.office.now() + 30 * DAY;
            if one.phone.passkeys.is_empty() {
                self.new_link(number);
            } else {
                one.browser.sign_in_by_passkey(&one.phone).expect(200);
            }
            self.cookies.push((self.people[number].browser.clone(), until));
        }
    }

    fn in_order(&mut self, day: u64, disk: &Disk) {
        let now = self.office.now();
        let state = &self.office.state;
        let (sessions, invites, accounts) = state
            .store
            .read(|facts| {
                Ok((
                    facts.all_sessions()?,
                    facts.all_invites()?,
                    facts.people_after(None, usize::MAX)?,
                ))
            })
            .unwrap();
        assert!(disk.length() <= STORE, "day {day}: {} bytes", disk.length());
        assert!(
            sessions.len() <= 3 * (self.people.len() + 1),
            "day {day}: {} sessions are kept",
            sessions.len()
        );
        assert!(
            invites.len() <= self.people.len(),
            "day {day}: {} links are kept",
            invites.len()
        );
        assert_eq!(accounts.len(), self.people.len(), "day {day}");
        for listed in &accounts {
            let invited = listed.invited_until.is_some_and(|until| until.0 > now);
            let way_in = listed.passkeys > 0 || invited;
            assert!(way_in, "day {day}: {} has no way in", listed.account.username());
        }
        for (token, until) in std::mem::take(&mut self.links) {
            if until <= now {
                self.office.browser().sign_in_by_link(&token).refused(410, "link-spent");
            } else {
                self.links.push((token, until));
            }
        }
        self.cookies.retain_mut(|(browser, until)| {
            let over = *until <= now;
            if over {
                browser.get("/api/me").refused(401, "signed-out");
            }
            !over
        });
        let ended = sessions.iter().filter(|session| session.until.0 <= now).count();
        assert_eq!(ended, 0, "day {day}: sessions that are over are kept");
        let who = state.store.read(|facts| {
            let all = facts.administrators()?.into_iter();
            all.map(|account| facts.passkeys_of(account.id))
                .collect::<Result<Vec<_>, _>>()
        });
        let ways_in = who.unwrap().concat().len();
        assert!(ways_in > 0, "day {day}: no administrator can sign in");
        let live = sessions.iter().filter(|session| session.until.0 > now).count();
        let signed_in = self.people.iter_mut().map(|one| one.browser.get("/api/me").status);
        let signed_in = signed_in.filter(|status| *status == 200).count();
        assert!(
            signed_in <= live,
            "day {day}: {signed_in} are in with {live} live sessions"
        );
    }
}

fn follow(colleague: &mut Colleague<'_>, token: &str) {
    colleague.browser.sign_in_by_link(token).expect(200);
    colleague.browser.add_passkey(&mut colleague.phone).expect(201);
}

#[test]
fn a_year_goes_by_and_every_evening_the_office_is_in_order() {
    let disk = Disk::empty();
    let office = Office::over(disk.clone(), 365);
    let mut year = Year::begin(&office);
    for day in 1..=365_u64 {
        office.pass(DAY - HOUR);
        year.morning();
        let somebody = usize::try_from(day * 7 % 29).unwrap() % year.people.len();
        if day % 9 == 0 {
            year.lose_phone(somebody);
        }
        if day % 21 == 0 {
            year.leave(somebody);
            year.hire();
        }
        if [100, 200, 300].contains(&day) {
            year.rescue(day);
        }
        office.pass(HOUR);
        office.state.write_down().unwrap();
        office.state.sweep().unwrap();
        year.in_order(day, &disk);
    }
    let lines = office
        .state
        .store
        .read(|facts| facts.journal(None, usize::MAX, |_| true))
        .unwrap();
    assert!(lines.len() > 500 && lines.len() <= 10_000, "{} lines", lines.len());
}
