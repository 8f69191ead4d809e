//! Somebody who asks for a certificate by SCEP in his own words.

use axum::http::Method;
use mandate_simulator::certificates::{
    Certificate, Extension, Issuer, Name, SigningRequest, Template,
};
use mandate_simulator::chance::Chance;
use mandate_simulator::cms::Identity;
use mandate_simulator::device::Device;
use mandate_simulator::http::Request;
use mandate_simulator::keys::{Digest, Key};
use mandate_simulator::profiles::{kind, open, scep_request};
use mandate_simulator::scep::{
    PkiMessage, Reply, ScepMode, ScepRequest, read_reply, write_request,
};
use plist::Dictionary;
use std::sync::Arc;

use super::House;

/// One request, which may be sent more than once.
pub(crate) struct Applicant<'a> {
    house: &'a House,
    /// What is asked for.
    pub(crate) request: ScepRequest,
    /// For which key.
    pub(crate) key: Arc<Key>,
    /// Name of the transaction.
    pub(crate) transaction: String,
    /// The authority that the server presented when it was asked who answers.
    authority: Vec<Certificate>,
}

impl House {
    /// A key of the pool that all phones draw from.
    pub(crate) fn key(&self, number: u32) -> Arc<Key> {
        self.keys.key(number)
    }

    /// Takes what the server offers to this phone up to the first certificate, as the phone would read it.
    pub(crate) async fn offered_certificate(&self, phone: &Device) -> ScepRequest {
        let mut puppet = self.puppet(phone);
        let mut next = puppet.ask().await;
        while let Some(command) = next {
            if let Some(payload) = command.body.get("Payload").and_then(plist::Value::as_data) {
                let profile = open(payload, &[phone.mdm_identity().unwrap()], (17, 5)).unwrap();
                if let Some(payload) = profile.payload(kind::SCEP) {
                    return scep_request(&payload.content).unwrap();
                }
            }
            next = puppet
                .reply(&command, "Acknowledged", Dictionary::new())
                .await;
        }
        panic!("no certificate was offered");
    }

    /// Somebody who asks for what was offered.
    pub(crate) fn applicant(&self, request: ScepRequest) -> Applicant<'_> {
        Applicant {
            house: self,
            request,
            key: self.key(3),
            transaction: "the first".to_owned(),
            authority: vec![Certificate::from_der(&self.engine.scep_certificate()).unwrap()],
        }
    }
}

impl Applicant<'_> {
    /// Sends the request; the certificate, or why there is none.
    pub(crate) async fn ask(&self) -> Result<Certificate, String> {
        self.ask_as(ScepMode::Modern, Method::POST).await
    }

    /// The same as another client, by another method.
    pub(crate) async fn ask_as(
        &self,
        mode: ScepMode,
        method: Method,
    ) -> Result<Certificate, String> {
        let (house, mut chance) = (self.house, Chance::new(7));
        let authority = &self.authority;
        let request = &self.request;
        let csr = SigningRequest::create(
            &self.key,
            mode.digest(),
            &request.subject,
            request.challenge.as_deref(),
            &request.extensions,
        )
        .unwrap();
        let signer = self.signer();
        let message = PkiMessage {
            request: &csr,
            recipient: &authority[0],
            signer: &signer,
            transaction: &self.transaction,
            nonce: chance.bytes(),
        };
        let sent = write_request(&message, mode, house.http.now(), &mut chance).unwrap();
        let url = format!("{}/scep?operation=PKIOperation", house.url);
        let answer = if method == Method::GET {
            let text = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE, &sent);
            house
                .http
                .send(&Request::new(method, &format!("{url}&message={text}")))
                .await
                .unwrap()
        } else {
            let request = Request::new(method, &url)
                .body("application/x-pki-message", sent)
                .unwrap();
            house.http.send(&request).await.unwrap()
        };
        if answer.status != 200 {
            return Err(format!("{}: {}", answer.status, answer.excerpt()));
        }
        match read_reply(&answer.body, &message, authority).unwrap() {
            Reply::Success(reply) => Ok(reply.certificates[0].clone()),
            Reply::Failure(reason) => Err(reason),
            Reply::Pending => Err("pending".to_owned()),
        }
    }

    fn signer(&self) -> Identity {
        let now = self.house.http.now();
        let template = Template {
            subject: self.request.subject.clone(),
            public: self.key.public().to_vec(),
            serial: vec![1, 2, 3],
            validity: (now - 3600, now + 3600),
            extensions: vec![Extension::KeyUsage(0xA0)],
        };
        let certificate = Issuer::self_signed(&self.key, &template, Digest::Sha256).unwrap();
        Identity {
            key: self.key.clone(),
            certificate,
        }
    }
}

/// A subject of one common name.
pub(crate) fn common_name(text: &str) -> Vec<u8> {
    Name::common(text).der()
}

/// An alternative name that is an address.
pub(crate) fn address(text: &str) -> Extension {
    Extension::AlternativeNames(vec![mandate_simulator::asn1::context_primitive(
        1,
        text.as_bytes(),
    )])
}
