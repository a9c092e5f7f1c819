//! Plug and play: each maker's dialect of the question (P34), and the answer.

use linekey::rules::phones::provisioning::discovery::{Subscribe, notify, read};
use linekey::rules::phones::provisioning::named;

use crate::record::mac;

const SNOM: Subscribe<'_> = Subscribe {
    request_uri: "sip:MAC%3a00041396D9B4@192.0.2.10",
    from: "<sip:MAC%3a00041396D9B4@192.0.2.10>;tag=1",
    event: "ua-profile;profile-type=\"device\";vendor=\"snom\";model=\"snomD785\";version=\"10.1.54.13\"",
};

#[test]
fn every_dialect_names_the_phone() {
    let found = read(&SNOM).unwrap();
    assert_eq!(found.mac, mac("00041396d9b4"));
    assert_eq!(found.make.map(|make| make.id), Some("snom"));
    assert_eq!(
        (found.model.as_str(), found.version.as_str()),
        ("snomD785", "10.1.54.13")
    );

    let uris = [
        "sip:MAC=0c383e2cd782@224.0.1.75",
        "sip:MAC= 0c383e2cd782@224.0.1.75",
        "sip:MAC=%200c383e2cd782@224.0.1.75",
        "SIP:mac%3A0C383E2CD782@224.0.1.75;transport=udp",
        "sip:MAC:0c383e2cd782@224.0.1.75",
        "sip:MAC%3d0c:38:3e:2c:d7:82@224.0.1.75",
        "sip:MAC%3a0c%3A38%3a3e%3a2c%3ad7%3a82@224.0.1.75",
    ];
    for request_uri in uris {
        let found = read(&Subscribe {
            request_uri,
            // The user part is an extension, and the MAC address in the request URI alone.
            from: "\"512\" <sip:512@10.0.0.90>;tag=2",
            event: "ua-profile;profile-type=“device”;vendor=“Fanvil”;model=“X6U”;version=“2.12.1”",
        });
        let found = found.unwrap_or_else(|| panic!("{request_uri}"));
        assert_eq!(found.mac, mac("0c383e2cd782"), "{request_uri}");
        assert_eq!(found.make.map(|make| make.id), Some("fanvil"));
        assert_eq!((found.vendor.as_str(), found.model.as_str()), ("Fanvil", "X6U"));
    }

    let in_from_alone = Subscribe {
        request_uri: "sip:224.0.1.75",
        from: "<sip:MAC%3a249ad8000001@224.0.1.75>;tag=3",
        event: " UA-Profile ; profile-type=device",
    };
    let found = read(&in_from_alone).unwrap();
    assert_eq!(
        found.make.map(|make| make.id),
        Some("yealink"),
        "by the range of its MAC address"
    );
    assert_eq!(found.model, "");
}

#[test]
fn what_is_no_phones_question_is_none() {
    let wrong = [
        Subscribe {
            event: "presence",
            ..SNOM
        },
        Subscribe { event: "", ..SNOM },
        Subscribe {
            request_uri: "sip:512@224.0.1.75",
            from: "sip:512@10.0.0.90",
            ..SNOM
        },
        Subscribe {
            request_uri: "sip:MAC%3a000413@x",
            from: "",
            ..SNOM
        },
        Subscribe {
            request_uri: "sip:MAC%3a000000000000@x",
            from: "",
            ..SNOM
        },
        Subscribe {
            request_uri: "sip:machine@x",
            from: "",
            ..SNOM
        },
    ];
    for subscribe in wrong {
        assert_eq!(read(&subscribe), None, "{subscribe:?}");
    }
    let long = "ua-profile;model=".to_owned() + &"x".repeat(5000);
    assert_eq!(read(&Subscribe { event: &long, ..SNOM }), None);
}

#[test]
fn what_a_phone_says_of_itself_is_short_text() {
    let event = format!(
        "ua-profile;vendor=\"nobody\";model=\"<b>\";version=\"{}\u{7}\"",
        "9".repeat(100)
    );
    let found = read(&Subscribe { event: &event, ..SNOM }).unwrap();
    assert_eq!(found.model, "<b>");
    assert_eq!(found.version, "9".repeat(32));
    assert_eq!(
        found.make.map(|make| make.id),
        Some("snom"),
        "by the range of its MAC address"
    );
}

#[test]
fn the_answer_repeats_the_event_and_holds_the_url_alone() {
    let base = "https://linekey.office.example/provision/";
    for (make, body) in [
        ("snom", base.to_owned()),
        ("yealink", base.to_owned()),
        ("fanvil", format!("{base}$mac.cfg")),
    ] {
        let answer = notify(&SNOM, named(make).unwrap(), base);
        assert_eq!(answer.event, SNOM.event);
        assert_eq!(answer.state, "terminated;reason=timeout");
        assert_eq!(answer.content_type, "application/url");
        assert_eq!(answer.body, body);
    }
    let split = Subscribe {
        event: "ua-profile\r\nX: y",
        ..SNOM
    };
    assert_eq!(notify(&split, named("snom").unwrap(), base).event, "ua-profileX: y");
}

#[test]
fn nothing_upsets_the_reader() {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut chance = move |end: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % u64::try_from(end).unwrap()).unwrap()
    };
    let pieces = [
        "sip:mac",
        "%3a",
        "=",
        "@",
        ";",
        "ua-profile",
        "vendor=",
        "“",
        "\"",
        " ",
        "ß",
        "00041396D9B4",
        "model",
        "<",
        "\0",
    ];
    for _ in 0..20_000 {
        let mut text = |count: usize| {
            (0..chance(count))
                .map(|_| pieces[chance(pieces.len())])
                .collect::<String>()
        };
        let (request_uri, from, event) = (text(8), text(8), "ua-profile;".to_owned() + &text(12));
        let found = read(&Subscribe {
            request_uri: &request_uri,
            from: &from,
            event: &event,
        });
        if let Some(found) = found {
            assert_eq!(found.mac, mac("00041396d9b4"));
        }
    }
}
