//! The registrar's decision, case by case.

use crate::rules::phones::binding::{
    Binding, Contact, Flow, Granted, Refused, Registration, register, without_connection,
};
use crate::rules::phones::device::DeviceId;
use crate::rules::phones::limits;
use crate::rules::time::Tick;

pub(super) const ROOM: usize = 100;

pub(super) fn udp(port: u16) -> Flow {
    Flow::Datagram {
        socket: 0,
        peer: ([192, 168, 1, 20], port).into(),
    }
}

pub(super) fn contact(uri: &str, instance: Option<&str>) -> Contact {
    Contact {
        text: format!("<{uri}>;q=1.0"),
        uri: uri.to_owned(),
        instance: instance.map(str::to_owned),
        reg_id: None,
    }
}

/// A REGISTER of one Contact without an instance by device 1.
pub(super) fn one(uri: &str, expires_s: u32) -> Registration<'static> {
    Registration {
        device: DeviceId(1),
        star: false,
        contacts: vec![(contact(uri, None), None)],
        expires_s: Some(expires_s),
        call_id: "a",
        cseq: 1,
        flow: udp(5060),
        is_direct: false,
    }
}

fn query(device: u64) -> Registration<'static> {
    Registration {
        device: DeviceId(device),
        contacts: Vec::new(),
        ..one("", 0)
    }
}

fn with_instance<'a>(asked: Registration<'a>, instance: &str) -> Registration<'a> {
    let contacts = asked
        .contacts
        .iter()
        .map(|(contact, expires_s)| {
            (
                Contact {
                    instance: Some(instance.to_owned()),
                    ..contact.clone()
                },
                *expires_s,
            )
        })
        .collect();
    Registration { contacts, ..asked }
}

/// The bindings after each of these, a minute apart.
pub(super) fn after(asked: impl IntoIterator<Item = Registration<'static>>) -> Vec<Binding> {
    let mut bindings = Vec::new();
    for (minute, asked) in (0..).zip(asked) {
        bindings = register(&bindings, &asked, ROOM, Tick(minute * 60_000))
            .unwrap()
            .bindings;
    }
    bindings
}

pub(super) fn uris(bindings: &[Binding]) -> Vec<&str> {
    bindings.iter().map(|binding| binding.contact.uri.as_str()).collect()
}

pub(super) const A: &str = "sip:101@192.168.1.20:5060";
pub(super) const B: &str = "sip:101@192.168.1.20:5070";

#[test]
fn b04_what_is_asked_for_is_granted_to_the_second_for_ever() {
    let (mut bindings, mut granted) = (Vec::new(), 180);
    for round in 1..=130 {
        let now = Tick(u64::from(round) * 90_500);
        let asked = Registration {
            cseq: round,
            ..one(A, granted)
        };
        let Granted {
            bindings: after,
            listed,
            ..
        } = register(&bindings, &asked, ROOM, now).unwrap();
        assert_eq!(listed, [(format!("<{A}>;q=1.0"), 180)]);
        (bindings, granted) = (after, listed[0].1);
    }
    let later = Tick(130 * 90_500 + 40_000);
    assert_eq!(register(&bindings, &query(1), ROOM, later).unwrap().listed[0].1, 140);
}

#[test]
fn b05_less_than_a_minute_is_refused_with_the_least_that_is_taken() {
    let asked = one(A, 30);
    let refused = register(&[], &asked, ROOM, Tick(0)).unwrap_err();
    assert_eq!((refused.status(), refused.header()), (423, Some(("Min-Expires", 60))));
    for expires_s in [1, 59] {
        assert_eq!(register(&[], &one(A, expires_s), ROOM, Tick(0)), Err(Refused::TooBrief));
    }
    assert_eq!(register(&[], &one(A, 60), ROOM, Tick(0)).unwrap().listed[0].1, 60);
}

#[test]
fn a_contacts_own_expires_goes_before_the_header_and_nothing_is_an_hour() {
    for (own, header, granted) in [
        (Some(120), Some(600), 120),
        (None, Some(600), 600),
        (None, None, 3_600),
        (Some(86_400), None, 3_600),
        (Some(u32::MAX), Some(1), 3_600),
    ] {
        let asked = Registration {
            contacts: vec![(contact(A, None), own)],
            expires_s: header,
            ..one(A, 0)
        };
        assert_eq!(register(&[], &asked, ROOM, Tick(0)).unwrap().listed[0].1, granted);
    }
}

#[test]
fn b09_two_homes_with_one_private_address_are_two_phones_and_each_reads_its_own_contact_first() {
    let x = with_instance(
        Registration {
            call_id: "x",
            flow: udp(1035),
            ..one(A, 60)
        },
        "urn:uuid:x",
    );
    let y = with_instance(
        Registration {
            call_id: "y",
            flow: udp(1036),
            ..one(A, 3_600)
        },
        "urn:uuid:y",
    );
    let first = register(&[], &x, ROOM, Tick(0)).unwrap();
    let both = register(&first.bindings, &y, ROOM, Tick(10_000)).unwrap();
    assert_eq!(
        both.listed.iter().map(|(_, seconds)| *seconds).collect::<Vec<_>>(),
        [3_600, 50]
    );
    let again = register(
        &both.bindings,
        &Registration { cseq: 2, ..x.clone() },
        ROOM,
        Tick(10_000),
    )
    .unwrap();
    assert_eq!(
        again.listed.iter().map(|(_, seconds)| *seconds).collect::<Vec<_>>(),
        [60, 3_600]
    );
    let gone = Registration {
        expires_s: Some(0),
        cseq: 2,
        ..y.clone()
    };
    let left = register(&again.bindings, &gone, ROOM, Tick(20_000)).unwrap().bindings;
    assert_eq!(left.iter().map(|binding| binding.flow).collect::<Vec<_>>(), [udp(1035)]);
    // A phone that leaves its instance out when it leaves means its own binding, not the other home's.
    let gone = Registration {
        call_id: "y",
        cseq: 2,
        flow: udp(1036),
        ..one(A, 0)
    };
    let left = register(&both.bindings, &gone, ROOM, Tick(20_000)).unwrap().bindings;
    assert_eq!(left.iter().map(|binding| binding.flow).collect::<Vec<_>>(), [udp(1035)]);
}

#[test]
fn a_device_never_touches_another_devices_binding() {
    let theirs = Registration {
        device: DeviceId(2),
        call_id: "b",
        ..one(A, 600)
    };
    let bindings = after([theirs, one(A, 600)]);
    assert_eq!(bindings.len(), 2);
    let star = Registration {
        star: true,
        expires_s: Some(0),
        cseq: 9,
        ..query(1)
    };
    for asked in [star, Registration { cseq: 9, ..one(A, 0) }] {
        let left = register(&bindings, &asked, ROOM, Tick(70_000)).unwrap();
        assert_eq!(
            left.bindings.iter().map(|binding| binding.device).collect::<Vec<_>>(),
            [DeviceId(2)]
        );
        assert_eq!(left.listed.len(), 1);
    }
}

#[test]
fn a_star_comes_alone_and_with_expires_0() {
    let bindings = after([one(A, 600)]);
    let star = Registration {
        star: true,
        expires_s: Some(0),
        cseq: 2,
        ..query(1)
    };
    for asked in [
        Registration {
            expires_s: None,
            ..star.clone()
        },
        Registration {
            expires_s: Some(60),
            ..star.clone()
        },
        Registration {
            contacts: vec![(contact(B, None), None)],
            ..star.clone()
        },
    ] {
        let refused = register(&bindings, &asked, ROOM, Tick(1_000)).unwrap_err();
        assert_eq!((refused, refused.status()), (Refused::Malformed, 400));
    }
    assert!(
        register(&bindings, &star, ROOM, Tick(1_000))
            .unwrap()
            .bindings
            .is_empty()
    );
}

#[test]
fn one_contact_that_cannot_be_granted_refuses_all() {
    let bindings = after([one(A, 600)]);
    let asked = Registration {
        contacts: vec![(contact(A, None), Some(0)), (contact(B, None), Some(10))],
        cseq: 2,
        ..one(A, 600)
    };
    assert_eq!(register(&bindings, &asked, ROOM, Tick(1_000)), Err(Refused::TooBrief));
}

#[test]
fn a_register_that_was_overtaken_changes_nothing_but_a_phone_that_counts_anew_is_taken() {
    let bindings = after([Registration {
        cseq: 10,
        ..one(A, 600)
    }]);
    for (cseq, call_id, milliseconds, taken) in [
        (9, "a", 5_000, false),
        (10, "a", 5_000, false),
        (11, "a", 5_000, true),
        (1, "b", 5_000, true),
        (1, "a", limits::UNDER_WAY_MS - 1, false),
        (1, "a", limits::UNDER_WAY_MS, true),
    ] {
        for expires_s in [0, 600] {
            let asked = Registration {
                cseq,
                call_id,
                ..one(A, expires_s)
            };
            let answer = register(&bindings, &asked, ROOM, Tick(milliseconds));
            assert_eq!(
                answer.is_ok(),
                taken,
                "CSeq {cseq} of {call_id} after {milliseconds} ms"
            );
            assert!(taken || answer == Err(Refused::Overtaken));
        }
    }
    assert_eq!(Refused::Overtaken.status(), 500);
    let late_star = Registration {
        star: true,
        expires_s: Some(0),
        cseq: 9,
        ..query(1)
    };
    assert_eq!(
        register(&bindings, &late_star, ROOM, Tick(5_000)),
        Err(Refused::Overtaken)
    );
}

#[test]
fn an_app_that_comes_back_from_another_port_is_the_same_app() {
    let old = with_instance(one(A, 600), "urn:uuid:00000000-0000-1000-8000-00085d000120");
    let new = with_instance(
        Registration {
            call_id: "b",
            flow: udp(5070),
            ..one(B, 600)
        },
        " urn:uuid:00000000-0000-1000-8000-00085D000120",
    );
    let bindings = after([old, new]);
    assert_eq!(uris(&bindings), [B]);
    assert_eq!(bindings[0].flow, udp(5070));
}

#[test]
fn an_app_without_an_instance_is_known_by_its_connection() {
    let over = |uri: &str, call_id: &'static str, connection| Registration {
        call_id,
        flow: Flow::Stream(connection),
        ..one(uri, 600)
    };
    assert_eq!(uris(&after([over(A, "a", 7), over(B, "b", 7)])), [B]);
    assert_eq!(uris(&after([over(A, "a", 7), over(B, "b", 8)])), [B, A]);
    let bindings = after([over(A, "a", 7), over(B, "b", 8)]);
    assert_eq!(uris(&without_connection(bindings, 8)), [A]);
}

#[test]
fn two_contacts_of_one_register_are_two_bindings_and_are_refreshed_together() {
    let both = |cseq| Registration {
        contacts: vec![(contact(A, None), None), (contact(B, None), None)],
        cseq,
        flow: Flow::Stream(7),
        ..one(A, 600)
    };
    assert_eq!(uris(&after([both(1), both(2)])), [A, B]);
}

#[test]
fn a_phone_that_changed_its_network_keeps_the_new_contact() {
    let instance = "urn:uuid:i";
    let old = with_instance(
        Registration {
            flow: Flow::Stream(1),
            ..one(A, 600)
        },
        instance,
    );
    let stranger = "sip:101@10.0.0.9:5060";
    let new = Registration {
        contacts: vec![
            (contact(B, Some(instance)), None),
            (contact(A, Some(instance)), Some(0)),
            (contact(stranger, None), Some(0)),
        ],
        call_id: "b",
        flow: Flow::Stream(2),
        ..one(B, 600)
    };
    assert_eq!(uris(&after([old.clone(), new.clone()])), [B]);
    // The old Contact's removal alone, from elsewhere and late, does not take the new one along.
    let late = Registration {
        call_id: "c",
        flow: Flow::Stream(3),
        ..with_instance(one(A, 0), instance)
    };
    assert_eq!(uris(&after([old, new, late])), [B]);
}

#[test]
fn outbound_flows_of_one_phone_live_beside_each_other() {
    let flow = |reg_id: u32, uri: &str, port| {
        let contact = Contact {
            reg_id: Some(reg_id),
            ..contact(uri, Some("urn:uuid:i"))
        };
        Registration {
            contacts: vec![(contact, None)],
            call_id: "o",
            cseq: reg_id,
            flow: udp(port),
            ..one(uri, 600)
        }
    };
    let bindings = after([flow(1, A, 1), flow(2, B, 2)]);
    assert_eq!(uris(&bindings), [B, A]);
    let again = Registration {
        cseq: 9,
        ..flow(1, "sip:101@192.168.1.20:5080", 3)
    };
    let bindings = register(&bindings, &again, ROOM, Tick(100_000)).unwrap().bindings;
    assert_eq!(uris(&bindings), ["sip:101@192.168.1.20:5080", B]);
}
