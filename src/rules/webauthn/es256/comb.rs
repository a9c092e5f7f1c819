//! Combs: tables of one point from which any multiple of it is a sum of few entries.
//!
//! A scalar is written with the digits +1 and −1 only, and cut into `TEETH` strides of equal length. A column (one
//! digit of each stride) is a table entry or its negative; columns are shared out over `TABLES` tables, so that only
//! the rows within a table need doublings. With T teeth and V tables there are ⌈256 / T⌉ additions, ⌈⌈256 / T⌉ / V⌉ − 1
//! doublings (shared with every other comb in the same sum) and V · 2^(T−1) entries of 64 bytes.
//! Source: M. Hamburg, "Fast and compact elliptic-curve cryptography", IACR ePrint 2012/309, section 3.3.

use p256::Scalar;
use p256::elliptic_curve::PrimeField;

use super::bits::Bits;
use super::point::{Affine, Field, Sign, Sum, affine, invert_all};

/// The tables of one point: `TABLES` times 2^(`TEETH` − 1) entries. Entry m of table j holds
/// 2^(j · rows) · (±P₀ ± 2^c P ± … + 2^((T−1) c) P), c columns, with a plus where m has a one.
#[derive(Debug)]
pub(super) struct Comb<const TEETH: usize, const TABLES: usize> {
    entries: Box<[Affine]>,
}

/// A scalar in digits +1 and −1: bit set or not, a word for each tooth.
pub(super) struct Strides<const TEETH: usize>([u64; TEETH]);

impl<const TEETH: usize, const TABLES: usize> Comb<TEETH, TABLES> {
    const COLUMNS: usize = 256_usize.div_ceil(TEETH);
    const ENTRIES: usize = 1 << (TEETH - 1);
    /// One more than the doublings that a sum needs.
    pub(super) const ROWS: usize = Self::COLUMNS.div_ceil(TABLES);
    /// What the tables take, in bytes.
    pub(super) const BYTES: usize = TABLES * Self::ENTRIES * size_of::<Affine>();

    /// All digits +1: 2^(teeth · columns) − 1.
    const ALL_PLUS: Scalar = {
        let mut power = Scalar::ONE;
        let mut bit = 0;
        while bit < TEETH * Self::COLUMNS {
            power = power.double();
            bit += 1;
        }
        power.sub(&Scalar::ONE)
    };

    /// The tables of `point`. No two points that meet in an addition here are equal or opposite: they are fixed
    /// multiples of a point of prime order, so this holds for every point or for none, and a test shows that it holds.
    pub(super) fn of(point: &Affine) -> Self {
        let powers = Self::powers(point);
        let mut entries: Vec<Affine> = powers.iter().skip(TEETH - 1).step_by(TEETH).copied().collect();
        for tooth in (0..TEETH - 1).rev() {
            let each = entries.len() / TABLES;
            let teeth = powers.iter().skip(tooth).step_by(TEETH);
            let pairs: Vec<(Affine, Affine)> = entries
                .chunks(each)
                .zip(teeth)
                .flat_map(|(table, tooth)| table.iter().map(|entry| (*entry, *tooth)))
                .collect();
            entries = both_ways(&pairs);
        }
        Self {
            entries: entries.into_boxed_slice(),
        }
    }

    /// 2^(j · rows + i · columns) · P for table j and tooth i, table by table.
    fn powers(point: &Affine) -> Vec<Affine> {
        let exponents = |table: usize| (0..TEETH).map(move |tooth| table * Self::ROWS + tooth * Self::COLUMNS);
        let mut wanted: Vec<(usize, usize)> = (0..TABLES).flat_map(exponents).zip(0..).collect();
        wanted.sort_unstable();
        let (mut reached, mut power) = (0, Sum::of(point, Sign::Plus));
        let mut found: Vec<(usize, Sum)> = Vec::with_capacity(wanted.len());
        for (exponent, place) in wanted {
            for _ in reached..exponent {
                power = power.twice();
            }
            reached = exponent;
            found.push((place, power));
        }
        found.sort_unstable_by_key(|(place, _)| *place);
        let sums: Vec<Sum> = found.into_iter().map(|(_, sum)| sum).collect();
        let (mut inverses, mut scratch) = (vec![Field::ZERO; sums.len()], vec![Field::ZERO; sums.len()]);
        affine(&sums, &mut inverses, &mut scratch).collect()
    }

    #[cfg(test)]
    pub(super) fn entries(&self) -> &[Affine] {
        &self.entries
    }

    /// The digits of a scalar. Σ (2 bᵢ − 1) 2^i = 2 b − (2^D − 1), so b = (k + 2^D − 1) / 2, for any k.
    pub(super) fn strides(scalar: &Scalar) -> Strides<TEETH> {
        let bits = Bits::of(&((scalar + &Self::ALL_PLUS) * Scalar::TWO_INV));
        let mut from = 0;
        Strides([(); TEETH].map(|()| {
            let stride = bits.at(from, Self::COLUMNS);
            from += Self::COLUMNS;
            stride
        }))
    }

    /// Adds this row's entries, one of each table, to a sum; none where the comb has no such row.
    #[inline]
    pub(super) fn add_row(&self, row: usize, strides: &Strides<TEETH>, sum: &mut Option<Sum>) {
        let columns = (row..Self::COLUMNS)
            .step_by(Self::ROWS)
            .take_while(|_| row < Self::ROWS);
        for (table, column) in self.entries.chunks_exact(Self::ENTRIES).zip(columns) {
            let digits = strides
                .0
                .iter()
                .rev()
                .fold(0, |digits, word| digits << 1 | usize::from(word >> column & 1 == 1));
            let (sign, digits) = if digits < Self::ENTRIES {
                (Sign::Minus, !digits)
            } else {
                (Sign::Plus, digits)
            };
            if let Some(entry) = table.get(digits & (Self::ENTRIES - 1)) {
                *sum = Some(match sum {
                    Some(sum) => sum.and(entry, sign),
                    None => Sum::of(entry, sign),
                });
            }
        }
    }
}

/// a − b and a + b for each pair, in this order, by one inversion for all.
fn both_ways(pairs: &[(Affine, Affine)]) -> Vec<Affine> {
    let mut runs: Vec<Field> = pairs.iter().map(|(a, b)| a.x - b.x).collect();
    let mut scratch = runs.clone();
    invert_all(&mut runs, &mut scratch);
    let chord = |a: &Affine, b: &Affine, slope: Field| {
        let x = slope.square() - a.x - b.x;
        Affine {
            x,
            y: slope * (a.x - x) - a.y,
        }
    };
    let each = |((a, b), inverse): (&(Affine, Affine), Field)| {
        [chord(a, b, (a.y + b.y) * inverse), chord(a, b, (a.y - b.y) * inverse)]
    };
    pairs.iter().zip(runs).flat_map(each).collect()
}

/// a P + b Q by the combs of P and Q, where the formulas hold. The doublings are shared.
pub(super) fn sum<const T: usize, const V: usize, const U: usize, const W: usize>(
    p: &Comb<T, V>,
    a: &Scalar,
    q: &Comb<U, W>,
    b: &Scalar,
) -> Option<Sum> {
    let (a, b) = (Comb::<T, V>::strides(a), Comb::<U, W>::strides(b));
    let mut sum: Option<Sum> = None;
    for row in (0..Comb::<T, V>::ROWS.max(Comb::<U, W>::ROWS)).rev() {
        sum = sum.map(|sum| sum.twice());
        p.add_row(row, &a, &mut sum);
        q.add_row(row, &b, &mut sum);
    }
    sum
}
