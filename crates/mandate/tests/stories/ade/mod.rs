//! Devices that enrol by themselves: Apple says that they are ours, and what they are to do.

mod lists;

use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_engine::{
    AdeLimits, AdeOptions, NewAdeProfile, NewPassword, Options, Page as EnginePage,
};
use mandate_model::{Member, Ownership, Platform, State, Timestamp, User};
use mandate_simulator::apple_service::AppleService;
use mandate_simulator::device::{Device, DeviceError};
use mandate_simulator::keys::KeyPool;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::house::{Browser, HandClock, House, Page, Place, places};

const PASSWORD: &str = "correct horse battery";

/// A house that Apple knows.
struct Organisation {
    house: House,
    apple: AppleService,
    token: Uuid,
}

impl Organisation {
    async fn open(place: Place) -> Self {
        Self::open_limited(place, AdeLimits::default()).await
    }

    async fn open_limited(place: Place, limits: AdeLimits) -> Self {
        let clock: Arc<OnceLock<Arc<HandClock>>> = Arc::default();
        let seen = clock.clone();
        let now = move || match seen.get() {
            Some(clock) => clock.unix_seconds(),
            None => HandClock::default().unix_seconds(),
        };
        let apple = AppleService::start(&KeyPool::shared(), now).await.unwrap();
        let options = Options {
            ade: AdeOptions {
                service: apple.url(),
                device_authorities: apple.device_authority_pem(),
                limits,
                ..AdeOptions::default()
            },
            ..Options::default()
        };
        let house = House::open_with(place, options).await;
        clock.set(house.clock.clone()).unwrap();
        let token = house
            .engine
            .create_ade_token(&house.admin, "Business Manager", Some("it@contoso.com"))
            .await
            .unwrap();
        let organisation = Self {
            token: token.id,
            house,
            apple,
        };
        organisation.renew_token("2027-11-01T00:00:00Z").await;
        organisation
    }

    /// Takes a new certificate to Apple and a token back.
    async fn renew_token(&self, until: &str) {
        let (engine, admin) = (&self.house.engine, &self.house.admin);
        let certificate = engine
            .ade_certificate(admin, self.token, true)
            .await
            .unwrap();
        let file = self.apple.token_for(&certificate, until).unwrap();
        engine
            .upload_ade_token(admin, self.token, (&file, None))
            .await
            .unwrap();
    }

    /// Lets the background do what is due.
    async fn synchronise(&self) {
        for _ in 0..50 {
            if !self.house.engine.synchronise_ade().await.unwrap() {
                return;
            }
        }
        panic!("synchronising does not come to rest");
    }

    async fn ask_to_synchronise(&self) {
        let (engine, admin) = (&self.house.engine, &self.house.admin);
        engine.sync_ade_token(admin, self.token).await.unwrap();
        self.synchronise().await;
    }

    async fn problem(&self) -> (String, i64) {
        let (engine, admin) = (&self.house.engine, &self.house.admin);
        let token = engine.find_ade_token(admin, self.token).await.unwrap();
        let token = token.unwrap();
        (token.problem, token.problem_code)
    }

    /// Serial numbers of devices that are ours, with whether Apple has given each a profile.
    async fn devices(&self) -> Vec<(String, bool)> {
        let (engine, admin) = (&self.house.engine, &self.house.admin);
        let devices = engine
            .list_ade_devices(admin, self.token, "", (None, 1_000))
            .await
            .unwrap();
        let ours = devices.into_iter().filter(|device| !device.is_deleted);
        ours.map(|device| (device.serial, device.is_assigned))
            .collect()
    }

    /// A profile that all iPhones get by default.
    async fn default_profile(&self, settings: Value) -> Uuid {
        let (engine, admin) = (&self.house.engine, &self.house.admin);
        let new = NewAdeProfile {
            platform: Platform::Ios,
            name: "Company iPhones".to_owned(),
            description: String::new(),
            settings: settings.as_object().unwrap().clone(),
        };
        let profile = engine
            .create_ade_profile(admin, self.token, new)
            .await
            .unwrap();
        engine
            .set_default_ade_profile(admin, self.token, profile.id)
            .await
            .unwrap();
        profile.id
    }

    /// A phone that the organisation bought, and that Apple has a profile for.
    async fn buy(&self) -> (Device, Value) {
        let phone = self.house.phone(18, 1);
        self.apple.sell(&phone.state().serial, "iPhone");
        self.ask_to_synchronise().await;
        let activation = self.apple.activation(&phone.state().serial).unwrap();
        (phone, activation)
    }

    async fn hire(&self, name: &str) -> User {
        let user = self.house.hire(name).await;
        let password = NewPassword {
            text: PASSWORD.to_owned().into(),
            must_change: false,
        };
        let (engine, admin) = (&self.house.engine, &self.house.admin);
        engine
            .set_password(admin, user.id, &password)
            .await
            .unwrap();
        user
    }
}

/// Somebody signs in on the way to a page, and comes back to it; the last page before the profile.
async fn sign_in(browser: &Browser, wanted: &str, name: &str) -> Page {
    let name = format!("{name}@contoso.com");
    browser.sign_in(wanted, (&name, PASSWORD)).await
}

/// What the web view of a phone sends along with its first request.
fn device_info(organisation: &Organisation, phone: &Device) -> String {
    let factory = organisation.apple.device_identity(phone.udid()).unwrap();
    STANDARD.encode(phone.machine_info(&factory).unwrap())
}

fn refused(error: &DeviceError, status: u16) -> bool {
    matches!(error, DeviceError::Link { status: was, .. } if *was == status)
}

#[tokio::test]
async fn an_iphone_enrols_by_itself_for_the_person_who_signs_in_at_it() {
    for place in places().await {
        let organisation = Organisation::open(place).await;
        let house = &organisation.house;
        let ada = organisation.hire("ada").await;
        let mail = house.mail_profile("Mail").await;
        let staff = house.group("staff", vec![Member::User(ada.id)]).await;
        house.assign(mail.id, &[staff.id]).await;
        organisation
            .default_profile(json!({
                "requiresUserAuthentication": true, "configurationWebUrl": true, "supervisedModeEnabled": true,
                "profileRemovalDisabled": true, "waitForDeviceConfiguredConfirmation": true, "siriDisabled": true,
            }))
            .await;
        let (mut phone, activation) = organisation.buy().await;
        assert_eq!(activation["skip_setup_items"], json!(["Siri"]));
        assert_eq!(activation["is_mdm_removable"], false);
        assert!(!activation["anchor_certs"].as_array().unwrap().is_empty());

        // Without a sign-in it gets nothing.
        let factory = organisation.apple.device_identity(phone.udid()).unwrap();
        let mut hasty = phone.clone();
        let error = hasty
            .activate(&house.http, &activation, &factory)
            .await
            .unwrap_err();
        assert!(refused(&error, 403), "{error}");

        let view = Browser::new();
        let address = activation["configuration_web_url"].as_str().unwrap();
        let info = device_info(&organisation, &phone);
        let first = view
            .get_with(address, ("x-apple-aspen-deviceinfo", &info))
            .await;
        assert_eq!(first.status, 303, "{}", first.body);
        let second = first.leads_to.unwrap();
        let last = sign_in(&view, &second, "ada").await;
        let profile = last.leads_to.unwrap();

        // Another browser that learns the address gets nothing, and no profile is had without the sign-in.
        assert_eq!(Browser::new().fetch(&profile).await.0, 403);
        // The answer may get lost: it is given again, with a challenge of its own.
        let (status, missed) = view.fetch(&profile).await;
        assert_eq!(status, 200);
        let (status, profile) = view.fetch(&profile).await;
        assert_eq!(status, 200);

        // Nobody else's phone comes with it.
        let mut other = house.phone(18, 1);
        let error = other
            .enrol_at_activation(&house.http, &activation, &missed)
            .await
            .unwrap_err();
        assert!(
            matches!(error, DeviceError::Refused { status: 403, .. }),
            "{error}"
        );

        phone
            .enrol_at_activation(&house.http, &activation, &profile)
            .await
            .unwrap();
        assert!(phone.state().awaiting_configuration);
        let commands = house.settle(&mut phone).await;
        let place = |name: &str| commands.iter().position(|command| command == name);
        assert!(
            place("InstallProfile") < place("DeviceConfigured"),
            "{commands:?}"
        );
        assert!(!phone.state().awaiting_configuration);
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));

        let id = house.device_of(&phone).await;
        let device = house
            .engine
            .find_device(&house.admin, id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(device.device.user_id, Some(ada.id));
        assert_eq!(device.device.ownership, Ownership::Company);
        assert_eq!(device.device.facts.is_supervised, Some(true));
        let token = organisation.token;
        let known = house
            .engine
            .find_ade_device(&house.admin, token, &phone.state().serial)
            .await
            .unwrap()
            .unwrap();
        assert!(known.is_enrolled && known.contacted_at.is_some());
    }
}

#[tokio::test]
async fn a_device_proves_what_it_is_before_it_gets_anything() {
    for place in places().await {
        let organisation = Organisation::open(place).await;
        let house = &organisation.house;
        organisation
            .default_profile(json!({"supervisedModeEnabled": true}))
            .await;
        let (mut phone, activation) = organisation.buy().await;
        let factory = organisation.apple.device_identity(phone.udid()).unwrap();

        // One that Apple does not say is ours.
        let mut stranger = house.phone(18, 1);
        let made_by_apple = organisation.apple.device_identity(stranger.udid()).unwrap();
        let error = stranger
            .activate(&house.http, &activation, &made_by_apple)
            .await
            .unwrap_err();
        assert!(refused(&error, 403), "{error}");
        // One that only says so: another maker's authority.
        let elsewhere = AppleService::start(&KeyPool::generate(4).unwrap(), || 1_795_248_000)
            .await
            .unwrap();
        let forged = elsewhere.device_identity(phone.udid()).unwrap();
        let error = phone
            .clone()
            .activate(&house.http, &activation, &forged)
            .await
            .unwrap_err();
        assert!(refused(&error, 403), "{error}");
        // A profile that does not exist.
        let mut wrong = activation.clone();
        wrong["url"] = json!(format!("{}/apple/ade/{}", house.url, Uuid::from_u128(7)));
        let error = phone
            .clone()
            .activate(&house.http, &wrong, &factory)
            .await
            .unwrap_err();
        assert!(refused(&error, 404), "{error}");

        // Without a person, and supervised.
        phone
            .activate(&house.http, &activation, &factory)
            .await
            .unwrap();
        house.settle(&mut phone).await;
        let id = house.device_of(&phone).await;
        let device = house
            .engine
            .find_device(&house.admin, id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(device.device.user_id, None);
        assert_eq!(device.device.ownership, Ownership::Company);

        // A phone that was sold is ours no more.
        organisation.apple.release(&phone.state().serial);
        organisation.ask_to_synchronise().await;
        assert!(organisation.devices().await.is_empty());
        let error = phone
            .activate(&house.http, &activation, &factory)
            .await
            .unwrap_err();
        assert!(refused(&error, 403), "{error}");
    }
}

#[tokio::test]
async fn somebody_who_follows_a_link_enrols_nobody_elses_phone() {
    for place in places().await {
        let organisation = Organisation::open(place).await;
        organisation.hire("ada").await;
        organisation
            .default_profile(json!({"requiresUserAuthentication": true}))
            .await;
        let (phone, activation) = organisation.buy().await;
        let address = activation["configuration_web_url"].as_str().unwrap();
        // A browser cannot say which device it is.
        assert_eq!(Browser::new().get(address).await.status, 403);
        for nothing in ["", "AAAA", "*"] {
            let page = Browser::new()
                .get_with(address, ("x-apple-aspen-deviceinfo", nothing))
                .await;
            assert!(
                [400, 403].contains(&page.status),
                "{nothing}: {}",
                page.status
            );
        }
        let view = Browser::new();
        let info = device_info(&organisation, &phone);
        let first = view
            .get_with(address, ("x-apple-aspen-deviceinfo", &info))
            .await;
        // Ada gets the address of the second step by mail, and is signed in elsewhere.
        let second = first.leads_to.clone().unwrap();
        let adas = Browser::new();
        let page = sign_in(&adas, &second, "ada").await;
        assert_eq!(page.status, 409, "{}", page.body);
        // The phone still has no profile.
        let profile = format!("{}/profile", address.trim_end_matches("/sign-in"));
        assert_eq!(view.fetch(&profile).await.0, 403);
        // Half an hour later the time is over.
        organisation.house.clock.forward(31 * Timestamp::MINUTE);
        let page = sign_in(&view, &second, "ada").await;
        assert_eq!(page.status, 409, "{}", page.body);
    }
}

#[tokio::test]
async fn devices_come_and_go_as_apple_says() {
    for place in places().await {
        let mut organisation = Organisation::open(place).await;
        organisation.apple.set_page(2);
        for serial in ["C1", "C2", "C3", "C4", "C5"] {
            organisation.apple.sell(serial, "iPhone");
        }
        organisation.apple.sell("M1", "Mac");
        organisation.synchronise().await;
        assert_eq!(organisation.devices().await.len(), 6);
        assert_eq!(organisation.apple.times_asked("/server/devices"), 3);
        assert_eq!(organisation.problem().await, (String::new(), 0));

        // Only what has changed is asked for, and a restart loses nothing.
        organisation.default_profile(json!({})).await;
        organisation.house.restart().await;
        organisation.apple.sell("C6", "iPad");
        organisation.apple.release("C1");
        organisation.ask_to_synchronise().await;
        let devices = organisation.devices().await;
        assert_eq!(devices.len(), 6);
        assert!(
            devices
                .iter()
                .all(|(serial, has)| *has == serial.starts_with('C')),
            "{devices:?}"
        );
        assert_eq!(organisation.apple.times_asked("/server/devices"), 3);

        // A cursor that Apple does not know any more, or that is too old, means everything.
        organisation.apple.forget_cursors();
        organisation.apple.release("C2");
        organisation.ask_to_synchronise().await;
        assert_eq!(organisation.devices().await.len(), 5);
        assert_eq!(organisation.apple.times_asked("/server/devices"), 6);
        organisation.house.clock.forward_days(8);
        organisation.apple.release("C3");
        organisation.synchronise().await;
        assert_eq!(organisation.devices().await.len(), 4);
        assert_eq!(organisation.problem().await, (String::new(), 0));
    }
}

#[tokio::test]
async fn what_apple_refuses_is_said_and_tried_again() {
    for place in places().await {
        let organisation = Organisation::open(place).await;
        let apple = &organisation.apple;
        apple.sell("C1", "iPhone");
        organisation.synchronise().await;

        // A session that ended is replaced, unseen.
        apple.end_sessions();
        organisation.ask_to_synchronise().await;
        assert_eq!(organisation.problem().await, (String::new(), 0));

        // The whole token stalls until somebody agrees to the terms.
        apple.set_terms_agreed(false);
        organisation.ask_to_synchronise().await;
        assert_eq!(
            organisation.problem().await,
            ("T_C_NOT_SIGNED".to_owned(), 403)
        );
        apple.set_terms_agreed(true);
        organisation.synchronise().await;
        assert_eq!(organisation.problem().await.1, 403, "not before its time");
        organisation.house.clock.forward(61 * Timestamp::MINUTE);
        organisation.synchronise().await;
        assert_eq!(organisation.problem().await, (String::new(), 0));

        // Apple's pause is kept.
        for (status, word) in [(429, "TOO_MANY_REQUESTS"), (503, "SERVICE_UNAVAILABLE")] {
            apple.trouble(status, "", Some(90));
            organisation.ask_to_synchronise().await;
            assert_eq!(
                organisation.problem().await,
                (word.to_owned(), i64::from(status))
            );
            organisation.house.clock.forward(80 * Timestamp::SECOND);
            let asked = apple.times_asked("/devices/sync");
            organisation.synchronise().await;
            assert_eq!(apple.times_asked("/devices/sync"), asked);
            organisation.house.clock.forward(20 * Timestamp::SECOND);
            organisation.synchronise().await;
            assert_eq!(organisation.problem().await, (String::new(), 0));
        }

        // A device whose assignment is throttled gets it later.
        apple.set_outcome("C1", "THROTTLED");
        organisation.default_profile(json!({})).await;
        organisation.synchronise().await;
        assert_eq!(organisation.devices().await, [("C1".to_owned(), false)]);
        apple.set_outcome("C1", "SUCCESS");
        organisation.house.clock.forward(31 * Timestamp::MINUTE);
        organisation.synchronise().await;
        assert_eq!(organisation.devices().await, [("C1".to_owned(), true)]);

        // A token that has ended asks nobody; its successor goes on.
        organisation.house.clock.forward_days(400);
        let asked = apple.times_asked("/session");
        organisation.synchronise().await;
        assert_eq!(organisation.problem().await.0, "tokenExpired");
        assert_eq!(apple.times_asked("/session"), asked);
        organisation.renew_token("2029-01-01T00:00:00Z").await;
        organisation.synchronise().await;
        assert_eq!(organisation.problem().await, (String::new(), 0));
        assert_eq!(organisation.devices().await, [("C1".to_owned(), true)]);
    }
}

#[tokio::test]
async fn no_two_synchronise_one_token_at_once() {
    for place in places().await {
        let organisation = Organisation::open(place).await;
        organisation.apple.sell("C1", "iPhone");
        let engine = &organisation.house.engine;
        let all = tokio::join!(
            engine.synchronise_ade(),
            engine.synchronise_ade(),
            engine.synchronise_ade(),
        );
        for outcome in [all.0, all.1, all.2] {
            outcome.unwrap();
        }
        assert_eq!(organisation.apple.times_asked("/server/devices"), 1);
        assert_eq!(organisation.devices().await.len(), 1);
    }
}

#[tokio::test]
async fn a_token_of_somebody_else_or_of_yesterday_is_not_taken() {
    for place in places().await {
        let organisation = Organisation::open(place).await;
        let (engine, admin) = (&organisation.house.engine, &organisation.house.admin);
        let token = organisation.token;
        let certificate = engine.ade_certificate(admin, token, false).await.unwrap();
        let other = engine
            .create_ade_token(admin, "School Manager", None)
            .await
            .unwrap();
        let others = engine.ade_certificate(admin, other.id, true).await.unwrap();
        let good = "2027-11-01T00:00:00Z";
        let file = |certificate: &str, until: &str| {
            organisation.apple.token_for(certificate, until).unwrap()
        };
        for wrong in [
            String::new(),
            "moon".to_owned(),
            "A".repeat(70_000),
            file(&others, good),
            file(&certificate, "2026-11-20T00:00:00Z"),
        ] {
            let outcome = engine.upload_ade_token(admin, token, (&wrong, None)).await;
            assert!(outcome.is_err(), "{}", wrong.get(..40).unwrap_or(&wrong));
        }
        engine
            .upload_ade_token(admin, token, (&file(&certificate, good), None))
            .await
            .unwrap();
        let all = engine
            .list_ade_tokens(admin, EnginePage::first(10))
            .await
            .unwrap();
        assert_eq!(all.len(), 2);
        engine.delete_ade_token(admin, token).await.unwrap();
        assert!(engine.find_ade_token(admin, token).await.unwrap().is_none());
    }
}
