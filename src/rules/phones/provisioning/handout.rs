//! The record that a phone's file is written from: plain values, gathered by whoever answers the phone.

use crate::rules::phones::mac::Mac;

/// Keys for colleagues that a file may hold.
pub const KEYS: usize = 24;
/// Accounts that are written, to set or to clear them, where a make has that many.
pub const ACCOUNTS: usize = 10;
/// Entries of a phone book: an office's people.
pub const BOOK: usize = 1000;

/// Octets of a file at most: phones with little memory take no more.
pub const FILE_OCTETS: usize = 32 << 10;

/// How long a phone that was just given our CA may wait before it asks again, where it does not do so by itself.
const TRUST_MINUTES: u32 = 5;

/// How much a phone is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// First contact over plain HTTP: the office's CA and where to come back to by HTTPS. No name, no secret, no
    /// password.
    Trust,
    /// Everything.
    Whole,
}

/// All that a phone is told.
#[derive(Clone, Debug)]
pub struct Handout<'a> {
    /// Whose file it is.
    pub mac: Mac,
    /// The model as the phone or an administrator says it (`T46U`, `GRP2614`); empty where nobody knows.
    pub model: &'a str,
    /// How much of it.
    pub stage: Stage,
    /// Who rings here: nobody for a phone that was taken off the line, several for a DECT base. Those beyond what the
    /// make can hold ([`super::make::Make::accounts`]) are left out.
    pub accounts: &'a [Account<'a>],
    /// Where to register.
    pub server: Server<'a>,
    /// The administrator's password of the phone's own menu: letters and digits.
    pub menu_password: &'a str,
    /// Where to fetch again.
    pub come_back: ComeBack<'a>,
    /// The office's own CA; `None` where the appliance has a public certificate.
    pub authority: Option<Authority<'a>>,
    /// Whether the phone is to refuse a server that it cannot check. Only for phones that are known to hold our CA: one
    /// that does not would never come back.
    pub strict: bool,
    /// The office's clock.
    pub zone: Zone<'a>,
    /// The menu's language.
    pub language: Language,
    /// Best first.
    pub codecs: &'a [Codec],
    /// Colleagues, in the order of the keys; at most [`KEYS`].
    pub keys: &'a [LineKey<'a>],
    /// The office's phone book, in its order; at most [`BOOK`].
    pub book: &'a [Contact<'a>],
    /// Dialled before an extension to take its call; empty where there is none.
    pub pickup: &'a str,
    /// A number that rises with every change of the file and never goes back, not even by a restore (Fanvil).
    pub version: u32,
}

/// One line: a person's, or that of a desk which nobody has taken.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    /// The user part of its address: `201`.
    pub extension: &'a str,
    /// Shown to those who are called. A shared desk has the name of whoever took it, or its own.
    pub name: &'a str,
    /// Shown on the phone itself: see [`label`].
    pub label: &'a str,
    /// The device's digest user name.
    pub username: &'a str,
    /// The device's digest secret: letters and digits.
    pub secret: &'a str,
}

/// What stands on a person's phone: `201 Ada`.
pub fn label(extension: &str, name: &str) -> String {
    format!("{extension} {name}")
}

/// How SIP travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// RFC 3261 §18.
    Udp,
    /// RFC 3261 §18.
    Tcp,
    /// TLS over TCP.
    Tls,
}

/// Whether media is encrypted (SRTP, RFC 3711 with keys by RFC 4568).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// Plain RTP.
    Plain,
    /// SRTP or no call at all.
    Encrypted,
}

/// The registrar.
#[derive(Clone, Copy, Debug)]
pub struct Server<'a> {
    /// A name or an address that phones reach it by.
    pub host: &'a str,
    /// The domain of addresses, and the digest realm.
    pub domain: &'a str,
    /// The transport to use.
    pub transport: Transport,
    /// The port of that transport.
    pub port: u16,
    /// How long a registration is asked for, in seconds.
    pub expires: u32,
    /// Whether media is encrypted.
    pub media: Media,
    /// The number that voice mail is heard at; empty where there is none.
    pub voice_mail: &'a str,
}

impl Server<'_> {
    /// `host:port`.
    pub(super) fn host_port(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

/// Where a phone fetches its file from now on, and when.
#[derive(Clone, Copy, Debug)]
pub struct ComeBack<'a> {
    /// A base URL that ends in `/`, secret by itself or with credentials.
    pub url: &'a str,
    /// For HTTP Basic or Digest; empty where the URL is the secret.
    pub username: &'a str,
    /// The same.
    pub password: &'a str,
    /// How often, in minutes.
    pub minutes: u32,
    /// At which hour, 0 to 23, for makes that come once a day.
    pub hour: u8,
}

/// The office's own CA.
#[derive(Clone, Copy, Debug)]
pub struct Authority<'a> {
    /// Its certificate, PEM.
    pub pem: &'a str,
    /// Where a phone fetches it: plain HTTP, for those that trust nothing of ours yet.
    pub url: &'a str,
}

impl Authority<'_> {
    /// The first certificate in base64 without line ends; `None` where the text holds none.
    pub(super) fn base64(&self) -> Option<String> {
        use rustls_pki_types::pem::PemObject;
        let der = rustls_pki_types::CertificateDer::from_pem_slice(self.pem.as_bytes()).ok()?;
        Some(data_encoding::BASE64.encode(&der))
    }
}

/// The office's clock.
#[derive(Clone, Copy, Debug)]
pub struct Zone<'a> {
    /// The NTP server's name or address.
    pub ntp: &'a str,
    /// What the zone is called in winter, letters alone: `CET`.
    pub standard: &'a str,
    /// East of Greenwich in winter, in minutes.
    pub offset: i16,
    /// Summer time, one hour ahead; `None` where there is none.
    pub summer: Option<Summer<'a>>,
}

/// When summer time begins and ends.
#[derive(Clone, Copy, Debug)]
pub struct Summer<'a> {
    /// What the zone is called then: `CEST`.
    pub name: &'a str,
    /// When it begins, by the clock before.
    pub start: Turn,
    /// When it ends, by the clock before.
    pub end: Turn,
}

/// A day of the year by its week, as POSIX writes it: `M3.5.0/2`.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// 1 to 12.
    pub month: u8,
    /// 1 to 4, or 5 for the last.
    pub week: u8,
    /// 0 is Sunday.
    pub weekday: u8,
    /// 0 to 23.
    pub hour: u8,
}

impl Turn {
    /// The weekday where Monday is 1 and Sunday 7.
    pub(super) fn monday_first(self) -> u8 {
        if self.weekday == 0 { 7 } else { self.weekday }
    }
}

/// A language of menus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// German.
    German,
    /// French.
    French,
    /// Spanish.
    Spanish,
}

/// A way to write speech as octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// G.722, wide band.
    G722,
    /// G.711 A-law, Europe's.
    Pcma,
    /// G.711 µ-law, America's.
    Pcmu,
}

impl Codec {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::G722, Self::Pcma, Self::Pcmu];
}

/// A key with a lamp for a colleague.
#[derive(Clone, Copy, Debug)]
pub struct LineKey<'a> {
    /// Whom it watches and calls.
    pub extension: &'a str,
    /// What stands beside it.
    pub label: &'a str,
}

/// A line of the phone book.
#[derive(Clone, Copy, Debug)]
pub struct Contact<'a> {
    /// Whose number.
    pub name: &'a str,
    /// The number.
    pub number: &'a str,
}

impl<'a> Handout<'a> {
    /// What the phone proves itself with when it comes back; nothing at first contact, where anybody may read along.
    pub(super) fn credentials(&self) -> (&'a str, &'a str) {
        match self.stage {
            Stage::Trust => ("", ""),
            Stage::Whole => (self.come_back.username, self.come_back.password),
        }
    }

    /// How often it comes back: soon, as long as it has nothing but the CA.
    pub(super) fn minutes(&self) -> u32 {
        match self.stage {
            Stage::Trust => self.come_back.minutes.min(TRUST_MINUTES),
            Stage::Whole => self.come_back.minutes,
        }
    }

    /// The account that rings at this place, counted from 1.
    pub(super) fn account(&self, place: usize) -> Option<&'a Account<'a>> {
        self.accounts.get(place.checked_sub(1)?)
    }

    /// The colleague at this place, counted from 1.
    pub(super) fn key(&self, place: usize) -> Option<&'a LineKey<'a>> {
        self.keys.get(place.checked_sub(1)?)
    }

    /// The phone book, no longer than a file may be.
    pub(super) fn contacts(&self) -> impl Iterator<Item = &'a Contact<'a>> {
        self.book.iter().take(BOOK)
    }
}
