//! What every handler works with: the store, the desk, the site, and where time and dice come from.

pub mod app_codes;
pub mod backup;
pub mod backups;
pub mod ceremony;
pub mod dates;
pub mod failure;
mod for_phones;
pub mod guesses;
pub mod hardware;
pub mod line;
pub mod log;
pub mod passwords;
pub mod seldom;
pub mod trust;
pub mod twins;
mod upkeep;
pub mod watch;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use smol::future::Boxed;
use smol::lock::{Semaphore, SemaphoreGuardArc};

use self::backups::left::LeftBehind;
use self::backups::shelf::Buckets;
use crate::desk::Desk;
use crate::desk::tickets::{OpenQuestion, Purpose};
use crate::office::dates::Dates;
use crate::office::hardware::Hardware;
use crate::office::passwords::Passwords;
use crate::office::trust::Trust;
use crate::office::watch::Watch;
use crate::rules::certificates::profile;
use crate::rules::id::{AccountId, Email, HostName};
use crate::rules::letters::language::Language;
use crate::rules::letters::relay::Relay;
use crate::rules::letters::writer::LetterWriter;
use crate::rules::moment::{Fresh, Moment, Reading};
use crate::rules::office::date::{LATEST, SLACK};
use crate::rules::people::account::{Account, Effort};
use crate::rules::people::passkey::Passkey;
use crate::rules::people::ways_in::Administrator;
use crate::rules::refusal::Refusal;
use crate::rules::secret::SealKey;
use crate::rules::time::Date;
use crate::rules::webauthn::RelyingParty;
use crate::store::{Facts, Fault, Store};

/// What the appliance is called in browsers' prompts.
pub const TITLE: &str = "Linekey";

/// One Linekey at work.
pub struct Office {
    /// What lasts.
    pub store: Store,
    /// What may be forgotten.
    pub desk: Desk,
    /// Which name and origins it answers to.
    pub site: Site,
    /// Why browsers believe it.
    pub trust: Trust,
    /// Other running boards with a copy of this store.
    pub twins: twins::Twins,
    /// The appliance's own key.
    pub key: Arc<SealKey>,
    /// Reverse proxies whose word about callers is taken.
    pub proxies: Vec<IpNet>,
    /// The phones' line as it is now; empty where no phones are served.
    pub line: line::LiveLine,
    /// Phones' boxes.
    pub hardware: Hardware,
    /// Live tails of the journal, and of the line.
    pub tails: Arc<Semaphore>,
    /// Recoveries that are being written.
    pub recovering: Arc<Semaphore>,
    /// The one place for a backup that is downloaded.
    pub backing_up: Arc<Semaphore>,
    /// Work at the place of the backups that does not come back.
    pub left_behind: LeftBehind,
    /// Old backups that stay.
    pub stay: backups::Stay,
    /// The one place for a test letter.
    pub testing: Arc<Semaphore>,
    /// What those who watch are told.
    pub watch: Watch,
    /// The slow checks.
    pub passwords: Passwords,
    /// Where time and dice come from.
    pub world: World,
}

/// One office, shared by all who serve it.
pub type Shared = Arc<Office>;

/// Where this appliance lives, as browsers see it. Comes from one setting, never from a request.
pub struct Site {
    /// The RP ID and the origins that may use it.
    pub party: RelyingParty,
    /// Where people are sent: the first of the origins.
    pub origin: String,
    /// The RP ID as a host name.
    pub name: HostName,
    /// Whether a start-up flag decided the name.
    pub name_fixed_by_flag: bool,
}

impl Site {
    /// Whether people are sent to HTTPS: then nothing is served in the clear beyond this machine, where a proxy may be.
    pub fn is_secure(&self) -> bool {
        self.origin.starts_with("https:")
    }

    /// The origin that a phone out of its box is sent to: for one that refuses what it cannot check, in the clear.
    pub fn of_first_contact(&self, in_the_clear: bool) -> &str {
        let plain = self.party.origins.iter().find(|origin| origin.starts_with("http:"));
        plain.filter(|_| in_the_clear).unwrap_or(&self.origin)
    }

    /// Whether somebody at that address gets anywhere by following the origin: `localhost` is another machine to them.
    pub fn can_be_reached_from(&self, address: IpAddr) -> bool {
        self.name.as_str() != "localhost" || address.is_loopback()
    }
}

/// A test letter that is to be sent.
pub struct TestLetter {
    /// By which mail server.
    pub relay: Relay,
    /// To whom.
    pub to: Email,
    /// In which language.
    pub language: Language,
    /// Is held until the server has answered, or was waited for long enough.
    pub place: SemaphoreGuardArc,
}

/// See [`World::test_letter`].
pub type Tester = dyn Fn(TestLetter) -> Boxed<Result<String, String>> + Send + Sync;

/// The shell's clock and dice, and its mail.
pub struct World {
    /// Its dates never run backwards past the newest in the store.
    pub clock: Box<dyn Fn() -> Reading + Send + Sync>,
    /// Who moves its dates.
    pub dates: Box<dyn Dates>,
    /// 32 bytes that nobody can guess.
    pub dice: Box<dyn Fn() -> [u8; 32] + Send + Sync>,
    /// Hands a test letter to a mail server: its own words, taken or not.
    pub test_letter: Box<Tester>,
    /// Opens buckets that backups go into.
    pub buckets: Box<Buckets>,
    /// Lets so much time pass.
    pub pause: Box<dyn Fn(Duration) -> Boxed<()> + Send + Sync>,
    /// Does something beside all else, to its end; nobody waits for it.
    pub beside: Box<dyn Fn(Boxed<()>) + Send + Sync>,
}

/// What an office is made of.
pub struct Parts {
    /// What lasts.
    pub store: Store,
    /// Which name and origins it answers to.
    pub site: Site,
    /// Why browsers believe it.
    pub trust: Trust,
    /// The appliance's own key.
    pub key: Arc<SealKey>,
    /// Reverse proxies whose word about callers is taken.
    pub proxies: Vec<IpNet>,
    /// What a password check costs until the board was measured.
    pub effort: Effort,
    /// Where time and dice come from.
    pub world: World,
}

/// Administrators who may watch the journal at once; each holds a connection.
const TAILS: usize = 16;
/// Recoveries that may wait to be written at once; in a flood the rest is dropped, and answered all the same.
const RECOVERIES: usize = 16;

impl Office {
    /// An office with an empty desk. The one way to make one.
    pub fn new(parts: Parts) -> Shared {
        let authority = parts.trust.authority.as_ref();
        let hardware = Hardware::trusting(authority.map(|file| profile::pem(&file.certificate)));
        Arc::new(Self {
            store: parts.store,
            desk: Desk::sealing_by((parts.world.dice)()),
            site: parts.site,
            trust: parts.trust,
            twins: twins::Twins::default(),
            key: parts.key,
            proxies: parts.proxies,
            line: line::LiveLine::default(),
            hardware,
            tails: Arc::new(Semaphore::new(TAILS)),
            recovering: Arc::new(Semaphore::new(RECOVERIES)),
            backing_up: Arc::new(Semaphore::new(1)),
            left_behind: LeftBehind::default(),
            stay: backups::Stay::default(),
            testing: Arc::new(Semaphore::new(1)),
            watch: Watch::since((parts.world.clock)().running),
            passwords: Passwords::costing(parts.effort),
            world: parts.world,
        })
    }
}

impl Office {
    /// The date now, by which things expire.
    pub fn now(&self) -> Date {
        (self.world.clock)().date
    }

    /// The time now for waits, which end also where the date is not known.
    pub fn stopwatch(&self) -> Date {
        (self.world.clock)().running
    }

    /// The time and dice for one turn.
    pub fn moment(&self) -> Moment {
        Moment::new((self.world.clock)(), (self.world.dice)())
    }

    /// The same where somebody says what the date is, and the appliance does not know it: on that date, if it can be,
    /// and which it then is. Who says so is for the caller to see.
    pub fn moment_told(&self, said: Option<Date>) -> (Moment, Option<Date>) {
        let reading = (self.world.clock)();
        let possible = |date: &Date| !reading.known && *date + SLACK >= reading.date && *date <= LATEST;
        let told = said.filter(possible).map(|date| date.max(reading.date));
        let reading = told.map_or(reading, |date| Reading {
            date,
            known: true,
            ..reading
        });
        (Moment::new(reading, (self.world.dice)()), told)
    }

    /// The name that the appliance moved away from, while that move lasts.
    pub fn moved_from(&self) -> Result<Option<HostName>, Fault> {
        let moving = self.store.read(|facts| facts.moving())?;
        Ok(moving.and_then(|moving| moving.old(&self.site.name).cloned()))
    }

    /// This site as its passkeys of before know it: the old name asked from today's origins (related origins, WebAuthn
    /// Level 3 §5.11), while a move lasts.
    pub fn earlier_party(&self) -> Result<Option<RelyingParty>, Fault> {
        let old = self.moved_from()?;
        Ok(old.map(|old| RelyingParty::new(old.as_str(), self.site.party.origins.clone())))
    }

    /// Opens a ceremony at the desk: its ticket and challenge.
    pub fn ask(&self, purpose: Purpose) -> (String, [u8; 32]) {
        let mut fresh = Fresh::seeded((self.world.dice)());
        self.desk.tickets().give(purpose, self.stopwatch(), &mut fresh)
    }

    /// A question was answered rightly, by that account: whether this answer is the first.
    pub fn answered(&self, asked: OpenQuestion, by: AccountId) -> Result<(), Refusal> {
        self.desk.tickets().answered(asked, by, self.stopwatch())
    }

    /// Notes a refused sign-in at the desk, and hands the refusal back. `whom`: as what account, where there is such a
    /// one; what else people type is not kept, as it may be a password.
    pub fn refused(&self, address: IpAddr, whom: Option<&Account>, refusal: Refusal) -> Refusal {
        let why = if let Refusal::Assertion(step) = &refusal {
            format!("passkey: {step}")
        } else if let Refusal::Registration(step) = &refusal {
            format!("new passkey: {step}")
        } else if let Refusal::OutsideRanges(_) = &refusal {
            "outside-ranges".to_owned()
        } else {
            refusal.code().to_owned()
        };
        let who = whom.map(Account::described).unwrap_or_default();
        self.desk.note_refused(self.now(), who, address, why);
        refusal
    }

    /// Writes letters, if a mail server is set, for as long as the outbox takes them.
    pub fn letter_writer(&self, facts: &Facts<'_>) -> Result<Option<LetterWriter<'_>>, Fault> {
        if facts.relay()?.is_none() {
            return Ok(None);
        }
        Ok(Some(LetterWriter::new(&self.key, facts.room_for_letters()?)))
    }
}

/// Whether an account has a passkey that works under that name, which is the appliance's.
pub fn has_passkey_here(facts: &Facts<'_>, account: AccountId, name: &HostName) -> Result<bool, Fault> {
    let earlier = facts.earlier_names()?;
    if earlier.all().is_empty() {
        return facts.has_passkey(account);
    }
    let passkeys = facts.passkeys_of(account)?;
    Ok(passkeys.iter().any(|passkey| earlier.of(passkey, name) == name))
}

/// All administrators with their ways in.
pub fn administrators(facts: &Facts<'_>) -> Result<Vec<Administrator>, Fault> {
    let (named, earlier) = (facts.named()?, facts.earlier_names()?);
    let can_be_used = |passkey: &Passkey| match &named {
        None => true,
        Some(named) if earlier.all().is_empty() => named.can_use(passkey),
        Some(named) => earlier.of(passkey, &named.name) == &named.name,
    };
    let accounts = facts.administrators()?.into_iter();
    accounts
        .map(|account| {
            let passkeys = facts.passkeys_of(account.id)?;
            Ok(Administrator {
                passkeys: passkeys.iter().filter(|passkey| can_be_used(passkey)).count(),
                reach: facts.access(account.id)?,
                account,
            })
        })
        .collect()
}
