//! Domains: added, proved by name servers, made the default, removed.

use serde_json::{Value, json};

use crate::house::{House, all};

const DOMAINS: &str = "/v1.0/domains";

impl House {
    /// Adds a domain; what a TXT record has to say to prove it.
    async fn domain(&self, name: &str) -> String {
        self.post(DOMAINS, json!({"id": name})).await.expect(201);
        let path = format!("{DOMAINS}/{name}/verificationDnsRecords");
        let records = self.get(&path).await.expect(200);
        records["value"][0]["text"].as_str().unwrap().to_owned()
    }

    async fn proved(&self, name: &str) -> Value {
        let proof = self.domain(name).await;
        self.network.says(name, &["v=spf1 -all", &proof]);
        let path = format!("{DOMAINS}/{name}/verify");
        self.post(&path, json!({})).await.expect(200)
    }

    async fn person_at(&self, domain: &str) {
        let body = json!({
            "accountEnabled": true, "displayName": "Ada", "mailNickname": "ada",
            "userPrincipalName": format!("ada@{domain}"),
        });
        self.post("/v1.0/users", body).await.expect(201);
    }
}

#[tokio::test]
async fn a_domain_is_pending_until_its_record_is_there() {
    let house = House::open().await;
    let made = house.post(DOMAINS, json!({"id": "Contoso.COM."})).await;
    let made = made.expect(201);
    assert_eq!(made["id"], "contoso.com");
    assert_eq!(
        (&made["isVerified"], &made["isDefault"], &made["isInitial"]),
        (&json!(false), &json!(false), &json!(false))
    );
    let path = "/v1.0/domains/contoso.com/verificationDnsRecords";
    let records = house.get(path).await.expect(200);
    let record = &records["value"][0];
    assert_eq!(record["@odata.type"], "#microsoft.graph.domainDnsTxtRecord");
    assert_eq!(
        (&record["recordType"], &record["label"]),
        (&json!("Txt"), &json!("contoso.com"))
    );
    let proof = record["text"].as_str().unwrap();
    let services = "/v1.0/domains/contoso.com/serviceConfigurationRecords";
    assert_eq!(house.get(services).await.expect(200)["value"], json!([]));

    let verify = "/v1.0/domains/contoso.com/verify";
    house.network.says("contoso.com", &["v=spf1 -all"]);
    let absent = house.post(verify, json!({})).await.error(400);
    assert!(
        absent["message"]
            .as_str()
            .unwrap()
            .contains("no TXT record"),
        "{absent}"
    );
    let wrong = "mandate-domain-verification=0000";
    house.network.says("contoso.com", &[wrong]);
    let other = house.post(verify, json!({})).await.error(400);
    let message = other["message"].as_str().unwrap();
    assert!(
        message.contains(wrong) && message.contains(proof),
        "{message}"
    );
    house
        .network
        .records
        .lock()
        .unwrap()
        .insert("contoso.com".to_owned(), Err("SERVFAIL".to_owned()));
    let silent = house.post(verify, json!({})).await.error(400);
    assert!(
        silent["message"].as_str().unwrap().contains("SERVFAIL"),
        "{silent}"
    );
    let shown = house.get("/v1.0/domains/contoso.com").await.expect(200);
    assert_eq!(shown["isVerified"], false);

    house.network.says("contoso.com", &["v=spf1 -all", proof]);
    let done = house.post(verify, json!({})).await.expect(200);
    assert_eq!(done["isVerified"], true);
    // Once is enough; the name servers are not asked again.
    house.network.says("contoso.com", &[]);
    house.post(verify, json!({})).await.expect(200);
    let record = &house.get(services).await.expect(200)["value"][0];
    assert_eq!(record["label"], "enterpriseenrollment.contoso.com");
    assert_eq!(record["canonicalName"], "mdm.example.com");
    let organization = house.get("/v1.0/organization").await.expect(200);
    assert_eq!(
        all(
            &json!({"value": organization["value"][0]["verifiedDomains"]}),
            "name"
        ),
        ["contoso.com", "example.com"]
    );
}

#[tokio::test]
async fn the_default_moves_and_the_initial_domain_stays() {
    let house = House::open().await;
    house.domain("pending.example").await;
    let path = "/v1.0/domains/pending.example";
    house
        .patch(path, json!({"isDefault": true}))
        .await
        .error(400);
    house.proved("contoso.com").await;
    let path = "/v1.0/domains/contoso.com";
    house
        .patch(path, json!({"isDefault": true}))
        .await
        .expect(204);
    let domains = house.get(DOMAINS).await.expect(200);
    let defaults: Vec<&Value> = domains["value"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|domain| domain["isDefault"] == true)
        .map(|domain| &domain["id"])
        .collect();
    assert_eq!(defaults, ["contoso.com"]);
    let error = house.delete(path).await.error(400);
    assert!(
        error["message"].as_str().unwrap().contains("default"),
        "{error}"
    );
    let error = house.delete("/v1.0/domains/example.com").await.error(400);
    assert!(
        error["message"].as_str().unwrap().contains("made with"),
        "{error}"
    );
    let force = "/v1.0/domains/example.com/forceDelete";
    house.post(force, json!({})).await.error(400);
    for body in [
        json!({"isDefault": false}),
        json!({"id": "other.example"}),
        json!({"isInitial": true}),
        json!({"colour": "red"}),
        json!({"isDefault": "yes"}),
        json!({}),
    ] {
        house.patch(path, body).await.error(400);
    }
    house
        .patch("/v1.0/domains/nowhere.example", json!({"isDefault": true}))
        .await
        .error(404);
}

#[tokio::test]
async fn a_domain_with_people_goes_only_by_force_and_they_are_reported_then() {
    let house = House::open().await;
    house.proved("contoso.com").await;
    house.person_at("Contoso.com").await;
    let path = "/v1.0/domains/contoso.com";
    let error = house.delete(path).await.error(409);
    assert!(
        error["message"].as_str().unwrap().contains("1 people"),
        "{error}"
    );
    let setup = house.get("/mandate/v1/setup").await.expect(200);
    assert_eq!(setup["unverifiedSuffixes"]["people"], 0);
    let force = format!("{path}/forceDelete");
    house
        .post(&force, json!({"disableUserAccounts": true}))
        .await
        .error(400);
    house
        .post(&force, json!({"disableUserAccounts": false}))
        .await
        .expect(204);
    house.get(path).await.error(404);
    let setup = house.get("/mandate/v1/setup").await.expect(200);
    assert_eq!(
        setup["unverifiedSuffixes"]["suffixes"],
        json!([{"suffix": "contoso.com", "people": 1, "isPending": false}])
    );
    house.domain("free.example").await;
    house.delete("/v1.0/domains/free.example").await.expect(204);
    house.delete("/v1.0/domains/free.example").await.error(404);
}

#[tokio::test]
async fn names_are_of_one_writing_and_look_alikes_are_refused() {
    let house = House::open().await;
    house.domain("MÜNCHEN.example").await;
    for name in ["münchen.example", "xn--mnchen-3ya.example", "EXAMPLE.com."] {
        let error = house.post(DOMAINS, json!({"id": name})).await.error(409);
        assert_eq!(error["target"], "id", "{error}");
    }
    let shown = house.get("/v1.0/domains/xn--mnchen-3ya.example").await;
    assert_eq!(shown.expect(200)["id"], "xn--mnchen-3ya.example");
    for name in [
        json!("contоso.com"),
        json!("com"),
        json!("192.0.2.7"),
        json!("a b.example"),
        json!(""),
        json!("a".repeat(100_000)),
        json!(7),
        Value::Null,
    ] {
        house.post(DOMAINS, json!({"id": name})).await.error(400);
    }
    house.post(DOMAINS, json!({})).await.error(400);
    let body = json!({"id": "new.example", "isVerified": true});
    house.post(DOMAINS, body).await.error(400);
    assert_eq!(
        all(&house.get(DOMAINS).await.expect(200), "id"),
        ["example.com", "xn--mnchen-3ya.example"]
    );
}

#[tokio::test]
async fn a_domain_below_another_is_no_root() {
    let house = House::open().await;
    house.domain("mail.example.com").await;
    house.domain("notexample.com").await;
    let root = async |name: &str| {
        let path = format!("{DOMAINS}/{name}");
        house.get(&path).await.expect(200)["isRoot"].clone()
    };
    assert_eq!(root("mail.example.com").await, false);
    assert_eq!(root("notexample.com").await, true);
}

#[tokio::test]
async fn windows_is_led_here_elsewhere_or_nowhere() {
    let house = House::open().await;
    let path = "/mandate/v1/domains/example.com/discovery";
    let state = async || house.post(path, json!({})).await.expect(200)["state"].clone();
    assert_eq!(state().await, "absent");
    let name = "enterpriseenrollment.example.com";
    house.network.says(name, &["manage.other.example"]);
    assert_eq!(state().await, "elsewhere");
    house.network.says(name, &["mdm.example.com"]);
    assert_eq!(state().await, "right");
    let nowhere = "/mandate/v1/domains/nowhere.example/discovery";
    house.post(nowhere, json!({})).await.error(404);
}
