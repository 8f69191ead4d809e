//! What the areas beside devices and profiles show: restrictions, terms, identifiers, categories, directories, domains,
//! licences, and a change of the management authority.

use std::collections::BTreeSet;

use mandate_engine::{
    Clock as _, DeviceCategoryChange, IdentityKind, LicenceChange, LicenceHolder,
    ManagementAuthority, NewAuthorityReset, NewDeviceIdentity, NewEnrolmentConfiguration, NewGroup,
    NewMigration, NewTerms, OtherServer, PlatformRestrictions, PlatformRule, RestrictedPlatform,
    SignedIn, Terms, TermsTarget, Visit,
};
use mandate_model::{CertificateTemplate, GroupId, GroupRule, ImportPurpose, Member, User};
use mandate_store::ExternalIssuerRecord;
use serde_json::json;

use crate::house::{BASE, DIRECTORY_PASSWORD, House, Slapd};

/// Days that a token is good for.
const DAYS: i64 = 90;

/// Gives every area something to show. The directory that comes with it has to live as long as it is asked; where there is
/// no server for one, the company has one that does not answer.
pub(super) async fn furnish(house: &House, boss: &User, newcomer: &User) -> Option<Slapd> {
    let newcomers = house
        .group("Newcomers", vec![Member::User(newcomer.id)])
        .await
        .id;
    rules_of_enrolment(house, boss, newcomers).await;
    devices_of_the_company(house).await;
    people_by_rule_and_from_elsewhere(house, newcomers).await;
    services_of_others(house).await;
    directories(house).await
}

/// Who may enrol what, and what they agree to.
async fn rules_of_enrolment(house: &House, boss: &User, newcomers: GroupId) {
    let (engine, admin) = (&house.engine, &house.admin);
    for (name, platform, least) in [
        ("Phones of the laboratory", RestrictedPlatform::Ios, "17.4"),
        ("Older phones", RestrictedPlatform::Ios, "16.0"),
        ("Macs of designers", RestrictedPlatform::MacOs, "14"),
    ] {
        let rule = PlatformRule {
            os_minimum_version: Some(least.to_owned()),
            blocked_skus: vec!["iPhone12,1".to_owned()],
            ..PlatformRule::default()
        };
        let new = NewEnrolmentConfiguration {
            display_name: name.to_owned(),
            description: Some("Until the move is over".to_owned()),
            content: PlatformRestrictions::single(platform, rule),
            priority: None,
        };
        let made = engine.create_enrolment_configuration(admin, new).await;
        let groups = BTreeSet::from([house.group(name, Vec::new()).await.id]);
        let assigned = engine.assign_enrolment_configuration::<PlatformRestrictions>(
            admin,
            made.unwrap().id,
            groups,
        );
        assigned.await.unwrap();
    }
    for (name, target) in [
        ("Use of mail", TermsTarget::AllUsers),
        ("Phones of the laboratory", TermsTarget::Group(newcomers)),
    ] {
        let new = NewTerms {
            display_name: name.to_owned(),
            description: Some("As agreed with the works council".to_owned()),
            title: format!("{name} on your phone"),
            body: "Mail on this device belongs to Contoso.\nIt is removed when the device leaves."
                .to_owned(),
            statement: "I agree".to_owned(),
            version: None,
        };
        let terms = engine.create_terms(admin, new).await.unwrap();
        let assigned = engine.assign_terms(admin, terms.id, [target].into());
        assigned.await.unwrap();
        if target == TermsTarget::AllUsers {
            accept(house, boss, &terms).await;
        }
    }
}

async fn accept(house: &House, person: &User, terms: &Terms) {
    let now = house.clock.now();
    let signed_in = SignedIn {
        session: terms.id.0,
        user: person.clone(),
        methods: vec!["pwd".to_owned()],
        provider: None,
        authenticated_at: now,
        issued_at: now,
        ends_at: now,
    };
    let engine = &house.engine;
    let visit = Visit::default();
    let accepted = engine.accept_own_terms(&signed_in, terms.id, terms.version, &visit);
    assert!(accepted.await.unwrap(), "it is the present version");
}

/// Devices that are the company's, what they are for, and certificates for them.
async fn devices_of_the_company(house: &House) {
    let (engine, admin) = (&house.engine, &house.admin);
    let rows = (1..=3).map(|number| NewDeviceIdentity {
        kind: IdentityKind::SerialNumber,
        identifier: format!("C02XK0AAJG{number:02}"),
        platform: "ios".to_owned(),
        description: Some(format!("Pool phone {number}")),
    });
    let imported = engine.import_device_identities(admin, rows.collect(), false);
    imported.await.unwrap();
    for (name, about) in [
        ("Field service", "Phones in vans"),
        ("Reception", "At the desks"),
    ] {
        let new = DeviceCategoryChange {
            display_name: Some(name.to_owned()),
            description: Some(Some(about.to_owned())),
        };
        engine.create_device_category(admin, new).await.unwrap();
    }
    let chosen = engine.set_chooses_category_at_enrolment(admin, true);
    chosen.await.unwrap();
    let template = CertificateTemplate {
        name: "Contractors".to_owned(),
        label: "For contractors, for a month".to_owned(),
        maximum_validity_days: 31,
        ..CertificateTemplate::built_in().into_iter().next().unwrap()
    };
    engine
        .add_certificate_template(admin, template)
        .await
        .unwrap();
    let issuer = house.foreign_authority();
    let key = house.mail_key(&issuer, 31, "amara.okafor@contoso.com", (-1, 2));
    let purpose = ImportPurpose::SmimeSigning;
    house.bring("amara.okafor@contoso.com", purpose, &key).await;
}

/// A group by rule, licences of a group and of a person, a token for another service.
async fn people_by_rule_and_from_elsewhere(house: &House, newcomers: GroupId) {
    let (engine, admin) = (&house.engine, &house.admin);
    let new = NewGroup {
        display_name: "Everybody in sales".to_owned(),
        rule: Some(GroupRule {
            text: "(user.department -eq \"Sales\")".to_owned(),
            is_paused: false,
        }),
        ..NewGroup::default()
    };
    engine.create_group(admin, new, Vec::new()).await.unwrap();
    let change = LicenceChange {
        add: [LicenceHolder::Group(newcomers)].into(),
        units: Some(Some(500)),
        ..LicenceChange::default()
    };
    engine.change_licences(admin, &change).await.unwrap();
    let token = engine.create_scim_token(admin, "Identity service", DAYS);
    token.await.unwrap();
    engine.create_domain(admin, "fabrikam.com").await.unwrap();
}

/// A change of the management authority that was given up, and one that is being prepared.
pub(super) async fn authority(house: &House) {
    let (engine, admin) = (&house.engine, &house.admin);
    for is_given_up in [true, false] {
        let new = NewAuthorityReset {
            domain: "contoso.com".to_owned(),
            target: ManagementAuthority::Office365,
        };
        let reset = engine.request_authority_reset(admin, new).await.unwrap();
        if is_given_up {
            let cancelled = engine.cancel_authority_reset(admin, reset.id);
            cancelled.await.unwrap();
        }
    }
}

/// A directory that was read, if there is a server for it, and one that does not answer.
async fn directories(house: &House) -> Option<Slapd> {
    let slapd = Slapd::start().await;
    let root = slapd.as_ref().map(Slapd::root);
    let port = slapd.as_ref().map_or(1, |slapd| slapd.tls_port);
    for (name, port) in [("corp", port), ("branch", 1)] {
        let mut body = json!({
            "name": name, "kind": "ldap", "url": format!("ldaps://127.0.0.1:{port}"),
            "account": format!("cn=admin,{BASE}"), "password": DIRECTORY_PASSWORD, "base": BASE,
            "attributes": { "userPrincipalName": "mail", "mail": "mail" },
        });
        if let Some(root) = &root {
            body["roots"] = json!(root);
        }
        let body = body.as_object().cloned().unwrap();
        let made = house.engine.create_synced_directory(&house.admin, body);
        made.await.unwrap();
        house.engine.synchronize_directory(name).await.unwrap();
    }
    slapd
}

/// Who signs people in, who issues certificates, and who managed devices before. Nothing of them is asked.
async fn services_of_others(house: &House) {
    let (engine, admin) = (&house.engine, &house.admin);
    let provider = json!({
        "name": "company", "kind": "oidc", "displayName": "Contoso", "issuer": "https://id.contoso.com/",
        "clientId": "mandate", "clientSecret": "hush-hush",
    });
    let provider = provider.as_object().cloned().unwrap();
    engine.create_provider(admin, provider).await.unwrap();
    let root = engine.root();
    let issuer = ExternalIssuerRecord {
        name: "Corporate CA".to_owned(),
        url: "https://ca.contoso.com/scep".to_owned(),
        settings: json!({ "legacyDes": false, "registration": root.to_pem() }).to_string(),
        certificate: root.der().to_vec(),
        created_at: house.clock.now(),
    };
    let mut session = engine.store().write().await.unwrap();
    session.insert_external_issuer(&issuer).await.unwrap();
    session.commit().await.unwrap();
    let old = NewMigration {
        name: "The old server".to_owned(),
        kind: OtherServer::NanoMdm,
        note: "Until the end of the year".to_owned(),
        authorities: root.to_pem(),
        server_url: "https://old.contoso.com/mdm".to_owned(),
        check_in_url: None,
        profile_identifier: None,
        access_rights: None,
        user_channels: None,
    };
    engine.open_migration(admin, old).await.unwrap();
}
