//! Who gets a channel, and whose it is.

use mandate_model::{Reason, Timestamp};
use serde_json::json;

use super::Scene;
use crate::house::{House, places};

#[tokio::test]
async fn somebody_else_who_logs_in_gets_nothing() {
    for place in places().await {
        let mut scene = Scene::new(place).await;
        scene.log_in("bob").await;
        let commands = scene.settle("bob").await;
        assert_eq!(commands, Vec::<String>::new());
        let bob = scene.mac.person("bob").unwrap();
        assert!(bob.profiles().is_empty() && bob.identities().is_empty());
        scene.house.settle(&mut scene.mac).await;
        let reason = scene.house.reason(scene.kit.pkcs.id, &scene.mac).await;
        assert!(matches!(reason, Some(Reason::WaitingForLogin { .. })));
        assert!(scene.house.kept_keys().await.is_empty());

        // Both at once: each has what is his.
        assert!(scene.log_in("ada").await);
        scene.settle("bob").await;
        scene.settle("ada").await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "ada").await;
        assert!(scene.mac.person("bob").unwrap().profiles().is_empty());
        // Once known by name, a directory user who is nobody here is told so.
        scene.mac.log_out("bob");
        assert!(!scene.log_in("bob").await);
        scene.house.settle(&mut scene.mac).await;
        scene.assert_nothing_left().await;
    }
}

#[tokio::test]
async fn a_directory_user_who_is_the_macs_user_is_asked_no_password() {
    for place in places().await {
        let mut scene = Scene::new(place).await;
        scene
            .mac
            .remove_person(&scene.house.http, "ada")
            .await
            .unwrap();
        scene.mac.add_person("Ada", "Ada Lovelace", true);
        assert!(scene.log_in("Ada").await);
        scene.settle("Ada").await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "Ada").await;
    }
}

#[tokio::test]
async fn the_short_name_may_come_later_from_the_directory() {
    for place in places().await {
        let mut scene = Scene::new(place).await;
        scene.mac.add_person("countess", "Ada Lovelace", false);
        assert!(scene.log_in("countess").await);
        assert_eq!(scene.settle("countess").await, Vec::<String>::new());
        let (engine, admin) = (&scene.house.engine, &scene.house.admin);
        let changed = engine.update_user(admin, scene.ada.id, |user| {
            let name = json!("countess");
            user.other.insert("mailNickname".to_owned(), name);
        });
        changed.await.unwrap();
        scene.house.background().await;
        assert_eq!(scene.house.pushes_to_person(&scene.mac, "countess"), 1);
        scene.settle("countess").await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "countess").await;
    }
}

#[tokio::test]
async fn messages_of_strangers_and_of_shared_ipads_open_no_channel() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let all = "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF";
        let url = format!("{}/apple/checkin", house.url);
        for (kind, status) in [
            ("UserAuthenticate", 410),
            ("TokenUpdate", 200),
            ("CheckOut", 200),
        ] {
            let mut message = plist::Dictionary::new();
            for (key, value) in [
                ("MessageType", kind),
                ("UDID", phone.udid()),
                ("UserID", all),
                ("UserShortName", "ada"),
                ("Topic", "com.apple.mgmt.x"),
                ("PushMagic", "magic"),
            ] {
                message.insert(key.to_owned(), value.into());
            }
            message.insert("Token".to_owned(), plist::Value::Data(vec![1; 32]));
            let body = crate::house::xml(message);
            let unsigned = crate::house::put(&house.http, &url, body.clone(), None).await;
            assert!((400..500).contains(&unsigned.status), "{kind}");
            let identity = phone.mdm_identity().unwrap();
            let answer = crate::house::put(&house.http, &url, body, Some(&identity)).await;
            assert_eq!(answer.status, status, "{kind}");
        }
        let device = house.device_of(&phone).await;
        let mut session = house.engine.store().read().await.unwrap();
        assert_eq!(session.channels_of_device(device).await.unwrap(), vec![]);
    }
}

#[tokio::test]
async fn a_mac_that_makes_up_people_is_remembered_for_a_few() {
    for place in places().await {
        let mut scene = Scene::new(place).await;
        for number in 0..30 {
            let name = format!("stranger{number}");
            scene.mac.add_person(&name, "A stranger", false);
            scene.log_in(&name).await;
        }
        assert!(scene.log_in("ada").await);
        scene.settle("ada").await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "ada").await;
        let device = house.device_of(mac).await;
        let mut session = house.engine.store().read().await.unwrap();
        let channels = session.channels_of_device(device).await.unwrap();
        assert_eq!(channels.len(), 17, "Ada and sixteen others");
    }
}

#[tokio::test]
async fn somebody_behind_another_is_served_but_not_hurried() {
    for place in places().await {
        let mut scene = Scene::new(place).await;
        assert!(scene.log_in("ada").await);
        scene.house.background().await;
        scene.settle("ada").await;
        scene.house.apns.forget_pushes();
        let background = scene.mac.send_to_background(&scene.house.http, "ada", true);
        background.await.unwrap();
        scene.house.background().await;
        assert_eq!(scene.house.pushes_to_person(&scene.mac, "ada"), 0);
        scene.house.clock.forward(16 * Timestamp::MINUTE);
        scene.house.background().await;
        assert_eq!(scene.house.pushes_to_person(&scene.mac, "ada"), 1);
        scene.settle("ada").await;
        scene.house.settle(&mut scene.mac).await;
        let (house, mac) = (&scene.house, &scene.mac);
        scene.kit.assert_delivered(house, mac, "ada").await;
    }
}
