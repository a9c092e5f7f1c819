//! Signatures, genuine and nearly so, for holding one check against another. The unit tests take some thousands of
//! them; `tests/bench/verify` takes this file too, and a million.

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::elliptic_curve::point::{AffineCoordinates, DecompressPoint};
use p256::elliptic_curve::{Curve, Group, PrimeField, ops::Reduce};
use p256::{AffinePoint, FieldBytes, NistP256, ProjectivePoint, Scalar, U256};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use sha2::{Digest, Sha256};

/// A question: is this the key's signature of the digest?
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) kind: &'static str,
    pub(crate) key: AffinePoint,
    /// What the digest is of; none where the digest was chosen. Whoever hashes by itself can be asked only about
    /// messages.
    pub(crate) message: Option<[u8; 32]>,
    pub(crate) digest: [u8; 32],
    pub(crate) der: Vec<u8>,
}

impl Case {
    /// p256's answer, which must be ring's too where there is a message. p256 shares its field with what is tested,
    /// ring shares nothing; each reads the DER by itself.
    pub(crate) fn oracle(&self) -> bool {
        let key = VerifyingKey::from_affine(self.key).unwrap();
        let good =
            Signature::from_der(&self.der).is_ok_and(|signature| key.verify_prehash(&self.digest, &signature).is_ok());
        if let Some(message) = &self.message {
            let (x, y) = self.coordinates();
            let ring = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, [&[4][..], &x, &y].concat());
            let theirs = ring.verify(message, &self.der).is_ok();
            assert_eq!(theirs, good, "ring and p256 differ: {}", self.kind);
        }
        good
    }

    /// A valid signature of a message whose check meets this u1 and comes to k G, for the key that fits: s = z / u1,
    /// r is x(k G), d = (k − u1) / u2. None where a number is zero that must not be.
    pub(crate) fn of_message(kind: &'static str, message: [u8; 32], u1: &Scalar, k: &Scalar) -> Option<Self> {
        let (digest, r) = (hashed(message), r_of(k)?);
        let s = reduced(digest) * u1.invert().into_option()?;
        let d = (k - u1) * s * r.invert().into_option()?;
        (d != Scalar::ZERO && s != Scalar::ZERO).then(|| Self {
            kind,
            key: point(&d),
            message: Some(message),
            digest,
            der: der(&r.to_bytes(), &s.to_bytes()),
        })
    }

    pub(crate) fn coordinates(&self) -> ([u8; 32], [u8; 32]) {
        (self.key.x().into(), self.key.y().into())
    }

    /// A valid signature whose check meets just these weights: R = (u1 + u2 d) G gives r, then s = r / u2 and z = u1 s.
    /// None where R is infinity or u2 is zero.
    pub(crate) fn solved(kind: &'static str, d: &Scalar, u1: &Scalar, u2: &Scalar) -> Option<Self> {
        let k = u1 + &(u2 * d);
        Self::weighing(kind, d, u1, u2, &r_of(&k)?)
    }

    /// A signature with this r, valid or not, whose check meets just these weights. None where u2 is zero.
    pub(crate) fn weighing(kind: &'static str, d: &Scalar, u1: &Scalar, u2: &Scalar, r: &Scalar) -> Option<Self> {
        let s = r * &u2.invert().into_option()?;
        Some(Self {
            kind,
            key: point(d),
            message: None,
            digest: (u1 * &s).to_bytes().into(),
            der: der(&r.to_bytes(), &s.to_bytes()),
        })
    }
}

/// A source of cases; the same seed gives the same cases.
pub(crate) struct Cases {
    state: u64,
}

impl Cases {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self { state: seed }
    }

    /// splitmix64.
    pub(crate) fn word(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn bytes(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes
            .chunks_mut(8)
            .for_each(|chunk| chunk.copy_from_slice(&self.word().to_be_bytes()));
        bytes
    }

    pub(crate) fn random(&mut self) -> Scalar {
        reduced(self.bytes())
    }

    /// A scalar that is not zero: small, near n, a power of two, sparse, around n / 2, or any.
    pub(crate) fn edge(&mut self) -> Scalar {
        let small = Scalar::from(self.word() % 40 + 1);
        let power = power(self.word() as usize % 255 + 1);
        match self.word() % 8 {
            0 => small,
            1 => -small,
            2 => power,
            3 => power - Scalar::ONE,
            4 => -power,
            5 => power * small,
            6 => Scalar::TWO_INV + small,
            _ => self.random(),
        }
    }

    /// The next case for the key d G; some kinds bring a key of their own.
    pub(crate) fn about(&mut self, d: &Scalar, key: AffinePoint) -> Case {
        let (k, message, bit) = (self.random(), self.bytes(), (self.word() % 256) as usize);
        let digest = hashed(message);
        let z = reduced(digest);
        let r = r_of(&k).unwrap();
        let s = k.invert().unwrap() * (z + r * d);
        let case = |kind, r: &[u8], s: &[u8]| Case {
            kind,
            key,
            message: Some(message),
            digest,
            der: der(r, s),
        };
        let (rb, sb) = (r.to_bytes(), s.to_bytes());
        let order = NistP256::ORDER.to_be_bytes();
        let genuine = case("genuine", &rb, &sb);
        match self.word() % 27 {
            0..=5 => genuine,
            6 => {
                let mut message = message;
                message[bit / 8] ^= 1 << (bit % 8);
                Case {
                    kind: "another message",
                    message: Some(message),
                    digest: hashed(message),
                    ..genuine
                }
            }
            7 => case("r + 1", &(r + Scalar::ONE).to_bytes(), &sb),
            8 => case("s + 1", &rb, &(s + Scalar::ONE).to_bytes()),
            9 => case("n − s, which is as good", &rb, &(-s).to_bytes()),
            10 => case("n − r", &(-r).to_bytes(), &sb),
            11 => case("r + n", &plus_order(&rb), &sb),
            12 => case("s + n", &rb, &plus_order(&sb)),
            13 => match self.word() % 6 {
                0 => case("r = 0", &[0; 32], &sb),
                1 => case("s = 0", &rb, &[0; 32]),
                2 => case("r = n", order.as_slice(), &sb),
                3 => case("s = n", &rb, order.as_slice()),
                4 => case("r = s = 1", &[1], &[1]),
                _ => case("exchanged", &sb, &rb),
            },
            14 => Case {
                kind: "another key",
                key: point(&d.double()),
                ..genuine
            },
            15 => {
                let mut der = genuine.der.clone();
                let at = self.word() as usize % der.len();
                match self.word() % 4 {
                    0 => der[at] ^= 1 << (self.word() % 8),
                    1 => der.truncate(at),
                    2 => der.insert(at, self.word() as u8),
                    _ => drop(der.remove(at)),
                }
                Case {
                    kind: "damaged DER",
                    der,
                    ..genuine
                }
            }
            16 | 17 => {
                let (u1, u2) = (self.edge(), self.edge());
                Case::solved("edge scalars", d, &u1, &u2).unwrap_or(genuine)
            }
            18 => {
                let (d, u1, u2) = (self.edge(), self.edge(), self.edge());
                Case::solved("edge scalars and key", &d, &u1, &u2).unwrap_or(genuine)
            }
            19 => {
                // u1 = u2 d: the two halves of the sum are the same point.
                let u2 = self.edge();
                Case::solved("equal halves", d, &(u2 * d), &u2).unwrap_or(genuine)
            }
            20 => {
                // u1 G = −u2 Q: the sum is infinity, whatever r says.
                let (u2, r) = (self.edge(), self.edge());
                let s = r * u2.invert().unwrap();
                let z = -(u2 * d) * s;
                Case {
                    message: None,
                    digest: z.to_bytes().into(),
                    ..case("infinity", &r.to_bytes(), &s.to_bytes())
                }
            }
            21 => Case::solved("digest zero", d, &Scalar::ZERO, &self.edge()).unwrap_or(genuine),
            22 => {
                let (u1, k) = (self.edge(), self.edge());
                Case::of_message("edge weight of a message", message, &u1, &k).unwrap_or(genuine)
            }
            23 => {
                // The sum is twice either half: the halves are the same point.
                let u1 = self.edge();
                Case::of_message("equal halves of a message", message, &u1, &u1.double()).unwrap_or(genuine)
            }
            24 => {
                // Q = −(z / r) G: u1 G + u2 Q is infinity, whatever s is.
                let (r, s) = (self.edge(), self.edge());
                Case {
                    key: point(&(-z * r.invert().unwrap())),
                    ..case("infinity of a message", &r.to_bytes(), &s.to_bytes())
                }
            }
            25 => self.recovered(U256::ZERO, "x below p − n"),
            _ => self.recovered(*NistP256::ORDER.as_ref(), "x from n on"),
        }
    }

    /// A case whose R has an x coordinate of `base` and at most 126 bits more, made by choosing R and taking the key
    /// that fits: Q = (s R − z G) / r. Half of them are spoilt.
    fn recovered(&mut self, base: U256, kind: &'static str) -> Case {
        let (r_point, r) = loop {
            let x = base.wrapping_add(&U256::from_u128(
                u128::from(self.word()) << 62 | u128::from(self.word() >> 2),
            ));
            let bytes: FieldBytes = x.to_be_bytes().into();
            if let Some(found) = AffinePoint::decompress(&bytes, 0.into()).into_option() {
                break (found, <Scalar as Reduce<FieldBytes>>::reduce(&bytes));
            }
        };
        let (s, message) = (self.random(), self.bytes());
        let digest = hashed(message);
        let key =
            (ProjectivePoint::from(r_point) * s - ProjectivePoint::GENERATOR * reduced(digest)) * r.invert().unwrap();
        let claimed = match self.word() % 4 {
            0 => r + Scalar::ONE,
            1 => r - Scalar::from_u128(self.word().into()),
            _ => r,
        };
        Case {
            kind,
            key: key.to_affine(),
            message: Some(message),
            digest,
            der: der(&claimed.to_bytes(), &s.to_bytes()),
        }
    }
}

/// 2^exponent mod n.
pub(crate) fn power(exponent: usize) -> Scalar {
    (0..exponent).fold(Scalar::ONE, |power, _| power.double())
}

pub(crate) fn point(d: &Scalar) -> AffinePoint {
    ProjectivePoint::mul_by_generator(d).to_affine()
}

fn r_of(k: &Scalar) -> Option<Scalar> {
    let r = point(k);
    (r != AffinePoint::IDENTITY).then(|| <Scalar as Reduce<FieldBytes>>::reduce(&r.x()))
}

fn reduced(bytes: [u8; 32]) -> Scalar {
    <Scalar as Reduce<FieldBytes>>::reduce(&bytes.into())
}

fn hashed(message: [u8; 32]) -> [u8; 32] {
    Sha256::digest(message).into()
}

fn plus_order(bytes: &[u8]) -> [u8; 33] {
    let mut sum = [0; 33];
    let order = NistP256::ORDER.to_be_bytes();
    let mut carry = 0;
    for (at, (a, b)) in bytes.iter().zip(order.as_slice()).enumerate().rev() {
        let digit = u16::from(*a) + u16::from(*b) + carry;
        sum[at + 1] = digit as u8;
        carry = digit >> 8;
    }
    sum[0] = carry as u8;
    sum
}

/// `SEQUENCE { r INTEGER, s INTEGER }` of big-endian numbers.
pub(crate) fn der(r: &[u8], s: &[u8]) -> Vec<u8> {
    let integer = |number: &[u8]| {
        let start = number.iter().position(|byte| *byte != 0).unwrap_or(number.len() - 1);
        let number = &number[start..];
        let pad = usize::from(number[0] >= 0x80);
        [&[2, (number.len() + pad) as u8], &[0][..pad], number].concat()
    };
    let body = [integer(r), integer(s)].concat();
    [&[0x30, body.len() as u8], body.as_slice()].concat()
}
