use crate::{
    Error, Result,
    asn1::{Element, Reader, oid, tag},
    pbe::describe,
};

/// The kinds of private key that a server makes and uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA of 2,048 bits
    Rsa2048,
    /// RSA of 3,072 bits
    Rsa3072,
    /// RSA of 4,096 bits
    Rsa4096,
    /// NIST P-256
    P256,
    /// NIST P-384
    P384,
}

/// The kinds of private key that are taken from others, kept and handed on: see [`super::CarriedKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CarriedKind {
    /// RSA with a modulus of so many bits
    Rsa {
        /// From 1,024 to 8,192, not only round numbers
        bits: usize,
    },
    /// NIST P-256
    P256,
    /// NIST P-384
    P384,
    /// NIST P-521
    P521,
}

impl KeyKind {
    /// The kind of key in a PKCS#8 document. Others are named in the error, before anybody computes with them.
    pub(super) fn of_pkcs8(pkcs8: &[u8]) -> Result<Self> {
        match CarriedKind::of_document(&Document::read(pkcs8)?)? {
            CarriedKind::Rsa { bits: 2048 } => Ok(Self::Rsa2048),
            CarriedKind::Rsa { bits: 3072 } => Ok(Self::Rsa3072),
            CarriedKind::Rsa { bits: 4096 } => Ok(Self::Rsa4096),
            CarriedKind::Rsa { bits } => Err(refused_size(bits)),
            CarriedKind::P256 => Ok(Self::P256),
            CarriedKind::P384 => Ok(Self::P384),
            CarriedKind::P521 => Err(Error::UnsupportedKey(format!("secp521r1 ({})", oid::P521))),
        }
    }
}

impl From<KeyKind> for CarriedKind {
    fn from(kind: KeyKind) -> Self {
        match kind {
            KeyKind::Rsa2048 => Self::Rsa { bits: 2048 },
            KeyKind::Rsa3072 => Self::Rsa { bits: 3072 },
            KeyKind::Rsa4096 => Self::Rsa { bits: 4096 },
            KeyKind::P256 => Self::P256,
            KeyKind::P384 => Self::P384,
        }
    }
}

impl CarriedKind {
    /// The kind of key in a document; RSA of any size. What is neither RSA nor on one of our curves is named in the error.
    pub(super) fn of_document(document: &Document<'_>) -> Result<Self> {
        let mut algorithm = document.algorithm;
        let id = algorithm.oid().map_err(|_| MALFORMED)?;
        if id.is_oid(&oid::RSA_ENCRYPTION) {
            let modulus = read_modulus(document.key).map_err(|_| MALFORMED)?;
            let bits = bits(modulus);
            return Ok(Self::Rsa { bits });
        }
        if id.is_oid(&oid::RSASSA_PSS) {
            return Err(Error::UnsupportedKey(pss_alone()));
        }
        if !id.is_oid(&oid::EC_PUBLIC_KEY) {
            return unsupported(&id);
        }
        match algorithm.oid() {
            Ok(curve) if curve.is_oid(&oid::P256) => Ok(Self::P256),
            Ok(curve) if curve.is_oid(&oid::P384) => Ok(Self::P384),
            Ok(curve) if curve.is_oid(&oid::P521) => Ok(Self::P521),
            Ok(curve) => unsupported(&curve),
            Err(_) => Err(Error::UnsupportedKey(
                "elliptic curve that has no name".to_owned(),
            )),
        }
    }
}

/// `PrivateKeyInfo` (RFC 5208 §5), of which the attributes are left out.
pub(super) struct Document<'a> {
    /// Identifier and parameters.
    algorithm: Reader<'a>,
    /// What the identifier says: `RSAPrivateKey`, `ECPrivateKey`.
    pub(super) key: &'a [u8],
}

impl<'a> Document<'a> {
    pub(super) fn read(pkcs8: &'a [u8]) -> Result<Self> {
        let read = || -> Result<Self> {
            let mut document = Reader::sequence_only(pkcs8)?;
            document.expect(tag::INTEGER)?;
            Ok(Self {
                algorithm: document.sequence()?,
                key: document.expect(tag::OCTET_STRING)?.content,
            })
        };
        read().map_err(|_| MALFORMED)
    }
}

/// Its length as a number.
pub(super) fn bits(number: &[u8]) -> usize {
    let unused = number.first().map_or(0, |first| first.leading_zeros());
    number.len() * 8 - usize::try_from(unused).unwrap_or(0)
}

pub(super) fn refused_size(bits: usize) -> Error {
    Error::UnsupportedKey(format!("RSA of {bits} bits"))
}

/// What is said of a key whose algorithm is `id-RSASSA-PSS` (RFC 4055 §1.2): it may sign, and that by PSS only.
pub(crate) fn pss_alone() -> String {
    format!("RSA for PSS signatures alone ({})", oid::RSASSA_PSS)
}

const MALFORMED: Error = Error::Malformed("private key");

fn unsupported(id: &Element<'_>) -> Result<CarriedKind> {
    Err(Error::UnsupportedKey(describe(id)))
}

fn read_modulus(pkcs1: &[u8]) -> Result<&[u8]> {
    let mut fields = Reader::sequence_only(pkcs1)?;
    fields.expect(tag::INTEGER)?;
    Ok(fields.expect(tag::INTEGER)?.unsigned())
}
