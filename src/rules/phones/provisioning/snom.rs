//! Snom: XML under a name that ends in `.htm`, its phone book and certificates in the same file.

use super::handout::{ACCOUNTS, Codec, Handout, KEYS, Language, Media, Stage, Transport, Turn};
use super::make::{Answer, Ask, DhcpOption, File, Loss, Make, Place, Reading};
use super::xml;

/// Snom.
pub static MAKE: Make = Make {
    id: "snom",
    title: "Snom",
    ouis: &[[0x00, 0x04, 0x13], [0x00, 0x08, 0x7b]],
    agents: &["snom"],
    resync: "check-sync;reboot=false",
    asks: &[
        Ask::unanswered("snomMODEL.htm", File::Model),
        Ask::answered("snomMODEL-MAC.htm", File::Config),
        Ask::answered("MAC.xml", File::Config),
    ],
    checks: true,
    accounts: ACCOUNTS,
    book_with_settings: true,
    needs: &[
        "A Snom checks certificates against its built-in list: with the office's own CA its first file comes \
         over plain HTTP, which has to be switched on, on a LAN that you trust.",
        "A D715 takes the address from DHCP only where DHCP names a DNS server as well.",
        "Its phone book holds as many people as fit into 12 KiB, in the book's order.",
    ],
    unconfirmed: &[
        "That it comes back by itself within five minutes of getting our CA; restart it otherwise.",
        "That a key of type line clears a colleague's key.",
        "That a phone keeps its old certificate list where the file has none.",
        "What the languages are called.",
    ],
    reads,
    writes,
    dhcp,
    loses,
    model,
};

/// Octets of the phone book within the file, so that the whole stays below 32 KiB.
const BOOK_OCTETS: usize = 12 * 1024;

fn reads(name: &str) -> Option<Reading> {
    let own = |stem: &str| Reading::of(File::Config, stem);
    if let Some(stem) = name.strip_suffix(".htm").or_else(|| name.strip_suffix(".xml")) {
        return match stem.rsplit_once('-') {
            Some((model, mac)) if model.starts_with("snom") => own(mac),
            None if stem.starts_with("snom") => Some(Reading::shared(File::Model)),
            _ => own(stem),
        };
    }
    // Some firmware knows no model of itself and turns its own name round.
    name.strip_prefix(".htm-")
        .and_then(own)
        .or_else(|| (name.starts_with("snom") && name.ends_with(".bin")).then_some(Reading::shared(File::Firmware)))
}

/// `Mozilla/4.0 (compatible; snomD785-SIP 10.1.54.13 …)`.
fn model(agent: &str) -> Option<&str> {
    let (_, rest) = agent.split_once("snom")?;
    rest.split(['-', '/', ' ', ';']).next()
}

fn dhcp(base: &str) -> Vec<DhcpOption> {
    vec![DhcpOption {
        code: 66,
        value: base.to_owned(),
    }]
}

fn loses(_: Place, text: &str) -> Option<Loss> {
    let shown = text.chars().filter(|c| !xml::cannot(*c)).collect();
    Loss::between(text, shown, "The file has no way to write control characters.")
}

fn writes(handout: &Handout<'_>, file: File) -> Option<Answer> {
    (file == File::Config).then(|| Answer::xml(config(handout)))
}

/// A setting that we overwrite at each fetch.
fn set(out: &mut String, key: &str, value: &str) {
    xml::element(out, key, " perm=\"RW\"", value);
}

fn config(handout: &Handout<'_>) -> String {
    let mut out = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<settings>\n<phone-settings>\n".to_owned();
    come_back(&mut out, handout);
    if handout.stage == Stage::Whole {
        menu(&mut out, handout);
        (1..=ACCOUNTS).for_each(|place| account(&mut out, handout, place));
        clock(&mut out, handout);
    }
    out.push_str("</phone-settings>\n");
    if handout.stage == Stage::Whole {
        keys(&mut out, handout);
        book(&mut out, handout);
    }
    if let Some(certificate) = handout.authority.and_then(|authority| authority.base64()) {
        out.push_str("<certificates>\n");
        xml::element(&mut out, "certificate", " type=\"base64\"", &certificate);
        out.push_str("</certificates>\n");
    }
    out.push_str("</settings>\n");
    out
}

fn come_back(out: &mut String, handout: &Handout<'_>) {
    let back = &handout.come_back;
    set(out, "setting_server", &format!("{}{{mac}}.xml", back.url));
    let (username, password) = handout.credentials();
    set(out, "http_client_user", username);
    set(out, "http_client_pass", password);
    set(
        out,
        "settings_refresh_timer",
        &handout.minutes().saturating_mul(60).to_string(),
    );
}

fn menu(out: &mut String, handout: &Handout<'_>) {
    set(out, "admin_mode_password", handout.menu_password);
    set(out, "admin_mode_password_confirm", handout.menu_password);
    for (user, password) in [
        ("http_user", "http_pass"),
        ("webserver_admin_name", "webserver_admin_password"),
    ] {
        set(out, user, "admin");
        set(out, password, handout.menu_password);
    }
    let language = match handout.language {
        Language::English => "English",
        Language::German => "Deutsch",
        Language::French => "Français",
        Language::Spanish => "Español",
    };
    set(out, "language", language);
    set(out, "web_language", language);
}

fn account(out: &mut String, handout: &Handout<'_>, place: usize) {
    let account = handout.account(place);
    let attributes = format!(" idx=\"{place}\" perm=\"RW\"");
    let mut set = |key: &str, value: &str| xml::element(out, key, &attributes, value);
    set("user_active", if account.is_some() { "on" } else { "off" });
    set("user_realname", account.map_or("", |account| account.name));
    set("user_idle_text", account.map_or("", |account| account.label));
    set("user_name", account.map_or("", |account| account.extension));
    set("user_pname", account.map_or("", |account| account.username));
    set("user_pass", account.map_or("", |account| account.secret));
    let Some(_) = account else { return };
    let server = &handout.server;
    let transport = match server.transport {
        Transport::Udp => "udp",
        Transport::Tcp => "tcp",
        Transport::Tls => "tls",
    };
    set("user_host", server.domain);
    set(
        "user_outbound",
        &format!("{};transport={transport}", server.host_port()),
    );
    set("user_expiry", &server.expires.to_string());
    let (encrypted, profile) = match server.media {
        Media::Plain => ("off", "off"),
        Media::Encrypted => ("on", "mandatory"),
    };
    set("user_srtp", encrypted);
    set("user_savp", profile);
    set("user_auth_tag", "off");
    set("user_mailbox", server.voice_mail);
    let mut codecs: Vec<&str> = handout
        .codecs
        .iter()
        .map(|codec| match codec {
            Codec::G722 => "g722",
            Codec::Pcma => "pcma",
            Codec::Pcmu => "pcmu",
        })
        .collect();
    codecs.push("telephone-event");
    set("codec_priority_list", &codecs.join(","));
}

fn clock(out: &mut String, handout: &Handout<'_>) {
    let zone = &handout.zone;
    set(out, "ntp_server", zone.ntp);
    // The zones that a phone has by name are its own, and few: the empty one leaves it to the two lines below.
    set(out, "timezone", "");
    set(out, "utc_offset", &format!("{:+}", i32::from(zone.offset) * 60));
    let turn = |turn: Turn| {
        format!(
            "{:02}.{:02}.{:02} {:02}:00:00",
            turn.month,
            turn.week,
            turn.monday_first(),
            turn.hour
        )
    };
    let summer = zone
        .summer
        .map(|summer| format!("3600 {} {}", turn(summer.start), turn(summer.end)));
    set(out, "dst", &summer.unwrap_or_default());
}

/// Keys are counted from 0; the first are the accounts' own.
fn keys(out: &mut String, handout: &Handout<'_>) {
    let own = handout.accounts.len().clamp(1, ACCOUNTS);
    out.push_str("<functionKeys>\n");
    for index in 0..KEYS + ACCOUNTS {
        let behind = (index + 1).checked_sub(own).filter(|behind| *behind <= KEYS);
        let (label, function) = match behind.and_then(|behind| handout.key(behind)) {
            Some(key) if handout.pickup.is_empty() => (key.label, format!("blf {}", key.extension)),
            Some(key) => (key.label, format!("blf {}|{}", key.extension, handout.pickup)),
            None => ("", "line".to_owned()),
        };
        let attributes = format!(
            " idx=\"{index}\" context=\"1\" label=\"{}\" perm=\"RW\"",
            xml::escape(label)
        );
        xml::element(out, "fkey", &attributes, &function);
    }
    out.push_str("</functionKeys>\n");
}

fn book(out: &mut String, handout: &Handout<'_>) {
    let end = out.len() + BOOK_OCTETS;
    out.push_str("<tbook complete=\"true\">\n");
    for (index, contact) in handout.contacts().enumerate() {
        let mut item = format!("<item context=\"active\" type=\"colleagues\" index=\"{index}\">\n");
        xml::element(&mut item, "first_name", "", contact.name);
        xml::element(&mut item, "last_name", "", "");
        xml::element(&mut item, "number", "", contact.number);
        item.push_str("</item>\n");
        if out.len() + item.len() > end {
            break;
        }
        out.push_str(&item);
    }
    out.push_str("</tbook>\n");
}
