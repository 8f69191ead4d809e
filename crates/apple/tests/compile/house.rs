//! A house with one user and one device, in which every id is fixed.

use std::collections::BTreeMap;
use std::io::Cursor;

use base64::Engine as _;
use mandate_apple::compile::compile;
use mandate_model::catalogue;
use mandate_model::{
    CertificateServices, CompileInput, Compiled, Device, DeviceFacts, DeviceId, DeviceState,
    Endpoints, EnrolmentType, ImportedCertificate, Ownership, Platform, Profile, ProfileId,
    Refusal, Slot, Timestamp, User, UserId,
};
use plist::{Dictionary, Value};
use serde_json::{Value as Json, json};
use uuid::Uuid;

pub(crate) const MAIL: &str = "iosEasEmailProfileConfiguration";
pub(crate) const SCEP: &str = "iosScepCertificateProfile";
pub(crate) const ROOT: &str = "iosTrustedRootCertificate";

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
    let base64 = base64::engine::general_purpose::STANDARD.encode(der);
    profile(
        id,
        ROOT,
        json!({ "trustedRootCertificate": base64, "certFileName": "root.cer" }),
    )
}

pub(crate) fn id_of(id: u128) -> ProfileId {
    ProfileId(Uuid::from_u128(id))
}

fn profile(id: u128, kind: &str, body: Json) -> Profile {
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
