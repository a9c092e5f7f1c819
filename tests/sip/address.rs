//! URIs and the fields that phones write in their own way.

use linekey::sip::codec::{
    Address, Algorithm, Challenge, Challenged, Contact, Credentials, Event, Malformed, Reason, Replaces, SessionTime,
    Uri, Via,
};

use crate::{Outcome, message, outcome};

fn uri(text: &str) -> Uri<'_> {
    Uri::parse(text.as_bytes()).unwrap_or_else(|why| panic!("{text}: {why:?}"))
}

#[test]
fn uris_are_the_same_as_rfc_3261_19_1_4_says() {
    let same = [
        (
            "sip:%61lice@atlanta.com;transport=TCP",
            "sip:alice@AtLanTa.CoM;Transport=tcp",
        ),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
        ("sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"),
        (
            "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
            "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
        ),
        (
            "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
            "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
        ),
        ("sip:1@10.0.0.1:5060;ob", "sip:1@10.0.0.1:5060"),
        ("sip:a@[2001:db8::1]", "sip:a@[2001:0db8:0::1]"),
        ("tel:+1-201-555-0123", "TEL:+12015550123"),
    ];
    let different = [
        (
            "SIP:ALICE@AtLanTa.CoM;Transport=udp",
            "sip:alice@AtLanTa.CoM;Transport=UDP",
        ),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
        ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
        (
            "sip:carol@chicago.com;security=on",
            "sip:carol@chicago.com;security=off",
        ),
        ("sip:a@b", "sips:a@b"),
        ("sip:a@b", "sip:b"),
        ("sip:a:x@b", "sip:a@b"),
        ("tel:+1", "tel:+1;ext=2"),
    ];
    for (one, two) in same {
        assert!(
            uri(one).is_same(&uri(two)) && uri(two).is_same(&uri(one)),
            "{one} is {two}"
        );
    }
    for (one, two) in different {
        assert!(
            !uri(one).is_same(&uri(two)) && !uri(two).is_same(&uri(one)),
            "{one} is not {two}"
        );
    }
}

#[test]
fn a_uri_falls_into_its_parts() {
    let parsed = uri("sips:a;x=1:secret@[2001:db8::1]:5061;transport=tls;lr=on?Replaces=1");
    let sip = parsed.sip().unwrap();
    assert_eq!(
        (sip.is_secure, sip.user, sip.password),
        (true, Some("a;x=1"), Some("secret"))
    );
    assert_eq!((sip.host.to_string().as_str(), sip.port), ("[2001:db8::1]", Some(5061)));
    assert_eq!(
        (sip.params.value("Transport"), sip.is_loose(), sip.headers),
        (Some("tls"), true, Some("Replaces=1"))
    );
    let mapped = uri("sip:108@[::ffff:192.0.2.128]:5060");
    assert_eq!(
        mapped.sip().unwrap().host.address(),
        Some("192.0.2.128".parse().unwrap())
    );
    assert_eq!(uri("sip:#31#5@h").sip().unwrap().user, Some("#31#5"));
}

#[test]
fn what_is_no_uri_is_refused() {
    let wrong = [
        "",
        "sip",
        "sip:",
        "sip:@h",
        "sip:a@",
        "sip:a@b@c",
        "sip:a@h;x=@",
        "sip:a@h:",
        "sip:a@h:65536",
        "sip:a@h:5x",
        "sip:a@fe80::1",
        "sip:a@[fe80::1%eth0",
        "sip:a@[%eth0]",
        "sip:a@[::1]%zz",
        "sip:a@[::1",
        "sip:a b@h",
        "sip:a%4@h",
        "sip:a@h<",
        "sip:ä@h",
        "1x:y",
        "tel:",
        "tel:abc-xyz",
        "sip:a@h/x",
    ];
    for text in wrong {
        assert!(matches!(Uri::parse(text.as_bytes()), Err(Malformed::Uri)), "{text}");
    }
}

#[test]
fn addresses_are_read_in_every_form() {
    for (text, name, tag) in [
        ("<sip:a@h>;tag=1", "", Some("1")),
        ("sip:a@h;tag=1", "", Some("1")),
        ("\"A \\\"B\\\"\" <sip:a@h> ; tag = 1", "A \"B\"", Some("1")),
        ("A. B<sip:a@h>;user=phone;tag=1", "A. B", Some("1")),
        ("Мира <sip:a@h>;", "Мира", None),
        ("\"a;b,c<d\"<sip:a@h;x>", "a;b,c<d", None),
    ] {
        let address = Address::parse(text.as_bytes()).unwrap_or_else(|why| panic!("{text}: {why:?}"));
        assert_eq!((address.display_meant().as_ref(), address.tag()), (name, tag), "{text}");
    }
    let latin = Address::parse(b"\"M\xfcller\" <sip:a@h>").unwrap();
    assert_eq!(latin.display, b"M\xfcller");
    let wrong = [
        "",
        "<sip:a@h",
        "\"a <sip:a@h>",
        "a, b <sip:a@h>",
        "<sip:a@h>;;x",
        "<sip:a@h> x",
        "\"a\" sip:a@h",
        "< sip:a@h>",
    ];
    for text in wrong {
        assert!(Address::parse(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn a_contact_keeps_its_bytes_and_tells_its_parameters() {
    let text = "\"x\" <sip:a@h;ob>;q=0.7;expires=\"60\";+sip.instance=\"<urn:uuid:1>\";reg-id=2";
    let contact = Contact::parse(text.as_bytes()).unwrap();
    assert_eq!(
        (contact.address.raw, contact.q, contact.expires),
        (text.as_bytes(), Some(700), Some(60))
    );
    assert_eq!((contact.instance, contact.reg_id), (Some("<urn:uuid:1>"), Some(2)));
    assert!(contact.address.uri.sip().unwrap().is_outbound());
    for (expires, right) in [("soon", 3600), ("", 3600), ("99999999999", u32::MAX), ("-1", 3600)] {
        let text = format!("<sip:a@h>;expires={expires}");
        assert_eq!(
            Contact::parse(text.as_bytes()).unwrap().expires,
            Some(right),
            "{expires}"
        );
    }
}

#[test]
fn via_is_refused_where_its_place_cannot_be_told() {
    for text in [
        "SIP/2.0/UDP h;branch=x",
        "SIP / 2.0 / tls  [::1]:5061 ; rport",
        "SIP/2.0/WSS x_y.invalid;branch=z9hG4bK1;",
        "SIP/2.0/UDP h : 5060;received=::1;ttl=16;maddr=224.0.1.75",
    ] {
        Via::parse(text.as_bytes()).unwrap_or_else(|why| panic!("{text}: {why:?}"));
    }
    for text in [
        "",
        "SIP/2.0/UDP",
        "SIP/2.0/UDP ",
        "SIP/3.0/UDP h",
        "SIP/2.0/UDP h;;",
        "SIP/2.0/UDP fe80::1",
        "SIP/2.0UDP h",
        "SIP/2.0/UDP h;branch=",
        "SIP/2.0/UDP h;branch=a;branch=b",
        "SIP/2.0/UDP h;ttl=256",
        "SIP/2.0/UDP h:70000",
    ] {
        assert!(Via::parse(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn digest_credentials_are_read_strictly_in_what_counts() {
    let text = "digest  username=101 , realm=\"a\\\"b\",nonce=\"n=\" ,uri=sip:h;transport=udp, \
                response=0f,qop=\"auth\", nc=\"0000000A\",cnonce=c,algorithm=md5,opaque=\"\",x=y,";
    let [read] = Credentials::parse(text.as_bytes()).unwrap()[..] else {
        panic!("one set of credentials")
    };
    assert_eq!((read.username, read.realm, read.nonce), ("101", "a\\\"b", "n="));
    assert_eq!(
        (read.uri, read.qop, read.cnonce),
        ("sip:h;transport=udp", Some("auth"), Some("c"))
    );
    assert_eq!((read.algorithm, read.nc.unwrap().value), (Some(Algorithm::Md5), 10));
    let written = read.to_string();
    assert_eq!(Credentials::parse(written.as_bytes()).unwrap()[0].to_string(), written);
    assert!(Credentials::parse(b"Basic abc").unwrap().is_empty());
    for (from, to) in [
        ("username=101 ,", ""),
        ("nonce=\"n=\"", "nonce=\"n"),
        ("x=y", "Realm=z"),
        ("0000000A", "00000000A"),
        ("0000000A", "+1"),
        ("x=y", "x"),
        ("x=y", "x, y"),
        ("x=y", "digest"),
        (
            "x=y,",
            &format!(
                "x=y,{}",
                ["digest username=1,realm=r,nonce=n,uri=u,response=f,"; 4].concat()
            ),
        ),
    ] {
        let wrong = text.replacen(from, to, 1);
        assert!(Credentials::parse(wrong.as_bytes()).is_err(), "{wrong}");
    }
}

#[test]
fn a_challenge_is_written_as_phones_read_it() {
    let challenge = Challenge {
        realm: "a\"b",
        nonce: "n",
        algorithm: Algorithm::Sha256,
        stale: true,
    };
    let right = "Digest realm=\"a\\\"b\", nonce=\"n\", stale=true, algorithm=SHA-256, qop=\"auth\"";
    assert_eq!(challenge.to_string(), right);
}

#[test]
fn a_phones_challenge_is_read_where_it_can_be_answered() {
    let read = Challenged::parse(b"Digest realm=\"snom\", nonce=\"n\", qop=\"auth-int, AUTH\", opaque=\"o\"");
    let expected = Challenged {
        realm: "snom",
        nonce: "n",
        algorithm: None,
        qop: Some("auth-int, AUTH"),
        opaque: Some("o"),
    };
    assert_eq!(read.unwrap(), Some(expected));
    let bare = Challenged::parse(b"digest nonce=n,realm=r,algorithm=SHA-256")
        .unwrap()
        .unwrap();
    assert_eq!((bare.algorithm, bare.qop), (Some(Algorithm::Sha256), None));
    for other in ["Basic realm=\"r\"", "Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\""] {
        assert_eq!(Challenged::parse(other.as_bytes()).unwrap(), None, "{other}");
    }
    for wrong in [
        "",
        "Digest realm=\"r\"",
        "Digest realm=a, realm=b, nonce=n",
        "Digest realm=\"r, nonce=\"n\"",
    ] {
        assert!(Challenged::parse(wrong.as_bytes()).is_err(), "{wrong}");
    }
}

#[test]
fn fields_of_a_word_and_parameters_are_read() {
    let replaces = Replaces::parse(b"12345@h;from-tag=f;to-tag=t;early-only").unwrap();
    assert_eq!(
        (replaces.call_id, replaces.to_tag, replaces.from_tag),
        ("12345@h", "t", "f")
    );
    assert!(replaces.is_early_only);
    assert!(Replaces::parse(b"1;to-tag=t").is_err() && Replaces::parse(b";to-tag=t;from-tag=f").is_err());
    assert_eq!(Event::parse(b"ua-profile;vendor=\"x\";id=1").unwrap().id, Some("1"));
    assert!(Event::parse(b"").is_err() && Event::parse(b"a b").is_err());
    let session = SessionTime::parse(b"90 ; refresher=uac").unwrap();
    assert_eq!((session.seconds, session.refresher), (90, Some("uac")));
    let reason = Reason::parse(b"SIP ;cause=200 ;text=\"Call completed elsewhere\"").unwrap();
    assert_eq!((reason.protocol, reason.cause), ("SIP", Some(200)));
    assert_eq!(reason.text.unwrap().meant(), "Call completed elsewhere");
}

#[test]
fn what_is_wrong_with_a_request_names_the_answer() {
    let lines = [
        "BYE sip:a@h SIP/2.0",
        "Via: SIP/2.0/UDP h;branch=z9hG4bK1",
        "From: <sip:b@h>;tag=1",
        "To: <sip:a@h>;tag=2",
        "Call-ID: 1",
        "CSeq: 1 BYE",
        "Contact: ",
    ];
    assert_eq!(
        outcome(&message(&lines)),
        Outcome::Taken,
        "a BYE needs no Contact, so an odd one is no matter"
    );
    let with = |place: usize, line: &'static str| -> Outcome {
        let mut lines = lines;
        lines[place] = line;
        outcome(&message(&lines))
    };
    assert_eq!(
        with(0, "BYE sip:a@h SIP/3.0"),
        Outcome::Answered(505, Malformed::Version)
    );
    assert_eq!(
        with(0, "BYE mailto:a@h SIP/2.0"),
        Outcome::Answered(416, Malformed::Scheme)
    );
    assert_eq!(with(0, "ACK sip:a@h SIP/2.0"), Outcome::Dropped(Malformed::CSeqMethod));
    assert_eq!(
        with(2, "From: <sip:b@h>;tag=1;tag=2"),
        Outcome::Answered(400, Malformed::From)
    );
    assert_eq!(with(4, "Call-ID: 1 2"), Outcome::Answered(400, Malformed::CallId));
    assert_eq!(with(5, "CSeq: 2147483648 BYE"), Outcome::Answered(400, Malformed::CSeq));
    assert_eq!(with(6, "Route: <sip:h;lr"), Outcome::Answered(400, Malformed::Route));
    assert_eq!(with(6, "X: a\rb"), Outcome::Answered(400, Malformed::BareCr));
    assert_eq!(with(6, "no colon at all"), Outcome::Taken);
    let unended = message(&lines);
    assert_eq!(
        outcome(&unended[..unended.len() - 2]),
        Outcome::Answered(400, Malformed::HeadUnended)
    );
}
