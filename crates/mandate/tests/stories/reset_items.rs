//! The list before this server lets go of the devices: each item is red as long as what it names is there, and no longer.

use mandate_engine::{AuthorityReset, ItemCode, ItemState, ManagementAuthority};

use crate::house::{House, places};

/// What is red, with how many there are.
async fn red(house: &House, reset: &AuthorityReset) -> Vec<(ItemCode, i64)> {
    let found = house.engine.find_authority_reset(&house.admin, reset.id);
    let items = found.await.unwrap().unwrap().checklist.into_iter();
    items
        .filter(|item| !item.state.is_green())
        .map(|item| match item.state {
            ItemState::Left(number) => (item.code, number),
            other => panic!("{:?} is {other:?}", item.code),
        })
        .collect()
}

/// MDA-6, ENR-13
#[tokio::test]
async fn each_item_is_red_until_what_it_names_is_gone() {
    for place in places().await {
        let house = House::open(place).await;
        let (engine, admin) = (&house.engine, &house.admin);
        let reset = house.request(ManagementAuthority::ConfigurationManager);
        let reset = reset.await;
        let push = (ItemCode::PushCertificateRemoved, 1);
        assert_eq!(red(&house, &reset).await, [push]);

        let mia = house.hire("mia").await;
        engine
            .appoint_enrolment_manager(admin, mia.id)
            .await
            .unwrap();
        let managers = (ItemCode::EnrolmentManagersRemoved, 1);
        assert_eq!(red(&house, &reset).await, [managers, push]);

        engine
            .set_chooses_category_at_enrolment(admin, true)
            .await
            .unwrap();
        let mapping = (ItemCode::DeviceGroupMappingOff, 1);
        assert_eq!(red(&house, &reset).await, [managers, mapping, push]);

        let token = engine.create_ade_token(admin, "Apple", None).await.unwrap();
        let tokens = (ItemCode::EnrolmentTokensRemoved, 1);
        let found = red(&house, &reset).await;
        assert_eq!(found, [managers, mapping, push, tokens]);

        let profiles = [
            house.mail_profile("Mail").await,
            house.mail_profile("Post").await,
        ];
        let both = (ItemCode::PoliciesRemoved, 2);
        let found = red(&house, &reset).await;
        assert_eq!(found, [managers, mapping, push, tokens, both]);
        let start = engine.start_authority_reset(admin, reset.id, true).await;
        let refused = start.unwrap_err().to_string();
        for (item, _) in found {
            assert!(refused.contains(item.name()), "{refused}");
        }

        // And one after the other green again.
        for profile in profiles {
            engine.delete_profile(admin, profile.id).await.unwrap();
        }
        engine.delete_ade_token(admin, token.id).await.unwrap();
        let found = red(&house, &reset).await;
        assert_eq!(found, [managers, mapping, push]);
        engine
            .set_chooses_category_at_enrolment(admin, false)
            .await
            .unwrap();
        engine.remove_push_certificate(admin).await.unwrap();
        assert_eq!(red(&house, &reset).await, [managers]);
        engine
            .dismiss_enrolment_manager(admin, mia.id)
            .await
            .unwrap();
        assert_eq!(red(&house, &reset).await, []);
        let started = engine.start_authority_reset(admin, reset.id, true).await;
        started.unwrap();
    }
}
