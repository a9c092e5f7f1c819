//! What a make of phones is to the office: the files that it asks for, how it writes, and what its owner should know.

use super::handout::{Handout, Stage};
use crate::rules::phones::mac::Mac;

/// Plain sentences for the page that hold for every make.
pub const EVERY_PHONE: &[&str] = &[
    "Phones follow no redirect: write the address exactly as it stands here, with its scheme; without one most take it \
     for a TFTP server, and there is none here.",
    "Many phones send no server name (SNI): the certificate that they get is the one for the appliance's own name.",
    "Old phones that know RSA certificates alone, or TLS 1.0 and 1.1 alone, cannot connect to ours, whose key is \
     elliptic: give them newer firmware, bring a certificate of your own with an RSA key, or let them register by TCP.",
    "A phone's book has as many people as fit into a file of 32 KiB, in the order of their numbers: about 300. Further \
     ones are called by their number.",
    "Let a phone fetch its first file on a LAN that you trust.",
];

/// A make of desk phones. All that differs between makes is in here; nothing else matches on which one it is.
pub struct Make {
    /// Its name in the interface: `yealink`.
    pub id: &'static str,
    /// Its name for people: `Yealink`.
    pub title: &'static str,
    /// Prefixes (OUI) of its MAC addresses.
    pub ouis: &'static [[u8; 3]],
    /// Words of its User-Agent, in lower case.
    pub agents: &'static [&'static str],
    /// What it asks for after a start, in its order.
    pub asks: &'static [Ask],
    /// The Event of a NOTIFY that lets it fetch again, without a restart where the make can.
    pub resync: &'static str,
    /// Whether a phone out of its box refuses a server whose certificate it cannot check.
    pub checks: bool,
    /// How many people one phone's file can hold.
    pub accounts: usize,
    /// Whether a phone of this make reads the office's phone book when it fetches its settings, and not by itself.
    pub book_with_settings: bool,
    /// Plain sentences for the page: what a phone of this make needs, and what does not work.
    pub needs: &'static [&'static str],
    /// What no source of `tests/provisioning/golden/README.md` confirms, in plain sentences.
    pub unconfirmed: &'static [&'static str],
    /// The file that a name in lower case stands for; `None` where this make never asks for such a name.
    pub reads: fn(&str) -> Option<Reading>,
    /// A file's content; `None` where this make is answered 404.
    pub writes: fn(&Handout<'_>, File) -> Option<Answer>,
    /// What a DHCP server has to hand out so that this make finds a base URL that ends in a slash.
    pub dhcp: fn(&str) -> Vec<DhcpOption>,
    /// What becomes of text that this make's file cannot hold as it is.
    pub loses: fn(Place, &str) -> Option<Loss>,
    /// The model that this make's User-Agent names.
    pub model: fn(&str) -> Option<&str>,
}

impl Make {
    /// The file that has the settings in it: the phone's own first one, or the one that this leads to.
    pub fn settings(&self) -> File {
        let leads_on = self.asks.iter().any(|ask| ask.served && ask.file == File::Settings);
        if leads_on { File::Settings } else { File::Config }
    }
}

impl PartialEq for Make {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Make {}

impl std::fmt::Debug for Make {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.title)
    }
}

/// One name that a make asks for. `MAC` and `MODEL` stand for the phone's own.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    /// The name as the make writes it, in its letter case.
    pub name: &'static str,
    /// What is meant by it.
    pub file: File,
    /// Whether it is answered; 404 otherwise.
    pub served: bool,
}

impl Ask {
    /// A file that there is.
    pub(super) const fn answered(name: &'static str, file: File) -> Self {
        Self {
            name,
            file,
            served: true,
        }
    }

    /// A file that is asked for in vain.
    pub(super) const fn unanswered(name: &'static str, file: File) -> Self {
        Self {
            name,
            file,
            served: false,
        }
    }
}

/// What a phone means by a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum File {
    /// A list of files to fetch (Yealink); once served, some firmware fetches nothing else.
    Boot,
    /// For all phones of the make.
    Common,
    /// For all phones of a model.
    Model,
    /// The phone's own, the first that names its MAC.
    Config,
    /// What the first one leads to.
    Settings,
    /// The office's people and numbers.
    PhoneBook,
    /// The office's CA certificate.
    Certificate,
    /// New firmware.
    Firmware,
    /// What the phone keeps for itself and would upload: overrides, logs, licences. Refused in both directions.
    Own,
    /// Nothing that any make asks for.
    Unknown,
}

/// A name, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// What is meant.
    pub file: File,
    /// Whose it is, where the name says so.
    pub mac: Option<Mac>,
}

impl Reading {
    /// A file of this one phone, where the text is a MAC address of twelve digits.
    pub(super) fn of(file: File, digits: &str) -> Option<Self> {
        let mac = (digits.len() == 12).then(|| Mac::read(digits)).flatten()?;
        Some(Self { file, mac: Some(mac) })
    }

    /// A file of many phones.
    pub(super) fn shared(file: File) -> Self {
        Self { file, mac: None }
    }
}

/// A file as it goes over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its media type: never HTML.
    pub media_type: &'static str,
    /// UTF-8.
    pub bytes: Vec<u8>,
}

impl Answer {
    pub(super) fn text(written: String) -> Self {
        Self {
            media_type: "text/plain; charset=utf-8",
            bytes: written.into_bytes(),
        }
    }

    pub(super) fn xml(written: String) -> Self {
        Self {
            media_type: "application/xml; charset=utf-8",
            bytes: written.into_bytes(),
        }
    }
}

/// What makes write whose own file holds all their settings in XML, and who know one more file alone: the book, once
/// they have the rest.
pub(super) fn settings_and_book(
    handout: &Handout<'_>,
    file: File,
    settings: fn(&Handout<'_>) -> String,
    book: fn(&Handout<'_>) -> String,
) -> Option<Answer> {
    match file {
        File::Config => Some(Answer::xml(settings(handout))),
        File::PhoneBook if handout.stage == Stage::Whole => Some(Answer::xml(book(handout))),
        File::PhoneBook
        | File::Boot
        | File::Common
        | File::Model
        | File::Settings
        | File::Certificate
        | File::Firmware
        | File::Own
        | File::Unknown => None,
    }
}

/// An option of DHCP with its value, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DhcpOption {
    /// 66 (RFC 2132 §9.4, TFTP server name), 43 (vendor's own) or 160 (Poly's).
    pub code: u8,
    /// A URL with its scheme: without one, most makes take it for a TFTP server.
    pub value: String,
}

impl DhcpOption {
    /// The line for dnsmasq's configuration. dnsmasq quotes no comma in a value, so one that holds any gets none.
    pub fn dnsmasq(&self) -> Option<String> {
        let plain = !self
            .value
            .contains(|c: char| c == ',' || c == '"' || c.is_whitespace() || c.is_control());
        // "force" hands the option out to phones that do not ask for it by its number.
        plain.then(|| format!("dhcp-option-force={},\"{}\"", self.code, self.value))
    }
}

/// Where text is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A person's name, on their own phone and to those they call.
    Name,
    /// What stands beside a line key.
    KeyLabel,
}

/// What a make does to a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// What the phone will show.
    pub shown: String,
    /// Why, in a sentence.
    pub why: &'static str,
}

impl Loss {
    /// A loss where the text that is written differs from the one that was asked for.
    pub(super) fn between(wanted: &str, shown: String, why: &'static str) -> Option<Self> {
        (wanted != shown).then_some(Self { shown, why })
    }
}

/// The host, port and path of a URL, and whether it is `https`. Grandstream and Poly want the scheme elsewhere.
pub(super) fn without_scheme(url: &str) -> (bool, &str) {
    match url.split_once("://") {
        Some((scheme, rest)) => (scheme.eq_ignore_ascii_case("https"), rest.trim_end_matches('/')),
        None => (false, url.trim_end_matches('/')),
    }
}
