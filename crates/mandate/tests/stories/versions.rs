//! Releases of the system that are too old, for a setting or for a whole profile.

use mandate_model::{Reason, State, Target};

use crate::house::{House, places};

#[tokio::test]
async fn a_setting_that_the_system_is_too_old_for_is_left_out_and_said() {
    for place in places().await {
        let house = House::open(place).await;
        let mut settings = crate::house::mail_settings();
        settings["useOAuth"] = true.into();
        settings["easServices"] = "email,contacts".into();
        let mail = house
            .profile("iosEasEmailProfileConfiguration", "Mail", settings, &[])
            .await;
        house.target(mail.id, vec![Target::AllUsers]).await;
        for (number, (major, oauth, services)) in [
            (11, false, false),
            (12, true, false),
            (13, true, true),
            (17, true, true),
        ]
        .into_iter()
        .enumerate()
        {
            let user = house.hire(&format!("user{number}")).await;
            let mut phone = house.enrol(house.phone(major, 0), Some(user.id)).await;
            let device = house.device_of(&phone).await;
            let states = house
                .engine
                .profile_states(&house.admin, device)
                .await
                .unwrap();
            let state = states
                .iter()
                .find(|state| state.profile.id == mail.id)
                .unwrap();
            assert_eq!(state.status.state(), State::Succeeded, "iOS {major}");
            for (setting, taken) in [
                ("useOAuth", oauth),
                ("easServices", services),
                ("hostName", true),
            ] {
                let found = state
                    .settings
                    .iter()
                    .find(|found| found.setting == setting)
                    .unwrap();
                let expected = if taken {
                    State::Succeeded
                } else {
                    State::NotApplicable
                };
                assert_eq!(found.state, expected, "{setting} on iOS {major}");
            }
            let keys = &phone.mail_accounts()[0].settings.keys;
            assert_eq!(keys.contains_key("OAuth"), oauth, "iOS {major}");
            assert_eq!(
                keys.contains_key("EnableCalendars"),
                services,
                "iOS {major}"
            );
            house.assert_nothing_left(&mut phone).await;
        }
    }
}

#[tokio::test]
async fn a_system_below_the_floor_of_the_profile_is_not_applicable() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let mail = house.mail_profile("Mail").await;
        house.target(mail.id, vec![Target::AllUsers]).await;
        let mut phone = house.enrol(house.phone(10, 3), Some(ada.id)).await;
        let reason = house.reason(mail.id, &phone).await.unwrap();
        assert!(matches!(reason, Reason::OsTooOld { .. }), "{reason:?}");
        assert_eq!(
            house.state(mail.id, &phone).await,
            Some(State::NotApplicable)
        );
        assert!(!house.has(&phone, mail.id));

        phone.update_os(mandate_simulator::device::OsVersion::new(15, 0));
        let device = house.device_of(&phone).await;
        house
            .engine
            .sync_device(&house.admin, device)
            .await
            .unwrap();
        house.settle(&mut phone).await;
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
        house.assert_nothing_left(&mut phone).await;
    }
}
