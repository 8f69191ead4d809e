use mandate_pki::sha256;

use crate::SIGNER;

const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 3];
const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 4];
const SHA256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
const ECDSA_WITH_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
/// 2.16.840.1.113733.1.9, below which the attributes of SCEP are.
const SCEP: &[u8] = &[0x60, 0x86, 0x48, 1, 0x86, 0xf8, 0x45, 1, 9];

/// A PKCSReq (RFC 8894 §3.3.1) around any content, with attributes and a signature that are right.
pub fn signed_message(content: &[u8]) -> Vec<u8> {
    let attribute = |id: &[u8], value: Vec<u8>| {
        element(0x30, &[element(6, id), element(0x31, &value)].concat())
    };
    let scep = |arc: u8, value: Vec<u8>| attribute(&[SCEP, &[arc]].concat(), value);
    let mut attributes = vec![
        attribute(CONTENT_TYPE, element(6, DATA)),
        attribute(MESSAGE_DIGEST, element(4, &sha256(content))),
        scep(2, element(0x13, b"19")),
        scep(5, element(4, &[5; 16])),
        scep(7, element(0x13, b"a transaction")),
    ];
    attributes.sort();
    let attributes = attributes.concat();
    let signature = SIGNER
        .key
        .sign(&element(0x31, &attributes))
        .expect("the fixture signs");
    let algorithm = |id| element(0x30, &element(6, id));
    let (issuer, serial) = (SIGNER.certificate.issuer_der(), SIGNER.certificate.serial());
    let id = element(0x30, &[issuer, &element(2, serial)].concat());
    let signer = [
        element(2, &[1]),
        id,
        algorithm(SHA256),
        element(0xa0, &attributes),
        algorithm(ECDSA_WITH_SHA256),
        element(4, &signature),
    ]
    .concat();
    let encapsulated = [element(6, DATA), element(0xa0, &element(4, content))].concat();
    let signed = [
        element(2, &[1]),
        element(0x31, &algorithm(SHA256)),
        element(0x30, &encapsulated),
        element(0xa0, SIGNER.certificate.der()),
        element(0x31, &element(0x30, &signer)),
    ]
    .concat();
    let wrapped = element(0xa0, &element(0x30, &signed));
    element(0x30, &[element(6, SIGNED_DATA), wrapped].concat())
}

/// An element in DER: signatures are over the shortest form.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let zeros = length.iter().take_while(|&&octet| octet == 0).count();
    let length = &length[zeros..];
    let mut element = vec![tag];
    match length {
        [] => element.push(0),
        [short @ 0..0x80] => element.push(*short),
        _ => {
            element.push(0x80 | u8::try_from(length.len()).expect("a length has up to 8 octets"));
            element.extend(length);
        }
    }
    element.extend(content);
    element
}

#[cfg(test)]
mod tests {
    use mandate_pki::{
        cms::{ContentCipher, encrypt},
        scep::{Policy, parse_request},
    };

    use super::*;
    use crate::RECIPIENT;

    #[test]
    fn a_seed_gets_through_to_the_end() {
        let csr = include_bytes!("../seeds/pkcs10/attributes");
        let recipients = std::slice::from_ref(&RECIPIENT.certificate);
        let envelope = encrypt(recipients, csr, ContentCipher::Aes128Cbc).unwrap();
        let request = parse_request(
            &signed_message(&envelope),
            &RECIPIENT.key,
            &RECIPIENT.certificate,
            Policy::default(),
        )
        .unwrap();
        assert_eq!(request.csr.der(), csr);
    }
}
