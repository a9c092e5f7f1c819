//! Every number that bounds an input or a table, with its reason.

/// Accounts in one office. The store's lists and the desk are sized for a small office with room to grow: SPEC speaks of
/// offices of 30, the benchmarks of 1,000.
pub const ACCOUNTS: usize = 2_000;
/// Passkeys of one account: phone, laptop, a key at home and one in the safe, for every machine of a busy person.
pub const PASSKEYS_OF_ONE: usize = 16;
/// Browsers signed in to one account at once; the one longest unused makes room for the next.
pub const SESSIONS_OF_ONE: usize = 32;
/// Characters of a display name, a passkey's name.
pub const NAME_CHARS: usize = 64;
/// Octets of an e-mail address: RFC 5321 §4.5.3.1.3, less the angle brackets.
pub const EMAIL_OCTETS: usize = 254;
/// Characters that a password must have at least (SPEC §2).
pub const PASSWORD_MIN_CHARS: usize = 12;
/// Octets of a password that are looked at; more is refused, so that nobody can make the board hash megabytes.
pub const PASSWORD_MAX_OCTETS: usize = 512;
/// Characters of a username field: the longest is an e-mail address.
pub const USERNAME_OCTETS: usize = EMAIL_OCTETS;
/// Characters of a browser's readable name.
pub const BROWSER_CHARS: usize = 64;
/// Hours of a session that an administrator may set: one hour to a year (SPEC §1).
pub const SESSION_HOURS: std::ops::RangeInclusive<u64> = 1..=365 * 24;
/// Lines of the journal that are kept (SPEC §3).
pub const JOURNAL_LINES: u64 = 10_000;
/// Rows of one page of a list.
pub const PAGE_ROWS: usize = 100;
