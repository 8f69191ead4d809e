//! Keys that nothing is computed with here.

use std::{fmt, ops::RangeInclusive, sync::Arc};

use aws_lc_rs::{
    encoding::AsBigEndian,
    error::KeyRejected,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING,
        ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair, RsaKeyPair,
    },
};
use zeroize::Zeroizing;

use super::{
    CarriedKind, PrivateKey, PublicKey,
    file::to_pkcs8,
    kind::{Document, bits, refused_size},
};
use crate::{
    Error, Oid, Result,
    asn1::{Reader, oid, tag, writer},
};

/// The sizes of RSA keys that are carried: the smallest that people were ever given for mail, the largest that AWS-LC checks.
const RSA_BITS: RangeInclusive<usize> = 1024..=8192;

/// The public exponents that AWS-LC checks, in bits.
const MAX_EXPONENT_BITS: usize = 33;

/// Version, modulus, both exponents, two primes and what makes computing with them faster (RFC 8017 appendix A.1.2).
const RSA_NUMBERS: usize = 9;

const MALFORMED: Error = Error::Malformed("private key");

/// A private key that is only carried: from a file into custody, and from custody into the file for a device.
///
/// Nothing signs or decrypts with it here, so it may be of kinds that this server makes no keys of and would compute with no
/// more. That is how old mail goes on opening: somebody was given RSA of 1,024 bits once, and nothing can change that now. A
/// [`PrivateKey`] can always be carried; the other way [`Self::to_private_key`] asks.
///
/// Cloning shares it.
#[derive(Clone)]
pub struct CarriedKey(Arc<Inner>);

struct Inner {
    kind: CarriedKind,
    pkcs8: Zeroizing<Vec<u8>>,
    public_key_info: Vec<u8>,
}

impl CarriedKey {
    /// Reads an unencrypted PKCS#8 document (RFC 5208): RSA of 1,024 to 8,192 bits in any number of bits, P-256, P-384, P-521.
    ///
    /// Its parts have to fit together, so that the public half is truly the one of the private half. It is written anew in
    /// the one form that every reader knows: without attributes, with its public point.
    ///
    /// Errors are [`Error::UnsupportedKey`] with the name of another kind, and [`Error::Malformed`].
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<Self> {
        let document = Document::read(pkcs8)?;
        let kind = CarriedKind::of_document(&document)?;
        let inner = match kind {
            CarriedKind::Rsa { bits } if !RSA_BITS.contains(&bits) => {
                return Err(refused_size(bits));
            }
            CarriedKind::Rsa { .. } => read_rsa(kind, document.key)?,
            CarriedKind::P256 => read_ec(kind, &oid::P256, &ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8)?,
            CarriedKind::P384 => read_ec(kind, &oid::P384, &ECDSA_P384_SHA384_ASN1_SIGNING, pkcs8)?,
            CarriedKind::P521 => read_ec(kind, &oid::P521, &ECDSA_P521_SHA512_ASN1_SIGNING, pkcs8)?,
        };
        Ok(Self(Arc::new(inner)))
    }

    /// The key as an unencrypted PKCS#8 document.
    pub fn to_pkcs8(&self) -> Zeroizing<Vec<u8>> {
        self.0.pkcs8.clone()
    }

    /// Its kind.
    pub fn kind(&self) -> CarriedKind {
        self.0.kind
    }

    /// Its public half as `SubjectPublicKeyInfo` in DER.
    pub fn public_key_info(&self) -> Vec<u8> {
        self.0.public_key_info.clone()
    }

    /// Its public half.
    pub fn public_key(&self) -> Result<PublicKey> {
        PublicKey::from_der(&self.0.public_key_info)
    }

    /// The same key to compute with, if it is of a kind that this server uses itself.
    pub fn to_private_key(&self) -> Result<PrivateKey> {
        PrivateKey::from_pkcs8(&self.0.pkcs8)
    }
}

impl From<PrivateKey> for CarriedKey {
    fn from(key: PrivateKey) -> Self {
        Self(Arc::new(Inner {
            kind: key.kind().into(),
            pkcs8: key.to_pkcs8(),
            public_key_info: key.public_key_info(),
        }))
    }
}

impl fmt::Debug for CarriedKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CarriedKey")
            .field("kind", &self.0.kind)
            .finish_non_exhaustive()
    }
}

fn read_rsa(kind: CarriedKind, pkcs1: &[u8]) -> Result<Inner> {
    let numbers = RsaNumbers::read(pkcs1)?;
    let algorithm = writer::algorithm(&oid::RSA_ENCRYPTION, &writer::null());
    let pkcs8 = to_pkcs8(&algorithm, &numbers.to_der());
    check_rsa(&pkcs8)?;
    let public = writer::sequence([
        &writer::unsigned(numbers.modulus()),
        &writer::unsigned(numbers.exponent()),
    ]);
    Ok(Inner {
        kind,
        pkcs8,
        public_key_info: writer::sequence([&algorithm, &writer::bit_string(&public)]),
    })
}

/// Whether the numbers of an RSA key fit together: the modulus is the product of the primes, the exponents undo each other.
///
/// AWS-LC checks that for every size, in constant time, before it finds that it uses no keys below 2,048 bits. So its word
/// for a short key says that nothing else is wrong with it; tests hold it to that order.
fn check_rsa(pkcs8: &[u8]) -> Result<()> {
    let is_merely_short = |rejected: KeyRejected| rejected.description_() == "TooSmall";
    match RsaKeyPair::from_pkcs8(pkcs8) {
        Ok(_) => Ok(()),
        Err(rejected) if is_merely_short(rejected) => Ok(()),
        Err(_) => Err(MALFORMED),
    }
}

/// `RSAPrivateKey` of two primes. Its numbers are read as unsigned, whatever their first bit says: there are encoders that
/// leave the zero before it out, and others that write more of them.
struct RsaNumbers<'a>([&'a [u8]; RSA_NUMBERS]);

impl<'a> RsaNumbers<'a> {
    fn read(pkcs1: &'a [u8]) -> Result<Self> {
        let read = || -> Result<Self> {
            let mut fields = Reader::sequence_only(pkcs1)?;
            let mut numbers = [&[][..]; RSA_NUMBERS];
            for number in &mut numbers {
                *number = fields.expect(tag::INTEGER)?.unsigned();
            }
            Ok(Self(numbers))
        };
        let numbers = read().map_err(|_| MALFORMED)?;
        numbers.refuse_odd_ones()?;
        Ok(numbers)
    }

    /// Names what is in order and yet no key for anybody's mail program.
    fn refuse_odd_ones(&self) -> Result<()> {
        let unsupported = |name: &str| Err(Error::UnsupportedKey(name.to_owned()));
        let Self([version, _, exponent, _, first, second, ..]) = self;
        if !version.is_empty() {
            return unsupported("RSA of more than two primes");
        }
        if first.is_empty() || second.is_empty() {
            return unsupported("RSA without its primes");
        }
        if bits(exponent) > MAX_EXPONENT_BITS {
            return unsupported("RSA with a public exponent of more than 33 bits");
        }
        Ok(())
    }

    fn modulus(&self) -> &[u8] {
        self.0[1]
    }

    fn exponent(&self) -> &[u8] {
        self.0[2]
    }

    fn to_der(&self) -> Zeroizing<Vec<u8>> {
        let numbers = self
            .0
            .map(|number| Zeroizing::new(writer::unsigned(number)));
        let parts = Zeroizing::new(numbers.iter().fold(Vec::new(), |mut all, number| {
            all.extend_from_slice(number);
            all
        }));
        Zeroizing::new(writer::element(tag::SEQUENCE, &parts))
    }
}

fn read_ec(
    kind: CarriedKind,
    curve: &Oid,
    algorithm: &'static EcdsaSigningAlgorithm,
    pkcs8: &[u8],
) -> Result<Inner> {
    // Reading checks that the public point, if it is there, is that of the number.
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8).map_err(|_| MALFORMED)?;
    let number = pair
        .private_key()
        .as_be_bytes()
        .map_err(|_| Error::Library("writing a key"))?;
    let identifier = writer::algorithm(&oid::EC_PUBLIC_KEY, &writer::oid(curve));
    let point = writer::bit_string(pair.public_key().as_ref());
    // `ECPrivateKey` (RFC 5915 §3). AWS-LC itself leaves the point out where it was not given, and not everybody can do without.
    let number = Zeroizing::new(writer::octet_string(number.as_ref()));
    let key = writer::sequence([&writer::integer(1), &number, &writer::context(1, &point)]);
    Ok(Inner {
        kind,
        pkcs8: to_pkcs8(&identifier, &Zeroizing::new(key)),
        public_key_info: writer::sequence([&identifier, &point]),
    })
}

#[cfg(test)]
mod tests;
