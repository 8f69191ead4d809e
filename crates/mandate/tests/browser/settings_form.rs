//! Every setting of the mail profile: filled in by hand in its form, read back over Graph, and found in what a phone got.

use std::collections::BTreeSet;

use mandate_engine::Role;
use mandate_model::catalogue::{self, ValueType};
use mandate_model::{ImportPurpose, Member, ProfileId};
use mandate_simulator::device::MailAccount;
use mandate_simulator::graph::{Credentials, Graph};
use serde_json::{Value, json};

use crate::chromium::{Look, Tab};
use crate::house::House;
use crate::office::Office;

const KIND: &str = "iosEasEmailProfileConfiguration";
const VPN: &str = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";

/// A value for everything, each other than what counts without it.
const EVERYTHING: &[(&str, &str)] = &[
    ("hostName", "mail.contoso.com"),
    ("accountName", "Contoso"),
    ("usernameAADSource", "samAccountName"),
    ("userDomainName.source", "first"),
    ("userDomainNameSource", "netBiosDomainName"),
    ("emailAddressSource", "userPrincipalName"),
    ("authenticationMethod", "certificate"),
    ("identityCertificate", "@sign in"),
    ("requireSsl", "false"),
    ("easServices", "contacts,email"),
    ("easServicesUserOverrideEnabled", "false"),
    ("requireSmime", "true"),
    ("smimeSigningEnabled", "true"),
    ("smimeSigningUserOverrideEnabled", "true"),
    ("signingCertificateType", "certificate"),
    ("smimeSigningCertificate", "@sign"),
    ("smimeSigningCertificateUserOverrideEnabled", "true"),
    ("smimeEncryptByDefaultEnabled", "true"),
    ("smimeEncryptByDefaultUserOverrideEnabled", "true"),
    ("smimeEnablePerMessageSwitch", "true"),
    ("encryptionCertificateType", "certificate"),
    ("smimeEncryptionCertificate", "@encrypt"),
    ("smimeEncryptionCertificateUserOverrideEnabled", "true"),
    ("durationOfEmailToSync", "threeDays"),
    ("blockMovingMessagesToOtherEmailAccounts", "true"),
    ("blockSendingEmailFromThirdPartyApps", "true"),
    ("blockSyncingRecentlyUsedEmailAddresses", "true"),
    ("perAppVPNProfileId", VPN),
];
/// What cannot stand beside the others.
const THE_OTHER_WAY: &[(&str, &str)] = &[
    ("hostName", "mail.contoso.com"),
    ("accountName", "Contoso"),
    ("usernameAADSource", "samAccountName"),
    ("userDomainName.source", "second"),
    ("customDomainName", "EXAMPLE"),
    ("emailAddressSource", "primarySmtpAddress"),
    ("useOAuth", "true"),
];

#[tokio::test]
async fn every_setting_goes_from_the_form_to_the_phone() {
    let Some(office) = Office::open().await else {
        return;
    };
    let house = &office.house;
    let boss = office.hire_administrator("boss").await;
    let ada = house.hire("ada").await;
    let bob = house.hire("bob").await;
    let chain = certificates(house).await;
    let graph = graph(&office).await;
    let mut tab = office.at(&boss, "/console/profiles", Look::WIDE).await;
    let mut tried = BTreeSet::new();
    let mut accounts = Vec::new();
    for (person, settings) in [(&ada, EVERYTHING), (&bob, THE_OTHER_WAY)] {
        tried.extend(settings.iter().map(|(name, _)| *name));
        let profile = fill_in(&mut tab, settings, &chain).await;
        assert_read_back(&graph, profile, settings, &chain).await;
        let group = house.group("One", vec![Member::User(person.id)]).await;
        for (_, certificate) in &chain {
            house.assign(*certificate, &[group.id]).await;
        }
        house.assign(profile, &[group.id]).await;
        let phone = house.enrol(house.phone(18, 1), Some(person.id)).await;
        let states = house.status(profile, &phone).await;
        let [account] = phone.mail_accounts() else {
            panic!("no account: {states:?}");
        };
        accounts.push(account.clone());
    }
    tab.assert_untroubled();
    let kind = catalogue::kind(KIND).unwrap();
    let all = kind.settings.iter().filter(|setting| !setting.hidden);
    let all = all.map(|setting| setting.property);
    let all = all.chain(kind.references.iter().map(|reference| reference.property));
    let left: Vec<_> = all.filter(|property| !tried.contains(property)).collect();
    assert!(left.is_empty(), "not tried: {left:?}");
    assert_has_everything(&accounts[0]);
    let keys = &accounts[1].settings.keys;
    assert_eq!(keys["OAuth"], true);
    assert_eq!(keys["UserName"], "EXAMPLE\\bob");
    assert_eq!(keys["EmailAddress"], "bob@mail.contoso.com");
}

fn assert_has_everything(account: &MailAccount) {
    assert_eq!(account.display_name, "Contoso");
    let keys = &account.settings.keys;
    let mut wanted = json!({
        "Host": "mail.contoso.com", "EmailAddress": "ada@contoso.com", "UserName": "CONTOSO\\ada", "SSL": false,
        "MailNumberOfPastDaysToSync": 3, "PreventMove": true, "PreventAppSheet": true,
        "disableMailRecentsSyncing": true, "VPNUUID": VPN,
        "EnableMail": true, "EnableContacts": true, "EnableCalendars": false, "EnableReminders": false,
        "EnableNotes": false,
        "SMIMESigningEnabled": true, "SMIMESigningUserOverrideable": true,
        "SMIMESigningCertificateUUIDUserOverrideable": true, "SMIMEEncryptByDefault": true,
        "SMIMEEncryptByDefaultUserOverrideable": true, "SMIMEEnableEncryptionPerMessageSwitch": true,
        "SMIMEEncryptionCertificateUUIDUserOverrideable": true,
    });
    for service in ["Mail", "Contacts", "Calendars", "Reminders", "Notes"] {
        wanted[format!("Enable{service}UserOverridable")] = json!(false);
    }
    for (key, value) in wanted.as_object().unwrap() {
        assert_eq!(keys.get(key), Some(value), "{key} in {keys:#?}");
    }
    let settings = &account.settings;
    for (name, identity) in [
        ("sign in", &settings.identity),
        ("sign", &settings.signing),
        ("encrypt", &settings.encryption),
    ] {
        assert!(identity.is_some(), "no identity to {name}");
    }
}

/// Goes through the wizard; the profile that comes of it.
async fn fill_in(
    tab: &mut Tab,
    settings: &[(&str, &str)],
    chain: &[(&str, ProfileId)],
) -> ProfileId {
    tab.go("/console/profiles/new?platform=ios").await;
    tab.press(&format!("button[value={KIND}]")).await;
    tab.fill("displayName", "Filled in by hand").await;
    tab.press(NEXT).await;
    for (name, value) in settings {
        let value = of_chain(value, chain).map_or_else(|| (*value).to_owned(), |id| id.to_string());
        set(tab, name, &value).await;
    }
    tab.press(NEXT).await;
    let path = tab.path().await;
    assert!(path.ends_with("/tags"), "{path}: {}", tab.words().await);
    tab.press("button[name=go][value=review]").await;
    tab.press("button[value=finish]").await;
    let path = tab.path().await;
    let id = path.trim_end_matches("?done=made").rsplit('/').next();
    let id = id.and_then(|id| id.parse().ok());
    id.unwrap_or_else(|| panic!("{path} is of no profile"))
}

/// Fills in one field, as its kind wants it.
async fn set(tab: &Tab, name: &str, value: &str) {
    let kind = catalogue::kind(KIND).unwrap();
    match kind.setting(name).map(|setting| setting.value) {
        Some(ValueType::Flags(all)) => {
            let chosen: Vec<&str> = value.split(',').collect();
            for one in all.iter().filter(|one| one.unavailable.is_none()) {
                if chosen.contains(&one.value) {
                    tab.choose(name, one.value).await;
                } else {
                    tab.untick(name, one.value).await;
                }
            }
        }
        Some(ValueType::Text { .. }) => tab.fill(name, value).await,
        _ => tab.choose(name, value).await,
    }
}

async fn assert_read_back(
    graph: &Graph,
    profile: ProfileId,
    settings: &[(&str, &str)],
    chain: &[(&str, ProfileId)],
) {
    let path = format!("/beta/deviceManagement/deviceConfigurations/{profile}");
    let read = graph.get(&path).await.unwrap();
    assert_eq!(read["displayName"], "Filled in by hand");
    for (name, value) in settings.iter().filter(|(name, _)| !name.contains('.')) {
        if let Some(id) = of_chain(value, chain) {
            let target = graph
                .get(&format!("{path}/microsoft.graph.{KIND}/{name}"))
                .await;
            assert_eq!(target.unwrap()["id"], id.to_string(), "{name}");
            continue;
        }
        let wanted = match *value {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            text => json!(text),
        };
        // A set has no order.
        let sorted = |value: &Value| match value.as_str() {
            Some(text) if *name == "easServices" => {
                let mut names: Vec<_> = text.split(',').collect();
                names.sort_unstable();
                json!(names)
            }
            _ => value.clone(),
        };
        assert_eq!(sorted(&read[*name]), sorted(&wanted), "{name}");
    }
}

/// The certificate profile that a value stands for.
fn of_chain(value: &str, chain: &[(&str, ProfileId)]) -> Option<ProfileId> {
    let name = value.strip_prefix('@')?;
    let found = chain.iter().find(|(known, _)| *known == name);
    Some(found.expect("a certificate of the chain").1)
}

/// What signs in, signs and encrypts, and the key that Ada's mail is encrypted to.
async fn certificates(house: &House) -> Vec<(&'static str, ProfileId)> {
    let (root, sign_in, _) = house.mail_with_certificate("Mail").await;
    let body = json!({
        "subjectNameFormatString": "CN={{UserName}},E={{EmailAddress}}",
        "keySize": "size2048",
        "keyUsage": "digitalSignature",
        "certificateValidityPeriodScale": "years",
        "certificateValidityPeriodValue": 1,
        "renewalThresholdPercentage": 20,
        "subjectNameFormat": "custom",
        "certificateStore": "user",
        "customSubjectAlternativeNames": [{ "sanType": "emailAddress", "name": "{{UserPrincipalName}}" }],
        "extendedKeyUsages": [{ "name": "Mail", "objectIdentifier": "1.3.6.1.5.5.7.3.4" }],
    });
    let reference = [("rootCertificate", root.id)];
    let sign = house.profile("iosScepCertificateProfile", "Signing", body, &reference);
    let sign = sign.await;
    let body = json!({ "intendedPurpose": "smimeEncryption" });
    let encrypt = house.profile("iosImportedPFXCertificateProfile", "Encrypting", body, &[]);
    let encrypt = encrypt.await;
    let key = house.mail_key(&house.foreign_authority(), 31, "ada@contoso.com", (-1, 2));
    let purpose = ImportPurpose::SmimeEncryption;
    house.bring("ada@contoso.com", purpose, &key).await;
    vec![
        ("root", root.id),
        ("sign in", sign_in.id),
        ("sign", sign.id),
        ("encrypt", encrypt.id),
    ]
}

async fn graph(office: &Office) -> Graph {
    let (engine, admin) = (&office.house.engine, &office.house.admin);
    let permissions = Role::IntuneAdministrator.permissions();
    let app = engine
        .create_app(admin, "reader", permissions)
        .await
        .unwrap();
    let credentials = Credentials {
        tenant: engine.tenant().id.to_string(),
        client_id: app.app.id.to_string(),
        client_secret: app.secret.clone(),
    };
    Graph::new(&office.house.http, &office.url, credentials)
}

const NEXT: &str = ".last button[value=next]";
