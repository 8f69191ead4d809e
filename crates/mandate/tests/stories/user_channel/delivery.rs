//! Delivery over a user channel, with its evidence.

use mandate_model::{Reason, State, Timestamp};
use mandate_simulator::device::Ending;
use serde_json::json;

use super::Scene;
use crate::house::{MailKey, places};

#[tokio::test]
async fn what_is_for_the_user_waits_for_the_login_and_goes_to_the_users_keychain() {
    for place in places().await {
        let mut scene = Scene::new(place).await;
        for profile in scene.kit.all() {
            let status = scene.house.status(profile.id, &scene.mac).await.unwrap();
            let waiting = Reason::WaitingForLogin {
                user: scene.ada.user_principal_name.clone(),
            };
            assert_eq!(status.reason, waiting, "{}", profile.display_name);
            assert_eq!(status.state(), State::Pending);
            assert!(status.deadline.is_some(), "{}", profile.display_name);
            assert!(!scene.house.has(&scene.mac, profile.id));
        }
        assert!(scene.house.kept_keys().await.is_empty(), "nothing was made");

        assert!(scene.log_in("ada").await);
        scene.house.background().await;
        assert_eq!(scene.house.pushes_to_person(&scene.mac, "ada"), 1);
        scene.settle("ada").await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "ada").await;
        let ada = scene.mac.person("ada").unwrap();
        let keys = ada.identities().iter();
        let holds = |key: &MailKey| keys.clone().any(|held| held.certificate == key.certificate);
        assert!(holds(&scene.key));
        assert!(!scene.mac.holds_key_of(&scene.key.certificate));
        assert_eq!(scene.mac.received_in_clear(), []);
        scene.house.settle(&mut scene.mac).await;
        scene.assert_nothing_left().await;
    }
}

#[tokio::test]
async fn the_deadline_of_what_waits_for_a_login_does_not_move() {
    for place in places().await {
        let mut scene = Scene::new(place).await;
        let pkcs = scene.kit.pkcs.id;
        let first = scene.house.status(pkcs, &scene.mac).await.unwrap().deadline;
        for _ in 0..3 {
            scene.house.clock.forward_days(1);
            let other = scene.house.own_root("macOSTrustedRootCertificate", "Other");
            let other = other.await;
            scene.house.assign(other.id, &[scene.staff]).await;
            scene.house.settle(&mut scene.mac).await;
            let status = scene.house.status(pkcs, &scene.mac).await.unwrap();
            assert_eq!((status.state(), status.deadline), (State::Pending, first));
        }
        // It is nobody's fault, however long it takes.
        scene.house.clock.forward_days(30);
        scene.house.settle(&mut scene.mac).await;
        let status = scene.house.status(pkcs, &scene.mac).await.unwrap();
        assert_eq!((status.state(), status.deadline), (State::Pending, first));
        let (engine, admin) = (&scene.house.engine, &scene.house.admin);
        let overview = engine.status_overview(admin, pkcs).await.unwrap();
        assert_eq!((overview.devices.pending, overview.devices.error), (1, 0));
    }
}

#[tokio::test]
async fn a_logout_in_the_middle_and_lost_words_are_made_good_at_the_next_login() {
    for place in places().await {
        let mut scene = Scene::new(place).await;
        assert!(scene.log_in("ada").await);
        scene.mac.faults.lost_acknowledgements = 1.0;
        let report = scene.mac.check_in_as(&scene.house.http, "ada").await;
        assert_eq!(report.unwrap().ending, Ending::ReportLost);
        scene.mac.faults.lost_acknowledgements = 0.0;
        scene.mac.log_out("ada");
        let absent = scene.mac.check_in_as(&scene.house.http, "ada").await;
        assert!(absent.is_err());
        // The Mac itself goes on meanwhile, and proves nothing of hers.
        scene.house.settle(&mut scene.mac).await;
        for profile in scene.kit.all() {
            let state = scene.house.state(profile.id, &scene.mac).await;
            assert_eq!(state, Some(State::Pending), "{}", profile.display_name);
        }
        scene.house.clock.forward_days(2);
        assert!(scene.log_in("ada").await);
        scene.settle("ada").await;
        scene.house.settle(&mut scene.mac).await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "ada").await;
        scene.assert_nothing_left().await;
    }
}

#[tokio::test]
async fn every_word_may_get_lost() {
    for place in places().await {
        let mut scene = Scene::new(place).await;
        assert!(scene.log_in("ada").await);
        scene.mac.faults.lost_acknowledgements = 0.4;
        scene.mac.faults.lost_answers = 0.2;
        scene.mac.faults.duplicate_reports = 0.3;
        scene.mac.faults.not_now = 0.3;
        for _ in 0..40 {
            scene
                .mac
                .check_in_as(&scene.house.http, "ada")
                .await
                .unwrap();
            scene.house.clock.forward(30 * Timestamp::MINUTE);
        }
        scene.mac.faults = mandate_simulator::device::Faults::default();
        scene.house.clock.forward_days(1);
        scene.settle("ada").await;
        scene.house.settle(&mut scene.mac).await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "ada").await;
    }
}

#[tokio::test]
async fn a_restart_in_the_middle_loses_nothing() {
    for place in places().await {
        let mut scene = Scene::new(place).await;
        assert!(scene.log_in("ada").await);
        scene.mac.faults.lost_answers = 1.0;
        let report = scene.mac.check_in_as(&scene.house.http, "ada").await;
        assert_eq!(report.unwrap().ending, Ending::AnswerLost);
        scene.mac.faults.lost_answers = 0.0;
        scene.house.restart().await;
        scene.settle("ada").await;
        scene.house.settle(&mut scene.mac).await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "ada").await;
        scene.assert_nothing_left().await;
    }
}

#[tokio::test]
async fn a_profile_that_changes_its_channel_leaves_the_one_and_comes_to_the_other() {
    for place in places().await {
        let mut scene = Scene::equipped(place).await;
        let before = scene.house.good_certificates(&scene.mac).await;
        for profile in scene.kit.all() {
            let settings = json!({ "deploymentChannel": "deviceChannel" });
            scene.house.edit(profile.id, settings).await;
        }
        scene.settle("ada").await;
        assert!(scene.mac.person("ada").unwrap().profiles().is_empty());
        assert!(scene.mac.person("ada").unwrap().identities().is_empty());
        scene.house.settle(&mut scene.mac).await;
        for profile in scene.kit.all() {
            let state = scene.house.state(profile.id, &scene.mac).await;
            assert_eq!(state, Some(State::Succeeded), "{}", profile.display_name);
            assert!(scene.house.has(&scene.mac, profile.id));
        }
        scene.house.assert_keys_agree(&[&scene.mac]).await;
        let between = scene.house.good_certificates(&scene.mac).await;
        assert_eq!(before.intersection(&between).count(), 0, "keys move");
        scene.assert_nothing_left().await;

        for profile in scene.kit.all() {
            let settings = json!({ "deploymentChannel": "userChannel" });
            scene.house.edit(profile.id, settings).await;
        }
        scene.house.settle(&mut scene.mac).await;
        for profile in scene.kit.all() {
            assert!(!scene.house.has(&scene.mac, profile.id));
        }
        scene.settle("ada").await;
        scene.house.settle(&mut scene.mac).await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "ada").await;
        let after = scene.house.good_certificates(&scene.mac).await;
        assert_eq!(between.intersection(&after).count(), 0, "keys move");
        scene.assert_nothing_left().await;
    }
}

#[tokio::test]
async fn edits_wake_the_channel_that_they_are_for() {
    for place in places().await {
        let scene = Scene::equipped(place).await;
        scene.house.background().await;
        scene.house.apns.forget_pushes();
        let settings = json!({ "renewalThresholdPercentage": 30 });
        scene.house.edit(scene.kit.pkcs.id, settings).await;
        scene.house.background().await;
        assert_eq!(scene.house.pushes_to_person(&scene.mac, "ada"), 1);

        scene.house.apns.forget_pushes();
        let root = scene
            .house
            .own_root("macOSTrustedRootCertificate", "For all")
            .await;
        scene.house.assign(root.id, &[scene.staff]).await;
        scene.house.background().await;
        assert_eq!(scene.house.pushes_to_person(&scene.mac, "ada"), 0);
        assert_eq!(scene.house.pushes_to(&scene.mac), 1);
    }
}

#[tokio::test]
async fn reports_speak_of_the_mac_and_not_of_its_channels() {
    for place in places().await {
        let scene = Scene::equipped(place).await;
        let (engine, admin) = (&scene.house.engine, &scene.house.admin);
        let page = mandate_engine::Page::first(10);
        let device = scene.house.device_of(&scene.mac).await;
        let filter = mandate_store::DeviceFilter::default();
        let devices = engine.list_devices(admin, filter, page).await.unwrap();
        assert_eq!(devices.len(), 1);
        assert_eq!(engine.count_devices(admin).await.unwrap(), 1);
        for profile in scene.kit.all() {
            let page = mandate_engine::Page::first(10);
            let statuses = engine.device_statuses(admin, profile.id, page).await;
            let statuses = statuses.unwrap();
            assert_eq!(statuses.len(), 1, "{}", profile.display_name);
            assert_eq!(statuses[0].device.id, device);
            assert_eq!(statuses[0].status.state(), State::Succeeded);
            let overview = engine.status_overview(admin, profile.id).await.unwrap();
            assert_eq!(
                (overview.devices.succeeded, overview.users.succeeded),
                (1, 1)
            );
        }
        let of_profile = engine
            .profile_certificates(admin, scene.kit.scep.id, &[], 10)
            .await
            .unwrap();
        assert_eq!(of_profile.len(), 1);
        assert_eq!(of_profile[0].1.device.id, device);
        let session = &mut scene.house.engine.store().read().await.unwrap();
        let key = mandate_pki::certificate::Certificate::from_der(scene.key.certificate.der());
        let seen = session
            .sightings_of_certificate(&key.unwrap().sha256())
            .await;
        let seen = seen.unwrap();
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].device_id, device);
        let channels = session.channels_of_device(device).await.unwrap();
        assert_eq!(channels.len(), 1);
        let found = session.find_device(channels[0].device.id).await.unwrap();
        assert_eq!(found, None, "a channel is no device");
    }
}
