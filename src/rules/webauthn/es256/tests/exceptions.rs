//! Where the formulas of `point.rs` do not hold: a sum that meets its own point or the negative of it, or ends in
//! infinity.

use p256::elliptic_curve::point::DecompressPoint;
use p256::elliptic_curve::{Curve, PrimeField};
use p256::{AffinePoint, NistP256, ProjectivePoint, Scalar, U256};

use super::super::comb::Comb;
use super::super::point::{Affine, Sign, Sum, affine};
use super::super::signature::{Signature, above_order};
use super::super::{Generator, Key, Size, Table, point::Field};
use super::cases::{Case, Cases, der, point, power};
use super::{tables, verdict};

/// What a check does: it doubles, or it adds a known multiple of the key or of the generator.
enum Step {
    Double,
    Key(Scalar),
    Generator(Scalar),
}

/// The multiples that a comb adds in a row, from the definition: a scalar's digits are ±1, entry j of the row stands
/// for Σ ±2^(i · columns + j · rows).
fn comb_row(teeth: usize, tables: usize, scalar: &Scalar, row: usize) -> Vec<Scalar> {
    let columns = 256_usize.div_ceil(teeth);
    let rows = columns.div_ceil(tables);
    let ones = (scalar + &(power(teeth * columns) - Scalar::ONE)) * Scalar::TWO_INV;
    let bytes = ones.to_bytes();
    let one = |bit: usize| bit < 256 && bytes[31 - bit / 8] >> (bit % 8) & 1 == 1;
    let entry = |table: usize| {
        let digit = |tooth: usize| {
            let worth = power(tooth * columns + table * rows);
            if one(tooth * columns + table * rows + row) {
                worth
            } else {
                -worth
            }
        };
        (0..teeth).map(digit).sum()
    };
    if row >= rows {
        Vec::new()
    } else {
        (0..tables)
            .filter(|table| table * rows + row < columns)
            .map(entry)
            .collect()
    }
}

/// Teeth and tables of a key's comb.
fn shape(size: Size) -> (usize, usize) {
    match size {
        Size::Small => (6, 2),
        Size::Medium => (6, 4),
        Size::Large => (8, 4),
    }
}

fn steps(size: Size, u1: &Scalar, u2: &Scalar) -> Vec<Step> {
    let (teeth, tables) = shape(size);
    let row = |row| {
        let key = comb_row(teeth, tables, u2, row).into_iter().map(Step::Key);
        let generator = comb_row(10, 3, u1, row).into_iter().map(Step::Generator);
        [Step::Double].into_iter().chain(key).chain(generator)
    };
    (0..22).rev().flat_map(row).collect()
}

/// The secrets for which some addition meets its own point, or the negative of it: before each step the sum is
/// (a d + b) G; it is met by c d G where a d + b = ±c d, by c G where a d + b = ±c.
fn collisions(steps: &[Step]) -> Vec<Scalar> {
    let (mut a, mut b) = (Scalar::ZERO, Scalar::ZERO);
    let mut secrets = Vec::new();
    for step in steps {
        let solve = |over: Scalar, under: Scalar| under.invert().into_option().map(|inverse| over * inverse);
        match step {
            Step::Double => (a, b) = (a.double(), b.double()),
            Step::Key(c) => {
                secrets.extend(solve(-b, a - c));
                secrets.extend(solve(-b, a + c));
                a += c;
            }
            Step::Generator(c) => {
                secrets.extend(solve(c - &b, a));
                secrets.extend(solve(-c - b, a));
                b += c;
            }
        }
    }
    secrets.retain(|secret| *secret != Scalar::ZERO);
    secrets
}

fn key(d: &Scalar) -> Key {
    Key::at(&point(d))
}

#[test]
fn every_addition_of_a_check_may_meet_its_own_point() {
    for (size, fewest) in [(Size::Small, 80), (Size::Medium, 110), (Size::Large, 95)] {
        let mut cases = Cases::seeded(7);
        let (u1, u2) = (cases.random(), cases.random());
        let secrets = collisions(&steps(size, &u1, &u2));
        assert!(secrets.len() > fewest, "{size:?}: {} secrets", secrets.len());
        let mut infinite = 0;
        for secret in secrets {
            let sum = Table::of(&key(&secret), size).sum(&u1, &u2).unwrap();
            assert_eq!(
                sum.x_is(&Field::ONE),
                None,
                "{size:?}: the sum must say that a formula did not hold"
            );
            let wrong = Case::weighing("collision, another r", &secret, &u1, &u2, &cases.random());
            assert!(!verdict(&wrong.unwrap()));
            match Case::solved("collision", &secret, &u1, &u2) {
                Some(case) => assert!(verdict(&case)),
                None => infinite += 1,
            }
        }
        assert_eq!(infinite, 1, "{size:?}: the last addition may meet the negative");
    }
}

/// Where they do not, p256's own decide, so a wrong formula would only be slow.
#[test]
fn the_formulas_hold_for_any_weights_but_chosen_ones() {
    let mut cases = Cases::seeded(11);
    for _ in 0..200 {
        let (d, u1, u2) = (cases.random(), cases.random(), cases.random());
        let x = key(&(u1 + u2 * d)).point.x;
        let case = Case::solved("random", &d, &u1, &u2).unwrap();
        let signature = Signature::parse(&case.der).unwrap();
        for table in tables(&key(&d)) {
            let sum = table.sum(&u1, &u2).unwrap();
            assert_eq!(sum.x_is(&x), Some(true), "{:?}", table.size());
            assert_eq!(signature.is_x_of(&sum), Some(true), "{:?}", table.size());
        }
    }
}

#[test]
fn a_weight_may_be_zero_or_make_infinity() {
    let mut cases = Cases::seeded(9);
    for _ in 0..50 {
        let (d, u) = (cases.edge(), cases.edge());
        let tables = tables(&key(&d));
        for (u1, u2) in [
            (Scalar::ZERO, Scalar::ZERO),
            (u, Scalar::ZERO),
            (Scalar::ZERO, u),
            (-(u * d), u),
        ] {
            let k = u1 + u2 * d;
            let x = (k != Scalar::ZERO).then(|| key(&k).point.x);
            for sum in tables.iter().filter_map(|table| table.sum(&u1, &u2)) {
                let said = sum.x_is(&x.unwrap_or(Field::ONE));
                // Where a formula does not hold the sum may say nothing; it never says no.
                assert!(said.is_none() || said == x.map(|_| true));
            }
        }
    }
}

/// A signature with this r, whose check comes to `sum`: the key that fits is (s R − z G) / r.
fn ending_in(sum: AffinePoint, r: &Scalar) -> Case {
    let (s, z) = (Scalar::from(3_u64), Scalar::from(5_u64));
    let key = (ProjectivePoint::from(sum) * s - ProjectivePoint::GENERATOR * z) * r.invert().unwrap();
    Case {
        kind: "an x at the edge",
        key: key.to_affine(),
        message: None,
        digest: z.to_bytes().into(),
        der: der(&r.to_bytes(), &s.to_bytes()),
    }
}

/// r may be x − n, which is below p − n; at p − n itself r + n is p, which is no x, though 0 is congruent to it.
#[test]
fn an_x_from_n_on_is_below_p() {
    let with_x = |x: &U256| AffinePoint::decompress(&x.to_be_bytes().into(), 0.into()).into_option();
    let beyond = Scalar::from_repr(above_order().into()).unwrap();
    assert!(!verdict(&ending_in(with_x(&U256::ZERO).unwrap(), &beyond)));

    let order = NistP256::ORDER.as_ref();
    let p = U256::from_be_slice(&above_order()).wrapping_add(order);
    let (below, last) = (1_u64..)
        .find_map(|below| with_x(&p.wrapping_sub(&U256::from_u64(below))).map(|last| (below, last)))
        .unwrap();
    let r = beyond - Scalar::from(below);
    assert!(verdict(&ending_in(last, &r)));
    assert!(!verdict(&ending_in(last, &(r + Scalar::ONE))));
}

/// The additions in the making of a table are of fixed multiples of its point. If one of them met its own point, the
/// entries that follow would be wrong, for this point and for every other.
#[test]
fn every_entry_is_the_multiple_it_stands_for() {
    let one = key(&Scalar::ONE).point;
    check_entries(10, 3, Generator::of(&one).entries());
    check_entries(6, 2, Comb::<6, 2>::of(&one).entries());
    check_entries(6, 4, Comb::<6, 4>::of(&one).entries());
    check_entries(8, 4, Comb::<8, 4>::of(&one).entries());
}

fn check_entries(teeth: usize, tables: usize, entries: &[Affine]) {
    let columns = 256_usize.div_ceil(teeth);
    let each = 1 << (teeth - 1);
    assert_eq!(entries.len(), tables * each);
    for (index, entry) in entries.iter().enumerate() {
        let (table, ones) = (index / each, index % each + each);
        let digit = |tooth: usize| {
            let worth = power(tooth * columns + table * columns.div_ceil(tables));
            if ones >> tooth & 1 == 1 { worth } else { -worth }
        };
        let expected = key(&(0..teeth).map(digit).sum()).point;
        assert!(
            entry.x == expected.x && entry.y == expected.y,
            "entry {index} of {teeth} teeth, {tables} tables"
        );
    }
}

#[test]
fn a_sum_agrees_with_p256_after_each_operation() {
    let mut cases = Cases::seeded(10);
    let plain = |sum: &Sum| affine(&[*sum], &mut [Field::ZERO], &mut [Field::ZERO]).next().unwrap();
    let same = |sum: &Sum, d: &Scalar| {
        let (sum, expected) = (plain(sum), key(d).point);
        assert!(sum.x == expected.x && sum.y == expected.y);
    };
    let (mut d, other) = (cases.random(), cases.random());
    let mut sum = Sum::of(&key(&d).point, Sign::Plus);
    for _ in 0..20 {
        (sum, d) = (sum.and(&key(&other).point, Sign::Plus), d + other);
        same(&sum, &d);
        (sum, d) = (sum.twice(), d.double());
        same(&sum, &d);
        (sum, d) = (
            sum.and(&key(&Scalar::from(5_u64)).point, Sign::Minus),
            d - Scalar::from(5_u64),
        );
        same(&sum, &d);
    }
    same(&Sum::of(&key(&other).point, Sign::Minus), &-other);
}
