//! CBOR, JSON, DER and the text of AAGUIDs at the edges of their grammars.

use linekey::rules::webauthn::attestation::Object;
use linekey::rules::webauthn::cbor::{Item, Order, whole};
use linekey::rules::webauthn::client_data::ClientData;
use linekey::rules::webauthn::{Challenge, Malformed, aaguid, der, json};

fn item(bytes: &[u8]) -> Result<Item<'_>, Malformed> {
    whole(bytes, Order::Canonical, 4)
}

/// Item has no equality: its map and its list are places in the bytes.
#[track_caller]
fn is_int(bytes: &[u8], number: i64) {
    assert_eq!(item(bytes).and_then(Item::int), Ok(number), "{bytes:x?}");
}

#[track_caller]
fn is_refused(bytes: &[u8], why: Malformed) {
    assert_eq!(item(bytes).err(), Some(why), "{bytes:x?}");
}

#[test]
fn a_cbor_number_has_one_form_the_shortest() {
    is_int(&[0x17], 23);
    is_int(&[0x18, 24], 24);
    is_int(&[0x18, 0xff], 255);
    is_int(&[0x19, 1, 0], 256);
    is_int(&[0x1a, 0, 1, 0, 0], 65_536);
    is_int(&[0x1b, 0, 0, 0, 1, 0, 0, 0, 0], 1 << 32);
    is_int(&[0x38, 24], -25);
    is_int(&[0x3a, 0, 1, 0, 0], -65_537);
    is_int(&[0x1b, 0x7f, 255, 255, 255, 255, 255, 255, 255], i64::MAX);
    is_int(&[0x3b, 0x7f, 255, 255, 255, 255, 255, 255, 255], i64::MIN);
    for beyond in [0x1b, 0x3b] {
        let bytes = [beyond, 0x80, 0, 0, 0, 0, 0, 0, 0];
        assert!(matches!(item(&bytes), Ok(Item::Other)), "{bytes:x?}");
    }
    for longer in [
        &[0x18, 23][..],
        &[0x19, 0, 255],
        &[0x1a, 0, 0, 255, 255],
        &[0x1b, 0, 0, 0, 0, 255, 255, 255, 255],
        &[0x58, 1, 0],
    ] {
        is_refused(longer, Malformed::NotCanonical);
    }
    for short in [
        &[][..],
        &[0x18],
        &[0x19, 1],
        &[0x1a, 0, 1, 0],
        &[0x1b, 0, 0, 0, 1, 0, 0, 0],
    ] {
        is_refused(short, Malformed::Short);
    }
    for reserved in [0x1c, 0x1d, 0x1e, 0x1f, 0x5f, 0x9f, 0xbf, 0xff] {
        is_refused(&[reserved, 0, 0xff], Malformed::NotCanonical);
    }
}

#[test]
fn cbor_has_two_truths_and_floats_of_any_value_and_no_tags() {
    assert!(matches!(item(&[0xf4]), Ok(Item::Bool(false))));
    assert!(matches!(item(&[0xf5]), Ok(Item::Bool(true))));
    for other in [
        &[0xf6][..],
        &[0xf7],
        &[0xf9, 0, 0],
        &[0xfa, 0, 0, 0, 0],
        &[0xfb, 0, 0, 0, 0, 0, 0, 0, 0],
        &[0xfb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0],
    ] {
        assert!(matches!(item(other), Ok(Item::Other)), "{other:x?}");
    }
    for meaningless in [
        &[0xe0][..],
        &[0xf3],
        &[0xf8, 20],
        &[0xf8, 0x20],
        &[0xf8, 0xff],
        &[0xc0, 0],
        &[0xd8, 24, 0],
    ] {
        is_refused(meaningless, Malformed::NotCanonical);
    }
}

#[test]
fn cbor_nests_as_deep_as_it_may_and_no_deeper() {
    let nested = |head: &[u8], depth: usize| [head.repeat(depth), vec![0]].concat();
    for head in [&[0x81][..], &[0xa1, 0x00]] {
        assert!(item(&nested(head, 4)).is_ok());
        assert_eq!(item(&nested(head, 5)).err(), Some(Malformed::Deep));
        assert!(whole(&nested(head, 5), Order::Free, 5).is_ok());
        assert_eq!(whole(&nested(head, 6), Order::Free, 5).err(), Some(Malformed::Deep));
    }
}

#[test]
fn a_cbor_map_has_each_key_once_in_order_unless_that_is_free() {
    let read = |bytes: &[u8]| [Order::Canonical, Order::Free].map(|order| whole(bytes, order, 4).err());
    let (twice, disorder) = (Some(Malformed::Duplicate), Some(Malformed::NotCanonical));
    for (bytes, expected) in [
        (&[0xa2, 1, 0, 2, 0][..], [None, None]),
        (&[0xa2, 1, 0, 1, 0], [twice, twice]),
        (&[0xa2, 2, 0, 1, 0], [disorder, None]),
        (&[0xa3, 1, 0, 2, 0, 1, 0], [disorder, twice]),
        // Unsigned numbers before negative ones, then text; the shorter first, then by their bytes.
        (&[0xa2, 0x18, 24, 0, 0x20, 0], [None, None]),
        (&[0xa2, 0x20, 0, 0x18, 24, 0], [disorder, None]),
        (&[0xa2, 0x61, b'b', 0, 0x62, b'a', b'a', 0], [None, None]),
        (&[0xa2, 0x62, b'a', b'a', 0, 0x61, b'b', 0], [disorder, None]),
        (&[0xa2, 0x61, b'b', 0, 0x61, b'a', 0], [disorder, None]),
    ] {
        assert_eq!(read(bytes), expected, "{bytes:x?}");
    }
    let map = |members: u8| {
        let pairs = (0..members).flat_map(|key| [0x18, 24 + key, 0]);
        [0xb8, members].into_iter().chain(pairs).collect::<Vec<u8>>()
    };
    assert_eq!(whole(&map(32), Order::Free, 4).err(), None);
    assert_eq!(whole(&map(33), Order::Free, 4).err(), Some(Malformed::Oversized));
}

#[test]
fn client_data_nest_and_number_as_much_as_they_may_and_no_more() {
    let nested = |open: &str, close: &str, depth: usize| {
        format!(r#"{{"a":{}0{}}}"#, open.repeat(depth - 1), close.repeat(depth - 1))
    };
    for (open, close) in [("[", "]"), (r#"{"b":"#, "}")] {
        assert!(ClientData::parse(&nested(open, close, 8)).is_ok());
        assert_eq!(ClientData::parse(&nested(open, close, 9)), Err(Malformed::Deep));
    }
    let members = |count: usize| {
        let all: Vec<String> = (0..count).map(|number| format!(r#""{number}":0"#)).collect();
        format!("{{{}}}", all.join(","))
    };
    assert!(ClientData::parse(&members(32)).is_ok());
    assert_eq!(ClientData::parse(&members(33)), Err(Malformed::Oversized));
    assert_eq!(ClientData::parse(r#"{"a":0,"a":0}"#), Err(Malformed::Duplicate));
}

#[test]
fn an_attestation_object_is_as_long_as_the_limit_and_no_longer() {
    let read = |length: usize| {
        let head = [
            b"\xa3\x63fmt\x64none\x68authData\x40\x67attStmt\xa1\x61x\x59".as_slice(),
            &[0, 0],
        ]
        .concat();
        let mut whole = head.clone();
        whole.resize(length, 0);
        let rest = u16::try_from(length - head.len()).unwrap().to_be_bytes();
        whole[head.len() - 2..head.len()].copy_from_slice(&rest);
        Object::parse(&whole).map(|object| object.format.to_owned())
    };
    assert_eq!(read(32 * 1024), Ok("none".to_owned()));
    assert_eq!(read(32 * 1024 + 1), Err(Malformed::Oversized));
}

/// The one member's value.
fn text(written: &str) -> Result<String, Malformed> {
    let mut read = String::new();
    json::Reader::new(&format!(r#"{{"a":"{written}"}}"#)).object(8, |_, value| {
        if let json::Value::Text(text) = value {
            read = text.into_owned();
        }
        Ok(())
    })?;
    Ok(read)
}

#[test]
fn json_reads_each_character_of_unicode_by_its_escape_and_no_half_of_one() {
    for (written, read) in [
        (r"\u0000", "\0"),
        (r"\u00e9\u00E9", "éé"),
        (r"\ud7ff\ue000\uffff", "\u{d7ff}\u{e000}\u{ffff}"),
        (r"\ud800\udc00", "\u{10000}"),
        (r"\ud800\udfff", "\u{103ff}"),
        (r"\ud801\udc00", "\u{10400}"),
        (r"\uD83D\uDE00", "😀"),
        (r"\udbff\udfff", "\u{10ffff}"),
        (r#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t"),
    ] {
        assert_eq!(text(written).as_deref(), Ok(read), "{written}");
    }
    for half in [
        r"\ud83d",
        r"\ud83dx",
        r"\ud83d\n",
        r"\ud83d\u0041",
        r"\ud83d\ud83d",
        r"\ud83d\udbff",
        r"\ud83d\ue000",
        r"\udc00",
        r"\udfff\ud83d",
        r"\u12",
        r"\u12g4",
        r"\x41",
    ] {
        assert!(text(half).is_err(), "{half}");
    }
}

#[test]
fn a_der_integer_that_is_not_negative_has_one_form() {
    let read = |bytes: &[u8]| {
        let whole = [&[der::INTEGER, u8::try_from(bytes.len()).unwrap()], bytes].concat();
        der::Reader::new(&whole).positive().map(<[u8]>::to_vec)
    };
    assert_eq!(read(&[0]), Ok(vec![]));
    assert_eq!(read(&[1]), Ok(vec![1]));
    assert_eq!(read(&[0x7f, 0xff]), Ok(vec![0x7f, 0xff]));
    assert_eq!(read(&[0, 0x80]), Ok(vec![0x80]));
    assert_eq!(read(&[0, 0xff, 0]), Ok(vec![0xff, 0]));
    assert_eq!(read(&[]), Err(Malformed::Short));
    assert_eq!(read(&[0, 0]), Err(Malformed::NotCanonical));
    assert_eq!(read(&[0, 0x7f]), Err(Malformed::NotCanonical));
    assert_eq!(read(&[0x80]), Err(Malformed::Range));
    assert_eq!(read(&[0xff, 0]), Err(Malformed::Range));
}

#[test]
fn a_der_tag_and_a_der_length_have_one_form() {
    let number = |tag: &[u8]| {
        let whole = [tag, &[0]].concat();
        der::Reader::new(&whole).any().map(|value| value.number)
    };
    assert_eq!(number(&[0xa3]), Ok(3));
    assert_eq!(number(&[0xbf, 31]), Ok(31));
    assert_eq!(number(&[0xbf, 0x7f]), Ok(127));
    assert_eq!(number(&[0xbf, 0x81, 0]), Ok(128));
    assert_eq!(number(&[0xbf, 0x81, 0x80, 0]), Ok(1 << 14));
    assert_eq!(number(&[0xbf, 0x85, 0x3e]), Ok(702));
    assert_eq!(number(&[0xbf, 0xff, 0xff, 0xff, 0x7f]), Ok((1 << 28) - 1));
    assert_eq!(number(&[0xbf, 30]), Err(Malformed::NotCanonical));
    assert_eq!(number(&[0xbf, 0x80, 31]), Err(Malformed::NotCanonical));
    assert_eq!(number(&[0xbf, 0xff, 0xff, 0xff, 0xff, 0x7f]), Err(Malformed::Oversized));

    let length = |head: &[u8], count: usize| {
        let whole = [&[der::OCTET_STRING], head, &vec![0; count]].concat();
        der::Reader::new(&whole).any().map(|value| value.contents.len())
    };
    assert_eq!(length(&[0x7f], 127), Ok(127));
    assert_eq!(length(&[0x81, 0x80], 128), Ok(128));
    assert_eq!(length(&[0x82, 1, 0], 256), Ok(256));
    assert_eq!(length(&[0x82, 0xff, 0xff], 65_535), Ok(65_535));
    assert_eq!(length(&[0x81, 0x80], 127), Err(Malformed::Short));
    for (longer, count) in [(&[0x80][..], 0), (&[0x81, 0x7f], 127), (&[0x82, 0, 0xff], 255)] {
        assert_eq!(length(longer, count), Err(Malformed::NotCanonical), "{longer:x?}");
    }
    assert_eq!(length(&[0x83, 1, 0, 0], 65_536), Err(Malformed::Oversized));
}

#[test]
fn an_aaguid_is_read_in_its_usual_text_form_alone() {
    let apple = 0xfbfc_3007_154e_4ecc_8c0b_6e02_0557_d7bd_u128.to_be_bytes();
    for written in [
        "fbfc3007-154e-4ecc-8c0b-6e020557d7bd",
        "FBFC3007-154E-4ECC-8C0B-6E020557D7BD",
    ] {
        assert_eq!(aaguid::parse(written), Some(apple));
    }
    for other in [
        "",
        "fbfc3007154e4ecc8c0b6e020557d7bd",
        "fbfc300-7154e-4ecc-8c0b-6e020557d7bd",
        "fbfc3007-154e-4ecc-8c0b-6e020557d7b",
        "fbfc3007-154e-4ecc-8c0b-6e020557d7bd-",
        "fbfc3007-154e-4ecc-8c0b-6e020557d7bdff",
        "fbfc3007-154e-4ecc-8c0b-6e020557d7bg",
    ] {
        assert_eq!(aaguid::parse(other), None, "{other}");
    }
}

#[test]
fn a_challenge_is_not_printed_and_an_error_is() {
    assert_eq!(format!("{:?}", Challenge::new(&super::CHALLENGE)), "Challenge(..)");
    assert_eq!(Malformed::LeftOver.to_string(), "something follows the end");
}
