//! RSA with SHA-1, which the crypto library verifies but no longer signs, and which real devices send.
//!
//! Plain Montgomery arithmetic on 64-bit limbs, least significant first. Not constant-time: these keys belong to nobody.

use crate::asn1;

/// `DigestInfo` up to the digest: SHA-1 with NULL parameters (RFC 8017 §9.2, note 1).
const SHA1_DIGEST_INFO: [u8; 15] = [
    0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2B, 0x0E, 0x03, 0x02, 0x1A, 0x05, 0x00, 0x04, 0x14,
];

/// Modulus and private exponent with what Montgomery multiplication needs.
pub(super) struct PrivateExponent {
    modulus: Vec<u64>,
    exponent: Vec<u8>,
    /// `-modulus⁻¹ mod 2⁶⁴`.
    inverse: u64,
    /// `2^(128·limbs) mod modulus`: turns a number into Montgomery form.
    square: Vec<u64>,
}

impl PrivateExponent {
    /// Reads `PrivateKeyInfo` with an `RSAPrivateKey` inside (RFC 5208 §5, RFC 8017 A.1.2).
    pub(super) fn from_pkcs8(pkcs8: &[u8]) -> Option<Self> {
        let outer = asn1::parse(pkcs8).ok()?.children().ok()?;
        let inner = asn1::parse(outer.get(2)?.content).ok()?;
        let numbers = inner.children().ok()?;
        let (modulus, exponent) = (numbers.get(1)?.content, numbers.get(3)?.content);
        let significant = modulus.iter().position(|byte| *byte != 0)?;
        let modulus = to_limbs(&modulus[significant..]);
        if modulus.first()? & 1 == 0 {
            return None;
        }
        let inverse = negated_inverse(modulus[0]);
        let square = power_of_two(&modulus, modulus.len() * 128);
        Some(Self {
            modulus,
            exponent: exponent.to_vec(),
            inverse,
            square,
        })
    }

    /// EMSA-PKCS1-v1_5 signature of a SHA-1 digest (RFC 8017 §8.2.1).
    pub(super) fn sign(&self, digest: &[u8]) -> Vec<u8> {
        let size = self.modulus.len() * 8;
        let tail = SHA1_DIGEST_INFO.len() + digest.len();
        let mut encoded = vec![0xFF; size];
        encoded[0] = 0;
        encoded[1] = 1;
        encoded[size - tail - 1] = 0;
        encoded[size - tail..size - digest.len()].copy_from_slice(&SHA1_DIGEST_INFO);
        encoded[size - digest.len()..].copy_from_slice(digest);
        to_bytes(&self.power(&to_limbs(&encoded)))
    }

    /// `base ^ exponent mod modulus`, four bits of the exponent at a time.
    fn power(&self, base: &[u64]) -> Vec<u64> {
        let mut one = vec![0; self.modulus.len()];
        one[0] = 1;
        let mut table = vec![
            self.multiply(&one, &self.square),
            self.multiply(base, &self.square),
        ];
        for index in 2..16 {
            table.push(self.multiply(&table[index - 1], &table[1]));
        }
        let mut result = table[0].clone();
        for byte in &self.exponent {
            for nibble in [byte >> 4, byte & 15] {
                for _ in 0..4 {
                    result = self.multiply(&result, &result);
                }
                if nibble != 0 {
                    result = self.multiply(&result, &table[usize::from(nibble)]);
                }
            }
        }
        self.multiply(&result, &one)
    }

    /// Montgomery product, coarsely integrated operand scanning (Koç and others 1996).
    fn multiply(&self, left: &[u64], right: &[u64]) -> Vec<u64> {
        let limbs = self.modulus.len();
        let mut sum = vec![0_u64; limbs + 2];
        for factor in left {
            let mut carry = 0;
            for (place, other) in right.iter().enumerate() {
                (sum[place], carry) = multiply_add(*factor, *other, sum[place], carry);
            }
            let (high, overflow) = sum[limbs].overflowing_add(carry);
            sum[limbs] = high;
            sum[limbs + 1] = u64::from(overflow);

            let quotient = sum[0].wrapping_mul(self.inverse);
            let (_, mut carry) = multiply_add(quotient, self.modulus[0], sum[0], 0);
            for place in 1..limbs {
                (sum[place - 1], carry) =
                    multiply_add(quotient, self.modulus[place], sum[place], carry);
            }
            let (high, overflow) = sum[limbs].overflowing_add(carry);
            sum[limbs - 1] = high;
            sum[limbs] = sum[limbs + 1] + u64::from(overflow);
        }
        if sum[limbs] != 0 || !less(&sum[..limbs], &self.modulus) {
            subtract(&mut sum[..=limbs], &self.modulus);
        }
        sum.truncate(limbs);
        sum
    }
}

/// Low and high half of `left · right + addend + carry`; cannot overflow 128 bits.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the halves are what is wanted"
)]
fn multiply_add(left: u64, right: u64, addend: u64, carry: u64) -> (u64, u64) {
    let product = u128::from(left) * u128::from(right) + u128::from(addend) + u128::from(carry);
    (product as u64, (product >> 64) as u64)
}

/// Newton's iteration: each round doubles the number of right bits.
fn negated_inverse(odd: u64) -> u64 {
    let mut inverse = 1_u64;
    for _ in 0..6 {
        inverse = inverse.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(inverse)));
    }
    inverse.wrapping_neg()
}

/// `2^exponent mod modulus` by doubling.
fn power_of_two(modulus: &[u64], exponent: usize) -> Vec<u64> {
    let mut value = vec![0_u64; modulus.len() + 1];
    value[0] = 1;
    for _ in 0..exponent {
        let mut carry = 0;
        for limb in &mut value {
            let next = *limb >> 63;
            *limb = *limb << 1 | carry;
            carry = next;
        }
        if value[modulus.len()] != 0 || !less(&value[..modulus.len()], modulus) {
            subtract(&mut value, modulus);
        }
    }
    value.truncate(modulus.len());
    value
}

fn less(left: &[u64], right: &[u64]) -> bool {
    left.iter().rev().lt(right.iter().rev())
}

/// `value -= other`; `value` is at least as large and has limbs to spare.
fn subtract(value: &mut [u64], other: &[u64]) {
    let mut borrow = false;
    for (place, limb) in value.iter_mut().enumerate() {
        let (partial, first) = limb.overflowing_sub(other.get(place).copied().unwrap_or(0));
        let (difference, second) = partial.overflowing_sub(u64::from(borrow));
        *limb = difference;
        borrow = first || second;
    }
}

fn to_limbs(bytes: &[u8]) -> Vec<u64> {
    bytes
        .rchunks(8)
        .map(|chunk| {
            chunk
                .iter()
                .fold(0, |limb, byte| limb << 8 | u64::from(*byte))
        })
        .collect()
}

fn to_bytes(limbs: &[u64]) -> Vec<u8> {
    limbs
        .iter()
        .rev()
        .flat_map(|limb| limb.to_be_bytes())
        .collect()
}
