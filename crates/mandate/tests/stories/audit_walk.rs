//! Use cases that the API does not have, or that need more than a request: one entry each as well. And who may read.

use std::collections::BTreeSet;

use mandate_engine::{
    Action, Actor, AuditEvent, AuditFilter, AuditOrder, EngineError, Grant, ManagementSettings,
    NewChallenge, NewConnectorKey, Permission, Powers, Reach,
};
use mandate_model::{CertificateTemplate, Timestamp, UserId};
use mandate_pki::keys::KeyKind;
use serde_json::{Value, json};

use crate::house::{House, places};

/// Entries in the order of the chain behind a number.
async fn after(house: &House, number: i64) -> Vec<AuditEvent> {
    let found = house.engine.audit_events_after(&house.admin, number, 1000);
    found.await.unwrap()
}

async fn last(house: &House) -> i64 {
    house.engine.audit_head().await.unwrap().unwrap().number
}

/// The one entry that something made.
async fn one(house: &House, number: i64, what: [&str; 2]) -> AuditEvent {
    let mut news = after(house, number).await;
    assert_eq!(news.len(), 1, "{what:?}: {news:#?}");
    let event = news.remove(0);
    assert_eq!([&*event.activity, &*event.resource.kind], what);
    event
}

fn property<'a>(event: &'a AuditEvent, name: &str) -> [&'a Value; 2] {
    let found = event.changes.iter().find(|change| change.name == name);
    let found = found.unwrap_or_else(|| panic!("no `{name}` in {event:#?}"));
    [&found.before, &found.after]
}

#[tokio::test]
async fn certificates_and_settings_leave_one_entry_each() {
    for place in places().await {
        let house = House::open(place).await;
        let (engine, admin) = (&house.engine, &house.admin);
        let events = after(&house, 0).await;
        let push = events.last().unwrap();
        assert_eq!(
            [&*push.activity, &*push.resource.kind],
            ["update", "pushCertificate"]
        );
        assert_eq!(
            property(push, "appleIdentifier"),
            [&Value::Null, &json!("it@contoso.com")]
        );

        let number = last(&house).await;
        let mut template = CertificateTemplate::built_in().remove(0);
        template.name = "Printers".to_owned();
        engine
            .add_certificate_template(admin, template)
            .await
            .unwrap();
        let event = one(&house, number, ["create", "certificateTemplate"]).await;
        assert_eq!(property(&event, "name"), [&Value::Null, &json!("Printers")]);
        let number = last(&house).await;
        engine
            .remove_certificate_template(admin, "Printers")
            .await
            .unwrap();
        let event = one(&house, number, ["delete", "certificateTemplate"]).await;
        assert_eq!(property(&event, "name"), [&json!("Printers"), &Value::Null]);

        let number = last(&house).await;
        let settings = |settings: &mut ManagementSettings| settings.secure_by_default = true;
        engine
            .update_management_settings(admin, settings, None)
            .await
            .unwrap();
        let event = one(&house, number, ["update", "deviceManagement"]).await;
        assert_eq!(event.changes.len(), 1, "{event:#?}");
        let number = last(&house).await;
        engine
            .update_management_settings(admin, settings, None)
            .await
            .unwrap();
        assert!(after(&house, number).await.is_empty());

        let key = NewConnectorKey {
            bits: 2048,
            ..NewConnectorKey::default()
        };
        let made = engine.create_connector_key(admin, key).await.unwrap();
        one(&house, number, ["create", "connectorKey"]).await;
        let number = last(&house).await;
        engine
            .remove_connector_key(admin, &made.name)
            .await
            .unwrap();
        one(&house, number, ["delete", "connectorKey"]).await;

        let number = last(&house).await;
        let new = NewChallenge {
            subject: "CN=printer,O=Contoso".to_owned(),
            alternative_names: Vec::new(),
            template: CertificateTemplate::built_in().remove(0).name,
            key_bits: None,
            validity_days: None,
            lifetime: Timestamp::HOUR,
        };
        let challenge = engine.mint_manual_challenge(admin, new).await.unwrap();
        let event = one(&house, number, ["create", "challenge"]).await;
        let text = serde_json::to_string(&event).unwrap();
        assert!(!text.contains(&challenge.challenge), "{text}");

        let number = last(&house).await;
        engine.roll_over(admin, KeyKind::Rsa2048).await.unwrap();
        let event = one(&house, number, ["rollover", "certificateAuthority"]).await;
        let [before, after_it] = property(&event, "sha256");
        assert!(before.is_string() && after_it.is_string() && before != after_it);
        let number = last(&house).await;
        engine.export_root_key(admin).await.unwrap();
        one(&house, number, ["export", "rootKey"]).await;
        let number = last(&house).await;
        engine.remove_push_certificate(admin).await.unwrap();
        one(&house, number, ["delete", "pushCertificate"]).await;
        let heard = &mut |_| {};
        assert!(
            engine
                .verify_audit(admin, None, heard)
                .await
                .unwrap()
                .is_whole()
        );
    }
}

/// Somebody with the right to read the audit, within tags or not.
fn reader(id: UserId, tags: Option<&str>) -> Actor {
    let grant = Grant {
        actions: BTreeSet::from([Action::AuditRead, Action::UsersUpdate]),
        tags: tags.map(|tag| BTreeSet::from([tag.to_owned()])),
        people: Reach::All,
    };
    let powers = Powers::Granted(vec![grant]);
    Actor::person(id, "ada@contoso.com", None, None, powers)
}

#[tokio::test]
async fn who_is_limited_by_scope_tags_reads_what_he_did_himself() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let limited = reader(ada.id, Some("1"));
        let order = AuditOrder::NewestFirst(None);
        let all = AuditFilter::default();
        let list = async |actor: &Actor, filter: AuditFilter| {
            house
                .engine
                .list_audit_events(actor, filter, order, 100)
                .await
        };
        assert!(list(&limited, all.clone()).await.unwrap().is_empty());
        let change = |user: &mut mandate_model::User| user.surname = Some("Lovelace".to_owned());
        let wide = reader(ada.id, None);
        house
            .engine
            .update_user(&wide, ada.id, change)
            .await
            .unwrap();
        let own = list(&limited, all.clone()).await.unwrap();
        assert_eq!(own.len(), 1);
        assert_eq!(own[0].actor.name, "ada@contoso.com");
        let other = AuditFilter {
            actor: Some(uuid::Uuid::from_u128(1)),
            ..AuditFilter::default()
        };
        assert!(list(&limited, other).await.unwrap().is_empty());
        let everything = list(&wide, all.clone()).await.unwrap();
        assert!(everything.len() > 1);
        let find = async |id| house.engine.find_audit_event(&limited, id).await.unwrap();
        assert!(find(own[0].id).await.is_some());
        assert_eq!(find(everything.last().unwrap().id).await, None);
        assert_eq!(
            house.engine.count_audit_events(&limited).await.unwrap(),
            None
        );
        let refused = house.engine.audit_events_after(&limited, 0, 1).await;
        assert!(matches!(refused, Err(EngineError::NotAllowed { .. })));
        let refused = house.engine.list_audit_deliveries(&limited, None, 1).await;
        assert!(matches!(refused, Err(EngineError::NotAllowed { .. })));

        let nobody = Actor::app(mandate_model::AppId(ada.id.0), "x", [Permission::UserRead]);
        let refused = list(&nobody, all).await;
        assert!(matches!(refused, Err(EngineError::NotAllowed { .. })));
    }
}
