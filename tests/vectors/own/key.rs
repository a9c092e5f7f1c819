//! COSE keys (§6.5.1.1) at the edge of what is one: a passkey's key is judged once, when it is registered.

use data_encoding::HEXLOWER;
use linekey::rules::webauthn::public_key::Key;
use linekey::rules::webauthn::{Algorithm, PublicKey};

use super::{cbor, coordinates, secret};

/// The generator of P-384 (FIPS 186-4 D.1.2.4): x, then y.
const P384: [&str; 2] = [
    "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7",
    "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
];
/// The generator of edwards25519 (RFC 8032 §5.1).
const ED25519: &str = "5866666666666666666666666666666666666666666666666666666666666666";

fn hex(digits: &str) -> Vec<u8> {
    HEXLOWER.decode(digits.as_bytes()).unwrap()
}

/// A map of the labels 1, 3, −1, −2, −3, as far as there are values; they are CBOR.
fn cose(values: [&[u8]; 5]) -> Vec<u8> {
    let labelled: Vec<_> = [1, 3, 0x20, 0x21, 0x22].into_iter().zip(values).collect();
    let there: Vec<_> = labelled.iter().filter(|(_, value)| !value.is_empty()).collect();
    let mut map = vec![0xa0 | u8::try_from(there.len()).unwrap()];
    for (label, value) in there {
        map.push(*label);
        map.extend(*value);
    }
    map
}

const OKP: &[u8] = &[1];
const EC2: &[u8] = &[2];
const RSA: &[u8] = &[3];
const ES256: &[u8] = &[0x26];
const EDDSA: &[u8] = &[0x27];
const ES384: &[u8] = &[0x38, 0x22];
const RS256: &[u8] = &[0x39, 0x01, 0x00];

/// An odd number of so many bits.
fn modulus(bits: usize) -> Vec<u8> {
    let mut number = vec![0xa5; bits.div_ceil(8)];
    number[0] = 1 << ((bits - 1) % 8);
    number
}

#[test]
fn a_key_of_every_algorithm_is_whole_and_each_part_is_needed() {
    let (x, y) = coordinates(&secret(1));
    let [x, y, x384, y384] = [x.to_vec(), y.to_vec(), hex(P384[0]), hex(P384[1])].map(|number| cbor(2, &number));
    let (ed, n) = (cbor(2, &hex(ED25519)), cbor(2, &modulus(2048)));
    let keys: [(Algorithm, [&[u8]; 5]); 4] = [
        (Algorithm::Es256, [EC2, ES256, &[1], &x, &y]),
        (Algorithm::Es384, [EC2, ES384, &[2], &x384, &y384]),
        (Algorithm::EdDsa, [OKP, EDDSA, &[6], &ed, &[]]),
        (Algorithm::Rs256, [RSA, RS256, &n, &[0x43, 1, 0, 1], &[]]),
    ];
    for (number, (algorithm, parts)) in keys.iter().enumerate() {
        let made = cose(*parts);
        let key = PublicKey::new(&made).unwrap();
        assert_eq!((key.algorithm(), key.cose()), (*algorithm, made.as_slice()));
        assert_eq!(
            Key::parse(&made).unwrap().es256().is_some(),
            *algorithm == Algorithm::Es256
        );
        for part in 0..parts.len() {
            let mut without = *parts;
            without[part] = &[];
            assert!(
                parts[part].is_empty() || Key::parse(&cose(without)).is_err(),
                "{algorithm:?} without {part}"
            );
            // The same part of each other kind of key.
            for (_, others) in keys.iter().skip(number + 1).chain(keys.iter().take(number)) {
                let mut mixed = *parts;
                mixed[part] = others[part];
                assert!(
                    mixed == *parts || Key::parse(&cose(mixed)).is_err(),
                    "{algorithm:?} with another's {part}"
                );
            }
        }
    }
    let mut beside = y384.clone();
    *beside.last_mut().unwrap() ^= 1;
    assert!(Key::parse(&cose([EC2, ES384, &[2], &x384, &beside])).is_err());
}

#[test]
fn an_rsa_key_has_2048_to_4096_bits_and_an_odd_exponent_from_3_to_33_bits() {
    let with = |modulus: &[u8], exponent: &[u8]| Key::rsa(modulus, exponent).is_ok();
    for bits in [2048, 2049, 2055, 2056, 3072, 4095, 4096] {
        assert!(with(&modulus(bits), &[3]), "{bits}");
    }
    for bits in [8, 2040, 2047, 4097, 4104] {
        assert!(!with(&modulus(bits), &[3]), "{bits}");
    }
    let (good, mut even) = (modulus(2048), modulus(2048));
    even[255] ^= 1;
    assert!(!with(&even, &[3]) && !with(&[], &[3]) && !with(&[&[0], good.as_slice()].concat(), &[3]));
    for exponent in [
        &[3][..],
        &[1, 1],
        &[1, 0, 1],
        &[255; 4],
        &[1, 0, 0, 0, 1],
        &[1, 255, 255, 255, 255],
    ] {
        assert!(with(&good, exponent), "{exponent:?}");
    }
    for exponent in [
        &[][..],
        &[0],
        &[1],
        &[2],
        &[0, 3],
        &[1, 0, 0],
        &[0, 1, 0, 0, 1],
        &[1, 0, 0, 0, 0],
        &[2, 0, 0, 0, 1],
        &[3, 0, 0, 0, 1],
        &[255; 5],
        &[1, 0, 0, 0, 0, 1],
    ] {
        assert!(!with(&good, exponent), "{exponent:?}");
    }
}

#[test]
fn an_ed25519_key_is_a_point_in_its_one_encoding_and_not_of_small_order() {
    let p = |last: u8| [&[0xed][..], &[0xff; 30], &[last]].concat();
    let with = |encoding: &[u8]| Key::ed25519(encoding).is_ok();
    assert!(with(&hex(ED25519)));
    assert!(with(&[&hex(ED25519)[..31], &[0xe6]].concat()), "the other x");
    assert!(!with(&hex(ED25519)[..31]) && !with(&[&hex(ED25519)[..], &[0]].concat()));
    let y = |low: u8| [&[low][..], &[0; 31]].concat();
    assert!(with(&y(3)) && with(&y(4)));
    assert!(!with(&y(2)) && !with(&y(7)), "beside the curve");
    // p is 0 in another encoding.
    assert!(!with(&p(0x7f)) && !with(&p(0xff)));
    let mut small = vec![y(0), y(1)];
    small.push([&[0xec][..], &[0xff; 30], &[0x7f]].concat());
    small.push(hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"));
    small.push(hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"));
    for mut point in small {
        assert!(!with(&point), "{point:?}");
        point[31] ^= 0x80;
        assert!(!with(&point), "{point:?}");
    }
}

#[test]
fn a_coordinate_of_p384_is_below_p() {
    let y = hex("c306610fb0ae5a159cf45c06069f22a6c5eb3641c602d42dea2c4b4f75550793406d80d2b91ad54f9048bd487af1ade1");
    let p = hex("fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff");
    assert!(Key::es384(&[0; 48], &y).is_ok());
    // p is 0 in another encoding.
    assert!(Key::es384(&p, &y).is_err());
    assert!(Key::es384(&[0; 48], &p).is_err());
    assert!(Key::es384(&[0; 47], &y).is_err() && Key::es384(&[0; 48], &y[1..]).is_err());
}
