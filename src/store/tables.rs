//! The schema page. DESIGN.md gives the bytes.

use redb::TableDefinition as Table;

/// Raise with every change below, and add the step to `migrate.rs`.
pub(super) const SCHEMA: u32 = 3;

/// Small single values by name: see the `META_…` keys.
pub(super) const META: Table<'_, &str, &[u8]> = Table::new("meta");
/// Account number → `Account`.
pub(super) const ACCOUNTS: Table<'_, u64, &[u8]> = Table::new("accounts");
/// Folded sign-in name → account number. Unique over extensions, e-mail addresses and administrators' names.
pub(super) const USERNAMES: Table<'_, &str, u64> = Table::new("usernames");
/// (Digits, extension) → account number: people in the order of their numbers.
pub(super) const EXTENSIONS: Table<'_, (u8, &str), u64> = Table::new("extensions");
/// Credential ID → `Passkey`.
pub(super) const PASSKEYS: Table<'_, &[u8], &[u8]> = Table::new("passkeys");
/// (Account number, credential ID).
pub(super) const PASSKEYS_OF: Table<'_, (u64, &[u8]), ()> = Table::new("passkeys-of");
/// SHA-256 of the cookie's token → `Session`.
pub(super) const SESSIONS: Table<'_, &[u8; 32], &[u8]> = Table::new("sessions");
/// (Account number, hash of the token).
pub(super) const SESSIONS_OF: Table<'_, (u64, &[u8; 32]), ()> = Table::new("sessions-of");
/// SHA-256 of the link's token → `Invite`.
pub(super) const INVITES: Table<'_, &[u8; 32], &[u8]> = Table::new("invites");
/// Account number → hash of its one link.
pub(super) const INVITE_OF: Table<'_, u64, &[u8; 32]> = Table::new("invite-of");
/// Account number → `Reach`: the administrators that are limited, or open to programs.
pub(super) const REACH: Table<'_, u64, &[u8]> = Table::new("reach");
/// Account number → `Language`: whose letters are not in English.
pub(super) const LANGUAGES: Table<'_, u64, &[u8]> = Table::new("languages");
/// Order of writing → `Letter`: the outbox.
pub(super) const OUTBOX: Table<'_, u64, &[u8]> = Table::new("outbox");
/// Order of writing → `Line`; the oldest lines go as new ones come.
pub(super) const JOURNAL: Table<'_, u64, &[u8]> = Table::new("journal");

/// `u32`, little-endian: the schema of the file.
pub(super) const META_SCHEMA: &str = "schema";
/// `Settings`.
pub(super) const META_SETTINGS: &str = "settings";
/// `Mark`: what the key is recognised by that the store belongs to.
pub(super) const META_KEY_CHECK: &str = "key-check";
/// `Named`: the name that the appliance is served under, and since when.
pub(super) const META_NAMED: &str = "named";
/// `Relay`: the mail server, if there is one.
pub(super) const META_RELAY: &str = "relay";
/// `Effort`: what a password check costs on this board.
pub(super) const META_EFFORT: &str = "effort";
/// `u64`, little-endian: the newest time that a turn was taken at.
pub(super) const META_NEWEST: &str = "newest";
/// `u64`, little-endian: the number that the next account gets.
pub(super) const META_NEXT_ACCOUNT: &str = "next-account";
/// `u64`, little-endian: the number that the next letter gets.
pub(super) const META_NEXT_LETTER: &str = "next-letter";
/// `OneTime` from the start-up flags.
pub(super) const META_ONE_TIME_FLAGS: &str = "one-time-flags";
/// `OneTime` printed on the console.
pub(super) const META_ONE_TIME_CONSOLE: &str = "one-time-console";
