//! Whatever comes in, the readers answer; they do not panic and do not hang.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::sync::LazyLock;

use mandate_pki::{
    DigestAlgorithm, Legacy,
    authority::{Authority, CertificateRequest, SerialNumber},
    certificate::Certificate,
    cms::{ContentCipher, SignedMessage, decrypt, degenerate, encrypt, sign_attached},
    csr::{self, CertificateSigningRequest},
    keys::{KeyKind, PrivateKey, PublicKey},
    name::DistinguishedName,
    ocsp,
    scep::{
        MessageType, Policy, Responder,
        client::{
            Algorithms, Capabilities, Exchange, Identity, ServerCertificates, read_ca_certificates,
        },
        parse_request, success,
    },
};
use proptest::{prelude::*, sample::Index};

static KEY: LazyLock<PrivateKey> =
    LazyLock::new(|| PrivateKey::generate(KeyKind::Rsa2048).unwrap());

static CERTIFICATE: LazyLock<Certificate> = LazyLock::new(|| {
    let serial = SerialNumber::from_random([1; 16]);
    let name = DistinguishedName::parse("CN=Ada+UID=ada,O=Analytical").unwrap();
    let mut request = CertificateRequest::new(KEY.public_key_info(), name, serial);
    request.not_after = 2_000_000_000;
    request.crl_url = Some("http://example.org/crl".to_owned());
    request.self_sign(&KEY).unwrap()
});

static SIGNED: LazyLock<Vec<u8>> =
    LazyLock::new(|| sign_attached(b"content", &KEY, &CERTIFICATE, &[], 1_795_000_000).unwrap());

static ENCRYPTED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let recipients = std::slice::from_ref(&*CERTIFICATE);
    encrypt(recipients, b"content", ContentCipher::Aes256Cbc).unwrap()
});

static SERVER: LazyLock<ServerCertificates> = LazyLock::new(|| {
    read_ca_certificates(CERTIFICATE.der(), "application/x-x509-ca-cert").unwrap()
});

fn exchange() -> Exchange<'static> {
    Exchange {
        transaction_id: "one".to_owned(),
        sender_nonce: [7; 16],
        signer: Identity {
            certificate: &CERTIFICATE,
            key: &KEY,
        },
        server: &SERVER,
        algorithms: Algorithms {
            cipher: ContentCipher::Aes128Cbc,
            digest: DigestAlgorithm::Sha256,
        },
        policy: Policy::default(),
    }
}

static SCEP_REQUEST: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let name = DistinguishedName::common_name("device");
    let csr = csr::build(&KEY, &name, &csr::RequestedAttributes::default()).unwrap();
    exchange().request(MessageType::PkcsReq, &csr).unwrap()
});

static SCEP_ANSWER: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let request = parse_request(&SCEP_REQUEST, &KEY, &CERTIFICATE, Policy::default()).unwrap();
    let responder = Responder {
        key: &KEY,
        certificate: &CERTIFICATE,
    };
    success(&request, &CERTIFICATE, &[], responder, &[9; 16]).unwrap()
});

fn read_everything(bytes: &[u8]) {
    if let Ok(certificate) = Certificate::from_der(bytes) {
        let _ = (
            certificate.subject(),
            certificate.subject_alt_names(),
            certificate.key_usages(),
            certificate.public_key(),
        );
        let _ = (
            certificate.is_ca(),
            certificate.extended_key_usages(),
            certificate.verify_signed_by(&CERTIFICATE),
        );
    }
    let _ = CertificateSigningRequest::from_der(bytes);
    let _ = DistinguishedName::from_der(bytes);
    let _ = PrivateKey::from_pkcs8(bytes);
    let _ = PublicKey::from_der(bytes).map(|key| (key.bits(), key.encrypt_pkcs1(b"key")));
    if let Ok(message) = SignedMessage::from_ber(bytes) {
        let _ = message.verify_detached(b"content", Legacy::AllowSha1);
        let _ = message.verify_attached(Legacy::Refuse);
    }
    let _ = decrypt(bytes, &KEY, &CERTIFICATE);
    let _ = parse_request(bytes, &KEY, &CERTIFICATE, Policy::default());
    let _ = exchange().read_response(bytes);
    if let Ok(server) = read_ca_certificates(bytes, "application/x-x509-ca-ra-cert") {
        assert!(server.encryption.public_key().unwrap().is_rsa());
    }
    if let Ok(query) = ocsp::Request::parse(bytes) {
        for id in query.certificate_ids() {
            let _ = (id.names_issuer(&CERTIFICATE), id.serial_hex());
        }
    }
    let text = String::from_utf8_lossy(bytes);
    let _ = (Capabilities::parse(&text), ocsp::decode_path(&text));
    if let Ok(certificates) = Certificate::all_from_pem(&text) {
        let _ = Authority::import(&certificates, KEY.clone());
    }
    let _ = (
        Certificate::all_from_pem(&text),
        PrivateKey::from_pem(&text),
        DistinguishedName::parse(&text),
    );
}

fn mutate(message: &[u8], changes: &[(Index, u8)], cut: Index) -> Vec<u8> {
    let mut bytes = message.to_vec();
    for (at, octet) in changes {
        let at = at.index(bytes.len());
        bytes[at] = *octet;
    }
    if cut.index(4) == 0 {
        bytes.truncate(cut.index(message.len()));
    }
    bytes
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_survived(bytes: Vec<u8>) {
        read_everything(&bytes);
    }

    #[test]
    fn changed_messages_are_survived(changes in prop::collection::vec(any::<(Index, u8)>(), 1..4), cut: Index) {
        let bag = degenerate(&[CERTIFICATE.clone(), CERTIFICATE.clone()]);
        let messages = [CERTIFICATE.der(), &SIGNED, &ENCRYPTED, &bag, &SCEP_REQUEST, &SCEP_ANSWER];
        for message in messages {
            read_everything(&mutate(message, &changes, cut));
        }
    }

    #[test]
    fn a_changed_answer_never_brings_another_certificate(at: Index, flip in 1_u8..) {
        let mut changed = SCEP_ANSWER.clone();
        let at = at.index(changed.len());
        changed[at] ^= flip;
        if let Ok(outcome) = exchange().read_response(&changed) {
            prop_assert_eq!(outcome.certificate_for(CERTIFICATE.public_key_info()), Some(&*CERTIFICATE));
        }
    }

    #[test]
    fn a_changed_content_never_verifies(at: Index, flip in 1_u8..) {
        let mut changed = SIGNED.clone();
        let at = at.index(changed.len());
        changed[at] ^= flip;
        if let Ok(message) = SignedMessage::from_ber(&changed)
            && let Ok((signer, content)) = message.verify_attached(Legacy::Refuse)
        {
            prop_assert_eq!(content, b"content");
            // The certificate itself may be spoilt, as its own signature would show; the key must be the same.
            let key = signer.public_key().unwrap().rsa_components();
            prop_assert_eq!(key, CERTIFICATE.public_key().unwrap().rsa_components());
        }
    }
}
