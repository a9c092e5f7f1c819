//! How often the check of a sign-in takes memory from the heap: never, unless a string in the client data needs unescaping.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use data_encoding::BASE64URL_NOPAD;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use sha2::{Digest, Sha256};

use allocations::webauthn::assertion::{Asked, AssertionResponse, Seen, Step, StoredPasskey, verify_warm};
use allocations::webauthn::es256::Table;
use allocations::webauthn::public_key::Key;
use allocations::webauthn::{Challenge, RelyingParty, UserVerification};

/// The system's allocator, counting for each thread by itself.
struct Counting;

thread_local! {
    static TAKEN: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call goes to the system's allocator as it came; the counter needs no memory of the heap.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        TAKEN.set(TAKEN.get() + 1);
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        TAKEN.set(TAKEN.get() + 1);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        TAKEN.set(TAKEN.get() + 1);
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// How often memory was taken on the way.
fn counted<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = TAKEN.get();
    let made = work();
    (made, TAKEN.get() - before)
}

const SITE: &str = "pbx.example.org";
const CHALLENGE: [u8; 32] = [7; 32];

struct World {
    party: RelyingParty,
    passkey: StoredPasskey,
    table: Table,
    secret: SigningKey,
}

impl World {
    fn new() -> Self {
        let secret = SigningKey::from_slice(&[0x5a; 32]).unwrap();
        let point = secret.verifying_key().to_sec1_point(false);
        let (x, y) = point.as_bytes()[1..].split_at(32);
        let cose = [
            &[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32][..],
            x,
            &[0x22, 0x58, 32],
            y,
        ]
        .concat();
        let table = Table::of(Key::parse(&cose).unwrap().es256().unwrap());
        let world = Self {
            party: RelyingParty::new(SITE, vec![format!("https://{SITE}")]),
            passkey: StoredPasskey {
                credential_id: b"a passkey".to_vec(),
                public_key_cose: cose,
                sign_count: 0,
                backup_eligible: false,
                user_handle: b"a person".to_vec(),
            },
            table,
            secret,
        };
        // The generator's table is made at the first check.
        assert!(world.judged(&world.answer("webauthn.get"), true).0.is_ok());
        world
    }

    /// A browser's answer, whose `type` is written like this.
    fn answer(&self, kind: &str) -> AssertionResponse {
        let challenge = BASE64URL_NOPAD.encode(&CHALLENGE);
        let client_data_json =
            format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"https://{SITE}","crossOrigin":false}}"#);
        let authenticator_data = [&Sha256::digest(SITE)[..], &[0x05, 0, 0, 0, 0]].concat();
        let signature: Signature = self
            .secret
            .sign(&[&authenticator_data[..], &Sha256::digest(&client_data_json)].concat());
        AssertionResponse {
            id: self.passkey.credential_id.clone(),
            client_data_json: client_data_json.into_bytes(),
            authenticator_data,
            signature: signature.to_der().as_bytes().to_vec(),
            user_handle: Some(self.passkey.user_handle.clone()),
        }
    }

    fn judged(&self, response: &AssertionResponse, warm: bool) -> (Result<Seen, Step>, usize) {
        let (challenge, required) = (Challenge::new(&CHALLENGE), UserVerification::Required);
        let table = warm.then_some(&self.table);
        counted(|| {
            verify_warm(
                &self.party,
                challenge,
                required,
                &self.passkey,
                Asked::Anyone,
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
    let world = World::new();
    let answer = world.answer("webauthn.get");
    for warm in [true, false] {
        let (verdict, taken) = world.judged(&answer, warm);
        assert!(verdict.is_ok());
        assert_eq!(taken, 0, "warm: {warm}");
    }
}

#[test]
fn a_refusal_takes_no_memory() {
    let world = World::new();
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
    let world = World::new();
    let (verdict, taken) = world.judged(&world.answer("webauthn\\u002eget"), true);
    assert!(verdict.is_ok());
    assert!((1..=2).contains(&taken), "one string, which may grow once: {taken}");
}
