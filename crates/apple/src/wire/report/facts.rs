//! What the device says about itself.

use mandate_model::DeviceFacts;
use plist::{Dictionary, Value};

use super::Report;
use crate::wire::fields;

/// `HardwareEncryptionCaps`: block and file level both, without which there is no data protection.
const BLOCK_AND_FILE_ENCRYPTION: i64 = 3;

/// Apple `SecurityInfo`, as far as it concerns phones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SecurityInfo {
    /// Whether a passcode is set.
    pub passcode_present: Option<bool>,
    /// Whether it meets everything asked of it, accounts included.
    pub passcode_compliant: Option<bool>,
    /// Whether it meets what profiles ask.
    pub passcode_compliant_with_profiles: Option<bool>,
    /// Bit set: 1 block level, 2 file level.
    pub hardware_encryption: Option<i64>,
    /// `ManagementStatus.EnrolledViaDEP`.
    pub enrolled_automatically: Option<bool>,
    /// `ManagementStatus.IsUserEnrollment`.
    pub is_user_enrolment: Option<bool>,
}

impl Report {
    /// Takes over what this report tells of the device; what it does not tell stays. Answers whether anything is new.
    ///
    /// Reads `DeviceInformation` (`QueryResponses`) and `SecurityInfo`.
    pub fn update_facts(&self, facts: &mut DeviceFacts) -> bool {
        let before = facts.clone();
        if let Some(responses) = self
            .response
            .get("QueryResponses")
            .and_then(Value::as_dictionary)
        {
            read_query_responses(responses, facts);
        }
        if let Some(security) = self.security_info() {
            facts.passcode_present = security.passcode_present.or(facts.passcode_present);
            facts.is_encrypted = security.is_encrypted().or(facts.is_encrypted);
        }
        *facts != before
    }

    /// The security state, if this answers `SecurityInfo`.
    pub fn security_info(&self) -> Option<SecurityInfo> {
        let answer = self
            .response
            .get("SecurityInfo")
            .and_then(Value::as_dictionary)?;
        let management = answer
            .get("ManagementStatus")
            .and_then(Value::as_dictionary);
        Some(SecurityInfo {
            passcode_present: fields::boolean(answer, "PasscodePresent"),
            passcode_compliant: fields::boolean(answer, "PasscodeCompliant"),
            passcode_compliant_with_profiles: fields::boolean(
                answer,
                "PasscodeCompliantWithProfiles",
            ),
            hardware_encryption: fields::integer(answer, "HardwareEncryptionCaps"),
            enrolled_automatically: management
                .and_then(|status| fields::boolean(status, "EnrolledViaDEP")),
            is_user_enrolment: management
                .and_then(|status| fields::boolean(status, "IsUserEnrollment")),
        })
    }
}

impl SecurityInfo {
    /// Data protection is on when the hardware can and a passcode is set (Apple `HardwareEncryptionCaps`).
    pub fn is_encrypted(&self) -> Option<bool> {
        Some(self.hardware_encryption? == BLOCK_AND_FILE_ENCRYPTION && self.passcode_present?)
    }
}

fn read_query_responses(responses: &Dictionary, facts: &mut DeviceFacts) {
    let line = data_line(responses);
    let on_line = |key| line.and_then(|line| fields::fact(line, key));
    for (slot, value) in [
        (
            &mut facts.device_name,
            fields::fact(responses, "DeviceName"),
        ),
        (
            &mut facts.model,
            fields::fact(responses, "ModelName").or_else(|| fields::fact(responses, "Model")),
        ),
        (
            &mut facts.product_name,
            fields::fact(responses, "ProductName"),
        ),
        (&mut facts.os_version, fields::fact(responses, "OSVersion")),
        (
            &mut facts.build_version,
            fields::fact(responses, "BuildVersion"),
        ),
        (
            &mut facts.serial_number,
            fields::fact(responses, "SerialNumber"),
        ),
        (
            &mut facts.imei,
            fields::fact(responses, "IMEI").or_else(|| on_line("IMEI")),
        ),
        (
            &mut facts.meid,
            fields::fact(responses, "MEID").or_else(|| on_line("MEID")),
        ),
        (&mut facts.wifi_mac, fields::fact(responses, "WiFiMAC")),
        (
            &mut facts.eas_device_identifier,
            fields::fact(responses, "EASDeviceIdentifier"),
        ),
    ] {
        if value.is_some() {
            *slot = value;
        }
    }
    facts.is_supervised = fields::boolean(responses, "IsSupervised").or(facts.is_supervised);
}

/// From iOS 16 on IMEI and MEID stand with each telephone line only; the one preferred for data is the device's.
fn data_line(responses: &Dictionary) -> Option<&Dictionary> {
    let lines = || fields::dictionaries(responses, "ServiceSubscriptions");
    let has_number = |line: &&Dictionary| line.contains_key("IMEI") || line.contains_key("MEID");
    lines()
        .filter(has_number)
        .find(|line| fields::boolean(line, "IsDataPreferred") == Some(true))
        .or_else(|| lines().find(has_number))
}
