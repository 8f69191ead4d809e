//! What becomes of people.

use mandate_engine::{Actor, EngineError, NewUser, Source, SourceOutcome, SourcedPerson};
use mandate_model::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::house::{House, houses};

fn corp() -> Source {
    Source::master("directory/corp")
}

fn person(id: &str, name: &str) -> SourcedPerson {
    SourcedPerson {
        external_id: id.to_owned(),
        locator: Some(format!("CN={name},DC=contoso,DC=com")),
        user_principal_name: name.to_owned(),
        display_name: Some(name.to_owned()),
        ..SourcedPerson::default()
    }
}

async fn take(house: &House, people: &[SourcedPerson]) -> Vec<SourceOutcome> {
    let engine = &house.engine;
    engine
        .take_people(&Actor::system(), &corp(), people)
        .await
        .unwrap()
}

async fn take_one(house: &House, person: SourcedPerson) -> SourceOutcome {
    take(house, &[person]).await.remove(0)
}

async fn leave(house: &House, id: &str) -> Vec<SourceOutcome> {
    let engine = &house.engine;
    engine
        .leave_source(&Actor::system(), &corp(), &[id.to_owned()])
        .await
        .unwrap()
}

fn blamed(outcome: &SourceOutcome) -> (&str, &str) {
    match outcome {
        SourceOutcome::Refused(fault) => (&fault.category, &fault.property),
        other => panic!("it was taken: {other:?}"),
    }
}

#[tokio::test]
async fn a_person_stays_the_same_whatever_their_name_and_place() {
    for house in houses().await {
        let SourceOutcome::Created(id) = take_one(&house, person("1", "ada@contoso.com")).await
        else {
            panic!("nobody was made");
        };
        let renamed = person("1", "ada.lovelace@fabrikam.com");
        assert_eq!(
            take_one(&house, renamed.clone()).await,
            SourceOutcome::Changed(id)
        );
        let moved = SourcedPerson {
            locator: Some("CN=ada,OU=Elsewhere,DC=contoso,DC=com".to_owned()),
            on_premises_distinguished_name: Some("CN=ada,OU=Elsewhere".to_owned()),
            ..renamed
        };
        assert_eq!(
            take_one(&house, moved.clone()).await,
            SourceOutcome::Changed(id)
        );
        let user = house.user(id).await;
        assert_eq!(user.user_principal_name, "ada.lovelace@fabrikam.com");
        assert_eq!(
            user.on_premises_distinguished_name.as_deref(),
            Some("CN=ada,OU=Elsewhere")
        );
        assert_eq!(user.other["onPremisesSyncEnabled"], json!(true));
        // A bare name is kept as it is, and so is the letter case.
        for name in ["User1", "user1"] {
            let bare = SourcedPerson {
                user_principal_name: name.to_owned(),
                ..moved.clone()
            };
            assert_eq!(take_one(&house, bare).await, SourceOutcome::Changed(id));
            assert_eq!(house.user(id).await.user_principal_name, name);
        }
    }
}

#[tokio::test]
async fn the_same_again_leaves_no_trace() {
    for house in houses().await {
        let people: Vec<_> = (0..20)
            .map(|number| person(&number.to_string(), &format!("u{number}@contoso.com")))
            .chain([person("x", "bad name")])
            .collect();
        take(&house, &people).await;
        let before = house.traces().await;
        house.clock.forward(Timestamp::DAY);
        let outcomes = take(&house, &people).await;
        assert!(
            outcomes[..20]
                .iter()
                .all(|outcome| matches!(outcome, SourceOutcome::Unchanged(_)))
        );
        assert_eq!(blamed(&outcomes[20]).1, "userPrincipalName");
        assert_eq!(house.traces().await, before);
    }
}

#[tokio::test]
async fn who_is_gone_is_disabled_and_who_is_back_is_not() {
    for house in houses().await {
        let ada = person("1", "ada@contoso.com");
        let id = take_one(&house, ada.clone()).await.object().unwrap();
        let disabled = SourcedPerson {
            account_disabled: true,
            ..ada.clone()
        };
        assert_eq!(
            take_one(&house, disabled).await,
            SourceOutcome::Disabled(id)
        );
        assert!(!house.user(id).await.account_enabled);
        assert_eq!(
            take_one(&house, ada.clone()).await,
            SourceOutcome::Restored(id)
        );
        assert!(house.user(id).await.account_enabled);

        assert_eq!(leave(&house, "1").await, [SourceOutcome::Disabled(id)]);
        assert_eq!(leave(&house, "1").await, []);
        assert!(!house.user(id).await.account_enabled);
        // The very record that was taken last brings the person back.
        assert_eq!(
            take_one(&house, ada.clone()).await,
            SourceOutcome::Restored(id)
        );
        assert!(house.user(id).await.account_enabled);

        leave(&house, "1").await;
        let engine = &house.engine;
        let actor = Actor::system();
        let too_early = house.now();
        assert_eq!(
            engine
                .delete_gone(&actor, &corp(), too_early)
                .await
                .unwrap(),
            0
        );
        house.clock.forward(30 * Timestamp::DAY);
        let now = house.now();
        assert_eq!(engine.delete_gone(&actor, &corp(), now).await.unwrap(), 1);
        assert!(house.person("ada@contoso.com").await.is_none());
        assert!(matches!(
            take_one(&house, ada).await,
            SourceOutcome::Created(other) if other != id
        ));
    }
}

#[tokio::test]
async fn who_is_made_anew_with_an_old_name_is_somebody_else() {
    for house in houses().await {
        let first = take_one(&house, person("1", "ada@contoso.com")).await;
        // Both are there for a moment.
        let second = take_one(&house, person("2", "Ada@contoso.com")).await;
        assert_eq!(blamed(&second), ("PropertyConflict", "userPrincipalName"));
        leave(&house, "1").await;
        let taken = house
            .engine
            .retry_refused(&Actor::system(), &corp())
            .await
            .unwrap();
        let [SourceOutcome::Created(second)] = taken[..] else {
            panic!("{taken:?}");
        };
        let old = house.user(first.object().unwrap()).await;
        assert!(!old.account_enabled);
        assert!(old.user_principal_name.ends_with("ada@contoso.com"));
        assert_eq!(house.person("ada@contoso.com").await.unwrap().id.0, second);
        // The first one comes back, and the name is somebody else's now.
        let back = take_one(&house, person("1", "ada@contoso.com")).await;
        assert_eq!(blamed(&back), ("PropertyConflict", "userPrincipalName"));
        let old = house.user(old.id.0).await;
        let errors = old.other["onPremisesProvisioningErrors"]
            .as_array()
            .unwrap();
        assert_eq!(errors[0]["propertyCausingError"], "userPrincipalName");
        let renamed = take_one(&house, person("1", "ada2@contoso.com")).await;
        assert_eq!(renamed, SourceOutcome::Restored(old.id.0));
        let other = house.user(old.id.0).await.other;
        assert!(!other.contains_key("onPremisesProvisioningErrors"));
    }
}

#[tokio::test]
async fn what_cannot_be_taken_keeps_nobody_else_out() {
    for house in houses().await {
        let long = "x".repeat(1024 * 1024);
        let with_mail = |id: &str, name: &str| SourcedPerson {
            mail: Some("shared@contoso.com".to_owned()),
            ..person(id, name)
        };
        let people = [
            person("1", "one@contoso.com"),
            person("2", "ONE@contoso.com"),
            person("3", "tw\u{43e}@contoso.com"),
            person("4", ""),
            SourcedPerson {
                display_name: Some(long.clone()),
                ..person("5", "five@contoso.com")
            },
            SourcedPerson {
                given_name: Some("S\0x".to_owned()),
                ..person("6", "six@contoso.com")
            },
            person(&long, "seven@contoso.com"),
            person("8\0", "eight@contoso.com"),
            with_mail("9", "nine@contoso.com"),
            with_mail("10", "ten@contoso.com"),
            person("11", "eleven@contoso.com"),
            person("11", "eleven@contoso.com"),
        ];
        let outcomes = take(&house, &people).await;
        let refused: Vec<_> = outcomes
            .iter()
            .enumerate()
            .filter(|(_, outcome)| outcome.object().is_none())
            .map(|(number, outcome)| (number, blamed(outcome).1))
            .collect();
        assert_eq!(
            refused,
            [
                (1, "userPrincipalName"),
                (2, "userPrincipalName"),
                (3, "userPrincipalName"),
                (4, "displayName"),
                (5, "givenName"),
                (6, "id"),
                (7, "id"),
                (9, "mail"),
            ]
        );
        assert_eq!(outcomes[10].object(), outcomes[11].object());
        let mut session = house.engine.store().read().await.unwrap();
        let counts = session
            .count_source_entries("directory/corp")
            .await
            .unwrap();
        assert_eq!((counts.users, counts.refused), (3, 6));
    }
}

#[tokio::test]
async fn who_is_here_already_is_matched_by_name_unless_a_role_would_go_along() {
    for house in houses().await {
        let (engine, actor) = (&house.engine, Actor::system());
        let new = NewUser {
            user_principal_name: "ada@contoso.com".to_owned(),
            display_name: "Ada".to_owned(),
            other: json!({"usageLocation": "NL"}).as_object().cloned().unwrap(),
            ..NewUser::default()
        };
        let ada = engine.create_user(&actor, new).await.unwrap();
        let outcome = take_one(&house, person("1", "ada@contoso.com")).await;
        assert_eq!(outcome, SourceOutcome::Adopted(ada.id.0));
        assert_eq!(house.user(ada.id.0).await.other["usageLocation"], "NL");
        let outcome = take_one(&house, person("2", "admin@contoso.com")).await;
        assert_eq!(blamed(&outcome), ("NotAllowed", "userPrincipalName"));
        let trusting = Source {
            trusts_names: true,
            ..corp()
        };
        let admin = [person("2", "admin@contoso.com")];
        let outcome = engine.take_people(&actor, &trusting, &admin).await.unwrap();
        assert!(matches!(outcome[0], SourceOutcome::Adopted(_)));
        // The last administrator stays able to sign in, whatever the source says.
        let left = leave(&house, "2").await;
        assert!(matches!(left[..], [SourceOutcome::Refused(_)]), "{left:?}");
        assert!(
            house
                .person("admin@contoso.com")
                .await
                .unwrap()
                .account_enabled
        );
        let disabled = SourcedPerson {
            account_disabled: true,
            ..admin[0].clone()
        };
        let good = person("3", "bob@contoso.com");
        let outcomes = take(&house, &[disabled, good]).await;
        assert_eq!(outcomes[0].object(), None);
        assert!(matches!(outcomes[1], SourceOutcome::Created(_)));
    }
}

#[tokio::test]
async fn what_the_source_says_is_not_changed_here() {
    for house in houses().await {
        let (engine, actor) = (&house.engine, Actor::system());
        let id = take_one(&house, person("1", "ada@contoso.com")).await;
        let id = mandate_model::UserId(id.object().unwrap_or(Uuid::nil()));
        let refused = engine
            .update_user(&actor, id, |user| user.mail = Some("a@b".to_owned()))
            .await;
        let Err(EngineError::Invalid(violations)) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(violations[0].property, "mail");
        assert!(violations[0].message.contains("directory/corp"));
        let ours = engine.update_user(&actor, id, |user| {
            user.other.insert("usageLocation".to_owned(), json!("SE"));
        });
        ours.await.unwrap();
        let refused = engine.delete_user(&actor, id).await;
        assert!(matches!(refused, Err(EngineError::NotPossible { .. })));
        leave(&house, "1").await;
        engine.delete_user(&actor, id).await.unwrap();
        let mut session = engine.store().read().await.unwrap();
        let counts = session.count_source_entries("directory/corp").await;
        assert_eq!(counts.unwrap(), mandate_store::SourceCounts::default());
    }
}
