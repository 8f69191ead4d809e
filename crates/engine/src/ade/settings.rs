//! What a profile of automated enrolment says: the properties that Graph has, and what they are in Apple's words.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_model::Platform;
use mandate_model::catalogue::Violation;
use mandate_pki::certificate::Certificate;
use serde_json::{Map, Value, json};

use crate::EngineError;

/// Properties of a profile, each with a value of its form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdeSettings {
    platform: Platform,
    values: Map<String, Value>,
}

/// How a property of a profile is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdeForm {
    /// Yes or no.
    Switch,
    /// Whether a pane of the Setup Assistant is hidden.
    Pane,
    /// Text of at most so many characters.
    Text(usize),
    /// Keys of further panes that are hidden.
    Keys,
    /// With which computers a device may pair: one of [`AdeSettings::PAIRING`].
    Pairing,
    /// Certificates of computers that may pair.
    Certificates,
}

/// What values a property takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Switch,
    /// A switch whose `true` hides a pane of the Setup Assistant, by Apple's key for it.
    Hides(&'static str),
    Text(usize),
    /// Further keys of panes to hide.
    Keys,
    /// `iTunesPairingMode`
    Pairing,
    /// `managementCertificateWithThumbprint`
    Certificates,
    /// Exists in Graph and does nothing here, so that only "nothing" can be said.
    Off,
    Zero,
    Null,
    Empty,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Both,
    Ios,
    Mac,
}

use Form::{Certificates, Empty, Hides, Keys, Null, Off, Pairing, Switch, Text, Zero};
use Of::{Both, Ios, Mac};

const PROPERTIES: &[(&str, Of, Form)] = &[
    ("requiresUserAuthentication", Both, Switch),
    ("enableAuthenticationViaCompanyPortal", Both, Switch),
    (
        "requireCompanyPortalOnSetupAssistantEnrolledDevices",
        Both,
        Off,
    ),
    ("configurationWebUrl", Both, Switch),
    ("appleIdDisabled", Both, Hides("AppleID")),
    ("applePayDisabled", Both, Hides("Payment")),
    ("deviceNameTemplate", Both, Null),
    ("diagnosticsDisabled", Both, Hides("Diagnostics")),
    ("displayToneSetupDisabled", Both, Hides("DisplayTone")),
    ("enabledSkipKeys", Both, Keys),
    ("enrollmentTimeAzureAdGroupIds", Both, Empty),
    ("isMandatory", Both, Switch),
    ("locationDisabled", Both, Hides("Location")),
    ("privacyPaneDisabled", Both, Hides("Privacy")),
    ("profileRemovalDisabled", Both, Switch),
    ("restoreBlocked", Both, Hides("Restore")),
    ("screenTimeScreenDisabled", Both, Hides("ScreenTime")),
    ("siriDisabled", Both, Hides("Siri")),
    ("supervisedModeEnabled", Both, Switch),
    ("supportDepartment", Both, Text(125)),
    ("supportPhoneNumber", Both, Text(50)),
    ("termsAndConditionsDisabled", Both, Hides("TOS")),
    ("touchIdDisabled", Both, Hides("Biometric")),
    ("waitForDeviceConfiguredConfirmation", Both, Switch),
    ("passCodeDisabled", Both, Hides("Passcode")),
    ("zoomDisabled", Both, Hides("Zoom")),
    ("appearanceScreenDisabled", Ios, Hides("Appearance")),
    ("awaitDeviceConfiguredConfirmation", Ios, Switch),
    ("carrierActivationUrl", Ios, Null),
    ("companyPortalVppTokenId", Ios, Null),
    (
        "deviceToDeviceMigrationDisabled",
        Ios,
        Hides("DeviceToDeviceMigration"),
    ),
    ("enableSharedIPad", Ios, Off),
    ("enableSingleAppEnrollmentMode", Ios, Off),
    (
        "expressLanguageScreenDisabled",
        Ios,
        Hides("ExpressLanguage"),
    ),
    ("forceTemporarySession", Ios, Off),
    (
        "homeButtonScreenDisabled",
        Ios,
        Hides("HomeButtonSensitivity"),
    ),
    (
        "iMessageAndFaceTimeScreenDisabled",
        Ios,
        Hides("iMessageAndFaceTime"),
    ),
    ("iTunesPairingMode", Ios, Pairing),
    ("managementCertificates", Ios, Certificates),
    ("onBoardingScreenDisabled", Ios, Hides("OnBoarding")),
    ("passcodeLockGracePeriodInSeconds", Ios, Null),
    (
        "preferredLanguageScreenDisabled",
        Ios,
        Hides("PreferredLanguage"),
    ),
    (
        "restoreCompletedScreenDisabled",
        Ios,
        Hides("RestoreCompleted"),
    ),
    ("restoreFromAndroidDisabled", Ios, Hides("Android")),
    ("sharedIPadMaximumUserCount", Ios, Zero),
    ("simSetupScreenDisabled", Ios, Hides("SIMSetup")),
    ("softwareUpdateScreenDisabled", Ios, Hides("SoftwareUpdate")),
    ("temporarySessionTimeoutInSeconds", Ios, Zero),
    (
        "updateCompleteScreenDisabled",
        Ios,
        Hides("UpdateCompleted"),
    ),
    ("userSessionTimeoutInSeconds", Ios, Zero),
    ("userlessSharedAadModeEnabled", Ios, Off),
    ("watchMigrationScreenDisabled", Ios, Hides("WatchMigration")),
    ("welcomeScreenDisabled", Ios, Hides("Welcome")),
    ("accessibilityScreenDisabled", Mac, Hides("Accessibility")),
    ("adminAccountFullName", Mac, Null),
    ("adminAccountPassword", Mac, Null),
    ("adminAccountUserName", Mac, Null),
    ("autoAdvanceSetupEnabled", Mac, Switch),
    ("autoUnlockWithWatchDisabled", Mac, Hides("UnlockWithWatch")),
    ("chooseYourLockScreenDisabled", Mac, Hides("Wallpaper")),
    ("depProfileAdminAccountPasswordRotationSetting", Mac, Null),
    ("dontAutoPopulatePrimaryAccountInfo", Mac, Off),
    ("enableRestrictEditing", Mac, Off),
    ("fileVaultDisabled", Mac, Hides("FileVault")),
    ("hideAdminAccount", Mac, Off),
    ("iCloudDiagnosticsDisabled", Mac, Hides("iCloudDiagnostics")),
    ("iCloudStorageDisabled", Mac, Hides("iCloudStorage")),
    ("primaryAccountFullName", Mac, Null),
    ("primaryAccountUserName", Mac, Null),
    ("registrationDisabled", Mac, Hides("Registration")),
    ("requestRequiresNetworkTether", Mac, Off),
    ("setPrimarySetupAccountAsRegularUser", Mac, Off),
    ("skipPrimarySetupAccountCreation", Mac, Off),
    ("usePlatformSSODuringSetupAssistant", Mac, Off),
];

/// Keys of panes at most.
const MOST_KEYS: usize = 100;
const MOST_CERTIFICATES: usize = 20;

impl AdeSettings {
    /// Nothing is hidden and nothing demanded.
    pub fn new(platform: Platform) -> Self {
        let values = properties(platform)
            .map(|(name, form)| ((*name).to_owned(), usual(*form)))
            .collect();
        Self { platform, values }
    }

    /// Names of all properties that profiles of a platform have.
    pub fn names(platform: Platform) -> impl Iterator<Item = &'static str> {
        properties(platform).map(|(name, _)| *name)
    }

    /// With which computers a device may pair, in Graph's words.
    pub const PAIRING: [&'static str; 3] = ["allow", "disallow", "requiresCertificate"];

    /// What can be set on profiles of a platform, in the order in which it is shown; what nothing is done about here is left
    /// out.
    pub fn forms(platform: Platform) -> impl Iterator<Item = (&'static str, AdeForm)> {
        properties(platform).filter_map(|(name, form)| {
            let form = match form {
                Switch => AdeForm::Switch,
                Hides(_) => AdeForm::Pane,
                Text(most) => AdeForm::Text(*most),
                Keys => AdeForm::Keys,
                Pairing => AdeForm::Pairing,
                Certificates => AdeForm::Certificates,
                Off | Zero | Null | Empty => return None,
            };
            Some((*name, form))
        })
    }

    /// Takes over the properties of a body; those that it does not name stay.
    pub fn apply(&mut self, body: &Map<String, Value>) -> Result<(), EngineError> {
        let mut wrong = Vec::new();
        for (name, value) in body {
            let Some((_, form)) =
                properties(self.platform).find(|(known, _)| **known == name.as_str())
            else {
                wrong.push(Violation::without_value(
                    name,
                    "is no property of profiles of this type",
                ));
                continue;
            };
            match read(*form, value) {
                Ok(value) => {
                    self.values.insert(name.clone(), value);
                }
                Err(rule) => wrong.push(Violation::new(name, rule, value)),
            }
        }
        if wrong.is_empty() && self.is_on("profileRemovalDisabled") && !self.is_supervised() {
            wrong.push(Violation::without_value(
                "profileRemovalDisabled",
                "needs `supervisedModeEnabled`: management can be locked on supervised devices alone",
            ));
        }
        if wrong.is_empty() && self.is_on("configurationWebUrl") && !self.needs_person() {
            wrong.push(Violation::without_value(
                "configurationWebUrl",
                "needs `requiresUserAuthentication`: nobody signs in otherwise",
            ));
        }
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(EngineError::Invalid(wrong))
        }
    }

    /// As kept in the database; what a later release wrote and this one does not know is left out.
    pub(super) fn stored(platform: Platform, text: &str) -> Self {
        let mut settings = Self::new(platform);
        let stored: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
        for (name, form) in properties(platform) {
            if let Some(value) = stored.get(*name).and_then(|value| read(*form, value).ok()) {
                settings.values.insert((*name).to_owned(), value);
            }
        }
        settings
    }

    /// All properties with their values.
    pub const fn values(&self) -> &Map<String, Value> {
        &self.values
    }

    /// Whether somebody has to sign in at the device.
    pub fn needs_person(&self) -> bool {
        self.is_on("requiresUserAuthentication")
    }

    /// Whether devices become supervised.
    pub fn is_supervised(&self) -> bool {
        self.is_on("supervisedModeEnabled")
    }

    fn is_on(&self, name: &str) -> bool {
        self.values.get(name).and_then(Value::as_bool) == Some(true)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).and_then(Value::as_str)
    }

    fn items(&self, name: &str) -> &[Value] {
        self.values
            .get(name)
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }

    /// The profile as Apple's service takes it, but for its name and addresses.
    pub(super) fn to_apple(&self) -> Map<String, Value> {
        let mut hidden: Vec<&str> = properties(self.platform)
            .filter_map(|(name, form)| match form {
                Hides(key) if self.is_on(name) => Some(*key),
                _ => None,
            })
            .collect();
        hidden.extend(
            self.items("enabledSkipKeys")
                .iter()
                .filter_map(Value::as_str),
        );
        hidden.sort_unstable();
        hidden.dedup();
        let hosts: Vec<&str> = self
            .items("managementCertificates")
            .iter()
            .filter_map(|certificate| certificate["certificate"].as_str())
            .collect();
        let pairs = self.text("iTunesPairingMode").unwrap_or("allow");
        let waits = self.is_on("waitForDeviceConfiguredConfirmation")
            || self.is_on("awaitDeviceConfiguredConfirmation");
        let profile = json!({
            "is_supervised": self.is_supervised(),
            "is_mandatory": self.is_on("isMandatory"),
            "is_mdm_removable": !self.is_on("profileRemovalDisabled"),
            "await_device_configured": waits,
            "auto_advance_setup": self.is_on("autoAdvanceSetupEnabled"),
            // Whose certificate is named may pair also where nobody else may.
            "allow_pairing": pairs == "allow",
            "supervising_host_certs": if pairs == "requiresCertificate" { json!(hosts) } else { json!([]) },
            "department": self.text("supportDepartment").unwrap_or_default(),
            "support_phone_number": self.text("supportPhoneNumber").unwrap_or_default(),
            "skip_setup_items": hidden,
        });
        match profile {
            Value::Object(profile) => profile,
            _ => Map::new(),
        }
    }
}

fn properties(platform: Platform) -> impl Iterator<Item = (&'static &'static str, &'static Form)> {
    let own = match platform {
        Platform::Ios => Ios,
        Platform::MacOs => Mac,
    };
    PROPERTIES
        .iter()
        .filter(move |(_, of, _)| *of == Both || *of == own)
        .map(|(name, _, form)| (name, form))
}

fn usual(form: Form) -> Value {
    match form {
        Switch | Hides(_) | Off => json!(false),
        Text(_) | Null => Value::Null,
        Keys | Certificates | Empty => json!([]),
        Pairing => json!("allow"),
        Zero => json!(0),
    }
}

/// Takes a value, or says what it must be.
fn read(form: Form, value: &Value) -> Result<Value, &'static str> {
    const SWITCH: &str = "must be `true` or `false`";
    const NOT_HERE: &str = "cannot be set here: this server does nothing about it";
    let is_nothing = match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Number(number) => number.as_i64() == Some(0),
        _ => false,
    };
    match form {
        Switch | Hides(_) if value.is_null() => Ok(json!(false)),
        Switch | Hides(_) => value.as_bool().map(Value::from).ok_or(SWITCH),
        Text(most) => match value {
            Value::Null => Ok(Value::Null),
            Value::String(text)
                if text.chars().count() <= most && !text.chars().any(char::is_control) =>
            {
                Ok(value.clone())
            }
            _ => Err("must be text of not more than 125 characters (50 for the telephone number)"),
        },
        Keys => keys(value)
            .ok_or("must be a list of up to 100 keys of Setup Assistant panes, such as `Siri`"),
        Pairing => match value.as_str() {
            Some(word) if AdeSettings::PAIRING.contains(&word) => Ok(value.clone()),
            _ => Err("must be `allow`, `disallow` or `requiresCertificate`"),
        },
        Certificates => certificates(value)
            .ok_or("must be a list of up to 20 objects with a `certificate`: DER in base64"),
        Off | Zero | Null | Empty if is_nothing => Ok(usual(form)),
        Off | Zero | Null | Empty => Err(NOT_HERE),
    }
}

fn keys(value: &Value) -> Option<Value> {
    if value.is_null() {
        return Some(json!([]));
    }
    let items = value.as_array().filter(|items| items.len() <= MOST_KEYS)?;
    let is_key = |item: &Value| {
        item.as_str().is_some_and(|text| {
            (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
    };
    items.iter().all(is_key).then(|| value.clone())
}

fn certificates(value: &Value) -> Option<Value> {
    if value.is_null() {
        return Some(json!([]));
    }
    let items = value
        .as_array()
        .filter(|items| items.len() <= MOST_CERTIFICATES)?;
    let read = |item: &Value| {
        let text = item.get("certificate")?.as_str()?;
        let certificate = Certificate::from_der(&STANDARD.decode(text.trim()).ok()?).ok()?;
        Some(json!({
            "certificate": STANDARD.encode(certificate.der()),
            "thumbprint": crate::instance::hex(&certificate.sha1()).to_uppercase(),
        }))
    };
    items
        .iter()
        .map(read)
        .collect::<Option<Vec<_>>>()
        .map(Value::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(value: Value) -> Map<String, Value> {
        let Value::Object(body) = value else {
            panic!("it is an object");
        };
        body
    }

    #[test]
    fn what_is_said_becomes_what_apple_knows() {
        let mut settings = AdeSettings::new(Platform::Ios);
        let said = json!({
            "supervisedModeEnabled": true, "profileRemovalDisabled": true, "siriDisabled": true,
            "enabledSkipKeys": ["Siri", "Intelligence"], "supportDepartment": "IT", "iTunesPairingMode": "disallow",
            "requiresUserAuthentication": true, "configurationWebUrl": true, "waitForDeviceConfiguredConfirmation": true,
            "enableSharedIPad": false, "carrierActivationUrl": null,
        });
        settings.apply(&body(said)).unwrap();
        let apple = settings.to_apple();
        assert_eq!(apple["skip_setup_items"], json!(["Intelligence", "Siri"]));
        assert_eq!(apple["is_mdm_removable"], false);
        assert_eq!(apple["allow_pairing"], false);
        assert_eq!(apple["await_device_configured"], true);
        assert_eq!(apple["department"], "IT");
        let stored = serde_json::to_string(settings.values()).unwrap();
        assert_eq!(AdeSettings::stored(Platform::Ios, &stored), settings);
    }

    #[test]
    fn what_is_not_done_here_cannot_be_set() {
        for wrong in [
            json!({"enableSharedIPad": true}),
            json!({"adminAccountUserName": "root"}),
            json!({"sharedIPadMaximumUserCount": 3}),
            json!({"deviceNameTemplate": "x"}),
            json!({"siriDisabled": "yes"}),
            json!({"enabledSkipKeys": ["a b"]}),
            json!({"iTunesPairingMode": "maybe"}),
            json!({"managementCertificates": [{"certificate": "AAAA"}]}),
            json!({"profileRemovalDisabled": true}),
            json!({"configurationWebUrl": true}),
            json!({"supportPhoneNumber": "1".repeat(51)}),
            json!({"moon": 1}),
        ] {
            let mut settings = AdeSettings::new(Platform::Ios);
            assert!(settings.apply(&body(wrong.clone())).is_err(), "{wrong}");
        }
    }

    #[test]
    fn profiles_of_macs_have_properties_of_their_own() {
        let mut settings = AdeSettings::new(Platform::MacOs);
        settings
            .apply(&body(
                json!({"fileVaultDisabled": true, "autoAdvanceSetupEnabled": true}),
            ))
            .unwrap();
        assert_eq!(
            settings.to_apple()["skip_setup_items"],
            json!(["FileVault"])
        );
        assert!(
            settings
                .apply(&body(json!({"simSetupScreenDisabled": true})))
                .is_err()
        );
    }
}
