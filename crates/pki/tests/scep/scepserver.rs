//! Our client at micromdm's `scepserver` (Debian package `scep`).

use std::{
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use mandate_pki::{
    DigestAlgorithm, Error,
    authority::SerialNumber,
    certificate::{Certificate, SubjectAltName},
    cms::ContentCipher,
    csr::{self, CertificateSigningRequest, RequestedAttributes},
    keys::{KeyKind, PrivateKey},
    name::DistinguishedName,
    scep::{
        FailInfo, MessageType, Policy,
        client::{
            Algorithms, Capabilities, Exchange, Identity, Outcome, ServerCertificates,
            read_ca_certificates, transient_certificate,
        },
    },
};

use crate::{
    house::{CHALLENGE, now},
    http,
    program::Workshop,
};

/// A server of its own, which ends with the test.
struct Server {
    process: Child,
    address: SocketAddr,
    certificates: ServerCertificates,
    capabilities: Capabilities,
    _workshop: Workshop,
}

impl Server {
    fn start() -> Option<Self> {
        let workshop = Workshop::with(&["scepserver"])?;
        workshop.succeed(
            "scepserver",
            &["ca", "-init", "-depot", "depot", "-keySize", "2048"],
        );
        let (process, address) = (0..5).find_map(|_| listen(&workshop)).unwrap();
        let answer = http::ask(address, "/scep?operation=GetCACert", None);
        let certificates = read_ca_certificates(&answer.body, &answer.content_type).unwrap();
        let answer = http::ask(address, "/scep?operation=GetCACaps", None);
        let capabilities = Capabilities::parse(&String::from_utf8(answer.body).unwrap());
        let own = Certificate::from_pem(&workshop.read("depot/ca.pem")).unwrap();
        assert_eq!(certificates.authority, own);
        Some(Self {
            process,
            address,
            certificates,
            capabilities,
            _workshop: workshop,
        })
    }

    fn operate(&self, message: &[u8]) -> Vec<u8> {
        http::ask(self.address, "/scep?operation=PKIOperation", Some(message)).body
    }

    fn exchange<'a>(&'a self, id: &str, nonce: u8, signer: Identity<'a>) -> Exchange<'a> {
        Exchange {
            transaction_id: id.to_owned(),
            sender_nonce: [nonce; 16],
            signer,
            server: &self.certificates,
            algorithms: self.capabilities.algorithms(POLICY).unwrap(),
            policy: POLICY,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const POLICY: Policy = Policy {
    allow_single_des: true,
    allow_sha1: true,
};

/// Starts the server on a port that was free a moment ago, and waits until it listens. `None` where somebody else took the port.
fn listen(workshop: &Workshop) -> Option<(Child, SocketAddr)> {
    let address = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let mut process = Command::new("scepserver")
        .args(["-depot", "depot", "-allowrenew", "0"])
        .args(["-challenge", CHALLENGE])
        .args(["-port", &address.port().to_string()])
        .current_dir(workshop.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begin = Instant::now();
    while process.try_wait().unwrap().is_none() && begin.elapsed() < PATIENCE {
        if TcpStream::connect(address).is_ok() {
            return Some((process, address));
        }
        std::thread::yield_now();
    }
    let _ = process.kill();
    let _ = process.wait();
    None
}

const PATIENCE: Duration = Duration::from_secs(20);

fn request(key: &PrivateKey, challenge: Option<&str>) -> CertificateSigningRequest {
    let requested = RequestedAttributes {
        challenge_password: challenge.map(str::to_owned),
        subject_alt_names: vec![SubjectAltName::Dns("dev.example.org".to_owned())],
        ..Default::default()
    };
    csr::build(key, &name(), &requested).unwrap()
}

fn name() -> DistinguishedName {
    DistinguishedName::parse("CN=dev,O=Mandate").unwrap()
}

fn transient(key: &PrivateKey) -> Certificate {
    transient_certificate(key, name(), SerialNumber::from_random([5; 16]), now()).unwrap()
}

#[test]
fn scepserver_gives_what_our_client_asks_for() {
    let Some(server) = Server::start() else {
        return;
    };
    assert!(server.capabilities.takes_post() && server.capabilities.renews());
    let key = PrivateKey::generate(KeyKind::Rsa2048).unwrap();
    let signer = transient(&key);
    let identity = Identity {
        certificate: &signer,
        key: &key,
    };
    let csr = request(&key, Some(CHALLENGE));
    for (cipher, digest) in [
        (ContentCipher::Aes128Cbc, DigestAlgorithm::Sha256),
        (ContentCipher::Aes256Cbc, DigestAlgorithm::Sha512),
        (ContentCipher::TripleDesCbc, DigestAlgorithm::Sha256),
        (ContentCipher::SingleDesCbc, DigestAlgorithm::Sha256),
    ] {
        let mut exchange = server.exchange("one", 7, identity);
        exchange.algorithms = Algorithms { cipher, digest };
        let message = exchange.request(MessageType::PkcsReq, &csr).unwrap();
        let answer = server.operate(&message);
        let outcome = exchange.read_response(&answer).unwrap();
        let issued = outcome.certificate_for(csr.public_key_info()).unwrap();
        issued
            .verify_signed_by(&server.certificates.authority)
            .unwrap();
        assert_eq!(issued.common_name().as_deref(), Some("dev"));
        assert_eq!(issued.subject_alt_names(), csr.subject_alt_names());

        // Whatever it is asked by, this server answers by SHA-1 and single DES.
        exchange.policy.allow_sha1 = false;
        assert_eq!(
            exchange.read_response(&answer),
            Err(Error::Forbidden("SHA-1"))
        );
        exchange.policy = Policy {
            allow_single_des: false,
            allow_sha1: true,
        };
        assert_eq!(
            exchange.read_response(&answer),
            Err(Error::Forbidden("single DES"))
        );
    }
}

#[test]
fn scepserver_refuses_and_our_client_hears_it() {
    let Some(server) = Server::start() else {
        return;
    };
    let key = PrivateKey::generate(KeyKind::Rsa2048).unwrap();
    let signer = transient(&key);
    let identity = Identity {
        certificate: &signer,
        key: &key,
    };
    for challenge in [Some("guess"), None] {
        let exchange = server.exchange("two", 8, identity);
        let csr = request(&key, challenge);
        let message = exchange.request(MessageType::PkcsReq, &csr).unwrap();
        let answer = server.operate(&message);
        assert_eq!(
            exchange.read_response(&answer),
            Ok(Outcome::Refused {
                fail_info: FailInfo::BadRequest,
                text: None
            })
        );

        // An answer counts once.
        let later = server.exchange("two", 9, identity);
        assert_eq!(
            later.read_response(&answer),
            Err(Error::ForeignAnswer("another nonce"))
        );
    }
}

#[test]
fn scepserver_renews_and_takes_requests_through_us() {
    let Some(server) = Server::start() else {
        return;
    };
    let key = PrivateKey::generate(KeyKind::Rsa2048).unwrap();
    let signer = transient(&key);
    let identity = Identity {
        certificate: &signer,
        key: &key,
    };
    let enrolment = server.exchange("one", 7, identity);
    let csr = request(&key, Some(CHALLENGE));
    let message = enrolment.request(MessageType::PkcsReq, &csr).unwrap();
    let outcome = enrolment.read_response(&server.operate(&message)).unwrap();
    let own = outcome.certificate_for(csr.public_key_info()).unwrap();

    // As a registration authority or on renewal: signed by a certificate that the server knows, for another key.
    let known = Identity {
        certificate: own,
        key: &key,
    };
    let other = PrivateKey::generate(KeyKind::Rsa2048).unwrap();
    for (kind, challenge) in [
        (MessageType::PkcsReq, Some(CHALLENGE)),
        (MessageType::RenewalReq, Some(CHALLENGE)),
        // This server wants its challenge even so.
        (MessageType::RenewalReq, None),
    ] {
        let exchange = server.exchange("three", 10, known);
        let csr = request(&other, challenge);
        let message = exchange.request(kind, &csr).unwrap();
        let outcome = exchange.read_response(&server.operate(&message)).unwrap();
        let issued = outcome.certificate_for(csr.public_key_info());
        assert_eq!(issued.is_some(), challenge.is_some(), "{outcome:?}");
        let authority = &server.certificates.authority;
        assert!(issued.is_none_or(|issued| issued.verify_signed_by(authority).is_ok()));
    }
}
