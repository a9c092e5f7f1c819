//! FIDO U2F attestation (§8.6): a statement that is true but for one thing.

use linekey::rules::webauthn::Algorithm;
use linekey::rules::webauthn::attestation::{AttestationKind, Policy};
use linekey::rules::webauthn::registration::Step;

use super::super::certificate::{FIDO_AAGUID, der};
use super::super::registration::{Creation, MODEL};
use super::super::schemes::{P384_U2F, ed25519_key, hex, p384_key};
use super::super::{cbor, coordinates, rsa, secret};
use super::{Change, Made, accepted, chain, refused};

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
    assert_eq!(judged(Some(&MODEL)), Ok(AttestationKind::Anchored));
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
        ("a passkey that is no point", |made| {
            made.creation.offered = Algorithm::ALL;
            made.creation.public_key = rsa::cose_key();
        }),
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

/// The signature is right; §8.6 takes certificates of P-256 alone.
#[test]
fn a_u2f_certificate_is_of_p256() {
    let mut made = Made::right();
    made.certificate.key = p384_key();
    let members = vec![("sig", cbor(2, &hex(P384_U2F))), ("x5c", made.x5c())];
    refused("P-384", made.with("fido-u2f", members));
}
