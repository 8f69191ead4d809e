//! Identities of payloads: SCEP is really done, PKCS#12 really opened.

use super::{Device, HeldIdentity, KeyReference};
use crate::certificates::Name;
use crate::http::Http;
use crate::keys::Key;
use crate::profiles::{ErrorChain, Payload, Profile, kind, open_pkcs12, scep_request};
use crate::scep::{ScepError, ScepMode, enrol};
use std::sync::Arc;

impl Device {
    /// The identities of all payloads of a profile, or the first refusal.
    pub(super) async fn make_identities(
        &mut self,
        http: &Http,
        profile: &Profile,
    ) -> Result<Vec<HeldIdentity>, ErrorChain> {
        let mut made = Vec::new();
        for payload in profile
            .payloads
            .iter()
            .filter(|payload| payload.is_identity())
        {
            let (key, certificate) = match payload.kind.as_str() {
                kind::SCEP => self.enrol_by_scep(http, profile, payload).await?,
                kind::PKCS12 => {
                    let file = payload
                        .content
                        .get("PayloadContent")
                        .and_then(plist::Value::as_data)
                        .unwrap_or_default();
                    let password = payload
                        .content
                        .get("Password")
                        .and_then(plist::Value::as_string)
                        .unwrap_or_default();
                    let opened = open_pkcs12(file, password, self.state.system())?;
                    (KeyReference::Own(opened.pkcs8), opened.certificate)
                }
                _ => {
                    return Err(ErrorChain::mdm(
                        12_021,
                        "The simulator does not enrol by ACME.",
                    ));
                }
            };
            made.push(HeldIdentity {
                profile: profile.identifier.clone(),
                payload_uuid: payload.uuid.clone(),
                key,
                certificate,
            });
        }
        Ok(made)
    }

    async fn enrol_by_scep(
        &mut self,
        http: &Http,
        profile: &Profile,
        payload: &Payload,
    ) -> Result<(KeyReference, crate::certificates::Certificate), ErrorChain> {
        let mut request = scep_request(&payload.content)?;
        if request.subject == Name::default().der() {
            request.subject = Name::common(&profile.identifier).der();
        }
        if self.scep == ScepMode::Mdmb {
            request.subject = self.with_variables(payload).unwrap_or(request.subject);
        }
        let number = u32::try_from(self.keys.len()).unwrap_or(u32::MAX);
        let drawn = u32::try_from(self.chance().bits() % u64::from(number.max(1))).unwrap_or(0);
        let other = self.keys.key(drawn + 1);
        let (key, reference) = if request.key_bits > 2_048 {
            // The pool is of the usual size.
            let made = Key::generate_bits(u32::MAX, request.key_bits)
                .map_err(|error| refusal(&ScepError::Request(error)))?;
            let reference = KeyReference::Own(made.pkcs8().to_vec());
            (Arc::new(made), reference)
        } else {
            (self.keys.key(drawn), KeyReference::Pool(drawn))
        };
        let mode = self.scep;
        let issued = Box::pin(enrol(http, &request, &key, &other, mode, self.chance())).await;
        let certificate = issued.map_err(|error| refusal(&error))?;
        self.state.counters.certificates_enrolled += 1;
        Ok((reference, certificate))
    }

    /// `mdmb` replaces three variables in subjects.
    fn with_variables(&self, payload: &Payload) -> Option<Vec<u8>> {
        let content = payload.content.get("PayloadContent")?.as_dictionary()?;
        let mut name = Name::default();
        for relative in content.get("Subject")?.as_array()? {
            let pair = relative.as_array()?.first()?.as_array()?;
            let value = pair.get(1)?.as_string()?;
            let value = value
                .replace("%HardwareUUID%", &self.state.udid)
                .replace("%SerialNumber%", &self.state.serial)
                .replace("%ComputerName%", &self.state.name);
            name = name.with(pair.first()?.as_string()?, &value);
        }
        Some(name.der())
    }
}

/// `MCSCEPErrorDomain`.
fn refusal(error: &ScepError) -> ErrorChain {
    let code = match error {
        ScepError::Network(_) => 22_005,
        ScepError::Capabilities(_) => 22_006,
        ScepError::Authority(_) | ScepError::Fingerprint => 22_002,
        ScepError::Request(_) => 22_011,
        ScepError::WrongKey | ScepError::Answer(_) => 22_007,
        ScepError::Operation { .. } | ScepError::Refused(_) => 22_013,
    };
    ErrorChain::single("MCSCEPErrorDomain", code, error.to_string())
}
