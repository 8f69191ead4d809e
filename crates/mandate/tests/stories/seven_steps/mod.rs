//! From an empty data directory to mail on three phones, as a program sets it up: the real server in a process of its own,
//! and nothing but the API. People, groups and passwords are in a directory; the phones enrol by activation, by account and
//! by link.

mod apple;
mod source;

use mandate_engine::{Clock as _, SystemClock};
use mandate_simulator::apple_service::AppleService;
use mandate_simulator::device::{Device, Model, OsVersion};
use mandate_simulator::keys::KeyPool;
use mandate_simulator::name_server::Saying;
use serde_json::{Value, json};
use tokio::time::{Duration, timeout};

use crate::house::{Place, mail_settings, places};
use crate::setup::Surroundings;
use source::Source;

const DIRECTORY: &str = "/mandate/v1/directories/corp";
const STEPS: [&str; 7] = [
    "connections",
    "authority",
    "groups",
    "companyPortal",
    "licences",
    "enrolment",
    "nextSteps",
];
/// How long a busy machine may take for what the server does by itself.
const PATIENCE: Duration = Duration::from_mins(2);

/// An organisation with a directory, and Apple's service.
struct Story {
    around: Surroundings,
    apple: AppleService,
    source: Source,
}

impl Story {
    async fn begin(place: Place, source: Source) -> Self {
        let now = || SystemClock.now().unix_seconds();
        let apple = AppleService::start(&KeyPool::shared(), now).await.unwrap();
        let files = tempfile::tempdir().unwrap();
        let authorities = files.path().join("apple.pem");
        std::fs::write(&authorities, apple.device_authority_pem()).unwrap();
        let more = format!(
            "apple_device_authorities = \"{}\"\napple_enrolment_service = \"{}\"\naccount_driven_enrolment = \"byod\"\n",
            authorities.display(),
            apple.url()
        );
        let mut around = Surroundings::start_with(place, &more).await;
        around.program.take_every_permission().await;
        Self {
            around,
            apple,
            source,
        }
    }

    async fn get(&self, path: &str) -> Value {
        self.around.program.get(path).await
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        self.around.program.post(path, body).await
    }

    async fn done(&self, step: &str) {
        self.around.assert_step(step, "done", "complete").await;
    }

    /// Asks again until something is so.
    async fn until<T>(&self, path: &str, is_so: impl Fn(&Value) -> Option<T>) -> T {
        let asking = async {
            loop {
                if let Some(found) = is_so(&self.get(path).await) {
                    return found;
                }
                tokio::task::yield_now().await;
            }
        };
        let found = timeout(PATIENCE, asking).await;
        found.unwrap_or_else(|_| panic!("{path} does not come to what is waited for"))
    }

    /// Tests all connections that there are.
    async fn test_connections(&self) -> Vec<String> {
        let tested = self.post("/mandate/v1/connections/test", json!({})).await;
        let results = tested["results"].as_array().unwrap().clone();
        assert!(results.iter().all(|one| one["isGood"] == true), "{tested}");
        let ids = results.iter().map(|one| one["id"].as_str().unwrap());
        ids.map(str::to_owned).collect()
    }

    /// Adds a domain, and proves it.
    async fn prove_domain(&self, domain: &str) {
        self.post("/v1.0/domains", json!({ "id": domain })).await;
        let pending = self.around.step("connections").await;
        assert_eq!(pending.1, "domainPending");
        let path = format!("/v1.0/domains/{domain}/verificationDnsRecords");
        let records = self.get(&path).await;
        let proof = records["value"][0]["text"].as_str().unwrap();
        self.around.names.say_texts(domain, &[proof]);
        self.post(&format!("/v1.0/domains/{domain}/verify"), json!({}))
            .await;
        // Where Windows looks for the server.
        let path = format!("/v1.0/domains/{domain}/serviceConfigurationRecords");
        let records = self.get(&path).await;
        let record = &records["value"][0];
        let (label, here) = (&record["label"], &record["canonicalName"]);
        let alias = Saying::Alias(here.as_str().unwrap().to_owned());
        self.around.names.say(label.as_str().unwrap(), alias);
        let path = format!("/mandate/v1/domains/{domain}/discovery");
        let found = self.post(&path, json!({})).await;
        assert_eq!(found["state"], "right", "{found}");
    }

    /// Has people and groups read from the directory, and people sign in with its passwords.
    async fn connect_directory(&self) {
        let (directory, provider) = (&self.source.directory, &self.source.provider);
        self.post("/mandate/v1/directories", directory.clone())
            .await;
        let tried = self.post(&format!("{DIRECTORY}/test"), json!({})).await;
        let steps = tried["value"].as_array().unwrap();
        assert!(steps.iter().all(|step| step["good"] == true), "{tried}");
        let run = self
            .until(DIRECTORY, |directory| {
                let status = &directory["status"];
                let is_over = status["lastSuccessDateTime"].is_string();
                assert_eq!(status["lastRun"]["failure"], Value::Null, "{directory}");
                is_over.then(|| status["lastRun"].clone())
            })
            .await;
        assert_eq!(run["people"]["created"], 3, "{run}");
        let ready = self.get(&format!("{DIRECTORY}/readiness")).await;
        assert_eq!(
            ready["suffixes"][0]["domain"], self.source.suffix,
            "{ready}"
        );
        assert_eq!(ready["suffixes"][0]["isVerified"], true, "{ready}");
        let made = self.post("/mandate/v1/identityProviders", provider.clone());
        made.await;
    }

    async fn person(&self, name: &str) -> String {
        let path = format!("/v1.0/users/{}", self.source.upn(name));
        self.get(&path).await["id"].as_str().unwrap().to_owned()
    }

    async fn give_licence(&self, group: &str) {
        let skus = self.get("/v1.0/subscribedSkus").await;
        let body = json!({
            "addLicenses": [{"skuId": skus["value"][0]["skuId"], "disabledPlans": []}], "removeLicenses": [],
        });
        self.post(&format!("/v1.0/groups/{group}/assignLicense"), body)
            .await;
    }

    /// Makes a mail profile for groups, and looks at what it will do.
    async fn mail_for(&self, groups: [&str; 2]) -> String {
        let mut settings = mail_settings();
        settings["usernameAADSource"] = json!("samAccountName");
        settings["userDomainNameSource"] = json!("netBiosDomainName");
        let kind = "iosEasEmailProfileConfiguration";
        let mail = self.around.program.profile(kind, "Mail", settings).await;
        let target = |group: &str| json!({"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": group}});
        let assignments = groups.map(target);
        let plan = json!({"profileId": mail, "assignments": assignments});
        let plan = self.post("/mandate/v1/plan", plan).await;
        assert_eq!(plan["lacking"], json!([]), "{plan}");
        let path = format!("/beta/deviceManagement/deviceConfigurations/{mail}/assign");
        self.post(&path, json!({ "assignments": assignments }))
            .await;
        mail
    }
}

fn phone(seed: u64) -> Device {
    let keys = KeyPool::shared();
    Device::new(seed, Model::IPhone, OsVersion::new(18, 1), &keys)
}

/// The seven steps, three ways to enrol, and mail by the names of the directory.
async fn seven_steps(place: Place, source: Source) {
    let story = Story::begin(place, source).await;
    let (around, program) = (&story.around, &story.around.program);
    for step in STEPS {
        assert_eq!(around.step(step).await.0, "notStarted", "{step}");
    }

    // 1: connections and domains.
    story.test_connections().await;
    story.done("connections").await;
    let domain = match story.source.suffix {
        "contoso.com" => "fabrikam.example",
        other => other,
    };
    story.prove_domain(domain).await;
    story.done("connections").await;
    story.connect_directory().await;
    let cause = around.step("connections").await.1;
    assert_eq!(cause, "connectionsNotAllTested");
    let tested = story.test_connections().await;
    for id in ["people:corp", "directory:corp"] {
        assert!(tested.iter().any(|one| one == id), "{tested:?}");
    }
    story.done("connections").await;

    // 2: who manages the devices.
    let organization = story.get("/v1.0/organization").await;
    let id = organization["value"][0]["id"].as_str().unwrap();
    let path = format!("/v1.0/organization/{id}/setMobileDeviceManagementAuthority");
    story.post(&path, json!({})).await;
    story.done("authority").await;

    // 3: groups, one from the directory and one by a rule.
    let found = story
        .get("/v1.0/groups?$filter=displayName%20eq%20'Sales'")
        .await;
    let sales = found["value"][0]["id"].as_str().unwrap();
    let rule = json!({
        "displayName": "Guests", "mailEnabled": false, "mailNickname": "guests", "securityEnabled": true,
        "groupTypes": ["DynamicMembership"], "membershipRuleProcessingState": "On",
        "membershipRule": "user.givenName -eq \"eve\"",
    });
    let guests = program.create("/v1.0/groups", rule).await;
    let eve = story.person("eve").await;
    let members = format!("/v1.0/groups/{guests}/members");
    let is_in = |members: &Value| (members["value"][0]["id"] == eve).then_some(());
    story.until(&members, is_in).await;
    story.done("groups").await;

    // 4: what people see.
    let brand = json!({"intuneBrand": {"displayName": "Contoso", "contactITEmailAddress": "it@contoso.com"}});
    around.patch("/v1.0/deviceManagement", brand).await;
    story.done("companyPortal").await;

    // 5: licences, for one of the groups.
    story.give_licence(sales).await;
    story.done("licences").await;

    // 6: the push certificate, Apple's token, and the platform.
    around.store_push_certificate().await;
    let platforms = json!({"platforms": {"ios": true, "macOS": false}});
    around.patch("/mandate/v1/setup", platforms).await;
    let token = story.connect_apple().await;
    story.done("enrolment").await;

    // 7: mail, and three phones.
    let mail = story.mail_for([sales, &guests]).await;
    let mut eves = phone(9003);
    let link = program.link(&eve, true).await;
    let refused = eves.enrol(&program.http, &link).await.unwrap_err();
    assert!(
        format!("{refused:?}").contains("has no licence"),
        "{refused:?}"
    );
    story.give_licence(&guests).await;
    eves.enrol(&program.http, &link).await.unwrap();
    let adas = story.activate(&token, "ada", phone(9001)).await;
    let bobs = story.enrol_by_account("bob", phone(9002)).await;
    for (name, mut phone) in [("ada", adas), ("bob", bobs), ("eve", eves)] {
        program.settle(&mut phone).await;
        let account = &phone.mail_accounts()[0].settings;
        let user_name = format!("{}\\{name}", story.source.net_bios);
        assert_eq!(account.user_name, user_name);
        assert_eq!(account.address, story.source.upn(name));
    }
    let states = program.states(&mail).await;
    assert_eq!(states.len(), 3, "{states:?}");
    for state in states {
        assert_eq!(state["state"], "succeeded", "{state}");
    }
    for step in STEPS {
        story.done(step).await;
    }
    let list = story.get("/v1.0/deviceManagement/managedDevices").await;
    let mut owners: Vec<_> = list["value"].as_array().unwrap().iter().collect();
    owners.sort_by_key(|device| device["userPrincipalName"].to_string());
    let owners: Vec<_> = owners
        .iter()
        .map(|device| device["managedDeviceOwnerType"].as_str().unwrap())
        .collect();
    assert_eq!(owners[..2], ["company", "personal"], "{list}");
}

#[tokio::test]
async fn from_nothing_to_mail_with_the_people_of_a_domain_controller() {
    if let Some(source) = Source::samba() {
        let place = places().await.remove(0);
        seven_steps(place, source).await;
    }
}

#[tokio::test]
async fn from_nothing_to_mail_with_the_people_of_openldap() {
    for place in places().await {
        if let Some(source) = Source::openldap().await {
            seven_steps(place, source).await;
        }
    }
}
