//! The schema page. DESIGN.md gives the bytes.

use super::Fault;
use super::slot::{Slot, View};

/// Raise with every change below, and add the step to `migrate.rs`.
pub(super) const SCHEMA: u32 = 4;

/// The tables as one transaction sees them. Each is opened when it is first asked for, and once.
pub(super) struct Tables<'t> {
    /// Small single values by name: see the `META_…` keys.
    pub(super) meta: Slot<'t, &'static str, &'static [u8]>,
    /// Account number → `Account`.
    pub(super) accounts: Slot<'t, u64, &'static [u8]>,
    /// Folded sign-in name → account number. Unique over extensions, e-mail addresses and administrators' names.
    pub(super) usernames: Slot<'t, &'static str, u64>,
    /// (Digits, extension) → account number: people in the order of their numbers.
    pub(super) extensions: Slot<'t, (u8, &'static str), u64>,
    /// (Account number, credential ID) → `Passkey`: those of an account lie side by side.
    pub(super) passkeys: Slot<'t, (u64, &'static [u8]), &'static [u8]>,
    /// Credential ID → account number.
    pub(super) passkey_owners: Slot<'t, &'static [u8], u64>,
    /// (Account number, SHA-256 of the cookie's token) → `Session`: those of an account lie side by side.
    pub(super) sessions: Slot<'t, (u64, &'static [u8; 32]), &'static [u8]>,
    /// SHA-256 of the cookie's token → account number.
    pub(super) session_owners: Slot<'t, &'static [u8; 32], u64>,
    /// SHA-256 of the link's token → `Invite`.
    pub(super) invites: Slot<'t, &'static [u8; 32], &'static [u8]>,
    /// Account number → hash of its one link.
    pub(super) invite_of: Slot<'t, u64, &'static [u8; 32]>,
    /// Account number → `Access`: the administrators that are limited, or open to programs.
    pub(super) access: Slot<'t, u64, &'static [u8]>,
    /// Account number → `Language`: whose letters are not in English.
    pub(super) languages: Slot<'t, u64, &'static [u8]>,
    /// Device number → `Device`.
    pub(super) devices: Slot<'t, u64, &'static [u8]>,
    /// Device number → `LinePlace`: the devices that were registered, or whose bindings are saved.
    pub(super) line: Slot<'t, u64, &'static [u8]>,
    /// Order of writing → `Letter`: the outbox.
    pub(super) outbox: Slot<'t, u64, &'static [u8]>,
    /// Order of writing → `Line`; the oldest lines go as new ones come.
    pub(super) journal: Slot<'t, u64, &'static [u8]>,
}

impl<'t> Tables<'t> {
    /// All of them, none opened yet.
    pub(super) fn of(view: View<'t>) -> Self {
        Self {
            meta: Slot::new(view, "meta"),
            accounts: Slot::new(view, "accounts"),
            usernames: Slot::new(view, "usernames"),
            extensions: Slot::new(view, "extensions"),
            passkeys: Slot::new(view, "account-passkeys"),
            passkey_owners: Slot::new(view, "passkey-owners"),
            sessions: Slot::new(view, "account-sessions"),
            session_owners: Slot::new(view, "session-owners"),
            invites: Slot::new(view, "invites"),
            invite_of: Slot::new(view, "invite-of"),
            access: Slot::new(view, "reach"),
            languages: Slot::new(view, "languages"),
            devices: Slot::new(view, "devices"),
            line: Slot::new(view, "line"),
            outbox: Slot::new(view, "outbox"),
            journal: Slot::new(view, "journal"),
        }
    }

    /// Makes those that are not there yet.
    pub(super) fn make(&mut self) -> Result<(), Fault> {
        self.meta.write()?;
        self.accounts.write()?;
        self.usernames.write()?;
        self.extensions.write()?;
        self.passkeys.write()?;
        self.passkey_owners.write()?;
        self.sessions.write()?;
        self.session_owners.write()?;
        self.invites.write()?;
        self.invite_of.write()?;
        self.access.write()?;
        self.languages.write()?;
        self.devices.write()?;
        self.line.write()?;
        self.outbox.write()?;
        self.journal.write()?;
        Ok(())
    }

    /// Writes every row of another transaction's tables into these, which are empty.
    pub(super) fn copy(&mut self, from: &Tables<'_>) -> Result<(), Fault> {
        let Self {
            meta,
            accounts,
            usernames,
            extensions,
            passkeys,
            passkey_owners,
            sessions,
            session_owners,
            invites,
            invite_of,
            access,
            languages,
            devices,
            line,
            outbox,
            journal,
        } = self;
        meta.copy(&from.meta)?;
        accounts.copy(&from.accounts)?;
        usernames.copy(&from.usernames)?;
        extensions.copy(&from.extensions)?;
        passkeys.copy(&from.passkeys)?;
        passkey_owners.copy(&from.passkey_owners)?;
        sessions.copy(&from.sessions)?;
        session_owners.copy(&from.session_owners)?;
        invites.copy(&from.invites)?;
        invite_of.copy(&from.invite_of)?;
        access.copy(&from.access)?;
        languages.copy(&from.languages)?;
        devices.copy(&from.devices)?;
        line.copy(&from.line)?;
        outbox.copy(&from.outbox)?;
        journal.copy(&from.journal)
    }
}

/// `u32`, little-endian: the schema of the file.
pub(super) const META_SCHEMA: &str = "schema";
/// `Settings`.
pub(super) const META_SETTINGS: &str = "settings";
/// `Schedule`: backups that are made by themselves, where they were set.
pub(super) const META_SCHEDULE: &str = "backups";
/// `Outcomes`: what came of them.
pub(super) const META_OUTCOMES: &str = "backups-made";
/// `Bucket`: where they go instead of a folder.
pub(super) const META_BUCKET: &str = "bucket";
/// `Tenure`: which board the office is on; absent: the first.
pub(super) const META_TENURE: &str = "tenure";
/// Nothing: the store came out of a backup, and its next start ends what is not to come back.
pub(super) const META_RESTORED: &str = "restored";
/// `Clock`: the time that phones are told, where it was set.
pub(super) const META_CLOCK: &str = "clock";
/// `KeptPair`: the office CA, where there is one.
pub(super) const META_AUTHORITY: &str = "office-ca";
/// `KeptPair`: its newest leaf.
pub(super) const META_LEAF: &str = "office-leaf";
/// `Acme`: how certificates come by ACME, where that is chosen.
pub(super) const META_ACME: &str = "acme";
/// What stands before a directory's address: `Account`.
pub(super) const META_ACME_ACCOUNT: &str = "acme-account ";
/// What stands before a directory's address: `Issued`, the newest certificate of it.
pub(super) const META_ACME_CERTIFICATE: &str = "acme-certificate ";
/// What stands before a directory's address: `Progress`.
pub(super) const META_ACME_PROGRESS: &str = "acme-progress ";
/// One byte: browsers were told to come by HTTPS alone; 0 once that is taken back.
pub(super) const META_STRICT: &str = "strict-transport";
/// `Mark`: what the key is recognised by that the store belongs to.
pub(super) const META_KEY_CHECK: &str = "key-check";
/// `Named`: the name that the appliance is served under, and since when.
pub(super) const META_NAMED: &str = "named";
/// `EarlierNames`: the names of before that passkeys were made under.
pub(super) const META_EARLIER_NAMES: &str = "earlier-names";
/// `Moving`: the move from one name to another, where one was decided and is not over.
pub(super) const META_MOVING: &str = "moving";
/// `FetchedRevisions`: in which revision each device last fetched its files.
pub(super) const META_FETCHED: &str = "fetched-revisions";
/// `JoinedAddresses`: the second MAC address of each device whose box has two.
pub(super) const META_JOINED: &str = "joined-addresses";
/// `Surroundings`: what all phones' files said of the appliance when that was last looked at.
pub(super) const META_SURROUNDINGS: &str = "surroundings";
/// `Relay`: the mail server, if there is one.
pub(super) const META_RELAY: &str = "relay";
/// `Metrics`: to whom numbers are given out, where they are.
pub(super) const META_METRICS: &str = "metrics";
/// `Syslog`: where the journal's lines are sent, where they are.
pub(super) const META_SYSLOG: &str = "syslog";
/// `TimeServers`: whom boards without a clock of their own ask for the date; absent: the usual ones.
pub(super) const META_TIME_SERVERS: &str = "time-servers";
/// `Effort`: what a password check costs on this board.
pub(super) const META_EFFORT: &str = "effort";
/// `u64`, little-endian: the newest time that a turn was taken at.
pub(super) const META_NEWEST: &str = "newest";
/// `u64`, little-endian: the number that the next account gets.
pub(super) const META_NEXT_ACCOUNT: &str = "next-account";
/// `u64`, little-endian: the number that the next device gets.
pub(super) const META_NEXT_DEVICE: &str = "next-device";
/// `u64`, little-endian: the number that the next letter gets.
pub(super) const META_NEXT_LETTER: &str = "next-letter";
/// `OneTime` from the start-up flags.
pub(super) const META_ONE_TIME_FLAGS: &str = "one-time-flags";
/// `OneTime` printed on the console.
pub(super) const META_ONE_TIME_CONSOLE: &str = "one-time-console";
/// `OneTime` shown to an administrator on the page.
pub(super) const META_ONE_TIME_PAGE: &str = "one-time-page";
