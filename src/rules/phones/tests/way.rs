//! Where requests to a binding go.

use super::binding::{after, contact, one, udp};
use crate::rules::phones::binding::{Contact, Flow, Registration};

fn way(uri: &str, flow: Flow, is_direct: bool) -> Flow {
    way_of(contact(uri, None), flow, is_direct)
}

fn way_of(contact: Contact, flow: Flow, is_direct: bool) -> Flow {
    let contacts = vec![(contact, None)];
    let bindings = after([Registration {
        contacts,
        flow,
        is_direct,
        ..one("", 3600)
    }]);
    bindings.first().unwrap().way
}

#[test]
fn b07_behind_a_router_a_contact_is_reached_over_its_flow_whatever_it_says() {
    for uri in [
        "sip:101@10.0.0.11:5060",
        "sip:101@192.168.1.20:5070",
        "sip:101@192.168.1.20",
        "sip:101@phone.invalid",
        "sip:@",
    ] {
        assert_eq!(way(uri, udp(1035), false), udp(1035), "{uri}");
    }
}

#[test]
fn without_a_router_a_contact_at_another_port_of_the_sender_is_followed() {
    for (uri, port) in [
        ("sip:101@192.168.1.20:5070", 5070),
        ("sip:101@192.168.1.20:5071;transport=UDP", 5071),
        ("sip:101@192.168.1.20", 5060),
        ("sip:101@192.168.1.20:5080;ob", 5080),
        ("sip:101@10.0.0.11:5062", 5080),
        ("sip:101@phone.invalid:5062", 5080),
        ("sip:101@[2001:db8::1]:5062", 5080),
        ("sip:101@192.168.1.20:5071;transport=tcp", 5080),
        ("sip:101@192.168.1.20:0", 5080),
        ("sip:101@192.168.1.20:99999", 5080),
        ("sip:@", 5080),
    ] {
        assert_eq!(way(uri, udp(5080), true), udp(port), "{uri}");
    }
    let stream = Flow::Stream(7);
    assert_eq!(way("sip:101@192.168.1.20:5071", stream, true), stream);
    let outbound = Contact {
        reg_id: Some(1),
        ..contact("sip:101@192.168.1.20:5071", None)
    };
    assert_eq!(way_of(outbound, udp(5080), true), udp(5080));
}
