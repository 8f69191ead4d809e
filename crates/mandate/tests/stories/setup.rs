//! From an empty data directory to the first device: the steps of the checklist become done one after the other, and nothing
//! is used but the API.

use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_engine::{Clock as _, SystemClock};
use mandate_simulator::apns::ApnsStandIn;
use mandate_simulator::keys::KeyPool;
use mandate_simulator::name_server::NameServer;
use serde_json::{Value, json};

use crate::house::{Place, Program, mail_settings, places};

const SETUP: &str = "/mandate/v1/setup";
const PUSH: &str = "/v1.0/deviceManagement/applePushNotificationCertificate";

/// A program with a push service and a name server on this machine.
pub(crate) struct Surroundings {
    pub(crate) program: Program,
    apns: ApnsStandIn,
    pub(crate) names: NameServer,
}

impl Surroundings {
    async fn start(place: Place) -> Self {
        Self::start_with(place, "").await
    }

    /// The same with more lines of `mandate.toml`.
    pub(crate) async fn start_with(place: Place, more: &str) -> Self {
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let now = SystemClock.now().unix_seconds();
        let apns = ApnsStandIn::start(&KeyPool::shared(), now).await.unwrap();
        let names = NameServer::start().await.unwrap();
        let directory = tempfile::tempdir().unwrap();
        let roots = directory.path().join("push-roots.pem");
        std::fs::write(&roots, apns.root_pem()).unwrap();
        let configuration = format!(
            "apns_endpoint = \"{}\"\napns_roots = \"{}\"\ndns_server = \"{}\"\nlegacy_clients = true\n{more}",
            apns.url(),
            roots.display(),
            names.address()
        );
        let program = Program::start_configured(place, "info", Some(&configuration)).await;
        Self {
            program,
            apns,
            names,
        }
    }

    /// State and cause of a step.
    pub(crate) async fn step(&self, id: &str) -> (String, String) {
        let setup = self.program.get(SETUP).await;
        let steps = setup["steps"].as_array().unwrap();
        let step = steps.iter().find(|step| step["id"] == id).unwrap();
        let text = |name: &str| step[name].as_str().unwrap().to_owned();
        (text("state"), text("cause"))
    }

    pub(crate) async fn assert_step(&self, id: &str, state: &str, cause: &str) {
        let found = self.step(id).await;
        assert_eq!(found, (state.to_owned(), cause.to_owned()), "{id}");
    }

    pub(crate) async fn refused(&self, path: &str, body: Value) -> String {
        let (status, answer) = self.program.call(Method::POST, path, Some(body)).await;
        assert_eq!(status, 400, "{path}: {answer}");
        answer["error"]["message"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) {
        let (status, answer) = self.program.call(Method::PATCH, path, Some(body)).await;
        assert!((200..300).contains(&status), "PATCH {path}: {answer}");
    }

    /// Has the push service's authority sign what the server asks for, and stores it.
    pub(crate) async fn store_push_certificate(&self) {
        let path = format!("{PUSH}/downloadApplePushNotificationCertificateSigningRequest()");
        let request = self.program.get(&path).await;
        let request = STANDARD.decode(request["value"].as_str().unwrap()).unwrap();
        let now = SystemClock.now().unix_seconds();
        let validity = (now - 3600, now + 365 * 86_400);
        let uuid = "5f1c2f0e-0d8a-4c55-9c0b-6a7c5ad6f002";
        let authority = self.apns.authority();
        let certificate = authority
            .push_certificate(&request, uuid, validity)
            .unwrap();
        let body = json!({"certificate": certificate, "appleIdentifier": "it@contoso.com"});
        self.patch(PUSH, body).await;
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "seven steps in one go")]
async fn the_steps_become_done_one_after_the_other() {
    for place in places().await {
        let around = Surroundings::start(place).await;
        let program = &around.program;

        // 1: connections, and a domain.
        around
            .assert_step("connections", "notStarted", "connectionsNotTested")
            .await;
        let tested = program
            .post("/mandate/v1/connections/test", json!({}))
            .await;
        let results = tested["results"].as_array().unwrap();
        let ids: Vec<&str> = results
            .iter()
            .map(|one| one["id"].as_str().unwrap())
            .collect();
        assert_eq!(ids, ["own-name", "push", "name-server"]);
        assert!(results.iter().all(|one| one["isGood"] == true), "{tested}");
        let own = results[0]["ports"][0]["steps"].to_string();
        assert!(own.contains("trustedByEnrolment"), "{own}");
        around.assert_step("connections", "done", "complete").await;
        program
            .post("/v1.0/domains", json!({"id": "fabrikam.example"}))
            .await;
        around
            .assert_step("connections", "inProgress", "domainPending")
            .await;
        let verify = "/v1.0/domains/fabrikam.example/verify";
        let refused = around.refused(verify, json!({})).await;
        assert!(refused.contains("no TXT record"), "{refused}");
        let records = program
            .get("/v1.0/domains/fabrikam.example/verificationDnsRecords")
            .await;
        let proof = records["value"][0]["text"].as_str().unwrap();
        around.names.say_texts("fabrikam.example", &[proof]);
        program.post(verify, json!({})).await;
        around.assert_step("connections", "done", "complete").await;

        // 2: who manages the devices.
        around
            .assert_step("authority", "notStarted", "noAuthority")
            .await;
        let organization = program.get("/v1.0/organization").await;
        let id = organization["value"][0]["id"].as_str().unwrap();
        let path = format!("/v1.0/organization/{id}/setMobileDeviceManagementAuthority");
        program.post(&path, json!({})).await;
        around.assert_step("authority", "done", "complete").await;

        // 3 and 4: groups, and what people see.
        around.assert_step("groups", "notStarted", "noGroups").await;
        let group = json!({
            "displayName": "Everybody", "mailEnabled": false, "mailNickname": "everybody", "securityEnabled": true,
        });
        program.create("/v1.0/groups", group).await;
        around.assert_step("groups", "done", "complete").await;
        around
            .assert_step("companyPortal", "notStarted", "portalNotBranded")
            .await;
        let brand = json!({"intuneBrand": {"contactITEmailAddress": "it@contoso.com"}});
        around.patch("/v1.0/deviceManagement", brand).await;
        around
            .assert_step("companyPortal", "done", "complete")
            .await;

        // 5 and 6: a licence; and nothing is enrolled before devices trust the server, nor while it is switched off.
        let ada = program.hire("ada").await;
        around
            .assert_step("licences", "notStarted", "noLicences")
            .await;
        around
            .patch(
                &format!("/v1.0/users/{ada}"),
                json!({"usageLocation": "NL"}),
            )
            .await;
        let skus = program.get("/v1.0/subscribedSkus").await;
        let licence = json!({
            "addLicenses": [{"skuId": skus["value"][0]["skuId"], "disabledPlans": []}],
            "removeLicenses": [],
        });
        let path = format!("/v1.0/users/{ada}/assignLicense");
        program.post(&path, licence).await;
        around.assert_step("licences", "done", "complete").await;
        let link = json!({"userId": ada});
        around
            .assert_step("enrolment", "notStarted", "noPushCertificate")
            .await;
        let refused = around
            .refused("/mandate/v1/enrollmentLinks", link.clone())
            .await;
        assert!(refused.contains("push certificate"), "{refused}");
        around.store_push_certificate().await;
        around.assert_step("enrolment", "done", "complete").await;
        let early = program.link(&ada, true).await;
        around
            .patch(SETUP, json!({"platforms": {"ios": false}}))
            .await;
        let refused = around.refused("/mandate/v1/enrollmentLinks", link).await;
        assert!(refused.contains("switched"), "{refused}");
        let mut phone = program.phone();
        assert!(phone.enrol(&program.http, &early).await.is_err());
        around
            .patch(SETUP, json!({"platforms": {"ios": true}}))
            .await;

        // 7: a profile, whom it is for, and a device. A link that was refused was not used up.
        around
            .assert_step("nextSteps", "notStarted", "noProfile")
            .await;
        let profile = program
            .profile("iosEasEmailProfileConfiguration", "Mail", mail_settings())
            .await;
        around
            .assert_step("nextSteps", "inProgress", "noAssignment")
            .await;
        program.assign_to_all(&profile).await;
        around
            .assert_step("nextSteps", "inProgress", "noDevice")
            .await;
        phone.enrol(&program.http, &early).await.unwrap();
        program.settle(&mut phone).await;
        around.assert_step("nextSteps", "done", "complete").await;
    }
}

#[tokio::test]
async fn a_device_that_comes_after_its_platform_was_switched_off_stays_out() {
    for place in places().await {
        let house = crate::house::House::open(place).await;
        let ada = house.hire("ada").await;
        let link = house
            .link(Some(ada.id), mandate_model::EnrolmentType::Device)
            .await;
        let switch = async |is_on: bool| {
            let changes = [(mandate_model::Platform::Ios, is_on)];
            house
                .engine
                .enable_platforms(&house.admin, &changes)
                .await
                .unwrap();
        };
        switch(false).await;
        let mut phone = house.phone(17, 5);
        assert!(phone.enrol(&house.http, &link).await.is_err());
        assert!(!phone.is_enrolled());
        switch(true).await;
        let phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        // Whoever is in stays in, and is served.
        switch(false).await;
        let mut phone = phone;
        house.settle(&mut phone).await;
        assert!(phone.is_enrolled());
    }
}
