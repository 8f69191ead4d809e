//! A world with a north and a south, and things in both.

use std::collections::BTreeMap;

use mandate_engine::{Actor, NewRegistration};
use mandate_model::AppId;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::house::{House, id};

/// The directory role that the tests give and take.
pub(super) const READER: &str = "f2ef992c-3afb-46b9-b7cf-a126ee74c451";

/// Where something is, seen by somebody whose role is for the north.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// In the north, by tag and by group.
    Within,
    /// It has the tag of the south; the people are of the north.
    OtherTag,
    /// It has the tag of the north; the people are of the south.
    OtherGroup,
    /// In the south.
    Outside,
}

impl Place {
    pub(super) const ALL: [Self; 4] = [
        Self::Within,
        Self::OtherTag,
        Self::OtherGroup,
        Self::Outside,
    ];

    pub(super) fn has_tag(self) -> bool {
        matches!(self, Self::Within | Self::OtherGroup)
    }

    pub(super) fn has_group(self) -> bool {
        matches!(self, Self::Within | Self::OtherTag)
    }
}

/// One half of the world.
#[derive(Debug, Clone)]
pub(super) struct Half {
    pub(super) tag: String,
    pub(super) group: String,
    pub(super) user: String,
    pub(super) other_user: String,
}

pub(super) struct World {
    pub(super) house: House,
    pub(super) north: Half,
    pub(super) south: Half,
    /// A client that people use.
    pub(super) client: AppId,
    /// A root certificate and a role, with both tags; a group outside of both.
    pub(super) root: String,
    pub(super) role: String,
    pub(super) nowhere: String,
    people: BTreeMap<String, String>,
    made: BTreeMap<(String, Place), String>,
    number: usize,
}

const PROFILES: &str = "/beta/deviceManagement/deviceConfigurations";

impl World {
    pub(super) async fn open() -> Self {
        let house = House::open().await;
        let north = half(&house, "north").await;
        let south = half(&house, "south").await;
        let new = NewRegistration {
            name: "a tool".to_owned(),
            is_public: true,
            ..NewRegistration::default()
        };
        let client = house.engine.register_app(&Actor::system(), new).await;
        let root = house.root_profile("Root").await;
        let tags = json!({"roleScopeTagIds": [north.tag, south.tag]});
        let changed = house
            .patch(&format!("{PROFILES}/{root}"), tags.clone())
            .await;
        changed.expect(204);
        let role = json!({
            "displayName": "Sees roles", "roleScopeTagIds": tags["roleScopeTagIds"],
            "rolePermissions": [{"actions": ["Microsoft.Intune_Roles_Read"]}],
        });
        let path = "/beta/deviceManagement/roleDefinitions";
        let role = id(&house.post(path, role).await.expect(200));
        let nowhere = house.group("nowhere").await;
        Self {
            client: client.unwrap().id,
            house,
            north,
            south,
            root,
            role,
            nowhere,
            people: BTreeMap::new(),
            made: BTreeMap::new(),
            number: 0,
        }
    }

    pub(super) fn note_person(&mut self, name: &str, user: &str) {
        self.people.insert(name.to_owned(), user.to_owned());
    }

    pub(super) fn person_of(&self, name: &str) -> String {
        self.people[name].clone()
    }

    pub(super) fn by_tag(&self, place: Place) -> &Half {
        if place.has_tag() {
            &self.north
        } else {
            &self.south
        }
    }

    pub(super) fn by_group(&self, place: Place) -> &Half {
        if place.has_group() {
            &self.north
        } else {
            &self.south
        }
    }

    /// The key of something of a kind at a place; made when it is wanted.
    pub(super) async fn key(&mut self, kind: &str, place: Place) -> String {
        let known = (kind.to_owned(), place);
        if let Some(key) = self.made.get(&known) {
            return key.clone();
        }
        let key = self.make(kind, place).await;
        self.made.insert(known, key.clone());
        key
    }

    /// Forgets what was changed, so that the next one who asks finds it as it was.
    pub(super) fn spent(&mut self, kinds: &str, place: Place) {
        for kind in kinds.split_whitespace() {
            self.made.remove(&(kind.to_owned(), place));
            // What is part of the same thing goes with it.
            let parts: &[&str] = match kind {
                "assigned" | "assignment" => &["assigned", "assignment"],
                "template" | "message" => &["template", "message"],
                "deptoken" | "depprofile" => &["deptoken", "depprofile"],
                "owned" | "owner" => &["owned", "owner"],
                "unified" | "reader" => &["unified", "reader"],
                _ => &[],
            };
            for part in parts {
                self.made.remove(&((*part).to_owned(), place));
            }
        }
    }

    #[expect(clippy::too_many_lines, reason = "an arm for each kind of thing")]
    async fn make(&mut self, kind: &str, place: Place) -> String {
        self.number += 1;
        let number = self.number;
        let (tag, group) = (
            self.by_tag(place).tag.clone(),
            self.by_group(place).group.clone(),
        );
        let user = self.by_group(place).user.clone();
        let house = &self.house;
        match kind {
            "user" => {
                let user = house.user(&format!("user{number}")).await;
                join(house, &group, "users", &user).await;
                user
            }
            "group" => {
                let inner = house.group(&format!("group{number}")).await;
                join(house, &inner, "users", &user).await;
                join(house, &group, "groups", &inner).await;
                inner
            }
            "owned" => {
                let inner = house.group(&format!("owned{number}")).await;
                let owner = json!({"@odata.id": format!("https://h/v1.0/users/{user}")});
                let path = format!("/v1.0/groups/{inner}/owners/$ref");
                assert_eq!(house.post(&path, owner).await.status, 204);
                join(house, &group, "groups", &inner).await;
                inner
            }
            "member" | "owner" => user,
            "device" => {
                let phone = house.phone(&"x".repeat(number), Some(&user)).await;
                let path = format!("/beta/deviceManagement/managedDevices/{phone}");
                house
                    .patch(&path, json!({"roleScopeTagIds": [tag]}))
                    .await
                    .expect(200);
                phone
            }
            "profile" => self.profile(number, &tag).await,
            "deleted" => {
                let profile = self.profile(number, &tag).await;
                assert_eq!(
                    self.house
                        .delete(&format!("{PROFILES}/{profile}"))
                        .await
                        .status,
                    200
                );
                profile
            }
            "assigned" => {
                let profile = self.profile(number, &tag).await;
                let body = json!({"assignments": [target(&group)]});
                let path = format!("{PROFILES}/{profile}/assign");
                self.house.post(&path, body).await.expect(200);
                self.made.insert(
                    ("assignment".to_owned(), place),
                    format!("{profile}_{group}"),
                );
                profile
            }
            "role" => {
                let body =
                    json!({"displayName": format!("role {number}"), "roleScopeTagIds": [tag]});
                let path = "/beta/deviceManagement/roleDefinitions";
                id(&house.post(path, body).await.expect(200))
            }
            "roleassignment" => self.role_assignment(number, &group, &tag).await,
            "tag" => tag,
            "newtag" => {
                let body = json!({"displayName": format!("tag {number}")});
                let path = "/beta/deviceManagement/roleScopeTags";
                id(&house.post(path, body).await.expect(200))
            }
            "reader" | "unified" => {
                let user = house.user(&format!("reader{number}")).await;
                let body = json!({"@odata.id": format!("https://h/v1.0/users/{user}")});
                let path = format!("/v1.0/directoryRoles/{READER}/members/$ref");
                assert_eq!(house.post(&path, body).await.status, 204);
                if kind == "reader" {
                    user
                } else {
                    format!("{READER}_{user}")
                }
            }
            "limit" => {
                let body = json!({"@odata.type": "#microsoft.graph.deviceEnrollmentLimitConfiguration",
                    "displayName": format!("limit {number}"), "limit": 3});
                let path = "/beta/deviceManagement/deviceEnrollmentConfigurations";
                id(&house.post(path, body).await.expect(201))
            }
            "identity" => {
                let body = json!({"importedDeviceIdentityType": "serialNumber",
                    "importedDeviceIdentifier": format!("SERIAL{number}")});
                let path = "/beta/deviceManagement/importedDeviceIdentities";
                id(&house.post(path, body).await.expect(201))
            }
            "terms" => {
                let body = json!({"displayName": format!("terms {number}"), "bodyText": "Text"});
                let path = "/beta/deviceManagement/termsAndConditions";
                let terms = id(&self.house.post(path, body).await.expect(201));
                let path = format!("{path}/{terms}/assignments");
                let body = json!({"target": {"@odata.type": "#microsoft.graph.allLicensedUsersAssignmentTarget"}});
                let assignment = id(&self.house.post(&path, body).await.expect(201));
                self.made
                    .insert(("termsassignment".to_owned(), place), assignment);
                terms
            }
            "template" => {
                let body =
                    json!({"displayName": format!("template {number}"), "roleScopeTagIds": [tag]});
                let path = "/beta/deviceManagement/notificationMessageTemplates";
                let template = id(&self.house.post(path, body).await.expect(200));
                let message = json!({"locale": "nl", "subject": "s", "messageTemplate": "m", "isDefault": true});
                let path = format!("{path}/{template}/localizedNotificationMessages");
                let message = id(&self.house.post(&path, message).await.expect(200));
                self.made.insert(("message".to_owned(), place), message);
                template
            }
            "deptoken" => {
                let body = json!({"tokenName": format!("token {number}")});
                let path = "/beta/deviceManagement/depOnboardingSettings";
                let token = id(&self.house.post(path, body).await.expect(201));
                let body = json!({"@odata.type": "#microsoft.graph.depIOSEnrollmentProfile",
                    "displayName": format!("profile {number}")});
                let path = format!("{path}/{token}/enrollmentProfiles");
                let profile = id(&self.house.post(&path, body).await.expect(201));
                self.made.insert(("depprofile".to_owned(), place), profile);
                token
            }
            "category" => {
                let body = json!({"displayName": format!("category {number}")});
                let path = "/beta/deviceManagement/deviceCategories";
                id(&house.post(path, body).await.expect(201))
            }
            "manager" => {
                let user = house.user(&format!("manager{number}")).await;
                let path = "/mandate/v1/enrollmentManagers";
                house.post(path, json!({"userId": user})).await.expect(204);
                user
            }
            "link" => {
                let path = "/mandate/v1/enrollmentLinks";
                id(&house
                    .post(path, json!({"platform": "ios"}))
                    .await
                    .expect(201))
            }
            other => self.standing(other).await,
        }
    }

    /// What is there from the beginning, or never.
    async fn standing(&self, kind: &str) -> String {
        match kind {
            "directoryrole" => READER.to_owned(),
            "tenant" => self.house.engine.tenant().id.to_string(),
            "domain" => "example.com".to_owned(),
            "sku" => first(&self.house, "/v1.0/subscribedSkus").await,
            "operation" => "Microsoft.Intune_Roles_Read".to_owned(),
            "version" => "1".to_owned(),
            "size" => "48x48".to_owned(),
            "item" => "sccmIosOff".to_owned(),
            "navigation" => "rootCertificate".to_owned(),
            "nothing" => Uuid::from_u128(7).to_string(),
            "nopfx" => format!("{}-{}", Uuid::from_u128(7), "ab".repeat(20)),
            other => panic!("nobody knows how to make a {other}"),
        }
    }

    async fn role_assignment(&self, number: usize, group: &str, tag: &str) -> String {
        let body = json!({
            "displayName": format!("assignment {number}"),
            "members": [self.nowhere], "resourceScopes": [group], "roleScopeTagIds": [tag],
            "roleDefinition@odata.bind": format!("deviceManagement/roleDefinitions('{}')", self.role),
            "roleScopeTags@odata.bind": [format!("deviceManagement/roleScopeTags('{tag}')")],
        });
        let path = "/beta/deviceManagement/roleAssignments";
        id(&self.house.post(path, body).await.expect(201))
    }

    async fn profile(&self, number: usize, tag: &str) -> String {
        let body = json!({
            "@odata.type": "#microsoft.graph.iosScepCertificateProfile",
            "displayName": format!("Scep {number}"),
            "roleScopeTagIds": [tag],
            "rootCertificate@odata.bind": format!("https://h{PROFILES}('{}')", self.root),
            "certificateValidityPeriodScale": "years",
            "certificateValidityPeriodValue": 1,
            "renewalThresholdPercentage": 20,
            "subjectNameFormat": "custom",
            "subjectNameFormatString": "CN={{UserPrincipalName}}",
            "subjectAlternativeNameType": "emailAddress",
            "keySize": "size2048",
            "keyUsage": "digitalSignature,keyEncipherment",
            "extendedKeyUsages": [{"name": "Client", "objectIdentifier": "1.3.6.1.5.5.7.3.2"}],
        });
        id(&self.house.post(PROFILES, body).await.expect(201))
    }
}

/// A target of an assignment.
pub(super) fn target(group: &str) -> Value {
    json!({"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": group}})
}

async fn half(house: &House, name: &str) -> Half {
    let group = house.group(name).await;
    let user = house.user(&format!("{name}-one")).await;
    let other_user = house.user(&format!("{name}-two")).await;
    join(house, &group, "users", &user).await;
    join(house, &group, "users", &other_user).await;
    let path = "/beta/deviceManagement/roleScopeTags";
    let tag = house.post(path, json!({"displayName": name})).await;
    Half {
        tag: id(&tag.expect(200)),
        group,
        user,
        other_user,
    }
}

async fn join(house: &House, group: &str, collection: &str, member: &str) {
    let body = json!({"@odata.id": format!("https://h/v1.0/{collection}/{member}")});
    let path = format!("/v1.0/groups/{group}/members/$ref");
    let answer = house.post(&path, body).await;
    assert_eq!(answer.status, 204, "{}", answer.text);
}

async fn first(house: &House, path: &str) -> String {
    id(&house.get(path).await.expect(200)["value"][0])
}
