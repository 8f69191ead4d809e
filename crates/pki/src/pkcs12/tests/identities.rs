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
fn of_several_keys_the_one_that_is_marked_is_meant() {
    let other = another_key();
    let (own, others) = (self_signed(&KEY, "a", 1), self_signed(&other, "b", 2));
    let file_of = |own_mark: Option<&[u8]>, other_mark: Option<&[u8]>| {
        file(&[
            key(&other, other_mark, None),
            certificate(&others, other_mark, None),
            key(&KEY, own_mark, None),
            certificate(&own, own_mark, None),
        ])
    };
    let opened = open(&file_of(Some(b"own"), None), "").unwrap();
    assert_eq!(opened.certificate, own);
    assert_eq!(opened.chain, std::slice::from_ref(&others));
    for mark in [Some(&b"other"[..]), None] {
        let own_mark = mark.map(|_| &b"own"[..]);
        assert_eq!(
            open(&file_of(own_mark, mark), "").unwrap_err(),
            Pkcs12Error::SeveralIdentities
        );
    }
    // A mark that the certificate does not bear ties nothing together.
    let astray = file(&[
        key(&other, Some(b"1"), None),
        key(&KEY, Some(b"2"), None),
        certificate(&others, Some(b"1"), None),
        certificate(&own, Some(b"3"), None),
    ]);
    assert_eq!(open(&astray, "").unwrap().certificate, others);
}

#[test]
fn the_same_key_twice_is_one_and_its_mark_counts() {
    let other = another_key();
    let (own, others) = (self_signed(&KEY, "a", 1), self_signed(&other, "b", 2));
    let file = file(&[
        key(&KEY, None, None),
        key(&KEY, Some(b"own"), Some("marked")),
        certificate(&own, Some(b"own"), None),
        key(&other, None, None),
        certificate(&others, None, None),
    ]);
    let opened = open(&file, "").unwrap();
    assert_eq!(opened.certificate, own);
    assert_eq!(opened.friendly_name.as_deref(), Some("marked"));
}

#[test]
fn a_key_of_another_kind_is_named_where_it_might_be_meant() {
    use crate::asn1::writer;
    let dsa = writer::algorithm(&crate::Oid::new_unwrap("1.2.840.10040.4.1"), &[]);
    let parts = [&writer::integer(0), &dsa, &writer::octet_string(&[2, 1, 1])];
    let dsa = writer::sequence(parts.map(Vec::as_slice));
    let own = certificate(&self_signed(&KEY, "own", 1), Some(b"own"), None);
    let foreign = certificate(&self_signed(&another_key(), "b", 2), Some(b"dsa"), None);
    let refused = Pkcs12Error::UnsupportedKey("DSA (1.2.840.10040.4.1)".to_owned());
    let lone = file(&[key_of(&dsa, None, None)]);
    assert_eq!(open(&lone, "").unwrap_err(), refused);
    let own_key = key(&KEY, Some(b"own"), None);
    let beside = file(&[key_of(&dsa, None, None), own_key.clone(), own.clone()]);
    assert!(open(&beside, "").is_ok());
    let marked = file(&[own_key, own, key_of(&dsa, Some(b"dsa"), None), foreign]);
    assert_eq!(open(&marked, "").unwrap_err(), refused);
    assert!(refused.to_string().contains("RSA of 1024 to 8192 bits"));
}

#[test]
fn a_certificate_for_pss_alone_is_refused() {
    use crate::asn1::{oid, writer};
    let key = PrivateKey::generate(KeyKind::Rsa2048).unwrap();
    let info = key.public_key_info();
    let mut fields = crate::asn1::Reader::sequence_only(&info).unwrap();
    fields.sequence().unwrap();
    let bits = writer::bit_string(fields.bit_string().unwrap());
    let marked = writer::sequence([&writer::algorithm(&oid::RSASSA_PSS, &[]), &bits]);
    let name = DistinguishedName::common_name("pss");
    let request = CertificateRequest::new(marked, name, serial(1));
    let certificate_of_pss = request.self_sign(&key).unwrap();
    let file = file(&[
        plain::key(&key, None, None),
        certificate(&certificate_of_pss, None, None),
    ]);
    let error = open(&file, "").unwrap_err().to_string();
    assert!(error.contains("RSA for PSS signatures alone"), "{error}");
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
