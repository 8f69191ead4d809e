//! From a password to a key.

use std::num::NonZeroU32;

use aws_lc_rs::{digest, hmac};
use zeroize::Zeroizing;

use super::{Failure, Hash, Password, Work};

/// What a derived value is for (RFC 7292 appendix B.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Key = 1,
    InitialisationVector = 2,
    Mac = 3,
}

/// How a password is made costly to guess.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretching<'a> {
    pub(crate) hash: Hash,
    pub(crate) salt: &'a [u8],
    pub(crate) iterations: u32,
}

impl Stretching<'_> {
    fn spend(&self, work: &mut Work) -> Result<NonZeroU32, Failure> {
        work.spend(self.iterations)?;
        NonZeroU32::new(self.iterations).ok_or(Failure::Malformed)
    }
}

/// PBKDF2 over HMAC (RFC 8018 §5.2).
pub(crate) fn pbkdf2(
    stretching: &Stretching<'_>,
    password: &Password,
    length: usize,
    work: &mut Work,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    use aws_lc_rs::pbkdf2::{
        PBKDF2_HMAC_SHA1, PBKDF2_HMAC_SHA256, PBKDF2_HMAC_SHA384, PBKDF2_HMAC_SHA512, derive,
    };
    let iterations = stretching.spend(work)?;
    let algorithm = match stretching.hash {
        Hash::Sha1 => PBKDF2_HMAC_SHA1,
        Hash::Sha224 => return Ok(pbkdf2_by_blocks(stretching, password, length)),
        Hash::Sha256 => PBKDF2_HMAC_SHA256,
        Hash::Sha384 => PBKDF2_HMAC_SHA384,
        Hash::Sha512 => PBKDF2_HMAC_SHA512,
    };
    let mut key = Zeroizing::new(vec![0; length]);
    derive(
        algorithm,
        iterations,
        stretching.salt,
        &password.utf8,
        &mut key,
    );
    Ok(key)
}

/// The same for the one digest that AWS-LC offers no PBKDF2 for.
fn pbkdf2_by_blocks(
    stretching: &Stretching<'_>,
    password: &Password,
    length: usize,
) -> Zeroizing<Vec<u8>> {
    let key = hmac::Key::new(stretching.hash.hmac(), &password.utf8);
    let mut derived = Zeroizing::new(Vec::with_capacity(length + stretching.hash.length()));
    for block in 1_u32.. {
        if derived.len() >= length {
            break;
        }
        let mut context = hmac::Context::with_key(&key);
        context.update(stretching.salt);
        context.update(&block.to_be_bytes());
        let mut last = context.sign();
        let mut sum = Zeroizing::new(last.as_ref().to_vec());
        for _ in 1..stretching.iterations {
            last = hmac::sign(&key, last.as_ref());
            for (sum, octet) in sum.iter_mut().zip(last.as_ref()) {
                *sum ^= octet;
            }
        }
        derived.extend_from_slice(&sum);
    }
    derived.truncate(length);
    derived
}

/// The derivation that PKCS#12 defines itself (RFC 7292 appendix B.2).
pub(crate) fn pkcs12(
    stretching: &Stretching<'_>,
    password: &Password,
    purpose: Purpose,
    length: usize,
    work: &mut Work,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    stretching.spend(work)?;
    let algorithm = stretching.hash.digest();
    let block = algorithm.block_len();
    let mut input = Zeroizing::new(Vec::with_capacity(
        3 * block + stretching.salt.len() + password.bmp.len(),
    ));
    input.extend(std::iter::repeat_n(purpose as u8, block));
    for part in [stretching.salt, password.bmp.as_slice()] {
        let stretched = part.len().div_ceil(block) * block;
        input.extend(part.iter().cycle().take(stretched));
    }
    let mut derived = Zeroizing::new(Vec::with_capacity(length + algorithm.output_len()));
    while derived.len() < length {
        let mut last = digest::digest(algorithm, &input);
        for _ in 1..stretching.iterations {
            last = digest::digest(algorithm, last.as_ref());
        }
        derived.extend_from_slice(last.as_ref());
        for part in input[block..].chunks_exact_mut(block) {
            add_and_one(part, last.as_ref());
        }
    }
    derived.truncate(length);
    Ok(derived)
}

/// `number + addend + 1`, both big-endian, the addend repeated to the length of the number, what overflows dropped.
fn add_and_one(number: &mut [u8], addend: &[u8]) {
    let repeated: Vec<u8> = addend.iter().copied().cycle().take(number.len()).collect();
    let mut carry = 1_u16;
    for (octet, addend) in number.iter_mut().zip(repeated).rev() {
        let sum = u16::from(*octet) + u16::from(addend) + carry;
        *octet = sum.to_be_bytes()[1];
        carry = sum >> 8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretching(hash: Hash, iterations: u32) -> Stretching<'static> {
        Stretching {
            hash,
            salt: b"sixteen octets !",
            iterations,
        }
    }

    #[test]
    fn our_blocks_are_those_of_the_library() {
        let password = Password::new("pass");
        for (length, iterations) in [(20, 1), (64, 3), (100, 50)] {
            let stretching = stretching(Hash::Sha256, iterations);
            let library = pbkdf2(&stretching, &password, length, &mut Work::new(1000)).unwrap();
            assert_eq!(library, pbkdf2_by_blocks(&stretching, &password, length));
        }
    }

    #[test]
    fn purposes_give_different_values_of_the_length_wanted() {
        let derive = |purpose| {
            let password = Password::new("pass");
            pkcs12(
                &stretching(Hash::Sha512, 5),
                &password,
                purpose,
                70,
                &mut Work::new(10),
            )
            .unwrap()
        };
        assert_eq!(derive(Purpose::Key).len(), 70);
        assert_ne!(derive(Purpose::Key), derive(Purpose::Mac));
        assert_ne!(derive(Purpose::Key), derive(Purpose::InitialisationVector));
    }

    #[test]
    fn both_ask_before_they_work() {
        let (password, mut work) = (Password::new("pass"), Work::new(4));
        let five = stretching(Hash::Sha1, 5);
        assert_eq!(
            pkcs12(&five, &password, Purpose::Key, 24, &mut work),
            Err(Failure::TooMuchWork)
        );
        assert_eq!(
            pbkdf2(&five, &password, 24, &mut work),
            Err(Failure::TooMuchWork)
        );
        assert!(pbkdf2(&five, &password, 24, &mut Work::new(5)).is_ok());
    }

    #[test]
    fn addition_carries_to_the_end() {
        let mut number = [0xff, 0xff, 0xff];
        add_and_one(&mut number, &[0, 0, 0]);
        assert_eq!(number, [0, 0, 0]);
        let mut number = [0, 0x01, 0xff];
        add_and_one(&mut number, &[0x01]);
        assert_eq!(number, [0x01, 0x03, 0x01]);
    }
}
