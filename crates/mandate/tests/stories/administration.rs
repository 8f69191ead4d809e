//! What administrators do at the machine and over the API besides profiles: clients, links, readiness.

use axum::http::Method;
use mandate_simulator::device::DeviceError;
use mandate_simulator::http::Request;
use serde_json::{Value, json};

use crate::house::{Program, places};

/// What a command printed as JSON.
async fn told(program: &Program, words: &[&str]) -> Value {
    let (went_well, said) = program.command(words).await;
    assert!(went_well, "{words:?}: {said}");
    serde_json::from_str(&said).unwrap()
}

/// A token for a client, or the status of the refusal.
async fn token(program: &Program, app: &Value) -> Result<String, u16> {
    let text = |name: &str| app[name].as_str().unwrap();
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default",
        text("clientId"),
        text("clientSecret")
    );
    let url = format!("{}/{}/oauth2/v2.0/token", program.url, text("tenantId"));
    let request = Request::new(Method::POST, &url)
        .body("application/x-www-form-urlencoded", form)
        .unwrap();
    let answer = program.http.send(&request).await.unwrap();
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    match body["access_token"].as_str() {
        Some(token) => Ok(token.to_owned()),
        None => Err(answer.status),
    }
}

async fn list_users(program: &Program, token: &str) -> u16 {
    let url = format!("{}/v1.0/users", program.url);
    let request = Request::new(Method::GET, &url)
        .header(
            axum::http::header::AUTHORIZATION,
            &format!("Bearer {token}"),
        )
        .unwrap();
    program.http.send(&request).await.unwrap().status
}

#[tokio::test]
async fn clients_are_listed_changed_and_removed_while_the_server_runs() {
    for place in places().await {
        let program = Program::start(place).await;
        let create = ["app", "create", "--name", "backup", "--json", "--role"];
        let app = told(&program, &[&create[..], &["User.Read.All"]].concat()).await;
        let id = app["clientId"].as_str().unwrap();
        let listed = told(&program, &["app", "list", "--json"]).await;
        let found = listed
            .as_array()
            .unwrap()
            .iter()
            .find(|item| item["clientId"] == id);
        assert_eq!(
            found.unwrap(),
            &json!({ "clientId": id, "name": "backup", "permissions": ["User.Read.All"] })
        );
        let before = token(&program, &app).await.unwrap();
        assert_eq!(list_users(&program, &before).await, 200);

        let roles = ["app", "roles", "--client", id, "--role", "Group.Read.All"];
        let (went_well, said) = program.command(&roles).await;
        assert!(went_well && said.contains("Group.Read.All"), "{said}");
        assert_eq!(list_users(&program, &before).await, 403);

        let secrets = ["app", "secret", "list", "--client", id, "--json"];
        let first = told(&program, &secrets).await[0]["id"].clone();
        let add = ["app", "secret", "add", "--client", id, "--json"];
        let renewed = told(&program, &add).await;
        let first = first.as_str().unwrap();
        let remove = ["app", "secret", "remove", "--client", id, "--secret", first];
        assert!(program.command(&remove).await.0);
        assert_eq!(token(&program, &app).await, Err(401));
        let current = token(&program, &renewed).await.unwrap();
        let (went_well, said) = program.command(&["app", "remove", "--client", id]).await;
        assert!(went_well && said.contains("backup"), "{said}");
        assert_eq!(list_users(&program, &current).await, 401);
        assert_eq!(token(&program, &renewed).await, Err(401));

        // Each of these says what is wrong.
        for (words, part) in [
            (&["app", "remove", "--client", id][..], "there is no app"),
            (
                &["app", "secret", "add", "--client", "backup"],
                "not a client id",
            ),
            (
                &["app", "redirect", "add", "--client", id, "web=http://x"],
                "there is no app",
            ),
        ] {
            let (went_well, said) = program.command(words).await;
            assert!(!went_well && said.contains(part), "{said}");
        }
        let (_, said) = program.command(&["app", "list"]).await;
        assert!(
            said.contains("stories") && !said.contains("backup"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn a_link_that_was_withdrawn_enrols_nobody_not_even_with_a_profile_it_gave() {
    for place in places().await {
        let program = Program::start(place).await;
        let ada = program.hire("ada").await;
        let body = json!({ "userId": ada, "uses": 3 });
        let made = program.post("/mandate/v1/enrollmentLinks", body).await;
        let link = made["url"].as_str().unwrap();
        let head = async || {
            let answer = program.http.send(&Request::new(Method::HEAD, link)).await;
            answer.unwrap().status
        };
        assert_eq!(head().await, 200);
        let mut enrolled = program.phone();
        enrolled.enrol(&program.http, link).await.unwrap();
        let given = program.http.fetch(link).await.unwrap();
        let shown = program.get("/mandate/v1/enrollmentLinks").await;
        assert_eq!(shown["value"][0]["usesLeft"], 1, "looking is free");

        let path = format!(
            "/mandate/v1/enrollmentLinks/{}",
            made["id"].as_str().unwrap()
        );
        let (status, body) = program.call(Method::DELETE, &path, None).await;
        assert_eq!(status, 204, "{body}");
        assert_eq!(head().await, 404);
        let mut late = program.phone();
        match late.enrol(&program.http, link).await {
            Err(DeviceError::Link { status: 404, .. }) => {}
            other => panic!("{other:?}"),
        }
        late.enrol_with_profile(&program.http, &given.body)
            .await
            .unwrap_err();
        assert!(!late.is_enrolled());

        // Who has enrolled stays.
        program.settle(&mut enrolled).await;
        assert!(enrolled.is_enrolled());
        let devices = program.get("/v1.0/deviceManagement/managedDevices").await;
        assert_eq!(devices["value"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn owners_and_remarks_last_over_a_power_cut() {
    for place in places().await {
        let mut program = Program::start(place).await;
        let ada = program.hire("ada").await;
        program.enrol(&ada).await;
        let owner = format!("{}/v1.0/users/{ada}", program.url);
        let group = json!({
            "displayName": "Sales", "mailEnabled": false, "mailNickname": "sales", "securityEnabled": true,
            "owners@odata.bind": [owner],
        });
        let group = program.create("/v1.0/groups", group).await;
        let devices = program.get("/v1.0/deviceManagement/managedDevices").await;
        let id = devices["value"][0]["id"].as_str().unwrap();
        let device = format!("/v1.0/deviceManagement/managedDevices/{id}");
        let note = json!({ "notes": "scratched", "managedDeviceName": "Ada's" });
        let (status, body) = program.call(Method::PATCH, &device, Some(note)).await;
        assert_eq!(status, 200, "{body}");
        let settings = json!({ "settings": { "secureByDefault": true } });
        let root = "/v1.0/deviceManagement";
        let (status, body) = program.call(Method::PATCH, root, Some(settings)).await;
        assert_eq!(status, 204, "{body}");

        program.restart().await;
        let owners = program.get(&format!("/v1.0/groups/{group}/owners")).await;
        assert_eq!(owners["value"][0]["id"], json!(ada));
        let shown = program
            .get(&format!("{device}?$select=notes,managedDeviceName"))
            .await;
        assert_eq!(
            (&shown["notes"], &shown["managedDeviceName"]),
            (&json!("scratched"), &json!("Ada's"))
        );
        let settings = program.get("/v1.0/deviceManagement/settings").await;
        assert_eq!(settings["secureByDefault"], true);
    }
}

#[tokio::test]
async fn a_server_that_runs_says_that_it_is_ready() {
    for place in places().await {
        let program = Program::start(place).await;
        for path in ["healthz", "readyz"] {
            let url = format!("{}/{path}", program.url);
            let answer = program.http.send(&Request::new(Method::GET, &url)).await;
            assert_eq!(answer.unwrap().status, 200, "{path}");
        }
    }
}
