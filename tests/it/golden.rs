//! The bytes of every row, as schema 3 (`golden/schema-3.txt`, 2026-11-29) and schema 4 (the day after) write them.

mod backups;
mod certificates;
mod devices;
mod dump;
mod line;
mod migrated;
mod name;
mod settings;
mod watch;

use std::fmt::Write;
use std::net::IpAddr;
use std::path::Path;

use linekey::rules::change::{Change, LettersChange, OfficeChange, PeopleChange};
use linekey::rules::id::{AccountId, AdminName, DisplayName, Email, Extension, HostName};
use linekey::rules::letters::language::Language;
use linekey::rules::letters::letter::{self, Letter};
use linekey::rules::letters::relay::{Login, Relay, Security};
use linekey::rules::moment::{Fresh, Moment, Reading};
use linekey::rules::office::difference::Difference;
use linekey::rules::office::journal::{Actor, JournalLine};
use linekey::rules::office::named::Named;
use linekey::rules::office::settings::Settings;
use linekey::rules::office::time_servers::TimeServers;
use linekey::rules::people::access::Api;
use linekey::rules::people::account::{Account, AccountKind, Effort, PasswordHash, UserHandle};
use linekey::rules::people::invite::Invite;
use linekey::rules::people::one_time::{OneTime, Slot};
use linekey::rules::people::passkey::{CredentialId, Passkey};
use linekey::rules::people::session::{By, Session, Use, Used};
use linekey::rules::phones::change::PhoneChange;
use linekey::rules::secret::{SealKey, Sealed, TokenHash};
use linekey::rules::time::Date;
use linekey::rules::verdict::Verdict;
use linekey::store::Store;

use self::dump::rows;
use self::settings::settings;
use crate::program::Folder;

const NOW: Date = Date(1_795_420_800);
const MIRA: AccountId = AccountId(1);
const OWNER: AccountId = AccountId(300);

fn seen(address: &str) -> Use {
    Use {
        at: Date(NOW.0 + 1),
        address: address.parse().unwrap(),
        browser: "Firefox on Linux".to_owned(),
    }
}

fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

fn sealed(plain: &[u8]) -> Sealed {
    SealKey::new([7; 32]).seal("golden", b"row", plain, &mut Fresh::seeded([5; 32]))
}

fn accounts() -> [Account; 2] {
    [
        Account {
            id: MIRA,
            kind: AccountKind::Person(Extension::parse("101").unwrap()),
            name: DisplayName::parse("Mira Ünal").unwrap(),
            email: Some(email("mira@example.org")),
            handle: UserHandle([0xa1; 16]),
            password: Some(PasswordHash {
                effort: Effort {
                    memory: 8192,
                    passes: 3,
                },
                salt: [0xa2; 16],
                hash: [0xa3; 32],
            }),
            created: NOW,
        },
        Account {
            id: OWNER,
            kind: AccountKind::Administrator(AdminName::parse("owner").unwrap()),
            name: DisplayName::parse("Owner").unwrap(),
            email: None,
            handle: UserHandle([0xa4; 16]),
            password: None,
            created: Date(NOW.0 + 2),
        },
    ]
}

fn passkeys() -> [Passkey; 2] {
    let plain = Passkey {
        credential: CredentialId(vec![0xb1, 0xb2]),
        account: MIRA,
        public_key: vec![0xb3; 3],
        sign_count: 130,
        backup_eligible: true,
        backed_up: false,
        aaguid: [0xb4; 16],
        transports: vec!["usb".to_owned(), "internal".to_owned()],
        name: DisplayName::parse("Key").unwrap(),
        created: NOW,
        last_used: None,
    };
    let used = Passkey {
        credential: CredentialId(vec![0xb5]),
        account: OWNER,
        backup_eligible: false,
        backed_up: true,
        transports: Vec::new(),
        created: Date(NOW.0 + 3),
        last_used: Some(seen("2001:db8::7")),
        ..plain.clone()
    };
    [plain, used]
}

fn sessions() -> Vec<Session> {
    let by = [By::Passkey, By::Password, By::Link, By::OneTime];
    let each = by.into_iter().zip(0_u8..).map(|(by, number)| Session {
        hash: TokenHash([0xc0 + number; 32]),
        account: MIRA,
        by,
        opened: NOW,
        proved: Date(NOW.0 + 4),
        proved_by: [By::Passkey, By::Password, By::Link, By::Passkey][usize::from(number)],
        passkey: (by == By::Passkey).then(|| CredentialId(vec![0xb1, 0xb2])),
        until: Date(NOW.0 + 5),
        public_computer: number % 2 == 1,
        last_used: seen(if number < 2 { "192.0.2.9" } else { "2001:db8::9" }),
    });
    each.collect()
}

fn invite() -> Invite {
    Invite {
        hash: TokenHash([0xd1; 32]),
        account: MIRA,
        until: Date(NOW.0 + 6),
    }
}

fn letters() -> Vec<Letter> {
    use letter::LetterKind::{Invite, LockedOut, PasskeyAdded, PasskeyDeleted, Reset};
    let kinds = [Invite, Reset, PasskeyAdded, PasskeyDeleted, LockedOut];
    let each = kinds.into_iter().zip(0_u32..).map(|(kind, number)| Letter {
        to: email("mira@example.org"),
        about: MIRA,
        kind,
        queued: NOW,
        next: Date(NOW.0 + 7),
        tries: number,
        said: (number % 2 == 1).then(|| "550 no".to_owned()),
        given_up: number > 2,
        content: sealed(b"text"),
    });
    each.collect()
}

fn api() -> Api {
    Api {
        secret: TokenHash([0xe1; 32]),
        since: NOW,
        last_used: None,
    }
}

fn relay(security: Security) -> Relay {
    Relay {
        server: "mail.example.org".to_owned(),
        port: 465,
        security,
        login: (security != Security::None).then(|| Login {
            username: "pbx".to_owned(),
            password: sealed(b"password"),
        }),
        sender: email("pbx@example.org"),
        roots: (security == Security::StartTls).then(|| "PEM".to_owned()),
    }
}

fn one_time(spent: bool) -> OneTime {
    OneTime {
        username: AdminName::parse("owner").unwrap(),
        mark: SealKey::new([7; 32]).mark("golden", "mark"),
        armed: NOW,
        spent,
    }
}

fn named() -> Named {
    Named {
        name: HostName::parse("pbx.example.org").unwrap(),
        since: NOW,
    }
}

/// One change of each row's every form.
fn changes() -> Vec<Change> {
    let ranges = ["192.168.1.0/24", "2001:db8::/32"].map(|text| text.parse().unwrap());
    let mut changes = Vec::new();
    changes.extend(accounts().map(|row| Change::People(PeopleChange::AccountAdded(row))));
    changes.extend(passkeys().map(|row| Change::People(PeopleChange::PasskeyAdded(row))));
    changes.extend(
        sessions()
            .into_iter()
            .map(|row| Change::People(PeopleChange::SessionOpened(row))),
    );
    changes.push(Change::People(PeopleChange::InviteIssued(invite())));
    changes.extend(
        letters()
            .into_iter()
            .map(|row| Change::Letters(LettersChange::LetterQueued(row))),
    );
    changes.push(Change::People(PeopleChange::RangesChanged(
        OWNER,
        ranges.to_vec(),
        Difference::default(),
    )));
    changes.push(Change::People(PeopleChange::ApiOpened(OWNER, api())));
    changes.push(Change::People(PeopleChange::Used(vec![(
        Used::Api(OWNER),
        seen("192.0.2.8"),
    )])));
    changes.push(Change::People(PeopleChange::RangesChanged(
        MIRA,
        ranges.to_vec(),
        Difference::default(),
    )));
    for (language, account) in Language::ALL.into_iter().zip(1..) {
        changes.push(Change::Letters(LettersChange::LanguageLearnt(
            AccountId(account),
            language,
        )));
    }
    changes.extend(
        devices::devices()
            .into_iter()
            .map(|row| Change::Phones(PhoneChange::DeviceAdded(row))),
    );
    changes.extend(line::changes().into_iter().map(Change::Phones));
    changes.push(Change::Office(OfficeChange::SettingsChanged(
        settings(),
        Difference::default(),
    )));
    changes.push(Change::Office(OfficeChange::Named(named())));
    changes.push(Change::Office(OfficeChange::Tuned(Effort {
        memory: 16384,
        passes: 2,
    })));
    let armed = [(Slot::Flags, false), (Slot::Console, true)];
    changes.extend(armed.map(|(slot, spent)| OfficeChange::OneTimeArmed(slot, one_time(spent)).into()));
    changes.extend(backups::changes().map(Change::Office));
    let asked = TimeServers::parse("192.168.1.1, time.example.org").unwrap();
    changes.push(Change::Office(OfficeChange::TimeServersChanged(asked)));
    changes.extend(certificates::changes().into_iter().map(Change::Office));
    changes.extend(watch::changes().into_iter().map(Change::Office));
    changes.extend(name::changes().map(Change::Office));
    changes
}

fn write(store: &Store, changes: Vec<Change>, address: &str) {
    let reading = Reading {
        date: NOW,
        known: true,
        running: Date(0),
    };
    let actor = Actor {
        account: Some(OWNER),
        address: Some(address.parse::<IpAddr>().unwrap()),
    };
    let turn = store.turn_now(actor, Moment::new(reading, [1; 32]), |_, _| {
        Ok(Verdict::yes((), changes))
    });
    turn.unwrap().unwrap();
}

/// A store with every form of every row, under each of the mail server's kinds of security.
fn filled(path: &Path, security: Security) -> Store {
    let store = Store::open(path).unwrap();
    write(&store, changes(), "192.0.2.1");
    write(
        &store,
        vec![Change::Letters(LettersChange::RelaySet(
            relay(security),
            Difference::default(),
        ))],
        "2001:db8::1",
    );
    store
}

#[test]
fn every_row_has_the_bytes_of_schema_4() {
    let mut found = String::new();
    for security in [Security::Tls, Security::StartTls, Security::None] {
        let folder = Folder::new();
        let path = folder.path().join("linekey.redb");
        drop(filled(&path, security));
        let text = rows(&path);
        if found.is_empty() {
            found = text;
        } else {
            // All that differs between the three: the mail server's row, and nothing else.
            let relay = text.lines().find(|line| line.starts_with("72656c6179 "));
            writeln!(found, "{}", relay.unwrap()).unwrap();
        }
    }
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden/schema-4.txt");
    let kept = std::fs::read_to_string(&golden).unwrap_or_default();
    assert!(
        kept == found,
        "rows have other bytes than {}:\n{found}",
        golden.display()
    );
}

#[test]
fn every_row_is_read_as_it_was_written() {
    for security in [Security::Tls, Security::StartTls, Security::None] {
        let folder = Folder::new();
        let store = filled(&folder.path().join("linekey.redb"), security);
        holds(&store, security, &sessions(), &settings());
        assert_eq!(store.read(|facts| facts.devices()).unwrap(), devices::devices());
        certificates::hold(&store);
        watch::hold(&store);
        name::hold(&store);
        assert_eq!(store.read(|facts| facts.line_places()).unwrap(), line::places());
    }
}

/// Demands that the store has these rows, but for devices.
#[track_caller]
fn holds(store: &Store, security: Security, sessions: &[Session], settings: &Settings) {
    store
        .read(|facts| {
            for account in accounts() {
                assert_eq!(facts.account(account.id)?, Some(account));
            }
            for passkey in passkeys() {
                assert_eq!(facts.passkey(&passkey.credential)?, Some(passkey));
            }
            for session in sessions {
                assert_eq!(facts.session(session.hash)?.as_ref(), Some(session));
            }
            assert_eq!(facts.invite_of(MIRA)?, Some(invite()));
            let revived = letters().into_iter().map(|letter| letter.revived(NOW)).zip(0..);
            let revived: Vec<(u64, Letter)> = revived.map(|(letter, id)| (id, letter)).collect();
            assert_eq!(facts.letters()?, revived);
            let reach = facts.access(OWNER)?;
            assert_eq!(reach.ranges.len(), 2);
            let used = Some(seen("192.0.2.8"));
            assert_eq!(
                reach.api,
                Some(Api {
                    last_used: used,
                    ..api()
                })
            );
            for (language, account) in Language::ALL.into_iter().zip(1..) {
                assert_eq!(facts.language(AccountId(account))?, Some(language));
            }
            assert_eq!(&facts.settings()?, settings);
            assert_eq!(facts.named()?, Some(named()));
            assert_eq!(facts.relay()?, Some(relay(security)));
            assert_eq!(
                facts.effort()?,
                Some(Effort {
                    memory: 16384,
                    passes: 2
                })
            );
            assert_eq!(facts.one_time(Slot::Flags)?, Some(one_time(false)));
            assert_eq!(facts.one_time(Slot::Console)?, Some(one_time(true)));
            let (_, last) = facts.journal(None, 1, |_| true)?.remove(0);
            let line = JournalLine {
                at: NOW,
                who: "owner".to_owned(),
                address: Some("2001:db8::1".parse().unwrap()),
                event: "mail-changed".to_owned(),
                about: "mail.example.org".to_owned(),
            };
            assert_eq!(last, line);
            Ok(())
        })
        .unwrap();
}
