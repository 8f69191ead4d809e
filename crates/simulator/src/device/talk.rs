//! Signed requests to the server.

use super::{Device, DeviceError, EnrolmentState, Forgery};
use crate::certificates::{Issuer, Template};
use crate::cms::{Identity, Signing, sign};
use crate::http::{Answer, Http, Request};
use crate::keys::Digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use hyper::Method;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use plist::{Dictionary, Value};
use serde::{Deserialize, Serialize};

pub(super) const CHECK_IN: &str = "application/x-apple-aspen-mdm-checkin";
pub(super) const COMMAND: &str = "application/x-apple-aspen-mdm";
const SIGNATURE: HeaderName = HeaderName::from_static("mdm-signature");

/// How `Mdm-Signature` is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignatureForm {
    /// DER, SHA-256, signed attributes, detached.
    #[default]
    Clean,
    /// As real devices: BER with indefinite lengths, SHA-1, no signed attributes, detached.
    Device,
    /// As Fleet's test client: the body inside.
    Attached,
}

/// A body with its headers, kept because the next one will be the same.
#[derive(Debug, Clone)]
pub(super) struct SignedBody {
    body: Bytes,
    headers: Vec<(HeaderName, HeaderValue)>,
    certificate: String,
}

impl Device {
    /// The dictionary that every message begins with.
    pub(super) fn message(&self, enrolment: &EnrolmentState) -> Dictionary {
        let mut message = Dictionary::new();
        match &enrolment.enrolment_id {
            Some(id) => message.insert("EnrollmentID".to_owned(), id.as_str().into()),
            None => message.insert("UDID".to_owned(), self.state.udid.as_str().into()),
        };
        if let Some(person) = self.acting() {
            let id = match &enrolment.enrolment_id {
                Some(_) => "EnrollmentUserID",
                None => "UserID",
            };
            message.insert(id.to_owned(), person.id.as_str().into());
            message.insert(
                "UserShortName".to_owned(),
                person.short_name.as_str().into(),
            );
            message.insert("UserLongName".to_owned(), person.long_name.as_str().into());
        }
        message
    }

    /// Sends a check-in message.
    pub(super) async fn send_check_in(
        &mut self,
        http: &Http,
        enrolment: &EnrolmentState,
        identity: &Identity,
        message: Dictionary,
    ) -> Result<Answer, DeviceError> {
        let signed = self.signed(http, enrolment, identity, CHECK_IN, to_xml(message)?)?;
        self.put(http, &enrolment.check_in_url, enrolment, identity, &signed)
            .await
    }

    /// Sends a report.
    pub(super) async fn send_report(
        &mut self,
        http: &Http,
        enrolment: &EnrolmentState,
        identity: &Identity,
        report: Dictionary,
    ) -> Result<Answer, DeviceError> {
        let signed = self.signed(http, enrolment, identity, COMMAND, to_xml(report)?)?;
        self.put(http, &enrolment.server_url, enrolment, identity, &signed)
            .await
    }

    /// Asks for work. Body and signature are kept: they are the same each time.
    pub(super) async fn send_idle(
        &mut self,
        http: &Http,
        enrolment: &EnrolmentState,
        identity: &Identity,
    ) -> Result<Answer, DeviceError> {
        let certificate = identity.certificate.fingerprint();
        let kept = self
            .idle
            .take()
            .filter(|kept| kept.certificate == certificate && self.faults.forgery == Forgery::None);
        let signed = if let Some(signed) = kept {
            signed
        } else {
            let mut idle = self.message(enrolment);
            idle.insert("Status".to_owned(), "Idle".into());
            self.signed(http, enrolment, identity, COMMAND, to_xml(idle)?)?
        };
        let answer = self
            .put(http, &enrolment.server_url, enrolment, identity, &signed)
            .await;
        if self.faults.forgery == Forgery::None {
            self.idle = Some(signed);
        }
        answer
    }

    async fn put(
        &self,
        http: &Http,
        url: &str,
        enrolment: &EnrolmentState,
        identity: &Identity,
        signed: &SignedBody,
    ) -> Result<Answer, DeviceError> {
        let request = Request {
            method: Method::PUT,
            url,
            headers: signed.headers.clone(),
            body: signed.body.clone(),
            identity: (!enrolment.sign_message).then_some(identity),
        };
        Ok(http.send(&request).await?)
    }

    fn signed(
        &mut self,
        http: &Http,
        enrolment: &EnrolmentState,
        identity: &Identity,
        content_type: &'static str,
        body: Vec<u8>,
    ) -> Result<SignedBody, DeviceError> {
        let mut headers = vec![
            (CONTENT_TYPE, HeaderValue::from_static(content_type)),
            (USER_AGENT, HeaderValue::from_static("MDM/1.0")),
        ];
        if enrolment.sign_message && self.faults.forgery != Forgery::Missing {
            let signature = self.signature_over(&body, identity, http.now())?;
            let value = HeaderValue::from_str(&BASE64.encode(signature))
                .map_err(|_| crate::http::HttpError::Header)?;
            headers.push((SIGNATURE, value));
        }
        Ok(SignedBody {
            body: body.into(),
            headers,
            certificate: identity.certificate.fingerprint(),
        })
    }

    fn signature_over(
        &mut self,
        body: &[u8],
        identity: &Identity,
        now: i64,
    ) -> Result<Vec<u8>, DeviceError> {
        let how = match self.signature {
            SignatureForm::Clean => Signing::clean(now),
            SignatureForm::Device => Signing::device(),
            SignatureForm::Attached => Signing::attached(now),
        };
        match self.faults.forgery {
            Forgery::None | Forgery::Missing => Ok(sign(identity, body, &how)?),
            Forgery::OtherBody => Ok(sign(identity, b"another body", &how)?),
            Forgery::ForeignCertificate => Ok(sign(
                &self.foreign(identity, (now - 3_600, now + 86_400))?,
                body,
                &how,
            )?),
            Forgery::ExpiredCertificate => Ok(sign(
                &self.foreign(identity, (now - 86_400, now - 3_600))?,
                body,
                &how,
            )?),
        }
    }

    /// An identity that looks like the given one and comes from nobody.
    fn foreign(
        &mut self,
        identity: &Identity,
        validity: (i64, i64),
    ) -> Result<Identity, DeviceError> {
        let template = Template {
            subject: identity.certificate.subject(),
            public: identity.key.public().to_vec(),
            serial: self.chance().bytes::<8>().to_vec(),
            validity,
            extensions: Vec::new(),
        };
        let certificate = Issuer::self_signed(&identity.key, &template, Digest::Sha256)?;
        Ok(Identity {
            key: identity.key.clone(),
            certificate,
        })
    }
}

/// An XML property list.
pub(super) fn to_xml(message: Dictionary) -> Result<Vec<u8>, DeviceError> {
    let mut body = Vec::new();
    Value::Dictionary(message).to_writer_xml(&mut body)?;
    Ok(body)
}
