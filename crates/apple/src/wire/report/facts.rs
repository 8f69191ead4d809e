//! What the device says about itself.

use mandate_model::DeviceFacts;
use plist::{Dictionary, Value};

use super::Report;
use crate::wire::fields;

/// `HardwareEncryptionCaps`: block and file level both, without which there is no data protection.
const BLOCK_AND_FILE_ENCRYPTION: i64 = 3;

/// Apple `SecurityInfo`, as far as it concerns this server.
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
    /// `FDE_Enabled`: `FileVault`, on Macs alone.
    pub full_disk_encryption: Option<bool>,
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
        let mut told = DeviceFacts::default();
        if let Some(responses) = self
            .response
            .get("QueryResponses")
            .and_then(Value::as_dictionary)
        {
            told = read_query_responses(responses);
        }
        if let Some(security) = self.security_info() {
            told.passcode_present = security.passcode_present;
            told.is_encrypted = security.is_encrypted();
        }
        take_over(facts, told)
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
            full_disk_encryption: fields::boolean(answer, "FDE_Enabled"),
            enrolled_automatically: management
                .and_then(|status| fields::boolean(status, "EnrolledViaDEP")),
            is_user_enrolment: management
                .and_then(|status| fields::boolean(status, "IsUserEnrollment")),
        })
    }
}

impl SecurityInfo {
    /// Data protection is on when the hardware can and a passcode is set (Apple `HardwareEncryptionCaps`); on a Mac it is
    /// `FileVault` that counts.
    pub fn is_encrypted(&self) -> Option<bool> {
        if self.full_disk_encryption.is_some() {
            return self.full_disk_encryption;
        }
        Some(self.hardware_encryption? == BLOCK_AND_FILE_ENCRYPTION && self.passcode_present?)
    }
}

fn read_query_responses(responses: &Dictionary) -> DeviceFacts {
    let line = data_line(responses);
    let fact = |key| fields::fact(responses, key);
    let on_line = |key| line.and_then(|line| fields::fact(line, key));
    DeviceFacts {
        device_name: fact("DeviceName"),
        model: fact("ModelName").or_else(|| fact("Model")),
        product_name: fact("ProductName"),
        os_version: fact("OSVersion"),
        build_version: fact("BuildVersion"),
        serial_number: fact("SerialNumber"),
        imei: fact("IMEI").or_else(|| on_line("IMEI")),
        meid: fact("MEID").or_else(|| on_line("MEID")),
        wifi_mac: fact("WiFiMAC"),
        eas_device_identifier: fact("EASDeviceIdentifier"),
        is_supervised: fields::boolean(responses, "IsSupervised"),
        passcode_present: None,
        is_encrypted: None,
    }
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

/// Takes over what is told and leaves the rest as it was. Answers whether anything is new.
pub(in crate::wire) fn take_over(facts: &mut DeviceFacts, told: DeviceFacts) -> bool {
    let before = facts.clone();
    let known = std::mem::take(facts);
    *facts = DeviceFacts {
        device_name: told.device_name.or(known.device_name),
        model: told.model.or(known.model),
        product_name: told.product_name.or(known.product_name),
        os_version: told.os_version.or(known.os_version),
        build_version: told.build_version.or(known.build_version),
        serial_number: told.serial_number.or(known.serial_number),
        imei: told.imei.or(known.imei),
        meid: told.meid.or(known.meid),
        wifi_mac: told.wifi_mac.or(known.wifi_mac),
        eas_device_identifier: told.eas_device_identifier.or(known.eas_device_identifier),
        is_supervised: told.is_supervised.or(known.is_supervised),
        passcode_present: told.passcode_present.or(known.passcode_present),
        is_encrypted: told.is_encrypted.or(known.is_encrypted),
    };
    *facts != before
}
