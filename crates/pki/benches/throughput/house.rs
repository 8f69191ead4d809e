use mandate_pki::{
    DigestAlgorithm,
    authority::{
        Authority, AuthorityRequest, CertificateRequest, Delegation, SerialNumber, create,
    },
    certificate::{Certificate, KeyUsages},
    cms::ContentCipher,
    csr::{self, RequestedAttributes},
    keys::{KeyKind, PrivateKey},
    name::DistinguishedName,
    ocsp::{self, CertId, CertStatus, Times},
    oid,
    scep::{
        MessageType, Policy, Responder, ca_certificates,
        client::{Algorithms, Exchange, Identity, read_ca_certificates, transient_certificate},
        parse_request, success,
    },
};

pub(crate) const NOW: i64 = 1_795_000_000;
const DAY: i64 = 86_400;

/// An authority, what it answers with, and a device's request.
pub(crate) struct House {
    pub(crate) authority: Authority,
    /// The device's key and certificate.
    pub(crate) rsa: PrivateKey,
    pub(crate) leaf: Certificate,
    responder_key: PrivateKey,
    responder: Certificate,
    scep_request: Vec<u8>,
}

impl House {
    /// A house whose issuing key and responder's key are of this kind.
    pub(crate) fn new(kind: KeyKind) -> Self {
        let mut request = AuthorityRequest::new("House", NOW, [serial(1), serial(2)]);
        (request.root_kind, request.issuing_kind) = (KeyKind::P256, kind);
        let mut authority = create(&request).unwrap().authority().unwrap();
        let delegation = |number| Delegation {
            serial: serial(number),
            not_before: NOW,
            not_after: NOW + DAY,
        };
        if authority.needs_registration() {
            let registration = authority.issue_registration(KeyKind::Rsa2048, delegation(3));
            authority = authority.with_registration(registration.unwrap()).unwrap();
        }
        let responder_key = PrivateKey::generate(kind).unwrap();
        let responder = authority
            .issue_responder(&responder_key, delegation(4))
            .unwrap();
        let rsa = PrivateKey::generate(KeyKind::Rsa2048).unwrap();
        let leaf = authority.issue(&wanted(rsa.public_key_info())).unwrap();
        let scep_request = scep_request(&authority, &rsa);
        Self {
            authority,
            rsa,
            leaf,
            responder_key,
            responder,
            scep_request,
        }
    }

    pub(crate) fn issue(&self) -> Certificate {
        self.authority
            .issue(&wanted(self.rsa.public_key_info()))
            .unwrap()
    }

    /// All of a `PKIOperation`: two signatures verified, one message decrypted, a certificate issued, encrypted and signed.
    pub(crate) fn answer_scep(&self) -> Vec<u8> {
        let responder = Responder::of(&self.authority);
        let request = parse_request(
            &self.scep_request,
            responder.key,
            responder.certificate,
            Policy::default(),
        )
        .unwrap();
        let wanted = wanted(request.csr.public_key_info().to_vec());
        let issued = self.authority.issue(&wanted).unwrap();
        success(&request, &issued, &[], responder, &[9; 16]).unwrap()
    }

    /// A query about the leaf, as OpenSSL sends it.
    pub(crate) fn ocsp_query(&self) -> Vec<u8> {
        let id = CertId::new(
            DigestAlgorithm::Sha1,
            self.authority.issuing(),
            self.leaf.serial(),
        );
        let sequence = |content: &[u8]| {
            let length = u8::try_from(content.len()).unwrap();
            let long = (length >= 0x80).then_some(0x81);
            let head = std::iter::once(0x30)
                .chain(long)
                .chain(std::iter::once(length));
            head.chain(content.iter().copied()).collect::<Vec<_>>()
        };
        let single = sequence(id.unwrap().der());
        sequence(&sequence(&sequence(&single)))
    }

    pub(crate) fn answer_ocsp(
        &self,
        request: &ocsp::Request,
        statuses: &[(CertId, CertStatus)],
    ) -> Vec<u8> {
        let responder = ocsp::Responder {
            certificate: &self.responder,
            key: &self.responder_key,
        };
        let times = Times {
            produced_at: NOW,
            this_update: NOW,
            next_update: NOW + DAY,
        };
        ocsp::respond(request, statuses, responder, times).unwrap()
    }
}

fn serial(octet: u8) -> SerialNumber {
    SerialNumber::from_random([octet; 16])
}

fn name() -> DistinguishedName {
    DistinguishedName::parse("CN=device,O=House").unwrap()
}

fn wanted(public_key_info: Vec<u8>) -> CertificateRequest {
    let mut wanted = CertificateRequest::new(public_key_info, name(), serial(5));
    wanted.key_usages = KeyUsages::DIGITAL_SIGNATURE | KeyUsages::KEY_ENCIPHERMENT;
    wanted.extended_key_usages = vec![oid::CLIENT_AUTH];
    (wanted.not_before, wanted.not_after) = (NOW, NOW + 365 * DAY);
    wanted.crl_url = Some("http://mandate.example.org/pki/crl".to_owned());
    wanted.ocsp_url = Some("http://mandate.example.org/pki/ocsp".to_owned());
    wanted
}

fn scep_request(authority: &Authority, key: &PrivateKey) -> Vec<u8> {
    let answer = ca_certificates(authority);
    let server = read_ca_certificates(&answer.body, answer.content_type).unwrap();
    let requested = RequestedAttributes {
        challenge_password: Some("s3cret".to_owned()),
        ..Default::default()
    };
    let csr = csr::build(key, &name(), &requested).unwrap();
    let certificate = transient_certificate(key, name(), serial(6), NOW).unwrap();
    let exchange = Exchange {
        transaction_id: "one".to_owned(),
        sender_nonce: [7; 16],
        signer: Identity {
            certificate: &certificate,
            key,
        },
        server: &server,
        algorithms: Algorithms {
            cipher: ContentCipher::Aes128Cbc,
            digest: DigestAlgorithm::Sha256,
        },
        policy: Policy::default(),
    };
    exchange.request(MessageType::PkcsReq, &csr).unwrap()
}
