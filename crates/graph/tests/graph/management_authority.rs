//! Which service manages devices, in Graph's words and in ours.

use serde_json::json;

use crate::house::House;

const OURS: &str = "/mandate/v1/authority";
const RESETS: &str = "/mandate/v1/authorityResets";

impl House {
    fn organization(&self) -> String {
        format!("/v1.0/organization/{}", self.engine.tenant().id)
    }

    async fn graph_authority(&self) -> String {
        let shown = self.get(&self.organization()).await.expect(200);
        shown["mobileDeviceManagementAuthority"]
            .as_str()
            .unwrap()
            .to_owned()
    }
}

#[tokio::test]
async fn a_new_instance_has_no_authority_until_the_action_sets_one() {
    let house = House::open_bare().await;
    assert_eq!(house.graph_authority().await, "unknown");
    assert_eq!(house.get(OURS).await.expect(200)["authority"], "unknown");
    let action = format!(
        "{}/setMobileDeviceManagementAuthority",
        house.organization()
    );
    for _ in 0..2 {
        let answer = house.post(&action, json!({})).await.expect(200);
        assert_eq!(answer["value"], 1);
    }
    assert_eq!(house.graph_authority().await, "intune");
    let shown = house.get(OURS).await.expect(200);
    assert_eq!(shown["enrollsHere"], true);
    assert!(shown["setBy"].as_str().unwrap().starts_with("app test"));
    let other = "/v1.0/organization/00000000-0000-4000-8000-000000000000/setMobileDeviceManagementAuthority";
    house.post(other, json!({})).await.error(404);
}

#[tokio::test]
async fn another_authority_is_set_only_with_the_confirmation() {
    let house = House::open().await;
    for body in [
        json!({"authority": "sccm"}),
        json!({"authority": "sccm", "confirm": false}),
        json!({"authority": "sccm", "confirm": "yes"}),
    ] {
        assert_eq!(
            house.patch(OURS, body).await.error(400)["target"],
            "confirm"
        );
    }
    for (body, target) in [
        (
            json!({"authority": "unknown", "confirm": true}),
            "authority",
        ),
        (json!({"authority": "moon", "confirm": true}), "authority"),
        (json!({"confirm": true}), "authority"),
        (
            json!({"authority": "sccm", "confirm": true, "colour": 1}),
            "colour",
        ),
    ] {
        assert_eq!(house.patch(OURS, body).await.error(400)["target"], target);
    }
    assert_eq!(house.graph_authority().await, "intune");

    let set = json!({"authority": "coexistence", "confirm": true});
    let set = house.patch(OURS, set).await.expect(200);
    assert_eq!(set["authority"], "coexistence");
    assert_eq!(set["mobileDeviceManagementAuthority"], "intune");
    let set = json!({"authority": "sccm", "confirm": true});
    assert_eq!(
        house.patch(OURS, set).await.expect(200)["enrollsHere"],
        false
    );
    assert_eq!(house.graph_authority().await, "sccm");
    // The action takes no body and so cannot be confirmed.
    let action = format!(
        "{}/setMobileDeviceManagementAuthority",
        house.organization()
    );
    let error = house.post(&action, json!({})).await.error(400);
    assert!(error["message"].as_str().unwrap().contains("`sccm`"));
}

#[tokio::test]
async fn a_reset_is_asked_for_attested_and_cancelled() {
    let house = House::open().await;
    let request = json!({"tenantDomain": "example.com", "target": "sccm"});
    for (body, target) in [
        (json!({"target": "sccm"}), "tenantDomain"),
        (
            json!({"tenantDomain": "contoso.com", "target": "sccm"}),
            "tenantDomain",
        ),
        (json!({"tenantDomain": "example.com"}), "target"),
        (
            json!({"tenantDomain": "example.com", "target": "unknown"}),
            "authority",
        ),
    ] {
        assert_eq!(house.post(RESETS, body).await.error(400)["target"], target);
    }
    let same = json!({"tenantDomain": "example.com", "target": "intune"});
    house.post(RESETS, same).await.error(400);
    let set = json!({"authority": "office365", "confirm": true});
    house.patch(OURS, set).await.expect(200);
    let made = house.post(RESETS, request.clone()).await.expect(201);
    let reset = format!("{RESETS}/{}", made["id"].as_str().unwrap());
    assert_eq!(
        (&made["stage"], &made["isReady"]),
        (&json!("preparing"), &json!(false))
    );
    assert_eq!(made["checklist"].as_array().unwrap().len(), 2);
    house.post(RESETS, request).await.error(400);
    let set = json!({"authority": "intune", "confirm": true});
    house.patch(OURS, set).await.error(400);

    let item = |name: &str, verb: &str| format!("{reset}/items/{name}/{verb}");
    let wiped = item("office365DevicesWiped", "attest");
    assert_eq!(
        house.post(&wiped, json!({})).await.error(400)["target"],
        "by"
    );
    house
        .post(&item("sccmIosOff", "attest"), json!({"by": "Ada"}))
        .await
        .error(404);
    house
        .post(&item("moon", "attest"), json!({"by": "Ada"}))
        .await
        .error(404);
    let attested = house
        .post(&wiped, json!({"by": "Ada Lovelace"}))
        .await
        .expect(200);
    let done = &attested["checklist"][0];
    assert_eq!(
        (&done["state"], &done["attestedBy"]),
        (&json!("attested"), &json!("Ada Lovelace"))
    );
    let start = format!("{reset}/start");
    assert_eq!(
        house.post(&start, json!({})).await.error(400)["target"],
        "confirm"
    );
    let error = house
        .post(&start, json!({"confirm": true}))
        .await
        .error(400);
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("office365PoliciesDeleted")
    );
    let withdrawn = house
        .post(&item("office365DevicesWiped", "withdraw"), json!({}))
        .await;
    assert_eq!(withdrawn.expect(200)["checklist"][0]["state"], "open");

    let cancelled = house
        .post(&format!("{reset}/cancel"), json!({}))
        .await
        .expect(200);
    assert_eq!(cancelled["stage"], "cancelled");
    house
        .post(&format!("{reset}/cancel"), json!({}))
        .await
        .error(400);
    house
        .post(&start, json!({"confirm": true}))
        .await
        .error(400);
    let list = house.get(RESETS).await.expect(200);
    assert_eq!(list["value"].as_array().unwrap().len(), 1);
    assert_eq!(house.get(&reset).await.expect(200)["stage"], "cancelled");
    house.get(&format!("{RESETS}/x")).await.error(404);
    assert_eq!(house.graph_authority().await, "office365");
}
