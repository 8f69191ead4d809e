//! What would X get: the same as X's phone gets, before there is one, and nothing is left behind.

use mandate_engine::{
    Action, Actor, EngineError, NewRole, NewRoleAssignment, Origin, Permission, ScopeType,
    SimulatedOutcome, SimulatedProfile, Simulation, SimulationRequest,
};
use mandate_model::{AppId, Because, Member, OsVersion, Platform, ProfileId, Reason, Target, User};
use serde_json::json;

use crate::house::{House, mail_settings, places};

fn asking(user: &User, major: u16) -> SimulationRequest {
    SimulationRequest {
        user: Some(user.user_principal_name.clone()),
        device: None,
        platform: Platform::Ios,
        os_version: Some(OsVersion::new(major, 0)),
    }
}

async fn simulate(house: &House, request: SimulationRequest) -> Simulation {
    house
        .engine
        .what_would(&house.admin, request)
        .await
        .unwrap()
}

#[track_caller]
fn profile(simulation: &Simulation, id: ProfileId) -> &SimulatedProfile {
    let mut profiles = simulation.profiles.iter();
    profiles.find(|profile| profile.profile_id == id).unwrap()
}

/// What a phone's account or a simulated one says.
fn keys(simulated: &SimulatedProfile) -> std::collections::BTreeMap<&str, &str> {
    let payload = simulated.payloads.iter().find(|one| one.account.is_some());
    let keys = payload.unwrap().keys.iter();
    keys.map(|key| (key.name.as_str(), key.value.as_str()))
        .collect()
}

#[tokio::test]
async fn what_is_told_before_is_what_the_phone_receives() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let staff = house.group("Staff", vec![Member::User(ada.id)]).await;
        let chain = house.mail_with_certificate("Mail").await;
        house.assign_chain(&chain, &[staff.id]).await;
        let (_, scep, mail) = &chain;

        let before = simulate(&house, asking(&ada, 17)).await;
        let told = profile(&before, mail.id);
        assert_eq!(told.outcome, SimulatedOutcome::Given);
        assert!(matches!(&told.because, Because::UserInGroup { name, .. } if name == "Staff"));
        let account = told.payloads.iter().find_map(|one| one.account.as_ref());
        let account = account.unwrap();
        assert_eq!(account.address, "ada@mail.contoso.com");
        assert_eq!(account.user_name, "ada@contoso.com");
        assert_eq!(account.host_name, "mail.contoso.com");
        assert!(account.tls && account.certificate && !account.oauth);
        assert_eq!(told.certificates.len(), 1);
        assert_eq!(told.certificates[0].source, "scep");
        assert_eq!(
            told.certificates[0].profile.as_ref(),
            Some(&scep.display_name)
        );
        let subject = told.certificates[0].subject.as_deref().unwrap();
        assert!(subject.contains("CN=ada"), "{subject}");

        let phone = house.enrol(house.phone(17, 0), Some(ada.id)).await;
        let device = house.device_of(&phone).await;
        let received = phone
            .state()
            .profiles
            .iter()
            .find(|one| one.identifier == house.identifier(mail.id))
            .unwrap();
        let after = simulate(
            &house,
            SimulationRequest {
                device: Some(device),
                user: None,
                ..asking(&ada, 17)
            },
        )
        .await;
        assert!(!after.device.is_imagined);
        let told = profile(&after, mail.id);
        let document = told.document.as_deref().unwrap();
        // `PayloadUUID` names exactly this content.
        assert!(
            document.contains(&received.uuid.to_uppercase()),
            "{document}"
        );
        assert_eq!(keys(profile(&before, mail.id))["Host"], keys(told)["Host"]);
    }
}

#[tokio::test]
async fn no_secret_is_told_and_none_is_made() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let staff = house.group("Staff", vec![Member::User(ada.id)]).await;
        let chain = house.mail_with_certificate("Mail").await;
        house.assign_chain(&chain, &[staff.id]).await;
        let before = house.engine.audit_head().await.unwrap();
        let told = simulate(&house, asking(&ada, 17)).await;
        let document = profile(&told, chain.2.id).document.clone().unwrap();
        assert!(!document.contains("@@mandate-"), "{document}");
        assert!(document.contains("[a challenge, made when it is sent]"));
        assert_eq!(house.engine.audit_head().await.unwrap(), before);
        let mut session = house.engine.store().read().await.unwrap();
        let issued = session.issued_of_user(ada.id, 10).await.unwrap();
        assert_eq!(issued.len(), 0);
    }
}

#[tokio::test]
async fn each_reason_is_told_as_a_device_would_have_it() {
    for place in places().await {
        let house = House::open(place).await;
        let (ada, bob) = (house.hire("ada").await, house.hire("bob").await);
        let staff = house.group("Staff", vec![Member::User(ada.id)]).await;
        let guests = house.group("Guests", vec![Member::User(bob.id)]).await;
        let mail = house.mail_profile("Mail").await;
        let targets = vec![Target::AllUsers, Target::Exclude(guests.id)];
        house.target(mail.id, targets).await;
        let other = house.mail_profile("Other").await;
        let (root, scep, certified) = house.mail_with_certificate("Certified").await;
        house.assign(certified.id, &[staff.id]).await;

        let told = simulate(&house, asking(&ada, 17)).await;
        assert_eq!(profile(&told, mail.id).outcome, SimulatedOutcome::Given);
        let unassigned = profile(&told, other.id);
        assert_eq!(unassigned.outcome, SimulatedOutcome::NotAssigned);
        assert_eq!(unassigned.because, Because::NotIncluded);
        let refused = profile(&told, certified.id);
        assert_eq!(refused.outcome, SimulatedOutcome::Refused);
        let mut needed = vec![root.display_name.clone(), scep.display_name.clone()];
        needed.sort();
        assert_eq!(
            refused.reason,
            Some(Reason::DependencyNotAssigned { profiles: needed })
        );
        let outcomes: Vec<_> = told.profiles.iter().map(|one| one.outcome).collect();
        assert!(outcomes.is_sorted());
        let groups: Vec<_> = told
            .groups
            .iter()
            .map(|one| one.display_name.as_str())
            .collect();
        assert_eq!(groups, ["Staff"]);

        let told = simulate(&house, asking(&bob, 17)).await;
        let excluded = profile(&told, mail.id);
        assert_eq!(excluded.outcome, SimulatedOutcome::NotAssigned);
        assert!(
            matches!(&excluded.because, Because::UserExcluded { name, .. } if name == "Guests")
        );

        // Two that would make the same account stop each other, as they do on a phone.
        house.assign(other.id, &[staff.id]).await;
        let told = simulate(&house, asking(&ada, 17)).await;
        for id in [mail.id, other.id] {
            let reason = &profile(&told, id).reason;
            assert!(
                matches!(reason, Some(Reason::SameAccount { .. })),
                "{reason:?}"
            );
        }
        house.target(other.id, vec![]).await;

        // An old release leaves out what it does not know, and says so.
        let settings = json!({ "easServices": "calendars,email" });
        house.edit(mail.id, settings).await;
        let told = simulate(&house, asking(&ada, 12)).await;
        let skipped = &profile(&told, mail.id).skipped;
        assert!(
            skipped.iter().any(|one| one.setting == "easServices"),
            "{skipped:?}"
        );

        // An account that may not be used gets nothing that is made for a person.
        house
            .engine
            .update_user(&house.admin, ada.id, |user| user.account_enabled = false)
            .await
            .unwrap();
        let told = simulate(&house, asking(&ada, 17)).await;
        let reason = &profile(&told, mail.id).reason;
        assert!(matches!(reason, Some(Reason::UserDisabled { .. })));
    }
}

#[tokio::test]
async fn nobody_is_told_of_profiles_that_they_cannot_see() {
    for place in places().await {
        let house = House::open(place).await;
        let (ada, helper) = (house.hire("ada").await, house.hire("helper").await);
        let tag = house.engine.create_scope_tag(&house.admin, "South", None);
        let tag = tag.await.unwrap().id;
        let hidden = house.mail_profile("North mail").await;
        let mut settings = mail_settings();
        settings["hostName"] = json!("south.contoso.com");
        let shown = house
            .profile(
                "iosEasEmailProfileConfiguration",
                "South mail",
                settings,
                &[],
            )
            .await;
        let change = mandate_engine::ProfileChange {
            scope_tags: Some(vec![tag.clone()]),
            ..mandate_engine::ProfileChange::default()
        };
        let changed = house.engine.update_profile(&house.admin, shown.id, change);
        changed.await.unwrap();
        for id in [hidden.id, shown.id] {
            house.target(id, vec![Target::AllUsers]).await;
        }
        let actions = [
            Action::ProfilesRead,
            Action::ProfilesViewReports,
            Action::UsersRead,
        ];
        let role = NewRole {
            display_name: "South reports".to_owned(),
            actions: actions.into_iter().collect(),
            ..NewRole::default()
        };
        let role = house.engine.create_role_definition(&house.admin, role);
        let role = role.await.unwrap().id;
        let group = house.group("Helpers", vec![Member::User(helper.id)]).await;
        let assignment = NewRoleAssignment {
            role_id: role,
            display_name: "South".to_owned(),
            members: vec![group.id],
            scope_type: ScopeType::AllDevicesAndLicensedUsers,
            tags: vec![tag],
            ..NewRoleAssignment::default()
        };
        let given = house
            .engine
            .create_role_assignment(&house.admin, assignment);
        given.await.unwrap();
        let actor = house
            .engine
            .person_actor(&helper, None, None, Origin::default())
            .await
            .unwrap();
        let told = house.engine.what_would(&actor, asking(&ada, 17)).await;
        let told = told.unwrap();
        let names: Vec<_> = told
            .profiles
            .iter()
            .map(|one| one.display_name.as_str())
            .collect();
        assert_eq!(names, ["South mail"]);

        let client =
            |permission| Actor::app(AppId(uuid::Uuid::from_u128(7)), "client", [permission]);
        for permission in [Permission::UserRead, Permission::ConfigurationRead] {
            let refused = house
                .engine
                .what_would(&client(permission), asking(&ada, 17))
                .await;
            assert!(matches!(refused, Err(EngineError::NotAllowed { .. })));
        }
    }
}

#[tokio::test]
async fn nobody_and_nothing_are_refused_by_name() {
    for place in places().await {
        let house = House::open(place).await;
        let nobody = SimulationRequest {
            user: Some("nobody@contoso.com".to_owned()),
            device: None,
            platform: Platform::Ios,
            os_version: None,
        };
        let refused = house.engine.what_would(&house.admin, nobody.clone()).await;
        assert!(matches!(
            refused,
            Err(EngineError::NotFound { what: "user", .. })
        ));
        let neither = SimulationRequest {
            user: None,
            ..nobody.clone()
        };
        let refused = house.engine.what_would(&house.admin, neither).await;
        assert!(matches!(refused, Err(EngineError::Invalid(_))));
        let gone = SimulationRequest {
            device: Some(mandate_model::DeviceId(uuid::Uuid::from_u128(7))),
            ..nobody
        };
        let refused = house.engine.what_would(&house.admin, gone).await;
        assert!(matches!(
            refused,
            Err(EngineError::NotFound { what: "device", .. })
        ));
    }
}
