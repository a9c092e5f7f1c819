//! Verifying a sign-in with a passkey (§7.2).

use std::fmt;

use sha2::{Digest, Sha256};

use super::auth_data::AuthData;
use super::client_data::{self, ClientData};
use super::es256::Table;
use super::limits::{AUTH_DATA, SIGNATURE};
use super::party::{Challenge, RelyingParty, UserVerification};
use super::public_key::Key;

/// What the browser answered, in bytes. Made from [`super::wire::AuthenticationResponseJson`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssertionResponse {
    /// `rawId`: look the passkey up by it.
    pub id: Vec<u8>,
    /// `response.clientDataJSON`, as it was hashed.
    pub client_data_json: Vec<u8>,
    /// `response.authenticatorData`.
    pub authenticator_data: Vec<u8>,
    /// `response.signature`.
    pub signature: Vec<u8>,
    /// `response.userHandle`: look the account up by it.
    pub user_handle: Option<Vec<u8>>,
}

/// The passkey that the store keeps under the answer's ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPasskey {
    /// The credential ID.
    pub credential_id: Vec<u8>,
    /// The COSE_Key, as it was registered.
    pub public_key_cose: Vec<u8>,
    /// The last counter seen.
    pub sign_count: u32,
    /// Whether it may be copied to other devices, as it was registered.
    pub backup_eligible: bool,
    /// The user handle of the account that it belongs to.
    pub user_handle: Vec<u8>,
}

/// Whose passkeys were asked for.
#[derive(Clone, Copy, Debug)]
pub enum AllowedPasskeys<'a> {
    /// Anybody's: `allowCredentials` was empty, so the answer must name its account.
    Anyone,
    /// One of these, of an account that was known before.
    OneOf(&'a [Vec<u8>]),
}

/// What a sign-in tells of its passkey: the new state to keep (step 24).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasskeyUse {
    /// The counter to keep.
    pub sign_count: u32,
    /// Whether it has been copied by now.
    pub backed_up: bool,
    /// Whether the authenticator made sure of its owner.
    pub user_verified: bool,
}

/// Where an assertion was refused: the steps of §7.2, by number and in order. Absent: 1–4 are the browser's, 20 cannot
/// fail, 23 ignores what it does not know, 24 and 25 are the caller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// 5: the passkey is one of those that were asked for.
    Allowed = 5,
    /// 6: it is the account's own, and the account that the answer names is the passkey's.
    Owner = 6,
    /// 7: the authenticator data have the right shape (§6.1: no attested credential in a sign-in), and the signature a
    /// sensible size.
    Response = 7,
    /// 8: the client data are UTF-8, of a bounded size.
    Utf8 = 8,
    /// 9: … and JSON, with members of the right types.
    Json = 9,
    /// 10: `type` is `webauthn.get`.
    Type = 10,
    /// 11: `challenge` is ours.
    Challenge = 11,
    /// 12: `origin` is ours.
    Origin = 12,
    /// 13: `crossOrigin` is not set: we are never framed.
    CrossOrigin = 13,
    /// 14: `topOrigin` is absent, for the same reason.
    TopOrigin = 14,
    /// 15: the RP ID's hash is ours.
    RpId = 15,
    /// 16: the user was present.
    Present = 16,
    /// 17: the user was verified, where that is required.
    Verified = 17,
    /// 18: what cannot be backed up is not backed up.
    Backup = 18,
    /// 19: whether it can be backed up has not changed.
    Eligible = 19,
    /// 21: the signature is the passkey's.
    Signature = 21,
    /// 22: the counter moved forward, or there is none. Otherwise there may be a copy of the key.
    Counter = 22,
}

impl Step {
    /// Every step that can refuse, in order.
    pub const ALL: &'static [Self] = &[
        Self::Allowed,
        Self::Owner,
        Self::Response,
        Self::Utf8,
        Self::Json,
        Self::Type,
        Self::Challenge,
        Self::Origin,
        Self::CrossOrigin,
        Self::TopOrigin,
        Self::RpId,
        Self::Present,
        Self::Verified,
        Self::Backup,
        Self::Eligible,
        Self::Signature,
        Self::Counter,
    ];

    /// Refuses at this step unless `truth`.
    fn holds(self, truth: bool) -> Result<(), Self> {
        if truth { Ok(()) } else { Err(self) }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Allowed => "§7.2 step 5: the passkey is none of those that were asked for",
            Self::Owner => "§7.2 step 6: the passkey is not of the account that it names",
            Self::Response => "§7.2 step 7: the authenticator data are malformed",
            Self::Utf8 => "§7.2 step 8: the client data are not text of a sensible size",
            Self::Json => "§7.2 step 9: the client data are not the JSON of a browser",
            Self::Type => "§7.2 step 10: the client data are not of a sign-in",
            Self::Challenge => "§7.2 step 11: the challenge is not the one we gave",
            Self::Origin => "§7.2 step 12: the origin is not ours",
            Self::CrossOrigin => "§7.2 step 13: the page was framed by another origin",
            Self::TopOrigin => "§7.2 step 14: the page names another origin above it",
            Self::RpId => "§7.2 step 15: the answer is for another site",
            Self::Present => "§7.2 step 16: nobody was present",
            Self::Verified => "§7.2 step 17: the owner was not verified",
            Self::Backup => "§7.2 step 18: a passkey that cannot be backed up claims to be",
            Self::Eligible => "§7.2 step 19: whether the passkey can be backed up has changed",
            Self::Signature => "§7.2 step 21: the signature is not the passkey's",
            Self::Counter => "§7.2 step 22: the counter did not move forward: there may be a copy of the key",
        })
    }
}

impl std::error::Error for Step {}

/// Verifies an answer to our question, steps 5 to 22. Allocates only for client data whose strings need unescaping, and
/// for RS256, whose numbers ring keeps on the heap.
pub fn verify(
    party: &RelyingParty,
    challenge: Challenge<'_>,
    verification: UserVerification,
    passkey: &StoredPasskey,
    asked: AllowedPasskeys<'_>,
    response: &AssertionResponse,
) -> Result<PasskeyUse, Step> {
    verify_warm(party, challenge, verification, passkey, asked, response, None)
}

/// The same answer, sooner where there is a table of the passkey's key. A table of another key changes nothing.
pub fn verify_warm(
    party: &RelyingParty,
    challenge: Challenge<'_>,
    verification: UserVerification,
    passkey: &StoredPasskey,
    asked: AllowedPasskeys<'_>,
    response: &AssertionResponse,
    table: Option<&Table>,
) -> Result<PasskeyUse, Step> {
    let named = match asked {
        AllowedPasskeys::Anyone => response.user_handle.is_some(),
        AllowedPasskeys::OneOf(allowed) => {
            Step::Allowed.holds(allowed.contains(&response.id))?;
            true
        }
    };
    let handle_agrees = response
        .user_handle
        .as_ref()
        .is_none_or(|handle| *handle == passkey.user_handle);
    Step::Owner.holds(named && handle_agrees && response.id == passkey.credential_id)?;

    let seen = AuthData::parse(&response.authenticator_data).map_err(|_| Step::Response)?;
    Step::Response.holds(seen.attested.is_none() && response.signature.len() <= SIGNATURE)?;
    let text = client_data::decode(&response.client_data_json).map_err(|_| Step::Utf8)?;
    let said = ClientData::parse(text).map_err(|_| Step::Json)?;
    Step::Type.holds(said.kind.as_deref() == Some("webauthn.get"))?;
    Step::Challenge.holds(said.challenge.is_some_and(|text| challenge.is(&text)))?;
    Step::Origin.holds(said.origin.is_some_and(|origin| party.expects(&origin)))?;
    Step::CrossOrigin.holds(!said.cross_origin)?;
    Step::TopOrigin.holds(said.top_origin.is_none())?;

    Step::RpId.holds(*seen.rp_id_hash == party.rp_id_hash)?;
    Step::Present.holds(seen.flags.user_present())?;
    Step::Verified.holds(verification != UserVerification::Required || seen.flags.user_verified())?;
    Step::Backup.holds(seen.flags.backup_eligible() || !seen.flags.backed_up())?;
    Step::Eligible.holds(seen.flags.backup_eligible() == passkey.backup_eligible)?;

    Step::Signature.holds(signed(passkey, response, table))?;
    Step::Counter.holds(seen.sign_count > passkey.sign_count || (seen.sign_count == 0 && passkey.sign_count == 0))?;
    Ok(PasskeyUse {
        sign_count: seen.sign_count,
        backed_up: seen.flags.backed_up(),
        user_verified: seen.flags.user_verified(),
    })
}

/// Steps 20 and 21: the signature is over the authenticator data, then the hash of the client data.
fn signed(passkey: &StoredPasskey, response: &AssertionResponse, table: Option<&Table>) -> bool {
    let hash = Sha256::digest(&response.client_data_json);
    let mut message: heapless::Vec<u8, { AUTH_DATA + 32 }> = heapless::Vec::new();
    let whole =
        message.extend_from_slice(&response.authenticator_data).is_ok() && message.extend_from_slice(&hash).is_ok();
    whole && Key::parse(&passkey.public_key_cose).is_ok_and(|key| key.verify_warm(&message, &response.signature, table))
}
