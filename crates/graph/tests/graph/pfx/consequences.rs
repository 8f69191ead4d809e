//! What follows for devices.

use serde_json::json;

use super::{ADA, PATH, module_body, open, pfx};
use crate::house::{all, id};

#[tokio::test]
async fn a_person_who_is_removed_takes_the_keys_along_and_nobody_revokes_anything() {
    let (house, ada, key) = open().await;
    let phone = house.phone("phone", Some(&ada)).await;
    let file = pfx(ADA, 1, (-1, 2));
    house
        .post(PATH, module_body(&key, &file, ADA, "SmimeEncryption"))
        .await
        .expect(201);
    let device = mandate_model::DeviceId(phone.parse().unwrap());
    let stale_at = house.stale_at(device).await;
    house.advance(5_000_000);
    house
        .delete(&format!("/v1.0/users/{ada}"))
        .await
        .expect(204);
    assert!(house.stale_at(device).await > stale_at);
    assert_eq!(all(&house.get(PATH).await.expect(200), "id"), [""; 0]);
}

#[tokio::test]
async fn every_change_makes_the_owners_devices_look_again() {
    let (house, ada, key) = open().await;
    let bob = house.user("bob").await;
    let of_ada = house.phone("a", Some(&ada)).await;
    let of_bob = house.phone("b", Some(&bob)).await;
    let device = |id: &str| mandate_model::DeviceId(id.parse().unwrap());
    let mut before = house.stale_at(device(&of_ada)).await;
    let quiet = house.stale_at(device(&of_bob)).await;
    let file = pfx(ADA, 1, (-1, 2));
    house.advance(1_000_000);
    let made = house
        .post(PATH, module_body(&key, &file, ADA, "SmimeEncryption"))
        .await
        .expect(201);
    let item = format!("{PATH}({})", id(&made));
    for step in 0..3 {
        let now = house.stale_at(device(&of_ada)).await;
        assert!(now > before, "step {step}");
        before = now;
        house.advance(1_000_000);
        match step {
            0 => drop(
                house
                    .patch(&item, json!({"intendedPurpose": "smimeSigning"}))
                    .await
                    .expect(200),
            ),
            1 => drop(house.delete(&item).await.expect(204)),
            _ => {}
        }
    }
    assert_eq!(house.stale_at(device(&of_bob)).await, quiet);
}
