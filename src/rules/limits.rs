//! Every number that bounds an input or a table, with its reason.

/// Accounts in one office. The store's lists and the desk are sized for a small office with room to grow: SPEC speaks
/// of offices of 30, the benchmarks of 1,000.
pub const ACCOUNTS: usize = 2_000;
/// Administrators among them: more than anybody trusts with everything, and few enough for one page.
pub const ADMINISTRATORS: usize = 64;
/// Passkeys of one account: phone, laptop, a key at home and one in the safe, for every machine of a busy person.
pub const PASSKEYS_OF_ONE: usize = 16;
/// Browsers signed in to one account at once; the one longest unused makes room for the next.
pub const SESSIONS_OF_ONE: usize = 32;
/// Address ranges of one administrator: every site of a firm with branches.
pub const RANGES_OF_ONE: usize = 32;
/// Certificates that an administrator may hand over as roots, and their text.
pub const ROOTS: usize = 16;
/// 16 certificates of 2 KiB in PEM.
pub const ROOTS_OCTETS: usize = 48 * 1024;
/// Letters in the outbox: an office invited at once, on a day without mail.
pub const LETTERS: usize = ACCOUNTS;
/// Authenticator models of "attested keys only".
pub const MODELS: usize = 64;
/// Numbers that a free desk may call for help.
pub const EMERGENCY_NUMBERS: usize = 8;
/// Lines of one import: half of the accounts that there can be, and what one look can take in.
pub const IMPORT_LINES: usize = 1_000;
/// Octets of one import: so many lines with the longest names and addresses, in UTF-8.
pub const IMPORT_OCTETS: usize = 512 * 1024;
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
/// Hours that an invitation may wait: up to a month of holidays.
pub const INVITE_HOURS: std::ops::RangeInclusive<u64> = 1..=30 * 24;
/// Minutes that a link somebody asked for may wait.
pub const RESET_MINUTES: std::ops::RangeInclusive<u64> = 10..=24 * 60;
/// Hours that a phone may fetch its files by its MAC address alone: up to a week, for phones that come by post.
pub const WINDOW_HOURS: std::ops::RangeInclusive<u64> = 1..=7 * 24;
/// Lines of the journal that are kept (SPEC §3).
pub const JOURNAL_LINES: u64 = 10_000;
/// Rows of one page of a list.
pub const PAGE_ROWS: usize = 100;

/// The rows of a page for which somebody asked for so many.
pub fn page_rows(asked: Option<usize>) -> usize {
    asked.unwrap_or(PAGE_ROWS).clamp(1, PAGE_ROWS)
}
