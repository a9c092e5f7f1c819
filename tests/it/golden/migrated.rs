//! A store made of schema 3's golden bytes is read as what was written then.

use std::path::Path;

use data_encoding::HEXLOWER;
use linekey::rules::letters::relay::Security;
use linekey::rules::office::settings::{Clock, Phones, Settings};
use linekey::rules::people::session::Session;
use linekey::store::Store;
use redb::{Database, Key, TableDefinition, Value, WriteTransaction};

use super::dump::rows;
use super::{holds, sessions, settings};
use crate::program::Folder;

const SCHEMA_3: &str = include_str!("schema-3.txt");
/// `relay` in hexadecimal digits.
const RELAY: &str = "72656c6179 ";

/// The golden lines of a table; of the mail server's three rows the one in that place.
fn lines(table: &str, relay: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
    let (_, after) = SCHEMA_3
        .split_once(&format!("[{table}]\n"))
        .expect("the table is there");
    let (own, _) = after.split_once('[').unwrap_or((after, ""));
    let relays: Vec<&str> = SCHEMA_3.lines().filter(|line| line.starts_with(RELAY)).collect();
    let wanted = own.lines().filter_map(|line| match (line.starts_with(RELAY), table) {
        (true, "meta") => Some(relays[relay]),
        (true, _) => None,
        (false, _) => Some(line),
    });
    let bytes = |hex: &str| HEXLOWER.decode(hex.as_bytes()).unwrap();
    wanted
        .map(|line| line.split_once(' ').unwrap())
        .map(|(key, value)| (bytes(key), bytes(value)))
        .collect()
}

fn fill<K: Key + 'static, V: Value + 'static>(turn: &WriteTransaction, name: &str, relay: usize) {
    let mut table = turn.open_table(TableDefinition::<K, V>::new(name)).unwrap();
    for (key, value) in lines(name, relay) {
        table.insert(K::from_bytes(&key), V::from_bytes(&value)).unwrap();
    }
}

/// The file as the last version of schema 3 leaves it: its tables, and no others.
fn made_of_golden_bytes(path: &Path, relay: usize) {
    let database = Database::create(path).unwrap();
    let turn = database.begin_write().unwrap();
    fill::<&str, &[u8]>(&turn, "meta", relay);
    fill::<u64, &[u8]>(&turn, "accounts", relay);
    fill::<&str, u64>(&turn, "usernames", relay);
    fill::<(u8, &str), u64>(&turn, "extensions", relay);
    fill::<&[u8], &[u8]>(&turn, "passkeys", relay);
    fill::<(u64, &[u8]), ()>(&turn, "passkeys-of", relay);
    fill::<&[u8; 32], &[u8]>(&turn, "sessions", relay);
    fill::<(u64, &[u8; 32]), ()>(&turn, "sessions-of", relay);
    fill::<&[u8; 32], &[u8]>(&turn, "invites", relay);
    fill::<u64, &[u8; 32]>(&turn, "invite-of", relay);
    fill::<u64, &[u8]>(&turn, "reach", relay);
    fill::<u64, &[u8]>(&turn, "languages", relay);
    fill::<u64, &[u8]>(&turn, "outbox", relay);
    fill::<u64, &[u8]>(&turn, "journal", relay);
    turn.commit().unwrap();
}

#[test]
fn every_row_of_schema_3_is_read_and_its_file_is_kept_aside() {
    // What schema 3 did not know: of a session by which passkey it was opened, and that it could be proved in another
    // way than it was opened; of the office, its phones.
    let known: Vec<Session> = sessions()
        .into_iter()
        .map(|session| Session {
            passkey: None,
            proved_by: session.by,
            ..session
        })
        .collect();
    let settings = Settings {
        phones: Phones::default(),
        clock: Clock::default(),
        ..settings()
    };
    for (security, relay) in [Security::Tls, Security::StartTls, Security::None].into_iter().zip(0..) {
        let folder = Folder::new();
        let path = folder.path().join("linekey.redb");
        made_of_golden_bytes(&path, relay);
        let before = std::fs::read(&path).unwrap();
        let store = Store::open(&path).unwrap();
        holds(&store, security, &known, &settings);
        let devices = store
            .read(|facts| Ok((facts.devices()?, facts.next_device()?.0)))
            .unwrap();
        assert_eq!(devices, (Vec::new(), 1));
        drop(store);
        let aside = folder.path().join("linekey.redb.schema-3");
        assert_eq!(std::fs::read(aside).unwrap().len(), before.len());
        assert!(rows(&path).contains("736368656d61 04000000"), "the schema is 4 now");
    }
}
