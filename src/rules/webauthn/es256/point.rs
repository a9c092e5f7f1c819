//! Points of the curve in the two shapes that the check adds: table entries and the running sum.
//!
//! The field is p256's own. The formulas are madd-2008-s, dbl-2008-s-1 and mdbl-2008-s-1 of the Explicit-Formulas
//! Database (short Weierstrass curves, XYZZ coordinates). They are not complete, and need not be: wherever an addition
//! meets the sum's own point or its negative, the factor x₂ − x₁ is zero, so ZZ becomes zero, and every later step
//! multiplies ZZ by something. **A sum with ZZ = 0 at the end says that a formula did not hold on the way, or that the
//! sum is the point at infinity**; [`Sum::x_is`] then answers nothing, and p256's complete formulas decide.

use p256::NistP256;
use p256::elliptic_curve::hazmat::FieldArithmetic;

/// An element of the field of p elements.
pub(super) type Field = <NistP256 as FieldArithmetic>::FieldElement;

/// A point that is not the point at infinity: 64 bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Affine {
    pub(super) x: Field,
    pub(super) y: Field,
}

/// Whether a point is added, or taken away.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Sign {
    Plus,
    Minus,
}

/// A running sum in XYZZ coordinates: x = X / ZZ, y = Y / ZZZ, ZZ³ = ZZZ².
#[derive(Clone, Copy, Debug)]
pub(super) struct Sum {
    x: Field,
    y: Field,
    zz: Field,
    zzz: Field,
}

impl Sum {
    /// The sum of one point.
    #[inline]
    pub(super) fn of(point: &Affine, sign: Sign) -> Self {
        let y = match sign {
            Sign::Plus => point.y,
            Sign::Minus => -point.y,
        };
        Self {
            x: point.x,
            y,
            zz: Field::ONE,
            zzz: Field::ONE,
        }
    }

    /// This sum and one point more, or less: 10 multiplications.
    #[inline]
    pub(super) fn and(&self, point: &Affine, sign: Sign) -> Self {
        let step = point.x * self.zz - self.x;
        let rise = point.y * self.zzz;
        let square = step.square();
        let cube = square * step;
        let middle = self.x * square;
        // With −y₂ the slope is −(y₂ + y₁): its square is the same, and its sign goes into y₃.
        let slope = match sign {
            Sign::Plus => rise - self.y,
            Sign::Minus => rise + self.y,
        };
        let x = slope.square() - cube - middle - middle;
        let run = match sign {
            Sign::Plus => middle - x,
            Sign::Minus => x - middle,
        };
        Self {
            x,
            y: slope * run - self.y * cube,
            zz: self.zz * square,
            zzz: self.zzz * cube,
        }
    }

    /// This sum twice: 9 multiplications. The curve's order is odd, so no point is its own negative.
    #[inline]
    pub(super) fn twice(&self) -> Self {
        let double = self.y + self.y;
        let square = double.square();
        let cube = square * double;
        let middle = self.x * square;
        let third = (self.x - self.zz) * (self.x + self.zz);
        let slope = third + third + third;
        let x = slope.square() - middle - middle;
        Self {
            x,
            y: slope * (middle - x) - self.y * cube,
            zz: self.zz * square,
            zzz: self.zzz * cube,
        }
    }

    /// Whether the sum's x coordinate is `x`; nothing where the formulas did not hold, or the sum is infinity.
    pub(super) fn x_is(&self, x: &Field) -> Option<bool> {
        if self.zz == Field::ZERO {
            None
        } else {
            Some(self.x == *x * self.zz)
        }
    }
}

/// The same points with ZZ = 1, by one inversion. None of them may be infinity. `inverses` and `scratch` are room to
/// work in, each as long as `sums`.
pub(super) fn affine<'a>(
    sums: &'a [Sum],
    inverses: &'a mut [Field],
    scratch: &mut [Field],
) -> impl Iterator<Item = Affine> + 'a {
    inverses
        .iter_mut()
        .zip(sums)
        .for_each(|(inverse, sum)| *inverse = sum.zzz);
    invert_all(inverses, scratch);
    sums.iter().zip(inverses).map(|(sum, inverse)| {
        let root = sum.zz * *inverse;
        Affine {
            x: sum.x * root.square(),
            y: sum.y * *inverse,
        }
    })
}

/// Turns each into its inverse, by one inversion for all (P. Montgomery, "Speeding the Pollard and elliptic curve
/// methods of factorization", section 10.3.1). None may be zero. p256 has the same in constant time, which takes
/// longer. `products` is room to work in, as long as `all`.
pub(super) fn invert_all(all: &mut [Field], products: &mut [Field]) {
    let mut product = Field::ONE;
    for (value, before) in all.iter().zip(&mut *products) {
        *before = product;
        product *= value;
    }
    let mut inverse = product.invert_vartime().unwrap_or(Field::ZERO);
    for (value, before) in all.iter_mut().zip(products).rev() {
        let next = inverse * *value;
        *value = inverse * *before;
        inverse = next;
    }
}
