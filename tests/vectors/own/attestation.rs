//! §8, format by format: the statement is true but for one thing. The certificates' chains are in `chain.rs`.

use linekey::rules::webauthn::attestation::{Kind, Policy};
use linekey::rules::webauthn::registration::Step;
use sha2::{Digest, Sha256};

use super::cbor;
use super::certificate::{Certificate, FIDO_AAGUID, authority, der, end_entity, name, sequence, subject_key};
use super::registration::{Creation, MODEL};
use super::{coordinates, rsa, secret, signed};

/// A statement's map in CBOR; its members come in canonical order.
pub(super) fn statement(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut all = vec![0xa0 + u8::try_from(members.len()).unwrap()];
    for (name, value) in members {
        all.extend(cbor(3, name.as_bytes()));
        all.extend(value);
    }
    all
}

/// `x5c`.
pub(super) fn chain(certificates: &[Vec<u8>]) -> Vec<u8> {
    let mut list = vec![0x80 + u8::try_from(certificates.len()).unwrap()];
    list.extend(certificates.iter().flat_map(|certificate| cbor(2, certificate)));
    list
}

pub(super) const ES256: u8 = 0x26;

#[track_caller]
fn accepted(why: &str, made: Creation) {
    assert_eq!(
        made.judged().map(|made| made.attestation),
        Ok(Kind::Unanchored),
        "{why}"
    );
}

#[track_caller]
fn refused(why: &str, made: Creation) {
    assert_eq!(made.judged().err(), Some(Step::Attestation), "{why}");
}

/// What may be wrong in any format.
struct Made {
    creation: Creation,
    certificate: Certificate,
    alg: Vec<u8>,
    /// Who signs the statement.
    signer: u8,
    /// Put behind the statement's own members.
    more: Vec<(&'static str, Vec<u8>)>,
    /// What stands for the chain, where it is not the one certificate.
    certificates: Option<Vec<u8>>,
}

type Change = fn(&mut Made);

impl Made {
    /// By the key 2, whose certificate the key 3 has signed.
    fn right() -> Self {
        Self {
            creation: Creation::right(),
            certificate: Certificate::of(&secret(2), &secret(3)),
            alg: vec![ES256],
            signer: 2,
            more: Vec::new(),
            certificates: None,
        }
    }

    fn but(mut self, change: Change) -> Self {
        change(&mut self);
        self
    }

    fn x5c(&self) -> Vec<u8> {
        self.certificates
            .clone()
            .unwrap_or_else(|| chain(&[self.certificate.written()]))
    }

    fn signature(&self, message: &[u8]) -> Vec<u8> {
        cbor(2, &signed(&secret(self.signer), message))
    }

    fn with(mut self, format: &'static str, mut members: Vec<(&'static str, Vec<u8>)>) -> Creation {
        members.append(&mut self.more);
        self.creation.format = format;
        self.creation.statement = Some(statement(&members));
        self.creation
    }

    fn packed(self) -> Creation {
        let signature = self.signature(&self.creation.message());
        self.packed_by(signature)
    }

    fn packed_by(self, signature: Vec<u8>) -> Creation {
        let members = vec![("alg", self.alg.clone()), ("sig", signature), ("x5c", self.x5c())];
        self.with("packed", members)
    }
}

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

/// RS1 is for TPMs (see `tpm`); RS256 of the same key is taken.
#[test]
fn packed_and_android_statements_are_not_signed_with_sha1() {
    type Sign = fn(&[u8]) -> Vec<u8>;
    let cases: [(Vec<u8>, Sign, Option<Step>); 2] = [
        (vec![0x39, 0x01, 0x00], rsa::signed, None),
        (vec![0x39, 0xff, 0xfe], rsa::signed_with_sha1, Some(Step::Attestation)),
    ];
    for (alg, sign, refused) in cases {
        let by_rsa = || {
            let mut made = Made::right();
            made.certificate.key = rsa::subject_key();
            made.creation.public_key = rsa::cose_key();
            made.alg = alg.clone();
            made
        };
        let packed = by_rsa();
        let signature = cbor(2, &sign(&packed.creation.message()));
        assert_eq!(packed.packed_by(signature.clone()).judged().err(), refused);
        let mut android = by_rsa();
        let hash = android.creation.client_data_hash();
        android.certificate.extend(KEY_DESCRIPTION, described(&hash, &[], &[]));
        assert_eq!(android.android_by(signature).judged().err(), refused);
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
        Ok(Kind::SelfAttested)
    );
    refused("another algorithm", own(0x27, None));
    refused("a member more", own(ES256, Some(("ver", vec![0]))));
}

impl Made {
    fn u2f(self) -> Creation {
        let (x, y) = coordinates(&secret(1));
        let hash = self.creation.client_data_hash();
        let message = [
            &[0],
            &self.creation.head[..32],
            &hash,
            &self.creation.attested_id,
            &[4],
            &x,
            &y,
        ]
        .concat();
        let members = vec![("sig", self.signature(&message)), ("x5c", self.x5c())];
        self.with("fido-u2f", members)
    }
}

/// U2F signs none of the authenticator data but the RP ID's hash, so anybody can write another model into it.
#[test]
fn a_u2f_key_is_of_the_model_that_its_certificate_names() {
    let judged = |named: Option<&[u8; 16]>| {
        let mut made = Made::right();
        if let Some(model) = named {
            made.certificate.extend(FIDO_AAGUID, der(4, model));
        }
        let roots = vec![made.certificate.written()].leak();
        let mut creation = made.u2f();
        creation.policy = Policy::Attested {
            aaguids: &[MODEL],
            roots,
        };
        creation.judged().map(|made| made.attestation)
    };
    assert_eq!(judged(Some(&MODEL)), Ok(Kind::Anchored));
    assert_eq!(judged(Some(b"some other model")), Err(Step::Trust));
    assert_eq!(judged(None), Err(Step::Trust));
}

#[test]
fn u2f_statements_are_as_8_6_asks() {
    accepted("as it is", Made::right().u2f());
    let any_subject: Change = |made| made.certificate.subject = Vec::new();
    accepted("its certificate may be anybody's", Made::right().but(any_subject).u2f());
    let wrong: &[(&str, Change)] = &[
        ("signed by another", |made| made.signer = 1),
        ("a member more", |made| made.more.push(("zzzz", vec![0]))),
        ("two certificates", |made| {
            made.certificates = Some(chain(&vec![made.certificate.written(); 2]))
        }),
        ("a key of Ed25519", |made| made.certificate.key = ed25519_key()),
        ("a compressed key", |made| {
            let at = made.certificate.key.len() - 65;
            made.certificate.key[at] = 2;
        }),
        ("a point beside the curve", |made| {
            *made.certificate.key.last_mut().unwrap() ^= 1
        }),
        ("another curve", |made| {
            let at = made
                .certificate
                .key
                .windows(4)
                .position(|window| window == [0x3d, 3, 1, 7])
                .unwrap();
            made.certificate.key[at + 3] = 6;
        }),
        ("another kind of key", |made| {
            let at = made
                .certificate
                .key
                .windows(4)
                .position(|window| window == [0xce, 0x3d, 2, 1])
                .unwrap();
            made.certificate.key[at + 3] = 2;
        }),
    ];
    for (why, change) in wrong {
        refused(why, Made::right().but(*change).u2f());
    }
}

/// The base point of edwards25519, as a subject's key.
fn ed25519_key() -> Vec<u8> {
    let mut point = [0x66; 32];
    point[0] = 0x58;
    sequence(&[
        &sequence(&[&der(6, &[0x2b, 0x65, 0x70])]),
        &der(3, &[&[0], &point[..]].concat()),
    ])
}

const APPLE_NONCE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x63, 0x64, 0x08, 0x02];

impl Made {
    /// The certificate is the passkey's own.
    fn apple(mut self, nonce: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Creation {
        let hash = Sha256::digest(self.creation.message()).to_vec();
        self.certificate.extend(APPLE_NONCE, nonce(hash));
        let members = vec![("x5c", self.x5c())];
        self.with("apple", members)
    }
}

#[test]
fn apples_statements_are_as_8_8_asks() {
    let nonce = |hash: Vec<u8>| sequence(&[&der(0xa1, &der(4, &hash))]);
    let own: Change = |made| made.certificate.key = subject_key(&secret(1));
    accepted("as it is", Made::right().but(own).apple(nonce));
    let says_alg: Change = |made| {
        made.certificate.key = subject_key(&secret(1));
        made.more.push(("alg", vec![ES256]));
    };
    // The order of the members is not canonical then, but theirs need not be.
    accepted(
        "with the algorithm that Apple adds",
        Made::right().but(says_alg).apple(nonce),
    );
    refused("another's certificate", Made::right().apple(nonce));
    refused("another nonce", Made::right().but(own).apple(|_| nonce(vec![0; 32])));
    refused(
        "something behind the nonce",
        Made::right()
            .but(own)
            .apple(|hash| sequence(&[&der(0xa1, &[der(4, &hash), vec![5, 0]].concat())])),
    );
    refused(
        "something behind it all",
        Made::right().but(own).apple(|hash| [nonce(hash), vec![5, 0]].concat()),
    );
    let more: Change = |made| {
        made.certificate.key = subject_key(&secret(1));
        made.more.push(("zzzz", vec![0]));
    };
    refused("a member more", Made::right().but(more).apple(nonce));
    let none: Change = |made| made.certificates = Some(chain(&[made.certificate.written()]));
    refused("no nonce", Made::right().but(own).but(none).apple(nonce));
}

const KEY_DESCRIPTION: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x01, 0x11];

/// A field of AuthorizationList, by its number, which takes one byte or two.
fn field(number: u16, value: &[u8]) -> Vec<u8> {
    let value = der(0, value).split_off(1);
    let head = match u8::try_from(number) {
        Ok(small @ ..31) => vec![0xa0 | small],
        Ok(number @ ..0x80) => vec![0xbf, number],
        _ => vec![
            0xbf,
            0x80 | u8::try_from(number >> 7).unwrap(),
            u8::try_from(number & 0x7f).unwrap(),
        ],
    };
    [head, value].concat()
}

impl Made {
    fn android(mut self, describe: impl FnOnce([u8; 32]) -> Vec<u8>) -> Creation {
        self.certificate.key = subject_key(&secret(self.signer));
        let hash = self.creation.client_data_hash();
        self.certificate.extend(KEY_DESCRIPTION, describe(hash));
        let signature = self.signature(&self.creation.message());
        self.android_by(signature)
    }

    fn android_by(self, signature: Vec<u8>) -> Creation {
        let members = vec![("alg", self.alg.clone()), ("sig", signature), ("x5c", self.x5c())];
        self.with("android-key", members)
    }
}

fn described(challenge: &[u8], software: &[u8], hardware: &[u8]) -> Vec<u8> {
    let head: &[u8] = &[2, 1, 3, 10, 1, 1, 2, 1, 4, 10, 1, 1];
    sequence(&[
        head,
        &der(4, challenge),
        &der(4, b""),
        &sequence(&[software]),
        &sequence(&[hardware]),
    ])
}

#[test]
fn androids_statements_are_as_8_4_asks() {
    let own: Change = |made| made.signer = 1;
    let sign = field(1, &der(0x31, &[2, 1, 2]));
    let generated = field(702, &[2, 1, 0]);
    let usual = [sign.clone(), field(503, &[5, 0]), generated.clone()].concat();
    accepted(
        "as it is",
        Made::right().but(own).android(|hash| described(&hash, &[], &usual)),
    );
    accepted(
        "kept by software",
        Made::right().but(own).android(|hash| described(&hash, &usual, &[])),
    );
    accepted(
        "silent, as §16's is",
        Made::right().but(own).android(|hash| described(&hash, &[], &[])),
    );
    for (why, list) in [
        ("for all applications", field(600, &[5, 0])),
        ("for another purpose", field(1, &der(0x31, &[2, 1, 3]))),
        ("for a second purpose", field(1, &der(0x31, &[2, 1, 2, 2, 1, 3]))),
        ("brought along", field(702, &[2, 1, 2])),
        ("a broken list", vec![0xa1]),
    ] {
        refused(
            why,
            Made::right()
                .but(own)
                .android(|hash| described(&hash, &[], &[usual.clone(), list.clone()].concat())),
        );
        refused(
            why,
            Made::right()
                .but(own)
                .android(|hash| described(&hash, &[list, usual.clone()].concat(), &[])),
        );
    }
    refused(
        "another challenge",
        Made::right().but(own).android(|_| described(&[0; 32], &[], &usual)),
    );
    refused(
        "something behind the lists",
        Made::right().but(own).android(|hash| {
            let mut whole = described(&hash, &[], &[]);
            whole[1] += 2;
            whole.extend([5, 0]);
            whole
        }),
    );
    refused(
        "another's key",
        Made::right().android(|hash| described(&hash, &[], &usual)),
    );
    let usual = |hash: [u8; 32]| described(&hash, &[], &usual);
    let member: Change = |made| (made.signer, made.more) = (1, vec![("zzzz", vec![0])]);
    refused("a member more", Made::right().but(member).android(usual));
    let algorithm: Change = |made| (made.signer, made.alg) = (1, vec![0x27]);
    refused("another algorithm", Made::right().but(algorithm).android(usual));
    let mut other = Made::right().but(own).android(usual);
    other.head[36] += 1;
    refused("signed before the counter moved", other);
}
