//! A store's rows as text.

use std::fmt::Write;
use std::path::Path;

use redb::{Database, Key, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition, Value};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn dump<K: Key + 'static, V: Value + 'static>(view: &ReadTransaction, name: &str) -> String {
    let table = view.open_table(TableDefinition::<K, V>::new(name)).unwrap();
    let mut text = format!("[{name}]\n");
    for entry in table.iter().unwrap() {
        let (key, value) = entry.unwrap();
        let (key, value) = (key.value(), value.value());
        let (key, value) = (K::as_bytes(&key), V::as_bytes(&value));
        writeln!(text, "{} {}", hex(key.as_ref()), hex(value.as_ref())).unwrap();
    }
    text
}

/// Every row of every table: its key in hexadecimal digits, then its bytes.
pub fn rows(path: &Path) -> String {
    let database = Database::open(path).unwrap();
    let view = database.begin_read().unwrap();
    let tables = [
        dump::<&str, &[u8]>(&view, "meta"),
        dump::<u64, &[u8]>(&view, "accounts"),
        dump::<&str, u64>(&view, "usernames"),
        dump::<(u8, &str), u64>(&view, "extensions"),
        dump::<(u64, &[u8]), &[u8]>(&view, "account-passkeys"),
        dump::<&[u8], u64>(&view, "passkey-owners"),
        dump::<(u64, &[u8; 32]), &[u8]>(&view, "account-sessions"),
        dump::<&[u8; 32], u64>(&view, "session-owners"),
        dump::<&[u8; 32], &[u8]>(&view, "invites"),
        dump::<u64, &[u8; 32]>(&view, "invite-of"),
        dump::<u64, &[u8]>(&view, "reach"),
        dump::<u64, &[u8]>(&view, "languages"),
        dump::<u64, &[u8]>(&view, "devices"),
        dump::<u64, &[u8]>(&view, "line"),
        dump::<u64, &[u8]>(&view, "outbox"),
        dump::<u64, &[u8]>(&view, "journal"),
    ];
    let known = view.list_tables().unwrap().count();
    assert_eq!(known, tables.len(), "a table that is not compared");
    tables.concat()
}
