//! Whether given coordinates are a point, for the two curves whose signatures ring checks: ring says so only together
//! with a signature, and a key must be known to be one when it is registered. Public inputs, once per passkey.

use p256::elliptic_curve::bigint::modular::{ConstMontyForm, ConstMontyParams};
use p256::elliptic_curve::bigint::{U256, U384, const_monty_params};

const_monty_params!(
    P25519,
    U256,
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed"
);
const_monty_params!(
    P384,
    U384,
    "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff"
);

/// b of P-384 (FIPS 186-4 D.1.2.4).
const P384_B: U384 = U384::from_be_hex(
    "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
);

type Field25519 = ConstMontyForm<P25519, { U256::LIMBS }>;
type Field384 = ConstMontyForm<P384, { U384::LIMBS }>;

/// Whether coordinates below p satisfy y² = x³ − 3x + b.
pub(super) fn is_p384_point(x: &[u8; 48], y: &[u8; 48]) -> bool {
    let (x, y) = (U384::from_be_slice(x), U384::from_be_slice(y));
    let p = *P384::PARAMS.modulus().as_ref();
    if x >= p || y >= p {
        return false;
    }
    let (x, y, b) = (Field384::new(&x), Field384::new(&y), Field384::new(&P384_B));
    let three = Field384::new(&U384::from_u8(3));
    y.square() == x.square() * x - three * x + b
}

/// Whether 32 bytes are the canonical encoding (RFC 8032 §5.1.3) of a point of edwards25519 whose order is not small (a
/// key of small order has signatures that fit any message).
pub(super) fn is_ed25519_point(encoding: &[u8; 32]) -> bool {
    let p = *P25519::PARAMS.modulus().as_ref();
    let y = U256::from_le_slice(encoding) & (U256::MAX >> 1);
    if y >= p {
        return false;
    }
    let one = Field25519::ONE;
    let number = |n: u32| Field25519::new(&U256::from_u32(n));
    // d = −121665 / 121666, and −x² + y² = 1 + d·x²·y², so x² = (y² − 1) / (d·y² + 1).
    let y2 = Field25519::new(&y).square();
    let (numerator, denominator) = ((y2 - one) * number(121_666), number(121_666) - number(121_665) * y2);
    // A fraction is a square where numerator × denominator is: raised to (p − 1) / 2 it is 1. Of x = 0 it is 0, and
    // rightly refused: those two points have order 1 and 2.
    let square = (numerator * denominator).pow(&(p >> 1));
    square == one && !is_small(y2, one)
}

/// Orders 4 and 8. Order 4 has y = 0. A point of order 8 doubles to one with y = 0, so y² = −x²; with the curve's
/// equation and t = y², that is d·t² + 2t − 1 = 0.
fn is_small(y2: Field25519, one: Field25519) -> bool {
    let number = |n: u32| Field25519::new(&U256::from_u32(n));
    let zero = number(0);
    let twice = y2 + y2;
    y2 == zero || (twice - one) * number(121_666) - number(121_665) * y2.square() == zero
}
