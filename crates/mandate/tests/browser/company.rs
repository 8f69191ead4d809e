//! A company at work: people, devices in every state, profiles, roles, texts, so that every page has something to show.

mod areas;

use mandate_engine::{
    Action, BrandingChange, DeviceLimit, MailBranding, NewAdeDevice, NewAdeProfile,
    NewEnrolmentConfiguration, NewLink, NewMessage, NewRegistration, NewRole, NewRoleAssignment,
    NewTemplate, NewUser, NoticeSettings, Permission, Redirect, RedirectKind, SecretLife,
};
use mandate_model::{EnrolmentType, Member, Platform, Profile, Timestamp, User, catalogue};
use mandate_simulator::device::{Device, Model, OsVersion};
use mandate_store::{AdeDeviceRecord, AdeSource};
use serde_json::{Map, json};

use crate::house::{House, Slapd};
use crate::office::Office;

const HOST: &str = "mail.contoso.com";
/// First and last name, model and release of the device.
const PEOPLE: [(&str, &str, Model, (u32, u32)); 12] = [
    ("Ingrid", "Lindqvist", Model::IPhone, (18, 1)),
    ("Jeroen", "de Vries", Model::IPhone, (17, 5)),
    ("Amara", "Okafor", Model::IPad, (18, 1)),
    ("Mateus", "Carvalho", Model::IPhone, (16, 7)),
    ("Saoirse", "Brennan", Model::MacBook, (14, 5)),
    ("Yusuf", "Demir", Model::IPhone, (18, 1)),
    ("Annelies", "Bakker", Model::IPhone, (26, 0)),
    ("Tomasz", "Wójcik", Model::IPad, (17, 5)),
    ("Leila", "Haddad", Model::IPhone, (15, 8)),
    ("Oskar", "Nyström", Model::MacBook, (15, 1)),
    ("Priya", "Raman", Model::IPhone, (18, 1)),
    ("Henk", "Vermeulen", Model::IPhone, (17, 5)),
];
/// Has a mail account of their own making.
const HASTY: usize = 3;
/// Has no address in the directory.
const NEW: usize = 7;
/// Has put the phone away after enrolling it.
const AWAY: usize = 8;
/// Has a phone that is always locked.
const LOCKED: usize = 11;

/// An office with a company in it.
pub(crate) struct Company {
    pub(crate) office: Office,
    /// Who may do everything, and has a phone.
    pub(crate) boss: User,
    /// Who has terms to accept, and no device yet.
    pub(crate) newcomer: User,
    /// Everybody's mail.
    pub(crate) mail: Profile,
    /// Where some people come from.
    _directory: Option<Slapd>,
}

impl Company {
    /// A company in which somebody is about to make something else the management authority. `None` where there is no
    /// Chromium.
    pub(crate) async fn open_before_a_reset() -> Option<Self> {
        let company = Self::open().await?;
        areas::authority(&company.office.house).await;
        Some(company)
    }

    /// `None` where there is no Chromium.
    pub(crate) async fn open() -> Option<Self> {
        let office = Office::open().await?;
        let (engine, admin) = (&office.house.engine, &office.house.admin);
        let branding = BrandingChange::new(|details| {
            details.contact_name = Some("IT help desk".to_owned());
            details.contact_phone = Some("+46 8 123 45 67".to_owned());
            details.contact_email = Some("it@contoso.com".to_owned());
            details.contact_notes = Some("Monday to Friday, 8 to 17".to_owned());
            details.privacy_url = Some("https://www.contoso.com/privacy".to_owned());
            details.support_url = Some("https://it.contoso.com".to_owned());
        });
        engine.update_branding(admin, branding).await.unwrap();
        let (boss, mail, devices) = at_work(&office).await;
        Box::pin(furnish(&office.house, &boss, &mail)).await;
        let newcomer = person(&office.house, "Emre", "Yilmaz", true).await;
        office.let_in(&newcomer).await;
        let directory = Box::pin(areas::furnish(&office.house, &boss, &newcomer)).await;
        office.house.engine.settle_licences().await.unwrap();
        office.house.background().await;
        // Some of the devices have come for the newest edition.
        for mut device in devices {
            office.house.settle(&mut device).await;
        }
        Some(Self {
            office,
            boss,
            newcomer,
            mail,
            _directory: directory,
        })
    }
}

/// Hires people, enrols their devices, and gives them mail. With the devices come those that are at hand.
async fn at_work(office: &Office) -> (User, Profile, Vec<Device>) {
    let house = &office.house;
    let boss = person(house, "Sofia", "Bergström", true).await;
    office.let_in(&boss).await;
    office.appoint(&boss).await;
    let mut staff = vec![Member::User(boss.id)];
    let mut devices = Vec::new();
    let own = of(house, "Sofia’s", Model::IPhone, (18, 1));
    devices.push(house.enrol(own, Some(boss.id)).await);
    let old = of(house, "Sofia’s old", Model::IPhone, (16, 7));
    let mut old = house.enrol(old, Some(boss.id)).await;
    let gone = house.device_of(&old).await;
    let engine = &house.engine;
    engine.retire_device(&house.admin, gone).await.unwrap();
    house.settle_until_gone(&mut old).await;
    for (number, (first, last, model, version)) in PEOPLE.into_iter().enumerate() {
        let user = person(house, first, last, number != NEW).await;
        let mut device = of(house, &format!("{first}’s"), model, version);
        if number == HASTY {
            let address = user.mail.as_deref().unwrap_or_default();
            device.add_user_account(HOST, address);
        }
        let mut device = house.enrol(device, Some(user.id)).await;
        if number == LOCKED {
            device.faults.not_now = 1.0;
        }
        devices.push(device);
        staff.push(Member::User(user.id));
        house.clock.forward(37 * 60 * Timestamp::SECOND);
    }
    let reception = of(house, "Reception", Model::IPad, (18, 1));
    devices.push(house.enrol(reception, None).await);
    let staff = house.group("Staff", staff).await;
    let chain = house.mail_with_certificate("Contoso mail").await;
    house.assign_chain(&chain, &[staff.id]).await;
    house.background().await;
    house.clock.forward(90 * 60 * Timestamp::SECOND);
    for (number, device) in devices.iter_mut().enumerate() {
        match number.checked_sub(1) {
            Some(AWAY) => {}
            Some(LOCKED | HASTY) => drop(device.check_in(&house.http).await.unwrap()),
            _ => drop(house.settle(device).await),
        }
        house.clock.forward(11 * 60 * Timestamp::SECOND);
    }
    house.background().await;
    let leaving = house.device_of(&devices[6]).await;
    engine.retire_device(&house.admin, leaving).await.unwrap();
    house.clock.forward(20 * 60 * Timestamp::SECOND);
    devices.truncate(3);
    (boss, chain.2, devices)
}

/// Everything else that pages show.
#[expect(clippy::too_many_lines, reason = "a company has many things")]
async fn furnish(house: &House, boss: &User, mail: &Profile) {
    let (engine, admin) = (&house.engine, &house.admin);
    let stockholm = engine
        .create_scope_tag(
            admin,
            "Stockholm",
            Some("The office at the harbour".to_owned()),
        )
        .await
        .unwrap();
    let harbour = house.group("Stockholm office", Vec::new()).await;
    engine
        .assign_scope_tag(admin, &stockholm.id, vec![harbour.id])
        .await
        .unwrap();
    let desk = house.group("Help desk", Vec::new()).await;
    let role = NewRole {
        display_name: "Help desk of the harbour".to_owned(),
        actions: [Action::DevicesRead, Action::DevicesSync].into(),
        ..NewRole::default()
    };
    let role = engine.create_role_definition(admin, role).await.unwrap();
    let assignment = NewRoleAssignment {
        role_id: role.id,
        display_name: "Help desk in Stockholm".to_owned(),
        members: vec![desk.id],
        scopes: vec![harbour.id],
        tags: vec![stockholm.id.clone()],
        ..NewRoleAssignment::default()
    };
    let made = engine.create_role_assignment(admin, assignment).await;
    made.unwrap();
    let app = NewRegistration {
        name: "Inventory export".to_owned(),
        permissions: vec![Permission::ALL[0]],
        redirects: vec![Redirect {
            kind: RedirectKind::Web,
            address: "https://inventory.contoso.com/back".to_owned(),
        }],
        ..NewRegistration::default()
    };
    let app = engine.register_app(admin, app).await.unwrap();
    let life = SecretLife::default();
    let secret = engine.add_app_secret(admin, app.id, "first", life).await;
    secret.unwrap();
    let template = NewTemplate {
        display_name: "Blocked account".to_owned(),
        description: Some("With our own steps".to_owned()),
        default_locale: None,
        branding: [MailBranding::CompanyLogo, MailBranding::ContactInformation].into(),
        scope_tags: None,
    };
    let template = engine
        .create_notification_template(admin, template)
        .await
        .unwrap();
    for (locale, subject) in [("en", "Your work mail"), ("nl", "Uw werkmail")] {
        let message = NewMessage {
            locale: locale.to_owned(),
            subject: subject.to_owned(),
            body: "Dear colleague,\n\nplease remove the account that you made by hand.".to_owned(),
            is_default: locale == "en",
        };
        let made = engine.create_notification_message(admin, template.id, message);
        made.await.unwrap();
    }
    let told = engine.update_notice_settings(admin, |settings: &mut NoticeSettings| {
        settings.certificate_days = vec![30, 7];
    });
    told.await.unwrap();
    let limit = NewEnrolmentConfiguration {
        display_name: "Developers".to_owned(),
        description: Some("Phones for trying things".to_owned()),
        content: DeviceLimit { devices: 20 },
        priority: None,
    };
    let limit = engine
        .create_enrolment_configuration(admin, limit)
        .await
        .unwrap();
    let groups = [desk.id].into();
    let assigned = engine
        .assign_enrolment_configuration::<DeviceLimit>(admin, limit.id, groups)
        .await;
    assigned.unwrap();
    apple_business(house).await;
    let helper = person(house, "Noor", "Jansen", true).await;
    let appointed = engine.appoint_enrolment_manager(admin, helper.id).await;
    appointed.unwrap();
    let link = NewLink {
        user: Some(helper.id),
        platform: Platform::Ios,
        enrolment_type: EnrolmentType::Device,
        lifetime_seconds: 86_400 * 3,
        uses: 5,
        signed: true,
    };
    engine.create_enrolment_link(admin, link).await.unwrap();
    let old = house.mail_profile("Mail of the old server").await;
    engine.delete_profile(admin, old.id).await.unwrap();
    house
        .edit(mail.id, json!({ "durationOfEmailToSync": "oneMonth" }))
        .await;
    let kind = catalogue::kind("iosEasEmailProfileConfiguration").unwrap();
    let author = engine
        .person_actor(boss, None, None, mandate_engine::Origin::default())
        .await
        .unwrap();
    let begun = engine.begin_draft(&author, kind, None, Map::new()).await;
    begun.unwrap();
}

/// Somebody with a full name and an on-premises account.
async fn person(house: &House, first: &str, last: &str, has_mail: bool) -> User {
    let ascii = |text: &str| {
        let letters = text.chars().map(|letter| match letter {
            'ó' | 'ö' => 'o',
            letter => letter.to_ascii_lowercase(),
        });
        letters
            .filter(char::is_ascii_alphabetic)
            .collect::<String>()
    };
    let name = format!("{}.{}", ascii(first), ascii(last));
    let new = NewUser {
        user_principal_name: format!("{name}@contoso.com"),
        display_name: format!("{first} {last}"),
        given_name: Some(first.to_owned()),
        surname: Some(last.to_owned()),
        mail: has_mail.then(|| format!("{name}@contoso.com")),
        on_premises_sam_account_name: Some(ascii(first)),
        ..NewUser::default()
    };
    house.engine.create_user(&house.admin, new).await.unwrap()
}

/// A device with the name that its owner gave it.
fn of(house: &House, first: &str, model: Model, (major, minor): (u32, u32)) -> Device {
    let mut state = match model {
        Model::MacBook => house.mac(major, minor),
        Model::IPhone | Model::IPad => house.phone(major, minor),
    }
    .state()
    .clone();
    state.model = model;
    state.os = OsVersion::new(major, minor);
    state.name = match model {
        Model::MacBook => format!("{first} MacBook"),
        Model::IPhone => format!("{first} iPhone"),
        Model::IPad => format!("{first} iPad"),
    };
    Device::from_state(state, &house.keys)
}

/// A token with a profile, a device that Apple named, and one that somebody imported.
async fn apple_business(house: &House) {
    let (engine, admin) = (&house.engine, &house.admin);
    let token = engine.create_ade_token(admin, "Business Manager", Some("it@contoso.com"));
    let token = token.await.unwrap().id;
    engine.ade_certificate(admin, token, true).await.unwrap();
    let profile = NewAdeProfile {
        platform: Platform::Ios,
        name: "Company phones".to_owned(),
        description: "Everybody signs in".to_owned(),
        settings: Map::from_iter([("requiresUserAuthentication".to_owned(), json!(true))]),
    };
    let profile = engine.create_ade_profile(admin, token, profile).await;
    let profile = profile.unwrap().id;
    let till = NewAdeDevice {
        serial: "C02TILL7".to_owned(),
        platform: None,
        profile: Some(profile),
        description: "Till 7".to_owned(),
    };
    let devices = [till];
    let imported = engine.import_ade_devices(admin, (token, false), &devices);
    imported.await.unwrap();
    let mut session = engine.store().write().await.unwrap();
    let known = session.find_ade_device(token, "C02TILL7").await.unwrap();
    let bought = AdeDeviceRecord {
        serial: "F2LBOUGHT1".to_owned(),
        source: AdeSource::Apple,
        facts: json!({ "model": "iPhone 16", "description": "iPhone 16 128GB" }).to_string(),
        ..known.unwrap()
    };
    session.put_ade_device(&bought).await.unwrap();
    session.commit().await.unwrap();
}
