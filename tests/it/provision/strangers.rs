//! What phones and strangers get that are too late, unknown, or ask for what is not theirs.

use serde_json::json;

use super::{LAN, Phone, add, gone, path_of, settings, staffed};
use crate::office::{Browser, HOUR, Office};

#[test]
fn p15_a_phone_fetches_several_times_and_whoever_comes_second_or_late_gets_nothing() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    add(&mut administrator, "249ad8000001");
    let phone = Phone::at(&office, LAN);
    let commits = || office.state.store.notices().phone_files();
    let first = phone.first("249ad8000001.cfg").expect(200).bytes;
    let before = commits();
    for _ in 0..3 {
        office.pass(30);
        assert_eq!(phone.first("249ad8000001.cfg").expect(200).bytes, first);
    }
    assert_eq!(commits(), before, "fetching again writes nothing");
    gone(&Phone::at(&office, "192.168.1.66").first("249ad8000001.cfg"));
    office.pass(24 * HOUR);
    gone(&phone.first("249ad8000001.cfg"));
}

#[test]
fn p17_strangers_get_the_same_nothing_and_write_nothing_and_the_journal_has_one_line_an_hour() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    for mac in ["249ad8000001", "249ad8000002"] {
        add(&mut administrator, mac);
    }
    Phone::at(&office, LAN).first("249ad8000001.cfg").expect(200);
    let lines = |administrator: &mut Browser<'_>| administrator.get("/api/journal").expect(200).json["lines"].clone();
    let (before, commits) = (lines(&mut administrator), office.state.store.notices().phone_files());
    let attacker = Phone::at(&office, "192.168.1.66");
    for number in 0..=0x3fff_u32 {
        let name = format!("249ad8{number:06x}.cfg");
        if number != 2 {
            gone(&attacker.first(&name));
        }
    }
    // From beyond the LAN, whatever they say of themselves.
    for field in ["x-forwarded-for", "forwarded"] {
        let said = if field == "forwarded" {
            "for=192.168.1.20"
        } else {
            "192.168.1.20"
        };
        gone(
            &Phone::at(&office, "203.0.113.9")
                .with(field, said)
                .first("249ad8000002.cfg"),
        );
    }
    gone(&Phone::at(&office, LAN).get("/provision/s/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/249ad8000002.cfg"));
    assert_eq!(
        office.state.store.notices().phone_files(),
        commits,
        "nothing was written"
    );
    assert_eq!(lines(&mut administrator), before);
    Phone::at(&office, LAN).first("249ad8000001.cfg").expect(200);
    office.state.tell_of_strangers().unwrap();
    office.state.tell_of_strangers().unwrap();
    let after = lines(&mut administrator);
    let after = after.as_array().unwrap();
    assert_eq!(after.len(), before.as_array().unwrap().len() + 1);
    assert_eq!(
        (&after[0]["event"], &after[0]["who"]),
        (&json!("phone-files-refused"), &json!(""))
    );
    // A real phone behind one that floods still appears on the page.
    Phone::at(&office, "192.168.1.70").first("snomD785-000413AABBCC.htm");
    attacker.first("249ad8fffffe.cfg");
    let asking = office.state.hardware.asking(
        &office.state.hardware.index(&office.state.store).unwrap(),
        |_| false,
        office.state.now(),
    );
    assert_eq!(asking.len(), 64);
    assert!(asking.iter().any(|asking| asking.mac.lower() == "000413aabbcc"));
}

#[test]
fn p19_nothing_that_a_phone_would_keep_here_is_handed_out() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    add(&mut administrator, "0004f2000001");
    let phone = Phone::at(&office, LAN);
    for ending in [
        "-app.log",
        "-boot.log",
        "-phone.cfg",
        "-web.cfg",
        "-license.cfg",
        "-local.cfg",
        "-contact.xml",
    ] {
        gone(&phone.first(&format!("0004f2000001{ending}")));
    }
}

#[test]
fn p21_whatever_the_agent_says_the_file_is_the_same() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    add(&mut administrator, "249ad8000001");
    let long = "x".repeat(4096);
    let agents = [
        "Yealink SIP-T46U 108.86.0.20 24:9a:d8:00:00:01",
        "\"Yealink SIP-T46U 108.86.0.20 249ad8000001\"",
        "",
        &long,
        "????????",
        "Mozilla/4.0 (compatible; snomD785-SIP 10.1.1 000413AABBCC)",
        "Yealink SIP-T46U 108.86.0.20 24:9a:d8:00:00:77",
        "<img src=x onerror=alert(1)>",
    ];
    let expected = Phone::at(&office, LAN).first("249ad8000001.cfg").expect(200).bytes;
    for agent in agents {
        let phone = Phone::at(&office, LAN).with("user-agent", agent);
        assert_eq!(
            phone.first("249ad8000001.cfg").expect(200).bytes,
            expected,
            "{agent:.40}"
        );
    }
    add(&mut administrator, "000413AABBCC");
    let expected = Phone::at(&office, LAN).first("snomD785-000413AABBCC.htm").expect(200);
    for odd in [
        ".htm-000413AABBCC",
        "?mac=000413AABBCC",
        "?mac=00:04:13:AA:BB:CC",
        "index.php?model=D785&mac=00%3A04%3A13%3AAA%3ABB%3ACC",
        "00:04:13:AA:BB:CC.xml",
    ] {
        let phone = Phone::at(&office, LAN);
        assert_eq!(phone.first(odd).expect(200).bytes, expected.bytes, "{odd}");
    }
}

#[test]
fn p22_no_unknown_name_is_answered_by_a_page() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    add(&mut administrator, "249ad8000001");
    let own = path_of(
        &settings(&Phone::at(&office, LAN).first("249ad8000001.cfg").expect(200))["static.auto_provision.server.url"],
    );
    let phone = Phone::at(&office, LAN).with("accept", "text/html");
    let names = [
        "",
        "sip.ver",
        "3111-44500-001.sip.ld",
        "T46U-108.86.0.20.rom",
        "gxp1630fw.bin",
        "249ad8000001-license.cfg",
        "favicon.ico",
        "%2e%2e/",
        "249ad8000001.cfg/",
        "/249ad8000001.cfg",
        "%00/249ad8000001.cfg",
        "x/y/z",
        "s/",
        "s/x",
        "s//x",
    ];
    for below in ["/provision/", own.as_str()] {
        for name in names {
            let reply = phone.get(&format!("{below}{name}"));
            if reply.status != 200 {
                assert_eq!(reply.status, 404, "{below}{name}");
            }
            assert!(
                !reply.bytes.is_empty() && reply.field("content-type") != Some("text/html"),
                "{below}{name}: {reply:?}"
            );
        }
    }
    assert!(phone.first("249ad8000001.cfg?x=1").status < 500);
}
