//! Names that break files (P12): each arrives whole, or the make tells beforehand what it drops.

use linekey::rules::phones::provisioning::handout::{Account, Contact, Handout, LineKey};
use linekey::rules::phones::provisioning::make::{File, Make, Place};
use linekey::rules::phones::provisioning::{MAKES, linphone};

use crate::{reader, record};

fn nasty() -> Vec<String> {
    let mut names: Vec<String> = [
        "A&B (x) <y> \"z\" 'q'",
        "#1; x=y",
        "# comment",
        "%NULL%",
        " %NULL% ",
        "Zoë Öztürk-Łuczak",
        "📞 Ada",
        " blanks at both ends ",
        "]]>",
        "<![CDATA[x]]>",
        "\u{202e}eb",
        "&amp;&#10;&lt;",
        "back\\slash",
        "= =",
        "!version:1.0.0.1",
        "$mac {mac} [PHONE_MAC_ADDRESS]",
        "e\u{301}",
        "<!-- -->",
        "two\nlines",
        "carriage\rreturn",
        "nul\0",
        "tab\tstop",
        "bell\u{7}",
        "\u{85}\u{2028}",
        "\u{fffe}\u{ffff}",
    ]
    .map(str::to_owned)
    .into();
    names.push("ß".repeat(64));
    names.push("&".repeat(64));
    names
}

/// What a phone of this make would show, by an independent reading of its file.
fn shown(make: &Make, name: &str) -> (String, String) {
    let accounts = [Account {
        name,
        label: name,
        ..record::handout(make).accounts[0]
    }];
    let keys = [LineKey {
        extension: "202",
        label: name,
    }];
    let settings = record::settings(
        make,
        &Handout {
            accounts: &accounts,
            keys: &keys,
            ..record::handout(make)
        },
    );
    let (own, colleague) = record::name_and_label(make);
    (settings[own].clone(), settings[colleague].clone())
}

#[track_caller]
fn arrives(make: &Make, name: &str) {
    let (own, colleague) = shown(make, name);
    for (place, read) in [(Place::Name, own), (Place::KeyLabel, colleague)] {
        match (make.loses)(place, name) {
            None => assert_eq!(read, name, "{}: {place:?} of {name:?}", make.title),
            Some(loss) => {
                assert_eq!(read, loss.shown, "{}: {place:?} of {name:?}", make.title);
                assert_ne!(read, name);
                assert!(loss.why.ends_with('.'), "{}", loss.why);
            }
        }
    }
}

#[test]
fn a_nasty_name_arrives_whole_or_its_loss_is_told() {
    for make in MAKES {
        for name in nasty() {
            arrives(make, &name);
        }
    }
}

#[test]
fn only_what_a_format_cannot_hold_is_lost() {
    for make in MAKES {
        let whole = [
            "A&B (x) <y> \"z\" 'q'",
            "#1; x=y",
            "Zoë Öztürk-Łuczak",
            "📞 Ada",
            "]]>",
            "\u{202e}eb",
        ];
        for name in whole.map(str::to_owned).into_iter().chain(["ß".repeat(64)]) {
            assert_eq!((make.loses)(Place::Name, &name), None, "{}", make.title);
        }
    }
    let lost = |make: &str, place, name: &str| {
        let make = linekey::rules::phones::provisioning::named(make).unwrap();
        (make.loses)(place, name).map(|loss| loss.shown)
    };
    assert_eq!(lost("yealink", Place::Name, "%NULL%").as_deref(), Some("NULL"));
    assert_eq!(lost("yealink", Place::Name, " Ada ").as_deref(), Some("Ada"));
    assert_eq!(lost("snom", Place::Name, " Ada "), None);
    assert_eq!(lost("fanvil", Place::KeyLabel, "A&B (x)").as_deref(), Some("AB x"));
    assert_eq!(lost("fanvil", Place::KeyLabel, "Zoë 2"), None);
    assert_eq!(
        lost("grandstream", Place::KeyLabel, &"ß".repeat(64)),
        Some("ß".repeat(32))
    );
    assert_eq!(lost("poly", Place::Name, "two\nlines").as_deref(), Some("twolines"));
}

#[test]
fn a_name_in_a_phone_book_arrives_whole() {
    for make in MAKES {
        let names = nasty();
        let book: Vec<Contact<'_>> = names.iter().map(|name| Contact { name, number: "202" }).collect();
        let handout = Handout {
            book: &book,
            ..record::handout(make)
        };
        let file = if make.id == "snom" {
            File::Config
        } else {
            File::PhoneBook
        };
        let settings = reader::read(&(make.writes)(&handout, file).unwrap());
        for name in &names {
            let whole: String = name
                .chars()
                .filter(|c| !c.is_control() && *c < '\u{fffe}' || *c > '\u{ffff}')
                .collect();
            assert!(
                settings.values().any(|value| *value == whole),
                "{}: {name:?}",
                make.title
            );
        }
    }
}

#[test]
fn an_app_shows_the_name() {
    for name in nasty() {
        let app = linphone::App {
            name: &name,
            ..record::app()
        };
        let settings = reader::read(&linphone::write(&app));
        let identity = &settings["config/section[proxy_0]/entry[reg_identity]"];
        let (quoted, address) = identity.rsplit_once(' ').unwrap();
        assert_eq!(address, "<sip:201@office.example>");
        // RFC 3261 §25.1 quoted-string.
        let mut inner = quoted.strip_prefix('"').unwrap().strip_suffix('"').unwrap().chars();
        let mut read = String::new();
        while let Some(c) = inner.next() {
            read.push(if c == '\\' { inner.next().unwrap() } else { c });
        }
        let whole: String = name
            .chars()
            .filter(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}'))
            .collect();
        assert_eq!(read, whole);
    }
}

/// Numbers that look like chance and are the same at every run (xorshift64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn name(&mut self) -> String {
        let length = self.below(65);
        (0..length)
            .map(|_| match self.below(4) {
                0 => char::from_u32(u32::try_from(self.below(0x80)).unwrap()),
                1 => "&<>\"'=#;%\\{}[]$ "
                    .chars()
                    .nth(usize::try_from(self.below(16)).unwrap()),
                2 => char::from_u32(u32::try_from(self.below(0x3000)).unwrap()),
                _ => char::from_u32(u32::try_from(self.below(0x11_0000)).unwrap()),
            })
            .map(|c| c.unwrap_or('x'))
            .collect()
    }
}

#[test]
fn a_random_name_arrives_whole_or_its_loss_is_told() {
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    for _ in 0..150 {
        let name = chance.name();
        MAKES.into_iter().for_each(|make| arrives(make, &name));
    }
}
