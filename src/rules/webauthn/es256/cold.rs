//! The check for a key without tables: 256 doublings, and an addition for about every sixth bit.

use p256::Scalar;

use super::bits::Bits;
use super::point::{Affine, Field, Sign, Sum, affine};
use super::{Generator, Key};

/// Digits are odd and below 2^(WIDTH − 1) in size, at most one in WIDTH neighbours is not zero.
const WIDTH: usize = 5;
/// The odd multiples below 2^(WIDTH − 1).
const ODD: usize = 1 << (WIDTH - 2);

/// u₁ G + u₂ Q, where the formulas hold.
pub(super) fn sum(key: &Key, generator: &Generator, u1: &Scalar, u2: &Scalar) -> Option<Sum> {
    let odd = odd_multiples(&key.point);
    let strides = Generator::strides(u1);
    let mut sum: Option<Sum> = None;
    for (place, digit) in digits(u2).into_iter().enumerate().rev() {
        sum = sum.map(|sum| sum.twice());
        if let Some((half, sign)) = digit
            && let Some(point) = odd.get(usize::from(half))
        {
            sum = Some(match sum {
                Some(sum) => sum.and(point, sign),
                None => Sum::of(point, sign),
            });
        }
        generator.add_row(place, &strides, &mut sum);
    }
    sum
}

/// P, 3 P, 5 P … 15 P. All are smaller multiples than the order: none is infinity, and no addition meets its own point.
fn odd_multiples(point: &Affine) -> [Affine; ODD] {
    let mut all = [Sum::of(point, Sign::Plus); 2 * ODD - 1];
    for multiple in 2..2 * ODD {
        let next = if multiple.is_multiple_of(2) {
            all.get(multiple / 2 - 1).map(Sum::twice)
        } else {
            all.get(multiple - 2).map(|even| even.and(point, Sign::Plus))
        };
        all.iter_mut()
            .skip(multiple - 1)
            .take(1)
            .zip(next)
            .for_each(|(to, next)| *to = next);
    }
    let mut odd = all.into_iter().step_by(2);
    let odd = [(); ODD].map(|()| odd.next().unwrap_or(Sum::of(point, Sign::Plus)));
    let (mut inverses, mut scratch) = ([Field::ZERO; ODD], [Field::ZERO; ODD]);
    let mut points = affine(&odd, &mut inverses, &mut scratch);
    [(); ODD].map(|()| points.next().unwrap_or(*point))
}

/// The scalar in width-5 non-adjacent form, lowest place first. A digit d is kept as |d| / 2, rounded down, and its sign.
fn digits(scalar: &Scalar) -> [Option<(u8, Sign)>; 257] {
    let bits = Bits::of(scalar);
    let (mut carry, mut free) = (0, 0);
    let mut place = 0;
    [(); 257].map(|()| {
        let here = place;
        place += 1;
        if here < free || bits.at(here, 1) == carry {
            return None;
        }
        free = here + WIDTH;
        let window = bits.at(here, WIDTH) + carry;
        carry = window >> (WIDTH - 1);
        let (size, sign) = if carry == 1 {
            ((1 << WIDTH) - window, Sign::Minus)
        } else {
            (window, Sign::Plus)
        };
        u8::try_from(size / 2).ok().map(|half| (half, sign))
    })
}
