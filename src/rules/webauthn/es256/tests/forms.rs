//! What a signature and a key must look like.

use p256::elliptic_curve::Curve;
use p256::{AffinePoint, NistP256, Scalar};

use super::super::signature::{Signature, above_order};
use super::super::{Key, verify};
use super::cases::{Cases, der};

fn parses(der: &[u8]) -> bool {
    Signature::parse(der).is_some()
}

#[test]
fn one_form_only() {
    assert!(parses(&[0x30, 6, 2, 1, 1, 2, 1, 1]));
    assert!(parses(&[0x30, 7, 2, 2, 0, 0x80, 2, 1, 1]));
    for (why, wrong) in [
        ("empty", &[][..]),
        ("a tag alone", &[0x30]),
        ("an empty sequence", &[0x30, 0]),
        ("not a sequence", &[0x31, 6, 2, 1, 1, 2, 1, 1]),
        ("too long a length", &[0x30, 7, 2, 1, 1, 2, 1, 1]),
        ("a byte after it", &[0x30, 6, 2, 1, 1, 2, 1, 1, 0]),
        ("a byte after s", &[0x30, 7, 2, 1, 1, 2, 1, 1, 0]),
        ("long form length", &[0x30, 0x81, 6, 2, 1, 1, 2, 1, 1]),
        ("indefinite length", &[0x30, 0x80, 2, 1, 1, 2, 1, 1, 0, 0]),
        ("one integer", &[0x30, 3, 2, 1, 1]),
        ("an integer in long form", &[0x30, 7, 2, 0x81, 1, 1, 2, 1, 1]),
        ("no digits", &[0x30, 5, 2, 0, 2, 1, 1]),
        ("r = 0", &[0x30, 6, 2, 1, 0, 2, 1, 1]),
        ("s = 0", &[0x30, 6, 2, 1, 1, 2, 1, 0]),
        ("negative", &[0x30, 6, 2, 1, 0x80, 2, 1, 1]),
        ("a superfluous zero", &[0x30, 7, 2, 2, 0, 0x7f, 2, 1, 1]),
        ("zero and nothing", &[0x30, 7, 2, 2, 0, 0, 2, 1, 1]),
        ("not an integer", &[0x30, 6, 3, 1, 1, 2, 1, 1]),
        ("cut short", &[0x30, 5, 2, 1, 1, 2, 1]),
    ] {
        assert!(!parses(wrong), "{why}");
    }
    assert!(!parses(&der(&[1; 33], &[1])), "33 digits");
    assert!(
        !parses(&[&[0x30, 38, 2, 33, 1][..], &[0; 32], &[2, 1, 1]].concat()),
        "2^256"
    );
}

#[test]
fn r_and_s_are_below_n() {
    let order = NistP256::ORDER.to_be_bytes();
    let below = (-Scalar::ONE).to_bytes();
    assert!(parses(&der(&below, &below)));
    assert!(!parses(&der(order.as_slice(), &below)));
    assert!(!parses(&der(&below, order.as_slice())));
}

#[test]
fn p_minus_n_is_what_it_says() {
    let p = p256::U256::from_be_hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    assert_eq!(
        above_order(),
        <[u8; 32]>::from(p.wrapping_sub(NistP256::ORDER.as_ref()).to_be_bytes())
    );
}

#[test]
fn a_key_is_a_point_of_the_curve_with_reduced_coordinates() {
    let case = Cases::seeded(1).about(&Scalar::ONE, AffinePoint::GENERATOR);
    let (x, y) = case.coordinates();
    assert!(Key::from_coordinates(&x, &y).is_some());
    assert!(Key::from_coordinates(&y, &x).is_none());
    assert!(Key::from_coordinates(&[0; 32], &[0; 32]).is_none());
    assert!(Key::from_coordinates(&[0xff; 32], &y).is_none());
    assert!(Key::from_coordinates(&x, &[0xff; 32]).is_none());
    // x = 5 is on the curve; x = 5 + p is the same point in a form that nobody may send.
    let y = "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc";
    let y: [u8; 32] = data_encoding::HEXLOWER
        .decode(y.as_bytes())
        .unwrap()
        .try_into()
        .unwrap();
    let five = p256::U256::from_u64(5);
    let p = p256::U256::from_be_hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    let bytes = |number: p256::U256| <[u8; 32]>::from(number.to_be_bytes());
    assert!(Key::from_coordinates(&bytes(five), &y).is_some());
    assert!(Key::from_coordinates(&bytes(five.wrapping_add(&p)), &y).is_none());
}

#[test]
fn an_empty_signature_is_refused() {
    let case = Cases::seeded(1).about(&Scalar::ONE, AffinePoint::GENERATOR);
    let (x, y) = case.coordinates();
    assert!(!verify(&Key::from_coordinates(&x, &y).unwrap(), b"a message", &[]));
}
