use crate::{
    DigestAlgorithm, Error, Result,
    asn1::{Element, Reader, tag, writer},
    certificate::{Certificate, hex},
    constant_time_eq,
};

/// How a query names a certificate: by digests over its issuer's name and key, and by its serial number (RFC 6960 §4.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertId {
    /// As received, since the answer must name the certificate by the same octets.
    der: Vec<u8>,
    algorithm: DigestAlgorithm,
    issuer_name_hash: Vec<u8>,
    issuer_key_hash: Vec<u8>,
    serial: Vec<u8>,
}

impl CertId {
    /// Names the certificate with this serial number, unsigned and big-endian, of `issuer`.
    pub fn new(algorithm: DigestAlgorithm, issuer: &Certificate, serial: &[u8]) -> Result<Self> {
        let name = algorithm.digest(issuer.subject_der());
        let key = algorithm.digest(key_bits(issuer)?);
        let der = writer::sequence([
            &algorithm.to_der(),
            &writer::octet_string(&name),
            &writer::octet_string(&key),
            &writer::unsigned(serial),
        ]);
        Self::read(&Element::only(&der)?)
    }

    pub(super) fn read(element: &Element<'_>) -> Result<Self> {
        if element.tag != tag::SEQUENCE {
            return Err(Error::Malformed("certificate id"));
        }
        let mut fields = element.reader();
        let algorithm = DigestAlgorithm::from_oid(&fields.sequence()?.oid()?)?;
        let issuer_name_hash = fields.expect(tag::OCTET_STRING)?.content.to_vec();
        let issuer_key_hash = fields.expect(tag::OCTET_STRING)?.content.to_vec();
        let serial = fields.expect(tag::INTEGER)?;
        fields.finish()?;
        let length = algorithm.digest(&[]).len();
        if issuer_name_hash.len() != length
            || issuer_key_hash.len() != length
            || !(1..=MAX_SERIAL).contains(&serial.content.len())
        {
            return Err(Error::Malformed("certificate id"));
        }
        Ok(Self {
            der: element.raw.to_vec(),
            algorithm,
            issuer_name_hash,
            issuer_key_hash,
            serial: serial.unsigned().to_vec(),
        })
    }

    /// The DER as received.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The digest of both hashes; SHA-1 still is everybody's default, and does no harm as a name.
    pub fn algorithm(&self) -> DigestAlgorithm {
        self.algorithm
    }

    /// The digest of the issuer's name.
    pub fn issuer_name_hash(&self) -> &[u8] {
        &self.issuer_name_hash
    }

    /// The digest of the issuer's key, without its algorithm.
    pub fn issuer_key_hash(&self) -> &[u8] {
        &self.issuer_key_hash
    }

    /// The serial number, unsigned and big-endian without leading zeros, like [`Certificate::serial`].
    pub fn serial(&self) -> &[u8] {
        &self.serial
    }

    /// The serial number in lower-case hexadecimal digits, like [`Certificate::serial_hex`].
    pub fn serial_hex(&self) -> String {
        hex(&self.serial)
    }

    /// Whether the certificate it names is one of `issuer`'s.
    pub fn names_issuer(&self, issuer: &Certificate) -> bool {
        let digest = |bytes| self.algorithm.digest(bytes);
        constant_time_eq(&self.issuer_name_hash, &digest(issuer.subject_der()))
            && key_bits(issuer)
                .is_ok_and(|key| constant_time_eq(&self.issuer_key_hash, &digest(key)))
    }
}

/// The public key without its algorithm: the content of the BIT STRING less its count of unused bits.
fn key_bits(certificate: &Certificate) -> Result<&[u8]> {
    let mut fields = Reader::sequence_only(certificate.public_key_info())?;
    fields.sequence()?;
    fields.bit_string()
}

/// Serial numbers have at most 20 octets (RFC 5280 §4.1.2.2); some peers' are longer.
const MAX_SERIAL: usize = 64;
