//! The steps of an order, as verdicts. Each is written down before or right after the question to the CA that it
//! belongs to, so that a start after a power cut goes on without a second account and without a storm.

use super::due::{self, Held, OPENED};
use super::record::{Account, Acme, Issued, Progress, Trouble};
use crate::rules::certificates::name::DnsName;
use crate::rules::change::OfficeChange;
use crate::rules::id::Email;
use crate::rules::moment::Reading;
use crate::rules::time::{Date, Ttl};
use crate::rules::verdict::Verdict;

/// See [`issued`].
const A_DAY: Ttl = Ttl::days(1);
/// What is told then.
const ODD: &str =
    "the certificate that came is near its end by this machine's clock; if the date here is wrong, set it";

/// A try begins. It counts as failed until it has ended, so that a program that dies in it waits like any other.
pub fn begun(acme: &Acme, progress: Option<Progress>, now: Date) -> (Progress, Verdict<()>) {
    let before = progress.unwrap_or_default();
    let failures = before.failures.saturating_add(1);
    let begun = Progress {
        directory: acme.directory.clone(),
        failures,
        next: Some(due::again(failures, None, now)),
        trouble: before.trouble,
        tried: Some(now),
    };
    let change = OfficeChange::AcmeProgressed(begun.clone());
    (begun, Verdict::yes((), vec![change.into()]))
}

/// It failed; `asked` is for how long the CA wants to be left alone.
pub fn failed(begun: Progress, trouble: Trouble, asked: Option<Ttl>, now: Date) -> Verdict<()> {
    let failed = Progress {
        next: Some(due::again(begun.failures, asked, now)),
        trouble: Some(trouble),
        ..begun
    };
    Verdict::yes((), vec![OfficeChange::AcmeFailed(failed).into()])
}

/// The CA issued a certificate. One that is due anew at once, because the two clocks differ, is kept and told of; the
/// next order is a day later, as it would bring no other one.
pub fn issued(issued: Issued, begun: Progress, names: &[DnsName], now: Reading) -> Verdict<()> {
    let done = Progress {
        failures: 0,
        next: None,
        trouble: None,
        ..begun
    };
    let done = match due::due(Held::read(&issued).as_ref(), &done, names, now) {
        None => done,
        Some(_) => Progress {
            next: Some(now.date + A_DAY),
            trouble: Some(Trouble::ours(ODD)),
            ..done
        },
    };
    let changes = vec![
        OfficeChange::AcmeIssued(issued).into(),
        OfficeChange::AcmeProgressed(done).into(),
    ];
    Verdict::yes((), changes)
}

/// The CA issued a certificate for the appliance's own name alone, as the other one of its two names failed: `trouble`
/// says which, and both are ordered again after the wait that any failure brings.
pub fn issued_in_part(issued: Issued, begun: Progress, trouble: Trouble, asked: Option<Ttl>, now: Date) -> Verdict<()> {
    let mut verdict = failed(begun, trouble, asked, now);
    verdict.changes.insert(0, OfficeChange::AcmeIssued(issued).into());
    verdict
}

/// A key for an account was made, and is kept before the CA hears of it.
pub fn account_made(account: Account) -> Verdict<()> {
    Verdict::yes((), vec![OfficeChange::AcmeAccount(account).into()])
}

/// The CA opened the account, or found it again by its key.
pub fn account_opened(account: &Account, url: String, contact: Option<Email>, now: Date) -> (Account, Verdict<()>) {
    let mut opened = account.opened.clone();
    opened.push(now);
    let surplus = opened.len().saturating_sub(OPENED);
    opened.drain(..surplus);
    let account = Account {
        url: Some(url),
        contact,
        opened,
        ..account.clone()
    };
    let verdict = account_made(account.clone());
    (account, verdict)
}

/// The CA knows the account no more.
pub fn account_forgotten(account: &Account) -> (Account, Verdict<()>) {
    let account = Account {
        url: None,
        ..account.clone()
    };
    let verdict = account_made(account.clone());
    (account, verdict)
}
