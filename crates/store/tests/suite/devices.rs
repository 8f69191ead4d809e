//! What is kept beside a device.

use mandate_model::{DeviceId, Timestamp};
use mandate_store::{RemarkRecord, StoreError};
use uuid::Uuid;

use crate::place::places;

#[tokio::test]
async fn remarks_of_a_page_of_devices_are_found_together() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        let device = |number| DeviceId(Uuid::from_u128(number));
        let remark = |number, name: &str| RemarkRecord {
            device_id: device(number),
            name: Some(name.to_owned()),
            notes: None,
        };
        for number in [1, 3, 5] {
            session.set_remark(&remark(number, "first")).await.unwrap();
        }
        session.set_remark(&remark(3, "second")).await.unwrap();
        let found = session.list_remarks(device(2), device(5)).await.unwrap();
        assert_eq!(found, [remark(3, "second"), remark(5, "first")]);
        session.delete_remark(device(5)).await.unwrap();
        let found = session.list_remarks(device(4), device(9)).await.unwrap();
        assert!(found.is_empty());
        session.commit().await.unwrap();
    }
}

#[tokio::test]
async fn categories_have_one_name_each_and_labels_keep_their_other_half() {
    for place in places().await {
        let mut session = place.store.write().await.unwrap();
        let till = mandate_store::DeviceCategoryRecord {
            id: mandate_model::DeviceCategoryId(Uuid::from_u128(1)),
            display_name: "Till".to_owned(),
            description: None,
            created_at: Timestamp(1),
        };
        session.insert_device_category(&till).await.unwrap();
        let (device, link) = (
            DeviceId(Uuid::from_u128(9)),
            mandate_model::LinkId(Uuid::from_u128(8)),
        );
        session
            .set_enrolment_profile_name(device, Some("Shops"))
            .await
            .unwrap();
        session
            .set_device_category(device, Some(till.id))
            .await
            .unwrap();
        session.set_category_of_link(link, till.id).await.unwrap();
        assert_eq!(session.category_of_link(link).await.unwrap(), Some(till.id));
        let labels = session.list_device_labels(device, device).await.unwrap();
        assert_eq!(labels[0].category_name.as_deref(), Some("Till"));
        assert_eq!(labels[0].enrolment_profile.as_deref(), Some("Shops"));
        assert_eq!(session.count_devices_of_category(till.id).await.unwrap(), 1);
        session.set_device_category(device, None).await.unwrap();
        let labels = session.list_device_labels(device, device).await.unwrap();
        assert_eq!(labels[0].enrolment_profile.as_deref(), Some("Shops"));
        session.delete_device_label(device).await.unwrap();
        assert!(session.delete_device_category(till.id).await.unwrap());
        assert_eq!(session.category_of_link(link).await.unwrap(), None);
        session.insert_device_category(&till).await.unwrap();
        let again = mandate_store::DeviceCategoryRecord {
            id: mandate_model::DeviceCategoryId(Uuid::from_u128(2)),
            display_name: "TILL".to_owned(),
            ..till
        };
        let refused = session.insert_device_category(&again).await;
        assert!(matches!(refused, Err(StoreError::Duplicate)), "{refused:?}");
    }
}
