//! RSA by its numbers, for what the crypto library does no more and real devices do: signatures over SHA-1, and old keys of less
//! than 2,048 bits.
//!
//! Plain Montgomery arithmetic on 64-bit limbs, least significant first. Not constant-time: these keys belong to nobody.

use crate::asn1;

/// Modulus and exponents with what Montgomery multiplication needs.
pub(super) struct RsaNumbers {
    modulus: Vec<u64>,
    /// Length of the modulus, which is that of signatures and ciphertexts.
    octets: usize,
    bits: usize,
    /// `RSAPublicKey` (RFC 8017 A.1.1).
    public: Vec<u8>,
    exponent: Vec<u8>,
    /// `-modulus⁻¹ mod 2⁶⁴`.
    inverse: u64,
    /// `2^(128·limbs) mod modulus`: turns a number into Montgomery form.
    square: Vec<u64>,
}

impl RsaNumbers {
    /// Reads `PrivateKeyInfo` with an `RSAPrivateKey` inside (RFC 5208 §5, RFC 8017 A.1.2).
    pub(super) fn from_pkcs8(pkcs8: &[u8]) -> Option<Self> {
        let outer = asn1::parse(pkcs8).ok()?.children().ok()?;
        let algorithm = outer.get(1)?.children().ok()?;
        if algorithm.first()?.object_id()? != asn1::oid::RSA {
            return None;
        }
        let inner = asn1::parse(outer.get(2)?.content).ok()?;
        let numbers = inner.children().ok()?;
        let (modulus, public_exponent) = (numbers.get(1)?.content, numbers.get(2)?.content);
        let significant = modulus.iter().position(|byte| *byte != 0)?;
        let number = &modulus[significant..];
        let modulus = to_limbs(number);
        if modulus.first()? & 1 == 0 {
            return None;
        }
        let inverse = negated_inverse(modulus[0]);
        let square = power_of_two(&modulus, modulus.len() * 128);
        let public = [asn1::unsigned(number), asn1::unsigned(public_exponent)];
        Some(Self {
            modulus,
            octets: number.len(),
            bits: number.len() * 8 - usize::try_from(number[0].leading_zeros()).ok()?,
            public: asn1::sequence(&[&public[0], &public[1]]),
            exponent: numbers.get(3)?.content.to_vec(),
            inverse,
            square,
        })
    }

    /// Length of the modulus in bits.
    pub(super) fn bits(&self) -> usize {
        self.bits
    }

    /// Length of the modulus in octets.
    pub(super) fn octets(&self) -> usize {
        self.octets
    }

    /// `SubjectPublicKeyInfo` (RFC 5280 §4.1).
    pub(super) fn public(&self) -> Vec<u8> {
        let algorithm = asn1::algorithm(asn1::oid::RSA);
        asn1::sequence(&[&algorithm, &asn1::bit_string(&self.public)])
    }

    /// The private operation (RFC 8017 §5.1.2, §5.2.1), of and to as many octets as the modulus has; `None` for other lengths and
    /// for a number that is not below the modulus.
    pub(super) fn raise(&self, number: &[u8]) -> Option<Vec<u8>> {
        if number.len() != self.octets {
            return None;
        }
        let mut base = to_limbs(number);
        base.resize(self.modulus.len(), 0);
        if !less(&base, &self.modulus) {
            return None;
        }
        let bytes = to_bytes(&self.power(&base));
        Some(bytes[bytes.len() - self.octets..].to_vec())
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
