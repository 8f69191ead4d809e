//! `EnvelopedData` (RFC 5652 §6), written with RSA key transport, read with ECDH as well.

use super::recipient::Recipient;
use super::{CmsError, ContentCipher, Identity};
use crate::asn1::{self, Asn1Error, Node, oid};
use crate::certificates::Certificate;
use crate::chance::Chance;
use crate::keys::encrypt_to;

/// How an envelope is written.
#[derive(Debug, Clone, Copy)]
pub struct Envelope {
    /// Content encryption.
    pub cipher: ContentCipher,
    /// Put the encrypted content into a constructed `[0]` around an OCTET STRING, as mdmb's library does.
    pub constructed: bool,
}

/// Encrypts `content` for one recipient.
pub fn envelope_for(
    recipient: &Certificate,
    content: &[u8],
    how: Envelope,
    chance: &mut Chance,
) -> Result<Vec<u8>, CmsError> {
    let material: [u8; 48] = chance.bytes();
    let (key, rest) = material.split_at(how.cipher.key_length());
    let iv_bytes: [u8; 16] = chance.bytes();
    let iv = &iv_bytes[..how.cipher.iv_length()];
    debug_assert!(rest.len() <= material.len(), "a split keeps the length");
    let hidden = how.cipher.encrypt(key, iv, content)?;
    let encrypted_key = encrypt_to(&recipient.public(), key)?;

    let recipient_info = asn1::sequence(&[
        &asn1::integer(0),
        &asn1::sequence(&[&recipient.issuer(), &recipient.serial()]),
        &asn1::algorithm(oid::RSA),
        &asn1::octet_string(&encrypted_key),
    ]);
    let encrypted_content = if how.constructed {
        asn1::context(0, &asn1::octet_string(&hidden))
    } else {
        asn1::context_primitive(0, &hidden)
    };
    let content_info = asn1::sequence(&[
        &asn1::object_id(oid::DATA),
        &asn1::sequence(&[&asn1::object_id(how.cipher.oid()), &asn1::octet_string(iv)]),
        &encrypted_content,
    ]);
    let enveloped = asn1::sequence(&[
        &asn1::integer(0),
        &asn1::set_of(vec![recipient_info]),
        &content_info,
    ]);
    Ok(asn1::sequence(&[
        &asn1::object_id(oid::ENVELOPED_DATA),
        &asn1::context(0, &enveloped),
    ]))
}

/// Decrypts for the first of `identities` that the envelope names, by issuer and serial number or by subject key identifier.
///
/// DER or BER; key transport by RSA, PKCS#1 v1.5 or OAEP; agreement by ECDH.
pub fn open_envelope(message: &[u8], identities: &[Identity]) -> Result<Vec<u8>, CmsError> {
    const WHAT: &str = "EnvelopedData";
    let outer = asn1::parse(message)?.expect(0x30, WHAT)?.children()?;
    let [kind, wrapped, ..] = outer.as_slice() else {
        return Err(Asn1Error::Unexpected(WHAT).into());
    };
    if kind.object_id().as_deref() != Some(oid::ENVELOPED_DATA) {
        return Err(Asn1Error::Unexpected(WHAT).into());
    }
    let body = wrapped.children()?;
    let fields = body
        .first()
        .ok_or(Asn1Error::Unexpected(WHAT))?
        .children()?;
    let recipients = fields
        .iter()
        .find(|node| node.tag == 0x31)
        .ok_or(Asn1Error::Unexpected(WHAT))?;
    let content = fields
        .iter()
        .rev()
        .find(|node| node.tag == 0x30)
        .ok_or(Asn1Error::Unexpected(WHAT))?;

    let mut failure = CmsError::NotForUs;
    for recipient in recipients.children()?.iter().flat_map(Recipient::read) {
        for identity in identities {
            if recipient.is(&identity.certificate) {
                let opened = recipient
                    .content_key(&identity.key)
                    .and_then(|key| decrypt_content(content, &key));
                match opened {
                    Ok(plain) => return Ok(plain),
                    Err(error) => failure = error,
                }
            }
        }
    }
    Err(failure)
}

fn decrypt_content(content: &Node<'_>, key: &[u8]) -> Result<Vec<u8>, CmsError> {
    const WHAT: &str = "EncryptedContentInfo";
    let parts = content.children()?;
    let [_, algorithm, hidden, ..] = parts.as_slice() else {
        return Err(Asn1Error::Unexpected(WHAT).into());
    };
    let algorithm = algorithm.children()?;
    let [kind, parameters, ..] = algorithm.as_slice() else {
        return Err(CmsError::UnknownCipher);
    };
    let cipher = kind
        .object_id()
        .as_deref()
        .and_then(ContentCipher::from_oid)
        .ok_or(CmsError::UnknownCipher)?;
    cipher.decrypt(key, parameters.content, &asn1::octets(hidden)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificates::{Issuer, Name};
    use crate::keys::KeyPool;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn a_broken_envelope_is_refused_or_opened_and_never_panics(
            place in any::<prop::sample::Index>(), bits in 1..=255_u8, cut in any::<prop::sample::Index>()
        ) {
            let key = KeyPool::shared().key(3);
            let validity = (1_600_000_000, 2_600_000_000);
            let issuer = Issuer::authority(key.clone(), &Name::common("Device"), validity).unwrap();
            let us = Identity { key, certificate: issuer.certificate.unwrap() };
            let how = Envelope { cipher: ContentCipher::Aes192, constructed: false };
            let mut message = envelope_for(&us.certificate, b"mail", how, &mut Chance::new(1)).unwrap();
            prop_assert_eq!(open_envelope(&message, std::slice::from_ref(&us)), Ok(b"mail".to_vec()));
            let place = place.index(message.len());
            message[place] ^= bits;
            let _ = open_envelope(&message, std::slice::from_ref(&us));
            message.truncate(cut.index(message.len()));
            prop_assert!(open_envelope(&message, std::slice::from_ref(&us)).is_err());
        }
    }
}
