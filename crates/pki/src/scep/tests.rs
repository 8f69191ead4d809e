//! A client of the tests' own against the server's side, in the ways that real clients and simulators write.

use std::{
    io::Write,
    process::{Command, Stdio},
    sync::LazyLock,
};

use super::*;
use crate::{
    DigestAlgorithm, Error, Legacy,
    asn1::{oid, tag, writer},
    authority::{Authority, AuthorityRequest, CertificateRequest, SerialNumber, create},
    certificate::Certificate,
    cms::{self, Carry, ContentCipher, SignedMessage, Signing},
    csr::{self, RequestedAttributes},
    keys::{KeyKind, PrivateKey},
    name::DistinguishedName,
};

const NOW: i64 = 1_795_000_000;
const LEGACY: Policy = Policy {
    allow_single_des: true,
    allow_sha1: true,
};
const SERVER_NONCE: [u8; 16] = [9; 16];

static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| {
    let serials = [1, 2].map(|octet| SerialNumber::from_random([octet; 16]));
    let mut request = AuthorityRequest::new("House", NOW, serials);
    request.root_kind = KeyKind::P256;
    create(&request).unwrap().authority().unwrap()
});

/// The key that is to be certified.
static DEVICE_KEY: LazyLock<PrivateKey> =
    LazyLock::new(|| PrivateKey::generate(KeyKind::Rsa2048).unwrap());
/// As in mdmb, messages are signed by another key.
static SIGNER_KEY: LazyLock<PrivateKey> =
    LazyLock::new(|| PrivateKey::generate(KeyKind::Rsa2048).unwrap());

static SIGNER: LazyLock<Certificate> = LazyLock::new(|| {
    let name = DistinguishedName::common_name("SCEP SIGNER");
    let mut request = CertificateRequest::new(
        SIGNER_KEY.public_key_info(),
        name,
        SerialNumber::from_random([3; 16]),
    );
    request.not_after = NOW + 3600;
    request.self_sign(&SIGNER_KEY).unwrap()
});

fn responder() -> Responder<'static> {
    Responder {
        key: AUTHORITY.issuing_key(),
        certificate: AUTHORITY.issuing(),
    }
}

fn signing_request() -> Vec<u8> {
    let requested = RequestedAttributes {
        challenge_password: Some("s3cret".to_owned()),
        ..Default::default()
    };
    csr::build(
        &DEVICE_KEY,
        &DistinguishedName::common_name("device"),
        &requested,
    )
    .unwrap()
    .der()
    .to_vec()
}

fn client_attributes(message_type: &str) -> Vec<(crate::Oid, Vec<u8>)> {
    vec![
        attributes::text(oid::SCEP_MESSAGE_TYPE, message_type),
        attributes::text(oid::SCEP_TRANSACTION_ID, "dHJhbnNhY3Rpb24="),
        attributes::nonce(oid::SCEP_SENDER_NONCE, &[7; 16]),
    ]
}

fn message(
    message_type: &str,
    cipher: ContentCipher,
    digest: DigestAlgorithm,
    content: &[u8],
) -> Vec<u8> {
    let envelope =
        cms::encrypt(std::slice::from_ref(AUTHORITY.issuing()), content, cipher).unwrap();
    let signing = Signing {
        key: &SIGNER_KEY,
        certificate: &SIGNER,
        chain: &[],
        time: None,
        attributes: client_attributes(message_type),
        digest,
    };
    signing.sign(&envelope, Carry::Attached).unwrap()
}

fn parse(bytes: &[u8], policy: Policy) -> Result<Request, Box<Refusal>> {
    parse_request(bytes, AUTHORITY.issuing_key(), AUTHORITY.issuing(), policy)
}

fn issue(request: &Request) -> Certificate {
    let subject = request.csr.subject_name().unwrap();
    let serial = SerialNumber::from_random([4; 16]);
    let mut wanted =
        CertificateRequest::new(request.csr.public_key_info().to_vec(), subject, serial);
    wanted.not_after = NOW + 86_400;
    AUTHORITY.issue(&wanted).unwrap()
}

fn attribute(message: &SignedMessage, id: crate::Oid) -> Vec<u8> {
    message.signed_attribute(&id).unwrap().1
}

/// What a client makes of a good answer.
fn issued_certificate(answer: &[u8]) -> Certificate {
    let answer = SignedMessage::from_ber(answer).unwrap();
    let (signer, envelope) = answer.verify_attached(Legacy::Refuse).unwrap();
    assert_eq!(signer, AUTHORITY.issuing());
    assert_eq!(attribute(&answer, oid::SCEP_PKI_STATUS), b"0");
    assert_eq!(attribute(&answer, oid::SCEP_RECIPIENT_NONCE), [7; 16]);
    assert_eq!(attribute(&answer, oid::SCEP_SENDER_NONCE), SERVER_NONCE);
    assert_eq!(
        attribute(&answer, oid::SCEP_TRANSACTION_ID),
        b"dHJhbnNhY3Rpb24="
    );
    let opened =
        cms::decrypt_with(envelope, &SIGNER_KEY, &SIGNER, cms::Policy::AllowSingleDes).unwrap();
    let bag = SignedMessage::from_ber(&opened.content).unwrap();
    assert_eq!(bag.certificates().len(), 3);
    bag.certificates()[0].clone()
}

#[test]
fn a_device_gets_its_certificate_in_any_cipher() {
    for (cipher, policy) in [
        (ContentCipher::Aes128Cbc, Policy::default()),
        (ContentCipher::Aes256Cbc, Policy::default()),
        (ContentCipher::TripleDesCbc, Policy::default()),
        (ContentCipher::SingleDesCbc, LEGACY),
    ] {
        for (number, message_type) in [
            ("19", MessageType::PkcsReq),
            ("17", MessageType::RenewalReq),
        ] {
            let bytes = message(number, cipher, DigestAlgorithm::Sha512, &signing_request());
            let request = parse(&bytes, policy).unwrap();
            assert_eq!(
                (request.message_type, request.cipher),
                (message_type, cipher)
            );
            assert_eq!(request.digest, DigestAlgorithm::Sha512);
            assert_eq!(request.csr.challenge_password(), Some("s3cret"));
            assert_eq!(request.signer, *SIGNER);
            let issued = issue(&request);
            let answer = success(
                &request,
                &issued,
                &AUTHORITY.chain(),
                responder(),
                &SERVER_NONCE,
            )
            .unwrap();
            assert_eq!(issued_certificate(&answer), issued);
        }
    }
}

#[test]
fn single_des_needs_leave() {
    let bytes = message(
        "19",
        ContentCipher::SingleDesCbc,
        DigestAlgorithm::Sha256,
        &signing_request(),
    );
    let refusal = parse(&bytes, Policy::default()).unwrap_err();
    assert_eq!(
        (refusal.fail_info, refusal.cause),
        (FailInfo::BadAlg, Error::Forbidden("single DES"))
    );
}

#[test]
fn a_refusal_can_be_answered() {
    let bytes = message(
        "19",
        ContentCipher::Aes128Cbc,
        DigestAlgorithm::Sha256,
        &signing_request(),
    );
    let refusal = parse(&bytes, Policy::default())
        .unwrap()
        .refuse(FailInfo::BadMessageCheck);
    let answer = failure(&refusal, responder(), &SERVER_NONCE).unwrap();
    let answer = SignedMessage::from_ber(&answer).unwrap();
    let (signer, content) = answer.verify_attached(Legacy::Refuse).unwrap();
    assert_eq!(signer, AUTHORITY.issuing());
    assert!(content.is_empty());
    assert_eq!(attribute(&answer, oid::SCEP_PKI_STATUS), b"2");
    assert_eq!(attribute(&answer, oid::SCEP_FAIL_INFO), b"1");
    assert_eq!(attribute(&answer, oid::SCEP_RECIPIENT_NONCE), [7; 16]);
}

#[test]
fn every_fault_has_its_reason_and_keeps_the_transaction() {
    let good = signing_request();
    let changed = |content: &[u8]| {
        message(
            "19",
            ContentCipher::Aes128Cbc,
            DigestAlgorithm::Sha256,
            content,
        )
    };
    let mut bad_csr = good.clone();
    *bad_csr.last_mut().unwrap() ^= 1;
    let mut bad_signature = changed(&good);
    *bad_signature.last_mut().unwrap() ^= 1;
    let poll = message(
        "20",
        ContentCipher::Aes128Cbc,
        DigestAlgorithm::Sha256,
        &good,
    );
    let unknown = message(
        "99",
        ContentCipher::Aes128Cbc,
        DigestAlgorithm::Sha256,
        &good,
    );
    for (bytes, expected) in [
        (changed(b"no request"), FailInfo::BadMessageCheck),
        (changed(&bad_csr), FailInfo::BadMessageCheck),
        (bad_signature, FailInfo::BadMessageCheck),
        (poll, FailInfo::BadRequest),
        (unknown, FailInfo::BadRequest),
    ] {
        let refusal = parse(&bytes, Policy::default()).unwrap_err();
        assert_eq!(refusal.fail_info, expected, "{}", refusal.cause);
        assert_eq!(refusal.transaction_id.as_deref(), Some("dHJhbnNhY3Rpb24="));
        assert_eq!(refusal.sender_nonce, Some(vec![7; 16]));
    }
    let refusal = parse(b"nonsense", Policy::default()).unwrap_err();
    assert_eq!(
        (refusal.fail_info, refusal.transaction_id.as_ref()),
        (FailInfo::BadRequest, None)
    );
    assert!(failure(&refusal, responder(), &SERVER_NONCE).is_err());
}

#[test]
fn a_message_for_another_authority_is_refused() {
    let bytes = message(
        "19",
        ContentCipher::Aes128Cbc,
        DigestAlgorithm::Sha256,
        &signing_request(),
    );
    let refusal = parse_request(&bytes, &SIGNER_KEY, &SIGNER, Policy::default()).unwrap_err();
    assert_eq!(
        (refusal.fail_info, refusal.cause),
        (FailInfo::BadMessageCheck, Error::NotRecipient)
    );
}

/// `openssl dgst` makes the SHA-1 signatures that AWS-LC rightly does not.
fn sha1_signature(message: &[u8]) -> Option<Vec<u8>> {
    let directory = tempfile::tempdir().unwrap();
    let key = directory.path().join("key.pem");
    std::fs::write(&key, SIGNER_KEY.to_pem().as_bytes()).unwrap();
    let mut command = Command::new("openssl");
    command
        .args(["dgst", "-sha1", "-sign"])
        .arg(&key)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        println!("skipped: no `openssl` command");
        return None;
    };
    child.stdin.take().unwrap().write_all(message).unwrap();
    Some(child.wait_with_output().unwrap().stdout)
}

/// The message of mdmb: SHA-1, algorithms without parameters, single DES with its ciphertext in a constructed `[0]`.
fn mdmb_message() -> Option<Vec<u8>> {
    let envelope = constructed(
        &cms::encrypt(
            std::slice::from_ref(AUTHORITY.issuing()),
            &signing_request(),
            ContentCipher::SingleDesCbc,
        )
        .unwrap(),
    );
    let mut attributes = client_attributes("19");
    attributes.push((oid::CONTENT_TYPE, writer::oid(&oid::CMS_DATA)));
    attributes.push((
        oid::MESSAGE_DIGEST,
        writer::octet_string(&crate::sha1(&envelope)),
    ));
    let attributes: Vec<_> = attributes
        .iter()
        .map(|(id, value)| {
            writer::sequence([&writer::oid(id), &writer::set_of(vec![value.clone()])])
        })
        .collect();
    let set = writer::set_of(attributes);
    let signature = sha1_signature(&set)?;
    let mut tagged = set;
    tagged[0] = tag::context_constructed(0);
    let signer = writer::sequence([
        &writer::integer(1),
        &writer::sequence([SIGNER.issuer_der(), &writer::unsigned(SIGNER.serial())]),
        &writer::algorithm(&oid::SHA1, &[]),
        &tagged,
        &writer::algorithm(&oid::SHA1_WITH_RSA, &[]),
        &writer::octet_string(&signature),
    ]);
    let content = writer::context(0, &writer::octet_string(&envelope));
    let signed_data = writer::sequence([
        &writer::integer(1),
        &writer::set_of(vec![writer::algorithm(&oid::SHA1, &[])]),
        &writer::sequence([&writer::oid(&oid::CMS_DATA), &content]),
        &writer::context(0, SIGNER.der()),
        &writer::set_of(vec![signer]),
    ]);
    Some(writer::sequence([
        &writer::oid(&oid::CMS_SIGNED),
        &writer::context(0, &signed_data),
    ]))
}

/// Puts the ciphertext, which stands at the end, into an OCTET STRING within the `[0]`.
fn constructed(envelope: &[u8]) -> Vec<u8> {
    use crate::asn1::Element;
    let elements = |content: &[u8]| {
        let mut reader = crate::asn1::Reader::new(content);
        let mut parts = Vec::new();
        while let Ok(part) = reader.element() {
            parts.push(part.raw.to_vec());
        }
        parts
    };
    let info = elements(Element::only(envelope).unwrap().content);
    let enveloped = Element::only(Element::only(&info[1]).unwrap().content)
        .unwrap()
        .content;
    let mut fields = elements(enveloped);
    let mut encrypted = elements(Element::only(&fields[2]).unwrap().content);
    encrypted[2] = writer::context(
        0,
        &writer::octet_string(Element::only(&encrypted[2]).unwrap().content),
    );
    fields[2] = writer::sequence_of(&encrypted);
    writer::sequence([&info[0], &writer::context(0, &writer::sequence_of(&fields))])
}

#[test]
fn a_simulator_enrols_where_it_may() {
    let Some(bytes) = mdmb_message() else { return };
    let request = parse(&bytes, LEGACY).unwrap();
    assert_eq!(
        (request.cipher, request.digest),
        (ContentCipher::SingleDesCbc, DigestAlgorithm::Sha1)
    );
    let issued = issue(&request);
    let answer = success(
        &request,
        &issued,
        &AUTHORITY.chain(),
        responder(),
        &SERVER_NONCE,
    )
    .unwrap();
    assert_eq!(issued_certificate(&answer), issued);

    let without_sha1 = Policy {
        allow_sha1: false,
        ..LEGACY
    };
    assert_eq!(
        parse(&bytes, without_sha1).unwrap_err().cause,
        Error::Forbidden("SHA-1")
    );
    let without_des = Policy {
        allow_single_des: false,
        ..LEGACY
    };
    let refusal = parse(&bytes, without_des).unwrap_err();
    assert_eq!(
        (refusal.fail_info, refusal.cause.clone()),
        (FailInfo::BadAlg, Error::Forbidden("single DES"))
    );
    failure(&refusal, responder(), &SERVER_NONCE).unwrap();
}

#[test]
fn capabilities_are_one_a_line() {
    assert!(
        capabilities(Policy::default())
            .lines()
            .any(|line| line == "SCEPStandard")
    );
    assert!(!capabilities(Policy::default()).contains("SHA-1\n"));
    assert!(capabilities(LEGACY).contains("\nSHA-1\n"));
}
