//! Whose devices are: giving them up, bringing others, and how many there may be.

use mandate_engine::{
    AdeDevice, AdeImportOutcome, AdeLimits, EngineError, NewAdeDevice, NewAdeProfile,
};
use mandate_model::{Ownership, Platform, Timestamp};
use serde_json::{Map, json};

use super::{Organisation, refused};
use crate::house::places;

impl Organisation {
    async fn give_up(&self, serials: &[&str]) -> Result<(), EngineError> {
        let serials: Vec<String> = serials.iter().map(|&serial| serial.to_owned()).collect();
        let (engine, admin) = (&self.house.engine, &self.house.admin);
        engine
            .release_ade_devices(admin, self.token, &serials)
            .await
    }

    async fn known(&self, serial: &str) -> AdeDevice {
        let (engine, admin) = (&self.house.engine, &self.house.admin);
        let found = engine.find_ade_device(admin, self.token, serial).await;
        found.unwrap().unwrap()
    }

    async fn serials(&self) -> Vec<String> {
        let devices = self.devices().await.into_iter();
        devices.map(|(serial, _)| serial).collect()
    }
}

#[tokio::test]
async fn a_released_device_is_apples_to_forget() {
    for place in places().await {
        let mut organisation = Organisation::open(place).await;
        for serial in ["C1", "C2"] {
            organisation.apple.sell(serial, "iPhone");
        }
        organisation.synchronise().await;
        for wrong in [&[][..], &["C1", "UNKNOWN"], &["C1", "a/b"]] {
            let error = organisation.give_up(wrong).await.unwrap_err();
            assert!(matches!(error, EngineError::Invalid(_)), "{error}");
        }
        assert_eq!(
            organisation.known("C1").await.release_at,
            None,
            "all or none"
        );

        // The message gets lost, and the server is restarted: it is told again.
        organisation.apple.trouble(503, "", Some(90));
        organisation.give_up(&["c1"]).await.unwrap();
        organisation.synchronise().await;
        assert_eq!(organisation.problem().await.1, 503);
        assert!(organisation.known("C1").await.release_at.is_some());
        organisation.house.restart().await;
        organisation.house.clock.forward(100 * Timestamp::SECOND);
        organisation.synchronise().await;
        assert_eq!(organisation.serials().await, ["C2"]);
        assert_eq!(organisation.apple.times_asked("/devices/disown"), 1);
        organisation.give_up(&["C1"]).await.unwrap_err();
        assert_eq!(organisation.problem().await, (String::new(), 0));
    }
}

#[tokio::test]
async fn what_apple_does_not_release_within_a_day_is_left_alone() {
    for place in places().await {
        let organisation = Organisation::open(place).await;
        let (apple, house) = (&organisation.apple, &organisation.house);
        apple.sell("C1", "iPhone");
        organisation.synchronise().await;
        apple.set_outcome("C1", "FAILED");
        organisation.give_up(&["C1"]).await.unwrap();
        organisation.synchronise().await;
        assert_eq!(organisation.known("C1").await.problem, "FAILED");
        apple.set_outcome("C1", "SUCCESS");
        house.clock.forward_days(2);
        organisation.synchronise().await;
        assert_eq!(organisation.serials().await, ["C1"]);
        assert_eq!(apple.times_asked("/devices/disown"), 1);
        organisation.give_up(&["C1"]).await.unwrap();
        organisation.synchronise().await;
        assert!(organisation.serials().await.is_empty());
        // Without a token that counts nobody is asked for what would happen a year later.
        apple.sell("C2", "iPhone");
        organisation.ask_to_synchronise().await;
        house.clock.forward_days(400);
        let error = organisation.give_up(&["C2"]).await.unwrap_err();
        assert!(matches!(error, EngineError::NotPossible { .. }), "{error}");
    }
}

#[tokio::test]
async fn an_imported_device_enrols_at_the_address_of_its_profile() {
    for place in places().await {
        let organisation = Organisation::open(place).await;
        let (engine, admin) = (&organisation.house.engine, &organisation.house.admin);
        let house = &organisation.house;
        let profile = organisation
            .default_profile(json!({"supervisedModeEnabled": true}))
            .await;
        organisation.apple.sell("C1", "iPhone");
        organisation.synchronise().await;
        let found = engine.find_ade_profile(admin, organisation.token, profile);
        let activation = json!({"url": found.await.unwrap().unwrap().url});
        let mut phone = house.phone(18, 1);
        let factory = organisation.apple.device_identity(phone.udid()).unwrap();
        let error = phone
            .activate(&house.http, &activation, &factory)
            .await
            .unwrap_err();
        assert!(refused(&error, 403), "{error}");

        let new = |serial: &str| NewAdeDevice {
            serial: serial.to_owned(),
            platform: Some(Platform::Ios),
            ..NewAdeDevice::default()
        };
        let devices = [new(&phone.state().serial), new("a b"), new("C1")];
        let outcomes = engine
            .import_ade_devices(admin, (organisation.token, false), &devices)
            .await
            .unwrap();
        let [
            AdeImportOutcome::Taken(taken),
            AdeImportOutcome::Wrong(_),
            AdeImportOutcome::Known(known),
        ] = &outcomes[..]
        else {
            panic!("{outcomes:?}");
        };
        assert!(taken.is_imported && !known.is_imported);
        assert_eq!(taken.profile, Some(profile));

        phone
            .activate(&house.http, &activation, &factory)
            .await
            .unwrap();
        house.settle(&mut phone).await;
        let id = house.device_of(&phone).await;
        let device = engine.find_device(admin, id).await.unwrap().unwrap();
        assert_eq!(device.device.ownership, Ownership::Company);

        // Apple is told nothing of it, and that Apple does not name it takes it from nobody.
        organisation.apple.forget_cursors();
        organisation.ask_to_synchronise().await;
        assert_eq!(organisation.serials().await.len(), 2);
        let imported = organisation.known(&phone.state().serial).await;
        assert!(imported.is_enrolled && imported.problem.is_empty());
        let serial = &phone.state().serial;
        organisation.give_up(&[serial]).await.unwrap_err();
        let remove = engine.delete_imported_ade_device(admin, organisation.token, "C1");
        assert!(matches!(remove.await, Err(EngineError::NotPossible { .. })));
        engine
            .delete_imported_ade_device(admin, organisation.token, serial)
            .await
            .unwrap();
        assert_eq!(organisation.serials().await, ["C1"]);
    }
}

/// ENR-7
#[tokio::test]
async fn there_are_as_many_tokens_profiles_and_devices_as_may_be() {
    let usual = AdeLimits::default();
    assert_eq!(
        (usual.tokens, usual.profiles, usual.devices),
        (2_000, 1_000, 200_000)
    );
    for place in places().await {
        let limits = AdeLimits {
            tokens: 2,
            profiles: 1,
            devices: 3,
        };
        let organisation = Organisation::open_limited(place, limits).await;
        let (engine, admin) = (&organisation.house.engine, &organisation.house.admin);
        engine
            .create_ade_token(admin, "Second", None)
            .await
            .unwrap();
        let third = engine.create_ade_token(admin, "Third", None).await;
        assert!(matches!(third, Err(EngineError::NotPossible { .. })));
        let new = |name: &str| NewAdeProfile {
            platform: Platform::Ios,
            name: name.to_owned(),
            description: String::new(),
            settings: Map::new(),
        };
        let made = engine.create_ade_profile(admin, organisation.token, new("One"));
        made.await.unwrap();
        let second = engine.create_ade_profile(admin, organisation.token, new("Two"));
        assert!(matches!(second.await, Err(EngineError::NotPossible { .. })));

        for serial in ["C1", "C2", "C3", "C4", "C5"] {
            organisation.apple.sell(serial, "iPhone");
        }
        organisation.synchronise().await;
        assert_eq!(organisation.serials().await, ["C1", "C2", "C3"]);
        assert_eq!(
            organisation.problem().await,
            ("tooManyDevices".to_owned(), 0)
        );
        let more = [NewAdeDevice {
            serial: "X1".to_owned(),
            platform: Some(Platform::Ios),
            ..NewAdeDevice::default()
        }];
        let imported = engine
            .import_ade_devices(admin, (organisation.token, false), &more)
            .await
            .unwrap();
        assert!(matches!(imported[..], [AdeImportOutcome::Wrong(_)]));

        // Where there is room again, those that were left out come.
        organisation.apple.release("C1");
        organisation.ask_to_synchronise().await;
        organisation.ask_to_synchronise().await;
        assert_eq!(organisation.serials().await, ["C2", "C3", "C4"]);
        organisation.apple.release("C5");
        organisation.ask_to_synchronise().await;
        assert_eq!(organisation.problem().await, (String::new(), 0));
    }
}
