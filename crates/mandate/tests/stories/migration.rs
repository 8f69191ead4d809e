//! Devices that another server enrolled come here without enrolling again.

use axum::http::{Method, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_engine::{
    EngineError, ManagementAuthority, MigratedEnrolment, Migration, MigrationChange,
    MigrationProgress, MigrationState, NewMigration, OtherServer as Kind, Page,
};
use mandate_model::{DeviceState, Member, Ownership, Platform, State};
use mandate_pki::certificate::Certificate;
use mandate_simulator::device::{Device, Ending, Model, OtherServer};
use mandate_simulator::http::Request;

use crate::house::{House, PUSH_TOPIC, Place, places};

/// A house to which a server's devices come.
struct Move {
    house: House,
    other: OtherServer,
    migration: Migration,
    key: String,
}

impl Move {
    async fn begin(place: Place, kind: Kind) -> Self {
        let house = House::open(place).await;
        let now = house.clock.unix_seconds();
        let (server, check_in) = match kind {
            Kind::NanoMdm => ("/mdm", None),
            Kind::MicroMdm => ("/mdm/connect", Some("/mdm/checkin")),
        };
        let other = OtherServer {
            authority: OtherServer::authority(&house.keys, "Old SCEP CA", now).unwrap(),
            profile: "com.example.old.enroll".to_owned(),
            server_url: format!("{}{server}", house.url),
            check_in_url: check_in.map(|path| format!("{}{path}", house.url)),
            topic: format!("com.apple.mgmt.External.{PUSH_TOPIC}"),
            access_rights: 8191,
            per_user_connections: true,
        };
        let new = NewMigration {
            name: "The old server".to_owned(),
            kind,
            note: String::new(),
            authorities: other.authority_pem(),
            server_url: other.server_url.clone(),
            check_in_url: other.check_in_url.clone(),
            profile_identifier: None,
            access_rights: None,
            user_channels: None,
        };
        let (engine, admin) = (&house.engine, &house.admin);
        let migration = engine.open_migration(admin, new).await.unwrap();
        let key = engine.make_migration_key(admin, migration.id, 7).await;
        let key = key.unwrap().key.to_string();
        Self {
            house,
            other,
            migration,
            key,
        }
    }

    /// A phone of the other server.
    fn phone(&self) -> Device {
        let mut phone = self.house.phone(17, 5);
        let now = self.house.clock.unix_seconds();
        phone.enrol_elsewhere(&self.other, now).unwrap();
        phone
    }

    /// Sends a message in as the other server's tool does, with what was answered.
    async fn send(&self, key: &str, body: &[u8]) -> (u16, String) {
        let url = format!("{}/apple/migration", self.house.url);
        let basic = format!("Basic {}", STANDARD.encode(format!("nanomdm:{key}")));
        let request = Request::new(Method::PUT, &url)
            .header(header::AUTHORIZATION, &basic)
            .unwrap()
            .body("application/x-www-form-urlencoded", body.to_vec())
            .unwrap();
        let answer = self.house.http.send(&request).await.unwrap();
        (answer.status, answer.excerpt())
    }

    async fn import(&self, phone: &Device) {
        for body in phone.messages_elsewhere().unwrap() {
            assert_eq!(self.send(&self.key, &body).await, (200, String::new()));
        }
    }

    async fn listed(&self) -> Vec<MigratedEnrolment> {
        let (engine, admin) = (&self.house.engine, &self.house.admin);
        engine
            .list_migrated(admin, self.migration.id, None, Page::first(100))
            .await
            .unwrap()
    }

    async fn progress(&self, phone: &Device) -> MigrationProgress {
        let device = self.house.device_of(phone).await;
        let all = self.listed().await;
        all.iter()
            .find(|one| one.device == device)
            .unwrap()
            .progress
    }

    async fn say_moved(&self) {
        let change = MigrationChange {
            state: Some(MigrationState::Moved),
            ..MigrationChange::default()
        };
        let (engine, admin) = (&self.house.engine, &self.house.admin);
        engine
            .change_migration(admin, self.migration.id, change)
            .await
            .unwrap();
    }
}

/// Whether the identity of a phone was issued here.
fn has_identity_of_ours(phone: &Device) -> bool {
    let identity = phone.mdm_identity().unwrap();
    let certificate = Certificate::from_der(identity.certificate.der()).unwrap();
    certificate.issuer() != "CN=Old SCEP CA"
}

#[tokio::test]
async fn a_phone_moves_over_without_enrolling_again() {
    for kind in Kind::ALL {
        for place in places().await {
            let old = Move::begin(place, kind).await;
            let house = &old.house;
            let ada = house.hire("ada").await;
            let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
            let mail = house.mail_profile("Mail").await;
            house.assign(mail.id, &[sales.id]).await;
            let mut phone = old.phone();
            phone.have_foreign_profile("com.example.old.wifi");
            old.import(&phone).await;

            assert_eq!(old.progress(&phone).await, MigrationProgress::Imported);
            let id = house.device_of(&phone).await;
            let serial = &phone.state().serial;
            let file = format!(
                "serial,userPrincipalName\n{serial},ada@contoso.com\nC0FFEE,eve@contoso.com\n"
            );
            let people = house
                .engine
                .set_migration_people(&house.admin, old.migration.id, file.as_bytes())
                .await
                .unwrap();
            assert_eq!((people.taken, people.devices, people.left_out), (1, 1, 1));
            // Nobody is woken before devices are sent here: it would go to the other server.
            house.background().await;
            assert_eq!(house.pushes_to(&phone), 0);

            old.say_moved().await;
            house.background().await;
            assert_eq!(house.pushes_to(&phone), 1);
            house.settle(&mut phone).await;

            assert_eq!(old.progress(&phone).await, MigrationProgress::Renewed);
            assert!(has_identity_of_ours(&phone));
            assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
            assert_eq!(phone.mail_accounts().len(), 1);
            let device = house.engine.find_device(&house.admin, id).await;
            let device = device.unwrap().unwrap().device;
            assert_eq!(device.state, DeviceState::Enrolled);
            assert_eq!(device.user_id, Some(ada.id));
            // What the other server had put there is known, and stays.
            let foreign = house.engine.foreign_profiles(&house.admin, id).await;
            let foreign = foreign.unwrap();
            assert_eq!(foreign.len(), 1);
            assert_eq!(foreign[0].0, "com.example.old.wifi");
            assert!(phone.has_profile("com.example.old.wifi"));
            // It goes on calling the addresses that it always called, also for the next identity.
            house.clock.forward_days(300);
            let before = phone.mdm_identity().unwrap().certificate;
            house.settle(&mut phone).await;
            let after = phone.mdm_identity().unwrap().certificate;
            assert_ne!(before.der(), after.der());
            let enrolment = phone.state().enrolment.as_ref().unwrap();
            assert_eq!(enrolment.server_url, old.other.server_url);
            assert_eq!(enrolment.profile, old.other.profile);

            // Retired, it loses the other server's profile, under the name that it has.
            house.engine.retire_device(&house.admin, id).await.unwrap();
            house.settle_until_gone(&mut phone).await;
            assert!(!phone.has_profile(&old.other.profile));
            assert!(phone.mail_accounts().is_empty());
            assert_eq!(old.progress(&phone).await, MigrationProgress::Ended);
        }
    }
}

#[tokio::test]
async fn a_phone_that_does_not_tell_its_profile_is_renewed_once_somebody_says_it() {
    for place in places().await {
        let old = Move::begin(place, Kind::NanoMdm).await;
        let house = &old.house;
        let mut phone = old.phone();
        phone.conceal_enrolment_profile();
        old.import(&phone).await;
        house.settle(&mut phone).await;
        assert!(!has_identity_of_ours(&phone));
        let listed = old.listed().await;
        assert_eq!(listed[0].progress, MigrationProgress::Failed);
        assert!(listed[0].reason.as_ref().unwrap().contains("identifier"));
        // It cannot be retired under a name that nobody knows either, and does not pass for one that has gone.
        let change = MigrationChange {
            profile_identifier: Some(Some(old.other.profile.clone())),
            ..MigrationChange::default()
        };
        let (engine, admin) = (&house.engine, &house.admin);
        let changed = engine.change_migration(admin, old.migration.id, change);
        changed.await.unwrap();
        house.clock.forward_days(2);
        house.settle(&mut phone).await;
        assert!(has_identity_of_ours(&phone));
        assert_eq!(old.progress(&phone).await, MigrationProgress::Renewed);
    }
}

#[tokio::test]
async fn a_restart_in_the_middle_loses_nothing() {
    for place in places().await {
        let mut old = Move::begin(place, Kind::MicroMdm).await;
        let mut phone = old.phone();
        let [first, second] = phone.messages_elsewhere().unwrap();
        assert_eq!(old.send(&old.key, &first).await.0, 200);
        assert_eq!(old.progress(&phone).await, MigrationProgress::Incomplete);
        old.house.restart().await;
        assert_eq!(old.send(&old.key, &second).await.0, 200);
        old.house.restart().await;
        old.say_moved().await;
        // One command, and the power goes.
        phone.faults.lost_answers = 1.0;
        phone.check_in(&old.house.http).await.unwrap();
        assert_eq!(old.progress(&phone).await, MigrationProgress::Seen);
        old.house.restart().await;
        phone.faults.lost_answers = 0.0;
        old.house.settle(&mut phone).await;
        assert_eq!(old.progress(&phone).await, MigrationProgress::Renewed);
    }
}

#[tokio::test]
async fn sending_twice_is_harmless_and_the_device_knows_better_than_the_file() {
    for place in places().await {
        let old = Move::begin(place, Kind::NanoMdm).await;
        let house = &old.house;
        let mut phone = old.phone();
        old.import(&phone).await;
        old.import(&phone).await;
        assert_eq!(old.listed().await.len(), 1);
        let stale = phone.messages_elsewhere().unwrap();
        house.settle(&mut phone).await;
        phone.update_token(&house.http, true).await.unwrap();
        for body in stale {
            assert_eq!(old.send(&old.key, &body).await.0, 200);
        }
        let id = house.device_of(&phone).await;
        let mut session = house.engine.store().read().await.unwrap();
        let record = session.find_device(id).await.unwrap().unwrap();
        let (token, _) = phone.push().unwrap();
        assert_eq!(record.push_token.as_deref(), Some(token));
        assert_eq!(record.device.state, DeviceState::Enrolled);
    }
}

#[tokio::test]
async fn what_is_no_enrolment_of_ours_is_refused_with_its_reason() {
    for place in places().await {
        let old = Move::begin(place, Kind::NanoMdm).await;
        let house = &old.house;
        let mut phone = old.phone();
        let [first, second] = phone.messages_elsewhere().unwrap();
        // Without its `Authenticate`, and by strangers.
        let (status, reason) = old.send(&old.key, &second).await;
        assert_eq!(status, 409);
        assert!(reason.contains("Authenticate"), "{reason}");
        for key in ["", "mandate_migration_wrong", &old.key[1..]] {
            assert_eq!(old.send(key, &first).await.0, 403, "{key}");
        }
        // Of another topic.
        let text = String::from_utf8(first.clone()).unwrap();
        let strange = text.replace(PUSH_TOPIC, "00000000-1111-2222-3333-444444444444");
        let (status, reason) = old.send(&old.key, strange.as_bytes()).await;
        assert_eq!(status, 409);
        assert!(reason.contains("topic"), "{reason}");
        // What tells of nothing, and what is no message at all.
        let other = text.replace("<string>Authenticate<", "<string>CheckOut<");
        let huge = vec![b' '; 1_048_576];
        for body in [other.as_bytes(), b"", b"<plist>", b"bplist00", &huge] {
            assert_eq!(old.send(&old.key, body).await.0, 400);
        }
        assert!(old.listed().await.is_empty());
        // A device that is enrolled here is nobody else's.
        let ada = house.hire("ada").await;
        let mine = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let pretended = text.replace(phone.udid(), mine.udid());
        assert_eq!(old.send(&old.key, pretended.as_bytes()).await.0, 409);
        // The key ends, and may be withdrawn before.
        let admin = &house.admin;
        let key = house
            .engine
            .make_migration_key(admin, old.migration.id, 2)
            .await;
        let key = key.unwrap().key.to_string();
        assert_eq!(old.send(&old.key, &first).await.0, 403);
        assert_eq!(old.send(&key, &first).await.0, 200);
        house.clock.forward_days(3);
        assert_eq!(old.send(&key, &second).await.0, 403);
        let key = house
            .engine
            .make_migration_key(admin, old.migration.id, 2)
            .await;
        let key = key.unwrap().key.to_string();
        let withdrawn = house.engine.revoke_migration_key(admin, old.migration.id);
        withdrawn.await.unwrap();
        assert_eq!(old.send(&key, &second).await.0, 403);
        // What came without its token cannot be met.
        let report = phone.check_in(&house.http).await.unwrap();
        assert_eq!(report.ending, Ending::Refused(403));
        assert!(phone.is_enrolled());
    }
}

#[tokio::test]
async fn the_first_identity_is_bound_and_no_other_one_passes_for_it() {
    for place in places().await {
        let old = Move::begin(place, Kind::NanoMdm).await;
        let house = &old.house;
        // Somebody whom nobody sent in, with an identity of the same authority.
        let mut stranger = old.phone();
        let report = stranger.check_in(&house.http).await.unwrap();
        assert_eq!(report.ending, Ending::Refused(403));
        assert!(stranger.is_enrolled());

        let mut phone = old.phone();
        old.import(&phone).await;
        // The same device with an identity that nobody vouches for.
        let mut forged = phone.clone();
        let now = house.clock.unix_seconds();
        let mut unknown = old.other.clone();
        unknown.authority = OtherServer::authority(&house.keys, "Nobody", now).unwrap();
        forged.enrol_elsewhere(&unknown, now).unwrap();
        let report = forged.check_in(&house.http).await.unwrap();
        assert_eq!(report.ending, Ending::Refused(403));
        // One command, so that the device is known by the identity that it came with.
        phone.faults.lost_answers = 1.0;
        phone.check_in(&house.http).await.unwrap();
        assert_eq!(old.progress(&phone).await, MigrationProgress::Seen);
        // A second identity of the right authority, under the same id.
        let mut thief = phone.clone();
        thief.enrol_elsewhere(&old.other, now).unwrap();
        for _ in 0..3 {
            let report = thief.check_in(&house.http).await.unwrap();
            assert_eq!(report.ending, Ending::Refused(403));
        }
        let listed = old.listed().await;
        assert!(
            listed[0]
                .reason
                .as_ref()
                .unwrap()
                .contains("another certificate")
        );
        let events = house
            .engine
            .audit_events_after(&house.admin, 0, 1000)
            .await
            .unwrap();
        let refusals = events.iter().filter(|event| event.activity == "refuse");
        assert_eq!(refusals.count(), 1, "said once, however often it comes");
        // The device itself goes on.
        phone.faults.lost_answers = 0.0;
        house.settle(&mut phone).await;
        assert_eq!(old.progress(&phone).await, MigrationProgress::Renewed);
        // Its first identity is good no more.
        let report = thief.check_in(&house.http).await.unwrap();
        assert_eq!(report.ending, Ending::Refused(403));
    }
}

#[tokio::test]
async fn under_another_authority_nobody_comes_over() {
    for place in places().await {
        let old = Move::begin(place, Kind::NanoMdm).await;
        let house = &old.house;
        let mut phone = old.phone();
        old.import(&phone).await;
        let set = |authority| {
            house
                .engine
                .set_management_authority(&house.admin, authority, true)
        };
        set(ManagementAuthority::ConfigurationManager)
            .await
            .unwrap();
        let report = phone.check_in(&house.http).await.unwrap();
        assert_eq!(report.ending, Ending::Refused(403));
        assert!(phone.is_enrolled());
        let listed = old.listed().await;
        assert_eq!(listed[0].progress, MigrationProgress::Failed);
        assert!(
            listed[0]
                .reason
                .as_ref()
                .unwrap()
                .contains("Configuration Manager")
        );
        set(ManagementAuthority::Intune).await.unwrap();
        house.settle(&mut phone).await;
        assert_eq!(old.progress(&phone).await, MigrationProgress::Renewed);
    }
}

#[tokio::test]
async fn who_does_not_come_is_missed_and_what_would_be_refused_is_told() {
    for place in places().await {
        let old = Move::begin(place, Kind::NanoMdm).await;
        let house = &old.house;
        let (engine, admin) = (&house.engine, &house.admin);
        let phone = old.phone();
        old.import(&phone).await;
        let ada = house.hire("ada").await;
        let device = house.device_of(&phone).await;
        let change = mandate_engine::DeviceChange {
            user: Some(Some(ada.id)),
            ..mandate_engine::DeviceChange::default()
        };
        engine.update_device(admin, device, change).await.unwrap();
        assert!(old.listed().await[0].would_be_refused.is_none());
        let nobody = mandate_engine::LicenceChange {
            remove: [mandate_engine::LicenceHolder::Everybody].into(),
            ..mandate_engine::LicenceChange::default()
        };
        engine.change_licences(admin, &nobody).await.unwrap();
        let barrier = old.listed().await[0].would_be_refused.clone();
        assert_eq!(barrier.unwrap().code(), "noLicence");

        old.say_moved().await;
        house.clock.forward_days(6);
        assert_eq!(old.progress(&phone).await, MigrationProgress::Imported);
        house.clock.forward_days(2);
        assert_eq!(old.progress(&phone).await, MigrationProgress::Missing);
        let counts = engine
            .count_migrated(admin, old.migration.id)
            .await
            .unwrap();
        assert!(counts.contains(&(MigrationProgress::Missing, 1)));
        // What came by it keeps a migration there, until it is closed.
        let kept = engine.delete_migration(admin, old.migration.id).await;
        assert!(matches!(kept, Err(EngineError::NotPossible { .. })));
        engine.delete_device(admin, device).await.unwrap();
        engine
            .delete_migration(admin, old.migration.id)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_mac_comes_with_the_channel_of_its_user() {
    for place in places().await {
        let old = Move::begin(place, Kind::NanoMdm).await;
        let house = &old.house;
        let mut mac = house.mac(14, 5);
        let now = house.clock.unix_seconds();
        mac.enrol_elsewhere(&old.other, now).unwrap();
        assert_eq!(mac.state().model, Model::MacBook);
        old.import(&mac).await;
        let [_, token] = mac.messages_elsewhere().unwrap();
        let of_person = String::from_utf8(token).unwrap().replace(
            "<key>UDID</key>",
            "<key>UserID</key><string>F151140B-3988-45A9-9471-E96B49F27D93</string>\
             <key>UserShortName</key><string>ada</string><key>UDID</key>",
        );
        for _ in 0..2 {
            assert_eq!(old.send(&old.key, of_person.as_bytes()).await.0, 200);
        }
        let id = house.device_of(&mac).await;
        let mut session = house.engine.store().read().await.unwrap();
        let record = session.find_device(id).await.unwrap().unwrap();
        assert_eq!(record.device.platform, Platform::MacOs);
        assert_eq!(record.device.ownership, Ownership::Unknown);
        assert_eq!(session.channels_of_device(id).await.unwrap().len(), 1);
        drop(session);
        house.settle(&mut mac).await;
        assert_eq!(old.progress(&mac).await, MigrationProgress::Renewed);
    }
}

#[tokio::test]
async fn the_push_certificate_comes_with_its_key() {
    for place in places().await {
        let house = House::open_without_push(place, mandate_engine::Options::default()).await;
        let (engine, admin) = (&house.engine, &house.admin);
        let key = mandate_pki::keys::PrivateKey::generate(mandate_pki::keys::KeyKind::Rsa2048);
        let key = key.unwrap();
        let subject = mandate_pki::name::DistinguishedName::common_name("push");
        let attributes = mandate_pki::csr::RequestedAttributes::default();
        let request = mandate_pki::csr::build(&key, &subject, &attributes).unwrap();
        let now = house.clock.unix_seconds();
        let validity = (now - 3600, now + 30 * 86_400);
        let certificate = house
            .apns
            .authority()
            .push_certificate(request.der(), PUSH_TOPIC, validity)
            .unwrap();
        let stranger = mandate_pki::keys::PrivateKey::generate(mandate_pki::keys::KeyKind::P256);
        let stranger = stranger.unwrap().to_pem();
        for wrong in ["", "no key", &stranger] {
            let refused = engine
                .import_push_certificate(admin, &certificate, wrong, None)
                .await;
            assert!(matches!(refused, Err(EngineError::Invalid(_))), "{wrong}");
        }
        let stored = engine
            .import_push_certificate(admin, &certificate, &key.to_pem(), None)
            .await
            .unwrap();
        assert!(stored.topic.ends_with(PUSH_TOPIC));
    }
}
