//! Every number that bounds devices and their line, with its reason.

/// Devices of one account: a desk phone in each of three places, some apps, and room.
pub const DEVICES_OF_ONE: usize = 8;
/// Apps that one person adds by themselves: the other places are the administrator's to fill.
pub const OWN_APPS: usize = 5;
/// Devices of one office: two for each account of the largest office that the store is sized for.
pub const DEVICES: usize = 2 * crate::rules::limits::ACCOUNTS;
/// Devices on one MAC address: the handsets of one small DECT base.
pub const LINES_OF_ONE_MAC: usize = 10;
/// Characters of a secret that a person typed: as many as a password has at least (SPEC §2), and as many as the menu of
/// every known phone takes.
pub const TYPED_SECRET_CHARS: std::ops::RangeInclusive<usize> = crate::rules::limits::PASSWORD_MIN_CHARS..=32;
/// Octets of a model's name: the longest in the field have about 20.
pub const MODEL_OCTETS: usize = 64;
/// Bindings of one extension: each of its devices once, and as many again for apps that changed their network.
pub const BINDINGS_OF_ONE: usize = 2 * DEVICES_OF_ONE;
/// Octets of one Contact, its parameters included: the longest seen carry a push token and have about 800.
pub const CONTACT_OCTETS: usize = 1_536;
/// Octets of a Call-ID or a tag that are kept: the longest seen have about 130.
pub const TOKEN_OCTETS: usize = 256;
/// The port of a Contact that names none (RFC 3261 §19.1.2).
pub const PORT: u16 = 5060;
/// Seconds that a binding lasts at least: below, a phone costs more in refreshes than it says about itself.
pub const EXPIRES_MIN_S: u32 = 60;
/// Seconds that a binding lasts at most, and where the phone does not say (RFC 3261 §10.3 step 6 leaves it to us).
pub const EXPIRES_MAX_S: u32 = 3_600;
/// Milliseconds that an older REGISTER may still be under way: 64 × T1, when its sender gives up (RFC 3261 §17.1.2.2,
/// Timer F).
pub const UNDER_WAY_MS: u64 = 32_000;
/// Seconds after which somebody for whom there is no room may ask again.
pub const RETRY_AFTER_S: u32 = 30;
/// Seconds that a nonce is taken: a registration's refresh and the calls right after it, and no more.
pub const NONCE_S: u64 = 300;
/// Calls of one extension that its line keys show; further ones only keep the lamp on.
pub const DIALOGS_OF_ONE: usize = 16;
/// Forks of one call that are told apart: one for each binding.
pub const LEGS_OF_ONE: usize = BINDINGS_OF_ONE;
