//! SIP plug and play by multicast, over loopback: each maker's dialect of P34 of the list of phones' troubles.

use std::net::{SocketAddrV4, UdpSocket};
use std::time::Duration;

use rustix::net::sockopt;
use serde_json::{Value, json};

use crate::handset::Message;
use crate::house::wait_for;
use crate::line::Line;

/// A phone out of its box: where it asks from, and where its Contact is.
struct Asker {
    source: UdpSocket,
    contact: UdpSocket,
    port: u16,
}

/// A maker's way to ask.
struct Dialect {
    name: &'static str,
    mac: &'static str,
    request_uri: &'static str,
    from: &'static str,
    via: &'static str,
    event: &'static str,
}

const DIALECTS: [Dialect; 5] = [
    Dialect {
        name: "Snom, no branch in Via",
        mac: "00041396D9B4",
        request_uri: "sip:MAC%3a00041396D9B4@224.0.1.75",
        from: "<sip:MAC%3a00041396D9B4@224.0.1.75>;tag=1",
        via: "",
        event: "ua-profile;profile-type=\"device\";vendor=\"snom\";model=\"snomD785\";version=\"10.1.54.13\"",
    },
    Dialect {
        name: "Fanvil",
        mac: "0C383E2CD782",
        request_uri: "sip:MAC=0c383e2cd782@224.0.1.75",
        from: "<sip:MAC=0c383e2cd782@224.0.1.75>;tag=2",
        via: ";branch=z9hG4bK2;rport",
        event: "ua-profile;profile-type=\"device\";vendor=\"Fanvil\";model=\"X6U\";version=\"2.12.1\"",
    },
    Dialect {
        name: "a blank behind the sign",
        mac: "0C383E2CD783",
        request_uri: "sip:MAC= 0c383e2cd783@224.0.1.75",
        from: "<sip:MAC= 0c383e2cd783@224.0.1.75>;tag=3",
        via: ";branch=z9hG4bK3",
        event: "ua-profile;profile-type=\"device\";vendor=\"Fanvil\";model=\"X6U\";version=\"2.12.1\"",
    },
    Dialect {
        name: "an extension in From",
        mac: "0C383E2CD784",
        request_uri: "sip:MAC%3a0c383e2cd784@224.0.1.75",
        from: "\"512\" <sip:512@10.0.0.90>;tag=4",
        via: ";branch=z9hG4bK4",
        event: "ua-profile;profile-type=\"device\";vendor=\"Fanvil\";model=\"X6U\";version=\"2.12.1\"",
    },
    Dialect {
        name: "curly quotes",
        mac: "249AD8000001",
        request_uri: "sip:MAC%3a249ad8000001@224.0.1.75",
        from: "<sip:MAC%3a249ad8000001@224.0.1.75>;tag=5",
        via: ";branch=z9hG4bK5",
        event: "ua-profile;profile-type=“device”;vendor=“Yealink”;model=“T46U”;version=“108.86”",
    },
];

impl Asker {
    fn at(address: &str, line: &Line) -> Self {
        let source = UdpSocket::bind((address, 0)).unwrap();
        sockopt::set_ip_multicast_if(&source, &"127.0.0.1".parse().unwrap()).unwrap();
        Self {
            source,
            contact: UdpSocket::bind((address, 0)).unwrap(),
            port: line.sip,
        }
    }

    fn asks(&self, how: &Dialect, call: &str) {
        let Dialect {
            request_uri,
            from,
            via,
            event,
            ..
        } = how;
        let (source, contact) = (self.source.local_addr().unwrap(), self.contact.local_addr().unwrap());
        let text = format!(
            "SUBSCRIBE {request_uri} SIP/2.0\r\nVia: SIP/2.0/UDP {source}{via}\r\nMax-Forwards: 70\r\nFrom: {from}\r\n\
             To: <{request_uri}>\r\nCall-ID: {call}\r\nCSeq: 1 SUBSCRIBE\r\nContact: <sip:phone@{contact}>\r\n\
             Event: {event}\r\nAccept: application/url\r\nExpires: 0\r\nContent-Length: 0\r\n\r\n"
        );
        let group = SocketAddrV4::new("224.0.1.75".parse().unwrap(), self.port);
        self.source.send_to(text.as_bytes(), group).unwrap();
    }

    fn answer(&self, notify: &Message, status: &str) {
        let mut text = format!("SIP/2.0 {status}\r\n");
        for name in ["via", "from", "to", "call-id", "cseq"] {
            text += &format!("{name}: {}\r\n", notify.field(name));
        }
        let to = ("127.0.0.1", self.port);
        self.contact
            .send_to(format!("{text}Content-Length: 0\r\n\r\n").as_bytes(), to)
            .unwrap();
    }
}

fn heard(socket: &UdpSocket, within_ms: u64) -> Option<Message> {
    socket.set_read_timeout(Some(Duration::from_millis(within_ms))).unwrap();
    let mut bytes = [0; 65_535];
    let (length, _) = socket.recv_from(&mut bytes).ok()?;
    Some(Message::read(&bytes[..length]))
}

fn asking(line: &mut Line) -> Vec<Value> {
    let shown = line.house.ask("GET", "/api/devices/asking", Value::Null);
    shown.expect(200).json["asking"].as_array().unwrap().clone()
}

#[test]
fn p34_each_dialect_is_answered_where_it_came_from_and_told_the_url_at_its_contact() {
    let mut line = Line::everywhere();
    for how in &DIALECTS {
        let name = how.name;
        let phone = Asker::at("127.0.0.1", &line);
        phone.asks(how, &format!("stranger-{}", how.mac));
        let answer = heard(&phone.source, 5000).unwrap_or_else(|| panic!("{name}: no answer"));
        assert_eq!(answer.status(), Some(200), "{name}: {answer:?}");
        // Nobody's: it is on the page, and told nothing.
        let mac = how.mac.to_ascii_lowercase();
        let shown = wait_for("the phone on the page", || {
            asking(&mut line).into_iter().find(|phone| phone["mac"] == mac.as_str())
        });
        assert_eq!(
            (&shown["plug_and_play"], &shown["address"]),
            (&json!(true), &json!("127.0.0.1")),
            "{name}"
        );
        assert!(
            how.event.contains(shown["model"].as_str().unwrap()) && !shown["make"].is_null(),
            "{name}: {shown}"
        );
        assert!(heard(&phone.contact, 300).is_none(), "{name}");
        line.device_of(json!({ "extension": "101", "mac": how.mac }));
        assert!(
            asking(&mut line).iter().all(|phone| phone["mac"] != mac.as_str()),
            "{name}"
        );
        let phone = Asker::at("127.0.0.1", &line);
        phone.asks(how, &format!("added-{}", how.mac));
        assert_eq!(heard(&phone.source, 5000).unwrap().status(), Some(200), "{name}");
        let notify = heard(&phone.contact, 5000).unwrap_or_else(|| panic!("{name}: no NOTIFY"));
        let contact = phone.contact.local_addr().unwrap();
        assert_eq!(notify.start, format!("NOTIFY sip:phone@{contact} SIP/2.0"), "{name}");
        assert_eq!(
            (notify.field("event"), notify.field("subscription-state")),
            (how.event, "terminated;reason=timeout"),
            "{name}"
        );
        assert_eq!(notify.field("content-type"), "application/url", "{name}");
        let url = &notify.body;
        assert!(
            url.starts_with("http") && url.contains("/provision/") && !url.contains(['\r', '\n', ' ']),
            "{name}: {url:?}"
        );
        // Another server was faster, so that this one means nothing to the phone: it says so, and all goes on.
        phone.answer(&notify, "481 Subscription does not exist");
    }
}

/// Bytes of the store's files, and when they were last written.
pub fn store(line: &Line) -> Vec<(u64, std::time::SystemTime)> {
    let files = std::fs::read_dir(line.house.folder.data()).unwrap();
    let data = files.map(|file| file.unwrap().metadata().unwrap());
    data.map(|data| (data.len(), data.modified().unwrap())).collect()
}

/// The same once nothing has been written for two seconds: a first start measures the board beside its work and keeps
/// what it found, on a busy machine seconds after it was ready.
pub fn store_at_rest(line: &Line) -> Vec<(u64, std::time::SystemTime)> {
    let (mut last, mut same) = (store(line), 0);
    wait_for("the store at rest", || {
        let now = store(line);
        same = if now == last { same + 1 } else { 0 };
        last = now;
        (same >= 40).then(|| last.clone())
    })
}

#[test]
fn p34_ten_thousand_invented_phones_write_nothing_and_a_real_one_still_appears() {
    let mut line = Line::everywhere();
    line.device_of(json!({ "extension": "101", "mac": "00041396D9B4" }));
    let before = store_at_rest(&line);
    let flood = Asker::at("127.0.0.1", &line);
    let text = "ua-profile;profile-type=device;vendor=Yealink;model=\"<b>\"";
    for number in 0..10_000 {
        let request_uri: &str = &format!("sip:MAC%3a249ad8{number:06x}@224.0.1.75");
        // A dialect of a stranger lives as long as the test.
        let how = Dialect {
            name: "invented",
            mac: "",
            request_uri: Box::leak(request_uri.to_owned().into_boxed_str()),
            from: "<sip:224.0.1.75>;tag=x",
            via: ";branch=z9hG4bKx",
            event: text,
        };
        flood.asks(&how, &format!("invented-{number}"));
        // What comes back is read, so that the flood is no faster than its answers.
        let answer = heard(&flood.source, 200);
        assert!(answer.is_none_or(|answer| answer.status() == Some(200)));
    }
    let listed = asking(&mut line);
    assert_eq!(listed.len(), 64);
    assert!(listed.iter().all(|phone| phone["model"] == "<b>"), "{listed:?}");
    let real = Asker::at("127.0.0.2", &line);
    real.asks(&DIALECTS[1], "real-1");
    wait_for("the real phone on the page", || {
        asking(&mut line)
            .into_iter()
            .find(|phone| phone["mac"] == "0c383e2cd782")
    });
    real.asks(&DIALECTS[0], "real-2");
    assert!(heard(&real.contact, 5000).is_some(), "a phone that was added is told");
    assert_eq!(store(&line), before, "nothing was written");
}
