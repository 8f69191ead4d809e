//! A service such as Entra ID brings people and groups to the running server by SCIM, in the forms that it uses, and what it
//! brings reaches phones where it makes a difference there.

mod service;

use axum::http::Method;
use mandate_simulator::device::Device;
use serde_json::{Value, json};

use crate::house::{Place, Program, first_json, mail_settings, places};
use service::{ENTERPRISE, Service};

/// What is looked at of a person over Graph.
const SELECTED: &str = "$select=id,accountEnabled,department,jobTitle,mobilePhone,surname";
/// The group that the service brings.
const STAFF: &str = "/v1.0/groups?$filter=displayName%20eq%20'Staff'";
/// Nothing is enrolled and nobody has a licence until somebody says so; phones need not be woken here.
const CONFIGURATION: &str = "enrolment_without_push = true\n";

/// A running server, the service that brings people, and a mail profile for the group that it brings.
struct Story {
    program: Program,
    service: Service,
    token_id: String,
    group: String,
    mail: String,
}

impl Story {
    async fn begin(place: Place) -> Self {
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let program = Program::start_configured(place, "info", Some(CONFIGURATION)).await;
        let (token_id, token) = new_token(&program, "Entra ID").await;
        let service = Service::of(&program, &token);
        let group = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "externalId": "of-staff",
            "displayName": "Staff", "meta": {"resourceType": "Group"},
        });
        let group = service.post("/Groups", group).await.expect(201);
        let organization = program.get("/v1.0/organization").await;
        let id = organization["value"][0]["id"].as_str().unwrap();
        let path = format!("/v1.0/organization/{id}/setMobileDeviceManagementAuthority");
        program.post(&path, json!({})).await;
        let kind = "iosEasEmailProfileConfiguration";
        let mail = program.profile(kind, "Mail", mail_settings()).await;
        let story = Self {
            service,
            token_id,
            group: group["id"].as_str().unwrap().to_owned(),
            mail,
            program,
        };
        story.give_the_group_licence_and_mail().await;
        story
    }

    async fn give_the_group_licence_and_mail(&self) {
        let program = &self.program;
        let found = program.get(STAFF).await;
        let group = found["value"][0]["id"].as_str().unwrap();
        let skus = program.get("/v1.0/subscribedSkus").await;
        let licence = json!({
            "addLicenses": [{"skuId": skus["value"][0]["skuId"], "disabledPlans": []}], "removeLicenses": [],
        });
        program
            .post(&format!("/v1.0/groups/{group}/assignLicense"), licence)
            .await;
        let target =
            json!({"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": group});
        let path = format!(
            "/beta/deviceManagement/deviceConfigurations/{}/assign",
            self.mail
        );
        let body = json!({"assignments": [{ "target": target }]});
        program.post(&path, body).await;
    }

    /// Puts somebody into the group, or takes them out of it.
    async fn group(&self, op: &str, person: &str) {
        let path = format!("/Groups/{}", self.group);
        let operations = json!([{"op": op, "path": "members", "value": [{"value": person}]}]);
        self.service.patch(&path, operations).await.expect(204);
    }

    /// Sign-in names of who is in the group here, over Graph.
    async fn members(&self) -> Vec<String> {
        let group = self.program.get(STAFF).await;
        let id = group["value"][0]["id"].as_str().unwrap();
        let path = format!("/v1.0/groups/{id}/members?$select=id,userPrincipalName");
        let members = self.program.get(&path).await;
        let members = members["value"].as_array().unwrap().iter();
        members
            .map(|member| member["userPrincipalName"].as_str().unwrap().to_owned())
            .collect()
    }

    async fn change(&self, person: &str, operations: Value) -> Value {
        let path = format!("/Users/{person}");
        self.service.patch(&path, operations).await.expect(200)
    }

    /// The person behind a phone, over Graph.
    async fn person(&self, name: &str) -> Value {
        self.program
            .get(&format!("/beta/users/{name}@contoso.com?{SELECTED}"))
            .await
    }

    async fn enrol(&self, name: &str) -> Result<Device, String> {
        let user = self.person(name).await["id"].as_str().unwrap().to_owned();
        let link = self.program.link(&user, true).await;
        let mut phone = self.program.phone();
        match phone.enrol(&self.program.http, &link).await {
            Ok(()) => {
                self.program.settle(&mut phone).await;
                Ok(phone)
            }
            Err(error) => Err(format!("{error:?}")),
        }
    }

    /// Whether a phone is sent anything to install.
    async fn installs(&self, phone: &mut Device) -> bool {
        let commands = self.program.settle(phone).await;
        commands.iter().any(|command| command == "InstallProfile")
    }
}

/// A token of the command line: its id, and what opens the door.
async fn new_token(program: &Program, name: &str) -> (String, String) {
    let (went_well, said) = program.command(&["scim", "create", name, "--json"]).await;
    assert!(went_well, "{said}");
    let made = first_json(&said);
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (text("id"), text("token"))
}

fn address(phone: &Device) -> &str {
    &phone.mail_accounts()[0].settings.address
}

#[tokio::test]
async fn who_is_brought_gets_a_licence_by_a_group_and_mail_and_changes_arrive_where_they_count() {
    for place in places().await {
        let story = Story::begin(place).await;
        let ada = story.service.bring("ada").await;
        let ben = story.service.bring("ben").await;
        let refused = story.enrol("ada").await.unwrap_err();
        assert!(refused.contains("has no licence"), "{refused}");
        story.group("Add", &ada).await;
        story.group("add", &ben).await;
        let mut adas = story.enrol("ada").await.unwrap();
        let mut bens = story.enrol("ben").await.unwrap();
        assert_eq!(address(&adas), "ada@contoso.com");

        // Values as texts, names in paths, and paths with filters: what no profile uses is no news to a phone.
        let odd = json!([
            {"op": "Replace", "path": "active", "value": "True"},
            {"op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+31 6 1"},
            {"op": "Replace", "path": format!("{ENTERPRISE}:department"), "value": "Engines"},
            {"op": "Add", "value": {"name.familyName": "Lovelace", "title": "Countess"}},
        ]);
        story.change(&ada, odd).await;
        let person = story.person("ada").await;
        assert_eq!(person["mobilePhone"], "+31 6 1");
        assert_eq!(person["department"], "Engines");
        assert_eq!(person["surname"], "Lovelace");
        assert_eq!(person["jobTitle"], "Countess");
        assert_eq!(person["accountEnabled"], true);
        assert!(!story.installs(&mut adas).await);

        // Another address is another payload, on the phone of that person alone.
        let mail = json!([
            {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "countess@contoso.com"},
        ]);
        story.change(&ada, mail).await;
        assert!(story.installs(&mut adas).await);
        assert!(!story.installs(&mut bens).await);
        assert_eq!(address(&adas), "countess@contoso.com");
        assert_eq!(address(&bens), "ben@contoso.com");

        // Out of the group: the mail goes. Back in: it comes.
        story.group("Remove", &ben).await;
        story.program.settle(&mut bens).await;
        assert!(bens.mail_accounts().is_empty());
        let path = format!("/Groups/{}", story.group);
        let add = json!([{"op": "Add", "path": "members", "value": [{"value": ben}]}]);
        story.service.patch(&path, add).await.expect(204);
        assert!(story.installs(&mut bens).await);
        let by_filter = json!([{"op": "Remove", "path": format!("members[value eq \"{ben}\"]")}]);
        story.service.patch(&path, by_filter).await.expect(204);
        story.program.settle(&mut bens).await;
        assert!(bens.mail_accounts().is_empty() && bens.is_enrolled());

        // Switched off, softly: what was for the person is taken away, and comes back with the account.
        let off = json!([{"op": "Replace", "path": "active", "value": "False"}]);
        assert_eq!(story.change(&ada, off).await["active"], false);
        story.program.settle(&mut adas).await;
        assert!(adas.mail_accounts().is_empty() && adas.is_enrolled());
        let states = story.program.states(&story.mail).await;
        assert_eq!(states[0]["reason"]["code"], "userDisabled", "{states:?}");
        let on = json!([{"op": "Replace", "value": {"active": "True"}}]);
        story.change(&ada, on).await;
        assert!(story.installs(&mut adas).await);
        assert_eq!(address(&adas), "countess@contoso.com");
        assert_eq!(
            story.program.states(&story.mail).await[0]["state"],
            "succeeded"
        );
    }
}

#[tokio::test]
async fn versions_tokens_and_a_restart_come_between_and_nothing_is_lost() {
    for place in places().await {
        let mut story = Story::begin(place).await;
        let ada = story.service.bring("ada").await;
        let path = format!("/Users/{ada}");
        let shown = story.service.get(&path).await;
        let tag = shown.headers["etag"].to_str().unwrap().to_owned();
        let title = |text: &str| {
            json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [{"op": "replace", "path": "title", "value": text}],
            })
            .to_string()
        };
        // Of two who read the same version one is late.
        for (text, status) in [("Countess", 200), ("Duchess", 412)] {
            let headers = [("if-match", tag.as_str())];
            let sent = (title(text), headers.as_slice());
            let answer = story.service.send(Method::PATCH, &path, sent).await;
            answer.expect(status);
        }
        assert_eq!(story.person("ada").await["jobTitle"], "Countess");

        // Another token takes over from the one before, which opens nothing any more.
        let (_, token) = new_token(&story.program, "Entra ID, the second").await;
        let (went_well, said) = story
            .program
            .command(&["scim", "delete", &story.token_id])
            .await;
        assert!(went_well, "{said}");
        story.service.get(&path).await.expect(401);
        let old = std::mem::replace(&mut story.service.token, token);
        let before = story.service.get(&path).await.expect(200);

        story.program.restart().await;
        let after = story.service.get(&path).await.expect(200);
        assert_eq!(after, before);
        story.group("Add", &ada).await;
        let mut phone = story.enrol("ada").await.unwrap();
        assert_eq!(address(&phone), "ada@contoso.com");
        // Taken out altogether: the account is off, and the phone loses what was the person's.
        let gone = story.service.send(Method::DELETE, &path, ("", &[])).await;
        gone.expect(204);
        story.service.get(&path).await.expect(404);
        assert_eq!(story.person("ada").await["accountEnabled"], false);
        story.program.settle(&mut phone).await;
        assert!(phone.mail_accounts().is_empty());

        // What opens the door is in no log and in no entry of the audit.
        let log = std::fs::read_to_string(story.program.data().join("server.log")).unwrap();
        let events = "/beta/deviceManagement/auditEvents?$top=200";
        let events = story.program.get(events).await.to_string();
        assert!(events.contains("SCIM Entra ID"), "{events}");
        for secret in [&old, &story.service.token] {
            assert!(!log.contains(secret.as_str()) && !events.contains(secret.as_str()));
        }
    }
}

#[tokio::test]
async fn what_is_hostile_is_refused_and_the_server_goes_on() {
    for place in places().await {
        let story = Story::begin(place).await;
        let ada = story.service.bring("ada").await;
        let deep = format!("{}1{}", "{\"a\":".repeat(20_000), "}".repeat(20_000));
        let operations = json!([{"op": "replace", "path": "title", "value": "x"}]);
        let many = Value::Array(vec![operations[0].clone(); 1001]);
        let many = json!({"Operations": many}).to_string();
        let patches: [(Vec<u8>, u16); 7] = [
            (b"{\"Operations\":[{\"op\":\"replace\",\"path\":\"title\",\"value\":\"\xff\"}]}".to_vec(), 400),
            (deep.into_bytes(), 400),
            (many.into_bytes(), 400),
            (vec![b' '; 2 * 1024 * 1024], 413),
            (b"{\"Operations\":[{\"op\":\"explode\",\"path\":\"title\"}]}".to_vec(), 400),
            (b"{\"Operations\":[{\"op\":\"replace\",\"path\":\"emails[type eq\",\"value\":\"x\"}]}".to_vec(), 400),
            (b"{\"Operations\":[{\"op\":\"replace\",\"path\":\"active\",\"value\":\"perhaps\"}]}".to_vec(), 400),
        ];
        let path = format!("/Users/{ada}");
        let before = story.service.get(&path).await.expect(200);
        for (body, status) in patches {
            let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
            let answer = story.service.send(Method::PATCH, &path, (body, &[])).await;
            assert_eq!(answer.status, status, "{shown}: {}", answer.body);
        }
        assert_eq!(story.service.get(&path).await.expect(200), before);
        // What is no id is refused, and an id that nobody has is nobody.
        let path = format!("/Groups/{}", story.group);
        let nobody = uuid::Uuid::nil().to_string();
        for (stranger, status) in [("7", 400), ("*", 400), (nobody.as_str(), 204)] {
            let members = json!([{"op": "Add", "path": "members", "value": [{"value": stranger}]}]);
            story.service.patch(&path, members).await.expect(status);
        }
        assert_eq!(story.members().await, Vec::<String>::new());
        story.group("Add", &ada).await;
        assert_eq!(story.members().await, ["ada@contoso.com"]);
        assert!(story.enrol("ada").await.is_ok());
    }
}
