//! Registering a new passkey (§7.1).

use std::fmt;

use sha2::{Digest, Sha256};

use super::algorithm::Algorithm;
use super::attestation::{AttestationKind, Format, Object, Policy, Statement};
use super::auth_data::AuthData;
use super::client_data::{self, ClientData};
use super::limits::CREDENTIAL_ID;
use super::party::{Challenge, RelyingParty, UserVerification};
use super::public_key::{Key, PublicKey};

/// What the browser answered, in bytes. Made from [`super::wire::RegistrationResponseJson`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistrationResponse {
    /// `rawId`.
    pub id: Vec<u8>,
    /// `response.clientDataJSON`, as it was hashed.
    pub client_data_json: Vec<u8>,
    /// `response.attestationObject`.
    pub attestation_object: Vec<u8>,
    /// `response.transports`: sorted, those that the standard does not know too, at most [`super::limits::TRANSPORTS`].
    pub transports: Vec<String>,
    /// `clientExtensionResults.credProps.rk`: whether the passkey can be found without a name; absent where unknown.
    pub discoverable: Option<bool>,
}

/// A new passkey, ready to be kept once [`keepable`] has passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// The credential ID, 1 to 1023 bytes.
    pub credential_id: Vec<u8>,
    /// The public key, with its COSE bytes.
    pub public_key: PublicKey,
    /// The signature counter; zero where the authenticator keeps none.
    pub sign_count: u32,
    /// Whether it may be copied to other devices. Never changes.
    pub backup_eligible: bool,
    /// Whether it has been copied.
    pub backed_up: bool,
    /// Whether the authenticator made sure of its owner.
    pub user_verified: bool,
    /// The authenticator's model; zero where it does not say.
    pub aaguid: [u8; 16],
    /// How the authenticator can be reached.
    pub transports: Vec<String>,
    /// Whether the passkey can be found without a name; absent where the browser did not say.
    pub discoverable: Option<bool>,
    /// What vouches for the model.
    pub attestation: AttestationKind,
}

/// Where a registration was refused: the steps of §7.1, by number and in order. Absent: 1–4 are the browser's, 12 and
/// 27 cannot fail, 18 and 19 are policies we lack, 23 is part of 24 (roots are given), 29 is the caller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// 5: the client data are UTF-8, of a bounded size.
    Utf8 = 5,
    /// 6: … and JSON, with members of the right types.
    Json = 6,
    /// 7: `type` is `webauthn.create`.
    Type = 7,
    /// 8: `challenge` is ours.
    Challenge = 8,
    /// 9: `origin` is ours.
    Origin = 9,
    /// 10: `crossOrigin` is not set: we are never framed.
    CrossOrigin = 10,
    /// 11: `topOrigin` is absent, for the same reason.
    TopOrigin = 11,
    /// 13: the attestation object and the authenticator data in it are canonical CBOR of the right shape.
    Decoded = 13,
    /// 14: the RP ID's hash is ours.
    RpId = 14,
    /// 15: the user was present.
    Present = 15,
    /// 16: the user was verified, where that is required.
    Verified = 16,
    /// 17: what cannot be backed up is not backed up.
    Backup = 17,
    /// 20: the public key is whole, and of an algorithm that was offered.
    Algorithm = 20,
    /// 21: the attestation statement's format is one that we know.
    Format = 21,
    /// 22: the attestation statement is true.
    Attestation = 22,
    /// 24: … and trustworthy by the office's policy.
    Trust = 24,
    /// 25: the credential ID has 1 to 1023 bytes, and is the one that the browser named.
    CredentialId = 25,
    /// 26: the credential ID is nobody's yet.
    Unclaimed = 26,
    /// 28: of the extensions' outputs, `credProps.rk` does not say that a name is needed to find the passkey; all
    /// others are ignored. We ask for `residentKey: required`, but a client may have a key that cannot do that
    /// (§10.1.3).
    Discoverable = 28,
}

impl Step {
    /// Every step that can refuse, in order.
    pub const ALL: &'static [Self] = &[
        Self::Utf8,
        Self::Json,
        Self::Type,
        Self::Challenge,
        Self::Origin,
        Self::CrossOrigin,
        Self::TopOrigin,
        Self::Decoded,
        Self::RpId,
        Self::Present,
        Self::Verified,
        Self::Backup,
        Self::Algorithm,
        Self::Format,
        Self::Attestation,
        Self::Trust,
        Self::CredentialId,
        Self::Unclaimed,
        Self::Discoverable,
    ];

    /// Refuses at this step unless `truth`.
    fn holds(self, truth: bool) -> Result<(), Self> {
        if truth { Ok(()) } else { Err(self) }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Utf8 => "§7.1 step 5: the client data are not text of a sensible size",
            Self::Json => "§7.1 step 6: the client data are not the JSON of a browser",
            Self::Type => "§7.1 step 7: the client data are not of a registration",
            Self::Challenge => "§7.1 step 8: the challenge is not the one we gave",
            Self::Origin => "§7.1 step 9: the origin is not ours",
            Self::CrossOrigin => "§7.1 step 10: the page was framed by another origin",
            Self::TopOrigin => "§7.1 step 11: the page names another origin above it",
            Self::Decoded => "§7.1 step 13: the attestation object is malformed",
            Self::RpId => "§7.1 step 14: the passkey is bound to another site",
            Self::Present => "§7.1 step 15: nobody was present",
            Self::Verified => "§7.1 step 16: the owner was not verified",
            Self::Backup => "§7.1 step 17: a passkey that cannot be backed up claims to be",
            Self::Algorithm => "§7.1 step 20: the public key is not whole, or not of an algorithm that was offered",
            Self::Format => "§7.1 step 21: the attestation format is unknown",
            Self::Attestation => "§7.1 step 22: the attestation statement is not true",
            Self::Trust => "§7.1 step 24: the attestation does not meet the office's policy",
            Self::CredentialId => "§7.1 step 25: the credential ID has a wrong length, or is not the one named",
            Self::Unclaimed => "§7.1 step 26: the passkey is registered already",
            Self::Discoverable => "§7.1 step 28: the passkey cannot be found without a name",
        })
    }
}

impl std::error::Error for Step {}

/// Verifies an answer to our question, steps 5 to 25. `offered` is what `pubKeyCredParams` listed.
pub fn verify(
    party: &RelyingParty,
    challenge: Challenge<'_>,
    verification: UserVerification,
    offered: &[Algorithm],
    policy: Policy<'_>,
    response: &RegistrationResponse,
) -> Result<Registered, Step> {
    let text = client_data::decode(&response.client_data_json).map_err(|_| Step::Utf8)?;
    let said = ClientData::parse(text).map_err(|_| Step::Json)?;
    Step::Type.holds(said.kind.as_deref() == Some("webauthn.create"))?;
    Step::Challenge.holds(said.challenge.is_some_and(|text| challenge.is(&text)))?;
    Step::Origin.holds(said.origin.is_some_and(|origin| party.expects(&origin)))?;
    Step::CrossOrigin.holds(!said.cross_origin)?;
    Step::TopOrigin.holds(said.top_origin.is_none())?;
    let client_data_hash = Sha256::digest(&response.client_data_json).into();

    let object = Object::parse(&response.attestation_object).map_err(|_| Step::Decoded)?;
    let made = AuthData::parse(object.auth_data).map_err(|_| Step::Decoded)?;
    let attested = made.attested.ok_or(Step::Decoded)?;
    Step::RpId.holds(*made.rp_id_hash == party.rp_id_hash)?;
    Step::Present.holds(verification == UserVerification::Quiet || made.flags.user_present())?;
    Step::Verified.holds(verification != UserVerification::Required || made.flags.user_verified())?;
    Step::Backup.holds(made.flags.backup_eligible() || !made.flags.backed_up())?;

    let public_key = PublicKey::new(attested.public_key).map_err(|_| Step::Algorithm)?;
    let key = Key::parse(attested.public_key).map_err(|_| Step::Algorithm)?;
    Step::Algorithm.holds(offered.contains(&public_key.algorithm()))?;

    let format = Format::named(object.format).ok_or(Step::Format)?;
    let verified = Statement::new(&object, &made, &attested, &key, &client_data_hash)
        .and_then(|statement| statement.verify(format))
        .map_err(|_| Step::Attestation)?;
    let attestation = policy.assess(format, &verified, attested.aaguid).ok_or(Step::Trust)?;
    let length = attested.credential_id.len();
    Step::CredentialId.holds((1..=CREDENTIAL_ID).contains(&length) && attested.credential_id == response.id)?;

    Ok(Registered {
        credential_id: attested.credential_id.to_vec(),
        public_key,
        sign_count: made.sign_count,
        backup_eligible: made.flags.backup_eligible(),
        backed_up: made.flags.backed_up(),
        user_verified: made.flags.user_verified(),
        aaguid: *attested.aaguid,
        transports: response.transports.clone(),
        discoverable: response.discoverable,
        attestation,
    })
}

/// Steps 26 and 28: the credential ID is nobody's yet, and the passkey is one that we asked for. Ask the store inside
/// the turn that writes, across all accounts.
pub fn keepable(registered: &Registered, known_elsewhere: bool) -> Result<(), Step> {
    Step::Unclaimed.holds(!known_elsewhere)?;
    Step::Discoverable.holds(registered.discoverable != Some(false))
}
