//! A house with one user and one device, in which every id is fixed.

use std::collections::BTreeMap;
use std::io::Cursor;

use base64::Engine as _;
use mandate_apple::compile::compile;
use mandate_model::catalogue;
use mandate_model::{
    CertificateServices, CompileInput, Compiled, Device, DeviceFacts, DeviceId, DeviceState,
    Endpoints, EnrolmentType, ImportPurpose, ImportedCertificate, Ownership, Platform, Profile,
    ProfileId, Refusal, Slot, Timestamp, User, UserId,
};
use plist::{Dictionary, Value};
use serde_json::{Value as Json, json};
use uuid::Uuid;

pub(crate) const MAIL: &str = "iosEasEmailProfileConfiguration";
pub(crate) const SCEP: &str = "iosScepCertificateProfile";
pub(crate) const ROOT: &str = "iosTrustedRootCertificate";
pub(crate) const PKCS: &str = "iosPkcsCertificateProfile";
pub(crate) const IMPORTED: &str = "iosImportedPFXCertificateProfile";
pub(crate) const MAC_ROOT: &str = "macOSTrustedRootCertificate";
pub(crate) const MAC_SCEP: &str = "macOSScepCertificateProfile";
pub(crate) const MAC_PKCS: &str = "macOSPkcsCertificateProfile";
pub(crate) const MAC_IMPORTED: &str = "macOSImportedPFXCertificateProfile";

/// Everything that a compilation looks at.
pub(crate) struct House {
    pub(crate) user: Option<User>,
    pub(crate) device: Device,
    pub(crate) endpoints: Endpoints,
    pub(crate) rounds: BTreeMap<Slot, u32>,
    pub(crate) imported: Vec<ImportedCertificate>,
    pub(crate) services: CertificateServices,
    pub(crate) referenced: BTreeMap<ProfileId, Profile>,
}

impl House {
    /// Ada with an iPhone of this version, and the certificate profiles 2 (root), 3 and 4 (SCEP).
    pub(crate) fn with_ios(version: &str) -> Self {
        let mut house = Self {
            user: Some(ada()),
            device: iphone(version),
            endpoints: Endpoints {
                organisation: "Example & Co".to_owned(),
                identifier_prefix: "org.example.mandate".to_owned(),
                scep_url: "https://mdm.example.org/scep".to_owned(),
                scep_ca_fingerprint: vec![0xca; 20],
            },
            rounds: BTreeMap::new(),
            imported: Vec::new(),
            services: CertificateServices::default(),
            referenced: BTreeMap::new(),
        };
        house.add(root(2, &DER));
        let sans = json!([
            { "sanType": "userPrincipalName", "name": "{{UserPrincipalName}}" },
            { "sanType": "emailAddress", "name": "{{EmailAddress}}" },
        ]);
        house.add(scep(3, json!({ "customSubjectAlternativeNames": sans })));
        house.add(scep(4, json!({ "subjectNameFormatString": "CN={{GivenName}} {{SurName}}", "keyUsage": "digitalSignature" })));
        house
    }

    /// Ada with a Mac of this version, and the root profile 2 for Macs.
    pub(crate) fn with_macos(version: &str) -> Self {
        let mut house = Self::with_ios(version);
        house.device.platform = Platform::MacOs;
        house.device.facts.device_name = Some("Ada's MacBook".to_owned());
        house.device.facts.imei = None;
        house.referenced.clear();
        house.add(root_of(MAC_ROOT, 2, &DER));
        house
    }

    /// With a certificate of this purpose for Ada, valid for two years from a day since 1970, and with her address.
    pub(crate) fn import(&mut self, purpose: ImportPurpose, day: i64) -> &mut ImportedCertificate {
        let name = format!("{day:04x}");
        let certificate = ImportedCertificate {
            sha256: name.repeat(16),
            thumbprint: name.repeat(10),
            purpose,
            subject: format!("CN=Ada Lovelace {day}"),
            addresses: vec!["Ada.Lovelace@example.org".to_owned()],
            not_before: Timestamp(day * Timestamp::DAY),
            not_after: Timestamp((day + 730) * Timestamp::DAY),
        };
        self.imported.push(certificate);
        self.imported
            .sort_by_key(|found| std::cmp::Reverse(found.not_before));
        self.imported
            .iter_mut()
            .find(|found| found.sha256.starts_with(&name))
            .unwrap()
    }

    pub(crate) fn add(&mut self, profile: Profile) {
        self.referenced.insert(profile.id, profile);
    }

    pub(crate) fn user(&mut self) -> &mut User {
        self.user.as_mut().unwrap()
    }

    pub(crate) fn compile(&self, profile: &Profile) -> Result<Compiled, Refusal> {
        compile(&CompileInput {
            profile,
            referenced: &self.referenced,
            user: self.user.as_ref(),
            device: &self.device,
            endpoints: &self.endpoints,
            rounds: &self.rounds,
            imported: &self.imported,
            services: &self.services,
        })
    }

    /// The account payload that a mail profile with these settings becomes.
    pub(crate) fn account(&self, settings: Json) -> Dictionary {
        account(&self.compile(&mail(settings)).unwrap())
    }

    pub(crate) fn skipped(&self, settings: Json) -> Vec<String> {
        let compiled = self.compile(&mail(settings)).unwrap();
        compiled
            .skipped
            .into_iter()
            .map(|skipped| skipped.setting)
            .collect()
    }
}

pub(crate) fn document(compiled: &Compiled) -> Dictionary {
    Value::from_reader_xml(Cursor::new(&compiled.body))
        .unwrap()
        .into_dictionary()
        .unwrap()
}

pub(crate) fn payloads(compiled: &Compiled) -> Vec<Dictionary> {
    let content = document(compiled)
        .remove("PayloadContent")
        .unwrap()
        .into_array()
        .unwrap();
    content
        .into_iter()
        .map(|payload| payload.into_dictionary().unwrap())
        .collect()
}

pub(crate) fn account(compiled: &Compiled) -> Dictionary {
    payloads(compiled)
        .into_iter()
        .find(|payload| text(payload, "PayloadType") == "com.apple.eas.account")
        .unwrap()
}

pub(crate) fn types(compiled: &Compiled) -> Vec<String> {
    payloads(compiled)
        .iter()
        .map(|payload| text(payload, "PayloadType").replace("com.apple.", ""))
        .collect()
}

pub(crate) fn text(payload: &Dictionary, key: &str) -> String {
    payload
        .get(key)
        .and_then(Value::as_string)
        .unwrap_or_else(|| panic!("no text `{key}`"))
        .to_owned()
}

pub(crate) fn boolean(payload: &Dictionary, key: &str) -> Option<bool> {
    payload.get(key).map(|value| value.as_boolean().unwrap())
}

/// A mail profile, complete, with these settings. What the catalogue refuses, nobody can compile.
pub(crate) fn mail(settings: Json) -> Profile {
    let mut body = json!({
        "hostName": "Mail.Example.org", "accountName": "Example mail", "usernameAADSource": "userPrincipalName",
        "emailAddressSource": "primarySmtpAddress", "authenticationMethod": "usernameAndPassword",
    });
    body.as_object_mut()
        .unwrap()
        .extend(settings.as_object().unwrap().clone());
    let mut profile = profile(1, MAIL, body);
    for (reference, id) in [
        ("identityCertificate", 3),
        ("smimeSigningCertificate", 3),
        ("smimeEncryptionCertificate", 4),
    ] {
        profile.references.insert(reference.to_owned(), id_of(id));
    }
    profile
}

pub(crate) fn scep(id: u128, settings: Json) -> Profile {
    let mut profile = profile(id, SCEP, settings);
    profile
        .references
        .insert("rootCertificate".to_owned(), id_of(2));
    profile
}

pub(crate) fn root(id: u128, der: &[u8]) -> Profile {
    root_of(ROOT, id, der)
}

pub(crate) fn root_of(kind: &str, id: u128, der: &[u8]) -> Profile {
    let base64 = base64::engine::general_purpose::STANDARD.encode(der);
    profile(
        id,
        kind,
        json!({ "trustedRootCertificate": base64, "certFileName": "root.cer" }),
    )
}

/// A SCEP profile for Macs with the root profile 2.
pub(crate) fn mac_scep(id: u128, settings: Json) -> Profile {
    let mut profile = profile(id, MAC_SCEP, settings);
    profile
        .references
        .insert("rootCertificate".to_owned(), id_of(2));
    profile
}

/// A mail profile with S/MIME whose certificates come from these profiles.
pub(crate) fn smime(signing: Option<u128>, encryption: Option<u128>) -> Profile {
    let kind = |id: Option<u128>| id.map_or("none", |_| "certificate");
    let mut profile = mail(json!({
        "requireSmime": true, "smimeSigningEnabled": signing.is_some(),
        "signingCertificateType": kind(signing), "encryptionCertificateType": kind(encryption),
    }));
    for (reference, id) in [
        ("smimeSigningCertificate", signing),
        ("smimeEncryptionCertificate", encryption),
    ] {
        if let Some(id) = id {
            profile.references.insert(reference.to_owned(), id_of(id));
        }
    }
    profile
}

/// Names of the notices.
pub(crate) fn notices(compiled: &Compiled) -> Vec<&str> {
    compiled
        .notices
        .iter()
        .map(|notice| notice.code.as_str())
        .collect()
}

pub(crate) fn id_of(id: u128) -> ProfileId {
    ProfileId(Uuid::from_u128(id))
}

pub(crate) fn profile(id: u128, kind: &str, body: Json) -> Profile {
    let kind = catalogue::kind(kind).unwrap();
    let draft = kind
        .create(body.as_object().unwrap())
        .unwrap_or_else(|violations| panic!("{violations:?}"));
    Profile {
        id: id_of(id),
        kind,
        display_name: format!("{} {id}", kind.label),
        description: None,
        scope_tags: vec!["0".to_owned()],
        version: 1,
        settings: draft.settings,
        references: BTreeMap::new(),
        created_at: Timestamp(0),
        modified_at: Timestamp(0),
    }
}

fn ada() -> User {
    let some = |text: &str| Some(text.to_owned());
    User {
        id: UserId(Uuid::from_u128(0xada)),
        user_principal_name: "ada@example.org".to_owned(),
        display_name: "Ada Lovelace".to_owned(),
        given_name: some("Ada"),
        surname: some("Lovelace"),
        mail: some("Ada.Lovelace@example.org"),
        on_premises_sam_account_name: some("alovelace"),
        on_premises_domain_name: some("corp.example.org"),
        on_premises_net_bios_name: some("CORP"),
        on_premises_distinguished_name: some(
            "CN=Lovelace\\, Ada,OU=Users,DC=corp,DC=example,DC=org",
        ),
        on_premises_security_identifier: some("S-1-5-21-1-2-3-1001"),
        account_enabled: true,
        other: serde_json::Map::new(),
        created_at: Timestamp(0),
    }
}

fn iphone(version: &str) -> Device {
    let some = |text: &str| Some(text.to_owned());
    Device {
        id: DeviceId(Uuid::from_u128(0x00de_71ce)),
        platform: Platform::Ios,
        enrolment_type: EnrolmentType::Device,
        enrolment_id: "00008110-000000000000001E".to_owned(),
        state: DeviceState::Enrolled,
        user_id: None,
        manager_id: None,
        ownership: Ownership::Company,
        facts: DeviceFacts {
            device_name: some("Ada's iPhone"),
            os_version: some(version),
            serial_number: some("C39XX0AAAAAA"),
            imei: some("35 123456 789012 3"),
            wifi_mac: some("aa:bb:cc:dd:ee:ff"),
            ..DeviceFacts::default()
        },
        enrolled_at: Timestamp(0),
        last_seen_at: Timestamp(0),
    }
}

/// The least that passes as a certificate.
pub(crate) const DER: [u8; 11] = [0x30, 9, 0x30, 3, 2, 1, 1, 0x30, 0, 3, 0];
