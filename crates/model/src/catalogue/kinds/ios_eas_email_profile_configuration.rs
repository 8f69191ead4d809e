//! `iosEasEmailProfileConfiguration`: an Exchange account in the Mail app of iOS and iPadOS.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::catalogue::{
    Choice, Condition, Constant, Impact, Kind, Reference, Setting, TextRule, UseOfCertificate,
    ValueType, Violation, Warning,
};
use crate::{OsVersion, Platform, ProfileId, Settings};

pub(crate) static KIND: Kind = Kind {
    type_name: "iosEasEmailProfileConfiguration",
    base_types: &["easEmailProfileConfigurationBase", "deviceConfiguration"],
    platform: Platform::Ios,
    minimum_os: OsVersion::new(11, 0),
    label: "Email",
    help: "An Exchange ActiveSync account in the Mail app, made for the device's user.",
    settings: SETTINGS,
    references: &[
        Reference {
            required_when: Some(Condition::Is("authenticationMethod", "certificate")),
            use_of_certificate: Some(UseOfCertificate {
                alternative_name: "userPrincipalName",
                key_usage: "digitalSignature",
                extended_key_usage: CLIENT_AUTHENTICATION,
                purpose: None,
                one_key_for_all_devices: false,
            }),
            ..certificate(
                "identityCertificate",
                "Authentication certificate",
                "Proves the user to the mail server; needs the user principal name as alternative name. SCEP or PKCS.",
                &["iosCertificateProfileBase"],
            )
        },
        Reference {
            required_when: Some(Condition::All(&[
                SMIME,
                Condition::Is("signingCertificateType", "certificate"),
            ])),
            use_of_certificate: Some(UseOfCertificate {
                alternative_name: "emailAddress",
                key_usage: "digitalSignature",
                extended_key_usage: EMAIL_PROTECTION,
                purpose: Some("smimeSigning"),
                one_key_for_all_devices: false,
            }),
            ..certificate(
                "smimeSigningCertificate",
                "S/MIME signing certificate",
                "Signs outgoing mail; its address has to be that of the account. SCEP, PKCS or imported.",
                &["iosCertificateProfile"],
            )
        },
        Reference {
            required_when: Some(Condition::All(&[
                SMIME,
                Condition::Is("encryptionCertificateType", "certificate"),
            ])),
            use_of_certificate: Some(UseOfCertificate {
                alternative_name: "emailAddress",
                key_usage: "keyEncipherment",
                extended_key_usage: EMAIL_PROTECTION,
                purpose: Some("smimeEncryption"),
                one_key_for_all_devices: true,
            }),
            ..certificate(
                "smimeEncryptionCertificate",
                "S/MIME encryption certificate",
                "Deciphers incoming mail and goes along with outgoing mail. Imported, so that every device of the \
                 user has the same key; the newest of the user's certificates is taken.",
                &["iosCertificateProfile"],
            )
        },
    ],
    check,
    warn,
    needs_user: |_| true,
};

const SETTINGS: &[Setting] = &[
    Setting::new("hostName", "Email server", ValueType::Text { rule: TextRule::HostName, maximum_length: 253 })
        .help("Host name of the Exchange server, such as `outlook.office365.com`.")
        .section(ACCOUNT)
        .required()
        .impact(Impact::ReplacesAccount)
        .identity(),
    Setting::new("accountName", "Account name", ValueType::Text { rule: TextRule::Filled, maximum_length: 255 })
        .help("Name of the account as the user sees it.")
        .section(ACCOUNT)
        .required(),
    Setting::new("usernameAADSource", "User name attribute", ValueType::Enum(USER_NAME_SOURCES))
        .help("Directory attribute that becomes the user name of the account.")
        .section(ACCOUNT)
        .nullable()
        .impact(Impact::AsksPassword),
    Setting::new("usernameSource", "User name attribute of older profiles", ValueType::Enum(ADDRESS_SOURCES))
        .help("Counts only while `usernameAADSource` is not configured.")
        .section(ACCOUNT)
        .default(Constant::Text("userPrincipalName"))
        .impact(Impact::AsksPassword)
        .hidden(),
    Setting::new("userDomainNameSource", "User domain name attribute", ValueType::Enum(DOMAIN_SOURCES))
        .help("Directory attribute that stands before the account name, as in `contoso\\user1`.")
        .section(ACCOUNT)
        .nullable()
        .shown_when(SAM)
        .impact(Impact::AsksPassword),
    Setting::new(
        "customDomainName",
        "Custom domain name",
        ValueType::Text { rule: TextRule::Domain, maximum_length: 253 },
    )
    .help("Stands before the account name instead of a directory attribute.")
    .section(ACCOUNT)
    .nullable()
    .shown_when(SAM)
    .impact(Impact::AsksPassword),
    Setting::new("emailAddressSource", "Email address attribute", ValueType::Enum(ADDRESS_SOURCES))
        .help("Directory attribute that becomes the address of the account.")
        .section(ACCOUNT)
        .required()
        .impact(Impact::ReplacesAccount)
        .identity(),
    Setting::new("authenticationMethod", "Authentication method", ValueType::Enum(AUTHENTICATION_METHODS))
        .help("A certificate is the most secure way and asks the user nothing. Passwords are never part of a profile.")
        .section(ACCOUNT)
        .nullable()
        .null_means(Constant::Text("usernameAndPassword"))
        .impact(Impact::AsksPassword),
    Setting::new("requireSsl", "SSL", ValueType::Boolean)
        .help("Speaks with the server over TLS.")
        .section(ACCOUNT)
        .default(Constant::Boolean(true))
        .impact(Impact::AsksApproval),
    switch("useOAuth", "OAuth")
        .help("Signs in on the page of the identity provider, which may ask for a second factor. The server has to support it.")
        .section(ACCOUNT)
        .since(OsVersion::new(12, 0))
        .impact(Impact::AsksPassword)
        .identity(),
    Setting::new("easServices", "Exchange data to sync", ValueType::Flags(SERVICES))
        .help("Services that are not chosen are off. An update overrides what the user chose.")
        .section(DATA)
        .nullable()
        .default(Constant::Text("calendars,contacts,email,notes,reminders"))
        .since(OsVersion::new(13, 0))
        .impact(Impact::AsksPassword)
        .identity(),
    Setting::new("easServicesUserOverrideEnabled", "Allow users to change sync settings", ValueType::Boolean)
        .help("Whether users may turn each service on and off.")
        .section(DATA)
        .nullable()
        .default(Constant::Boolean(true))
        .since(OsVersion::new(13, 0))
        .impact(Impact::AsksPassword)
        .identity(),
    switch("requireSmime", "S/MIME").help("Signs and encrypts mail.").section(MAIL).shown_when(MAIL_SHOWN),
    switch("smimeSigningEnabled", "S/MIME signing enabled").section(MAIL).shown_when(SMIME),
    override_switch("smimeSigningUserOverrideEnabled", "Allow user to change signing"),
    Setting::new("signingCertificateType", "Signing certificate type", ValueType::Enum(CERTIFICATE_TYPES))
        .help("With `none` users choose a certificate of their own.")
        .section(MAIL)
        .nullable()
        .shown_when(SMIME),
    override_switch("smimeSigningCertificateUserOverrideEnabled", "Allow user to change the signing certificate"),
    switch("smimeEncryptByDefaultEnabled", "Encrypt by default").section(MAIL).shown_when(SMIME),
    override_switch("smimeEncryptByDefaultUserOverrideEnabled", "Allow user to change encryption by default"),
    switch("smimeEnablePerMessageSwitch", "Per-message encryption")
        .help("Shows a switch when composing, with which the user departs from the default for one message.")
        .section(MAIL)
        .shown_when(SMIME),
    Setting::new("encryptionCertificateType", "Encryption certificate type", ValueType::Enum(CERTIFICATE_TYPES))
        .help("With `none` users choose a certificate of their own.")
        .section(MAIL)
        .nullable()
        .shown_when(SMIME),
    override_switch("smimeEncryptionCertificateUserOverrideEnabled", "Allow user to change the encryption certificate"),
    Setting::new("durationOfEmailToSync", "Amount of email to synchronize", ValueType::Enum(DURATIONS))
        .help("An update overrides what the user chose.")
        .section(MAIL)
        .default(Constant::Text("userDefined"))
        .shown_when(MAIL_SHOWN),
    block("blockMovingMessagesToOtherEmailAccounts", "Allow messages to be moved to other email accounts")
        .help("Blocked, users also cannot reply or forward from another account."),
    block("blockSendingEmailFromThirdPartyApps", "Allow email to be sent from third-party apps")
        .help("Blocked, the account cannot be the default one, and other apps cannot attach files such as pictures."),
    block("blockSyncingRecentlyUsedEmailAddresses", "Synchronize recently used email addresses"),
    Setting::new(
        "perAppVPNProfileId",
        "VPN profile for per-account VPN",
        ValueType::Text { rule: TextRule::Guid, maximum_length: 36 },
    )
    .help("`VPNUUID` of a per-app VPN that is already on the device.")
    .section(VPN)
    .nullable()
    .since(OsVersion::new(14, 0)),
];

fn check(settings: &Settings) -> Vec<Violation> {
    let value = |property: &str| settings.get(property).unwrap_or(&Value::Null);
    let text = |property: &str| value(property).as_str();
    let on = |property: &str| value(property) == &Value::Bool(true);
    let mut violations = Vec::new();
    if text("customDomainName").is_some() && text("userDomainNameSource").is_some() {
        let rule = "cannot be set together with `userDomainNameSource`";
        violations.push(Violation::new(
            "customDomainName",
            rule,
            value("customDomainName"),
        ));
    }
    let has_certificate = text("encryptionCertificateType") == Some("certificate");
    let may_choose = on("smimeEncryptionCertificateUserOverrideEnabled");
    if on("smimeEncryptByDefaultEnabled") && !has_certificate && !may_choose {
        let rule = "cannot be `true` without an encryption certificate: set `encryptionCertificateType` to \
                    `certificate`, or `smimeEncryptionCertificateUserOverrideEnabled` to `true`";
        violations.push(Violation::without_value(
            "smimeEncryptByDefaultEnabled",
            rule,
        ));
    }
    violations
}

fn warn(settings: &Settings, _: &BTreeMap<String, ProfileId>) -> Vec<Warning> {
    let text = |property: &str| settings.get(property).and_then(Value::as_str);
    let on = |property: &str| settings.get(property) == Some(&Value::Bool(true));
    let off = |property: &str| settings.get(property) == Some(&Value::Bool(false));
    let mut warnings = Vec::new();
    let mut warn =
        |code, property, message: &str| warnings.push(Warning::new(code, property, message));
    if on("useOAuth") {
        warn(
            "hostIgnoredWithOAuth",
            "hostName",
            "with OAuth the device finds the server by autodiscovery and ignores the host name",
        );
        warn(
            "oAuthNeedsSupport",
            "useOAuth",
            "the mail server has to support OAuth, and where users may not consent to apps themselves an administrator \
             has to allow `iOS Accounts`; otherwise `Re-enter password` on the device does nothing",
        );
    } else if text("authenticationMethod") != Some("certificate") {
        warn(
            "noMultiFactorAuthentication",
            "authenticationMethod",
            "without OAuth the account cannot be signed in with multi-factor authentication",
        );
    }
    if off("requireSsl") {
        warn(
            "noSsl",
            "requireSsl",
            "without SSL passwords and mail travel readable",
        );
    }
    if text("usernameAADSource") == Some("samAccountName")
        && text("userDomainNameSource").is_none()
        && text("customDomainName").is_none()
    {
        warn(
            "userNameWithoutDomain",
            "userDomainNameSource",
            "the user name is the bare account name; Exchange usually wants `domain\\user`",
        );
    }
    let partial = text("easServices")
        .is_some_and(|services| services.split(',').count() < SERVICES.len() - 1);
    if partial && !off("easServicesUserOverrideEnabled") {
        warn(
            "partialServicesMayBeChanged",
            "easServicesUserOverrideEnabled",
            "only some services are synchronised, but users may turn the others on",
        );
    }
    let no_certificate =
        |kind: &str, choice: &str| text(kind) != Some("certificate") && !on(choice);
    if on("requireSmime")
        && no_certificate(
            "signingCertificateType",
            "smimeSigningCertificateUserOverrideEnabled",
        )
        && no_certificate(
            "encryptionCertificateType",
            "smimeEncryptionCertificateUserOverrideEnabled",
        )
    {
        warn(
            "smimeWithoutCertificates",
            "requireSmime",
            "S/MIME has neither a signing nor an encryption certificate, and users may not choose one: nothing can be \
             signed or encrypted",
        );
    }
    if text("perAppVPNProfileId").is_some() {
        warn(
            "vpnNotManaged",
            "perAppVPNProfileId",
            "the per-app VPN has to reach the device by other means first",
        );
    }
    warnings
}

const fn switch(property: &'static str, label: &'static str) -> Setting {
    Setting::new(property, label, ValueType::Boolean)
        .nullable()
        .default(Constant::Boolean(false))
        .null_means(Constant::Boolean(false))
}

/// "Allow user to change" beside an S/MIME setting.
const fn override_switch(property: &'static str, label: &'static str) -> Setting {
    switch(property, label)
        .section(MAIL)
        .shown_when(SMIME)
        .since(OsVersion::new(12, 0))
}

const fn block(property: &'static str, label: &'static str) -> Setting {
    switch(property, label)
        .section(MAIL)
        .shown_when(MAIL_SHOWN)
        .inverted()
}

/// A certificate for mail.
const fn certificate(
    property: &'static str,
    label: &'static str,
    help: &'static str,
    targets: &'static [&'static str],
) -> Reference {
    Reference {
        property,
        label,
        help,
        targets,
        target_label: "certificate profile for iOS",
        required_when: None,
        impact: Impact::Silent,
        use_of_certificate: None,
    }
}

/// Extended key usages (RFC 5280 §4.2.1.12).
const CLIENT_AUTHENTICATION: &str = "1.3.6.1.5.5.7.3.2";
const EMAIL_PROTECTION: &str = "1.3.6.1.5.5.7.3.4";

const ACCOUNT: &str = "Exchange ActiveSync account settings";
const DATA: &str = "Exchange ActiveSync profile configuration";
const MAIL: &str = "Exchange ActiveSync email settings";
const VPN: &str = "Per-account VPN";

const SAM: Condition = Condition::Is("usernameAADSource", "samAccountName");
const SMIME: Condition = Condition::True("requireSmime");
const MAIL_SHOWN: Condition = Condition::Any(&[
    Condition::ContainsOrUnset("easServices", "email"),
    Condition::NotFalse("easServicesUserOverrideEnabled"),
]);

const USER_NAME_SOURCES: &[Choice] = &[
    Choice::new("userPrincipalName", "User principal name"),
    Choice::new("primarySmtpAddress", "Primary SMTP address"),
    Choice::new("samAccountName", "sAM account name"),
];

const ADDRESS_SOURCES: &[Choice] = &[
    Choice::new("userPrincipalName", "User principal name"),
    Choice::new("primarySmtpAddress", "Primary SMTP address"),
];

const DOMAIN_SOURCES: &[Choice] = &[
    Choice::new("fullDomainName", "Full domain name"),
    Choice::new("netBiosDomainName", "NetBIOS name"),
];

const AUTHENTICATION_METHODS: &[Choice] = &[
    Choice::new("usernameAndPassword", "User name and password"),
    Choice::new("certificate", "Certificate"),
    Choice::new("derivedCredential", "Derived credential").unavailable(NO_ISSUER),
];

const CERTIFICATE_TYPES: &[Choice] = &[
    Choice::new("none", "None"),
    Choice::new("certificate", "Certificates"),
    Choice::new("derivedCredential", "Derived credential").unavailable(NO_ISSUER),
];

const SERVICES: &[Choice] = &[
    Choice::new("none", "None").unavailable("devices refuse an account without any service"),
    Choice::new("calendars", "Calendar"),
    Choice::new("contacts", "Contacts"),
    Choice::new("email", "Email"),
    Choice::new("notes", "Notes"),
    Choice::new("reminders", "Reminders"),
];

const DURATIONS: &[Choice] = &[
    Choice::new("userDefined", "Not configured"),
    Choice::new("oneDay", "One day"),
    Choice::new("threeDays", "Three days"),
    Choice::new("oneWeek", "One week"),
    Choice::new("twoWeeks", "Two weeks"),
    Choice::new("oneMonth", "One month"),
    Choice::new("unlimited", "Unlimited"),
];

const NO_ISSUER: &str = "this tenant has no issuer of derived credentials";
