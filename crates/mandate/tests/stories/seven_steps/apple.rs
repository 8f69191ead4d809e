//! Apple's part of the story: a token for the server, and phones that enrol by activation and by account.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_simulator::device::Device;
use serde_json::{Value, json};

use super::Story;

const TOKENS: &str = "/beta/deviceManagement/depOnboardingSettings";

impl Story {
    /// Has Apple make a token for this server, and says what iPhones do at their activation.
    pub(super) async fn connect_apple(&self) -> String {
        let token = json!({"tokenName": "Business Manager", "appleIdentifier": "it@contoso.com"});
        let id = self.around.program.create(TOKENS, token).await;
        let path = format!("{TOKENS}/{id}");
        let key = self
            .post(&format!("{path}/generateEncryptionPublicKey"), json!({}))
            .await;
        let key = key["value"].as_str().unwrap();
        let file = self.apple.token_for(key, "2099-01-01T00:00:00Z").unwrap();
        let body = json!({"appleId": "it@contoso.com", "depToken": file});
        self.post(&format!("{path}/uploadDepToken"), body).await;
        let profile = json!({
            "@odata.type": "#microsoft.graph.depIOSEnrollmentProfile", "displayName": "Company iPhones",
            "requiresUserAuthentication": true, "configurationWebUrl": true, "supervisedModeEnabled": true,
            "waitForDeviceConfiguredConfirmation": true,
        });
        let profiles = format!("{path}/enrollmentProfiles");
        let profile = self.around.program.create(&profiles, profile).await;
        self.post(
            &format!("{profiles}/{profile}/setDefaultProfile"),
            json!({}),
        )
        .await;
        path
    }

    /// A phone of the organisation, signed in at by somebody while it is set up.
    pub(super) async fn activate(&self, token: &str, name: &str, mut phone: Device) -> Device {
        let serial = phone.state().serial.clone();
        self.apple.sell(&serial, "iPhone");
        let sync = format!("{token}/syncWithAppleDeviceEnrollmentProgram");
        self.post(&sync, json!({})).await;
        let activation = self.until(token, |_| self.apple.activation(&serial)).await;
        let factory = self.apple.device_identity(phone.udid()).unwrap();
        let view = self.around.program.browser();
        let info = STANDARD.encode(phone.machine_info(&factory).unwrap());
        let address = activation["configuration_web_url"].as_str().unwrap();
        let first = view.get_with(address, ("x-apple-aspen-deviceinfo", &info));
        let sign_in = first.await.leads_to.unwrap();
        let (upn, password) = (self.source.upn(name), self.source.password_of(name));
        let last = view.sign_in(&sign_in, (&upn, &password)).await;
        let place = last.leads_to.unwrap_or_else(|| panic!("{}", last.body));
        let (status, profile) = view.fetch(&place).await;
        assert_eq!(status, 200);
        let http = &self.around.program.http;
        let enrolled = phone.enrol_at_activation(http, &activation, &profile);
        enrolled.await.unwrap();
        phone
    }

    /// Somebody's own phone, into whose settings they type their account.
    pub(super) async fn enrol_by_account(&self, name: &str, mut phone: Device) -> Device {
        let program = &self.around.program;
        let (upn, password) = (self.source.upn(name), self.source.password_of(name));
        let url = format!(
            "{}/.well-known/com.apple.remotemanagement?user-identifier={upn}&model-family=iPhone",
            program.url
        );
        let found = program.http.fetch(&url).await.unwrap();
        let found: Value = serde_json::from_slice(&found.body).unwrap();
        assert_eq!(found["Servers"][0]["Version"], "mdm-byod", "{found}");
        let server = found["Servers"][0]["BaseURL"].as_str().unwrap();
        let factory = self.apple.device_identity(phone.udid()).unwrap();
        let asked = phone.ask_where_to_sign_in(&program.http, server, &factory);
        let wanted = format!("{}?user-identifier={upn}", asked.await.unwrap());
        let page = program.browser().sign_in(&wanted, (&upn, &password)).await;
        let place = page.leads_to.unwrap_or_else(|| panic!("{}", page.body));
        let (_, token) = place.split_once("access-token=").unwrap();
        let enrolled = phone.enrol_with_sign_in(&program.http, server, (&factory, token));
        enrolled.await.unwrap();
        phone
    }
}
