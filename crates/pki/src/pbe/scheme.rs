use aws_lc_rs::rand;
use zeroize::Zeroizing;

use super::{
    Failure, Hash, Password, Purpose, Stretching, Work, describe, pbkdf2, pkcs12, rc2,
    read_iterations,
};
use crate::{
    Error, Oid, Result,
    asn1::{Element, Reader, tag, writer},
    cms::{ContentCipher, Parameters, decrypt_two_key_triple_des},
};

const PBES2: Oid = Oid::new_unwrap("1.2.840.113549.1.5.13");
const PBKDF2: Oid = Oid::new_unwrap("1.2.840.113549.1.5.12");
const SHA1_TRIPLE_DES: Oid = Oid::new_unwrap("1.2.840.113549.1.12.1.3");
const SHA1_TWO_KEY_TRIPLE_DES: Oid = Oid::new_unwrap("1.2.840.113549.1.12.1.4");
const SHA1_RC2_128: Oid = Oid::new_unwrap("1.2.840.113549.1.12.1.5");
const SHA1_RC2_40: Oid = Oid::new_unwrap("1.2.840.113549.1.12.1.6");

/// The ciphers that PBES2 is met with.
const CIPHERS: [ContentCipher; 4] = [
    ContentCipher::Aes256Cbc,
    ContentCipher::Aes192Cbc,
    ContentCipher::Aes128Cbc,
    ContentCipher::TripleDesCbc,
];

/// How we encrypt ourselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// PBES2: PBKDF2 over HMAC-SHA-256, AES-256 in CBC mode
    Pbes2,
    /// `pbeWithSHAAnd3-KeyTripleDES-CBC`
    Sha1TripleDes,
}

/// The ciphers of RFC 7292 appendix C; those over RC4 are left out.
#[derive(Clone, Copy)]
enum OldCipher {
    TripleDes,
    TwoKeyTripleDes,
    Rc2 { octets: usize },
}

/// Decrypts by an `AlgorithmIdentifier` that names how the key comes from the password.
///
/// Without a check over the whole, a wrong password shows only in the padding: one in 256 passes here and must be noticed by
/// what reads the plaintext.
pub(crate) fn decrypt(
    algorithm: &Element<'_>,
    password: &Password,
    ciphertext: &[u8],
    work: &mut Work,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut fields = algorithm.reader();
    let id = fields.oid()?;
    if id.is_oid(&PBES2) {
        return decrypt_pbes2(fields.sequence()?, password, ciphertext, work);
    }
    let cipher = OldCipher::find(&id).ok_or_else(|| Failure::Unsupported(describe(&id)))?;
    cipher.decrypt(fields.sequence()?, password, ciphertext, work)
}

/// `PBES2-params` (RFC 8018 appendix A.4).
fn decrypt_pbes2(
    mut parameters: Reader<'_>,
    password: &Password,
    ciphertext: &[u8],
    work: &mut Work,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let (stretching, _) = read_pbkdf2(parameters.sequence()?)?;
    let mut scheme = parameters.sequence()?;
    let id = scheme.oid()?;
    let cipher = CIPHERS
        .into_iter()
        .find(|cipher| id.is_oid(&cipher.oid()))
        .ok_or_else(|| Failure::Unsupported(describe(&id)))?;
    let iv = scheme.expect(tag::OCTET_STRING)?.content;
    let block = if cipher == ContentCipher::TripleDesCbc {
        8
    } else {
        16
    };
    require_blocks(block, iv, ciphertext)?;
    let key = pbkdf2(&stretching, password, cipher.key_length(), work)?;
    open_blocks(cipher, &key, iv, ciphertext)
}

/// `keyDerivationFunc` with its `PBKDF2-params` (RFC 8018 appendix A.2), and the length of the key if they tell it.
pub(crate) fn read_pbkdf2(
    mut function: Reader<'_>,
) -> Result<(Stretching<'_>, Option<u32>), Failure> {
    let id = function.oid()?;
    if !id.is_oid(&PBKDF2) {
        return Err(Failure::Unsupported(describe(&id)));
    }
    let mut fields = function.sequence()?;
    let salt = fields.expect(tag::OCTET_STRING)?.content;
    let iterations = read_iterations(&fields.element()?)?;
    let length = fields
        .optional(tag::INTEGER)?
        .map(|length| read_iterations(&length))
        .transpose()?;
    let hash = match fields.optional(tag::SEQUENCE)? {
        Some(function) => Hash::from_hmac_oid(&function.reader().oid()?)?,
        None => Hash::Sha1,
    };
    let stretching = Stretching {
        hash,
        salt,
        iterations,
    };
    Ok((stretching, length))
}

impl OldCipher {
    fn find(id: &Element<'_>) -> Option<Self> {
        [
            (SHA1_TRIPLE_DES, Self::TripleDes),
            (SHA1_TWO_KEY_TRIPLE_DES, Self::TwoKeyTripleDes),
            (SHA1_RC2_128, Self::Rc2 { octets: 16 }),
            (SHA1_RC2_40, Self::Rc2 { octets: 5 }),
        ]
        .into_iter()
        .find(|(oid, _)| id.is_oid(oid))
        .map(|(_, cipher)| cipher)
    }

    fn key_length(self) -> usize {
        match self {
            Self::TripleDes => 24,
            Self::TwoKeyTripleDes => 16,
            Self::Rc2 { octets } => octets,
        }
    }

    /// `pkcs-12PbeParams`: salt and iterations.
    fn decrypt(
        self,
        mut parameters: Reader<'_>,
        password: &Password,
        ciphertext: &[u8],
        work: &mut Work,
    ) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let stretching = Stretching {
            hash: Hash::Sha1,
            salt: parameters.expect(tag::OCTET_STRING)?.content,
            iterations: read_iterations(&parameters.element()?)?,
        };
        let mut derive =
            |purpose, length| pkcs12(&stretching, password, purpose, length, &mut *work);
        let key = derive(Purpose::Key, self.key_length())?;
        let iv = derive(Purpose::InitialisationVector, 8)?;
        require_blocks(8, &iv, ciphertext)?;
        match self {
            Self::Rc2 { .. } => {
                rc2::decrypt_cbc(&key, &iv, ciphertext).ok_or(Failure::WrongPassword)
            }
            Self::TwoKeyTripleDes => decrypt_two_key_triple_des(&key, &iv, ciphertext)
                .map_err(|_| Failure::WrongPassword),
            Self::TripleDes => open_blocks(ContentCipher::TripleDesCbc, &key, &iv, ciphertext),
        }
    }
}

/// What no password could open.
fn require_blocks(block: usize, iv: &[u8], ciphertext: &[u8]) -> Result<(), Failure> {
    if iv.len() == block && !ciphertext.is_empty() && ciphertext.len().is_multiple_of(block) {
        Ok(())
    } else {
        Err(Failure::Malformed)
    }
}

fn open_blocks(
    cipher: ContentCipher,
    key: &[u8],
    iv: &[u8],
    ciphertext: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    Parameters::new(cipher, iv)
        .decrypt(key, &[], ciphertext)
        .map_err(|_| Failure::WrongPassword)
}

/// Encrypts under a fresh salt, and returns the `AlgorithmIdentifier` beside the ciphertext.
pub(crate) fn encrypt(
    scheme: Scheme,
    password: &Password,
    iterations: u32,
    plaintext: &[u8],
) -> Result<(Vec<u8>, Vec<u8>)> {
    let salt = random_salt()?;
    let mut work = Work::new(u64::MAX);
    let count = writer::integer(u64::from(iterations));
    let failed = |_| Error::Library("key derivation");
    match scheme {
        Scheme::Pbes2 => {
            let stretching = Stretching {
                hash: Hash::Sha256,
                salt: &salt,
                iterations,
            };
            let cipher = ContentCipher::Aes256Cbc;
            let key =
                pbkdf2(&stretching, password, cipher.key_length(), &mut work).map_err(failed)?;
            let (encryption, ciphertext) = cipher.encrypt(&key, plaintext)?;
            let prf = writer::algorithm(&Hash::Sha256.hmac_oid(), &writer::null());
            let parameters = writer::sequence([&writer::octet_string(&salt), &count, &prf]);
            let function = writer::algorithm(&PBKDF2, &parameters);
            let algorithm = writer::algorithm(&PBES2, &writer::sequence([&function, &encryption]));
            Ok((algorithm, ciphertext))
        }
        Scheme::Sha1TripleDes => {
            let salt = &salt[..8];
            let stretching = Stretching {
                hash: Hash::Sha1,
                salt,
                iterations,
            };
            let mut derive = |purpose, length| {
                pkcs12(&stretching, password, purpose, length, &mut work).map_err(failed)
            };
            let key = derive(Purpose::Key, OldCipher::TripleDes.key_length())?;
            let mut iv = [0; 8];
            iv.copy_from_slice(&derive(Purpose::InitialisationVector, 8)?);
            let ciphertext = ContentCipher::TripleDesCbc.encrypt_under(&key, iv, plaintext)?;
            let parameters = writer::sequence([&writer::octet_string(salt), &count]);
            Ok((writer::algorithm(&SHA1_TRIPLE_DES, &parameters), ciphertext))
        }
    }
}

fn random_salt() -> Result<[u8; 16]> {
    let mut salt = [0; 16];
    rand::fill(&mut salt).map_err(|_| Error::Library("randomness"))?;
    Ok(salt)
}
