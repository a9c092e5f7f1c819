//! §8.3: a TPM's statement, true but for one thing.

mod signature;

use linekey::rules::webauthn::Algorithm;
use linekey::rules::webauthn::aaguid::WINDOWS_HELLO;
use linekey::rules::webauthn::attestation::{AttestationKind, Policy};
use linekey::rules::webauthn::registration::Step;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::attestation::{ES256, chain, statement};
use super::certificate::{
    ALTERNATIVE_NAME, Certificate, EXTENDED_KEY_USAGE, FIDO_AAGUID, Sign, authority, der, sequence,
};
use super::registration::{Creation, MODEL};
use super::schemes::p384_key;
use super::{cbor, coordinates, secret, signed};

const AIK: &[u8] = &[0x67, 0x81, 5, 8, 3];

/// TPM2B: two bytes of size before it.
fn sized(bytes: &[u8]) -> Vec<u8> {
    [&u16::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

/// A directoryName of manufacturer, model and version, each in a set of its own.
fn tpm_name(attributes: &[(u8, &str)]) -> Vec<u8> {
    let attribute = |(kind, text): &(u8, &str)| {
        der(
            0x31,
            &sequence(&[&der(6, &[0x67, 0x81, 5, 2, *kind]), &der(0x0c, text.as_bytes())]),
        )
    };
    let names: Vec<u8> = attributes.iter().flat_map(attribute).collect();
    sequence(&[&der(0xa4, &sequence(&[&names]))])
}

const NAMED: &[(u8, &str)] = &[(1, "id:49465800"), (2, "Model"), (3, "id:13")];

struct Tpm {
    creation: Creation,
    certificate: Certificate,
    version: Vec<u8>,
    alg: Vec<u8>,
    signer: u8,
    more: Vec<(&'static str, Vec<u8>)>,
    /// TPMT_PUBLIC: what is before `parameters`, then the rest.
    name_hash: [u8; 2],
    area: Vec<u8>,
    // TPMS_ATTEST.
    magic: [u8; 6],
    extra_data: Option<Vec<u8>>,
    name: Option<Vec<u8>>,
    behind: Vec<u8>,
    /// Makes the statement's `sig` of what is to be signed, instead of the key 2.
    signature: Option<Sign>,
}

/// What follows the policy in the public area of a point: no symmetric scheme, none of its own, the curve, no key
/// derivation.
fn point(curve: u8, x: &[u8], y: &[u8]) -> Vec<u8> {
    [&[0, 0x10, 0, 0x10, 0, curve, 0, 0x10], &sized(x)[..], &sized(y)].concat()
}

impl Tpm {
    fn right() -> Self {
        let (x, y) = coordinates(&secret(1));
        let certificate = Certificate::of(&secret(2), &secret(3)).but(|certificate| {
            certificate.subject = Vec::new();
            certificate.extend(EXTENDED_KEY_USAGE, sequence(&[&der(6, &[1]), &der(6, AIK)]));
            certificate.extend(ALTERNATIVE_NAME, tpm_name(NAMED));
        });
        Self {
            creation: Creation::right(),
            certificate,
            version: cbor(3, b"2.0"),
            alg: vec![ES256],
            signer: 2,
            more: Vec::new(),
            name_hash: [0, 0x0b],
            area: [&[0, 0x23], &point(3, &x, &y)[..]].concat(),
            magic: [0xff, b'T', b'C', b'G', 0x80, 0x17],
            extra_data: None,
            name: None,
            behind: Vec::new(),
            signature: None,
        }
    }

    fn but(change: impl FnOnce(&mut Self)) -> Self {
        let mut made = Self::right();
        change(&mut made);
        made
    }

    fn judged(mut self) -> Result<AttestationKind, Step> {
        let (kind, rest) = self.area.split_at(2);
        let area = [kind, &self.name_hash, &[0, 6, 0, 0x72], &sized(b"a policy"), rest].concat();
        let hashed = match self.name_hash {
            [0, 0x0b] => Sha256::digest(&area).to_vec(),
            [0, 0x0c] => Sha384::digest(&area).to_vec(),
            [0, 0x0d] => Sha512::digest(&area).to_vec(),
            _ => vec![0; 20],
        };
        let extra_data = self
            .extra_data
            .unwrap_or_else(|| Sha256::digest(self.creation.message()).to_vec());
        let name = self
            .name
            .unwrap_or_else(|| [&self.name_hash, hashed.as_slice()].concat());
        let info = [
            &self.magic[..],
            &sized(b"a signer"),
            &sized(&extra_data),
            &[0; 17],
            &[0; 8],
            &sized(&name),
            &sized(b"a name"),
            &self.behind,
        ]
        .concat();
        let signature = match self.signature {
            Some(made) => made(&info),
            None => signed(&secret(self.signer), &info),
        };
        let mut members = vec![
            ("alg", self.alg),
            ("sig", cbor(2, &signature)),
            ("ver", self.version),
            ("x5c", chain(&[self.certificate.written()])),
            ("pubArea", cbor(2, &area)),
            ("certInfo", cbor(2, &info)),
        ];
        members.append(&mut self.more);
        self.creation.format = "tpm";
        self.creation.statement = Some(statement(&members));
        self.creation.judged().map(|made| made.attestation)
    }

    /// The alternative name's value, and whether there is one at all.
    fn named(&mut self, value: Vec<u8>) {
        self.certificate
            .extensions
            .retain(|(identifier, ..)| identifier != ALTERNATIVE_NAME);
        self.certificate.extend(ALTERNATIVE_NAME, value);
    }

    /// An RSA key of 2048 bits, which nobody can sign with; nobody has to.
    fn rsa(&mut self, bits: u16, exponent: u32) {
        let mut modulus = vec![0xa5; 256];
        modulus[255] |= 1;
        self.creation.offered = Algorithm::ALL;
        self.creation.public_key = [
            &[0xa4, 1, 3, 3, 0x39, 0x01, 0x00, 0x20],
            &cbor(2, &modulus)[..],
            &[0x21, 0x43, 1, 0, 1],
        ]
        .concat();
        let parameters = [
            &[0, 1, 0, 0x10, 0, 0x10],
            &bits.to_be_bytes()[..],
            &exponent.to_be_bytes(),
        ]
        .concat();
        self.area = [parameters, sized(&modulus)].concat();
    }
}

type Case = (&'static str, fn(&mut Tpm));

#[test]
fn a_tpms_statement_is_true_in_all_its_forms() {
    let right: &[Case] = &[
        ("as it is", |_| {}),
        ("named with SHA-384", |made| made.name_hash = [0, 0x0c]),
        ("named with SHA-512", |made| made.name_hash = [0, 0x0d]),
        ("another name before the TPM's", |made| {
            let own = tpm_name(NAMED);
            made.named(sequence(&[&der(0x82, b"dns"), &own[2..]]));
        }),
        ("one relative name with all three", |made| {
            let own =
                |(kind, text): &(u8, &str)| sequence(&[&der(6, &[0x67, 0x81, 5, 2, *kind]), &der(12, text.as_bytes())]);
            let all: Vec<u8> = NAMED.iter().flat_map(own).collect();
            made.named(sequence(&[&der(0xa4, &sequence(&[&der(0x31, &all)]))]));
        }),
        ("further attributes", |made| {
            made.named(tpm_name(&[(1, "id:FFFFF1D0"), (2, "M"), (9, ""), (3, "1")]))
        }),
        ("its model named", |made| {
            made.certificate.extend(FIDO_AAGUID, der(4, &MODEL))
        }),
        ("symmetric and other schemes", |made| {
            let (x, y) = coordinates(&secret(1));
            let schemes = [0, 6, 0, 0x80, 0, 0x43, 0, 0x18, 0, 0x0b, 0, 3, 0, 0x20, 0, 0x0b];
            made.area = [&[0, 0x23], &schemes[..], &sized(&x), &sized(&y)].concat();
        }),
        ("ECDAA, which has a count too", |made| {
            let (x, y) = coordinates(&secret(1));
            let schemes = [0, 0x10, 0, 0x1a, 0, 0x0b, 0, 1, 0, 3, 0, 0x10];
            made.area = [&[0, 0x23], &schemes[..], &sized(&x), &sized(&y)].concat();
        }),
        ("a point of P-384", |made| {
            let key = p384_key();
            let (x, y) = key[key.len() - 96..].split_at(48);
            made.creation.offered = Algorithm::ALL;
            made.creation.public_key = [
                &[0xa5, 1, 2, 3, 0x38, 34, 0x20, 2, 0x21][..],
                &cbor(2, x),
                &[0x22],
                &cbor(2, y),
            ]
            .concat();
            made.area = [&[0, 0x23], &point(4, x, y)[..]].concat();
        }),
        ("RSA", |made| made.rsa(2048, 65_537)),
        ("RSA with the usual exponent left out", |made| made.rsa(2048, 0)),
    ];
    for (why, change) in right {
        assert_eq!(Tpm::but(change).judged(), Ok(AttestationKind::Unanchored), "{why}");
    }
}

/// A TPM's certificate vouches for the key; what the platform writes around it could name any model.
#[test]
fn a_tpm_vouches_for_windows_hello_or_for_the_model_in_its_certificate() {
    let judged = |claimed: [u8; 16], named: bool| {
        let made = Tpm::but(|made| {
            made.creation.aaguid = claimed;
            if named {
                made.certificate.extend(FIDO_AAGUID, der(4, &claimed));
            }
            made.creation.policy = Policy::Attested {
                aaguids: vec![MODEL, WINDOWS_HELLO[0]].leak(),
                roots: vec![made.certificate.written()].leak(),
            };
        });
        made.judged()
    };
    assert_eq!(judged(WINDOWS_HELLO[0], false), Ok(AttestationKind::Anchored));
    assert_eq!(judged(WINDOWS_HELLO[1], false), Err(Step::Trust));
    assert_eq!(judged(MODEL, false), Err(Step::Trust));
    assert_eq!(judged(MODEL, true), Ok(AttestationKind::Anchored));
}

#[test]
fn a_tpm_leaves_out_the_zeros_before_a_coordinate() {
    // The first secret whose point has a short x, and the first with a short y.
    let short = |which: fn(&([u8; 32], [u8; 32])) -> u8| {
        (1_u16..)
            .map(|number| {
                let mut bytes = [0; 32];
                bytes[30..].copy_from_slice(&number.to_be_bytes());
                p256::ecdsa::SigningKey::from_slice(&bytes).unwrap()
            })
            .find(|key| which(&coordinates(key)) == 0)
            .unwrap()
    };
    for key in [short(|(x, _)| x[0]), short(|(_, y)| y[0])] {
        let made = Tpm::but(|made| {
            let (x, y) = coordinates(&key);
            let cut = |number: &[u8; 32]| number[usize::from(number[0] == 0)..].to_vec();
            made.creation.public_key = super::cose_key(&key);
            made.area = [&[0, 0x23], &point(3, &cut(&x), &cut(&y))[..]].concat();
        });
        assert_eq!(made.judged(), Ok(AttestationKind::Unanchored));
    }
}

#[test]
fn a_tpms_statement_wrong_in_one_thing_is_refused() {
    let wrong: &[Case] = &[
        ("version 1.2", |made| made.version = cbor(3, b"1.2")),
        ("another algorithm", |made| made.alg = vec![0x39, 0x01, 0x00]),
        ("Ed25519, which names no hash", |made| made.alg = vec![0x27]),
        ("signed by another", |made| made.signer = 1),
        ("a member more", |made| made.more.push(("zzzz", vec![0]))),
        ("not made by a TPM", |made| made.magic[0] = 0),
        ("not made to certify", |made| made.magic[5] = 0x18),
        ("of another ceremony", |made| made.extra_data = Some(vec![0; 32])),
        ("of another key", |made| {
            made.name = Some([&[0, 0x0b][..], &[0; 32]].concat())
        }),
        ("named with another hash", |made| {
            made.name = Some([&[0, 0x0c][..], &[0; 48]].concat())
        }),
        ("named with an unknown hash", |made| made.name_hash = [0, 0x0a]),
        ("something behind it", |made| made.behind.push(0)),
        ("something behind the public area", |made| made.area.push(0)),
        ("another's x", |made| {
            let ((x, _), (_, y)) = (coordinates(&secret(2)), coordinates(&secret(1)));
            made.area = [&[0, 0x23], &point(3, &x, &y)[..]].concat();
        }),
        ("another's y", |made| {
            let ((x, _), (_, y)) = (coordinates(&secret(1)), coordinates(&secret(2)));
            made.area = [&[0, 0x23], &point(3, &x, &y)[..]].concat();
        }),
        ("on P-384", |made| {
            let (x, y) = coordinates(&secret(1));
            made.area = [&[0, 0x23], &point(4, &x, &y)[..]].concat();
        }),
        ("on an unknown curve", |made| {
            let (x, y) = coordinates(&secret(1));
            made.area = [&[0, 0x23], &point(5, &x, &y)[..]].concat();
        }),
        ("an unknown kind of key", |made| made.area[1] = 0x25),
        ("RSA, and the passkey is a point", |made| {
            let key = made.creation.public_key.clone();
            made.rsa(2048, 0);
            made.creation.public_key = key;
        }),
        ("a point, and the passkey is RSA", |made| {
            let area = made.area.clone();
            made.rsa(2048, 0);
            made.area = area;
        }),
        ("RSA of another exponent", |made| made.rsa(2048, 3)),
        ("RSA of another size than it says", |made| made.rsa(2040, 0)),
        ("RSA of another modulus", |made| {
            made.rsa(2048, 0);
            made.area[20] ^= 1;
        }),
        ("version 1 of its certificate", |made| {
            (made.certificate.version, made.certificate.extensions) = (None, Vec::new());
        }),
        ("a subject", |made| {
            made.certificate.subject = super::certificate::vendor()
        }),
        ("no purpose", |made| drop(made.certificate.extensions.remove(1))),
        ("another purpose", |made| {
            made.certificate.extensions[1].2 = sequence(&[&der(6, &[1])])
        }),
        ("a broken purpose", |made| made.certificate.extensions[1].2.push(0)),
        ("an authority", |made| made.certificate.extensions[0] = authority(None)),
        ("another model", |made| {
            made.certificate.extend(FIDO_AAGUID, der(4, b"some other model"))
        }),
        ("no alternative name", |made| drop(made.certificate.extensions.pop())),
        ("no directory name", |made| made.named(sequence(&[&der(0x82, b"dns")]))),
        ("no manufacturer", |made| made.named(tpm_name(&NAMED[1..]))),
        ("no model", |made| made.named(tpm_name(&[NAMED[0], NAMED[2]]))),
        ("no version", |made| made.named(tpm_name(&NAMED[..2]))),
        ("an empty model", |made| {
            made.named(tpm_name(&[NAMED[0], (2, ""), NAMED[2]]))
        }),
        ("an empty version", |made| {
            made.named(tpm_name(&[NAMED[0], NAMED[1], (3, "")]))
        }),
        ("a manufacturer without id:", |made| {
            made.named(tpm_name(&[(1, "49465800"), NAMED[1], NAMED[2]]))
        }),
        ("a manufacturer of seven digits", |made| {
            made.named(tpm_name(&[(1, "id:4946580"), NAMED[1], NAMED[2]]))
        }),
        ("a manufacturer of other letters", |made| {
            made.named(tpm_name(&[(1, "id:4946580G"), NAMED[1], NAMED[2]]))
        }),
    ];
    for (why, change) in wrong {
        assert_eq!(Tpm::but(change).judged(), Err(Step::Attestation), "{why}");
    }
}
