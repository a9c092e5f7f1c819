//! What the page says of each make: what it needs, what DHCP hands out (P33), how MAC addresses are written.

use linekey::rules::phones::mac::Mac;
use linekey::rules::phones::provisioning::handout::{Handout, Stage};
use linekey::rules::phones::provisioning::make::{EVERY_PHONE, File};
use linekey::rules::phones::provisioning::{MAKES, named};

use crate::record::{self, mac};

#[test]
fn a_mac_is_read_however_it_is_written() {
    let one = mac("000413aabbcc");
    for written in [
        "00:04:13:AA:BB:CC",
        "00-04-13-aa-bb-cc",
        "0004.13aa.bbcc",
        "000413AaBbCc",
    ] {
        assert_eq!(Mac::read(written), Some(one), "{written}");
    }
    for wrong in [
        "",
        "000413aabbc",
        "000413aabbccd",
        "000413aabbcg",
        "00 04 13 aa bb cc",
        "::::::::::::::::::",
        "000000000000",
    ] {
        assert_eq!(Mac::read(wrong), None, "{wrong}");
    }
    assert_eq!(
        (one.lower(), one.upper(), one.to_string()),
        (
            "000413aabbcc".to_owned(),
            "000413AABBCC".to_owned(),
            "000413aabbcc".to_owned()
        )
    );
}

#[test]
fn dhcp_hands_out_a_url_with_its_scheme() {
    let base = "https://linekey.office.example/provision/";
    let expected = [
        ("yealink", vec![(66, base.to_owned())]),
        ("snom", vec![(66, base.to_owned())]),
        ("grandstream", vec![(66, base.to_owned())]),
        (
            "poly",
            vec![
                (160, format!("{base}000000000000.cfg")),
                (66, format!("{base}000000000000.cfg")),
            ],
        ),
        (
            "fanvil",
            vec![(66, format!("{base}$mac.cfg")), (43, format!("{base}$mac.cfg"))],
        ),
    ];
    for (make, options) in expected {
        let given = (named(make).unwrap().dhcp)(base);
        let given: Vec<_> = given.iter().map(|option| (option.code, option.value.clone())).collect();
        assert_eq!(given, options);
    }
    let line = (named("fanvil").unwrap().dhcp)(base)[0].dnsmasq();
    assert_eq!(
        line.as_deref(),
        Some("dhcp-option-force=66,\"https://linekey.office.example/provision/$mac.cfg\"")
    );
    assert_eq!((named("snom").unwrap().dhcp)("https://x/\"\n")[0].dnsmasq(), None);
}

#[test]
fn every_make_tells_its_owner_what_it_needs() {
    for make in MAKES {
        for sentence in make.needs.iter().chain(make.unconfirmed).chain(EVERY_PHONE) {
            assert!(sentence.ends_with('.') && !sentence.contains("  "), "{sentence}");
        }
        assert!(!make.needs.is_empty() && !make.unconfirmed.is_empty());
        assert_eq!(named(make.id), Some(make));
    }
}

#[test]
fn a_phone_book_is_not_read_before_the_phone_is_trusted() {
    for make in MAKES {
        let handout = Handout {
            stage: Stage::Trust,
            ..record::handout(make)
        };
        assert_eq!((make.writes)(&handout, File::PhoneBook), None);
    }
}
