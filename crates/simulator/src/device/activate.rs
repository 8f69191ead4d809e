//! Enrolment without a link: at the activation of a device, and by an account that somebody types into its settings.

use super::talk::to_xml;
use super::{Device, DeviceError};
use crate::cms::{Identity, Signing, sign};
use crate::http::{Answer, Http, Request};
use hyper::Method;
use hyper::header::AUTHORIZATION;
use plist::Dictionary;
use serde_json::Value;

const SIGNED: &str = "application/pkcs7-signature";

impl Device {
    /// What the device says of itself (`MachineInfo`), signed with what it has from the factory.
    pub fn machine_info(&self, factory: &Identity) -> Result<Vec<u8>, DeviceError> {
        let state = self.state();
        let said = Dictionary::from_iter([
            ("UDID", state.udid.clone()),
            ("SERIAL", state.serial.clone()),
            ("PRODUCT", state.model.product().to_owned()),
            ("VERSION", state.os.build(state.model.platform())),
            ("OS_VERSION", state.os.to_string()),
            ("LANGUAGE", "en".to_owned()),
        ]);
        let how = Signing {
            attached: true,
            ..Signing::device()
        };
        Ok(sign(factory, &to_xml(said)?, &how)?)
    }

    /// Asks for its enrolment profile as it was told at its activation, and enrols. Where somebody has to sign in, the
    /// profile comes by a web view: see [`Self::enrol_at_activation`].
    pub async fn activate(
        &mut self,
        http: &Http,
        activation: &Value,
        factory: &Identity,
    ) -> Result<(), DeviceError> {
        let url = activation["url"].as_str().unwrap_or_default();
        let body = self.machine_info(factory)?;
        let request = Request::new(Method::POST, url).body(SIGNED, body)?;
        let answer = http.send(&request).await?;
        let profile = given(&answer)?;
        self.enrol_at_activation(http, activation, &profile).await
    }

    /// Enrols with a profile that came at the activation.
    pub async fn enrol_at_activation(
        &mut self,
        http: &Http,
        activation: &Value,
        profile: &[u8],
    ) -> Result<(), DeviceError> {
        self.state.supervised = activation["is_supervised"] == true;
        self.state.awaiting_configuration = activation["await_device_configured"] == true;
        self.enrol_with_profile(http, profile).await
    }

    /// Asks an account-driven server for a profile, at first without a sign-in: where to sign in, out of its challenge.
    pub async fn ask_where_to_sign_in(
        &self,
        http: &Http,
        url: &str,
        factory: &Identity,
    ) -> Result<String, DeviceError> {
        let request = Request::new(Method::POST, url).body(SIGNED, self.machine_info(factory)?)?;
        let answer = http.send(&request).await?;
        let challenge = answer.challenge.clone().unwrap_or_default();
        let is_web =
            challenge.starts_with("Bearer ") && challenge.contains("method=\"apple-as-web\"");
        let place = challenge
            .split_once("url=\"")
            .and_then(|(_, rest)| rest.split_once('"'));
        match place {
            Some((place, _)) if answer.status == 401 && is_web => Ok(place.to_owned()),
            _ => Err(refusal(&answer)),
        }
    }

    /// Enrols with what the sign-in gave.
    pub async fn enrol_with_sign_in(
        &mut self,
        http: &Http,
        url: &str,
        (factory, token): (&Identity, &str),
    ) -> Result<(), DeviceError> {
        let request = Request::new(Method::POST, url)
            .body(SIGNED, self.machine_info(factory)?)?
            .header(AUTHORIZATION, &format!("Bearer {token}"))?;
        let answer = http.send(&request).await?;
        let profile = given(&answer)?;
        self.enrol_with_profile(http, &profile).await
    }
}

fn given(answer: &Answer) -> Result<Vec<u8>, DeviceError> {
    if answer.status != 200 {
        return Err(refusal(answer));
    }
    if !answer
        .content_type
        .starts_with("application/x-apple-aspen-config")
    {
        return Err(DeviceError::ContentType(answer.content_type.clone()));
    }
    Ok(answer.body.to_vec())
}

fn refusal(answer: &Answer) -> DeviceError {
    DeviceError::Link {
        status: answer.status,
        body: answer.excerpt(),
    }
}
