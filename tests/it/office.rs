//! The one world: the real server over a real redb, with the clock and the dice in the test's hand and no socket.

use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use linekey::http::edge::application::Application;
use linekey::http::edge::message::{Receipt, Request, Response};
use linekey::http::front::{router, routes};
use linekey::net::peer::Peer;
use linekey::office::{Office as State, Parts, Shared, Site, World};
use linekey::rules::id::{AdminName, HostName};
use linekey::rules::moment::Reading;
use linekey::rules::office::journal::Actor;
use linekey::rules::people::account::Effort;
use linekey::rules::people::one_time::{self, Slot};
use linekey::rules::secret::SealKey;
use linekey::rules::time::Date;
use linekey::rules::verdict::Verdict;
use linekey::rules::webauthn::RelyingParty;
use linekey::store::Store;
use redb::StorageBackend;
use redb::backends::InMemoryBackend;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use smol::io::{AsyncRead, AsyncReadExt};

use crate::authenticator::Authenticator;
pub use crate::browser::{Browser, Reply};
use crate::hand::{self, Hand};
use crate::openapi;

pub const ORIGIN: &str = "http://localhost:8080";
pub const ONE_TIME: &str = "four words for one time";
pub const MINUTE: u64 = 60;
pub const HOUR: u64 = 60 * MINUTE;
pub const DAY: u64 = 24 * HOUR;
/// Password checks cost little here.
const CHEAP: Effort = Effort { memory: 64, passes: 1 };
/// When every world begins: 2026-11-23T08:00:00Z.
const MORNING: u64 = 1_795_420_800;

pub struct Office {
    pub state: Shared,
    application: Box<Application>,
    pub hand: Hand,
    /// For how long somebody slept: here nobody does, unless …
    pub pauses: Arc<Mutex<Vec<Duration>>>,
    /// … they are to, for a tenth of the time.
    #[allow(dead_code, reason = "the benchmark's")]
    pub sleeps: Arc<AtomicBool>,
}

impl Office {
    /// An empty office, on a disk that never fails.
    pub fn open() -> Self {
        Self::over(InMemoryBackend::new(), 0)
    }

    /// An office over that disk. `seed` decides all dice.
    pub fn over(disk: impl StorageBackend, seed: u64) -> Self {
        Self::with_key(disk, seed, [7; 32])
    }

    /// The same, with an appliance's key that may not be the one that the store was written under.
    pub fn with_key(disk: impl StorageBackend, seed: u64, key: [u8; 32]) -> Self {
        Self::with_site(disk, seed, key, ("localhost", ORIGIN))
    }

    /// The same, of that name and origin.
    pub fn with_site(disk: impl StorageBackend, seed: u64, key: [u8; 32], (name, origin): (&str, &str)) -> Self {
        let clock_hand = Hand::at(MORNING);
        let pauses = Arc::<Mutex<Vec<Duration>>>::default();
        let sleeps = Arc::<AtomicBool>::default();
        let (slept, really) = (pauses.clone(), sleeps.clone());
        let (hand, frozen, throws) = (clock_hand.clock.clone(), clock_hand.stands.clone(), AtomicU64::new(0));
        let dice = move || {
            let throw = throws.fetch_add(1, Ordering::SeqCst);
            Sha256::digest([seed.to_le_bytes(), throw.to_le_bytes()].concat()).into()
        };
        let state = State::new(Parts {
            store: Store::over(disk).expect("the store opens"),
            site: Site {
                party: RelyingParty::new(name, vec![origin.to_owned()]),
                origin: origin.to_owned(),
                name: HostName::parse(name).unwrap(),
                name_fixed_by_flag: false,
            },
            trust: hand::trust(name),
            key: Arc::new(SealKey::new(key)),
            proxies: vec!["10.0.0.0/8".parse().unwrap()],
            effort: CHEAP,
            world: World {
                clock: Box::new(move || {
                    let running = Date(hand.load(Ordering::SeqCst));
                    let stands = Date(frozen.load(Ordering::SeqCst));
                    Reading {
                        date: running.min(stands),
                        known: stands == Date(u64::MAX),
                        running,
                    }
                }),
                dates: Box::new(clock_hand.clone()),
                dice: Box::new(dice),
                test_letter: Box::new(|_| Box::pin(async { Err("this world has no mail".to_owned()) })),
                buckets: linekey::appliance::backup::bucket::opener(clock_hand.signing()),
                pause: Box::new(move |time| {
                    slept.lock().unwrap().push(time);
                    let time = time * u32::from(really.load(Ordering::SeqCst)) / 10;
                    Box::pin(async move {
                        smol::Timer::after(time).await;
                    })
                }),
                beside: Box::new(|work| drop(std::thread::spawn(|| smol::block_on(work)))),
            },
        });
        Self {
            application: router::application(state.clone(), routes::ROUTES),
            state,
            hand: clock_hand,
            pauses,
            sleeps,
        }
    }

    pub fn now(&self) -> u64 {
        self.hand.clock.load(Ordering::SeqCst)
    }

    pub fn set_clock(&self, time: u64) {
        self.hand.clock.store(time, Ordering::SeqCst);
    }

    /// From now on the clock is known to be wrong, as after a power cut.
    pub fn lose_the_date(&self) {
        self.hand.stands.store(self.now(), Ordering::SeqCst);
    }

    pub fn learn_the_date(&self) {
        self.hand.stands.store(u64::MAX, Ordering::SeqCst);
    }

    pub fn pass(&self, seconds: u64) {
        self.hand.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    /// What a start with `--admin-username NAME --admin-password SECRET` does.
    pub fn arm(&self, username: &str, password: &str) {
        let username = AdminName::parse(username).unwrap();
        let marks = one_time::Marks::of(&self.state.key, &username, password);
        let armed = self
            .state
            .store
            .turn_now(Actor::APPLIANCE, self.state.moment(), move |facts, moment| {
                let change = one_time::arm(
                    Slot::Flags,
                    facts.one_time(Slot::Flags)?.as_ref(),
                    username,
                    marks,
                    moment.now,
                );
                Ok(Verdict::yes((), change.into_iter().collect()))
            });
        armed.unwrap().unwrap();
    }

    /// A browser on this machine that nobody has signed in with.
    pub fn browser(&self) -> Browser<'_> {
        self.browser_at(IpAddr::V4(Ipv4Addr::LOCALHOST))
    }

    pub fn browser_at(&self, address: IpAddr) -> Browser<'_> {
        Browser {
            office: self,
            address,
            secure: false,
            cookie: None,
            language: None,
        }
    }

    /// The first administrator, `admin`, who came in by one-time password and made a passkey: the browser and its
    /// authenticator.
    pub fn administrator(&self) -> (Browser<'_>, Authenticator) {
        self.arm("admin", ONE_TIME);
        let mut browser = self.browser();
        browser.sign_in_by_password("admin", ONE_TIME).expect(200);
        let mut authenticator = Authenticator::new(&self.state.site.origin, 0);
        browser.add_passkey(&mut authenticator).expect(201);
        (browser, authenticator)
    }

    /// A person whom `administrator` adds, who follows the link and makes a passkey. `seed` tells authenticators apart.
    pub fn person(&self, administrator: &mut Browser<'_>, extension: &str, seed: u8) -> (Browser<'_>, Authenticator) {
        let card = json!({ "extension": extension, "name": format!("Person {extension}") });
        let added = administrator.post("/api/people", card).expect(201);
        let mut browser = self.browser();
        browser.sign_in_by_link(&token_of(&added.json["invite"])).expect(200);
        let mut authenticator = Authenticator::new(&self.state.site.origin, seed);
        browser.add_passkey(&mut authenticator).expect(201);
        (browser, authenticator)
    }

    /// The body of an answer that never ends.
    pub fn stream(&self, browser: &mut Browser<'_>, request: Request) -> Pin<Box<dyn AsyncRead + Send>> {
        let response = self.answer(request, browser.peer());
        assert_eq!(response.status, 200);
        response.body.into_reader()
    }

    /// Hands the server a request as the edge would. Whatever it answers must be in the API's own description.
    pub fn respond(&self, request: Request, peer: Peer) -> Reply {
        let (method, path) = (request.method.clone(), request.path.clone());
        let reply = self.answered(request, peer);
        openapi::check(&method, &path, &reply);
        reply
    }

    /// The same, for the one who reads that description.
    pub fn answered(&self, request: Request, peer: Peer) -> Reply {
        let mut response = self.answer(request, peer);
        let _ = response.receipt.take().map(Receipt::came_through);
        let mut bytes = Vec::new();
        if response.field("content-type") != Some("text/event-stream") {
            smol::block_on(response.body.into_reader().read_to_end(&mut bytes)).unwrap();
        }
        let fields = response.fields.into_iter();
        Reply {
            status: response.status.as_u16(),
            fields: fields.map(|(name, value)| (name.to_owned(), value)).collect(),
            json: serde_json::from_slice(&bytes).unwrap_or_default(),
            bytes,
        }
    }

    fn answer(&self, mut request: Request, peer: Peer) -> Response {
        request.peer = peer;
        smol::block_on((self.application)(request)).unwrap()
    }
}

/// The token that a link carries behind its `#`.
pub fn token_of(invite: &Value) -> String {
    let link = invite["link"].as_str().unwrap();
    let (_, token) = link.split_once("/join#").expect("the token is in the fragment");
    token.to_owned()
}
