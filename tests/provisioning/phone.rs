//! A phone of each make that keeps what it is not told (P28), and what stands in files at each stage.

use linekey::rules::phones::provisioning::MAKES;
use linekey::rules::phones::provisioning::handout::*;
use linekey::rules::phones::provisioning::make::{File, Make};

use crate::reader::Settings;
use crate::record::{self, MENU, SECRET};

/// Keeps every key that it was ever told, until it is told otherwise.
#[derive(Default)]
struct Phone(Settings);

impl Phone {
    fn fetches(&mut self, make: &Make, handout: &Handout<'_>) {
        self.0.extend(record::settings(make, handout));
    }
}

const TWELVE: [LineKey<'_>; 12] = [LineKey {
    extension: "255",
    label: "Former colleague",
}; 12];

fn former(make: &Make) -> Handout<'static> {
    let mut handout = record::handout(make);
    handout.keys = &TWELVE;
    handout.pickup = "*8";
    handout
}

fn next(make: &Make) -> Handout<'static> {
    let mut handout = record::handout(make);
    handout.accounts = &[Account {
        extension: "210",
        name: "Ben",
        label: "210 Ben",
        username: "q1w2e3",
        secret: "Zz9yXx8wVv7uUu6tTt5sSs",
    }];
    handout.server.media = Media::Plain;
    handout.server.voice_mail = "";
    handout.authority = None;
    handout.keys = record::KEYS_OF_TWO;
    handout.book = &[];
    handout.zone.summer = None;
    handout.come_back.username = "";
    handout.come_back.password = "";
    handout.codecs = &[Codec::Pcma];
    handout.version += 1;
    handout
}

#[test]
fn a_phone_that_changed_hands_has_the_new_ones_settings_alone() {
    for make in MAKES {
        let (mut used, mut fresh) = (Phone::default(), Phone::default());
        used.fetches(make, &former(make));
        used.fetches(make, &next(make));
        fresh.fetches(make, &next(make));
        let other: Vec<_> = used
            .0
            .iter()
            .filter(|(key, value)| fresh.0.get(*key) != Some(value))
            // Summer time that is off has no dates that count. The phone book and the certificates in Snom's file are
            // lists of their own, which it takes whole.
            .filter(|(key, _)| !key.contains("daylightSavings.") && !key.contains("/DST"))
            .filter(|(key, _)| !key.contains("/tbook/") && !key.contains("/certificates/"))
            .collect();
        assert_eq!(other, [], "{}", make.title);
    }
}

#[test]
fn a_phone_taken_off_the_line_knows_nobody() {
    for make in MAKES {
        let mut phone = Phone::default();
        phone.fetches(make, &former(make));
        let mut removed = record::handout(make);
        (removed.accounts, removed.keys, removed.book) = (&[], &[], &[]);
        phone.fetches(make, &removed);
        for (key, value) in phone.0.iter().filter(|(key, _)| !key.contains("/tbook/")) {
            for gone in [SECRET, "Zoë", "d7k2m9", "Former", "255"] {
                assert!(!value.contains(gone), "{}: {key} = {value}", make.title);
            }
        }
    }
}

#[test]
fn at_first_contact_a_file_says_nothing_secret() {
    for make in MAKES {
        let handout = Handout {
            stage: Stage::Trust,
            ..record::handout(make)
        };
        let files = record::files(make, &handout);
        assert!(!files.is_empty());
        for (name, answer) in files {
            let text = String::from_utf8(answer.bytes).unwrap();
            for secret in [SECRET, MENU, "Pw4comeback", "phone7", "d7k2m9", "Zoë", "Bob", "201"] {
                assert!(!text.contains(secret), "{name} says {secret}");
            }
        }
        let back = record::settings(make, &handout)
            .into_values()
            .find(|value| value.contains("linekey.office.example/p/Tk3n"));
        assert!(back.is_some(), "{} is not told where to come back to", make.title);
    }
}

#[test]
fn keys_beyond_the_last_are_left_out() {
    for make in MAKES {
        let keys = [LineKey {
            extension: "277",
            label: "Beyond",
        }; 3 * KEYS];
        let handout = Handout {
            keys: &keys,
            ..record::handout(make)
        };
        let settings = record::settings(make, &handout);
        let labels = settings.values().filter(|value| *value == "Beyond").count();
        assert_eq!(labels, KEYS, "{}", make.title);
    }
}

#[test]
fn a_phone_that_has_nothing_but_the_ca_comes_back_soon() {
    let expected = [
        ("yealink", "static.auto_provision.repeat.minutes", ["5", "1440"]),
        (
            "snom",
            "settings/phone-settings/settings_refresh_timer",
            ["300", "86400"],
        ),
    ];
    for (make, key, values) in expected {
        let make = linekey::rules::phones::provisioning::named(make).unwrap();
        for (stage, value) in [Stage::Trust, Stage::Whole].into_iter().zip(values) {
            let handout = Handout {
                stage,
                ..record::handout(make)
            };
            assert_eq!(record::settings(make, &handout)[key], value);
        }
    }
}

#[test]
fn no_secret_of_ours_is_changed_on_the_way() {
    for make in MAKES {
        let values: Vec<String> = record::settings(make, &record::handout(make)).into_values().collect();
        assert!(values.iter().any(|value| value == SECRET), "{}", make.title);
        assert!(values.iter().any(|value| value.ends_with(MENU)), "{}", make.title);
        assert!(values.iter().any(|value| value == "Pw4comeback"), "{}", make.title);
    }
}

#[test]
fn six_people_on_one_mac_each_have_their_line() {
    let names = ["Ada", "Ben", "Cleo", "Dora", "Emil", "Finn"];
    let numbers = ["201", "202", "203", "204", "205", "206"];
    let accounts: Vec<Account<'_>> = names
        .into_iter()
        .zip(numbers)
        .map(|(name, extension)| Account {
            extension,
            name,
            label: name,
            username: name,
            secret: SECRET,
        })
        .collect();
    for make in MAKES {
        let handout = Handout {
            accounts: &accounts,
            ..record::handout(make)
        };
        let settings = record::settings(make, &handout);
        let held = names
            .into_iter()
            .filter(|name| settings.values().any(|value| value == name))
            .count();
        assert_eq!(held, make.accounts.min(6), "{}", make.title);
    }
}

#[test]
fn a_grandstream_without_virtual_keys_has_seven_keys_for_colleagues() {
    let make = linekey::rules::phones::provisioning::named("grandstream").unwrap();
    for model in ["GXP2170", ""] {
        let settings = record::settings(
            make,
            &Handout {
                model,
                ..record::handout(make)
            },
        );
        let value = |number: u16| settings[&format!("gs_provision/config/P{number}")].as_str();
        assert_eq!([323, 301, 302, 303].map(value), ["1", "0", "Bob", "202"]);
        assert_eq!([324, 304, 305, 306].map(value), ["1", "0", "Cleo Ünal", "203"]);
        assert_eq!([329, 319, 320, 321].map(value), ["-1", "0", "", ""]);
        assert!(!settings.contains_key("gs_provision/config/P1363"));
    }
}

/// DECT bases and desks: keys for colleagues begin behind the accounts' own.
#[test]
fn a_yealink_with_two_accounts_has_its_colleagues_from_the_third_key_on() {
    let make = linekey::rules::phones::provisioning::named("yealink").unwrap();
    let handout = record::handout(make);
    let two = Handout {
        accounts: &[handout.accounts[0]; 2],
        ..record::handout(make)
    };
    let settings = record::settings(make, &two);
    let key = |place: usize| settings[&format!("linekey.{place}.value")].as_str();
    assert_eq!([1, 2, 3, 4, 5].map(key), ["", "", "202", "203", ""]);
}

#[test]
fn a_pickup_code_stands_where_each_make_looks_for_it() {
    let expected = [
        ("yealink", "linekey.2.extension", "*8"),
        ("snom", "settings/functionKeys/fkey[1]", "blf 202|*8"),
        ("fanvil", "sysConf/dsskey/internal[1]/Fkey[1]/Value", "202@1/ba*8"),
    ];
    for (make, key, value) in expected {
        let make = linekey::rules::phones::provisioning::named(make).unwrap();
        let handout = Handout {
            pickup: "*8",
            ..record::handout(make)
        };
        assert_eq!(record::settings(make, &handout)[key], value);
    }
}

#[test]
fn another_transport_and_port_are_written() {
    for make in MAKES {
        let mut handout = record::handout(make);
        let words = |handout: &Handout<'_>| record::settings(make, handout);
        let tls = words(&handout);
        handout.server.transport = Transport::Udp;
        handout.server.port = 5060;
        let udp = words(&handout);
        let changed: Vec<(&String, &String)> = udp.iter().filter(|(key, value)| tls.get(*key) != Some(value)).collect();
        assert!(
            changed.iter().any(|(_, value)| value.contains("5060")),
            "{}: {changed:?}",
            make.title
        );
        let words = ["0", "UDPOnly"];
        assert!(
            changed
                .iter()
                .any(|(_, value)| words.contains(&value.as_str()) || value.ends_with("transport=udp")),
            "{}: {changed:?}",
            make.title
        );
    }
}

#[test]
fn an_office_west_of_greenwich_without_summer_time_has_its_hour() {
    let zone = Zone {
        ntp: "ntp.office.example",
        standard: "NST",
        offset: -210,
        summer: None,
    };
    let expected = [
        ("yealink", "local_time.time_zone", "-3:30"),
        ("snom", "settings/phone-settings/utc_offset", "-12600"),
        ("grandstream", "gs_provision/config/P64", "NST3:30"),
        ("poly", "polycomConfig@tcpIpApp.sntp.gmtOffset", "-12600"),
        ("fanvil", "sysConf/phone/date/TimeZone", "-14"),
    ];
    for (make, key, value) in expected {
        let make = linekey::rules::phones::provisioning::named(make).unwrap();
        let handout = Handout {
            zone,
            ..record::handout(make)
        };
        assert_eq!(record::settings(make, &handout)[key], value);
    }
}

#[test]
fn a_later_version_is_higher_as_text_and_as_a_number() {
    let make = linekey::rules::phones::provisioning::named("fanvil").unwrap();
    let version = |version| {
        let handout = Handout {
            version,
            ..record::handout(make)
        };
        record::settings(make, &handout)["sysConf/Version"].clone()
    };
    let versions = [0, 1, 9, 10, 9_999, 10_000, u32::MAX].map(version);
    assert!(versions.is_sorted(), "{versions:?}");
    let numbers = versions.map(|version| version.parse::<f64>().unwrap());
    assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?}");
}

#[test]
fn the_largest_record_stays_below_32_kib() {
    let name = "ß".repeat(64);
    let account = Account {
        extension: "201",
        name: &name,
        label: &name,
        username: "d7k2m9",
        secret: SECRET,
    };
    let key = LineKey {
        extension: "202",
        label: &name,
    };
    let contact = Contact {
        name: &name,
        number: "202",
    };
    for make in MAKES {
        let handout = Handout {
            accounts: &[account; 20],
            keys: &[key; 50],
            book: &[contact; 3000],
            ..record::handout(make)
        };
        for file in [File::Config, File::Settings] {
            let octets = (make.writes)(&handout, file).map_or(0, |answer| answer.bytes.len());
            assert!(octets <= 32 * 1024, "{} {file:?}: {octets} octets", make.title);
        }
    }
}
