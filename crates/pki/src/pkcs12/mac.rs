//! What tells a wrong password from a right one: a code over the whole content.

use std::ops::RangeInclusive;

use aws_lc_rs::hmac;

use super::Pkcs12Error;
use crate::{
    Oid, Result,
    asn1::{Reader, tag, writer},
    pbe::{
        Failure, Hash, Password, Purpose, Stretching, Work, pbkdf2, pkcs12, read_iterations,
        read_pbkdf2,
    },
};

const PBMAC1: Oid = Oid::new_unwrap("1.2.840.113549.1.5.14");

/// The lengths that a key of PBMAC1 may have in octets: one that cannot be tried out (RFC 9579 §5), no more than any digest uses.
const KEY_LENGTHS: RangeInclusive<u32> = 20..=64;

/// `MacData` (RFC 7292 §4).
pub(super) struct Mac<'a> {
    derivation: Derivation,
    stretching: Stretching<'a>,
    /// The digest of the HMAC.
    hash: Hash,
    code: &'a [u8],
}

#[derive(Clone, Copy)]
enum Derivation {
    /// RFC 7292 appendix B
    Pkcs12,
    /// PBMAC1 with PBKDF2 (RFC 9579): a key of this length
    Pbkdf2 { length: usize },
}

impl<'a> Mac<'a> {
    pub(super) fn read(fields: Reader<'a>) -> Result<Self, Pkcs12Error> {
        Self::read_fields(fields).map_err(|failure| match failure {
            Failure::Malformed => Pkcs12Error::Malformed("its message authentication code"),
            failure => failure.into(),
        })
    }

    fn read_fields(mut fields: Reader<'a>) -> Result<Self, Failure> {
        let mut info = fields.sequence()?;
        let mut algorithm = info.sequence()?;
        let code = info.expect(tag::OCTET_STRING)?.content;
        let salt = fields.expect(tag::OCTET_STRING)?.content;
        let iterations = fields
            .optional(tag::INTEGER)?
            .map_or(Ok(1), |count| read_iterations(&count))?;
        let id = algorithm.oid()?;
        if id.is_oid(&PBMAC1) {
            // Salt and count beside it are there for software that does not know it (RFC 9579 §6).
            return Self::read_pbmac1(algorithm.sequence()?, code);
        }
        let hash = Hash::from_digest_oid(&id)?;
        let stretching = Stretching {
            hash,
            salt,
            iterations,
        };
        Ok(Self {
            derivation: Derivation::Pkcs12,
            stretching,
            hash,
            code,
        })
    }

    /// `PBMAC1-params` (RFC 8018 appendix A.5). The length of the key must be told (RFC 9579 §4).
    fn read_pbmac1(mut parameters: Reader<'a>, code: &'a [u8]) -> Result<Self, Failure> {
        let (stretching, length) = read_pbkdf2(parameters.sequence()?)?;
        let length = length.ok_or(Failure::Malformed)?;
        if !KEY_LENGTHS.contains(&length) {
            return Err(Failure::Malformed);
        }
        let hash = Hash::from_hmac_oid(&parameters.sequence()?.oid()?)?;
        let length = usize::try_from(length).map_err(|_| Failure::TooMuchWork)?;
        Ok(Self {
            derivation: Derivation::Pbkdf2 { length },
            stretching,
            hash,
            code,
        })
    }

    /// Which of `forms` protects `content`.
    pub(super) fn find_form(
        &self,
        forms: &[Password],
        content: &[u8],
        work: &mut Work,
    ) -> Result<usize, Pkcs12Error> {
        for (index, form) in forms.iter().enumerate() {
            let key = match self.derivation {
                Derivation::Pkcs12 => pkcs12(
                    &self.stretching,
                    form,
                    Purpose::Mac,
                    self.hash.length(),
                    work,
                )?,
                Derivation::Pbkdf2 { length } => pbkdf2(&self.stretching, form, length, work)?,
            };
            let key = hmac::Key::new(self.hash.hmac(), &key);
            if hmac::verify(&key, content, self.code).is_ok() {
                return Ok(index);
            }
        }
        Err(Pkcs12Error::WrongPassword)
    }
}

/// `MacData` over `content`, by the derivation of PKCS#12 that every reader knows.
pub(super) fn protect(
    stretching: &Stretching<'_>,
    password: &Password,
    content: &[u8],
) -> Result<Vec<u8>> {
    let mut work = Work::new(u64::MAX);
    let hash = stretching.hash;
    let key = pkcs12(stretching, password, Purpose::Mac, hash.length(), &mut work)
        .map_err(|_| crate::Error::Library("key derivation"))?;
    let code = hmac::sign(&hmac::Key::new(hash.hmac(), &key), content);
    let info = writer::sequence([
        &writer::algorithm(&hash.digest_oid(), &writer::null()),
        &writer::octet_string(code.as_ref()),
    ]);
    Ok(writer::sequence([
        &info,
        &writer::octet_string(stretching.salt),
        &writer::integer(u64::from(stretching.iterations)),
    ]))
}
