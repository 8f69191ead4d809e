use zeroize::Zeroizing;

use super::{
    MAX_SIZE,
    cipher::{ContentCipher, Parameters},
    content_info, open_content_info,
    sign::issuer_and_serial,
};
use crate::{
    DigestAlgorithm, Error, Result,
    asn1::{Element, Reader, ber, oid, tag, writer},
    certificate::Certificate,
    keys::PrivateKey,
};

/// Which weak ciphers count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// AES and triple DES
    #[default]
    Strong,
    /// Single DES as well, for simulators and `scepclient`
    AllowSingleDes,
}

/// What was decrypted, and by which cipher.
#[derive(Clone, Debug)]
pub struct Decrypted {
    /// The plaintext
    pub content: Zeroizing<Vec<u8>>,
    /// The cipher of the sender
    pub cipher: ContentCipher,
}

/// `EnvelopedData` in DER (RFC 5652 §6) for each of `recipients`, whose keys must be RSA.
pub fn encrypt(
    recipients: &[Certificate],
    content: &[u8],
    cipher: ContentCipher,
) -> Result<Vec<u8>> {
    let key = cipher.generate_key()?;
    let recipients = recipients
        .iter()
        .map(|recipient| key_transport(recipient, &key))
        .collect::<Result<Vec<_>>>()?;
    if recipients.is_empty() {
        return Err(Error::Unsupported("message without a recipient"));
    }
    let (algorithm, ciphertext) = cipher.encrypt(&key, content)?;
    let encrypted = writer::sequence([
        &writer::oid(&oid::CMS_DATA),
        &algorithm,
        &writer::context_primitive(0, &ciphertext),
    ]);
    let enveloped =
        writer::sequence([&writer::integer(0), &writer::set_of(recipients), &encrypted]);
    Ok(content_info(&oid::CMS_ENVELOPED, &enveloped))
}

/// `KeyTransRecipientInfo` (RFC 5652 §6.2.1) by PKCS#1 v1.5, which Apple's devices and SCEP clients understand.
fn key_transport(recipient: &Certificate, key: &[u8]) -> Result<Vec<u8>> {
    let encrypted_key = recipient.public_key()?.encrypt_pkcs1(key)?;
    Ok(writer::sequence([
        &writer::integer(0),
        &issuer_and_serial(recipient),
        &writer::algorithm(&oid::RSA_ENCRYPTION, &writer::null()),
        &writer::octet_string(&encrypted_key),
    ]))
}

/// Decrypts what was encrypted for `certificate`, not by single DES.
pub fn decrypt(
    message: &[u8],
    key: &PrivateKey,
    certificate: &Certificate,
) -> Result<Zeroizing<Vec<u8>>> {
    Ok(decrypt_with(message, key, certificate, Policy::Strong)?.content)
}

/// Decrypts `EnvelopedData` or `AuthEnvelopedData` (RFC 5083) in BER or DER.
///
/// What the private key makes of a message is never told: a wrong key, padding or tag all end in [`Error::Decryption`], and a
/// content key that cannot be decrypted is replaced by a random one (RFC 3218 §2.3.2). Callers whose plaintext has a form must
/// answer a malformed one likewise.
pub fn decrypt_with(
    message: &[u8],
    key: &PrivateKey,
    certificate: &Certificate,
    policy: Policy,
) -> Result<Decrypted> {
    let der = ber::to_der(message, MAX_SIZE).map_err(|_| Error::Malformed("encrypted message"))?;
    let envelope = Envelope::read(&der).map_err(|error| match error {
        Error::Unsupported(_) => error,
        _ => Error::Malformed("encrypted message"),
    })?;
    let cipher = envelope.parameters.cipher;
    if cipher == ContentCipher::SingleDesCbc && policy == Policy::Strong {
        return Err(Error::Forbidden("single DES"));
    }
    let recipient = envelope
        .recipients
        .iter()
        .find(|recipient| recipient.is(certificate))
        .ok_or(Error::NotRecipient)?;
    let transport = recipient.transport.clone()?;
    let substitute = cipher.generate_key()?;
    let content_key = match transport {
        Transport::Pkcs1 => key.decrypt_pkcs1(recipient.encrypted_key),
        Transport::Oaep(digest) => key.decrypt_oaep(digest, recipient.encrypted_key),
    };
    let content_key = match content_key {
        Ok(content_key) if content_key.len() == cipher.key_length() => content_key,
        _ => substitute,
    };
    let content =
        envelope
            .parameters
            .decrypt(&content_key, &envelope.authenticated, &envelope.ciphertext)?;
    Ok(Decrypted { content, cipher })
}

/// The fields of both kinds of message.
struct Envelope<'a> {
    recipients: Vec<Recipient<'a>>,
    parameters: Parameters,
    /// With the tag of GCM at its end.
    ciphertext: Vec<u8>,
    /// `authAttrs` as a SET, or nothing.
    authenticated: Vec<u8>,
}

struct Recipient<'a> {
    id: Element<'a>,
    transport: Result<Transport>,
    encrypted_key: &'a [u8],
}

#[derive(Clone, Copy)]
enum Transport {
    Pkcs1,
    Oaep(DigestAlgorithm),
}

impl<'a> Envelope<'a> {
    fn read(der: &'a [u8]) -> Result<Self> {
        if let Ok(fields) = open_content_info(der, &oid::CMS_AUTH_ENVELOPED) {
            return Self::read_fields(fields, true);
        }
        Self::read_fields(open_content_info(der, &oid::CMS_ENVELOPED)?, false)
    }

    fn read_fields(mut fields: Reader<'a>, with_tag: bool) -> Result<Self> {
        fields.expect(tag::INTEGER)?;
        fields.optional(tag::context_constructed(0))?;
        let mut infos = fields.set()?;
        let mut recipients = Vec::new();
        while !infos.is_empty() {
            let info = infos.element()?;
            // Other kinds than key transport have tags of their own; they are not for an RSA key.
            if info.tag == tag::SEQUENCE {
                recipients.push(Recipient::read(info.reader())?);
            }
        }
        let mut encrypted = fields.sequence()?;
        encrypted.oid()?;
        let parameters = Parameters::read(&encrypted.expect(tag::SEQUENCE)?)?;
        let field = encrypted.element()?;
        if field.tag & 0xdf != tag::context(0) {
            return Err(Error::Malformed("encrypted message"));
        }
        let mut ciphertext = field.octets()?;
        let mut authenticated = Vec::new();
        if with_tag {
            if let Some(attributes) = fields.optional(tag::context_constructed(1))? {
                authenticated = writer::element(tag::SET, attributes.content);
            }
            ciphertext.extend_from_slice(fields.expect(tag::OCTET_STRING)?.content);
        }
        Ok(Self {
            recipients,
            parameters,
            ciphertext,
            authenticated,
        })
    }
}

impl<'a> Recipient<'a> {
    fn read(mut fields: Reader<'a>) -> Result<Self> {
        fields.expect(tag::INTEGER)?;
        let id = fields.element()?;
        let transport = read_transport(fields.sequence()?);
        let encrypted_key = fields.expect(tag::OCTET_STRING)?.content;
        Ok(Self {
            id,
            transport,
            encrypted_key,
        })
    }

    fn is(&self, certificate: &Certificate) -> bool {
        if self.id.tag != tag::SEQUENCE {
            return self.id.octets().is_ok_and(|id| certificate.has_key_id(&id));
        }
        let mut pair = self.id.reader();
        match (pair.element(), pair.element()) {
            (Ok(issuer), Ok(serial)) => {
                certificate.has_issuer_and_serial(issuer.raw, serial.content)
            }
            _ => false,
        }
    }
}

fn read_transport(mut algorithm: Reader<'_>) -> Result<Transport> {
    let id = algorithm.oid()?;
    if id.is_oid(&oid::RSA_ENCRYPTION) {
        return Ok(Transport::Pkcs1);
    }
    if !id.is_oid(&oid::RSAES_OAEP) {
        return Err(Error::Unsupported("key transport"));
    }
    // RSAES-OAEP-params (RFC 4055 §4.1); mask digests that differ from the label's simply fail to decrypt.
    let mut parameters = if algorithm.is_empty() {
        algorithm
    } else {
        algorithm.sequence()?
    };
    match parameters.optional(tag::context_constructed(0))? {
        Some(field) => Ok(Transport::Oaep(DigestAlgorithm::from_oid(
            &field.reader().sequence()?.oid()?,
        )?)),
        None => Ok(Transport::Oaep(DigestAlgorithm::Sha1)),
    }
}
