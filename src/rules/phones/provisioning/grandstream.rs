//! Grandstream: XML of numbered settings ("P-values").

use super::handout::{Codec, Handout, KEYS, Language, LineKey, Media, Stage, Transport, Turn};
use super::make::{Answer, Ask, DhcpOption, File, Loss, Make, Place, Reading, settings_and_book, without_scheme};
use super::xml;

/// Grandstream.
pub static MAKE: Make = Make {
    id: "grandstream",
    title: "Grandstream",
    ouis: &[[0x00, 0x0b, 0x82], [0xc0, 0x74, 0xad], [0xec, 0x74, 0xd7]],
    agents: &["grandstream"],
    resync: "check-sync",
    asks: &[
        Ask::unanswered("cfgMAC", File::Model),
        Ask::unanswered("cfgMAC.bin", File::Model),
        Ask::answered("cfgMAC.xml", File::Config),
        Ask::unanswered("cfgMODEL.xml", File::Model),
        Ask::unanswered("cfg.xml", File::Common),
        Ask::answered("phonebook.xml", File::PhoneBook),
    ],
    checks: false,
    accounts: 1,
    book_with_settings: false,
    needs: &[
        "A Grandstream fetches by HTTPS at once, because it does not check certificates before it is told to.",
        "Its menu's password may hold letters and digits alone.",
        "Tell it the server without https:// where its own menu asks for protocol and path apart.",
        "It takes a change when it is told of it, or once a day at a fixed hour.",
        "GXP phones get seven keys for colleagues, GRP phones twenty-four; GRP phones show 32 characters beside a key.",
    ],
    unconfirmed: &[
        "How it is given a CA (P8433 was seen in one template for a door phone), so checking certificates stays off.",
        "That keys 7 to 24 of a GRP are P23800 and up in groups of four; one template says so.",
        "What P1362 calls the languages.",
    ],
    reads,
    writes,
    dhcp,
    loses,
    model,
};

/// Multi-purpose keys of GXP phones: mode, then account, name and number.
const MPKS: [(u16, u16); 7] = [
    (323, 301),
    (324, 304),
    (325, 307),
    (326, 310),
    (327, 313),
    (328, 316),
    (329, 319),
];
/// Virtual keys of GRP phones that have two runs of numbers: mode and account from here, name and number from there.
const FIXED_VPKS: u16 = 6;
/// The others are in one run, four numbers each.
const DYNAMIC_VPKS: u16 = 23_800;
/// Characters beside a virtual key.
const LABEL: usize = 32;

fn reads(name: &str) -> Option<Reading> {
    if let Some(rest) = name.strip_prefix("cfg") {
        return match rest.strip_suffix(".xml") {
            Some("") => Some(Reading::shared(File::Common)),
            Some(stem) => Reading::of(File::Config, stem).or(Some(Reading::shared(File::Model))),
            // Binary, in a form of the make's own.
            None => Reading::of(File::Model, rest.strip_suffix(".bin").unwrap_or(rest)),
        };
    }
    match name {
        "phonebook.xml" => Some(Reading::shared(File::PhoneBook)),
        _ if name.ends_with("fw.bin") => Some(Reading::shared(File::Firmware)),
        _ => None,
    }
}

/// `Grandstream Model HW GRP2614 SW 1.0.5.15 DevId c074ad0b63ee`.
fn model(agent: &str) -> Option<&str> {
    let (_, rest) = agent.split_once("HW ")?;
    rest.split_ascii_whitespace().next()
}

fn dhcp(base: &str) -> Vec<DhcpOption> {
    vec![DhcpOption {
        code: 66,
        value: base.to_owned(),
    }]
}

/// What a phone shows beside a key.
fn beside(label: &str) -> String {
    label.chars().filter(|c| !xml::cannot(*c)).take(LABEL).collect()
}

fn loses(place: Place, text: &str) -> Option<Loss> {
    let shown: String = match place {
        Place::Name => text.chars().filter(|c| !xml::cannot(*c)).collect(),
        Place::KeyLabel => beside(text),
    };
    Loss::between(
        text,
        shown,
        "Grandstream phones show 32 characters beside a key, and the file has no way to write control characters.",
    )
}

fn writes(handout: &Handout<'_>, file: File) -> Option<Answer> {
    settings_and_book(handout, file, config, book)
}

/// The setting with this number.
fn set(out: &mut String, number: u16, value: &str) {
    xml::element(out, &format!("P{number}"), "", value);
}

fn config(handout: &Handout<'_>) -> String {
    // No <mac>: a phone refuses the file over one that is not written as it likes it.
    let mut out =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gs_provision version=\"1\">\n<config version=\"1\">\n".to_owned();
    come_back(&mut out, handout);
    if handout.stage == Stage::Whole {
        set(&mut out, 2, handout.menu_password);
        account(&mut out, handout);
        if has_virtual_keys(handout.model) {
            virtual_keys(&mut out, handout);
        } else {
            multi_purpose_keys(&mut out, handout);
        }
        clock(&mut out, handout);
        phone_book(&mut out, handout);
        set(&mut out, 1362, language(handout.language));
        // Told of a change (check-sync), the phone takes it.
        set(&mut out, 26_015, "1");
    }
    out.push_str("</config>\n</gs_provision>\n");
    out
}

/// The form in which the phone book's and the menu's words are named.
fn language(language: Language) -> &'static str {
    match language {
        Language::English => "en",
        Language::German => "de",
        Language::French => "fr",
        Language::Spanish => "es",
    }
}

fn come_back(out: &mut String, handout: &Handout<'_>) {
    let back = &handout.come_back;
    let (https, path) = without_scheme(back.url);
    set(out, 237, path);
    set(out, 212, if https { "2" } else { "1" });
    let (username, password) = handout.credentials();
    set(out, 1360, username);
    set(out, 1361, password);
    // Daily, at this hour.
    set(out, 194, "2");
    set(out, 285, &back.hour.to_string());
    let check = if handout.strict { "1" } else { "0" };
    set(out, 8463, check);
    set(out, 22_030, check);
    set(out, 8502, "2");
}

fn account(out: &mut String, handout: &Handout<'_>) {
    let (account, server) = (handout.account(1), &handout.server);
    let registrar = account.map(|_| server.host_port()).unwrap_or_default();
    set(out, 271, if account.is_some() { "1" } else { "0" });
    set(out, 270, account.map_or("", |account| account.label));
    set(out, 3, account.map_or("", |account| account.name));
    set(out, 35, account.map_or("", |account| account.extension));
    set(out, 36, account.map_or("", |account| account.username));
    set(out, 34, account.map_or("", |account| account.secret));
    set(out, 47, account.map_or("", |_| server.domain));
    set(out, 48, &registrar);
    let transport = match server.transport {
        Transport::Udp => "0",
        Transport::Tcp => "1",
        Transport::Tls => "2",
    };
    set(out, 130, transport);
    // "sip:" also over TLS: the default is "sips:".
    set(out, 2329, "0");
    // Minutes, 1 to 64,800.
    set(out, 32, &(server.expires / 60).clamp(1, 64_800).to_string());
    let encryption = match server.media {
        Media::Plain => "0",
        Media::Encrypted => "2",
    };
    set(out, 183, encryption);
    set(out, 33, server.voice_mail);
    let last = handout.codecs.last().unwrap_or(&Codec::Pcma);
    for (choice, number) in [57, 58, 59].into_iter().enumerate() {
        let codec = match handout.codecs.get(choice).unwrap_or(last) {
            Codec::G722 => "9",
            Codec::Pcma => "8",
            Codec::Pcmu => "0",
        };
        set(out, number, codec);
    }
}

fn has_virtual_keys(model: &str) -> bool {
    let model = model.to_ascii_uppercase();
    model.starts_with("GRP") || model.starts_with("GHP")
}

fn multi_purpose_keys(out: &mut String, handout: &Handout<'_>) {
    for (place, (mode, account)) in (1..).zip(MPKS) {
        let key = handout.key(place);
        set(out, mode, if key.is_some() { "1" } else { "-1" });
        set(out, account, "0");
        set(out, account + 1, &key.map(|key| beside(key.label)).unwrap_or_default());
        set(out, account + 2, key.map_or("", |key| key.extension));
    }
}

/// The first virtual key is the account's own.
fn virtual_keys(out: &mut String, handout: &Handout<'_>) {
    for (place, number) in (0..=KEYS).zip(1_u16..) {
        let (mode, name) = match number.checked_sub(FIXED_VPKS + 1) {
            None => (1363 + 2 * (number - 1), 1465 + 2 * (number - 1)),
            Some(beyond) => (DYNAMIC_VPKS + 4 * beyond, DYNAMIC_VPKS + 4 * beyond + 2),
        };
        let key: Option<&LineKey<'_>> = handout.key(place);
        let word = match (place, key) {
            (0, _) => "default",
            (_, Some(_)) => "blf",
            (_, None) => "none",
        };
        let label = key.map(|key| beside(key.label)).unwrap_or_default();
        set(out, mode, word);
        set(out, mode + 1, "0");
        set(out, name, &label);
        set(out, name + 1, key.map_or("", |key| key.extension));
    }
}

fn clock(out: &mut String, handout: &Handout<'_>) {
    let zone = &handout.zone;
    set(out, 30, zone.ntp);
    let turn = |turn: Turn| format!("M{}.{}.{}/{:02}:00:00", turn.month, turn.week, turn.weekday, turn.hour);
    let summer = zone.summer.map(|summer| {
        let hours = west(zone.offset.saturating_add(60));
        format!("{}{hours},{},{}", summer.name, turn(summer.start), turn(summer.end))
    });
    set(
        out,
        64,
        &format!("{}{}{}", zone.standard, west(zone.offset), summer.unwrap_or_default()),
    );
    // DHCP has no say in it.
    set(out, 143, "0");
}

/// An offset as POSIX writes it: hours west of Greenwich, with minutes where there are any.
fn west(offset: i16) -> String {
    let sign = if offset > 0 { "-" } else { "" };
    match (offset / 60, offset % 60) {
        (hours, 0) => format!("{sign}{}", hours.unsigned_abs()),
        (hours, minutes) => format!("{sign}{}:{:02}", hours.unsigned_abs(), minutes.unsigned_abs()),
    }
}

fn phone_book(out: &mut String, handout: &Handout<'_>) {
    let (https, path) = without_scheme(handout.come_back.url);
    let (mode, path) = match (handout.book, https) {
        ([], _) => ("0", ""),
        (_, true) => ("3", path),
        (_, false) => ("1", path),
    };
    set(out, 330, mode);
    // The phone adds the file's name, phonebook.xml.
    set(out, 331, path);
    set(out, 332, &handout.come_back.minutes.to_string());
}

fn book(handout: &Handout<'_>) -> String {
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<AddressBook>\n".to_owned();
    for contact in handout.contacts() {
        out.push_str("<Contact>\n");
        xml::element(&mut out, "LastName", "", contact.name);
        xml::element(&mut out, "FirstName", "", "");
        out.push_str("<Phone>\n");
        xml::element(&mut out, "phonenumber", "", contact.number);
        xml::element(&mut out, "accountindex", "", "1");
        out.push_str("</Phone>\n</Contact>\n");
    }
    out.push_str("</AddressBook>\n");
    out
}
