//! What is kept, in which size, and for how long.

use std::sync::Arc;

use p256::elliptic_curve::Group;
use p256::elliptic_curve::point::AffineCoordinates;
use p256::{ProjectivePoint, Scalar};

use super::{CurveTables, cost};
use crate::rules::webauthn::es256::{Key, Size, Table};

fn key_of(secret: Scalar) -> Key {
    let point = ProjectivePoint::mul_by_generator(&secret).to_affine();
    Key::from_coordinates(&point.x().into(), &point.y().into()).unwrap()
}

fn key(secret: u64) -> Key {
    key_of(Scalar::from(secret))
}

fn keep(tables: &mut CurveTables, secret: u64, size: Size) {
    tables.keep(Arc::new(Table::of(&key(secret), size)));
}

/// A key that comes until it has a table, as `http` lets it. In which size it got one.
fn come(tables: &mut CurveTables, secret: u64) -> Size {
    let uses = u64::from(CurveTables::WORTH);
    let size = (0..uses).filter_map(|_| tables.used(&key(secret))).next().unwrap();
    keep(tables, secret, size);
    size
}

fn held(tables: &CurveTables, secret: u64) -> Option<Size> {
    tables.of(&key(secret)).map(|table| table.size())
}

fn of_size(tables: &CurveTables, size: Size) -> usize {
    tables.kept.values().filter(|kept| kept.table.size() == size).count()
}

#[test]
fn a_table_is_worth_making_from_the_twenty_fourth_use_on() {
    let mut tables = CurveTables::default();
    assert!((1..24).all(|_| tables.used(&key(1)).is_none()));
    assert_eq!(tables.used(&key(1)), Some(Size::Large));
    assert_eq!(tables.used(&key(1)), Some(Size::Large), "until one is kept");
    assert!(
        (1..1000).all(|_| tables.used(&key(1)).is_some()),
        "the count does not turn over"
    );
    assert!(tables.of(&key(1)).is_none());
    keep(&mut tables, 1, Size::Large);
    assert_eq!(tables.used(&key(1)), None);
    assert_eq!((held(&tables, 1), held(&tables, 2)), (Some(Size::Large), None));
}

#[test]
fn a_key_and_its_negative_are_two() {
    let mut tables = CurveTables::default();
    keep(&mut tables, 1, Size::Small);
    assert!(tables.of(&key_of(-Scalar::ONE)).is_none());
}

#[test]
fn few_keys_have_large_tables_and_many_have_small_ones() {
    let mut tables = CurveTables::default();
    assert!((1..=29).all(|secret| come(&mut tables, secret) == Size::Large));
    assert_eq!(come(&mut tables, 30), Size::Medium);
    // The larger ones make room first: 111 medium ones leave it for one of them.
    assert!((31..=140).all(|secret| come(&mut tables, secret) == Size::Medium));
    assert_eq!([Size::Large, Size::Medium].map(|size| of_size(&tables, size)), [1, 111]);
    for secret in 141..=400 {
        come(&mut tables, secret);
    }
    assert_eq!((of_size(&tables, Size::Small), tables.kept.len()), (232, 232));
}

#[test]
fn the_tables_never_take_more_than_their_room() {
    let mut tables = CurveTables::default();
    for secret in 1..=500 {
        let size = Size::ALL[usize::try_from(secret * secret % 3).unwrap()];
        keep(&mut tables, secret, size);
        let sum: usize = tables.kept.values().map(|kept| cost(kept.table.size())).sum();
        assert_eq!(tables.held, sum);
        assert!(size_of::<CurveTables>() + sum <= CurveTables::BYTES);
        assert!(held(&tables, secret).is_some());
    }
}

#[test]
fn a_table_in_the_place_of_the_keys_own_takes_no_more() {
    let mut tables = CurveTables::default();
    keep(&mut tables, 1, Size::Small);
    keep(&mut tables, 1, Size::Large);
    assert_eq!((tables.kept.len(), tables.held), (1, cost(Size::Large)));
}

#[test]
fn the_one_not_used_for_longest_makes_room() {
    let mut tables = CurveTables::default();
    let fit = CurveTables::ROOM / cost(Size::Small);
    let last = u64::try_from(fit).unwrap() + 1;
    (1..last).for_each(|secret| keep(&mut tables, secret, Size::Small));
    assert_eq!(tables.used(&key(1)), None);
    keep(&mut tables, last, Size::Small);
    assert!(held(&tables, 1).is_some() && held(&tables, 2).is_none());
    assert!((3..=last).all(|secret| held(&tables, secret).is_some()));
}

#[test]
fn larger_tables_make_room_before_smaller_ones_that_are_older() {
    let mut tables = CurveTables::default();
    keep(&mut tables, 1, Size::Small);
    (2..=30).for_each(|secret| keep(&mut tables, secret, Size::Large));
    assert_eq!(tables.used(&key(2)), None);
    (31..=60).for_each(|secret| keep(&mut tables, secret, Size::Small));
    assert!(held(&tables, 1).is_some(), "the oldest, but small");
    assert!(held(&tables, 2).is_some(), "large, but used");
    assert!(held(&tables, 3).is_none());
}

#[test]
fn keeping_one_forgets_no_other_use() {
    let mut tables = CurveTables::default();
    assert!((1..24).all(|_| tables.used(&key(2)).is_none()));
    come(&mut tables, 1);
    assert!(tables.used(&key(2)).is_some());
}

#[test]
fn of_keys_without_a_table_the_one_not_used_for_longest_is_forgotten() {
    let mut tables = CurveTables::default();
    assert!((1..24).all(|_| tables.used(&key(1)).is_none() && tables.used(&key(2)).is_none()));
    let others = u64::try_from(CurveTables::NAMES).unwrap() - 1;
    assert!((3..3 + others - 1).all(|secret| tables.used(&key(secret)).is_none()));
    assert!(tables.used(&key(1)).is_some(), "all have a place");
    assert!(tables.used(&key(1000)).is_none());
    assert!(tables.used(&key(2)).is_none(), "it begins anew");
    assert!(tables.used(&key(1)).is_some());
}

#[test]
fn tables_take_what_is_said() {
    assert_eq!(
        Size::ALL.map(Table::bytes),
        [(32 << 10) + 88, (8 << 10) + 88, (4 << 10) + 88]
    );
    let fit = Size::ALL.map(|size| CurveTables::ROOM / cost(size));
    assert_eq!(fit, [29, 117, 232]);
}
