//! The record that the golden files are written from. Names, numbers and addresses are invented.

use linekey::rules::phones::device::Algorithm;
use linekey::rules::phones::mac::Mac;
use linekey::rules::phones::provisioning::handout::*;
use linekey::rules::phones::provisioning::linphone::App;
use linekey::rules::phones::provisioning::make::{Answer, File, Make};

pub(crate) const SECRET: &str = "Sd83kfLq02mVx7Tz9aQp4W";
pub(crate) const MENU: &str = "Mn5tRw8y";

const ACCOUNT: Account<'_> = Account {
    extension: "201",
    name: "Zoë Öztürk-Łuczak",
    label: "201 Zoë Öztürk-Łuczak",
    username: "d7k2m9",
    secret: SECRET,
};

pub(crate) const KEYS_OF_TWO: &[LineKey<'_>] = &[
    LineKey {
        extension: "202",
        label: "Bob",
    },
    LineKey {
        extension: "203",
        label: "Cleo Ünal",
    },
];

const BOOK_OF_TWO: &[Contact<'_>] = &[
    Contact {
        name: "Bob & Söhne <Lager>",
        number: "202",
    },
    Contact {
        name: "Cleo \"C\" Ünal",
        number: "203",
    },
];

pub(crate) fn mac(written: &str) -> Mac {
    Mac::read(written).unwrap()
}

/// A phone on 201 with two colleagues, over TLS, with the office's own CA.
pub(crate) fn handout(make: &Make) -> Handout<'static> {
    let (mac_address, model) = match make.id {
        "yealink" => ("249ad8000001", "T46U"),
        "snom" => ("000413aabbcc", "D785"),
        "grandstream" => ("c074ad000001", "GRP2614"),
        "poly" => ("0004f2000001", "VVX_450"),
        "fanvil" => ("0c383e000001", "X6U Pro"),
        other => panic!("no sample phone of {other}"),
    };
    Handout {
        mac: mac(mac_address),
        model,
        stage: Stage::Whole,
        accounts: &[ACCOUNT],
        server: Server {
            host: "linekey.office.example",
            domain: "office.example",
            transport: Transport::Tls,
            port: 5061,
            expires: 600,
            media: Media::Encrypted,
            voice_mail: "299",
        },
        menu_password: MENU,
        come_back: ComeBack {
            url: "https://linekey.office.example/p/Tk3n/",
            username: "phone7",
            password: "Pw4comeback",
            minutes: 1440,
            hour: 4,
        },
        authority: Some(Authority {
            pem: include_str!("golden/office-ca.pem"),
            url: "http://linekey.office.example/office-ca.crt",
        }),
        strict: false,
        zone: berlin(),
        language: Language::German,
        codecs: &[Codec::G722, Codec::Pcma, Codec::Pcmu],
        keys: KEYS_OF_TWO,
        book: BOOK_OF_TWO,
        pickup: "",
        version: 7,
    }
}

pub(crate) fn berlin() -> Zone<'static> {
    Zone {
        ntp: "192.0.2.10",
        standard: "CET",
        offset: 60,
        summer: Some(Summer {
            name: "CEST",
            start: Turn {
                month: 3,
                week: 5,
                weekday: 0,
                hour: 2,
            },
            end: Turn {
                month: 10,
                week: 5,
                weekday: 0,
                hour: 3,
            },
        }),
    }
}

pub(crate) fn app() -> App<'static> {
    App {
        extension: "201",
        name: "Zoë \"Z\" Öztürk \\ Łuczak",
        username: "d7k2m9",
        domain: "office.example",
        ha1: "0d7d8ec3d3cbb4d0a4b4ad0e33a2a4cbf0a1b2c3d4e5f60718293a4b5c6d7e8f",
        algorithm: Algorithm::Sha256,
        host: "192.0.2.10",
        transport: Transport::Tcp,
        port: 5060,
        expires: 600,
        media: Media::Plain,
        voice_mail: "299",
    }
}

/// Every file that a make serves for a record, by its name in the golden folder.
pub(crate) fn files(make: &Make, handout: &Handout<'_>) -> Vec<(String, Answer)> {
    let ending = if make.id == "yealink" { "cfg" } else { "xml" };
    let kinds = [
        (File::Config, format!("{}.{ending}", make.id)),
        (File::Settings, format!("{}-settings.xml", make.id)),
        (File::PhoneBook, format!("{}-book.xml", make.id)),
    ];
    let written = kinds
        .into_iter()
        .map(|(file, name)| (name, (make.writes)(handout, file)));
    written.filter_map(|(name, answer)| Some((name, answer?))).collect()
}

/// The settings of a make as its phones would read them, from the file that holds them.
pub(crate) fn settings(make: &Make, handout: &Handout<'_>) -> crate::reader::Settings {
    let file = if make.id == "poly" {
        File::Settings
    } else {
        File::Config
    };
    crate::reader::read(&(make.writes)(handout, file).unwrap())
}

/// Where a make keeps the name of the first account and the label of the first colleague's key.
pub(crate) fn name_and_label(make: &Make) -> (&'static str, &'static str) {
    match make.id {
        "yealink" => ("account.1.display_name", "linekey.2.label"),
        "snom" => (
            "settings/phone-settings/user_realname[1]",
            "settings/functionKeys/fkey[1]@label",
        ),
        "grandstream" => ("gs_provision/config/P3", "gs_provision/config/P1467"),
        "poly" => (
            "polycomConfig@reg.1.displayName",
            "polycomConfig@attendant.resourceList.1.label",
        ),
        "fanvil" => (
            "sysConf/sip/line[1]/DisplayName",
            "sysConf/dsskey/internal[1]/Fkey[1]/Title",
        ),
        other => panic!("no key known of {other}"),
    }
}
