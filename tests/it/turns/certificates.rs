//! The office CA and its leaf, and each step of an order for a certificate, cut at every sync.

use linekey::rules::certificates::acme::record::{Account, Acme, Challenge, Issued, LETS_ENCRYPT, Progress};
use linekey::rules::certificates::acme::set::{self, Kept, Typed};
use linekey::rules::certificates::acme::step;
use linekey::rules::certificates::acme::trouble;
use linekey::rules::certificates::keep;
use linekey::rules::certificates::kept::{Holder, KeptPair};
use linekey::rules::certificates::name::DnsName;
use linekey::rules::moment::{Fresh, Moment, Reading};
use linekey::rules::office::journal::Actor;
use linekey::rules::secret::SealKey;
use linekey::rules::time::Date;
use linekey::rules::verdict::Verdict;
use linekey::store::{Facts, Fault, Store};

use super::losses;
use crate::disk::{Disk, Loss};

const NOW: Date = Date(1_795_420_800);

fn reading() -> Reading {
    Reading {
        date: NOW,
        known: true,
        running: NOW,
    }
}

fn moment() -> Moment {
    Moment::new(reading(), [3; 32])
}

fn name() -> DnsName {
    DnsName::parse("pbx.example.org").unwrap()
}

fn acme() -> Acme {
    Acme {
        directory: LETS_ENCRYPT.to_owned(),
        is_test: false,
        contact: None,
        roots: None,
        challenge: Challenge::TlsAlpn,
        is_strict: false,
        before: None,
    }
}

fn contents(facts: &Facts<'_>) -> Result<String, Fault> {
    Ok(format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        facts.authority()?,
        facts.leaf()?,
        facts.acme()?,
        facts.acme_account(LETS_ENCRYPT)?,
        facts.acme_certificate(LETS_ENCRYPT)?,
        facts.acme_progress(LETS_ENCRYPT)?,
        facts.journal(None, 100, |_| true)?
    ))
}

fn read(store: &Store) -> String {
    store.read(contents).unwrap()
}

fn typed() -> Typed {
    Typed {
        directory: LETS_ENCRYPT.to_owned(),
        is_test: false,
        contact: None,
        roots: None,
        challenge: Challenge::Http,
        is_strict: true,
        terms_accepted: true,
    }
}

/// A CA or a leaf of these octets.
fn pair(holder: Holder, octet: u8) -> KeptPair {
    let (key, mut fresh) = (SealKey::new([7; 32]), Fresh::seeded([octet; 32]));
    KeptPair::seal(holder, vec![octet; 400], b"key", &key, &mut fresh)
}

/// A first start, a renewal, and a press for a new CA; then the steps of one order, in their order.
fn steps() -> Vec<fn() -> Verdict<()>> {
    fn account() -> Account {
        Account::new(
            LETS_ENCRYPT,
            b"key",
            &SealKey::new([7; 32]),
            &mut Fresh::seeded([4; 32]),
        )
    }
    fn begun() -> Progress {
        step::begun(&acme(), None, NOW).0
    }
    vec![
        || keep::authority(pair(Holder::Authority, 1)),
        || keep::leaf(pair(Holder::Leaf, 2)),
        || keep::leaf(pair(Holder::Leaf, 3)),
        keep::forgotten,
        || keep::authority(pair(Holder::Authority, 4)),
        || set::set(typed(), Kept::default(), Some(&name()), &moment()).into(),
        || step::begun(&acme(), None, NOW).1,
        || step::account_made(account()),
        || step::account_opened(&account(), "https://ca.example.org/1".to_owned(), None, NOW).1,
        || step::failed(begun(), trouble_of(), None, NOW),
        || {
            let key = SealKey::new([7; 32]);
            let issued = Issued::seal(&acme(), vec![vec![1, 2]], b"key", &key, &mut Fresh::seeded([5; 32]));
            step::issued(issued, begun(), &[name()], reading())
        },
        || {
            let key = SealKey::new([7; 32]);
            let issued = Issued::seal(&acme(), vec![vec![3, 4]], b"key", &key, &mut Fresh::seeded([6; 32]));
            step::issued_in_part(issued, begun(), trouble_of(), None, NOW)
        },
        || set::unset(Some(&acme())).into(),
    ]
}

fn trouble_of() -> linekey::rules::certificates::acme::record::Trouble {
    linekey::rules::certificates::acme::record::Trouble::of_ca(Some("connection"), &"x".repeat(trouble::WORDS), None)
}

fn take(store: &Store, step: fn() -> Verdict<()>) -> bool {
    let turn = store.turn_now(Actor::APPLIANCE, moment(), |_, _| Ok(step()));
    matches!(turn, Ok(Ok(())))
}

#[test]
fn the_office_ca_its_leaf_and_every_step_of_an_order_are_all_or_nothing() {
    let disk = Disk::empty();
    drop(Store::over(disk.clone()).unwrap());
    let mut bytes = disk.after(Loss::All);
    for (number, step) in steps().into_iter().enumerate() {
        let whole = Disk::holding(bytes.clone());
        let store = Store::over(whole.clone()).unwrap();
        let untouched = read(&store);
        assert!(take(&store, step), "step {number}");
        let done = read(&store);
        assert_ne!(untouched, done, "step {number} changes something");
        for cut in 1.. {
            let disk = Disk::holding(bytes.clone());
            let store = Store::over(disk.clone()).unwrap();
            disk.cut_at_sync(cut);
            let is_done = take(&store, step);
            if disk.cut() {
                assert!(cut > 1 && is_done, "step {number} syncs");
                break;
            }
            drop(store);
            for loss in losses() {
                let found = read(&Store::over(Disk::holding(disk.after(loss))).unwrap());
                let holds = found == done || (found == untouched && !is_done);
                assert!(holds, "step {number}, cut {cut}, {loss:?}: {found}");
            }
        }
        drop(store);
        bytes = whole.after(Loss::All);
    }
}
