//! What a phone's file is written from, gathered from what is known in memory.

use std::net::IpAddr;
use std::sync::Arc;

use crate::http::edge::limits::PHONES;
use crate::office::Office;
use crate::office::hardware::{Index, Person};
use crate::rules::letters::language;
use crate::rules::phones::device::{Device, MenuPassword, Secrets};
use crate::rules::phones::mac::Mac;
use crate::rules::phones::provisioning::handout::{
    self, Account, Authority, Codec, ComeBack, Contact, Handout, Language, LineKey, Media, Server, Stage, Transport,
    Zone,
};
use crate::rules::phones::provisioning::make::Answer;
use crate::rules::phones::provisioning::request::{self, FileRequest};
use crate::rules::phones::provisioning::{self, zones};

/// How long a registration is asked for, in seconds: a phone whose power was cut is missed within these minutes.
const EXPIRES_S: u32 = 600;
/// A phone asks again once a day, at night.
const ASKS_AGAIN_MINUTES: u32 = 24 * 60;
/// At this hour.
const ASKS_AGAIN_HOUR: u8 = 4;

/// Everything in one phone's file, owned.
pub(super) struct Sheet<'a> {
    pub(super) office: &'a Office,
    pub(super) index: &'a Index,
    /// The first device of the box that the file is asked for.
    pub(super) lead: &'a Device,
    pub(super) stage: Stage,
    /// Where it comes back to.
    pub(super) back: String,
    /// The name that the phone knows us by.
    pub(super) host: &'a str,
}

/// One line, owned.
struct OwnedLine<'a> {
    extension: &'a str,
    name: &'a str,
    label: String,
    username: &'a str,
    secrets: Secrets,
}

/// Why there is no file.
pub(super) enum Without {
    /// No such file.
    Gone,
    /// A secret of it does not open: half a file would take the phone off the line.
    Sealed,
}

/// The base URL of all phones.
pub(super) fn base(office: &Office) -> String {
    format!("{}{PHONES}", office.origin_for_phones(false))
}

/// Where phones register, by that host.
pub(super) fn server<'a>(office: &Office, index: &Index, host: &'a str) -> Server<'a> {
    let ports = office.hardware.sip();
    let (transport, port) = match (ports.secure, ports.plain) {
        (Some(port), _) => (Transport::Tls, port),
        (None, plain) => (Transport::Udp, plain.unwrap_or(5060)),
    };
    let encrypted = index.phones.tls_only && transport == Transport::Tls;
    Server {
        host,
        domain: host,
        transport,
        port,
        expires: EXPIRES_S,
        media: if encrypted { Media::Encrypted } else { Media::Plain },
        voice_mail: "",
    }
}

impl Sheet<'_> {
    /// The file that was asked for.
    pub(super) fn write(&self, asked: &FileRequest, mac: Mac) -> Result<Answer, Without> {
        let make = provisioning::made(&self.lead.hardware).ok_or(Without::Gone)?;
        if !asked.makes.contains(&make) {
            return Err(Without::Gone);
        }
        let lines = self.lines(mac).ok_or(Without::Sealed)?;
        let menu = self.lead.secrets(&self.office.key).ok_or(Without::Sealed)?.menu;
        let accounts: Vec<Account<'_>> = lines.iter().map(OwnedLine::account).collect();
        let own = self.lead.rings_for(self.office.now());
        let others = |person: &&Person| Some(person.account) != own;
        let colleagues = self.index.people.iter().filter(others);
        let keys: Vec<LineKey<'_>> = colleagues.take(handout::KEYS).map(line_key).collect();
        let book: Vec<Contact<'_>> = self.index.people.iter().take(handout::BOOK).map(contact).collect();
        let authority = self.office.hardware.authority();
        let url = self.authority_url();
        let registrar = self.office.host_for_phones();
        let handout = self.handout(mac, &menu, authority.as_ref(), &url, &registrar);
        let handout = Handout {
            accounts: &accounts,
            keys: &keys,
            book: &book,
            ..handout
        };
        request::answer(asked, make, &handout).ok_or(Without::Gone)
    }

    /// All that is not a list.
    fn handout<'h>(
        &'h self,
        mac: Mac,
        menu: &'h MenuPassword,
        authority: Option<&'h Arc<str>>,
        url: &'h str,
        registrar: &'h str,
    ) -> Handout<'h> {
        Handout {
            mac,
            model: self.lead.hardware.model.as_deref().unwrap_or_default(),
            stage: self.stage,
            accounts: &[],
            server: server(self.office, self.index, registrar),
            menu_password: menu.reveal(),
            come_back: ComeBack {
                url: &self.back,
                username: "",
                password: "",
                minutes: ASKS_AGAIN_MINUTES,
                hour: ASKS_AGAIN_HOUR,
            },
            authority: authority.map(|pem| Authority { pem, url }),
            strict: false,
            zone: self.zone(),
            language: spoken(self.index.language(self.lead.rings_for(self.office.now()))),
            codecs: &Codec::ALL,
            keys: &[],
            book: &[],
            pickup: "",
            version: self.version(mac),
        }
    }

    /// The newest revision of all devices in the box: one of them changes, and so does their file. The file at first
    /// contact says less, and has the number below: the whole one, fetched a moment later, is the newer one.
    fn version(&self, mac: Mac) -> u32 {
        let revisions = self.index.of(mac).map(|device| device.provisioning.revision);
        let newest = u32::try_from(revisions.max().unwrap_or_default()).unwrap_or(u32::MAX);
        match self.stage {
            Stage::Trust => newest.saturating_sub(1),
            Stage::Whole => newest,
        }
    }

    /// The office's time; UTC where no zone is set.
    fn zone(&self) -> Zone<'_> {
        let clock = &self.index.clock;
        let set = clock
            .zone
            .as_deref()
            .and_then(|name| zones::named(name, clock.server()));
        set.map_or(
            Zone {
                ntp: clock.server(),
                standard: "UTC",
                offset: 0,
                summer: None,
            },
            |(_, zone)| zone,
        )
    }

    /// At first contact the phone trusts nothing of ours yet, so it fetches the CA the way it came.
    fn authority_url(&self) -> String {
        match self.stage {
            Stage::Trust => format!("http://{}{PHONES}office-ca.crt", self.host),
            Stage::Whole => format!("{}office-ca.crt", base(self.office)),
        }
    }

    /// The lines of all devices in the same box; none where a secret does not open.
    fn lines(&self, mac: Mac) -> Option<Vec<OwnedLine<'_>>> {
        let (now, key) = (self.office.now(), &self.office.key);
        let line = |device: &'_ Device| {
            let secrets = device.secrets(key)?;
            Some((
                device.rings_for(now).and_then(|account| self.index.person(account)),
                secrets,
            ))
        };
        let lines = self.index.of(mac).map(|device| {
            let (person, secrets) = line(device)?;
            // A shared desk registers by its own name, so that nothing has to be fetched before it rings for somebody
            // else.
            let named = person.filter(|_| !device.is_desk());
            let name = person.map_or(device.label.as_str(), |person| person.name.as_str());
            Some(OwnedLine {
                extension: named.map_or(device.username.as_str(), |person| person.extension.as_str()),
                name,
                label: person.map_or_else(
                    || device.label.to_string(),
                    |person| handout::label(person.extension.as_str(), name),
                ),
                username: device.username.as_str(),
                secrets,
            })
        });
        lines.collect()
    }
}

impl OwnedLine<'_> {
    fn account(&self) -> Account<'_> {
        Account {
            extension: self.extension,
            name: self.name,
            label: &self.label,
            username: self.username,
            secret: self.secrets.sip.reveal(),
        }
    }
}

fn line_key(person: &Person) -> LineKey<'_> {
    LineKey {
        extension: person.extension.as_str(),
        label: person.name.as_str(),
    }
}

fn contact(person: &Person) -> Contact<'_> {
    Contact {
        name: person.name.as_str(),
        number: person.extension.as_str(),
    }
}

fn spoken(language: language::Language) -> Language {
    match language {
        language::Language::English => Language::English,
        language::Language::German => Language::German,
        language::Language::French => Language::French,
        language::Language::Spanish => Language::Spanish,
    }
}

/// Who asked, as the page lists phones that are nobody's yet.
pub(super) fn shown_model(asked: &FileRequest) -> (Option<&'static str>, String) {
    let make = asked.agent.make.or_else(|| asked.mac.and_then(provisioning::of_range));
    (make.map(|make| make.id), asked.agent.model.clone())
}

/// Whether somebody at that address may be a phone of the LAN that the page should list.
pub(super) fn is_of_the_lan(from: IpAddr) -> bool {
    crate::rules::people::access::is_near(from)
}
