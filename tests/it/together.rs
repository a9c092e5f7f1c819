//! Turns that share a commit: each is whole or absent, none is answered before it is on the disk, and their order is
//! kept.

use std::sync::mpsc;
use std::thread;

use linekey::rules::change::{Change, LettersChange, PeopleChange};
use linekey::rules::id::{AccountId, DisplayName, Extension};
use linekey::rules::letters::language::Language;
use linekey::rules::moment::{Moment, Reading};
use linekey::rules::office::journal::Actor;
use linekey::rules::people::account::{Account, AccountKind};
use linekey::rules::people::passkey::{CredentialId, Passkey};
use linekey::rules::refusal::Refusal;
use linekey::rules::time::Date;
use linekey::rules::verdict::Verdict;
use linekey::store::{Fault, Store};
use redb::{Database, TableDefinition};
use smol::Task;

use crate::disk::{Disk, Loss};
use crate::program::Folder;

type Outcome<T> = Result<Result<T, Refusal>, Fault>;

pub fn moment(number: u64) -> Moment {
    let reading = Reading {
        date: Date(1_795_420_800 + number),
        known: true,
        running: Date(0),
    };
    Moment::new(reading, [7; 32])
}

/// The changes that add person `number`, in two tables at least, and the language of their letters.
pub fn person(id: AccountId, number: u64) -> Vec<Change> {
    let extension = Extension::parse(&(1000 + number).to_string()).unwrap();
    let name = DisplayName::parse("Somebody").unwrap();
    let account = Account::new(id, AccountKind::Person(extension), name, None, &mut moment(number));
    vec![
        Change::People(PeopleChange::AccountAdded(account)),
        Change::Letters(LettersChange::LanguageLearnt(id, Language::French)),
    ]
}

/// Which persons there are, by number in the order of their accounts; each must be there as a whole.
pub fn persons(store: &Store) -> Vec<u64> {
    let found = store.read(|facts| {
        let mut found = Vec::new();
        for id in 1..facts.next_account()?.0 {
            let account = facts.account(AccountId(id))?.expect("numbers have no gaps");
            assert_eq!(facts.language(account.id)?, Some(Language::French), "half a turn");
            let number: u64 = account.username().parse().unwrap();
            assert_eq!(facts.account_by_username(&account.kind.username())?, Some(account));
            found.push(number - 1000);
        }
        let lines = facts.journal(None, 1000, |_| true)?.len();
        assert_eq!(lines, found.len(), "half a turn: one line of the journal each");
        Ok(found)
    });
    found.expect("the store can be read")
}

pub fn add(store: &Store, number: u64) -> Task<Outcome<u64>> {
    let store = store.clone();
    smol::spawn(async move {
        let turn = store.turn(Actor::APPLIANCE, moment(number), move |facts, _| {
            let id = facts.next_account()?;
            Ok(Verdict::yes(id.0, person(id, number)))
        });
        turn.await
    })
}

/// Runs `gather` while the writer is at work, so that what is queued in it waits for one commit.
fn while_the_writer_works<T>(store: &Store, gather: impl FnOnce() -> T) -> T {
    let (begun, begins) = mpsc::channel();
    let (leave, left) = mpsc::channel::<()>();
    let at_work = store.clone();
    let writer = thread::spawn(move || {
        at_work.turn_now(Actor::APPLIANCE, moment(0), |_, _| {
            begun.send(()).unwrap();
            left.recv().unwrap();
            Ok(Verdict::yes((), Vec::new()))
        })
    });
    begins.recv().unwrap();
    let gathered = gather();
    leave.send(()).unwrap();
    writer.join().unwrap().unwrap().unwrap();
    gathered
}

/// Turns that wait at once, in this order. Polled once each, by hand: then they are queued.
fn queue(store: &Store, numbers: impl Iterator<Item = u64>) -> Vec<Task<Outcome<u64>>> {
    let executor = smol::LocalExecutor::new();
    let queued = numbers.map(|number| {
        let store = store.clone();
        let mut turn = Box::pin(async move {
            let turn = store.turn(Actor::APPLIANCE, moment(number), move |facts, _| {
                let id = facts.next_account()?;
                Ok(Verdict::yes(id.0, person(id, number)))
            });
            turn.await
        });
        let early = smol::block_on(executor.run(async { smol::future::poll_once(turn.as_mut()).await }));
        assert!(early.is_none(), "answered while another turn writes");
        smol::spawn(turn)
    });
    queued.collect()
}

#[test]
fn sixty_four_turns_at_once_share_a_commit_and_keep_their_order() {
    let disk = Disk::empty();
    let store = Store::over(disk.clone()).unwrap();
    let before = disk.syncs();
    let turns = while_the_writer_works(&store, || queue(&store, 0..64));
    let told: Vec<u64> = turns
        .into_iter()
        .map(|turn| smol::block_on(turn).unwrap().unwrap())
        .collect();
    assert_eq!(
        told,
        (1..=64).collect::<Vec<_>>(),
        "each saw what those before it wrote"
    );
    assert_eq!(persons(&store), (0..64).collect::<Vec<_>>());
    let syncs = disk.syncs() - before;
    assert!(syncs <= 4, "{syncs} syncs for 64 turns");
}

#[test]
fn a_batch_is_bounded() {
    let disk = Disk::empty();
    let store = Store::over(disk.clone()).unwrap();
    let before = disk.syncs();
    let turns = while_the_writer_works(&store, || queue(&store, 0..150));
    turns
        .into_iter()
        .for_each(|turn| assert!(smol::block_on(turn).unwrap().is_ok()));
    let syncs = disk.syncs() - before;
    assert!((3..=6).contains(&syncs), "{syncs} syncs for 150 turns of 64 a batch");
}

#[test]
fn of_turns_that_share_a_commit_each_is_whole_or_absent_and_what_was_answered_is_there() {
    for cut in 1.. {
        let disk = Disk::empty();
        let store = Store::over(disk.clone()).unwrap();
        assert!(smol::block_on(add(&store, 0)).unwrap().is_ok());
        disk.cut_at_sync(cut);
        // Two batches: one of three turns, one of two.
        let mut outcomes = Vec::new();
        for numbers in [1..4, 4..6] {
            if disk.is_dead() {
                break;
            }
            let turns = while_the_writer_works(&store, || queue(&store, numbers));
            outcomes.extend(turns.into_iter().map(smol::block_on));
        }
        let answered = 1 + outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        if disk.cut() {
            assert!(cut > 2 && answered == 6, "two commits sync twice");
            return;
        }
        for loss in [Loss::All, Loss::None].into_iter().chain((0..12).map(Loss::Some)) {
            let found = persons(&Store::over(Disk::holding(disk.after(loss))).unwrap());
            let whole: Vec<u64> = (0..6).take(found.len()).collect();
            assert_eq!(found, whole, "in the order of their turns");
            assert!(
                found.len() >= answered,
                "cut at {cut}, {loss:?}: {found:?} of {answered} answered"
            );
            assert!([1, 4, 6].contains(&found.len()), "a commit in part: {found:?}");
        }
    }
}

#[test]
fn a_turn_is_taken_though_its_caller_goes_away() {
    let store = Store::over(Disk::empty()).unwrap();
    while_the_writer_works(&store, || drop(queue(&store, 0..1)));
    assert!(smol::block_on(add(&store, 1)).unwrap().is_ok());
    assert_eq!(persons(&store), [0, 1]);
}

#[test]
fn a_refusal_and_a_fault_among_others_write_nothing_and_hold_nobody_up() {
    let store = Store::over(Disk::empty()).unwrap();
    let (refused, broken) = (store.clone(), store.clone());
    let (first, refused, broken, last) = while_the_writer_works(&store, || {
        let first = queue(&store, 0..1);
        let refused = smol::spawn(async move {
            let turn = refused.turn(Actor::APPLIANCE, moment(1), |_, _| {
                Ok(Verdict::<()>::no(Refusal::NotFound))
            });
            turn.await
        });
        let broken = smol::spawn(async move {
            let turn = broken.turn(Actor::APPLIANCE, moment(2), |_, _| {
                Err::<Verdict<()>, _>(Fault::Memory("hash a password"))
            });
            turn.await
        });
        (first, refused, broken, queue(&store, 3..4))
    });
    assert_eq!(smol::block_on(refused).unwrap(), Err(Refusal::NotFound));
    assert!(matches!(smol::block_on(broken), Err(Fault::Memory(_))));
    for turn in first.into_iter().chain(last) {
        assert!(smol::block_on(turn).unwrap().is_ok());
    }
    let mut found = persons(&store);
    found.sort_unstable();
    assert_eq!(found, [0, 3]);
}

/// The row of the one account cannot be read any more.
fn with_a_corrupt_account(folder: &Folder) -> Store {
    let path = folder.path().join("linekey.redb");
    let store = Store::open(&path).unwrap();
    assert!(smol::block_on(add(&store, 0)).unwrap().is_ok());
    drop(store);
    // The writer may hold the store for a moment yet.
    let database = std::iter::repeat_with(|| Database::open(&path))
        .find_map(Result::ok)
        .unwrap();
    let turn = database.begin_write().unwrap();
    let accounts: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("accounts");
    turn.open_table(accounts).unwrap().insert(1, [0xff].as_slice()).unwrap();
    turn.commit().unwrap();
    drop(database);
    Store::open(&path).unwrap()
}

/// Its changes cannot be applied to the end: those before are taken back, and the turns around it are whole.
#[test]
fn a_turn_that_fails_half_way_leaves_nothing_and_harms_no_other() {
    let folder = Folder::new();
    let store = with_a_corrupt_account(&folder);
    let learn = |account: u64| {
        let store = store.clone();
        let mut turn = Box::pin(async move {
            let changes = vec![Change::Letters(LettersChange::LanguageLearnt(
                AccountId(account),
                Language::German,
            ))];
            let turn = store.turn(Actor::APPLIANCE, moment(1), |_, _| Ok(Verdict::yes((), changes)));
            turn.await
        });
        assert!(smol::block_on(smol::future::poll_once(turn.as_mut())).is_none());
        smol::spawn(turn)
    };
    let credential = CredentialId(vec![1, 2, 3]);
    let passkey = Passkey {
        credential: credential.clone(),
        account: AccountId(50),
        public_key: Vec::new(),
        sign_count: 0,
        backup_eligible: false,
        backed_up: false,
        aaguid: [0; 16],
        transports: Vec::new(),
        name: DisplayName::parse("Key").unwrap(),
        created: Date(1),
        last_used: None,
    };
    let halfway = store.clone();
    let (before, failed, after) = while_the_writer_works(&store, || {
        let before = learn(60);
        let mut failing = Box::pin(async move {
            let changes = vec![
                Change::People(PeopleChange::PasskeyAdded(passkey)),
                Change::People(PeopleChange::PasswordRemoved(AccountId(1))),
            ];
            let turn = halfway.turn(Actor::APPLIANCE, moment(1), |_, _| Ok(Verdict::yes((), changes)));
            turn.await
        });
        assert!(smol::block_on(smol::future::poll_once(failing.as_mut())).is_none());
        (before, smol::spawn(failing), learn(61))
    });
    let fault = smol::block_on(failed).unwrap_err();
    assert!(matches!(fault, Fault::Corrupt { table: "accounts", .. }), "{fault:?}");
    assert!(fault.changed_nothing() && std::error::Error::source(&fault).is_some());
    assert!(smol::block_on(before).unwrap().is_ok() && smol::block_on(after).unwrap().is_ok());
    let found = store.read(|facts| {
        let languages = [facts.language(AccountId(60))?, facts.language(AccountId(61))?];
        Ok((
            facts.passkey(&credential)?,
            facts.passkeys_of(AccountId(50))?.len(),
            languages,
        ))
    });
    assert_eq!(found.unwrap(), (None, 0, [Some(Language::German); 2]));
}
