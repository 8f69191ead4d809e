//! Verbs of the administrator: groups, profiles, assignments.

use std::collections::BTreeMap;

use mandate_engine::{NewGroup, NewProfile, ProfileChange};
use mandate_model::{Group, GroupId, Member, Profile, ProfileId, Target, catalogue};
use serde_json::{Map, Value, json};

use super::House;

impl House {
    /// A group with members.
    pub(crate) async fn group(&self, name: &str, members: Vec<Member>) -> Group {
        let new = NewGroup {
            display_name: name.to_owned(),
            ..NewGroup::default()
        };
        self.engine
            .create_group(&self.admin, new, members)
            .await
            .unwrap()
    }

    /// A profile of a kind.
    pub(crate) async fn profile(
        &self,
        kind: &str,
        name: &str,
        settings: Value,
        references: &[(&str, ProfileId)],
    ) -> Profile {
        let references: BTreeMap<String, ProfileId> = references
            .iter()
            .map(|(property, id)| ((*property).to_owned(), *id))
            .collect();
        let new = NewProfile {
            kind: catalogue::kind(kind).unwrap(),
            display_name: name.to_owned(),
            description: None,
            scope_tags: None,
            body: object(settings),
            references,
        };
        self.engine.create_profile(&self.admin, new).await.unwrap()
    }

    /// A mail profile with user name and password.
    pub(crate) async fn mail_profile(&self, name: &str) -> Profile {
        self.profile(
            "iosEasEmailProfileConfiguration",
            name,
            mail_settings(),
            &[],
        )
        .await
    }

    /// Root, SCEP and mail profiles that belong together.
    pub(crate) async fn mail_with_certificate(&self, name: &str) -> (Profile, Profile, Profile) {
        let root = self.engine.authority().root().der().to_vec();
        let root = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, root);
        let body = json!({ "trustedRootCertificate": root, "certFileName": "root.cer" });
        let root = self
            .profile(
                "iosTrustedRootCertificate",
                &format!("{name} root"),
                body,
                &[],
            )
            .await;
        let body = json!({
            "subjectNameFormatString": "CN={{UserName}},E={{EmailAddress}}",
            "keySize": "size2048",
            "keyUsage": "digitalSignature,keyEncipherment",
            "certificateValidityPeriodScale": "years",
            "certificateValidityPeriodValue": 1,
            "renewalThresholdPercentage": 20,
            "subjectNameFormat": "custom",
            "certificateStore": "user",
            "customSubjectAlternativeNames":
                [{ "sanType": "userPrincipalName", "name": "{{UserPrincipalName}}" }],
            "extendedKeyUsages": [{ "name": "Client", "objectIdentifier": "1.3.6.1.5.5.7.3.2" }],
        });
        let reference = [("rootCertificate", root.id)];
        let scep = self
            .profile(
                "iosScepCertificateProfile",
                &format!("{name} certificate"),
                body,
                &reference,
            )
            .await;
        let mut body = mail_settings();
        body["authenticationMethod"] = json!("certificate");
        let reference = [("identityCertificate", scep.id)];
        let mail = self
            .profile("iosEasEmailProfileConfiguration", name, body, &reference)
            .await;
        (root, scep, mail)
    }

    /// Assigns a profile to groups.
    pub(crate) async fn assign(&self, profile: ProfileId, groups: &[GroupId]) {
        self.target(
            profile,
            groups.iter().map(|group| Target::Group(*group)).collect(),
        )
        .await;
    }

    /// Assigns root, SCEP and mail profiles to groups.
    pub(crate) async fn assign_chain(
        &self,
        chain: &(Profile, Profile, Profile),
        groups: &[GroupId],
    ) {
        for profile in [&chain.0, &chain.1, &chain.2] {
            self.assign(profile.id, groups).await;
        }
    }

    /// Assigns a profile.
    pub(crate) async fn target(&self, profile: ProfileId, targets: Vec<Target>) {
        self.engine
            .assign_profile(&self.admin, profile, targets)
            .await
            .unwrap();
    }

    /// Edits settings of a profile.
    pub(crate) async fn edit(&self, profile: ProfileId, settings: Value) -> Profile {
        let change = ProfileChange {
            body: object(settings),
            ..ProfileChange::default()
        };
        self.engine
            .update_profile(&self.admin, profile, change)
            .await
            .unwrap()
    }
}

/// Settings of a plain mail profile.
pub(crate) fn mail_settings() -> Value {
    json!({
        "accountName": "Contoso Mail",
        "hostName": "mail.contoso.com",
        "requireSsl": true,
        "usernameSource": "userPrincipalName",
        "usernameAADSource": "userPrincipalName",
        "emailAddressSource": "primarySmtpAddress",
        "authenticationMethod": "usernameAndPassword",
        "durationOfEmailToSync": "oneWeek",
    })
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("settings are an object, not {other}"),
    }
}
