use super::{plain::*, *};

/// A certificate for `key` in the name of `subject`, signed by `issuer_key` in the name of `issuer`.
fn issued(
    key: &PrivateKey,
    subject: &str,
    issuer_key: &PrivateKey,
    issuer: &Certificate,
    octet: u8,
) -> Certificate {
    use crate::asn1::{Element, tag, writer};
    // As of any authority: the fields of a certificate of its own, with another issuer.
    let own = self_signed(key, subject, octet);
    let fields = Element::only(own.der())
        .unwrap()
        .reader()
        .element()
        .unwrap();
    let mut reader = fields.reader();
    let mut parts = Vec::new();
    while !reader.is_empty() {
        parts.push(reader.element().unwrap().raw.to_vec());
    }
    // Version, serial number, algorithm, issuer.
    parts[3] = issuer.subject_der().to_vec();
    let to_be_signed = writer::element(tag::SEQUENCE, &parts.concat());
    let signature = issuer_key.sign(&to_be_signed).unwrap();
    let algorithm = issuer_key.signature_algorithm().to_der().unwrap();
    let der = writer::sequence([&to_be_signed, &algorithm, &writer::bit_string(&signature)]);
    Certificate::from_der(&der).unwrap()
}

fn another_key() -> PrivateKey {
    PrivateKey::generate(KeyKind::P256).unwrap()
}

#[test]
fn the_mark_decides_between_certificates_of_one_key() {
    let (old, new) = (self_signed(&KEY, "old", 1), self_signed(&KEY, "new", 2));
    let file = file(&[
        certificate(&old, Some(b"1"), None),
        certificate(&new, Some(b"2"), Some("of the certificate")),
        key(&KEY, Some(b"2"), None),
    ]);
    let opened = open(&file, "").unwrap();
    assert_eq!(opened.certificate, new);
    assert_eq!(opened.chain, [old]);
    assert_eq!(opened.friendly_name.as_deref(), Some("of the certificate"));
}

#[test]
fn a_mark_that_leads_astray_is_not_followed() {
    let stranger = self_signed(&another_key(), "stranger", 1);
    let own = self_signed(&KEY, "own", 2);
    let file = file(&[
        key(&KEY, Some(b"1"), Some("of the key")),
        certificate(&stranger, Some(b"1"), None),
        certificate(&own, None, Some("of the certificate")),
    ]);
    let opened = open(&file, "").unwrap();
    assert_eq!(opened.certificate, own);
    assert_eq!(opened.friendly_name.as_deref(), Some("of the key"));
}

#[test]
fn only_keys_with_certificates_count() {
    let other = another_key();
    let (own, others) = (self_signed(&KEY, "a", 1), self_signed(&other, "b", 2));
    let lone = file(&[
        key(&other, None, None),
        key(&KEY, None, None),
        certificate(&own, None, None),
    ]);
    assert_eq!(open(&lone, "").unwrap().certificate, own);
    let both = file(&[
        key(&other, None, None),
        key(&KEY, None, None),
        certificate(&own, None, None),
        certificate(&others, None, None),
    ]);
    assert_eq!(open(&both, "").unwrap_err(), Pkcs12Error::SeveralIdentities);
    let none = file(&[key(&KEY, None, None), certificate(&others, None, None)]);
    assert_eq!(open(&none, "").unwrap_err(), Pkcs12Error::NoIdentity);
    assert_eq!(open(&file(&[]), "").unwrap_err(), Pkcs12Error::NoIdentity);
}

#[test]
fn the_chain_follows_signatures_where_names_are_shared() {
    let (root_key, old_key, new_key) = (another_key(), another_key(), another_key());
    let root = self_signed(&root_key, "root", 1);
    let old = issued(&old_key, "issuing", &root_key, &root, 2);
    let new = issued(&new_key, "issuing", &root_key, &root, 3);
    let leaf = issued(&KEY, "leaf", &new_key, &new, 4);
    let stranger = self_signed(&another_key(), "stranger", 5);
    let all = [&stranger, &root, &old, &new, &leaf, &new];
    let mut bags: Vec<_> = all.iter().map(|one| certificate(one, None, None)).collect();
    bags.push(key(&KEY, None, None));
    let opened = open(&file(&bags), "").unwrap();
    assert_eq!(opened.certificate, leaf);
    assert_eq!(opened.chain, [new, root, stranger, old]);
}

#[test]
fn issuers_in_a_circle_end() {
    let (left_key, right_key) = (another_key(), another_key());
    let right_name = self_signed(&right_key, "right", 1);
    let left = issued(&left_key, "left", &right_key, &right_name, 2);
    let right = issued(&right_key, "right", &left_key, &left, 3);
    let leaf = issued(&KEY, "leaf", &left_key, &left, 4);
    let file = file(&[
        certificate(&right, None, None),
        certificate(&left, None, None),
        certificate(&leaf, None, None),
        key(&KEY, None, None),
    ]);
    assert_eq!(open(&file, "").unwrap().chain, [left, right]);
}
