use crate::{
    DigestAlgorithm, Error, Oid, Result,
    asn1::{Element, Reader, oid, tag, writer},
};

/// How a signature is made from a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureScheme {
    /// RSASSA-PKCS1-v1_5
    RsaPkcs1,
    /// RSASSA-PSS with MGF1 over the same digest and a salt of the digest's length
    RsaPss,
    /// ECDSA, its two numbers as a DER sequence
    Ecdsa,
}

/// A signature scheme with its digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignatureAlgorithm {
    /// The scheme
    pub scheme: SignatureScheme,
    /// The digest
    pub digest: DigestAlgorithm,
}

const FIXED: [(Oid, SignatureScheme, DigestAlgorithm); 8] = {
    use DigestAlgorithm::{Sha1, Sha256, Sha384, Sha512};
    use SignatureScheme::{Ecdsa, RsaPkcs1};
    [
        (oid::SHA256_WITH_RSA, RsaPkcs1, Sha256),
        (oid::SHA384_WITH_RSA, RsaPkcs1, Sha384),
        (oid::SHA512_WITH_RSA, RsaPkcs1, Sha512),
        (oid::SHA1_WITH_RSA, RsaPkcs1, Sha1),
        (oid::ECDSA_WITH_SHA256, Ecdsa, Sha256),
        (oid::ECDSA_WITH_SHA384, Ecdsa, Sha384),
        (oid::ECDSA_WITH_SHA512, Ecdsa, Sha512),
        (oid::ECDSA_WITH_SHA1, Ecdsa, Sha1),
    ]
};

impl SignatureAlgorithm {
    /// Reads the `AlgorithmIdentifier` of a certificate or request.
    pub fn from_der(der: &[u8]) -> Result<Self> {
        Self::parse(&Element::only(der)?, None)
    }

    /// Reads the `AlgorithmIdentifier` of a CMS signer, which may name only the kind of key and leave the digest to the field
    /// beside it (RFC 3370 §3.2; some clients do so for ECDSA too).
    pub(crate) fn parse(identifier: &Element<'_>, digest: Option<DigestAlgorithm>) -> Result<Self> {
        let mut reader = identifier.reader();
        let id = reader.oid()?;
        if let Some((_, scheme, digest)) = FIXED.iter().find(|(oid, ..)| id.is_oid(oid)) {
            return Ok(Self {
                scheme: *scheme,
                digest: *digest,
            });
        }
        if id.is_oid(&oid::SHA1_WITH_RSA_OIW) {
            return Ok(Self {
                scheme: SignatureScheme::RsaPkcs1,
                digest: DigestAlgorithm::Sha1,
            });
        }
        if id.is_oid(&oid::RSASSA_PSS) {
            return Ok(Self {
                scheme: SignatureScheme::RsaPss,
                digest: pss_digest(reader)?,
            });
        }
        match digest {
            Some(digest) if id.is_oid(&oid::RSA_ENCRYPTION) => Ok(Self {
                scheme: SignatureScheme::RsaPkcs1,
                digest,
            }),
            Some(digest) if id.is_oid(&oid::EC_PUBLIC_KEY) => Ok(Self {
                scheme: SignatureScheme::Ecdsa,
                digest,
            }),
            _ => Err(Error::Unsupported("signature algorithm")),
        }
    }

    /// The `AlgorithmIdentifier` in DER. Only for algorithms that this crate signs with, which PSS is not among.
    pub fn to_der(self) -> Result<Vec<u8>> {
        let (id, ..) = FIXED
            .iter()
            .find(|(_, scheme, digest)| *scheme == self.scheme && *digest == self.digest)
            .ok_or(Error::Unsupported("signature algorithm"))?;
        Ok(match self.scheme {
            SignatureScheme::RsaPkcs1 => writer::algorithm(id, &writer::null()),
            SignatureScheme::RsaPss | SignatureScheme::Ecdsa => writer::algorithm(id, &[]),
        })
    }
}

/// The digest of RSASSA-PSS-params (RFC 4055 §3.1). Mask digest and salt length must go with it, as everybody's do.
fn pss_digest(mut parameters: Reader<'_>) -> Result<DigestAlgorithm> {
    if parameters.is_empty() {
        return Ok(DigestAlgorithm::Sha1);
    }
    let mut fields = parameters.sequence()?;
    let digest = match fields.optional(tag::context_constructed(0))? {
        Some(field) => DigestAlgorithm::from_oid(&field.reader().sequence()?.oid()?)?,
        None => DigestAlgorithm::Sha1,
    };
    if let Some(field) = fields.optional(tag::context_constructed(1))? {
        let mut mask = field.reader().sequence()?;
        let known = mask.oid()?.is_oid(&oid::MGF1)
            && DigestAlgorithm::from_oid(&mask.sequence()?.oid()?)? == digest;
        if !known {
            return Err(Error::Unsupported("PSS mask generation"));
        }
    }
    Ok(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_come_back() {
        for (_, scheme, digest) in FIXED {
            let algorithm = SignatureAlgorithm { scheme, digest };
            assert_eq!(
                SignatureAlgorithm::from_der(&algorithm.to_der().unwrap()).unwrap(),
                algorithm
            );
        }
    }

    #[test]
    fn rsa_without_a_digest_needs_one_beside_it() {
        let der = writer::algorithm(&oid::RSA_ENCRYPTION, &writer::null());
        assert!(SignatureAlgorithm::from_der(&der).is_err());
        let parsed =
            SignatureAlgorithm::parse(&Element::only(&der).unwrap(), Some(DigestAlgorithm::Sha384))
                .unwrap();
        assert_eq!(parsed.digest, DigestAlgorithm::Sha384);
    }
}
