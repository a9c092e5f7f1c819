//! The rows of certificates.

use linekey::rules::certificates::acme::record::{Account, Acme, Challenge, Issued, Progress, Trouble};
use linekey::rules::certificates::kept::KeptPair;
use linekey::rules::change::OfficeChange;
use linekey::rules::time::Date;
use linekey::store::Store;

use super::{NOW, email, sealed};

const DIRECTORY: &str = "https://ca.example.org/directory";
const OTHER: &str = "https://other.example.org/directory";

fn acme() -> Acme {
    Acme {
        directory: DIRECTORY.to_owned(),
        is_test: true,
        contact: Some(email("owner@example.org")),
        roots: Some("PEM".to_owned()),
        challenge: Challenge::TlsAlpn,
        is_strict: false,
        before: Some(OTHER.to_owned()),
    }
}

fn progress() -> [Progress; 2] {
    let failing = Progress {
        directory: DIRECTORY.to_owned(),
        failures: 3,
        next: Some(Date(NOW.0 + 60)),
        trouble: Some(Trouble {
            said: "no".to_owned(),
            kind: Some("connection".to_owned()),
            address: Some("2001:db8::1".parse().unwrap()),
        }),
        tried: Some(NOW),
    };
    let well = Progress {
        directory: OTHER.to_owned(),
        ..Progress::default()
    };
    [failing, well]
}

fn pair(number: u8) -> KeptPair {
    KeptPair {
        certificate: vec![number; 3],
        key: sealed(b"key"),
    }
}

pub(super) fn changes() -> Vec<OfficeChange> {
    let account = Account {
        directory: DIRECTORY.to_owned(),
        key: sealed(b"key"),
        url: Some("https://ca.example.org/account/1".to_owned()),
        contact: Some(email("owner@example.org")),
        opened: vec![NOW],
    };
    let issued = Issued {
        directory: DIRECTORY.to_owned(),
        chain: vec![vec![0xa1; 3], vec![0xa2; 2]],
        key: sealed(b"key"),
        is_test: true,
    };
    let mut changes = vec![
        OfficeChange::AuthorityMade(pair(0xc1)),
        OfficeChange::LeafIssued(pair(0xc2)),
        OfficeChange::StrictTransport(true),
        OfficeChange::AcmeSet(acme()),
        OfficeChange::AcmeAccount(account),
        OfficeChange::AcmeIssued(issued),
    ];
    changes.extend(progress().map(OfficeChange::AcmeProgressed));
    changes
}

#[track_caller]
pub(super) fn hold(store: &Store) {
    store
        .read(|facts| {
            assert_eq!(facts.acme()?, Some(acme()));
            for kept in progress() {
                assert_eq!(facts.acme_progress(&kept.directory)?, Some(kept));
            }
            let account = facts.acme_account(DIRECTORY)?.unwrap();
            assert_eq!(account.url.as_deref(), Some("https://ca.example.org/account/1"));
            assert_eq!((account.opened, account.key), (vec![NOW], sealed(b"key")));
            let issued = facts.acme_certificate(DIRECTORY)?.unwrap();
            assert_eq!((issued.chain.len(), issued.is_test), (2, true));
            assert!(facts.acme_account(OTHER)?.is_none() && facts.acme_certificate(OTHER)?.is_none());
            assert_eq!(facts.leaf()?.unwrap().certificate, vec![0xc2; 3]);
            assert!(facts.is_strict()?);
            Ok(())
        })
        .unwrap();
}
