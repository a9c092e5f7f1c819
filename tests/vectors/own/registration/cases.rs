//! New passkeys that are right but for one thing, each with the step that looks at it.

use linekey::rules::webauthn::Algorithm;
use linekey::rules::webauthn::attestation::Policy;
use linekey::rules::webauthn::registration::Step;

use super::super::{ATTESTED, BACKED_UP, ELIGIBLE, EXTENDED, PRESENT, VERIFIED, auth_data, cbor, secret, signed};
use super::{Creation, MODEL, self_attested};

pub(super) type Case = (Step, &'static str, fn(&mut Creation));

/// Each wrong in one thing.
pub(super) const CASES: &[Case] = &[
    (Step::Utf8, "a byte that is no text", |made| {
        made.client_data.splice(1..1, *b"\"\xff\":1,");
    }),
    (Step::Utf8, "4,097 bytes", |made| made.client_data.resize(4097, b' ')),
    (Step::Json, "half an object", |made| {
        made.client_data.pop();
    }),
    (Step::Json, "the challenge is a number", |made| {
        made.say(r#""dGhpcnR5LXR3byBieXRlcyBvZiB0aGUgZGVzaydzIC4""#, "1")
    }),
    (Step::Json, "topOrigin is null", |made| {
        made.say("{", r#"{"topOrigin":null,"#)
    }),
    (Step::Type, "of a sign-in", |made| {
        made.say("webauthn.create", "webauthn.get")
    }),
    (Step::Type, "not said", |made| made.say(r#""type""#, r#""kind""#)),
    (Step::Challenge, "another one", |made| made.say("dGhp", "dGhq")),
    (Step::Challenge, "not said", |made| {
        made.say(r#""challenge""#, r#""answer""#)
    }),
    (Step::Origin, "another site", |made| {
        made.say("pbx.example.org", "pbx.example.com")
    }),
    (Step::Origin, "not said", |made| made.say(r#""origin""#, r#""from""#)),
    (Step::CrossOrigin, "framed", |made| made.say("false", "true")),
    (Step::TopOrigin, "a page above it", |made| {
        made.say("{", r#"{"topOrigin":"https://pbx.example.org","#)
    }),
    (Step::Decoded, "empty", |made| made.spoil = Vec::clear),
    (Step::Decoded, "a byte left over", |made| {
        made.spoil = |object| object.push(0)
    }),
    (Step::Decoded, "cut short", |made| {
        made.spoil = |object| {
            object.pop();
        }
    }),
    (Step::Decoded, "32 KiB and a byte", |made| {
        made.spoil = |object| object.resize(32 * 1024 + 1, 0)
    }),
    (Step::Decoded, "a list", |made| {
        made.spoil = |object| *object = vec![0x80]
    }),
    (Step::Decoded, "a member more", |made| {
        made.spoil = |object| {
            object[0] = 0xa4;
            object.extend(*b"\x62no\x00");
        };
    }),
    (Step::Decoded, "no format", |made| {
        made.spoil = |object| object[2] = b'F'
    }),
    (Step::Decoded, "a statement that is a number", |made| {
        made.statement = Some(vec![0])
    }),
    (Step::Decoded, "authenticator data in text", |made| {
        made.spoil = |object| {
            let at = object.windows(8).position(|window| window == b"authData").unwrap() + 8;
            object.truncate(at);
            object.push(0x60);
        };
    }),
    (Step::Decoded, "authenticator data of 36 bytes", |made| {
        made.spoil = |object| {
            let at = object.windows(8).position(|window| window == b"authData").unwrap() + 8;
            object.truncate(at);
            object.extend([0x58, 36]);
            object.extend([0; 36]);
        };
    }),
    (Step::Decoded, "no passkey in it", |made| made.flags(PRESENT | VERIFIED)),
    (Step::Decoded, "no passkey in it, and nothing left over", |made| {
        made.spoil = |object| {
            let at = object.windows(8).position(|window| window == b"authData").unwrap() + 8;
            object.truncate(at);
            object.extend(cbor(2, &auth_data(PRESENT | VERIFIED, 3)));
        };
    }),
    (Step::Decoded, "extensions that were not announced", |made| {
        made.extensions = vec![0xa0]
    }),
    (Step::Decoded, "extensions that are no map", |made| {
        made.extensions = vec![0x80];
        made.head[32] |= EXTENDED;
    }),
    (Step::Decoded, "a public key that is no map", |made| {
        made.public_key = vec![0x80]
    }),
    (Step::Decoded, "a public key whose labels are in no order", |made| {
        made.public_key.splice(1..5, [3, 0x26, 1, 2]).for_each(drop)
    }),
    (Step::RpId, "its first bit", |made| made.head[0] ^= 0x80),
    (Step::Present, "nobody there", |made| {
        made.flags(VERIFIED | ELIGIBLE | ATTESTED)
    }),
    (Step::Verified, "anybody there", |made| {
        made.flags(PRESENT | ELIGIBLE | ATTESTED)
    }),
    (Step::Backup, "copied, though it cannot be", |made| {
        made.flags(PRESENT | VERIFIED | BACKED_UP | ATTESTED)
    }),
    (Step::Algorithm, "not offered", |made| {
        made.offered = &[Algorithm::EdDsa, Algorithm::Rs256]
    }),
    (Step::Algorithm, "a point beside the curve", |made| {
        *made.public_key.last_mut().unwrap() ^= 1
    }),
    (Step::Algorithm, "a parameter more", |made| {
        made.public_key[0] = 0xa6;
        made.public_key.extend([0x23, 0x41, 1]);
    }),
    (Step::Algorithm, "no algorithm", |made| {
        made.public_key[0] = 0xa4;
        made.public_key.drain(3..5);
    }),
    (Step::Format, "unknown", |made| made.format = "packet"),
    (Step::Format, "unknown, whose statement is a list", |made| {
        (made.format, made.statement) = ("packet", Some(vec![0x80]))
    }),
    (Step::Format, "in capitals", |made| made.format = "Packed"),
    (Step::Attestation, "signed by another", |made| {
        made.statement = Some(self_attested(&signed(&secret(2), &made.message())));
    }),
    (Step::Attestation, "a list", |made| made.statement = Some(vec![0x80])),
    (Step::Attestation, "not signed", |made| {
        made.statement = Some(vec![0xa0])
    }),
    (Step::Attestation, "none, and yet something", |made| {
        made.format = "none"
    }),
    (Step::Trust, "no certificates, where they are demanded", |made| {
        made.policy = Policy::Attested {
            aaguids: &[MODEL],
            roots: &[],
        };
    }),
    (Step::Trust, "nothing, where certificates are demanded", |made| {
        (made.format, made.statement) = ("none", Some(vec![0xa0]));
        made.policy = Policy::Attested {
            aaguids: &[MODEL],
            roots: &[],
        };
    }),
    (Step::CredentialId, "empty", |made| made.named(b"")),
    (Step::CredentialId, "1,024 bytes", |made| made.named(&[7; 1024])),
    (Step::CredentialId, "not the one that the browser named", |made| {
        made.id = b"old".to_vec()
    }),
    (Step::Unclaimed, "somebody's", |made| made.claimed = true),
    (Step::Discoverable, "found by a name alone", |made| {
        made.discoverable = Some(false)
    }),
];
