//! Answers that are right but for one thing, each with the step that looks at it.

use linekey::rules::webauthn::assertion::Step;

use super::super::{ATTESTED, BACKED_UP, ELIGIBLE, EXTENDED, PRESENT, VERIFIED, cose_key, secret, signed};
use super::{SignIn, extend};

/// Attested credential data, as only registrations have them (§6.1).
fn attest(said: &mut SignIn, key: &[u8]) {
    said.response.authenticator_data[32] |= ATTESTED;
    said.response
        .authenticator_data
        .extend([&[0; 16][..], &[0, 1, b'k'], key].concat());
}

pub(super) type Case = (Step, &'static str, fn(&mut SignIn));

/// Each wrong in one thing.
pub(super) const CASES: &[Case] = &[
    (Step::Allowed, "another passkey was asked for", |said| {
        said.allowed = Some(vec![b"other".to_vec()])
    }),
    (Step::Allowed, "no passkey was allowed", |said| {
        said.allowed = Some(Vec::new())
    }),
    (Step::Owner, "another account's handle", |said| {
        said.response.user_handle = Some(b"otto".to_vec())
    }),
    (
        Step::Owner,
        "another account's handle, where it was known who it is",
        |said| {
            said.allowed = Some(vec![b"passkey".to_vec()]);
            said.response.user_handle = Some(b"otto".to_vec());
        },
    ),
    (Step::Owner, "no handle, though nobody was named before", |said| {
        said.response.user_handle = None
    }),
    (Step::Owner, "the record is of another passkey", |said| {
        said.passkey.credential_id = b"other".to_vec()
    }),
    (Step::Response, "36 bytes", |said| {
        said.response.authenticator_data.truncate(36)
    }),
    (Step::Response, "a byte left over", |said| {
        said.response.authenticator_data.push(0)
    }),
    (Step::Response, "extensions announced, none there", |said| {
        said.response.authenticator_data[32] |= EXTENDED
    }),
    (Step::Response, "4,097 bytes", |said| extend(said, 4097)),
    (Step::Response, "a new passkey in a sign-in", |said| {
        attest(said, &cose_key(&secret(1)))
    }),
    (Step::Response, "a new passkey without a key in a sign-in", |said| {
        attest(said, &[0xa0])
    }),
    (Step::Response, "a signature of 513 bytes", |said| {
        said.signature = Some(vec![0x30; 513])
    }),
    (Step::Utf8, "a byte that is no text", |said| {
        let end = said.response.client_data_json.len() - 1;
        said.response.client_data_json.splice(end..end, *b",\"\xff\":1");
    }),
    (Step::Utf8, "4,097 bytes", |said| {
        said.response.client_data_json.resize(4097, b' ')
    }),
    (Step::Json, "half an object", |said| {
        said.response.client_data_json.pop();
    }),
    (Step::Json, "an array", |said| {
        said.response.client_data_json = b"[]".to_vec()
    }),
    (Step::Json, "something behind it", |said| {
        said.response.client_data_json.push(b'}')
    }),
    (Step::Json, "a member twice", |said| {
        said.say("{", r#"{"type":"webauthn.get","#)
    }),
    (Step::Json, "crossOrigin is text", |said| {
        said.say("false", r#""false""#)
    }),
    (Step::Type, "of a registration", |said| {
        said.say("webauthn.get", "webauthn.create")
    }),
    (Step::Type, "in capitals", |said| {
        said.say("webauthn.get", "WebAuthn.get")
    }),
    (Step::Type, "not said", |said| said.say(r#""type""#, r#""kind""#)),
    (Step::Challenge, "another one", |said| said.say("dGhp", "dGhq")),
    (Step::Challenge, "one bit at its end", |said| said.say("IC4", "IC5")),
    (Step::Challenge, "with padding", |said| said.say("IC4", "IC4=")),
    (Step::Challenge, "its beginning", |said| said.say("IC4", "")),
    (Step::Challenge, "not said", |said| {
        said.say(r#""challenge""#, r#""answer""#)
    }),
    (Step::Origin, "without TLS", |said| said.say("https", "http")),
    (Step::Origin, "another port", |said| {
        said.say("example.org", "example.org:444")
    }),
    (Step::Origin, "a name below ours", |said| said.say("//", "//www.")),
    (Step::Origin, "a slash behind it", |said| {
        said.say("example.org", "example.org/")
    }),
    (Step::Origin, "not said", |said| said.say(r#""origin""#, r#""from""#)),
    (Step::CrossOrigin, "framed", |said| said.say("false", "true")),
    (Step::TopOrigin, "a page above it", |said| {
        said.say("{", r#"{"topOrigin":"https://pbx.example.org","#)
    }),
    (Step::RpId, "its first bit", |said| {
        said.response.authenticator_data[0] ^= 0x80
    }),
    (Step::RpId, "its last bit", |said| {
        said.response.authenticator_data[31] ^= 1
    }),
    (Step::Present, "nobody there", |said| {
        said.flags(VERIFIED | ELIGIBLE | BACKED_UP)
    }),
    (Step::Verified, "anybody there", |said| {
        said.flags(PRESENT | ELIGIBLE | BACKED_UP)
    }),
    (Step::Backup, "copied, though it cannot be", |said| {
        said.flags(PRESENT | VERIFIED | BACKED_UP)
    }),
    (Step::Eligible, "cannot be copied any more", |said| {
        said.flags(PRESENT | VERIFIED)
    }),
    (Step::Eligible, "can be copied from now on", |said| {
        said.passkey.backup_eligible = false
    }),
    (Step::Signature, "another key's", |said| {
        said.signature = Some(signed(&secret(2), &said.message()))
    }),
    (Step::Signature, "of the authenticator data alone", |said| {
        said.signature = Some(signed(&secret(1), &said.response.authenticator_data));
    }),
    (Step::Signature, "of a lower counter", |said| {
        said.signature = Some(signed(&secret(1), &said.message()));
        said.counts(7, 9);
    }),
    (Step::Signature, "of other client data", |said| {
        said.signature = Some(signed(&secret(1), &said.message()));
        said.response.client_data_json.push(b' ');
    }),
    (Step::Signature, "none", |said| said.signature = Some(Vec::new())),
    (Step::Signature, "the record's key is no key", |said| {
        said.passkey.public_key_cose = vec![0xa0]
    }),
    (Step::Counter, "went back", |said| said.counts(7, 6)),
    (Step::Counter, "stood still", |said| said.counts(7, 7)),
    (Step::Counter, "vanished", |said| said.counts(7, 0)),
    (Step::Counter, "went round", |said| said.counts(u32::MAX, 0)),
];
