//! Files without encryption and code, whose every octet a test may choose.

use crate::{
    Oid,
    asn1::{oid, tag, writer},
    certificate::Certificate,
    keys::PrivateKey,
    pbe::bmp,
    pkcs12::bags,
};

fn bag(id: &Oid, value: &[u8], mark: Option<&[u8]>, name: Option<&str>) -> Vec<u8> {
    let attribute = |id: &Oid, value: Vec<u8>| {
        writer::sequence([&writer::oid(id), &writer::set_of(vec![value])])
    };
    let mut attributes = Vec::new();
    if let Some(mark) = mark {
        attributes.push(attribute(&bags::LOCAL_KEY_ID, writer::octet_string(mark)));
    }
    if let Some(name) = name {
        let name = writer::element(tag::BMP_STRING, &bmp(name));
        attributes.push(attribute(&bags::FRIENDLY_NAME, name));
    }
    writer::sequence([
        &writer::oid(id),
        &writer::context(0, value),
        &writer::set_of(attributes),
    ])
}

pub(super) fn key(key: &PrivateKey, mark: Option<&[u8]>, name: Option<&str>) -> Vec<u8> {
    key_of(&key.to_pkcs8(), mark, name)
}

/// A key of any kind, as its PKCS#8 document.
pub(super) fn key_of(pkcs8: &[u8], mark: Option<&[u8]>, name: Option<&str>) -> Vec<u8> {
    bag(&bags::KEY, pkcs8, mark, name)
}

pub(super) fn certificate(
    certificate: &Certificate,
    mark: Option<&[u8]>,
    name: Option<&str>,
) -> Vec<u8> {
    let value = writer::sequence([
        &writer::oid(&bags::X509_CERTIFICATE),
        &writer::context(0, &writer::octet_string(certificate.der())),
    ]);
    bag(&bags::CERTIFICATE, &value, mark, name)
}

pub(super) fn file(bags: &[Vec<u8>]) -> Vec<u8> {
    let data = |octets: &[u8]| {
        writer::sequence([
            &writer::oid(&oid::CMS_DATA),
            &writer::context(0, &writer::octet_string(octets)),
        ])
    };
    let safe = data(&writer::sequence_of(bags));
    writer::sequence([&writer::integer(3), &data(&writer::sequence([&safe]))])
}
