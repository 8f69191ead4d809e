//! The client's side against the server's.

use std::sync::LazyLock;

use super::*;
use crate::{
    DigestAlgorithm, Error,
    authority::{Authority, AuthorityRequest, Delegation, SerialNumber, create},
    certificate::Certificate,
    cms::{ContentCipher, degenerate},
    csr::{self, CertificateSigningRequest, RequestedAttributes},
    keys::{KeyKind, PrivateKey},
    name::DistinguishedName,
    scep::{
        FailInfo, MessageType, Policy, Responder, ca_certificates, failure, parse_request,
        parse_request_for, success,
    },
};

const NOW: i64 = 1_795_000_000;
const SERVER_NONCE: [u8; 16] = [9; 16];
const LEGACY: Policy = Policy {
    allow_single_des: true,
    allow_sha1: true,
};

fn serial(octet: u8) -> SerialNumber {
    SerialNumber::from_random([octet; 16])
}

fn authority(issuing_kind: KeyKind) -> Authority {
    let mut request = AuthorityRequest::new("House", NOW, [serial(1), serial(2)]);
    (request.root_kind, request.issuing_kind) = (KeyKind::P256, issuing_kind);
    create(&request).unwrap().authority().unwrap()
}

static RSA: LazyLock<Authority> = LazyLock::new(|| authority(KeyKind::Rsa2048));

/// An authority of elliptic curves with an RSA registration authority beside it.
static ELLIPTIC: LazyLock<Authority> = LazyLock::new(|| {
    let authority = authority(KeyKind::P256);
    assert!(authority.needs_registration());
    let delegation = Delegation {
        serial: serial(3),
        not_before: NOW,
        not_after: NOW + 86_400,
    };
    let registration = authority
        .issue_registration(KeyKind::Rsa2048, delegation)
        .unwrap();
    authority.with_registration(registration).unwrap()
});

static KEY: LazyLock<PrivateKey> =
    LazyLock::new(|| PrivateKey::generate(KeyKind::Rsa2048).unwrap());

static SIGNER: LazyLock<Certificate> =
    LazyLock::new(|| transient_certificate(&KEY, name(), serial(4), NOW).unwrap());

static CSR: LazyLock<CertificateSigningRequest> = LazyLock::new(|| {
    let requested = RequestedAttributes {
        challenge_password: Some("s3cret".to_owned()),
        ..Default::default()
    };
    csr::build(&KEY, &name(), &requested).unwrap()
});

fn name() -> DistinguishedName {
    DistinguishedName::common_name("device")
}

fn certificates_of(authority: &Authority) -> ServerCertificates {
    let answer = ca_certificates(authority);
    read_ca_certificates(&answer.body, answer.content_type).unwrap()
}

fn exchange(server: &ServerCertificates) -> Exchange<'_> {
    Exchange {
        transaction_id: "one".to_owned(),
        sender_nonce: [7; 16],
        signer: Identity {
            certificate: &SIGNER,
            key: &KEY,
        },
        server,
        algorithms: Algorithms {
            cipher: ContentCipher::Aes256Cbc,
            digest: DigestAlgorithm::Sha512,
        },
        policy: Policy::default(),
    }
}

fn issue(authority: &Authority, message: &[u8], policy: Policy) -> (Certificate, Vec<u8>) {
    let responder = Responder::of(authority);
    let request = parse_request(message, responder.key, responder.certificate, policy).unwrap();
    let mut wanted = crate::authority::CertificateRequest::new(
        request.csr.public_key_info().to_vec(),
        request.csr.subject_name().unwrap(),
        serial(5),
    );
    wanted.not_after = NOW + 86_400;
    let issued = authority.issue(&wanted).unwrap();
    let answer = success(
        &request,
        &issued,
        &authority.chain(),
        responder,
        &SERVER_NONCE,
    )
    .unwrap();
    (issued, answer)
}

#[test]
fn a_certificate_is_asked_for_and_given_with_and_without_a_registration_authority() {
    for authority in [&*RSA, &*ELLIPTIC] {
        let server = certificates_of(authority);
        assert_eq!(server.authority, *authority.issuing());
        assert_eq!(server.encryption, *Responder::of(authority).certificate);
        for cipher in [
            ContentCipher::Aes128Cbc,
            ContentCipher::Aes256Cbc,
            ContentCipher::TripleDesCbc,
            ContentCipher::SingleDesCbc,
        ] {
            let mut exchange = exchange(&server);
            exchange.algorithms.cipher = cipher;
            exchange.policy = LEGACY;
            let message = exchange.request(MessageType::PkcsReq, &CSR).unwrap();
            let (issued, answer) = issue(authority, &message, LEGACY);
            let outcome = exchange.read_response(&answer).unwrap();
            assert_eq!(
                outcome.certificate_for(CSR.public_key_info()),
                Some(&issued)
            );
            authority.verify_chain(&issued).unwrap();
        }
    }
}

#[test]
fn a_certificate_is_renewed_by_its_own_signature() {
    let server = certificates_of(&ELLIPTIC);
    let mut exchange = exchange(&server);
    let message = exchange.request(MessageType::PkcsReq, &CSR).unwrap();
    let (issued, _) = issue(&ELLIPTIC, &message, Policy::default());
    let renewed = |exchange: &Exchange<'_>, kind| {
        let message = exchange.request(kind, &CSR).unwrap();
        let responder = Responder::of(&ELLIPTIC);
        let request = parse_request(
            &message,
            responder.key,
            responder.certificate,
            Policy::default(),
        )
        .unwrap();
        request.renewed_certificate(&ELLIPTIC).cloned()
    };
    let kinds = [
        MessageType::RenewalReq,
        MessageType::UpdateReq,
        MessageType::PkcsReq,
    ];
    // The transient certificate is nobody's.
    for kind in kinds {
        assert_eq!(renewed(&exchange, kind), None);
    }
    exchange.signer.certificate = &issued;
    for kind in kinds {
        assert_eq!(renewed(&exchange, kind).as_ref(), Some(&issued));
    }
}

#[test]
fn clients_of_an_earlier_authority_are_still_understood() {
    let server = certificates_of(&RSA);
    let message = exchange(&server)
        .request(MessageType::PkcsReq, &CSR)
        .unwrap();
    let responders = [Responder::of(&ELLIPTIC), Responder::of(&RSA)];
    let (_, responder) = parse_request_for(&message, &responders, Policy::default()).unwrap();
    assert_eq!(responder.certificate, RSA.issuing());
    let refusal = parse_request_for(&message, &responders[..1], Policy::default()).unwrap_err();
    assert_eq!(refusal.cause, Error::NotRecipient);
}

#[test]
fn a_refusal_tells_its_reason() {
    let server = certificates_of(&ELLIPTIC);
    let exchange = exchange(&server);
    let message = exchange.request(MessageType::PkcsReq, &CSR).unwrap();
    let responder = Responder::of(&ELLIPTIC);
    let request = parse_request(
        &message,
        responder.key,
        responder.certificate,
        Policy::default(),
    )
    .unwrap();
    for fail_info in [
        FailInfo::BadAlg,
        FailInfo::BadMessageCheck,
        FailInfo::BadRequest,
        FailInfo::BadTime,
        FailInfo::BadCertId,
    ] {
        let answer = failure(&request.refuse(fail_info), responder, &SERVER_NONCE).unwrap();
        let outcome = exchange.read_response(&answer).unwrap();
        assert_eq!(
            outcome,
            Outcome::Refused {
                fail_info,
                text: None
            }
        );
        assert_eq!(outcome.certificate_for(CSR.public_key_info()), None);
    }
    // Our own server keeps nobody waiting.
    let poll = exchange.poll(CSR.subject_der()).unwrap();
    let refusal = parse_request_for(&poll, &[responder], Policy::default()).unwrap_err();
    assert_eq!(refusal.cause, Error::Scep(FailInfo::BadRequest));
}

/// A `CertRep` with these attributes.
fn answer(attributes: Vec<(crate::Oid, Vec<u8>)>) -> Vec<u8> {
    let responder = Responder::of(&ELLIPTIC);
    let signing = crate::cms::Signing {
        key: responder.key,
        certificate: responder.certificate,
        chain: &[],
        time: None,
        attributes,
        digest: DigestAlgorithm::Sha256,
    };
    signing.sign(b"", crate::cms::Carry::Detached).unwrap()
}

#[test]
fn an_answer_may_ask_for_patience_or_explain_itself() {
    use crate::{
        asn1::oid,
        scep::attributes::{nonce, text},
    };
    let server = certificates_of(&ELLIPTIC);
    let exchange = exchange(&server);
    let head = || {
        vec![
            text(oid::SCEP_MESSAGE_TYPE, "3"),
            text(oid::SCEP_TRANSACTION_ID, "one"),
            nonce(oid::SCEP_RECIPIENT_NONCE, &[7; 16]),
        ]
    };
    let with = |more: Vec<_>| answer([head(), more].concat());
    let pending = with(vec![text(oid::SCEP_PKI_STATUS, "3")]);
    assert_eq!(exchange.read_response(&pending), Ok(Outcome::Pending));
    let refused = with(vec![
        text(oid::SCEP_PKI_STATUS, "2"),
        text(oid::SCEP_FAIL_INFO, "4"),
        text(oid::SCEP_FAIL_INFO_TEXT, "no such certificate"),
    ]);
    assert_eq!(
        exchange.read_response(&refused),
        Ok(Outcome::Refused {
            fail_info: FailInfo::BadCertId,
            text: Some("no such certificate".to_owned())
        })
    );
    for wrong in [with(vec![]), with(vec![text(oid::SCEP_PKI_STATUS, "9")])] {
        assert_eq!(
            exchange.read_response(&wrong),
            Err(Error::Malformed("SCEP answer"))
        );
    }
    let empty = with(vec![text(oid::SCEP_PKI_STATUS, "0")]);
    assert!(exchange.read_response(&empty).is_err());
    let mut request = head();
    request[0] = text(oid::SCEP_MESSAGE_TYPE, "19");
    assert_eq!(
        exchange.read_response(&answer(request)),
        Err(Error::ForeignAnswer("another kind of message"))
    );
}

#[test]
fn an_answer_counts_only_from_the_server_and_to_this_request() {
    let server = certificates_of(&ELLIPTIC);
    let own = exchange(&server);
    let message = own.request(MessageType::PkcsReq, &CSR).unwrap();
    let (_, answer) = issue(&ELLIPTIC, &message, Policy::default());
    own.read_response(&answer).unwrap();

    let mut other = exchange(&server);
    other.transaction_id = "two".to_owned();
    assert_eq!(
        other.read_response(&answer),
        Err(Error::ForeignAnswer("another transaction"))
    );
    let mut other = exchange(&server);
    other.sender_nonce = [8; 16];
    assert_eq!(
        other.read_response(&answer),
        Err(Error::ForeignAnswer("another nonce"))
    );
    let foreign = certificates_of(&RSA);
    assert_eq!(
        exchange(&foreign).read_response(&answer),
        Err(Error::ForeignAnswer("another signer"))
    );
    let mut changed = answer.clone();
    *changed.last_mut().unwrap() ^= 1;
    assert_eq!(own.read_response(&changed), Err(Error::BadSignature));
    assert!(own.read_response(b"nonsense").is_err());

    let key = PrivateKey::generate(KeyKind::Rsa2048).unwrap();
    let certificate = transient_certificate(&key, name(), serial(6), NOW).unwrap();
    let mut other = exchange(&server);
    other.signer = Identity {
        certificate: &certificate,
        key: &key,
    };
    assert_eq!(other.read_response(&answer), Err(Error::NotRecipient));
}

#[test]
fn every_certificate_of_a_server_gets_its_part() {
    let (root, issuing) = (RSA.root().clone(), RSA.issuing().clone());
    let single = read_ca_certificates(issuing.der(), "application/x-x509-ca-cert").unwrap();
    assert_eq!(
        (&single.authority, &single.encryption),
        (&issuing, &issuing)
    );
    for order in [[&root, &issuing], [&issuing, &root]] {
        let bag = degenerate(&order.map(Clone::clone));
        let read = read_ca_certificates(&bag, "application/x-x509-ca-ra-cert; charset=x").unwrap();
        assert_eq!((&read.authority, &read.encryption), (&issuing, &issuing));
        assert_eq!(read.signers, std::slice::from_ref(&issuing));
    }
    let stranger = degenerate(&[SIGNER.clone(), issuing.clone()]);
    assert_eq!(
        read_ca_certificates(&stranger, "application/x-x509-ca-ra-cert"),
        Err(Error::OtherIssuer)
    );
    let elliptic = read_ca_certificates(ELLIPTIC.issuing().der(), "application/x-x509-ca-cert");
    assert_eq!(
        elliptic,
        Err(Error::Unsupported(
            "SCEP server without an RSA key to encrypt to"
        ))
    );
    assert!(read_ca_certificates(issuing.der(), "text/html").is_err());
    assert!(read_ca_certificates(b"nonsense", "application/x-x509-ca-cert").is_err());
    assert!(read_ca_certificates(&degenerate(&[]), "application/x-x509-ca-ra-cert").is_err());
}

#[test]
fn nobody_slips_in_beside_the_right_authority() {
    let (registration, _) = ELLIPTIC.registration().unwrap();
    let right = certificates_of(&ELLIPTIC);
    // A stranger with an authority and a registration authority of his own.
    let delegation = Delegation {
        serial: serial(8),
        not_before: NOW,
        not_after: NOW + 86_400,
    };
    let stranger = RSA
        .issue_registration(KeyKind::Rsa2048, delegation)
        .unwrap();
    let media_type = "application/x-x509-ca-ra-cert";
    let parts = [
        stranger.certificate.clone(),
        registration.clone(),
        RSA.issuing().clone(),
        ELLIPTIC.issuing().clone(),
    ];
    for turn in 0..4 {
        let mut parts = parts.clone();
        parts.rotate_left(turn);
        let bag = degenerate(&parts);
        assert_eq!(
            read_ca_certificates(&bag, media_type),
            Err(Error::OtherIssuer)
        );
    }
    // His authority alone gets no say either.
    for parts in [
        [RSA.issuing(), registration, ELLIPTIC.issuing()],
        [registration, ELLIPTIC.issuing(), RSA.issuing()],
    ] {
        let bag = degenerate(&parts.map(Clone::clone));
        assert_eq!(read_ca_certificates(&bag, media_type).as_ref(), Ok(&right));
    }
}

#[test]
fn the_best_of_what_both_know_is_used() {
    use ContentCipher::{Aes128Cbc, SingleDesCbc, TripleDesCbc};
    use DigestAlgorithm::{Sha256, Sha512};
    let choose = |text, policy| Capabilities::parse(text).algorithms(policy);
    let algorithms = |cipher, digest| Ok(Algorithms { cipher, digest });
    for (text, expected) in [
        ("SCEPStandard\r\n", algorithms(Aes128Cbc, Sha256)),
        ("AES\nSHA-512\n", algorithms(Aes128Cbc, Sha512)),
        ("des3\nSHA-256\nSHA-512", algorithms(TripleDesCbc, Sha256)),
        ("POSTPKIOperation", Err(Error::Forbidden("single DES"))),
    ] {
        assert_eq!(choose(text, Policy::default()), expected, "{text}");
    }
    assert_eq!(choose("", LEGACY), algorithms(SingleDesCbc, Sha256));
    let own = Capabilities::parse(&crate::scep::capabilities(Policy::default()));
    assert!(own.takes_post() && own.renews());
    assert!(!Capabilities::parse("<html>").takes_post());
}

#[test]
fn nothing_weak_is_sent_without_leave() {
    let server = certificates_of(&RSA);
    let mut exchange = exchange(&server);
    exchange.algorithms.cipher = ContentCipher::SingleDesCbc;
    assert_eq!(
        exchange.request(MessageType::PkcsReq, &CSR),
        Err(Error::Forbidden("single DES"))
    );
    let key = PrivateKey::generate(KeyKind::P256).unwrap();
    let certificate = transient_certificate(&key, name(), serial(7), NOW).unwrap();
    exchange.algorithms.cipher = ContentCipher::Aes128Cbc;
    exchange.signer = Identity {
        certificate: &certificate,
        key: &key,
    };
    assert_eq!(
        exchange.request(MessageType::PkcsReq, &CSR),
        Err(Error::Unsupported("SCEP signer without an RSA key"))
    );
    assert!(exchange.request(MessageType::GetCrl, &CSR).is_err());
}
