//! What a device does with each command. What is not simulated is refused, never acknowledged.

use super::faults::can_be_put_off;
use super::session::{After, Command, Outcome, Reply};
use super::{Device, Phase};
use crate::http::Http;
use crate::profiles::ErrorChain;
use plist::{Dictionary, Value};

impl Device {
    pub(super) async fn execute(&mut self, http: &Http, command: &Command) -> Reply {
        if self.puts_off(command) {
            return Reply::of(Outcome::NotNow);
        }
        self.state.put_off.remove(&command.uuid);
        if !self.may(&command.request_type) {
            let text = format!("The server has no right to “{}”.", command.request_type);
            return Reply::error(ErrorChain::mdm(12_007, text));
        }
        if self.acting().is_some() && !is_for_people(&command.request_type) {
            let text = format!("“{}” is for the Mac as a whole.", command.request_type);
            return Reply::error(ErrorChain::mdm(12_076, text));
        }
        self.state.counters.commands += 1;
        debug_assert!(
            self.state.phase == Phase::Enrolled,
            "only enrolled devices get commands"
        );
        match command.request_type.as_str() {
            "InstallProfile" => match command.body.get("Payload").and_then(Value::as_data) {
                Some(payload) => Reply::from_result(Box::pin(self.install(http, payload)).await),
                None => Reply::of(Outcome::CommandFormatError),
            },
            "RemoveProfile" => match command.body.get("Identifier").and_then(Value::as_string) {
                Some(identifier) => self.remove_profile(identifier),
                None => Reply::of(Outcome::CommandFormatError),
            },
            "ProfileList" => Reply::with(
                "ProfileList",
                self.profile_list(managed_only(&command.body)),
            ),
            "CertificateList" => Reply::with(
                "CertificateList",
                self.certificate_list(managed_only(&command.body)),
            ),
            "DeviceInformation" => match command.body.get("Queries").and_then(Value::as_array) {
                Some(queries) => Reply::with("QueryResponses", self.device_information(queries)),
                None => Reply::of(Outcome::CommandFormatError),
            },
            "SecurityInfo" => Reply::with("SecurityInfo", self.security_info()),
            "DeviceConfigured" if self.state.awaiting_configuration => {
                self.state.awaiting_configuration = false;
                Reply::of(Outcome::Acknowledged)
            }
            "DeviceLock" => {
                self.state.locked = true;
                Reply::with(
                    "MessageResult",
                    if command.body.contains_key("Message") {
                        "Success"
                    } else {
                        "NoMessage"
                    },
                )
            }
            "ClearPasscode" if !self.is_user_enrolled() && self.is_mobile() => {
                self.clear_passcode(&command.body)
            }
            "EraseDevice" if !self.is_user_enrolled() => Reply {
                after: After::Erase,
                ..Reply::of(Outcome::Acknowledged)
            },
            "InstalledApplicationList" => {
                Reply::with("InstalledApplicationList", Value::Array(Vec::new()))
            }
            "ProvisioningProfileList" => {
                Reply::with("ProvisioningProfileList", Value::Array(Vec::new()))
            }
            "ManagedApplicationList" => Reply::with("ManagedApplicationList", Dictionary::new()),
            other => Reply::error(ErrorChain::mdm(
                12_021,
                format!("“{other}” is not a valid request type."),
            )),
        }
    }

    /// Whether `AccessRights` of the enrolment allow a command; a user enrolment has none and needs none.
    fn may(&self, request_type: &str) -> bool {
        let rights = self
            .state
            .enrolment
            .as_ref()
            .map_or(0, |enrolment| enrolment.access_rights);
        let needed = match request_type {
            "ProfileList" | "CertificateList" => 1,
            "InstallProfile" | "RemoveProfile" => 2,
            "DeviceLock" | "ClearPasscode" => 4,
            "EraseDevice" => 8,
            "DeviceInformation" => 16,
            "ProvisioningProfileList" => 64,
            "InstalledApplicationList" => 256,
            "SecurityInfo" => 1_024,
            "ManagedApplicationList" => 4_096,
            _ => 0,
        };
        rights == 0 || rights & needed == needed
    }

    fn is_user_enrolled(&self) -> bool {
        self.state
            .enrolment
            .as_ref()
            .is_some_and(|enrolment| enrolment.enrolment_id.is_some())
    }

    /// Whether this offer of the command meets a bad moment.
    fn puts_off(&mut self, command: &Command) -> bool {
        if !can_be_put_off(&command.request_type) {
            return false;
        }
        let probability = self.faults.not_now;
        let offers = self.state.put_off.get(&command.uuid).copied().unwrap_or(0);
        if offers < self.faults.not_now_first || self.chance().happens(probability) {
            self.state.put_off.insert(command.uuid.clone(), offers + 1);
            return true;
        }
        false
    }

    fn remove_profile(&mut self, identifier: &str) -> Reply {
        let is_enrolment = self
            .state
            .enrolment
            .as_ref()
            .is_some_and(|enrolment| enrolment.profile == identifier);
        // It is none of a person's own profiles.
        if is_enrolment && self.acting().is_none() {
            return Reply {
                after: After::Unenrol,
                ..Reply::of(Outcome::Acknowledged)
            };
        }
        match self.profile(identifier) {
            None => Reply::error(ErrorChain::mdm(
                12_075,
                format!("The profile “{identifier}” is not installed."),
            )),
            Some(profile) if !profile.managed && !self.state.supervised => {
                Reply::error(ErrorChain::mdm(
                    12_013,
                    format!("The profile “{identifier}” is not managed."),
                ))
            }
            Some(_) => {
                self.lose_profile(identifier);
                Reply::of(Outcome::Acknowledged)
            }
        }
    }

    fn clear_passcode(&mut self, body: &Dictionary) -> Reply {
        let expected = format!("unlock token of {}", self.state.udid).into_bytes();
        if body.get("UnlockToken").and_then(Value::as_data) != Some(&expected) {
            return Reply::error(ErrorChain::mdm(12_018, "The unlock token is not valid."));
        }
        self.state.passcode = false;
        Reply::of(Outcome::Acknowledged)
    }
}

impl Reply {
    fn of(outcome: Outcome) -> Self {
        Self {
            outcome,
            keys: Dictionary::new(),
            after: After::GoOn,
        }
    }

    fn error(chain: ErrorChain) -> Self {
        Self::of(Outcome::Error(chain))
    }

    fn with(key: &str, value: impl Into<Value>) -> Self {
        let mut reply = Self::of(Outcome::Acknowledged);
        reply.keys.insert(key.to_owned(), value.into());
        reply
    }

    fn from_result(result: Result<(), ErrorChain>) -> Self {
        result.map_or_else(Self::error, |()| Self::of(Outcome::Acknowledged))
    }
}

/// Commands that a Mac takes on behalf of a person (Apple's schema: macOS, `userchannel`).
fn is_for_people(request_type: &str) -> bool {
    matches!(
        request_type,
        "InstallProfile"
            | "RemoveProfile"
            | "ProfileList"
            | "CertificateList"
            | "DeviceInformation"
    )
}

fn managed_only(body: &Dictionary) -> bool {
    body.get("ManagedOnly")
        .and_then(Value::as_boolean)
        .unwrap_or(false)
}
