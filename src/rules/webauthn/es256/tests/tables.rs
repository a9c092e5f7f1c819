//! What is kept, and for how long.

use std::sync::Arc;

use p256::Scalar;

use super::super::{Key, Table, Tables};
use super::cases::point;

fn key(secret: u64) -> Key {
    Key::at(&point(&Scalar::from(secret)))
}

fn keep(tables: &mut Tables, key: &Key) {
    tables.keep(Arc::new(Table::of(key)));
}

#[test]
fn a_table_is_worth_making_from_the_second_use_on() {
    let mut tables = Tables::default();
    assert!(!tables.used(&key(1)));
    assert!(tables.used(&key(1)));
    assert!(tables.used(&key(1)), "until one is kept");
    assert!(tables.of(&key(1)).is_none());
    keep(&mut tables, &key(1));
    assert!(!tables.used(&key(1)));
    assert!(tables.of(&key(1)).is_some());
    assert!(tables.of(&key(2)).is_none());
}

#[test]
fn a_key_and_its_negative_are_two() {
    let mut tables = Tables::default();
    keep(&mut tables, &key(1));
    assert!(tables.of(&Key::at(&point(&-Scalar::ONE))).is_none());
}

#[test]
fn the_one_not_used_for_longest_makes_room() {
    let mut tables = Tables::default();
    let last = Tables::COUNT as u64 + 1;
    (1..last).for_each(|secret| keep(&mut tables, &key(secret)));
    assert!(!tables.used(&key(1)));
    keep(&mut tables, &key(last));
    assert!(tables.of(&key(1)).is_some());
    assert!(tables.of(&key(2)).is_none());
    assert!((3..=last).all(|secret| tables.of(&key(secret)).is_some()));
    keep(&mut tables, &key(last + 1));
    assert!(tables.of(&key(3)).is_none() && tables.of(&key(last - 1)).is_some());
    // The first was used after all that were there then, and before all that came later.
    (last + 2..2 * last - 2).for_each(|secret| keep(&mut tables, &key(secret)));
    assert!(tables.of(&key(1)).is_some() && tables.of(&key(last - 1)).is_none());
    keep(&mut tables, &key(2 * last));
    assert!(tables.of(&key(1)).is_none() && tables.of(&key(last)).is_some());
}

#[test]
fn keeping_one_forgets_no_other_use() {
    let mut tables = Tables::default();
    assert!((1..=2).all(|secret| !tables.used(&key(secret))));
    keep(&mut tables, &key(1));
    assert!(tables.used(&key(2)));
}

#[test]
fn all_tables_take_what_is_said() {
    assert_eq!(Table::BYTES, 8_272);
    // A table and, in front of it, its two counts of who holds it.
    assert_eq!(Tables::BYTES - size_of::<Tables>(), 124 * (8_272 + 16));
}

#[test]
fn keys_used_once_are_forgotten_in_the_order_they_came() {
    let mut tables = Tables::default();
    let last = Tables::NAMES as u64 + 1;
    assert!((1..=last).all(|secret| !tables.used(&key(secret))));
    assert!(tables.used(&key(2)));
    assert!(!tables.used(&key(1)));
}

// The budget: 16 KiB for a credential, 1 MiB in all, of which nothing lies idle.
const _: () = assert!(Table::BYTES <= 16 << 10);
const _: () = assert!(Tables::BYTES <= 1 << 20);
const _: () = assert!(Tables::BYTES + Table::BYTES > 1 << 20);
