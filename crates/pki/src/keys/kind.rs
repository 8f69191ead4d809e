use crate::{
    Error, Result,
    asn1::{Element, Reader, oid, tag},
    pbe::describe,
};

/// The kinds of private key a server may hold.
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

impl KeyKind {
    /// The kind of key in a PKCS#8 document. Others are named in the error, before anybody computes with them.
    pub(super) fn of_pkcs8(pkcs8: &[u8]) -> Result<Self> {
        let (mut algorithm, key) =
            read_document(pkcs8).map_err(|_| Error::Malformed("private key"))?;
        let id = algorithm
            .oid()
            .map_err(|_| Error::Malformed("private key"))?;
        if id.is_oid(&oid::RSA_ENCRYPTION) {
            return Self::of_pkcs1(key);
        }
        if !id.is_oid(&oid::EC_PUBLIC_KEY) {
            return unsupported(&id);
        }
        match algorithm.oid() {
            Ok(curve) if curve.is_oid(&oid::P256) => Ok(Self::P256),
            Ok(curve) if curve.is_oid(&oid::P384) => Ok(Self::P384),
            Ok(curve) => unsupported(&curve),
            Err(_) => Err(Error::Unsupported(
                "private key on a curve that has no name",
            )),
        }
    }

    /// The size of an `RSAPrivateKey` (RFC 8017 appendix A.1.2).
    fn of_pkcs1(key: &[u8]) -> Result<Self> {
        let modulus = read_modulus(key).map_err(|_| Error::Malformed("private key"))?;
        match modulus.len() {
            256 => Ok(Self::Rsa2048),
            384 => Ok(Self::Rsa3072),
            512 => Ok(Self::Rsa4096),
            octets => Err(Error::UnsupportedAlgorithm(format!(
                "private key: RSA of {} bits",
                octets * 8
            ))),
        }
    }
}

fn unsupported(id: &Element<'_>) -> Result<KeyKind> {
    Err(Error::UnsupportedAlgorithm(format!(
        "private key: {}",
        describe(id)
    )))
}

/// The algorithm and the key of `PrivateKeyInfo` (RFC 5208 §5).
fn read_document(pkcs8: &[u8]) -> Result<(Reader<'_>, &[u8])> {
    let mut document = Reader::sequence_only(pkcs8)?;
    document.expect(tag::INTEGER)?;
    Ok((
        document.sequence()?,
        document.expect(tag::OCTET_STRING)?.content,
    ))
}

fn read_modulus(pkcs1: &[u8]) -> Result<&[u8]> {
    let mut fields = Reader::sequence_only(pkcs1)?;
    fields.expect(tag::INTEGER)?;
    Ok(fields.expect(tag::INTEGER)?.unsigned())
}
