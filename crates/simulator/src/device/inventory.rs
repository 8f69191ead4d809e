//! What a device tells about itself, always from its state.

use super::{Device, InstalledProfile};
use crate::certificates::{Certificate, hex};
use crate::keys::Digest;
use crate::profiles::Platform;
use plist::{Dictionary, Value};

impl Device {
    /// `ProfileList`; a user enrolment lists managed profiles only, always.
    pub(super) fn profile_list(&self, managed_only: bool) -> Value {
        let managed_only = managed_only || self.sees_managed_only();
        let listed = self
            .state
            .profiles
            .iter()
            .filter(|profile| profile.managed || !managed_only);
        Value::Array(
            listed
                .map(|profile| Value::Dictionary(self.profile_item(profile)))
                .collect(),
        )
    }

    fn profile_item(&self, profile: &InstalledProfile) -> Dictionary {
        let mut item = Dictionary::new();
        let mut put = |key: &str, value: Value| {
            item.insert(key.to_owned(), value);
        };
        put("PayloadUUID", profile.uuid.as_str().into());
        put("PayloadIdentifier", profile.identifier.as_str().into());
        put("PayloadVersion", profile.version.into());
        for (key, text) in [
            ("PayloadDisplayName", &profile.display_name),
            ("PayloadOrganization", &profile.organization),
            ("PayloadDescription", &profile.description),
        ] {
            if !text.is_empty() {
                put(key, text.as_str().into());
            }
        }
        put(
            "PayloadRemovalDisallowed",
            profile.removal_disallowed.into(),
        );
        put("HasRemovalPasscode", false.into());
        put("IsEncrypted", profile.encrypted.into());
        if !profile.signers.is_empty() {
            let signers = profile
                .signers
                .iter()
                .map(|certificate| Value::Data(certificate.der().to_vec()));
            put("SignerCertificates", Value::Array(signers.collect()));
        }
        if !self.state.supervised {
            put("IsManaged", profile.managed.into());
        }
        if !profile.encrypted {
            put(
                "PayloadContent",
                Value::Array(profile.payloads.iter().map(payload_item).collect()),
            );
        }
        item
    }

    /// `CertificateList`: exactly the keychain.
    pub(super) fn certificate_list(&self, managed_only: bool) -> Value {
        let managed_only = managed_only || self.sees_managed_only();
        let listed = |profile: &&str| {
            !managed_only || self.profile(profile).is_some_and(|profile| profile.managed)
        };
        let items = self
            .keychain()
            .into_iter()
            .filter(|item| item.profiles.iter().any(listed));
        Value::Array(
            items
                .map(|item| certificate_item(item.certificate, item.is_identity))
                .collect(),
        )
    }

    /// `QueryResponses`; what this device has no answer for is left out.
    pub(super) fn device_information(&self, queries: &[Value]) -> Value {
        let names = queries.iter().filter_map(Value::as_string);
        let known = names.filter_map(|name| Some((name.to_owned(), self.fact(name)?)));
        Value::Dictionary(known.collect())
    }

    fn fact(&self, name: &str) -> Option<Value> {
        let state = &self.state;
        let personal = self.sees_managed_only();
        if !self.is_mobile() && MOBILE_FACTS.contains(&name) {
            return None;
        }
        let value: Value = match name {
            "UDID" if !personal => state.udid.as_str().into(),
            "SerialNumber" if !personal => state.serial.as_str().into(),
            "IMEI" if !personal => "35 000000 000000 0".into(),
            "DeviceName" => state.name.as_str().into(),
            "OSVersion" => state.os.to_string().as_str().into(),
            "BuildVersion" => state.os.build(state.model.platform()).as_str().into(),
            "ModelName" => state.model.name().into(),
            "Model" => state.model.number().into(),
            "ProductName" => state.model.product().into(),
            "DeviceCapacity" => Value::Real(128.0),
            "AvailableDeviceCapacity" => Value::Real(96.5),
            "BatteryLevel" => Value::Real(0.8),
            "CellularTechnology" => 3.into(),
            "IsSupervised" => state.supervised.into(),
            "IsMultiUser"
            | "IsMDMLostModeEnabled"
            | "AwaitingConfiguration"
            | "IsCloudBackupEnabled" => false.into(),
            "IsDeviceLocatorServiceEnabled" | "IsActivationLockEnabled" if !personal => {
                false.into()
            }
            "IsAppleSilicon" if !self.is_mobile() => true.into(),
            "HostName" | "LocalHostName" if !self.is_mobile() => {
                state.name.replace(' ', "-").as_str().into()
            }
            "EASDeviceIdentifier" => self.active_sync_id().as_str().into(),
            _ => return None,
        };
        Some(value)
    }

    /// The id under which Exchange knows the device: 26 letters and digits, the same for life.
    pub fn active_sync_id(&self) -> String {
        hex(&Digest::Sha256.of(self.state.udid.as_bytes()))[..26].to_uppercase()
    }

    /// `SecurityInfo`.
    pub(super) fn security_info(&self) -> Value {
        let user_enrolled = self.sees_managed_only();
        let management = [
            ("EnrolledViaDEP", false),
            ("UserApprovedEnrollment", true),
            ("IsUserEnrollment", user_enrolled),
        ];
        let mut info = Dictionary::new();
        let mut put = |key: &str, value: Value| {
            info.insert(key.to_owned(), value);
        };
        if self.is_mobile() {
            put("HardwareEncryptionCaps", 3.into());
            put("PasscodePresent", self.state.passcode.into());
            put("PasscodeCompliant", true.into());
            put("PasscodeCompliantWithProfiles", true.into());
        } else {
            put("FDE_Enabled", true.into());
            put("SystemIntegrityProtectionEnabled", true.into());
        }
        let management = management
            .into_iter()
            .map(|(key, value)| (key.to_owned(), Value::Boolean(value)))
            .collect();
        info.insert("ManagementStatus".to_owned(), Value::Dictionary(management));
        Value::Dictionary(info)
    }

    /// Whether this is an iPhone or iPad.
    pub(super) fn is_mobile(&self) -> bool {
        self.state.model.platform() == Platform::Ios
    }

    fn sees_managed_only(&self) -> bool {
        self.state
            .enrolment
            .as_ref()
            .is_some_and(|enrolment| enrolment.enrolment_id.is_some())
    }
}

/// Facts that a Mac does not tell (Apple's schema: macOS n/a).
const MOBILE_FACTS: [&str; 7] = [
    "IMEI",
    "CellularTechnology",
    "IsMultiUser",
    "IsMDMLostModeEnabled",
    "IsCloudBackupEnabled",
    "IsDeviceLocatorServiceEnabled",
    "EASDeviceIdentifier",
];

fn payload_item(payload: &super::PayloadHead) -> Value {
    let mut item = Dictionary::new();
    item.insert("PayloadType".to_owned(), payload.kind.as_str().into());
    item.insert("PayloadVersion".to_owned(), payload.version.into());
    item.insert(
        "PayloadIdentifier".to_owned(),
        payload.identifier.as_str().into(),
    );
    item.insert("PayloadUUID".to_owned(), payload.uuid.as_str().into());
    if !payload.display_name.is_empty() {
        item.insert(
            "PayloadDisplayName".to_owned(),
            payload.display_name.as_str().into(),
        );
    }
    Value::Dictionary(item)
}

fn certificate_item(certificate: &Certificate, is_identity: bool) -> Value {
    let mut item = Dictionary::new();
    item.insert(
        "CommonName".to_owned(),
        certificate.common_name().as_str().into(),
    );
    item.insert("IsIdentity".to_owned(), is_identity.into());
    item.insert("Data".to_owned(), Value::Data(certificate.der().to_vec()));
    Value::Dictionary(item)
}
