//! Which hash a phone is asked for.

use std::net::SocketAddr;

use data_encoding::HEXLOWER;
use linekey::rules::phones::device::DeviceId;
use linekey::sip::stack::{Flow, Input};
use md5::Md5;
use sha2::{Digest, Sha256};

use super::message::{field, fields, quoted, status};
use super::{Office, UDP, directory_of, extension, secret, username};

/// What a request says besides the account.
#[derive(Clone, Copy)]
struct Ask<'a> {
    from: &'a str,
    user: &'a str,
    call_id: &'a str,
    cseq: u32,
    more: &'a str,
}

fn ask<'a>(from: &'a str, user: &'a str, cseq: u32) -> Ask<'a> {
    Ask {
        from,
        user,
        call_id: "c",
        cseq,
        more: "",
    }
}

fn send(office: &mut Office, ask: Ask<'_>) -> String {
    let Ask {
        from,
        user,
        call_id,
        cseq,
        more,
    } = ask;
    let remote: SocketAddr = from.parse().unwrap();
    let flow = Flow::Datagram { listener: UDP, remote };
    let branch = office.unique();
    let text = format!(
        "REGISTER sip:office.example SIP/2.0\r\nVia: SIP/2.0/UDP {from};rport;branch=z9hG4bK{branch}\r\n\
         From: <sip:{user}@office.example>;tag=1\r\nTo: <sip:{user}@office.example>\r\nCall-ID: {call_id}\r\n\
         CSeq: {cseq} REGISTER\r\nContact: <sip:{user}@{from}>\r\n{more}Content-Length: 0\r\n\r\n"
    );
    office.send(flow, &text);
    office.take(flow)
}

/// The hashes of the challenges, in their order.
fn offered(answer: &str) -> Vec<&'static str> {
    assert_eq!(status(answer), 401, "{answer}");
    let challenges = fields(answer, "WWW-Authenticate");
    let hash = |challenge: &&str| {
        if challenge.contains("algorithm=SHA-256") {
            "SHA-256"
        } else {
            "MD5"
        }
    };
    challenges.iter().map(hash).collect()
}

/// A device's answer with that hash to the challenge for it.
fn credentials(device: u64, answer: &str, hash: &str) -> String {
    let challenges = fields(answer, "WWW-Authenticate");
    let fits = |challenge: &&&str| challenge.contains(&format!("algorithm={hash}"));
    let nonce = quoted(challenges.iter().find(fits).unwrap(), "nonce");
    let hex = |text: String| match hash {
        "MD5" => HEXLOWER.encode(&Md5::digest(text.as_bytes())),
        _ => HEXLOWER.encode(&Sha256::digest(text.as_bytes())),
    };
    let (name, uri) = (username(device), "sip:office.example");
    let ha1 = hex(format!("{name}:office.example:{}", secret(device).reveal()));
    let ha2 = hex(format!("REGISTER:{uri}"));
    let response = hex(format!("{ha1}:{nonce}:00000001:c:auth:{ha2}"));
    format!(
        "Authorization: Digest username=\"{name}\", realm=\"office.example\", nonce=\"{nonce}\", uri=\"{uri}\", \
         response=\"{response}\", algorithm={hash}, qop=auth, cnonce=\"c\", nc=00000001\r\n"
    )
}

/// Asks and answers with that hash; the last answer.
fn register(office: &mut Office, from: &str, device: u64, hash: &str, more: &str) -> String {
    let call_id = &format!("{from}-{device}-{}", office.unique());
    let ask = Ask {
        call_id,
        more,
        ..ask(from, extension(device), 1)
    };
    let answer = send(office, ask);
    let more = &format!("{}{more}", credentials(device, &answer, hash));
    send(office, Ask { cseq: 2, more, ..ask })
}

/// 101 has MD5 phones alone, 102 one of each and one more of MD5, 103 SHA-256 phones alone.
fn office() -> Office {
    let mut office = Office::new();
    office.handle(Input::Directory(directory_of(&[], &[5, 7, 8, 9])));
    office
}

#[test]
fn b17_phones_of_one_kind_see_one_challenge_of_their_own_and_strangers_see_the_usual_one() {
    let mut office = office();
    assert_eq!(offered(&send(&mut office, ask("192.0.2.50:5060", "101", 1))), ["MD5"]);
    assert_eq!(
        offered(&send(&mut office, ask("192.0.2.50:5060", "103", 1))),
        ["SHA-256"]
    );
    assert_eq!(offered(&send(&mut office, ask("192.0.2.50:5060", "999", 1))), ["MD5"]);
    assert_eq!(status(&register(&mut office, "192.0.2.51:5060", 7, "SHA-256", "")), 200);
}

#[test]
fn a_phone_that_names_its_device_sees_the_challenge_of_that_device_alone() {
    let mut office = office();
    assert_eq!(offered(&send(&mut office, ask("192.0.2.50:5060", "102-a", 1))), ["MD5"]);
    assert_eq!(
        offered(&send(&mut office, ask("192.0.2.50:5060", "102-b", 1))),
        ["SHA-256"]
    );
}

#[test]
fn where_both_kinds_share_an_extension_sha_256_comes_first_and_either_phone_registers_at_once() {
    let mut office = office();
    let answer = send(&mut office, ask("192.0.2.50:5060", "102", 1));
    assert_eq!(offered(&answer), ["SHA-256", "MD5"]);
    assert_eq!(status(&register(&mut office, "192.0.2.51:5060", 5, "SHA-256", "")), 200);
    assert_eq!(status(&register(&mut office, "192.0.2.52:5060", 4, "MD5", "")), 200);
    // A phone that is set to MD5 and knows better answers as it likes.
    assert_eq!(status(&register(&mut office, "192.0.2.53:5060", 6, "SHA-256", "")), 200);
    let loads = office.stack.load();
    assert_eq!(loads.bindings, 3);
}

#[test]
fn a_device_set_to_sha_256_is_not_talked_down_to_md5() {
    let mut office = office();
    let answer = register(&mut office, "192.0.2.51:5060", 5, "MD5", "");
    assert_eq!(offered(&answer), ["SHA-256"]);
    assert!(!answer.contains("stale"));
}

#[test]
fn b17_a_phone_that_was_here_before_sees_its_own_challenge_alone() {
    let mut office = office();
    let instance = "Supported: path\r\n";
    for (from, device, hash) in [("192.0.2.51:5060", 5, "SHA-256"), ("192.0.2.52:5060", 4, "MD5")] {
        assert_eq!(status(&register(&mut office, from, device, hash, instance)), 200);
        let again = Ask {
            call_id: "again",
            ..ask(from, "102", 1)
        };
        assert_eq!(offered(&send(&mut office, again)), [hash]);
        let moved = from.replace("5060", "6060");
        let elsewhere = Ask {
            call_id: "moved",
            ..ask(&moved, "102", 1)
        };
        assert_eq!(
            offered(&send(&mut office, elsewhere)),
            [hash],
            "from another port of its address"
        );
    }
    office.wait(2 * 3_600_000);
    assert_eq!(office.stack.load().bindings, 0);
    let back = ask("192.0.2.52:5060", "102", 1);
    assert_eq!(offered(&send(&mut office, back)), ["MD5"], "after its binding ended");
    office.handle(Input::Directory(directory_of(&[4], &[5])));
    assert_eq!(
        offered(&send(&mut office, ask("192.0.2.52:5060", "102", 9))),
        ["SHA-256", "MD5"]
    );
}

#[test]
fn an_app_is_known_by_its_instance_from_wherever_it_comes() {
    let mut office = office();
    let contact = |address: &str| {
        format!("Contact: <sip:102@{address}>;+sip.instance=\"<urn:uuid:00000000-0000-0000-0000-000000000005>\"\r\n")
    };
    let from = "192.0.2.51:5060";
    let bare = ask(from, "102", 1);
    let answer = send(&mut office, bare);
    let more = &format!("{}{}", credentials(5, &answer, "SHA-256"), contact("192.0.2.51:7"));
    assert_eq!(status(&send(&mut office, Ask { cseq: 2, more, ..bare })), 200);
    let more = &contact("198.51.100.7:5060");
    let elsewhere = Ask {
        more,
        call_id: "far",
        ..ask("198.51.100.7:5060", "102", 1)
    };
    assert_eq!(offered(&send(&mut office, elsewhere)), ["SHA-256"]);
}

/// Phones that look at the first challenge alone send their request again, without an answer to it.
#[test]
fn b17_whoever_gives_up_at_both_is_asked_for_md5_alone_the_next_time() {
    let mut office = office();
    let from = "192.0.2.60:5060";
    assert_eq!(offered(&send(&mut office, ask(from, "102", 1))), ["SHA-256", "MD5"]);
    assert_eq!(
        offered(&send(&mut office, ask(from, "102", 1))),
        ["SHA-256", "MD5"],
        "a copy"
    );
    let answer = send(&mut office, ask(from, "102", 2));
    assert_eq!(offered(&answer), ["MD5"]);
    assert_eq!(offered(&send(&mut office, ask(from, "102", 3))), ["SHA-256", "MD5"]);
    let more = &credentials(4, &answer, "MD5");
    assert_eq!(
        status(&send(
            &mut office,
            Ask {
                more,
                ..ask(from, "102", 4)
            }
        )),
        200
    );
    assert_eq!(
        office.stack.devices(linekey::rules::time::Tick(office.now))[0].device,
        DeviceId(4)
    );
    assert_eq!(offered(&send(&mut office, ask(from, "102", 5))), ["MD5"]);
}

#[test]
fn a_nonce_serves_the_hash_that_it_was_made_for_alone() {
    let mut office = office();
    let answer = send(&mut office, ask("192.0.2.50:5060", "101", 1));
    let swapped = answer.replace("algorithm=MD5", "algorithm=SHA-256");
    let more = &credentials(1, &swapped, "SHA-256");
    let answer = send(
        &mut office,
        Ask {
            more,
            ..ask("192.0.2.50:5060", "101", 2)
        },
    );
    assert_eq!(offered(&answer), ["MD5"]);
    assert!(!field(&answer, "WWW-Authenticate").contains("stale"));
}
