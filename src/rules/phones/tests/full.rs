//! An extension, or the office, that is full.

use super::binding::{A, B, ROOM, after, contact, one, udp, uris};
use crate::rules::phones::binding::{Binding, Refused, Registration, register};
use crate::rules::phones::device::DeviceId;
use crate::rules::phones::limits;
use crate::rules::time::{Tick, Ttl};

/// An extension at its limit: `own` bindings of device 1, the others of device 2, each a second younger than the one
/// before.
fn full(own: usize) -> Vec<Binding> {
    let mut bindings = Vec::new();
    for place in 0..limits::BINDINGS_OF_ONE {
        let device = DeviceId(if place < own { 1 } else { 2 });
        let uri = format!("sip:101@192.168.1.20:{}", 6_000 + place);
        let port = u16::try_from(6_000 + place).unwrap();
        let asked = Registration {
            device,
            call_id: "full",
            flow: udp(port),
            ..one(&uri, 3_600)
        };
        let now = Tick(u64::try_from(place).unwrap() * 1_000);
        bindings = register(&bindings, &asked, ROOM, now).unwrap().bindings;
    }
    bindings
}

#[test]
fn b03_a_full_extension_puts_out_the_dead_then_the_senders_oldest_then_the_oldest() {
    let now = Tick(60_000);
    let put_out = |bindings: &[Binding]| {
        let granted = register(bindings, &one("sip:101@new:5060", 600), ROOM, now).unwrap();
        assert_eq!(granted.bindings.len(), limits::BINDINGS_OF_ONE);
        granted
            .put_out
            .into_iter()
            .map(|binding| binding.contact.uri)
            .collect::<Vec<_>>()
    };
    assert_eq!(put_out(&full(0)), ["sip:101@192.168.1.20:6000"]);
    let mut bindings = full(4);
    bindings.reverse();
    assert_eq!(put_out(&bindings), ["sip:101@192.168.1.20:6000"]);
    let youngest = bindings.last_mut().unwrap();
    youngest.dead = true;
    let dead = youngest.contact.uri.clone();
    assert_eq!(put_out(&bindings), [dead]);
    // The sender's own go before the other device's older ones.
    let mut bindings = full(4);
    for binding in bindings.iter_mut().filter(|binding| binding.device == DeviceId(1)) {
        binding.refreshed = Tick(50_000);
    }
    let granted = register(&bindings, &one("sip:101@new:5060", 600), ROOM, now).unwrap();
    assert_eq!(
        granted.put_out.iter().map(|binding| binding.device).collect::<Vec<_>>(),
        [DeviceId(1)]
    );
}

#[test]
fn a_full_office_says_503_and_when_to_come_back_but_refreshes_whom_it_has() {
    let bindings = after([one(A, 600)]);
    let refused = register(
        &bindings,
        &Registration {
            call_id: "b",
            ..one(B, 600)
        },
        0,
        Tick(1_000),
    )
    .unwrap_err();
    assert_eq!(
        (refused.status(), refused.header()),
        (503, Some(("Retry-After", limits::RETRY_AFTER_S)))
    );
    assert!(register(&bindings, &Registration { cseq: 2, ..one(A, 600) }, 0, Tick(1_000)).is_ok());
}

#[test]
fn what_has_ended_is_listed_no_more_and_takes_no_room() {
    let bindings = full(4);
    let later = Tick(0) + Ttl(2 * 3_600);
    let granted = register(&bindings, &one(A, 600), 1, later).unwrap();
    assert_eq!((uris(&granted.bindings), granted.put_out), (vec![A], Vec::new()));
}

#[test]
fn contacts_beyond_all_measure_are_refused() {
    let long = "x".repeat(limits::CONTACT_OCTETS);
    let many = (0..=limits::BINDINGS_OF_ONE)
        .map(|place| (contact(&format!("sip:{place}@h"), None), None))
        .collect();
    let call_id = "c".repeat(limits::TOKEN_OCTETS + 1);
    for asked in [
        one(&long, 600),
        Registration {
            contacts: many,
            ..one(A, 600)
        },
        Registration {
            call_id: &call_id,
            ..one(A, 600)
        },
    ] {
        assert_eq!(register(&[], &asked, ROOM, Tick(0)), Err(Refused::Malformed));
    }
}
