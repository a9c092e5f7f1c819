//! How often the check of a sign-in takes memory from the heap: never, unless a string in the client data needs
//! unescaping or the passkey is an RSA key, whose numbers ring keeps there. And how often a turn does that looks at the
//! outbox. A target of its own, because counting takes an allocator.
#![cfg(test)]

use data_encoding::BASE64URL_NOPAD;
use linekey::rules::change::{Change, PeopleChange};
use linekey::rules::id::{AccountId, DisplayName, Email, Extension};
use linekey::rules::letters::writer::LetterWriter;
use linekey::rules::limits;
use linekey::rules::moment::{Moment, Reading};
use linekey::rules::office::journal::Actor;
use linekey::rules::people::account::{Account, AccountKind};
use linekey::rules::people::invite;
use linekey::rules::secret::SealKey;
use linekey::rules::time::{Date, Ttl};
use linekey::rules::verdict::Verdict;
use linekey::rules::webauthn::assertion::{
    AllowedPasskeys, AssertionResponse, PasskeyUse, Step, StoredPasskey, verify_warm,
};
use linekey::rules::webauthn::es256::{Size, Table};
use linekey::rules::webauthn::public_key::Key;
use linekey::rules::webauthn::{Challenge, RelyingParty, UserVerification};
use linekey::store::Store;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use redb::backends::InMemoryBackend;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use sha2::{Digest, Sha256};

/// How often memory was taken on the way.
fn counted<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let mut made = None;
    let taken = allocation_counter::measure(|| made = Some(work())).count_total;
    (made.unwrap(), taken)
}

const SITE: &str = "pbx.example.org";
const CHALLENGE: [u8; 32] = [7; 32];

type Sign = Box<dyn Fn(&[u8]) -> Vec<u8>>;

/// A passkey that signs.
struct World {
    party: RelyingParty,
    passkey: StoredPasskey,
    table: Option<Table>,
    sign: Sign,
}

/// A COSE key's map of these pairs; the values are CBOR already, but for a byte string of 32 to 255 bytes.
fn cose(head: &[u8], strings: &[(u8, &[u8])]) -> Vec<u8> {
    let string = |(label, bytes): &(u8, &[u8])| {
        let length = u8::try_from(bytes.len()).unwrap();
        [&[*label, 0x58, length], *bytes].concat()
    };
    [head.to_vec(), strings.iter().flat_map(string).collect()].concat()
}

impl World {
    fn new(public_key_cose: Vec<u8>, sign: impl Fn(&[u8]) -> Vec<u8> + 'static) -> Self {
        let world = Self {
            party: RelyingParty::new(SITE, vec![format!("https://{SITE}")]),
            table: Key::parse(&public_key_cose)
                .unwrap()
                .es256()
                .map(|key| Table::of(key, Size::Large)),
            passkey: StoredPasskey {
                credential_id: b"a passkey".to_vec(),
                public_key_cose,
                sign_count: 0,
                backup_eligible: false,
                user_handle: b"a person".to_vec(),
            },
            sign: Box::new(sign),
        };
        // The generator's table, and what ring finds out about its processor, are made at the first check.
        let _first = world.judged(&world.answer("webauthn.get"), true);
        world
    }

    fn es256() -> Self {
        let secret = SigningKey::from_slice(&[0x5a; 32]).unwrap();
        let point = secret.verifying_key().to_sec1_point(false);
        let (x, y) = point.as_bytes()[1..].split_at(32);
        let key = cose(&[0xa5, 1, 2, 3, 0x26, 0x20, 1], &[(0x21, x), (0x22, y)]);
        Self::new(key, move |message| {
            let signature: Signature = secret.sign(message);
            signature.to_der().as_bytes().to_vec()
        })
    }

    fn eddsa() -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[0x5a; 32]).unwrap();
        let key = cose(&[0xa4, 1, 1, 3, 0x27, 0x20, 6], &[(0x21, pair.public_key().as_ref())]);
        Self::new(key, move |message| pair.sign(message).as_ref().to_vec())
    }

    fn es384() -> Self {
        let (dice, algorithm) = (SystemRandom::new(), &ECDSA_P384_SHA384_ASN1_SIGNING);
        let kept = EcdsaKeyPair::generate_pkcs8(algorithm, &dice).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, kept.as_ref(), &dice).unwrap();
        let (x, y) = pair.public_key().as_ref()[1..].split_at(48);
        let key = cose(&[0xa5, 1, 2, 3, 0x38, 0x22, 0x20, 2], &[(0x21, x), (0x22, y)]);
        Self::new(key, move |message| pair.sign(&dice, message).unwrap().as_ref().to_vec())
    }

    /// Nobody can sign with it: what a refusal takes is told.
    fn rs256() -> Self {
        let head = [0xa4, 1, 3, 3, 0x39, 0x01, 0x00, 0x20, 0x59, 0x01, 0x00];
        let key = [&head[..], &[0xa5; 256], &[0x21, 0x43, 1, 0, 1]].concat();
        Self::new(key, |_| vec![0; 256])
    }

    /// A browser's answer, whose `type` is written like this.
    fn answer(&self, kind: &str) -> AssertionResponse {
        let challenge = BASE64URL_NOPAD.encode(&CHALLENGE);
        let client_data_json =
            format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"https://{SITE}","crossOrigin":false}}"#);
        let authenticator_data = [&Sha256::digest(SITE)[..], &[0x05, 0, 0, 0, 0]].concat();
        let signature = (self.sign)(&[&authenticator_data[..], &Sha256::digest(&client_data_json)].concat());
        AssertionResponse {
            id: self.passkey.credential_id.clone(),
            client_data_json: client_data_json.into_bytes(),
            authenticator_data,
            signature,
            user_handle: Some(self.passkey.user_handle.clone()),
        }
    }

    fn judged(&self, response: &AssertionResponse, warm: bool) -> (Result<PasskeyUse, Step>, u64) {
        let (challenge, required) = (Challenge::new(&CHALLENGE), UserVerification::Required);
        let table = self.table.as_ref().filter(|_| warm);
        counted(|| {
            verify_warm(
                &self.party,
                challenge,
                required,
                &self.passkey,
                AllowedPasskeys::Anyone,
                response,
                table,
            )
        })
    }
}

#[test]
fn the_count_counts() {
    assert_eq!(counted(|| Box::new([0; 100])).1, 1);
    assert_eq!(counted(|| vec![0; 100]).1, 1);
    assert_eq!(counted(|| [0; 100]).1, 0);
}

#[test]
fn a_sign_in_takes_no_memory_with_a_table_or_without() {
    for (name, world) in [
        ("ES256", World::es256()),
        ("EdDSA", World::eddsa()),
        ("ES384", World::es384()),
    ] {
        let answer = world.answer("webauthn.get");
        for warm in [true, false] {
            let (verdict, taken) = world.judged(&answer, warm);
            assert!(verdict.is_ok(), "{name}");
            assert_eq!(taken, 0, "{name}, warm: {warm}");
        }
    }
}

#[test]
fn an_rsa_key_takes_memory_for_its_numbers() {
    let world = World::rs256();
    let (verdict, taken) = world.judged(&world.answer("webauthn.get"), true);
    assert_eq!(verdict, Err(Step::Signature));
    assert!((1..=20).contains(&taken), "{taken}");
}

#[test]
fn a_refusal_takes_no_memory() {
    let world = World::es256();
    let right = world.answer("webauthn.get");
    let spoilt = |spoil: fn(&mut AssertionResponse)| {
        let mut answer = right.clone();
        spoil(&mut answer);
        answer
    };
    for (answer, step) in [
        (spoilt(|answer| answer.user_handle = None), Step::Owner),
        (spoilt(|answer| answer.authenticator_data.push(0)), Step::Response),
        (spoilt(|answer| answer.client_data_json[0] = 0xff), Step::Utf8),
        (spoilt(|answer| answer.client_data_json.truncate(40)), Step::Json),
        (world.answer("webauthn.create"), Step::Type),
        (spoilt(|answer| answer.signature[10] ^= 1), Step::Signature),
    ] {
        let (verdict, taken) = world.judged(&answer, true);
        assert_eq!((verdict.err(), taken), (Some(step), 0));
    }
}

#[test]
fn only_a_string_that_needs_unescaping_is_copied() {
    let world = World::es256();
    let (verdict, taken) = world.judged(&world.answer("webauthn\\u002eget"), true);
    assert!(verdict.is_ok());
    assert!((1..=2).contains(&taken), "one string, which may grow once: {taken}");
}

/// Invites so many new people by letter, in one turn.
fn invited(people: u64) -> u64 {
    let (key, mut moment) = (SealKey::new([7; 32]), moment());
    let store = Store::over(InMemoryBackend::new()).unwrap();
    let writer = LetterWriter::new(&key, limits::LETTERS);
    let mut changes = Vec::new();
    for number in 1..=people {
        let kind = AccountKind::Person(Extension::parse(&(1_000 + number).to_string()).unwrap());
        let email = Some(Email::parse(&format!("somebody.{number}@example.org")).unwrap());
        let name = DisplayName::parse("Somebody").unwrap();
        let account = Account::new(AccountId(number), kind, name, email, &mut moment);
        let (token, invite, issued) = invite::issue(account.id, Ttl::days(7), &mut moment).unwrap();
        let letter = writer.invite(&account, &token, invite.until, &mut moment);
        changes.extend([Change::People(PeopleChange::AccountAdded(account)), issued]);
        changes.extend(letter);
    }
    let (done, taken) = counted(|| store.turn_now(Actor::APPLIANCE, moment, |_, _| Ok(Verdict::yes((), changes))));
    done.unwrap().unwrap();
    let letters = store.read(|facts| Ok(facts.letters()?.len())).unwrap();
    assert_eq!(u64::try_from(letters).unwrap(), people);
    taken
}

fn moment() -> Moment {
    let now = Date(1_795_420_800);
    let reading = Reading {
        date: now,
        known: true,
        running: now,
    };
    Moment::new(reading, [7; 32])
}

#[test]
fn inviting_many_by_letter_looks_at_no_letter_twice() {
    let (few, many) = (invited(100), invited(800));
    // Looking through the outbox for each of them would make it sixty times as much.
    assert!(many < 12 * few, "{few} times for 100 people, {many} for 800");
}
