//! Fanvil (X, V, i, H and W series with `sysConf` files): XML whose version has to rise, or the phone does not listen.

use super::handout::{ACCOUNTS, Codec, Handout, KEYS, Language, Media, Stage, Transport};
use super::make::{Answer, Ask, DhcpOption, File, Loss, Make, Place, Reading, settings_and_book, without_scheme};
use super::xml;

/// Fanvil.
pub static MAKE: Make = Make {
    id: "fanvil",
    title: "Fanvil",
    ouis: &[[0x00, 0xa8, 0x59], [0x0c, 0x38, 0x3e]],
    agents: &["fanvil"],
    resync: "check-sync",
    asks: &[
        Ask::unanswered("f0X5hw1.100.cfg", File::Model),
        Ask::unanswered("F0V00X600000.cfg", File::Model),
        Ask::unanswered("fanvil_MODEL_hwv2_0.txt", File::Firmware),
        Ask::answered("MAC.cfg", File::Config),
        Ask::answered("phonebook.xml", File::PhoneBook),
    ],
    checks: false,
    accounts: ACCOUNTS,
    book_with_settings: false,
    needs: &[
        "A Fanvil fetches by HTTPS at once, because it does not check certificates before it is told to.",
        "It comes back at each start and when it is told of a change.",
        "It takes a file only if its version is higher than that of the last: after a restore from an old backup \
         the version has to go on from the highest ever served.",
        "Keys for colleagues show letters, digits and blanks alone.",
        "Older models (X3, X4, X5 without a letter, C series) read another kind of file: set those up by hand.",
    ],
    unconfirmed: &[
        "How it is given a CA: no key was found, so checking certificates stays off unless the certificate is a \
         public one.",
        "Whether encrypted media over TLS is MediaCrypto 2 or 1.",
        "Whether the model's file or the phone's own is asked for first.",
        "That its remote phone book is read in this form.",
        "That summer time goes by the dates in the file where DSTType is 1; one template has it so.",
        "That Version may have ten digits behind the point in every firmware.",
    ],
    reads,
    writes,
    dhcp,
    loses,
    model,
};

/// Keys on one page of the phone's screen.
const PAGE: usize = 12;

fn reads(name: &str) -> Option<Reading> {
    if let Some(stem) = name.strip_suffix(".cfg") {
        return Reading::of(File::Config, stem)
            .or_else(|| stem.starts_with("f0").then_some(Reading::shared(File::Model)));
    }
    match name {
        "phonebook.xml" => Some(Reading::shared(File::PhoneBook)),
        _ if name.starts_with("fanvil_") && name.ends_with(".txt") => Some(Reading::shared(File::Firmware)),
        _ => None,
    }
}

/// `Fanvil X6U Pro 2.12.1 0c383e2cd782`: what stands before the firmware's version.
fn model(agent: &str) -> Option<&str> {
    let (_, rest) = agent.split_once("Fanvil ")?;
    let is_version = |word: &str| word.contains('.') && word.starts_with(|c: char| c.is_ascii_digit());
    let version = rest.split(' ').find(|word| is_version(word))?;
    let (model, _) = rest.split_once(version)?;
    Some(model.trim_end())
}

/// The whole URL, also in the vendor's own option; the phone fills its MAC in.
fn dhcp(base: &str) -> Vec<DhcpOption> {
    [66, 43]
        .into_iter()
        .map(|code| DhcpOption {
            code,
            value: format!("{base}$mac.cfg"),
        })
        .collect()
}

/// What may stand beside a key.
fn title(label: &str) -> String {
    label.chars().filter(|c| c.is_alphanumeric() || *c == ' ').collect()
}

fn loses(place: Place, text: &str) -> Option<Loss> {
    let shown = match place {
        Place::Name => text.chars().filter(|c| !xml::cannot(*c)).collect(),
        Place::KeyLabel => title(text),
    };
    Loss::between(
        text,
        shown,
        "Beside a key, Fanvil phones show letters, digits and blanks alone; control characters nowhere.",
    )
}

fn writes(handout: &Handout<'_>, file: File) -> Option<Answer> {
    settings_and_book(handout, file, config, book)
}

/// Elements with text, and what opens and closes around them.
struct Tree(String);

impl Tree {
    fn set(&mut self, name: &str, value: &str) {
        xml::element(&mut self.0, name, "", value);
    }

    fn within(&mut self, name: &str, attributes: &str, fill: impl FnOnce(&mut Self)) {
        self.0.push_str(&format!("<{name}{attributes}>\n"));
        fill(self);
        self.0.push_str(&format!("</{name}>\n"));
    }
}

/// An attribute that counts siblings.
fn index(place: usize) -> String {
    format!(" index=\"{place}\"")
}

fn config(handout: &Handout<'_>) -> String {
    let mut tree = Tree("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned());
    tree.within("sysConf", "", |tree| {
        // As many digits at every version: higher as a number and as text.
        tree.set("Version", &format!("2.{:010}", handout.version));
        if handout.stage == Stage::Whole {
            sip(tree, handout);
            phone(tree, handout);
            keys(tree, handout);
            tree.within("web", "", |tree| {
                tree.within("account", &index(1), |tree| {
                    tree.set("Name", "admin");
                    tree.set("Password", handout.menu_password);
                    tree.set("Level", "10");
                });
            });
        }
        come_back(tree, handout);
    });
    tree.0
}

fn sip(tree: &mut Tree, handout: &Handout<'_>) {
    tree.within("sip", "", |tree| {
        // Told of a change (check-sync), the phone takes it without a restart.
        tree.set("NotifyReboot", "0");
        for place in 1..=ACCOUNTS {
            tree.within("line", &index(place), |tree| line(tree, handout, place));
        }
    });
}

fn line(tree: &mut Tree, handout: &Handout<'_>, place: usize) {
    let account = handout.account(place);
    tree.set("PhoneNumber", account.map_or("", |account| account.extension));
    tree.set("DisplayName", account.map_or("", |account| account.name));
    tree.set("RegisterUser", account.map_or("", |account| account.username));
    tree.set("RegisterPswd", account.map_or("", |account| account.secret));
    tree.set("EnableReg", if account.is_some() { "1" } else { "0" });
    let Some(_) = account else { return };
    let server = &handout.server;
    tree.set("RegisterAddr", server.domain);
    tree.set("RegisterPort", &server.port.to_string());
    tree.set("RegisterTTL", &server.expires.to_string());
    tree.set("ProxyAddr", server.host);
    tree.set("ProxyPort", &server.port.to_string());
    let transport = match server.transport {
        Transport::Udp => "0",
        Transport::Tcp => "1",
        Transport::Tls => "3",
    };
    tree.set("Transport", transport);
    let encryption = match server.media {
        Media::Plain => "0",
        Media::Encrypted => "2",
    };
    tree.set("MediaCrypto", encryption);
    tree.set("MWINum", server.voice_mail);
    let codecs: Vec<&str> = handout
        .codecs
        .iter()
        .map(|codec| match codec {
            Codec::G722 => "G722",
            Codec::Pcma => "PCMA",
            Codec::Pcmu => "PCMU",
        })
        .collect();
    tree.set("VoiceCodecMap", &codecs.join(","));
}

fn phone(tree: &mut Tree, handout: &Handout<'_>) {
    let zone = &handout.zone;
    tree.within("phone", "", |tree| {
        tree.set("MenuPassword", handout.menu_password);
        tree.within("display", "", |tree| {
            tree.set("LCDTitle", handout.account(1).map_or("", |account| account.label));
            let language = match handout.language {
                Language::English => "en",
                Language::German => "de",
                Language::French => "fr",
                Language::Spanish => "es",
            };
            tree.set("DefaultLanguage", language);
        });
        tree.within("date", "", |tree| {
            tree.set("SNTPServer", zone.ntp);
            tree.set("TimeZone", &(zone.offset / 15).to_string());
            tree.set("TimeZoneName", &zone_name(zone.offset));
            tree.set("Enable_DST", if zone.summer.is_some() { "1" } else { "0" });
            let Some(summer) = zone.summer else { return };
            tree.set("DST_Fixed_Type", "0");
            tree.set("DSTType", "1");
            tree.set("DSTRuleMode", "0");
            tree.set("DSTMinOffset", "60");
            for (edge, turn) in [("Start", summer.start), ("End", summer.end)] {
                tree.set(&format!("DST{edge}Mon"), &turn.month.to_string());
                tree.set(&format!("DST{edge}Week"), &turn.week.to_string());
                tree.set(&format!("DST{edge}Wday"), &turn.weekday.to_string());
                tree.set(&format!("DST{edge}Hour"), &turn.hour.to_string());
            }
        });
        let (name, address) = match handout.book {
            [] => ("", String::new()),
            _ => ("Office", format!("{}phonebook.xml", handout.come_back.url)),
        };
        tree.within("xmlContact", &index(1), |tree| {
            tree.set("Name", name);
            tree.set("Addr", &address);
        });
    });
}

/// `UTC+1`, `UTC-3:30`.
fn zone_name(offset: i16) -> String {
    let sign = if offset < 0 { '-' } else { '+' };
    match (offset / 60, offset % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{}", hours.unsigned_abs()),
        (hours, minutes) => format!("UTC{sign}{}:{:02}", hours.unsigned_abs(), minutes.unsigned_abs()),
    }
}

fn keys(tree: &mut Tree, handout: &Handout<'_>) {
    tree.within("dsskey", "", |tree| {
        for page in 0..KEYS.div_ceil(PAGE) {
            tree.within("internal", &index(page + 1), |tree| {
                for place in 1..=PAGE {
                    let key = handout.key(page * PAGE + place);
                    tree.within("Fkey", &index(place), |tree| {
                        tree.set("Type", if key.is_some() { "1" } else { "0" });
                        let watched = key.map(|key| format!("{}@1/ba{}", key.extension, handout.pickup));
                        tree.set("Value", &watched.unwrap_or_default());
                        tree.set("Title", &title(key.map_or("", |key| key.label)));
                    });
                }
            });
        }
    });
}

fn come_back(tree: &mut Tree, handout: &Handout<'_>) {
    let back = &handout.come_back;
    let (https, _) = without_scheme(back.url);
    tree.within("ap", "", |tree| {
        tree.set("FlashServerIP", back.url.trim_end_matches('/'));
        tree.set("FlashFileName", "$mac.cfg");
        tree.set("FlashProtocol", if https { "5" } else { "4" });
        tree.set("FlashMode", "1");
        tree.set("FlashInterval", &(back.minutes / 60).max(1).to_string());
        let (username, password) = handout.credentials();
        tree.set("DefaultUsername", username);
        tree.set("DefaultPassword", password);
    });
    tree.within("dot1x", "", |tree| {
        tree.within("sslMode", "", |tree| {
            let check = if handout.strict { "1" } else { "0" };
            tree.set("PermissionCTF", check);
            tree.set("CommonName", check);
        });
    });
}

fn book(handout: &Handout<'_>) -> String {
    let mut tree = Tree("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned());
    tree.within("FanvilIPPhoneDirectory", "", |tree| {
        for contact in handout.contacts() {
            tree.within("DirectoryEntry", "", |tree| {
                tree.set("Name", contact.name);
                tree.set("Telephone", contact.number);
            });
        }
    });
    tree.0
}
