//! Enrolment by link: profile, identity, Authenticate, TokenUpdate.

use super::state::EnrolmentState;
use super::{Device, DeviceError, HeldIdentity, Model, Phase};
use crate::cms::Identity;
use crate::http::{Answer, Http};
use crate::profiles::{ErrorChain, Payload, Profile, kind, open};
use plist::{Dictionary, Value};

const PROFILE: &str = "application/x-apple-aspen-config";
const TOKEN_LENGTH: usize = 32;

impl Device {
    /// Opens the link as Safari would, installs the profile, and tells the server.
    ///
    /// Nothing is kept when it fails. Without an `Authenticate` and a `TokenUpdate` answered 200 there is no enrolment.
    pub async fn enrol(&mut self, http: &Http, link: &str) -> Result<(), DeviceError> {
        let answer = http.fetch_as(link, &self.browser()).await?;
        if answer.status != 200 {
            return Err(DeviceError::Link {
                status: answer.status,
                body: answer.excerpt(),
            });
        }
        let media = answer
            .content_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim();
        if !media.eq_ignore_ascii_case(PROFILE) {
            return Err(DeviceError::ContentType(answer.content_type.clone()));
        }
        self.enrol_with_profile(http, &answer.body).await
    }

    /// How Safari on this device introduces itself.
    fn browser(&self) -> String {
        let (name, system) = match self.state.model {
            Model::IPhone => ("iPhone", "iPhone OS"),
            Model::IPad => ("iPad", "OS"),
            Model::MacBook => return self.mac_browser(),
        };
        let release = self.state.os.to_string().replace('.', "_");
        let major = self.state.os.major;
        format!(
            "Mozilla/5.0 ({name}; CPU {system} {release} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
             Version/{major}.0 Mobile/15E148 Safari/604.1"
        )
    }

    /// Safari on a Mac tells every release as 10.15.7, and any processor as Intel's.
    fn mac_browser(&self) -> String {
        format!(
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{}.0 Safari/605.1.15",
            self.state.os.major
        )
    }

    /// Enrols with the bytes of a profile.
    pub async fn enrol_with_profile(
        &mut self,
        http: &Http,
        bytes: &[u8],
    ) -> Result<(), DeviceError> {
        let profile = open(bytes, &[], self.state.system()).map_err(DeviceError::Profile)?;
        let no_mdm = || {
            ErrorChain::mdm(12_011, "The profile has no MDM payload.")
                .installing(&profile.display_name)
        };
        let payload = profile
            .payload(kind::MDM)
            .ok_or_else(|| DeviceError::Profile(no_mdm()))?;
        let user_enrolment = text(payload, "EnrollmentMode").as_deref() == Some("BYOD");
        let id = user_enrolment.then(|| self.chance().uuid());
        let mut enrolment = EnrolmentState::read(&profile, payload, id);
        enrolment.push_token = self.chance().bytes::<TOKEN_LENGTH>().to_vec();
        enrolment.push_magic = self.chance().uuid();

        let identities = Box::pin(self.make_identities(http, &profile))
            .await
            .map_err(|chain| DeviceError::Profile(chain.installing(&profile.display_name)))?;
        let identity = self.enrolment_identity(&enrolment, &identities)?;
        self.introduce(http, &enrolment, &identity).await?;

        self.forget_management();
        self.state.phase = Phase::Enrolled;
        self.state.enrolment = Some(enrolment);
        self.commit(&profile, identities);
        Ok(())
    }

    /// Sends another `TokenUpdate`, with a new token when `rotate` says so.
    pub async fn update_token(&mut self, http: &Http, rotate: bool) -> Result<(), DeviceError> {
        let identity = self
            .mdm_identity()
            .ok_or_else(|| DeviceError::NotEnrolled(self.state.udid.clone()))?;
        if rotate {
            let token = self.chance().bytes::<TOKEN_LENGTH>().to_vec();
            if let Some(enrolment) = &mut self.state.enrolment {
                enrolment.push_token = token;
            }
        }
        let Some(enrolment) = self.state.enrolment.clone() else {
            return Err(DeviceError::NotEnrolled(self.state.udid.clone()));
        };
        self.token_update(http, &enrolment, &identity).await
    }

    /// `Authenticate`, then `TokenUpdate`.
    pub(super) async fn introduce(
        &mut self,
        http: &Http,
        enrolment: &EnrolmentState,
        identity: &Identity,
    ) -> Result<(), DeviceError> {
        let message = self.authenticate_message(enrolment);
        let answer = self
            .send_check_in(http, enrolment, identity, message)
            .await?;
        accepted("Authenticate", &answer)?;
        self.token_update(http, enrolment, identity).await
    }

    pub(super) async fn token_update(
        &mut self,
        http: &Http,
        enrolment: &EnrolmentState,
        identity: &Identity,
    ) -> Result<(), DeviceError> {
        let message = self.token_message(enrolment);
        let answer = self
            .send_check_in(http, enrolment, identity, message)
            .await?;
        accepted("TokenUpdate", &answer)
    }

    pub(super) fn token_message(&self, enrolment: &EnrolmentState) -> Dictionary {
        let mut message = self.message(enrolment);
        message.insert("MessageType".to_owned(), "TokenUpdate".into());
        message.insert("Topic".to_owned(), enrolment.topic.as_str().into());
        message.insert(
            "Token".to_owned(),
            Value::Data(enrolment.push_token.clone()),
        );
        message.insert("PushMagic".to_owned(), enrolment.push_magic.as_str().into());
        match self.acting() {
            Some(person) => message.insert("NotOnConsole".to_owned(), person.in_background.into()),
            None => message.insert(
                "AwaitingConfiguration".to_owned(),
                self.state.awaiting_configuration.into(),
            ),
        };
        if enrolment.enrolment_id.is_none() && self.is_mobile() {
            let unlock = format!("unlock token of {}", self.state.udid).into_bytes();
            message.insert("UnlockToken".to_owned(), Value::Data(unlock));
        }
        message
    }

    pub(super) fn authenticate_message(&self, enrolment: &EnrolmentState) -> Dictionary {
        let state = &self.state;
        let mut message = self.message(enrolment);
        let mut put = |key: &str, value: &str| {
            message.insert(key.to_owned(), value.into());
        };
        put("MessageType", "Authenticate");
        put("Topic", &enrolment.topic);
        put("DeviceName", &state.name);
        put("ModelName", state.model.name());
        put("Model", state.model.number());
        put("ProductName", state.model.product());
        put("OSVersion", &state.os.to_string());
        put("BuildVersion", &state.os.build(state.model.platform()));
        if enrolment.enrolment_id.is_none() {
            put("SerialNumber", &state.serial);
            if self.is_mobile() {
                put("IMEI", "35 000000 000000 0");
            }
        }
        message
    }

    /// The identity named by the MDM payload, among those just made.
    pub(super) fn enrolment_identity(
        &self,
        enrolment: &EnrolmentState,
        made: &[HeldIdentity],
    ) -> Result<Identity, DeviceError> {
        let held = made
            .iter()
            .find(|held| held.payload_uuid.eq_ignore_ascii_case(&enrolment.identity));
        let missing = || {
            DeviceError::Profile(ErrorChain::mdm(
                12_016,
                "The identity certificate could not be found.",
            ))
        };
        Ok(self.identity_of(held.ok_or_else(missing)?)?)
    }
}

impl EnrolmentState {
    /// What the payload says; token and magic are still empty.
    pub(super) fn read(profile: &Profile, payload: &Payload, enrolment_id: Option<String>) -> Self {
        let server_url = text(payload, "ServerURL").unwrap_or_default();
        let switch = |key: &str| {
            payload
                .content
                .get(key)
                .and_then(Value::as_boolean)
                .unwrap_or(false)
        };
        Self {
            profile: profile.identifier.clone(),
            check_in_url: text(payload, "CheckInURL").unwrap_or_else(|| server_url.clone()),
            server_url,
            topic: text(payload, "Topic").unwrap_or_default(),
            sign_message: switch("SignMessage"),
            access_rights: payload
                .content
                .get("AccessRights")
                .and_then(Value::as_signed_integer)
                .unwrap_or(0),
            check_out_when_removed: switch("CheckOutWhenRemoved"),
            per_user_connections: has_capability(payload, "com.apple.mdm.per-user-connections"),
            mode: text(payload, "EnrollmentMode"),
            enrolment_id,
            identity: text(payload, "IdentityCertificateUUID").unwrap_or_default(),
            push_token: Vec::new(),
            push_magic: String::new(),
        }
    }
}

fn accepted(message: &'static str, answer: &Answer) -> Result<(), DeviceError> {
    if answer.status == 200 {
        return Ok(());
    }
    Err(DeviceError::Refused {
        message,
        status: answer.status,
        body: answer.excerpt(),
    })
}

fn has_capability(payload: &Payload, name: &str) -> bool {
    let capabilities = payload.content.get("ServerCapabilities");
    let mut capabilities = capabilities.and_then(Value::as_array).into_iter().flatten();
    capabilities.any(|capability| capability.as_string() == Some(name))
}

fn text(payload: &Payload, key: &str) -> Option<String> {
    payload
        .content
        .get(key)
        .and_then(Value::as_string)
        .map(str::to_owned)
}
