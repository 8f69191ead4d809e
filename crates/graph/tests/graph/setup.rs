//! The checklist and the connections over `/mandate/v1`.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::house::House;

const SETUP: &str = "/mandate/v1/setup";
const TEST: &str = "/mandate/v1/connections/test";

impl House {
    /// A step of the checklist.
    async fn step(&self, id: &str) -> Value {
        let setup = self.get(SETUP).await.expect(200);
        let steps = setup["steps"].as_array().unwrap();
        let found = steps.iter().find(|step| step["id"] == id);
        found
            .unwrap_or_else(|| panic!("no step `{id}`: {setup}"))
            .clone()
    }
}

#[tokio::test]
async fn every_step_of_an_empty_instance_says_what_to_do_next() {
    let house = House::open().await;
    let setup = house.get(SETUP).await.expect(200);
    let mut numbers = Vec::new();
    for step in setup["steps"].as_array().unwrap() {
        numbers.push(step["number"].as_u64().unwrap());
        assert!(!step["message"].as_str().unwrap().is_empty());
        if step["state"] != "done" {
            let action = &step["nextAction"];
            assert!(
                action["console"].as_str().unwrap().starts_with("/console/"),
                "{step}"
            );
            assert!(action["graph"].as_str().unwrap().contains(" /"), "{step}");
        }
    }
    assert!(numbers.is_sorted() && numbers.first() == Some(&1) && numbers.last() == Some(&7));
    let connections = house.step("connections").await;
    assert_eq!(
        (&connections["state"], &connections["cause"]),
        (&json!("notStarted"), &json!("connectionsNotTested"))
    );
    assert_eq!(house.step("groups").await["cause"], "noGroups");
    assert_eq!(
        house.step("companyPortal").await["cause"],
        "portalNotBranded"
    );
    assert_eq!(house.step("nextSteps").await["cause"], "noProfile");
    assert!(
        house.network.asked.lock().unwrap().is_empty(),
        "nobody is contacted by looking"
    );
}

#[tokio::test]
async fn groups_and_the_portal_become_done_by_what_there_is() {
    let house = House::open().await;
    house.group("Everybody").await;
    assert_eq!(house.step("groups").await["state"], "done");
    assert_eq!(house.step("groups").await["nextAction"], Value::Null);
    let management = "/v1.0/deviceManagement";
    let brand = json!({"intuneBrand": {"displayName": "Contoso"}});
    house.patch(management, brand).await.expect(204);
    let portal = house.step("companyPortal").await;
    assert_eq!(
        (&portal["state"], &portal["cause"]),
        (&json!("inProgress"), &json!("portalWithoutContact"))
    );
    let brand = json!({"intuneBrand": {"contactITEmailAddress": "it@example.com"}});
    house.patch(management, brand).await.expect(204);
    assert_eq!(house.step("companyPortal").await["state"], "done");
}

#[tokio::test]
async fn a_platform_that_is_switched_off_gets_no_links() {
    let house = House::open().await;
    let links = "/mandate/v1/enrollmentLinks";
    house
        .post(links, json!({"platform": "macos"}))
        .await
        .expect(201);
    let changed = house
        .patch(SETUP, json!({"platforms": {"macOS": false}}))
        .await;
    let changed = changed.expect(200);
    let macs = &changed["platforms"][1];
    assert_eq!(
        (&macs["platform"], &macs["isEnabled"], &macs["cause"]),
        (
            &json!("macOS"),
            &json!(false),
            &json!("platformSwitchedOff")
        )
    );
    let refused = house
        .post(links, json!({"platform": "macos"}))
        .await
        .error(400);
    assert!(
        refused["message"].as_str().unwrap().contains("switched"),
        "{refused}"
    );
    house
        .post(links, json!({"platform": "ios"}))
        .await
        .expect(201);
    let both = json!({"platforms": {"ios": false, "macos": false}});
    house.patch(SETUP, both).await.expect(200);
    let step = house.step("enrolment").await;
    assert_eq!(
        (&step["state"], &step["cause"]),
        (&json!("attention"), &json!("noPlatformEnabled"))
    );
    let both = json!({"platforms": {"iPadOS": true, "macos": true}});
    house.patch(SETUP, both).await.expect(200);
    assert_eq!(house.step("enrolment").await["state"], "done");
    for body in [
        json!({"platforms": {"palm": true}}),
        json!({"platforms": {"ios": "no"}}),
        json!({"platforms": []}),
        json!({"steps": []}),
    ] {
        house.patch(SETUP, body).await.error(400);
    }
}

#[tokio::test]
async fn only_what_stands_in_the_list_is_tested_and_only_when_asked() {
    let house = House::open().await;
    let list = house.get("/mandate/v1/connections").await.expect(200);
    let ids: Vec<&str> = list["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    assert!(ids.starts_with(&["own-name", "push"]), "{ids:?}");
    assert!(ids.contains(&"apple-push-devices"));
    assert_eq!(list["lastTest"], Value::Null);
    for body in [
        json!({"ids": ["169.254.169.254"]}),
        json!({"ids": ["apple-push-devices"]}),
        json!({"ids": []}),
        json!({"ids": "push"}),
        json!({"ids": vec!["push"; 65]}),
        json!({"host": "intranet.example"}),
    ] {
        house.post(TEST, body).await.error(400);
    }
    assert!(house.network.asked.lock().unwrap().is_empty());

    // Our name leads to this machine, which is configured so; Apple's must not, nor where clouds tell secrets.
    let own: SocketAddr = "127.0.0.1:8443".parse().unwrap();
    house
        .network
        .hosts
        .lock()
        .unwrap()
        .insert("mdm.example.com".to_owned(), own);
    for forbidden in ["127.0.0.1:443", "169.254.169.254:443"] {
        let address = forbidden.parse().unwrap();
        house
            .network
            .hosts
            .lock()
            .unwrap()
            .insert("api.push.apple.com".to_owned(), address);
        let tested = house.post(TEST, json!({"ids": ["push"]})).await.expect(200);
        assert_eq!(tested["results"][0]["isGood"], false);
        let asked = house.network.asked.lock().unwrap().clone();
        assert!(!asked.contains(&forbidden.to_owned()), "{asked:?}");
    }
    let tested = house.post(TEST, json!({})).await.expect(200);
    assert_eq!(tested["results"][0]["id"], "own-name");
    assert!(
        house
            .network
            .asked
            .lock()
            .unwrap()
            .contains(&own.to_string())
    );
    let steps = &tested["results"][0]["ports"][0]["steps"];
    let verdicts: Vec<(&str, &str)> = steps
        .as_array()
        .unwrap()
        .iter()
        .map(|step| {
            (
                step["code"].as_str().unwrap(),
                step["verdict"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        verdicts,
        [
            ("nameFound", "passed"),
            ("connected", "passed"),
            ("noHandshake", "failed")
        ]
    );
    let step = house.step("connections").await;
    assert_eq!(
        (&step["state"], &step["cause"]),
        (&json!("attention"), &json!("connectionsFailed"))
    );
    let list = house.get("/mandate/v1/connections").await.expect(200);
    assert_eq!(list["lastTest"], tested);
    let audit = house
        .get("/beta/deviceManagement/auditEvents")
        .await
        .expect(200);
    assert!(audit.to_string().contains("testConnections"));
}
