//! Yealink, firmware 81 and newer: lines of `key = value`, with no way to escape anything.

use super::handout::{ACCOUNTS, Codec, Handout, KEYS, Language, Media, Stage, Transport};
use super::make::{Answer, Ask, DhcpOption, File, Loss, Make, Place, Reading};
use super::xml;

/// Yealink.
pub static MAKE: Make = Make {
    id: "yealink",
    title: "Yealink",
    ouis: &[
        [0x00, 0x15, 0x65],
        [0x80, 0x5e, 0xc0],
        [0x80, 0x5e, 0x0c],
        [0x24, 0x9a, 0xd8],
        [0x34, 0x97, 0xd7],
        [0x44, 0xdb, 0xd2],
        [0x64, 0x4f, 0x56],
        [0xb0, 0x61, 0xa9],
        [0xc4, 0xfc, 0x22],
        [0xe4, 0x34, 0xd7],
        [0xec, 0x1d, 0xa9],
        [0xf0, 0x16, 0x53],
    ],
    agents: &["yealink", "w52p"],
    resync: "check-sync;reboot=false",
    asks: &[
        Ask::unanswered("MAC.boot", File::Boot),
        Ask::unanswered("y000000000000.boot", File::Boot),
        Ask::unanswered("y000000000108.cfg", File::Common),
        Ask::answered("MAC.cfg", File::Config),
        Ask::answered("phonebook.xml", File::PhoneBook),
        Ask::answered("office-ca.crt", File::Certificate),
    ],
    checks: true,
    accounts: ACCOUNTS,
    book_with_settings: false,
    needs: &[
        "A Yealink checks certificates and knows public ones only: with the office's own CA its first file comes \
         over plain HTTP, which has to be switched on, on a LAN that you trust.",
        "T19 to T58 with firmware 84 to 89 may know no cipher of ours: give them newer firmware, or SIP over TCP.",
        "Names lose blanks at their ends, and %NULL% means \"back to default\" to it.",
    ],
    unconfirmed: &[
        "That it comes back by itself within five minutes of getting our CA; restart it otherwise.",
        "How #, ; and quotes inside a name are taken.",
        "That %NULL% clears every key; one source says so.",
        "What the menu's language is called in lang.gui.",
    ],
    reads,
    writes,
    dhcp,
    loses,
    model,
};

/// What resets a key, and so must not be anybody's name.
const DEFAULT: &str = "%NULL%";

fn reads(name: &str) -> Option<Reading> {
    if let Some(stem) = name.strip_suffix(".boot") {
        return Reading::of(File::Boot, stem).or_else(|| of_a_model(stem).then_some(Reading::shared(File::Boot)));
    }
    if let Some(stem) = name.strip_suffix(".cfg") {
        return Reading::of(File::Config, stem).or_else(|| of_a_model(stem).then_some(Reading::shared(File::Common)));
    }
    match name {
        "phonebook.xml" => Some(Reading::shared(File::PhoneBook)),
        "office-ca.crt" => Some(Reading::shared(File::Certificate)),
        _ if name.ends_with(".rom") => Some(Reading::shared(File::Firmware)),
        "custom.sync" => Some(Reading::shared(File::Own)),
        _ => {
            let (mac, rest) = name.split_at_checked(12)?;
            matches!(rest, "-local.cfg" | "-contact.xml").then(|| Reading::of(File::Own, mac))?
        }
    }
}

/// `y` and twelve digits: files of all phones of a model.
fn of_a_model(stem: &str) -> bool {
    let digits = stem.strip_prefix('y').unwrap_or_default();
    digits.len() == 12 && digits.bytes().all(|digit| digit.is_ascii_digit())
}

/// `Yealink SIP-T46U 108.86.0.20 24:9a:d8:00:00:01`, `W52P 25.81.0.10 …`.
fn model(agent: &str) -> Option<&str> {
    let mut words = agent
        .split_ascii_whitespace()
        .skip_while(|word| word.eq_ignore_ascii_case("yealink"));
    let word = words.next()?;
    Some(word.strip_prefix("SIP-").unwrap_or(word))
}

fn dhcp(base: &str) -> Vec<DhcpOption> {
    vec![DhcpOption {
        code: 66,
        value: base.to_owned(),
    }]
}

/// What stands behind the equals sign.
fn plain(text: &str) -> String {
    let kept: String = text.chars().filter(|c| !xml::cannot(*c)).collect();
    let trimmed = kept.trim();
    if trimmed == DEFAULT {
        "NULL".to_owned()
    } else {
        trimmed.to_owned()
    }
}

fn loses(_: Place, text: &str) -> Option<Loss> {
    Loss::between(
        text,
        plain(text),
        "Yealink phones drop blanks at both ends, and take %NULL% for \"back to default\".",
    )
}

/// Lines that reset what has no value.
struct Lines(String);

impl Lines {
    fn set(&mut self, key: &str, value: &str) {
        let value = plain(value);
        let value = if value.is_empty() { DEFAULT } else { &value };
        self.0.push_str(&format!("{key} = {value}\n"));
    }
}

fn writes(handout: &Handout<'_>, file: File) -> Option<Answer> {
    match file {
        File::Config => Some(Answer::text(config(handout))),
        File::PhoneBook if handout.stage == Stage::Whole => Some(Answer::xml(book(handout))),
        File::Certificate => handout.authority.map(|authority| Answer {
            media_type: "application/x-pem-file",
            bytes: authority.pem.as_bytes().to_vec(),
        }),
        File::PhoneBook
        | File::Boot
        | File::Common
        | File::Model
        | File::Settings
        | File::Firmware
        | File::Own
        | File::Unknown => None,
    }
}

fn config(handout: &Handout<'_>) -> String {
    // The first line is the format's version and has to be exactly this.
    let mut lines = Lines("#!version:1.0.0.1\n".to_owned());
    come_back(&mut lines, handout);
    if handout.stage == Stage::Trust {
        return lines.0;
    }
    lines.set(
        "static.security.user_password",
        &format!("admin:{}", handout.menu_password),
    );
    for place in 1..=ACCOUNTS {
        account(&mut lines, handout, place);
    }
    for place in 1..=KEYS + ACCOUNTS {
        key(&mut lines, handout, place);
    }
    clock(&mut lines, handout);
    let language = match handout.language {
        Language::English => "English",
        Language::German => "German",
        Language::French => "French",
        Language::Spanish => "Spanish",
    };
    lines.set("lang.gui", language);
    let (url, name) = match handout.book {
        [] => (String::new(), ""),
        _ => (format!("{}phonebook.xml", handout.come_back.url), "Office"),
    };
    lines.set("remote_phonebook.data.1.url", &url);
    lines.set("remote_phonebook.data.1.name", name);
    // A phone that is told of a change takes it without a restart.
    lines.set("sip.notify_reboot_enable", "0");
    lines.0
}

fn come_back(lines: &mut Lines, handout: &Handout<'_>) {
    lines.set("static.auto_provision.server.url", handout.come_back.url);
    let (username, password) = handout.credentials();
    lines.set("static.auto_provision.server.username", username);
    lines.set("static.auto_provision.server.password", password);
    lines.set("static.auto_provision.power_on", "1");
    lines.set("static.auto_provision.repeat.enable", "1");
    lines.set("static.auto_provision.repeat.minutes", &handout.minutes().to_string());
    lines.set(
        "static.trusted_certificates.url",
        handout.authority.map_or("", |authority| authority.url),
    );
    lines.set("static.security.trust_certificates", "1");
    lines.set("static.security.ca_cert", "2");
    lines.set("static.security.cn_validation", if handout.strict { "1" } else { "0" });
}

fn account(lines: &mut Lines, handout: &Handout<'_>, place: usize) {
    let account = handout.account(place);
    let mut set = |key: &str, value: &str| lines.set(&format!("account.{place}.{key}"), value);
    set("enable", if account.is_some() { "1" } else { "0" });
    set("label", account.map_or("", |account| account.label));
    set("display_name", account.map_or("", |account| account.name));
    set("user_name", account.map_or("", |account| account.extension));
    set("auth_name", account.map_or("", |account| account.username));
    set("password", account.map_or("", |account| account.secret));
    let Some(_) = account else { return };
    let server = &handout.server;
    set("sip_server.1.address", server.domain);
    set("sip_server.1.port", &server.port.to_string());
    let transport = match server.transport {
        Transport::Udp => "0",
        Transport::Tcp => "1",
        Transport::Tls => "2",
    };
    set("sip_server.1.transport_type", transport);
    set("sip_server.1.expires", &server.expires.to_string());
    // Addresses have the domain; where it leads is the proxy's to say.
    set("outbound_proxy_enable", "1");
    set("outbound_proxy.1.address", server.host);
    set("outbound_proxy.1.port", &server.port.to_string());
    let encryption = match server.media {
        Media::Plain => "0",
        Media::Encrypted => "2",
    };
    set("srtp_encryption", encryption);
    lines.set(&format!("voice_mail.number.{place}"), server.voice_mail);
    for codec in Codec::ALL {
        let name = match codec {
            Codec::G722 => "g722",
            Codec::Pcma => "pcma",
            Codec::Pcmu => "pcmu",
        };
        let rank = handout.codecs.iter().position(|chosen| *chosen == codec);
        let mut set = |key: &str, value: &str| lines.set(&format!("account.{place}.codec.{name}.{key}"), value);
        set("enable", if rank.is_some() { "1" } else { "0" });
        set("priority", &rank.map_or(0, |rank| rank + 1).to_string());
    }
}

/// The first keys are the accounts' own, by default; colleagues have those behind.
fn key(lines: &mut Lines, handout: &Handout<'_>, place: usize) {
    let own = handout.accounts.len().clamp(1, ACCOUNTS);
    let colleague = place
        .checked_sub(own)
        .and_then(|behind| handout.key(behind).filter(|_| behind <= KEYS));
    let mut set = |key: &str, value: &str| lines.set(&format!("linekey.{place}.{key}"), value);
    match colleague {
        Some(colleague) => {
            set("type", "16");
            set("line", "1");
            set("value", colleague.extension);
            set("label", colleague.label);
            set("extension", handout.pickup);
        }
        None => ["type", "line", "value", "label", "extension"]
            .into_iter()
            .for_each(|name| set(name, "")),
    }
}

fn clock(lines: &mut Lines, handout: &Handout<'_>) {
    let zone = &handout.zone;
    lines.set("local_time.ntp_server1", zone.ntp);
    let (hours, minutes) = (zone.offset / 60, (zone.offset % 60).abs());
    let sign = if zone.offset < 0 { "-" } else { "+" };
    let written = match minutes {
        0 => format!("{sign}{}", hours.abs()),
        _ => format!("{sign}{}:{minutes:02}", hours.abs()),
    };
    lines.set("local_time.time_zone", &written);
    let turn =
        |turn: super::handout::Turn| format!("{}/{}/{}/{}", turn.month, turn.week, turn.monday_first(), turn.hour);
    lines.set("local_time.summer_time", if zone.summer.is_some() { "1" } else { "0" });
    lines.set("local_time.dst_time_type", if zone.summer.is_some() { "1" } else { "" });
    lines.set(
        "local_time.start_time",
        &zone.summer.map(|summer| turn(summer.start)).unwrap_or_default(),
    );
    lines.set(
        "local_time.end_time",
        &zone.summer.map(|summer| turn(summer.end)).unwrap_or_default(),
    );
    lines.set("local_time.offset_time", if zone.summer.is_some() { "60" } else { "" });
}

fn book(handout: &Handout<'_>) -> String {
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<YealinkIPPhoneDirectory>\n".to_owned();
    for contact in handout.contacts() {
        out.push_str("<DirectoryEntry>\n");
        xml::element(&mut out, "Name", "", contact.name);
        xml::element(&mut out, "Telephone", "", contact.number);
        out.push_str("</DirectoryEntry>\n");
    }
    out.push_str("</YealinkIPPhoneDirectory>\n");
    out
}
