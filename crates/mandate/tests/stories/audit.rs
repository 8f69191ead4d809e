//! Who changed what: one entry for each change, with what was and what is, and none without a change.

use axum::http::Method;
use mandate_engine::{Actor, AuditFault, AuditFilter, AuditHead, AuditOrder};
use serde_json::{Value, json};

use crate::house::{House, Program, mail_settings, places};

const EVENTS: &str = "/beta/deviceManagement/auditEvents";
const PROFILES: &str = "/beta/deviceManagement/deviceConfigurations";
/// What must never be in the audit.
const CANARIES: [&str; 2] = ["Kanarienvogel", "canary-blob"];

/// Reads the audit as a client does, and remembers how far.
struct Reader<'a> {
    program: &'a Program,
    seen: usize,
}

impl<'a> Reader<'a> {
    async fn of(program: &'a Program) -> Self {
        let mut reader = Self { program, seen: 0 };
        reader.news().await;
        reader
    }

    /// Entries since the last look, oldest first.
    async fn news(&mut self) -> Vec<Value> {
        let path = format!("{EVENTS}?$orderby=activityDateTime asc&$skip={}", self.seen);
        let list = self.program.get(&path.replace(' ', "%20")).await;
        let news = list["value"].as_array().unwrap().clone();
        self.seen += news.len();
        news
    }

    /// The one entry since the last look: what was done, with what, and `{property: [before, after]}`.
    async fn one(&mut self, what: &str, id: &str) -> Value {
        let news = self.news().await;
        assert_eq!(news.len(), 1, "{what}: {news:#?}");
        let event = &news[0];
        assert_eq!(event["displayName"], what, "{event:#}");
        assert_eq!(event["resources"][0]["resourceId"], id, "{event:#}");
        let text = event.to_string();
        for canary in CANARIES {
            assert!(!text.contains(canary), "{text}");
        }
        let properties = event["resources"][0]["modifiedProperties"].as_array();
        properties
            .unwrap()
            .iter()
            .map(|one| {
                let name = one["displayName"].as_str().unwrap().to_owned();
                (name, json!([one["oldValue"], one["newValue"]]))
            })
            .collect()
    }

    async fn nothing(&mut self) {
        let news = self.news().await;
        assert!(news.is_empty(), "{news:#?}");
    }
}

async fn patch(program: &Program, path: &str, body: Value) {
    let (status, answer) = program.call(Method::PATCH, path, Some(body)).await;
    assert!((200..300).contains(&status), "PATCH {path}: {answer}");
}

async fn delete(program: &Program, path: &str) {
    let (status, answer) = program.call(Method::DELETE, path, None).await;
    assert!((200..300).contains(&status), "DELETE {path}: {answer}");
}

#[tokio::test]
async fn each_change_of_a_profile_is_one_entry_with_what_was_and_is() {
    for place in places().await {
        let program = Program::start(place).await;
        let mut audit = Reader::of(&program).await;
        let kind = "iosEasEmailProfileConfiguration";
        let id = program.profile(kind, "Mail", mail_settings()).await;
        let said = audit.one("create DeviceConfiguration", &id).await;
        assert_eq!(said["displayName"], json!([null, "Mail"]));
        assert_eq!(said["hostName"], json!([null, "mail.contoso.com"]));
        assert_eq!(said["roleScopeTagIds"], json!([null, "[\"0\"]"]));

        let path = format!("{PROFILES}/{id}");
        let odata = format!("#microsoft.graph.{kind}");
        let change =
            json!({ "@odata.type": odata, "hostName": "eas.contoso.com", "requireSsl": false });
        patch(&program, &path, change.clone()).await;
        let said = audit.one("update DeviceConfiguration", &id).await;
        let expected = json!({
            "hostName": ["mail.contoso.com", "eas.contoso.com"],
            "requireSsl": ["true", "false"],
        });
        assert_eq!(said, expected);

        // The same once more changes nothing, alone or in a batch.
        patch(&program, &path, change.clone()).await;
        audit.nothing().await;
        let item = |number: u32| {
            json!({
                "id": number.to_string(), "method": "PATCH", "body": change,
                "url": format!("/deviceManagement/deviceConfigurations/{id}"),
                "headers": { "content-type": "application/json" },
            })
        };
        let batch = json!({ "requests": [item(1), item(2), item(3)] });
        let answer = program.post("/beta/$batch", batch).await;
        for response in answer["responses"].as_array().unwrap() {
            assert!(response["status"].as_u64().unwrap() < 300, "{response}");
        }
        audit.nothing().await;

        program.assign_to_all(&id).await;
        let said = audit.one("assign DeviceConfiguration", &id).await;
        let expected = json!({ "assignments": ["[]", "[{\"kind\":\"allUsers\"}]"] });
        assert_eq!(said, expected);
        program.assign_to_all(&id).await;
        audit.nothing().await;

        delete(&program, &path).await;
        let said = audit.one("delete DeviceConfiguration", &id).await;
        assert_eq!(said["hostName"], json!(["eas.contoso.com", null]));
        assert_eq!(
            said["assignments"],
            json!(["[{\"kind\":\"allUsers\"}]", null])
        );
        let (status, _) = program.call(Method::DELETE, &path, None).await;
        assert_eq!(status, 404);
        audit.nothing().await;
    }
}

#[tokio::test]
async fn each_change_of_people_groups_devices_and_links_is_one_entry() {
    for place in places().await {
        let program = Program::start(place).await;
        let mut audit = Reader::of(&program).await;
        let ada = program.hire("ada").await;
        let said = audit.one("create User", &ada).await;
        assert_eq!(said["userPrincipalName"], json!([null, "ada@contoso.com"]));
        let path = format!("/v1.0/users/{ada}");
        let change = json!({ "department": "Sales", "givenName": "Ada" });
        patch(&program, &path, change.clone()).await;
        let said = audit.one("update User", &ada).await;
        let expected = json!({ "department": [null, "Sales"], "givenName": [null, "Ada"] });
        assert_eq!(said, expected);
        patch(&program, &path, change).await;
        audit.nothing().await;

        let group = json!({
            "displayName": "Sales", "mailNickname": "sales", "mailEnabled": false, "securityEnabled": true,
        });
        let group = program.create("/v1.0/groups", group).await;
        let said = audit.one("create Group", &group).await;
        assert_eq!(said["displayName"], json!([null, "Sales"]));
        let reference =
            json!({ "@odata.id": format!("{}/v1.0/directoryObjects/{ada}", program.url) });
        program
            .post(
                &format!("/v1.0/groups/{group}/members/$ref"),
                reference.clone(),
            )
            .await;
        let said = audit.one("addMember Group", &group).await;
        assert_eq!(said, json!({ "members": [null, format!("[\"{ada}\"]")] }));
        let again = program
            .call(
                Method::POST,
                &format!("/v1.0/groups/{group}/members/$ref"),
                Some(reference.clone()),
            )
            .await;
        assert_eq!(again.0, 400);
        audit.nothing().await;
        program
            .post(&format!("/v1.0/groups/{group}/owners/$ref"), reference)
            .await;
        let said = audit.one("addOwner Group", &group).await;
        assert_eq!(said, json!({ "owners": [null, format!("[\"{ada}\"]")] }));
        delete(&program, &format!("/v1.0/groups/{group}/owners/{ada}/$ref")).await;
        audit.one("removeOwner Group", &group).await;
        delete(
            &program,
            &format!("/v1.0/groups/{group}/members/{ada}/$ref"),
        )
        .await;
        let said = audit.one("removeMember Group", &group).await;
        assert_eq!(said, json!({ "members": [format!("[\"{ada}\"]"), null] }));
        patch(
            &program,
            &format!("/v1.0/groups/{group}"),
            json!({ "description": "Sellers" }),
        )
        .await;
        let said = audit.one("update Group", &group).await;
        assert_eq!(said, json!({ "description": [null, "Sellers"] }));
        delete(&program, &format!("/v1.0/groups/{group}")).await;
        audit.one("delete Group", &group).await;

        let phone = program.enrol(&ada).await;
        let news = audit.news().await;
        assert_eq!(
            news.len(),
            1,
            "only the link was an administrator's: {news:#?}"
        );
        assert_eq!(news[0]["displayName"], "create EnrollmentLink");
        assert!(phone.is_enrolled());
        let list = program.get("/beta/deviceManagement/managedDevices").await;
        let device = list["value"][0]["id"].as_str().unwrap().to_owned();
        let path = format!("/beta/deviceManagement/managedDevices/{device}");
        let change = json!({ "managedDeviceName": "Ada's phone", "notes": "third floor" });
        patch(&program, &path, change.clone()).await;
        let said = audit.one("update ManagedDevice", &device).await;
        let expected = json!({
            "managedDeviceName": [null, "Ada's phone"], "notes": [null, "third floor"],
        });
        assert_eq!(said, expected);
        patch(&program, &path, change).await;
        audit.nothing().await;
        for action in ["syncDevice", "remoteLock", "retire"] {
            program.post(&format!("{path}/{action}"), json!({})).await;
            let news = audit.news().await;
            assert_eq!(news.len(), 1, "{action}: {news:#?}");
            assert_eq!(news[0]["activityOperationType"], "Action");
        }
        delete(&program, &path).await;
        audit.one("delete ManagedDevice", &device).await;
        delete(&program, &format!("/v1.0/users/{ada}")).await;
        audit.one("delete User", &ada).await;
    }
}

#[tokio::test]
async fn secrets_are_not_in_an_entry_whatever_they_are_called() {
    for place in places().await {
        let program = Program::start(place).await;
        let mut audit = Reader::of(&program).await;
        let ada = program.hire("ada").await;
        audit.one("create User", &ada).await;
        let key = "-----BEGIN PRIVATE KEY-----\nKanarienvogel\n-----END PRIVATE KEY-----";
        let change = json!({ "jobTitle": key, "department": "blue" });
        patch(&program, &format!("/v1.0/users/{ada}"), change).await;
        let said = audit.one("update User", &ada).await;
        let expected = json!({ "jobTitle": [null, "(secret)"], "department": [null, "blue"] });
        assert_eq!(said, expected);
        let refused =
            json!({ "encryptedPfxBlob": "canary-blob", "encryptedPfxPassword": "Kanarienvogel" });
        let (status, _) = program
            .call(
                Method::POST,
                "/beta/deviceManagement/userPfxCertificates",
                Some(refused),
            )
            .await;
        assert_eq!(status, 400);
        audit.nothing().await;
        let long = "ä".repeat(4000);
        let path = format!("/v1.0/users/{ada}");
        patch(&program, &path, json!({ "streetAddress": long })).await;
        let said = audit.one("update User", &ada).await;
        let shown = said["streetAddress"][1].as_str().unwrap();
        assert!(shown.ends_with("(2976 more characters)"), "{shown}");
    }
}

#[tokio::test]
async fn who_a_proxy_asks_for_is_noted_only_if_the_proxy_is_believed() {
    let mut program = Program::start(places().await.remove(0)).await;
    let noted = async |program: &Program, name: &str| {
        let address = format!("{name}@contoso.com");
        let body = json!({ "displayName": name, "userPrincipalName": address });
        let somebody = Some("192.0.2.7");
        let answer = program
            .send_as(somebody, Method::POST, "/v1.0/users", Some(body))
            .await;
        assert_eq!(answer.status, 201);
        let list = program.get(&format!("{EVENTS}?$top=1")).await;
        list["value"][0]["actor"]["ipAddress"].clone()
    };
    assert_eq!(noted(&program, "bob").await, "127.0.0.1");
    let file = program.data().join("mandate.toml");
    std::fs::write(file, "trusted_proxy = [\"127.0.0.0/8\"]\n").unwrap();
    program.restart().await;
    assert_eq!(noted(&program, "sam").await, "192.0.2.7");
}

#[tokio::test]
async fn an_entry_says_who_from_where_and_by_which_request() {
    for place in places().await {
        let program = Program::start(place).await;
        let body = json!({ "displayName": "Bob", "userPrincipalName": "bob@contoso.com" });
        program.post("/v1.0/users", body).await;
        let list = program.get(&format!("{EVENTS}?$top=1")).await;
        let event = &list["value"][0];
        assert_eq!(event["activityType"], "create User");
        assert_eq!(event["componentName"], "Directory");
        assert_eq!(event["activityOperationType"], "Create");
        assert_eq!(event["activityResult"], "Success");
        assert_eq!(event["actor"]["auditActorType"], "Application");
        assert_eq!(event["actor"]["applicationDisplayName"], "stories");
        assert_eq!(event["actor"]["ipAddress"], "127.0.0.1");
        // The id of the request, which is none of ours otherwise.
        assert_ne!(event["correlationId"], event["id"]);
        // By its id, in both versions.
        let id = event["id"].as_str().unwrap();
        for version in ["v1.0", "beta"] {
            let one = program
                .get(&format!("/{version}/deviceManagement/auditEvents/{id}"))
                .await;
            assert_eq!(one["id"], *id);
            assert!(!one["resources"].as_array().unwrap().is_empty());
        }
        // What the command line does is there as well.
        let (done, said) = program
            .command(&[
                "app",
                "create",
                "--name",
                "backup",
                "--role",
                "Read Only Operator",
            ])
            .await;
        assert!(done, "{said}");
        let list = program
            .get(&format!(
                "{EVENTS}?$filter=category%20eq%20'Application'&$top=1"
            ))
            .await;
        assert_eq!(list["value"][0]["actor"]["auditActorType"], "System");
        assert_eq!(
            list["value"][0]["actor"]["applicationDisplayName"],
            "mandate"
        );
    }
}

#[tokio::test]
async fn the_filters_of_backup_tools_and_scripts_find_what_they_look_for() {
    for place in places().await {
        let program = Program::start(place).await;
        let before = program.get(&format!("{EVENTS}?$top=1")).await["value"][0].clone();
        let kind = "iosEasEmailProfileConfiguration";
        let mail = program.profile(kind, "Mail", mail_settings()).await;
        let users = ["u1", "u2", "u3", "u4", "u5"];
        for user in users {
            program.hire(user).await;
        }
        let found = async |query: &str| -> Vec<Value> {
            let path = format!(
                "/v1.0/deviceManagement/auditEvents?{}",
                query.replace(' ', "%20")
            );
            program.get(&path).await["value"]
                .as_array()
                .unwrap()
                .clone()
        };
        let since = before["activityDateTime"].as_str().unwrap();
        let as_backup = found(&format!(
            "$filter=componentName eq 'DeviceConfiguration' and activityDateTime gt {since} and activityDateTime le \
             2999-01-01T00:00:00Z and activityOperationType ne 'Get'&$select=id,resources,actor,activityDateTime\
             &$orderby=activityDateTime desc"
        ))
        .await;
        assert_eq!(as_backup.len(), 1);
        assert_eq!(as_backup[0]["resources"][0]["resourceId"], mail);
        assert_eq!(as_backup[0].get("category"), None);
        let about = found(&format!(
            "$filter=resources/any(r: r/resourceId eq '{mail}')"
        ))
        .await;
        assert_eq!(about.len(), 1);
        let by =
            found("$filter=actor/applicationDisplayName eq 'stories' and category eq 'Directory'")
                .await;
        assert_eq!(by.len(), users.len());

        // Pages are everything once, newest first.
        let all = found("$filter=category eq 'Directory'").await;
        let mut paged = Vec::new();
        let mut next = format!("{EVENTS}?$filter=category%20eq%20'Directory'&$top=2&$count=true");
        let mut count = None;
        while !next.is_empty() {
            let page = program.get(&next).await;
            paged.extend(page["value"].as_array().unwrap().clone());
            count = count.or(page["@odata.count"].as_u64());
            let link = page["@odata.nextLink"].as_str().unwrap_or_default();
            next = link.strip_prefix(&program.url).unwrap_or(link).to_owned();
        }
        assert_eq!(count, Some(all.len() as u64));
        let ids = |events: &[Value]| {
            events
                .iter()
                .map(|event| event["id"].clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(ids(&paged), ids(&all));
        let times: Vec<_> = all
            .iter()
            .map(|event| event["activityDateTime"].as_str().unwrap())
            .collect();
        assert!(
            times.is_sorted_by(|newer, older| newer >= older),
            "{times:?}"
        );

        for spelling in ["getAuditCategories", "getAuditCategories()"] {
            let categories = program.get(&format!("{EVENTS}/{spelling}")).await;
            let categories = categories["value"].as_array().unwrap();
            assert!(
                categories.contains(&json!("DeviceConfiguration")),
                "{categories:?}"
            );
        }
        let types = program
            .get(&format!(
                "{EVENTS}/getAuditActivityTypes(category='DeviceConfiguration')"
            ))
            .await;
        assert_eq!(types["value"], json!(["create DeviceConfiguration"]));
        let (status, _) = program.call(Method::POST, EVENTS, Some(json!({}))).await;
        assert_eq!(status, 405);
    }
}

#[tokio::test]
async fn the_command_line_verifies_lists_and_exports() {
    for place in places().await {
        let program = Program::start(place).await;
        for user in ["ada", "bob", "eve"] {
            program.hire(user).await;
        }
        let (whole, said) = program.command(&["audit", "verify"]).await;
        assert!(whole && said.contains("whole: "), "{said}");
        let head = said
            .lines()
            .find_map(|line| line.strip_prefix("head "))
            .unwrap();
        let head = AuditHead::parse(head).unwrap();
        let (whole, said) = program
            .command(&["audit", "verify", "--expect", &head.to_string()])
            .await;
        assert!(whole, "{said}");
        let other = format!("{}:{}", head.number, "0".repeat(64));
        let (whole, said) = program
            .command(&["audit", "verify", "--expect", &other])
            .await;
        assert!(
            !whole && said.contains("not the one that was noted elsewhere"),
            "{said}"
        );

        let file = program.data().join("audit.jsonl");
        let path = file.to_str().unwrap();
        let (done, said) = program
            .command(&["audit", "export", "--output", path])
            .await;
        assert!(done, "{said}");
        let lines: Vec<Value> = std::fs::read_to_string(&file)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let numbers: Vec<i64> = lines
            .iter()
            .map(|line| line["number"].as_i64().unwrap())
            .collect();
        assert_eq!(numbers, (1..=head.number).collect::<Vec<_>>());
        assert_eq!(lines.last().unwrap()["mac"], head.mac);
        assert_eq!(lines[0]["resource"]["kind"], "organization");
        // A file that is there is not written over.
        let (done, said) = program
            .command(&["audit", "export", "--output", path])
            .await;
        assert!(!done && said.contains("cannot write"), "{said}");
        let some = [
            "audit",
            "export",
            "--from-number",
            "2",
            "--until-number",
            "3",
        ];
        let (done, said) = program.command(&some).await;
        assert!(done && said.contains("2 entries"), "{said}");
        let (done, said) = program.command(&["audit", "list", "--limit", "1"]).await;
        assert!(
            done && said.contains("eve@contoso.com") && said.contains("by app stories"),
            "{said}"
        );
        let (done, said) = program.command(&["audit", "deliveries"]).await;
        assert!(done && said.contains("nobody was told yet"), "{said}");
        for wrong in [["--expect", "17"], ["--expect", "x:y"]] {
            let (done, _) = program
                .command(&[&["audit", "verify"][..], &wrong].concat())
                .await;
            assert!(!done);
        }
    }
}

#[tokio::test]
async fn what_is_old_is_let_go_in_steps_and_the_rest_stays_provable() {
    for place in places().await {
        let house = House::open(place).await;
        house.hire("ada").await;
        let early = house.engine.audit_head().await.unwrap().unwrap();
        house.clock.forward_days(400);
        house.hire("bob").await;
        assert!(!house.engine.trim_audit(0).await.unwrap());
        assert!(!house.engine.trim_audit(401).await.unwrap());
        let all = |order| {
            house
                .engine
                .list_audit_events(&house.admin, AuditFilter::default(), order, 100)
        };
        assert_eq!(
            all(AuditOrder::OldestFirst(None)).await.unwrap()[0].number,
            1
        );
        while house.engine.trim_audit(365).await.unwrap() {}
        let left = all(AuditOrder::OldestFirst(None)).await.unwrap();
        let numbers: Vec<i64> = left.iter().map(|event| event.number).collect();
        assert_eq!(numbers, [early.number + 1]);
        let verify = async |expected: Option<&AuditHead>| {
            let heard = &mut |_| {};
            house
                .engine
                .verify_audit(&house.admin, expected, heard)
                .await
                .unwrap()
        };
        let found = verify(None).await;
        assert!(found.is_whole(), "{:?}", found.faults);
        assert_eq!(found.base, early.number);
        // The head that was noted before is the base now, and is known still.
        assert!(verify(Some(&early)).await.is_whole());
        let forged = AuditHead {
            mac: "0".repeat(64),
            ..early
        };
        let found = verify(Some(&forged)).await;
        assert_eq!(found.faults, [AuditFault::NotAsExpected(forged.number)]);
    }
}

#[tokio::test]
async fn a_client_is_noted_once_a_day() {
    for place in places().await {
        let mut house = House::open(place).await;
        let id = mandate_model::AppId(uuid::Uuid::from_u128(7));
        let client = Actor::app(id, "backup", []);
        let noted = async |house: &House| {
            let filter = AuditFilter {
                actor: Some(id.0),
                ..AuditFilter::default()
            };
            let order = AuditOrder::NewestFirst(None);
            let found = house
                .engine
                .list_audit_events(&house.admin, filter, order, 100)
                .await;
            found.unwrap().len()
        };
        for _ in 0..3 {
            house.engine.note_client_sign_in(&client).await.unwrap();
        }
        assert_eq!(noted(&house).await, 1);
        house.restart().await;
        house.engine.note_client_sign_in(&client).await.unwrap();
        assert_eq!(noted(&house).await, 1);
        house.clock.forward_days(1);
        house.engine.note_client_sign_in(&client).await.unwrap();
        assert_eq!(noted(&house).await, 2);
    }
}
