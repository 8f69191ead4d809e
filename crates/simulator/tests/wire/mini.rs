//! A small MDM and SCEP server for tests: answers from a list, remembers what it got.

use crate::payloads::{enrolment_profile, xml};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::service::service_fn;
use hyper::{Request, Response, body::Incoming};
use mandate_simulator::asn1::{self, oid};
use mandate_simulator::certificates::{
    Certificate, Extension, Issuer, Name, SigningRequest, Template,
};
use mandate_simulator::chance::Chance;
use mandate_simulator::cms::{
    ContentCipher, Envelope, Identity, Signing, certificates_only, envelope_for, open_envelope,
    open_signed, sign,
};
use mandate_simulator::keys::{Digest, KeyPool};
use plist::{Dictionary, Value};
use std::collections::VecDeque;
use std::io::Cursor;
use std::sync::{Arc, Mutex};
use tokio_rustls::TlsAcceptor;

/// What the server remembers and what it will say.
pub(crate) struct Inside {
    pub authority: Issuer,
    pub commands: VecDeque<Dictionary>,
    pub messages: Vec<Dictionary>,
    pub signatures: Vec<Option<Vec<u8>>>,
    pub bodies: Vec<Vec<u8>>,
    pub issued: Vec<Certificate>,
    pub peers: Vec<Option<Vec<u8>>>,
    pub scep_offers_post: bool,
    pub refuse_scep: bool,
    pub answer_all_with: Option<(u16, &'static str)>,
    in_flight: Option<Dictionary>,
    serial: u64,
}

/// The running server.
#[derive(Clone)]
pub(crate) struct Mini {
    pub url: String,
    pub inside: Arc<Mutex<Inside>>,
}

impl Mini {
    pub(crate) async fn start() -> Self {
        Self::start_as(false).await
    }

    /// With TLS, where a client certificate stands for the signature.
    pub(crate) async fn start_with_tls() -> Self {
        Self::start_as(true).await
    }

    async fn start_as(tls: bool) -> Self {
        let key = KeyPool::shared().key(7);
        let validity = (1_600_000_000, 2_600_000_000);
        let authority = Issuer::authority(key, &Name::common("Mini CA"), validity).unwrap();
        let acceptor = tls.then(|| TlsAcceptor::from(Arc::new(server_config(&authority))));
        let inside = Arc::new(Mutex::new(Inside {
            authority,
            commands: VecDeque::new(),
            messages: Vec::new(),
            signatures: Vec::new(),
            bodies: Vec::new(),
            issued: Vec::new(),
            peers: Vec::new(),
            scep_offers_post: true,
            refuse_scep: false,
            answer_all_with: None,
            in_flight: None,
            serial: 100,
        }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let scheme = if tls { "https" } else { "http" };
        let url = format!("{scheme}://{}", listener.local_addr().unwrap());
        let mini = Self { url, inside };
        let server = mini.clone();
        tokio::spawn(async move {
            loop {
                let (tcp, _) = listener.accept().await.unwrap();
                let (server, acceptor) = (server.clone(), acceptor.clone());
                tokio::spawn(async move {
                    match acceptor {
                        None => server.serve(tcp, None).await,
                        Some(acceptor) => {
                            let Ok(stream) = acceptor.accept(tcp).await else {
                                return;
                            };
                            let peer = stream
                                .get_ref()
                                .1
                                .peer_certificates()
                                .map(|chain| chain[0].to_vec());
                            server.serve(stream, peer).await;
                        }
                    }
                });
            }
        });
        mini
    }

    async fn serve<I>(&self, stream: I, peer: Option<Vec<u8>>)
    where
        I: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    {
        let service = service_fn(|request| {
            let (server, peer) = (self.clone(), peer.clone());
            async move { Ok::<_, std::convert::Infallible>(server.answer(request, peer).await) }
        });
        let io = hyper_util::rt::TokioIo::new(stream);
        let _ = hyper::server::conn::http1::Builder::new()
            .serve_connection(io, service)
            .await;
    }

    pub(crate) fn root_pem(&self) -> String {
        self.inside
            .lock()
            .unwrap()
            .authority
            .certificate
            .clone()
            .unwrap()
            .pem()
    }

    pub(crate) fn link(&self) -> String {
        format!("{}/enroll", self.url)
    }

    pub(crate) fn queue(&self, request_type: &str, keys: &[(&str, Value)]) {
        let mut command = Dictionary::new();
        command.insert("RequestType".into(), request_type.into());
        for (key, value) in keys {
            command.insert((*key).into(), value.clone());
        }
        self.inside.lock().unwrap().commands.push_back(command);
    }

    pub(crate) fn queue_profile(&self, profile: &[u8]) {
        self.queue(
            "InstallProfile",
            &[("Payload", Value::Data(profile.to_vec()))],
        );
    }

    pub(crate) fn messages_of(&self, kind: &str) -> Vec<Dictionary> {
        let inside = self.inside.lock().unwrap();
        let fits = |message: &&Dictionary| {
            message.get("MessageType").and_then(Value::as_string) == Some(kind)
        };
        inside.messages.iter().filter(fits).cloned().collect()
    }

    pub(crate) fn last_report(&self) -> Dictionary {
        let inside = self.inside.lock().unwrap();
        inside
            .messages
            .iter()
            .rev()
            .find(|message| message.contains_key("CommandUUID"))
            .cloned()
            .unwrap()
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
        peer: Option<Vec<u8>>,
    ) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let body = body
            .collect()
            .await
            .map(http_body_util::Collected::to_bytes)
            .unwrap_or_default();
        let query = head.uri.query().unwrap_or_default().to_owned();
        let path = head.uri.path();
        if !["/enroll", "/scep", "/mdm"].contains(&path) {
            let authorised = head
                .headers
                .get("authorization")
                .is_some_and(|value| value == "Bearer good");
            let (status, answer) =
                crate::load::answer(self, head.method.as_str(), path, authorised, &body);
            return respond(status, "application/json", answer.to_string().into_bytes());
        }
        let mut inside = self.inside.lock().unwrap();
        if let (Some((status, text)), false) =
            (inside.answer_all_with, head.uri.path() == "/enroll")
        {
            return respond(status, "application/json", text.as_bytes().to_vec());
        }
        match head.uri.path() {
            "/enroll" => respond(
                200,
                "application/x-apple-aspen-config",
                enrolment_profile(&self.url, "1"),
            ),
            "/scep" if query.contains("GetCACaps") => {
                let capabilities = if inside.scep_offers_post {
                    "AES\nPOSTPKIOperation\nSHA-256"
                } else {
                    "AES\nSHA-256"
                };
                respond(200, "text/plain", capabilities.as_bytes().to_vec())
            }
            "/scep" if query.contains("GetCACert") => {
                let certificate = inside.authority.certificate.clone().unwrap();
                respond(
                    200,
                    "application/x-x509-ca-cert",
                    certificate.der().to_vec(),
                )
            }
            "/scep" => {
                let message = if head.method == hyper::Method::POST {
                    body.to_vec()
                } else {
                    message_parameter(&query)
                };
                respond(200, "application/x-pki-message", inside.issue(&message))
            }
            "/mdm" => {
                let signature = head
                    .headers
                    .get("mdm-signature")
                    .map(|value| decode64(value.as_bytes()));
                inside.signatures.push(signature);
                inside.peers.push(peer);
                inside.bodies.push(body.to_vec());
                let message = Value::from_reader(Cursor::new(&body))
                    .unwrap()
                    .into_dictionary()
                    .unwrap();
                respond(200, "application/xml", inside.next(message))
            }
            _ => respond(404, "text/plain", Vec::new()),
        }
    }
}

impl Inside {
    fn next(&mut self, message: Dictionary) -> Vec<u8> {
        let status = message
            .get("Status")
            .and_then(Value::as_string)
            .map(str::to_owned);
        let reported = message.get("CommandUUID").cloned();
        let is_current = self
            .in_flight
            .as_ref()
            .is_some_and(|command| command.get("uuid") == reported.as_ref());
        self.messages.push(message);
        match status.as_deref() {
            None => return Vec::new(),
            Some("NotNow") if is_current => {
                self.commands.extend(self.in_flight.take());
                return Vec::new();
            }
            Some("Idle" | "NotNow") => {}
            Some(_) if is_current => self.in_flight = None,
            // A report that came twice: the command after it stays where it is.
            Some(_) => {}
        }
        let command = match self.in_flight.take() {
            Some(again) => again,
            None => match self.commands.pop_front() {
                Some(mut command) => {
                    self.serial += 1;
                    command.entry_uuid(self.serial);
                    command
                }
                None => return Vec::new(),
            },
        };
        self.in_flight = Some(command.clone());
        let mut command = command;
        let uuid = command.remove("uuid").unwrap();
        let mut message = Dictionary::new();
        message.insert("CommandUUID".into(), uuid);
        message.insert("Command".into(), Value::Dictionary(command));
        xml(message)
    }

    fn issue(&mut self, message: &[u8]) -> Vec<u8> {
        let certificate = self.authority.certificate.clone().unwrap();
        let us = Identity {
            key: self.authority.key.clone(),
            certificate: certificate.clone(),
        };
        let signed = open_signed(message).unwrap();
        assert!(
            signed.is_intact(&signed.content),
            "the client's signature is right"
        );
        let client = &signed.signers[0];
        let opened = open_envelope(&signed.content, std::slice::from_ref(&us)).unwrap();
        let request = SigningRequest::from_der_or_pem(&opened).unwrap();
        let nonce = client.octets(oid::SCEP_SENDER_NONCE).unwrap();
        let transaction = client.text(oid::SCEP_TRANSACTION_ID).unwrap();
        let refused = self.refuse_scep || request.challenge.as_deref() != Some("s3cret");
        let mut attributes = vec![
            attribute(oid::SCEP_MESSAGE_TYPE, &asn1::printable("3")),
            attribute(oid::SCEP_TRANSACTION_ID, &asn1::printable(&transaction)),
            attribute(oid::SCEP_RECIPIENT_NONCE, &asn1::octet_string(&nonce)),
            attribute(
                oid::SCEP_PKI_STATUS,
                &asn1::printable(if refused { "2" } else { "0" }),
            ),
        ];
        let content = if refused {
            attributes.push(attribute(oid::SCEP_FAIL_INFO, &asn1::printable("1")));
            Vec::new()
        } else {
            self.serial += 1;
            let template = Template {
                subject: request.subject.clone(),
                public: request.public.clone(),
                serial: self.serial.to_be_bytes().to_vec(),
                validity: (1_600_000_000, 2_600_000_000),
                extensions: request
                    .extensions
                    .iter()
                    .cloned()
                    .map(Extension::Copied)
                    .collect(),
            };
            let issued = self.authority.issue(&template, Digest::Sha256).unwrap();
            self.issued.push(issued.clone());
            let envelope = Envelope {
                cipher: ContentCipher::Aes128,
                constructed: false,
            };
            let requester = client.certificate.clone().unwrap();
            envelope_for(
                &requester,
                &certificates_only(&[&issued]),
                envelope,
                &mut Chance::new(self.serial),
            )
            .unwrap()
        };
        let how = Signing {
            attached: true,
            attributes: Some(attributes),
            ..Signing::clean(0)
        };
        sign(&us, &content, &how).unwrap()
    }
}

trait CommandUuid {
    fn entry_uuid(&mut self, serial: u64);
}

impl CommandUuid for Dictionary {
    fn entry_uuid(&mut self, serial: u64) {
        self.insert("uuid".into(), format!("command-{serial}").into());
    }
}

fn attribute(dotted: &str, value: &[u8]) -> Vec<u8> {
    asn1::sequence(&[&asn1::object_id(dotted), &asn1::tlv(0x31, value)])
}

fn respond(status: u16, content_type: &str, body: Vec<u8>) -> Response<Full<Bytes>> {
    Response::builder()
        .status(status)
        .header("content-type", content_type)
        .body(Full::new(body.into()))
        .unwrap()
}

fn decode64(text: &[u8]) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .or_else(|_| base64::engine::general_purpose::URL_SAFE.decode(text))
        .unwrap()
}

fn message_parameter(query: &str) -> Vec<u8> {
    let encoded = query.split("message=").nth(1).unwrap();
    let mut bytes = Vec::new();
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let pair = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&pair).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    decode64(&bytes)
}

fn server_config(authority: &Issuer) -> rustls::ServerConfig {
    use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
    let key = KeyPool::shared().key(6);
    let template = Template {
        subject: Name::common("mini").der(),
        public: key.public().to_vec(),
        serial: vec![9],
        validity: (1_600_000_000, 2_600_000_000),
        extensions: vec![Extension::AlternativeNames(vec![asn1::context_primitive(
            7,
            &[127, 0, 0, 1],
        )])],
    };
    let certificate = authority.issue(&template, Digest::Sha256).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots
        .add(CertificateDer::from(
            authority.certificate.clone().unwrap().der().to_vec(),
        ))
        .unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = rustls::server::WebPkiClientVerifier::builder_with_provider(
        Arc::new(roots),
        Arc::clone(&provider),
    )
    .allow_unauthenticated()
    .build()
    .unwrap();
    rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(
            vec![CertificateDer::from(certificate.der().to_vec())],
            PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.pkcs8().to_vec())),
        )
        .unwrap()
}
