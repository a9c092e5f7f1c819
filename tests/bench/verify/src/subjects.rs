//! What is measured, on the same sixteen sign-ins with one passkey.

use data_encoding::BASE64URL_NOPAD;
use linekey::rules::webauthn::assertion::{self, AllowedPasskeys, AssertionResponse, Step, StoredPasskey};
use linekey::rules::webauthn::es256::{self, Size, Table};
use linekey::rules::webauthn::{Challenge, RelyingParty, UserVerification};
use p256::ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use sha2::{Digest, Sha256};
use std::time::Duration;
use url::Url;
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::proto::{
    AuthenticationState, AuthenticatorAssertionResponseRaw, COSEAlgorithm, COSEEC2Key, COSEKey, COSEKeyType,
    Credential, CredentialV3, ECDSACurve, PublicKeyCredential, UserVerificationPolicy,
};

const SITE: &str = "office.example";
const ORIGIN: &str = "https://office.example";
const ID: [u8; 16] = *b"a credential id.";
const USER: [u8; 8] = *b"a person";

/// One thing to measure: `check` is true where its answer is right.
pub struct Subject {
    pub name: &'static str,
    pub what: &'static str,
    pub check: fn(&World, usize) -> bool,
}

pub const ALL: &[Subject] = &[
    Subject {
        name: "ring",
        what: "signature over the message",
        check: |world, case| world.ring(case),
    },
    #[cfg(feature = "openssl")]
    Subject {
        name: "openssl",
        what: "signature, parsed key, DER read",
        check: |world, case| world.openssl(case),
    },
    Subject {
        name: "p256",
        what: "signature, parsed key",
        check: |world, case| world.p256(case),
    },
    Subject {
        name: "webauthn-rs-core",
        what: "whole assertion",
        check: |world, case| world.core(case),
    },
    Subject {
        name: "whole, large",
        what: "ours: whole assertion, with a table of 32 KiB",
        check: |world, case| world.whole(case, Some(Size::Large)),
    },
    Subject {
        name: "whole, medium",
        what: "ours: whole assertion, with a table of 8 KiB",
        check: |world, case| world.whole(case, Some(Size::Medium)),
    },
    Subject {
        name: "whole, small",
        what: "ours: whole assertion, with a table of 4 KiB",
        check: |world, case| world.whole(case, Some(Size::Small)),
    },
    Subject {
        name: "whole, cold",
        what: "ours: whole assertion, without a table",
        check: |world, case| world.whole(case, None),
    },
    Subject {
        name: "signature, large",
        what: "ours: parsed key, DER read",
        check: |world, case| world.warm(case, Size::Large),
    },
    Subject {
        name: "signature, medium",
        what: "ours: parsed key, DER read",
        check: |world, case| world.warm(case, Size::Medium),
    },
    Subject {
        name: "signature, small",
        what: "ours: parsed key, DER read",
        check: |world, case| world.warm(case, Size::Small),
    },
    Subject {
        name: "signature, cold",
        what: "ours: parsed key, DER read, ring",
        check: |world, case| world.cold(case),
    },
    Subject {
        name: "parsing",
        what: "ours: JSON, authenticator data, COSE key, two hashes",
        check: |world, case| world.parsing(case),
    },
    Subject {
        name: "table, large",
        what: "ours: making a key's table",
        check: |world, _| world.made(Size::Large),
    },
    Subject {
        name: "table, medium",
        what: "ours: making a key's table",
        check: |world, _| world.made(Size::Medium),
    },
    Subject {
        name: "table, small",
        what: "ours: making a key's table",
        check: |world, _| world.made(Size::Small),
    },
];

pub struct World {
    party: RelyingParty,
    passkey: StoredPasskey,
    key: es256::Key,
    tables: [Table; 3],
    ring: UnparsedPublicKey<Vec<u8>>,
    p256: VerifyingKey,
    #[cfg(feature = "openssl")]
    openssl: openssl::ec::EcKey<openssl::pkey::Public>,
    core: WebauthnCore,
    asked: AuthenticationState,
    cases: Vec<Case>,
}

struct Case {
    challenge: Vec<u8>,
    response: AssertionResponse,
    unsigned: AssertionResponse,
    message: Vec<u8>,
    digest: [u8; 32],
    signature: Signature,
    credential: PublicKeyCredential,
}

impl World {
    pub fn new() -> Self {
        let signing = SigningKey::from_slice(&[0x5a; 32]).unwrap();
        let p256 = *signing.verifying_key();
        let point = p256.to_sec1_point(false);
        let (x, y): ([u8; 32], [u8; 32]) = ((*point.x().unwrap()).into(), (*point.y().unwrap()).into());
        let key = es256::Key::from_coordinates(&x, &y).unwrap();
        let core = WebauthnCore::new_unsafe_experts_only(
            SITE,
            SITE,
            vec![Url::parse(ORIGIN).unwrap()],
            Duration::from_secs(60),
            None,
            None,
        );
        let (asked, challenge) = question(&core, &x, &y);
        Self {
            party: RelyingParty::new(SITE, vec![ORIGIN.to_owned()]),
            passkey: StoredPasskey {
                credential_id: ID.to_vec(),
                public_key_cose: [
                    &[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32][..],
                    &x,
                    &[0x22, 0x58, 32],
                    &y,
                ]
                .concat(),
                sign_count: 0,
                backup_eligible: false,
                user_handle: USER.to_vec(),
            },
            tables: Size::ALL.map(|size| Table::of(&key, size)),
            key,
            ring: UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point.as_bytes().to_vec()),
            p256,
            #[cfg(feature = "openssl")]
            openssl: openssl_key(point.as_bytes()),
            core,
            asked,
            cases: (0..16).map(|number| Case::new(&signing, &challenge, number)).collect(),
        }
    }

    pub fn len(&self) -> usize {
        self.cases.len()
    }

    fn ring(&self, case: usize) -> bool {
        let case = &self.cases[case];
        self.ring.verify(&case.message, &case.response.signature).is_ok()
    }

    #[cfg(feature = "openssl")]
    fn openssl(&self, case: usize) -> bool {
        let case = &self.cases[case];
        openssl::ecdsa::EcdsaSig::from_der(&case.response.signature)
            .and_then(|signature| signature.verify(&case.digest, &self.openssl))
            .unwrap()
    }

    fn p256(&self, case: usize) -> bool {
        let case = &self.cases[case];
        self.p256.verify_prehash(&case.digest, &case.signature).is_ok()
    }

    fn core(&self, case: usize) -> bool {
        self.core
            .authenticate_credential(&self.cases[case].credential, &self.asked)
            .is_ok()
    }

    fn whole(&self, case: usize, size: Option<Size>) -> bool {
        let case = &self.cases[case];
        let table = size.map(|size| self.table(size));
        self.answer(case, &case.response, table).is_ok()
    }

    pub fn parsing(&self, case: usize) -> bool {
        let case = &self.cases[case];
        self.answer(case, &case.unsigned, None) == Err(Step::Signature)
    }

    fn answer(
        &self,
        case: &Case,
        response: &AssertionResponse,
        table: Option<&Table>,
    ) -> Result<assertion::PasskeyUse, Step> {
        let challenge = Challenge::of_another(&case.challenge).unwrap();
        let required = UserVerification::Required;
        assertion::verify_warm(
            &self.party,
            challenge,
            required,
            &self.passkey,
            AllowedPasskeys::Anyone,
            response,
            table,
        )
    }

    fn table(&self, size: Size) -> &Table {
        self.tables.iter().find(|table| table.size() == size).unwrap()
    }

    fn warm(&self, case: usize, size: Size) -> bool {
        let case = &self.cases[case];
        es256::verify_warm(self.table(size), &case.digest, &case.response.signature)
    }

    fn cold(&self, case: usize) -> bool {
        let case = &self.cases[case];
        es256::verify(&self.key, &case.message, &case.response.signature)
    }

    fn made(&self, size: Size) -> bool {
        *std::hint::black_box(Table::of(&self.key, size)).key() == self.key
    }
}

impl Case {
    fn new(signing: &SigningKey, challenge: &[u8], number: u8) -> Self {
        let text = BASE64URL_NOPAD.encode(challenge);
        // What differs from case to case is what a browser may add.
        let client_data_json = format!(
            "{{\"type\":\"webauthn.get\",\"challenge\":\"{text}\",\"origin\":\"{ORIGIN}\",\
             \"crossOrigin\":false,\"n\":{number}}}"
        );
        // Present and verified; the counter stays at zero.
        let authenticator_data = [&Sha256::digest(SITE)[..], &[0x05, 0, 0, 0, 0]].concat();
        let message = [&authenticator_data[..], &Sha256::digest(&client_data_json)].concat();
        let digest: [u8; 32] = Sha256::digest(&message).into();
        let signature: Signature = signing.sign_prehash(&digest).unwrap();
        let response = AssertionResponse {
            id: ID.to_vec(),
            client_data_json: client_data_json.into_bytes(),
            authenticator_data,
            signature: signature.to_der().as_bytes().to_vec(),
            user_handle: Some(USER.to_vec()),
        };
        let credential = PublicKeyCredential {
            id: BASE64URL_NOPAD.encode(&ID),
            raw_id: ID.to_vec(),
            response: AuthenticatorAssertionResponseRaw {
                authenticator_data: response.authenticator_data.clone(),
                client_data_json: response.client_data_json.clone(),
                signature: response.signature.clone(),
                user_handle: response.user_handle.clone(),
            },
            extensions: Default::default(),
            type_: "public-key".to_owned(),
        };
        let unsigned = AssertionResponse {
            signature: Vec::new(),
            ..response.clone()
        };
        Self {
            challenge: challenge.to_vec(),
            response,
            unsigned,
            message,
            digest,
            signature,
            credential,
        }
    }
}

/// webauthn-rs-core makes its own challenge; everybody answers that one.
fn question(core: &WebauthnCore, x: &[u8], y: &[u8]) -> (AuthenticationState, Vec<u8>) {
    let credential: Credential = CredentialV3 {
        cred_id: ID.to_vec(),
        cred: COSEKey {
            type_: COSEAlgorithm::ES256,
            key: COSEKeyType::EC_EC2(COSEEC2Key {
                curve: ECDSACurve::SECP256R1,
                x: x.to_vec(),
                y: y.to_vec(),
            }),
        },
        counter: 0,
        verified: true,
        registration_policy: UserVerificationPolicy::Required,
    }
    .into();
    let builder = core.new_challenge_authenticate_builder(vec![credential], None).unwrap();
    let (options, state) = core.generate_challenge_authenticate(builder).unwrap();
    (state, options.public_key.challenge.to_vec())
}

#[cfg(feature = "openssl")]
fn openssl_key(point: &[u8]) -> openssl::ec::EcKey<openssl::pkey::Public> {
    use openssl::bn::BigNumContext;
    use openssl::ec::{EcGroup, EcKey, EcPoint};
    let group = EcGroup::from_curve_name(openssl::nid::Nid::X9_62_PRIME256V1).unwrap();
    let point = EcPoint::from_bytes(&group, point, &mut BigNumContext::new().unwrap()).unwrap();
    EcKey::from_public_key(&group, &point).unwrap()
}
