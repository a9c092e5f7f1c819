//! The names that phones ask for: each make's own order, letter case (P01), what is refused (P03, P22), clothes of the
//! User-Agent (P21), addresses that no list knows (P41); and that nothing whatever upsets the reader.

use linekey::rules::phones::mac::Mac;
use linekey::rules::phones::provisioning::handout::Handout;
use linekey::rules::phones::provisioning::make::{Answer, File, Make};
use linekey::rules::phones::provisioning::request::{answer, asked};
use linekey::rules::phones::provisioning::{MAKES, named, of_range};

use crate::record::{self, mac};

/// What a make's sample phone gets for a path.
fn got(make: &'static Make, path: &str, agent: &[u8]) -> Option<Answer> {
    answer(&asked(path, agent), make, &record::handout(make))
}

/// A name of the make's list with its sample phone's MAC and model, the MAC in the make's own letter case.
fn filled(make: &Make, name: &str) -> String {
    let handout = record::handout(make);
    let written = if make.id == "snom" {
        handout.mac.upper()
    } else {
        handout.mac.lower()
    };
    name.replace("MAC", &written).replace("MODEL", handout.model)
}

#[test]
fn each_make_is_answered_or_refused_as_its_list_says() {
    for make in MAKES {
        assert!(make.asks.iter().any(|ask| ask.served), "{}", make.title);
        for ask in make.asks {
            let path = filled(make, ask.name);
            let read = asked(&path, b"");
            let given = answer(&read, make, &record::handout(make));
            assert_eq!(given.is_some(), ask.served, "{path}");
            if ask.served {
                assert!(read.makes.contains(&make), "{path}");
                assert_eq!(read.file, ask.file, "{path}");
                assert!(!given.unwrap().bytes.is_empty(), "{path}");
            }
            // Twice and thrice the same: nothing is remembered.
            assert_eq!(got(make, &path, b""), got(make, &path, b""));
        }
    }
}

/// P03: a T46U, before its own file.
#[test]
fn a_boot_file_is_never_served() {
    let yealink = named("yealink").unwrap();
    for path in ["249ad8000001.boot", "y000000000000.boot", "y000000000108.cfg"] {
        assert_eq!(got(yealink, path, b""), None, "{path}");
    }
    assert!(got(yealink, "249ad8000001.cfg", b"").is_some());
}

/// P01.
#[test]
fn letter_case_does_not_count() {
    let cases: [(&str, &[&str]); 5] = [
        (
            "snom",
            &[
                "snomD785-000413AABBCC.htm",
                "snomPA1-00-04-13-aa-bb-cc.htm",
                "snomd785-000413aabbcc.HTM",
                "snomD785-000413aAbBcC.htm",
                "000413AABBCC.xml",
            ],
        ),
        ("yealink", &["249ad8000001.cfg", "249AD8000001.CFG"]),
        ("grandstream", &["cfgc074ad000001.xml", "cfgC074AD000001.xml"]),
        ("poly", &["0004f2000001.cfg", "0004F2000001.CFG"]),
        ("fanvil", &["0c383e000001.cfg", "0C383E000001.cfg"]),
    ];
    for (make, paths) in cases {
        let make = named(make).unwrap();
        let first = got(make, paths[0], b"");
        assert!(first.is_some(), "{}", make.title);
        for path in paths {
            assert_eq!(got(make, path, b""), first, "{path}");
            assert_eq!(got(make, &format!("//{path}"), b""), first, "//{path}");
            assert_eq!(got(make, &format!("{path}?x=1"), b""), first, "{path}?x=1");
        }
    }
}

/// P21.
#[test]
fn the_user_agent_changes_no_answer() {
    let long = vec![b'a'; 4096];
    let agents: [&[u8]; 11] = [
        b"Mozilla/4.0 (compatible; snomD785-SIP 10.1.54.13 000413AABBCC)",
        b"\"Mozilla/4.0 (compatible; snomD785-SIP 10.1.54.13)\"",
        b"Mozilla/4.0 (compatible; snomD785-SIP 10.1.54.13 00:04:13:AA:BB:CC)",
        b"",
        &long,
        &[0x80, 0xff, 0xfe, 0xc3],
        b"Yealink SIP-T46U 108.86.0.20 24:9a:d8:00:00:00",
        b"snomD785-SIP 000413000000",
        b"<img src=x onerror=alert(1)>",
        b"\x00\r\n",
        b"Handset=\"\"",
    ];
    let snom = named("snom").unwrap();
    let first = got(snom, "snomD785-000413AABBCC.htm", b"");
    assert!(first.is_some());
    for agent in agents {
        assert_eq!(got(snom, "snomD785-000413AABBCC.htm", agent), first, "{agent:?}");
    }
    assert_eq!(got(snom, ".htm-000413AABBCC", b""), first);
    assert_eq!(got(snom, "?mac=000413AABBCC", b""), first);
}

#[test]
fn the_user_agent_is_a_hint_at_make_model_and_mac() {
    let cases: [(&[u8], &str, &str, Option<&str>); 11] = [
        (
            b"Yealink SIP-T46U 108.86.0.20 24:9a:d8:00:00:00",
            "yealink",
            "T46U",
            Some("249ad8000000"),
        ),
        (
            b"yealink SIP-T58 58.86.0.20 001565000001",
            "yealink",
            "T58",
            Some("001565000001"),
        ),
        (
            b"W52P 25.81.0.10 00:15:65:00:00:01",
            "yealink",
            "W52P",
            Some("001565000001"),
        ),
        (
            b"Mozilla/4.0 (compatible; snomD785-SIP 10.1.54.13 1.1.3-u 00041396D9B4 SXM:0)",
            "snom",
            "D785",
            Some("00041396d9b4"),
        ),
        (
            b"Grandstream Model HW GRP2614 SW 1.0.5.15 DevId c074ad0b63ee",
            "grandstream",
            "GRP2614",
            Some("c074ad0b63ee"),
        ),
        (
            b"Grandstream Model HW GXP2170 V1.1A SW 1.0.11.6 DevId 000b82000001",
            "grandstream",
            "GXP2170",
            Some("000b82000001"),
        ),
        (
            b"FileTransport PolycomVVX-VVX_450-UA/5.9.5.0614 Type/Application",
            "poly",
            "VVX_450",
            None,
        ),
        (
            b"FileTransport PolyEdge-Edge_E450-UA/8.1.0 (SN:0004f2000001) Type/Updater",
            "poly",
            "Edge_E450",
            Some("0004f2000001"),
        ),
        (
            b"Fanvil X6U Pro 2.12.1 0c383e2cd782",
            "fanvil",
            "X6U Pro",
            Some("0c383e2cd782"),
        ),
        (b"Fanvil X4 2.10 0c383e2cd782", "fanvil", "X4", Some("0c383e2cd782")),
        (b"\"Yealink SIP-T46U 108.86.0.20\"", "yealink", "T46U", None),
    ];
    for (agent, make, model, address) in cases {
        let read = asked("", agent).agent;
        let text = String::from_utf8_lossy(agent);
        assert_eq!(read.make.map(|make| make.id), Some(make), "{text}");
        assert_eq!(read.model, model, "{text}");
        assert_eq!(read.mac, address.map(mac), "{text}");
    }
    assert_eq!(asked("", b"curl/8.5").agent, asked("", b"").agent);
}

/// P22.
#[test]
fn unknown_names_are_no_file_of_anybodys() {
    let mut names: Vec<String> = [
        "",
        "/",
        "favicon.ico",
        "index.html",
        "sip.ver",
        "3111-44500-001.sip.ld",
        "T46U-108.86.0.20.rom",
        "gxp1630fw.bin",
        "../../etc/passwd",
        "%2e%2e/",
        "..",
        ".",
        "%00/249ad8000001.cfg",
        "x/249ad8000001.cfg",
        "custom.sync",
        "cfg.xml",
        "000000000000.cfg",
        "y000000000000.cfg",
        "snomD785.htm",
        "snom.htm",
        "?mac=",
        "?mac=1",
        "?x=000413AABBCC",
        "cfg",
        "-",
        ".cfg",
        ".htm",
        ".xml",
        ".htm-",
        "snom-.htm",
        "249ad800000.cfg",
        "249ad80000011.cfg",
        "249ad800000g.cfg",
        "24:9a:d8:00:00:01:02.cfg",
        "24:9a:d8:00:00.cfg",
        "124:9a:d8:00:00:01.cfg",
        "24:9a:d8:00:00:0g.cfg",
        "%zz249ad8000001.cfg",
        "249ad8000001.cfg%",
        "%ff.cfg",
        "?mac=%00",
        "249ad8000001",
        "249ad8000001.cfg.bak",
        "cfgcfgc074ad000001.xml",
        "fanvil_X6U_hwv2_0.txt",
    ]
    .map(str::to_owned)
    .into();
    for make in MAKES {
        let digits = record::handout(make).mac.lower();
        for ending in [
            "-license.cfg",
            "-phone.cfg",
            "-web.cfg",
            "-local.cfg",
            "-contact.xml",
            "-app.log",
            "-boot.log",
            ".cfg/",
            ".boot",
            ".php",
            ".cfg%00",
            ".cfg;x",
            ".cfg ",
        ] {
            names.push(format!("{digits}{ending}"));
        }
    }
    names.push("a".repeat(300) + ".cfg");
    assert!(names.len() > 90);
    for make in MAKES {
        for name in &names {
            assert_eq!(got(make, name, b""), None, "{}: {name}", make.title);
        }
    }
}

#[test]
fn a_phone_gets_no_other_makes_and_no_other_phones_file() {
    for make in MAKES {
        for other in MAKES.into_iter().filter(|other| *other != make) {
            let path = filled(
                other,
                other.asks.iter().find(|ask| ask.file == File::Config).unwrap().name,
            );
            assert_eq!(got(make, &path, b""), None, "{}: {path}", make.title);
            // Its own MAC in a name that it never asks for.
            for ask in other
                .asks
                .iter()
                .filter(|ask| make.asks.iter().all(|own| own.name != ask.name))
            {
                let path = filled(make, ask.name);
                let ours = asked(&path, b"").makes.contains(&make);
                assert!(ours || got(make, &path, b"").is_none(), "{}: {path}", make.title);
            }
        }
        let stranger = mac("02000000abcd");
        for ask in make.asks.iter().filter(|ask| ask.name.contains("MAC")) {
            let path = ask.name.replace("MAC", &stranger.lower()).replace("MODEL", "X");
            assert_eq!(got(make, &path, b""), None, "{path}");
        }
    }
}

#[test]
fn makes_agree_on_what_a_name_means() {
    for make in MAKES {
        for ask in make.asks {
            let path = filled(make, ask.name).to_ascii_lowercase();
            let readings: Vec<_> = MAKES.into_iter().filter_map(|other| (other.reads)(&path)).collect();
            assert!(
                readings.iter().all(|reading| *reading == readings[0]),
                "{path}: {readings:?}"
            );
            assert_eq!(readings.first().map(|reading| reading.file), Some(ask.file), "{path}");
        }
    }
}

/// P41: which make it is comes from the record; the range is a hint.
#[test]
fn a_mac_that_no_list_knows_is_served_all_the_same() {
    for make in MAKES {
        let unknown = mac("020000000001");
        assert_eq!(of_range(unknown), None);
        let handout = Handout {
            mac: unknown,
            ..record::handout(make)
        };
        let config = make.asks.iter().find(|ask| ask.file == File::Config).unwrap();
        let path = config.name.replace("MAC", &unknown.lower()).replace("MODEL", "X");
        assert!(answer(&asked(&path, b""), make, &handout).is_some(), "{path}");
    }
    assert_eq!(of_range(mac("249ad8000001")).map(|make| make.id), Some("yealink"));
    assert_eq!(of_range(mac("00087b000001")).map(|make| make.id), Some("snom"));
    assert_eq!(of_range(mac("ec74d7000001")).map(|make| make.id), Some("grandstream"));
    assert_eq!(of_range(mac("482567000001")).map(|make| make.id), Some("poly"));
    assert_eq!(of_range(mac("00a859000001")).map(|make| make.id), Some("fanvil"));
    for make in MAKES {
        for oui in make.ouis {
            let [a, b, c] = *oui;
            assert_eq!(of_range(Mac::new([a, b, c, 0, 0, 1]).unwrap()), Some(make));
        }
    }
}

/// P33.
#[test]
fn nothing_upsets_the_reader() {
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut chance = move |end: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % u64::try_from(end).unwrap()).unwrap()
    };
    let starts: Vec<Vec<u8>> = MAKES
        .into_iter()
        .flat_map(|make| make.asks.iter().map(|ask| filled(make, ask.name).into_bytes()))
        .chain([
            b"?mac=000413AABBCC".to_vec(),
            b"Fanvil X6U Pro 2.12.1 0c383e2cd782".to_vec(),
        ])
        .chain([b"FileTransport PolycomVVX-VVX_450-UA/5.9 (SN:0004f2000001)".to_vec()])
        .collect();
    for _ in 0..20_000 {
        let mut octets = starts[chance(starts.len())].clone();
        for _ in 0..1 + chance(4) {
            let place = chance(octets.len() + 1);
            match chance(4) {
                0 => octets.insert(place, u8::try_from(chance(256)).unwrap()),
                1 => octets.truncate(place),
                2 => octets.splice(place..place, "é:ß€".bytes()).for_each(drop),
                _ => octets.extend_from_slice(&starts[chance(starts.len())]),
            }
        }
        let path = String::from_utf8_lossy(&octets);
        let read = asked(&path, &octets);
        assert_eq!(read.makes.is_empty(), read.file == File::Unknown, "{path}");
        assert!(read.agent.model.chars().count() <= 32);
    }
}
