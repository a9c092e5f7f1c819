//! What is written down of certificates, as verdicts of one change each.

use super::kept::KeptPair;
use crate::rules::change::{Change, OfficeChange};
use crate::rules::verdict::Verdict;

/// The office CA goes, and its leaf with it: the next start makes another, which every device has to trust anew.
pub fn forgotten() -> Verdict<()> {
    Verdict::yes((), vec![OfficeChange::AuthorityForgotten.into()])
}

/// The office's CA is this one from now on; an older one is forgotten.
pub fn authority(pair: KeptPair) -> Verdict<()> {
    Verdict::yes((), vec![Change::Office(OfficeChange::AuthorityMade(pair))])
}

/// The appliance's leaf is this one from now on.
pub fn leaf(pair: KeptPair) -> Verdict<()> {
    Verdict::yes((), vec![Change::Office(OfficeChange::LeafIssued(pair))])
}

/// Browsers are told to come by HTTPS alone, or no more. Nothing is written where it is so already.
pub fn strict(is_told: bool, was_told: bool) -> Verdict<()> {
    let change = (is_told != was_told).then_some(Change::Office(OfficeChange::StrictTransport(is_told)));
    Verdict::yes((), change.into_iter().collect())
}
