//! Packed attestation (§8.2) and its certificates (§8.2.1): a statement that is true but for one thing.

use linekey::rules::webauthn::attestation::AttestationKind;

use super::super::certificate::{FIDO_AAGUID, authority, der, end_entity, name, sequence};
use super::super::registration::{Creation, MODEL};
use super::super::{cbor, secret, signed};
use super::{Change, ES256, Made, accepted, chain, refused, statement};

fn aaguid_extension(made: &mut Made, critical: Option<bool>, value: Vec<u8>) {
    made.certificate
        .extensions
        .push((FIDO_AAGUID.to_vec(), critical, value));
}

#[test]
fn packed_certificates_are_as_8_2_1_asks() {
    let right: &[(&str, Change)] = &[
        ("as it is", |_| {}),
        ("its model named", |made| aaguid_extension(made, None, der(4, &MODEL))),
        ("its model named, said not to be critical", |made| {
            aaguid_extension(made, Some(false), der(4, &MODEL))
        }),
        ("a second unit", |made| {
            made.certificate.subject.extend(name(&[(11, "Another")]))
        }),
        ("unique identifiers", |made| {
            made.certificate.key.extend([0x81, 1, 0, 0x82, 1, 0])
        }),
        ("eight certificates", |made| {
            made.certificates = Some(chain(&vec![made.certificate.written(); 8]))
        }),
        ("32 extensions", |made| {
            (1..32).for_each(|number| made.certificate.extend(&[number], Vec::new()))
        }),
        ("an unknown way of being signed", |made| {
            made.certificate.schemes = [&[1]; 2]
        }),
    ];
    for (why, change) in right {
        accepted(why, Made::right().but(*change).packed());
    }
    let wrong: &[(&str, Change)] = &[
        ("signed by another", |made| made.signer = 1),
        ("said to be RS256", |made| made.alg = vec![0x39, 0x01, 0x00]),
        ("said to be ES384", |made| made.alg = vec![0x38, 34]),
        ("said to be nothing known", |made| made.alg = vec![0]),
        ("alg is text", |made| made.alg = cbor(3, b"ES256")),
        ("a member more", |made| made.more.push(("zzzz", vec![0]))),
        ("no certificates", |made| made.certificates = Some(chain(&[]))),
        ("nine certificates", |made| {
            made.certificates = Some(chain(&vec![made.certificate.written(); 9]))
        }),
        ("no list", |made| {
            made.certificates = Some(cbor(2, &made.certificate.written()))
        }),
        ("a later certificate malformed", |made| {
            made.certificates = Some(chain(&[made.certificate.written(), vec![0x30]]));
        }),
        ("version 2", |made| made.certificate.version = Some(1)),
        ("version 1", |made| {
            (made.certificate.version, made.certificate.extensions) = (None, Vec::new())
        }),
        ("version 4", |made| made.certificate.version = Some(3)),
        ("signed in two ways", |made| made.certificate.schemes[1] = &[1]),
        ("no constraints", |made| drop(made.certificate.extensions.remove(0))),
        ("an authority", |made| {
            made.certificate.extensions = vec![authority(None)]
        }),
        ("another model", |made| {
            aaguid_extension(made, None, der(4, b"some other model"))
        }),
        ("its model, critical", |made| {
            aaguid_extension(made, Some(true), der(4, &MODEL))
        }),
        ("its model, and a byte more", |made| {
            aaguid_extension(made, None, [der(4, &MODEL), vec![0]].concat())
        }),
        ("its model, not wrapped", |made| {
            aaguid_extension(made, None, MODEL.to_vec())
        }),
        ("an extension twice", |made| {
            made.certificate.extensions.push(end_entity())
        }),
        ("33 extensions", |made| {
            (1..33).for_each(|number| made.certificate.extend(&[number], Vec::new()))
        }),
        ("a country of three letters", |made| {
            made.certificate.subject = name(&[(6, "AAA"), (10, "V"), (11, "Authenticator Attestation"), (3, "M")]);
        }),
        ("a country of digits", |made| {
            made.certificate.subject = name(&[(6, "A1"), (10, "V"), (11, "Authenticator Attestation"), (3, "M")]);
        }),
        ("no country", |made| {
            made.certificate.subject = name(&[(10, "V"), (11, "Authenticator Attestation"), (3, "M")]);
        }),
        ("no organization", |made| {
            made.certificate.subject = name(&[(6, "AA"), (11, "Authenticator Attestation"), (3, "M")]);
        }),
        ("an empty organization", |made| {
            made.certificate.subject = name(&[(6, "AA"), (10, ""), (11, "Authenticator Attestation"), (3, "M")]);
        }),
        ("another unit", |made| {
            made.certificate.subject = name(&[(6, "AA"), (10, "V"), (11, "Authenticator"), (3, "M")]);
        }),
        ("no name", |made| {
            made.certificate.subject = name(&[(6, "AA"), (10, "V"), (11, "Authenticator Attestation")]);
        }),
        ("an empty name", |made| {
            made.certificate.subject = name(&[(6, "AA"), (10, "V"), (11, "Authenticator Attestation"), (3, "")]);
        }),
        ("something behind an attribute", |made| {
            let kind = der(6, &[0x55, 4, 5]);
            made.certificate
                .subject
                .extend(der(0x31, &sequence(&[&kind, &der(0x0c, b"5"), &[5, 0]])));
        }),
    ];
    for (why, change) in wrong {
        refused(why, Made::right().but(*change).packed());
    }
}

#[test]
fn packed_without_certificates_is_signed_by_the_passkey_with_its_own_algorithm() {
    let own = |alg: u8, more: Option<(&'static str, Vec<u8>)>| {
        let mut made = Creation::right();
        let mut members = vec![
            ("alg", vec![alg]),
            ("sig", cbor(2, &signed(&secret(1), &made.message()))),
        ];
        members.extend(more);
        made.statement = Some(statement(&members));
        made
    };
    assert_eq!(
        own(ES256, None).judged().map(|made| made.attestation),
        Ok(AttestationKind::SelfAttested)
    );
    refused("another algorithm", own(0x27, None));
    refused("a member more", own(ES256, Some(("ver", vec![0]))));
}
