//! How what is on a user channel ends, and how it is kept up.

use std::collections::BTreeSet;

use mandate_engine::{DeviceChange, WipeOptions};
use mandate_model::{Reason, Target};

use super::{Scene, has};
use crate::house::places;

#[tokio::test]
async fn certificates_on_the_user_channel_are_renewed_and_what_is_deleted_comes_again() {
    for place in places().await {
        let mut scene = Scene::equipped(place).await;
        let before = scene.house.good_certificates(&scene.mac).await;
        scene.house.clock.forward_days(294);
        scene.house.background().await;
        scene.house.settle(&mut scene.mac).await;
        scene.settle("ada").await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "ada").await;
        let after = scene.house.good_certificates(&scene.mac).await;
        assert_eq!(after.intersection(&before).count(), 0);
        assert_eq!(scene.house.kept_keys().await.len(), 1);

        let identifier = scene.house.identifier(scene.kit.history.id);
        assert!(scene.mac.lose_profile_of("ada", &identifier));
        scene.house.clock.forward_days(1);
        scene.house.background().await;
        scene.settle("ada").await;
        scene.house.settle(&mut scene.mac).await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "ada").await;
    }
}

#[tokio::test]
async fn what_is_no_longer_assigned_leaves_the_user_and_is_revoked() {
    for place in places().await {
        let mut scene = Scene::equipped(place).await;
        for profile in scene.kit.all() {
            scene.house.target(profile.id, Vec::new()).await;
        }
        scene.house.background().await;
        scene.settle("ada").await;
        assert!(scene.mac.person("ada").unwrap().profiles().is_empty());
        assert!(scene.rows().await.is_empty());
        assert_eq!(
            scene.house.good_certificates(&scene.mac).await,
            BTreeSet::new()
        );
        assert!(scene.house.kept_keys().await.is_empty());
        scene.house.settle(&mut scene.mac).await;
        scene.assert_nothing_left().await;
    }
}

#[tokio::test]
async fn another_primary_user_gets_his_and_the_old_one_keeps_nothing() {
    for place in places().await {
        let mut scene = Scene::equipped(place).await;
        let bob = scene.house.hire("bob").await;
        let device = scene.house.device_of(&scene.mac).await;
        let change = DeviceChange {
            user: Some(Some(bob.id)),
            ..DeviceChange::default()
        };
        let admin = &scene.house.admin;
        let changed = scene.house.engine.update_device(admin, device, change);
        changed.await.unwrap();
        scene.settle("ada").await;
        let ada = scene.mac.person("ada").unwrap();
        assert!(ada.profiles().is_empty() && ada.identities().is_empty());
        assert_eq!(
            scene.house.good_certificates(&scene.mac).await,
            BTreeSet::new()
        );
        scene
            .house
            .target(scene.kit.pkcs.id, vec![Target::AllUsers])
            .await;
        scene.log_in("bob").await;
        scene.settle("bob").await;
        let pkcs = &scene.kit.pkcs;
        assert!(has(&scene.house, &scene.mac, "bob", pkcs));
        assert!(!has(&scene.house, &scene.mac, "ada", pkcs));
        scene.house.settle(&mut scene.mac).await;
        scene.house.assert_keys_agree(&[&scene.mac]).await;
    }
}

#[tokio::test]
async fn retirement_and_wiping_end_the_user_channel_too() {
    for wipes in [false, true] {
        for place in places().await {
            let mut scene = Scene::equipped(place).await;
            let device = scene.house.device_of(&scene.mac).await;
            let (engine, admin) = (&scene.house.engine, &scene.house.admin);
            if wipes {
                let options = WipeOptions {
                    keep_data_plan: false,
                };
                engine.wipe_device(admin, device, options).await.unwrap();
            } else {
                engine.retire_device(admin, device).await.unwrap();
            }
            assert_eq!(scene.settle("ada").await, Vec::<String>::new());
            scene.house.settle_until_gone(&mut scene.mac).await;
            for person in &scene.mac.state().people {
                assert!(person.profiles().is_empty() && person.identities().is_empty());
            }
            assert_eq!(
                scene.house.good_certificates(&scene.mac).await,
                BTreeSet::new()
            );
            assert!(scene.house.kept_keys().await.is_empty());
            assert!(scene.rows().await.is_empty());
            scene.house.assert_nothing_left(&mut scene.mac).await;
        }
    }
}

#[tokio::test]
async fn a_deleted_account_loses_its_certificates_and_waits_for_the_next_login() {
    for place in places().await {
        let mut scene = Scene::equipped(place).await;
        scene
            .mac
            .remove_person(&scene.house.http, "ada")
            .await
            .unwrap();
        assert_eq!(
            scene.house.good_certificates(&scene.mac).await,
            BTreeSet::new()
        );
        assert!(scene.house.kept_keys().await.is_empty());
        scene.house.settle(&mut scene.mac).await;
        let reason = scene.house.reason(scene.kit.scep.id, &scene.mac).await;
        assert!(
            matches!(reason, Some(Reason::WaitingForLogin { .. })),
            "{reason:?}"
        );
        scene.mac.add_person("ada", "Ada Lovelace", false);
        assert!(scene.log_in("ada").await);
        scene.settle("ada").await;
        scene.house.settle(&mut scene.mac).await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "ada").await;
        scene.assert_nothing_left().await;
    }
}

#[tokio::test]
async fn who_may_not_use_the_account_any_more_loses_the_certificates_at_once() {
    for place in places().await {
        let mut scene = Scene::equipped(place).await;
        scene.mac.log_out("ada");
        let (engine, admin) = (&scene.house.engine, &scene.house.admin);
        let change = engine.update_user(admin, scene.ada.id, |user| user.account_enabled = false);
        change.await.unwrap();
        let good = scene.house.good_certificates(&scene.mac).await;
        assert_eq!(good, BTreeSet::new());
        assert!(scene.log_in("ada").await);
        scene.settle("ada").await;
        let ada = scene.mac.person("ada").unwrap();
        assert!(ada.identities().is_empty());
        scene.house.settle(&mut scene.mac).await;
        let (engine, admin) = (&scene.house.engine, &scene.house.admin);
        let change = engine.update_user(admin, scene.ada.id, |user| user.account_enabled = true);
        change.await.unwrap();
        scene.settle("ada").await;
        scene.house.settle(&mut scene.mac).await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "ada").await;
    }
}

#[tokio::test]
async fn enrolling_again_begins_the_user_channel_anew() {
    for place in places().await {
        let mut scene = Scene::equipped(place).await;
        scene.mac.remove_enrolment(&scene.house.http).await.unwrap();
        assert_eq!(
            scene.house.good_certificates(&scene.mac).await,
            BTreeSet::new()
        );
        let mac = std::mem::replace(&mut scene.mac, scene.house.mac(14, 5));
        scene.mac = scene.house.enrol(mac, Some(scene.ada.id)).await;
        assert!(scene.log_in("ada").await);
        scene.settle("ada").await;
        scene.house.settle(&mut scene.mac).await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "ada").await;
        scene.assert_nothing_left().await;
    }
}
