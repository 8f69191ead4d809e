//! Macs: enrolled like phones, and given certificates over the device channel.

use std::collections::BTreeSet;

use axum::http::Method;
use mandate_model::{
    EnrolmentType, GroupId, ImportPurpose, Member, Platform, Profile, Reason, State,
};
use mandate_pki::certificate::{Certificate, SubjectAltName};
use mandate_simulator::certificates::Issuer;
use mandate_simulator::device::{Device, Ending, Model, OsVersion};
use mandate_simulator::keys::KeyPool;
use serde_json::json;

use crate::house::{House, MailKey, Program, places};

const ADA: &str = "ada@mail.contoso.com";
const HISTORY: &str = "macOSImportedPFXCertificateProfile";

/// What a Mac can be given.
struct Kit {
    root: Profile,
    scep: Profile,
    pkcs: Profile,
    history: Profile,
}

impl Kit {
    async fn new(house: &House, group: GroupId) -> Self {
        let root = house.own_root("macOSTrustedRootCertificate", "Root").await;
        let scep = house
            .certificate_profile("macOSScepCertificateProfile", "SCEP", Some(root.id))
            .await;
        let pkcs = house
            .certificate_profile("macOSPkcsCertificateProfile", "PKCS", None)
            .await;
        let history = history(house, HISTORY).await;
        let kit = Self {
            root,
            scep,
            pkcs,
            history,
        };
        for profile in kit.all() {
            house.assign(profile.id, &[group]).await;
        }
        kit
    }

    fn all(&self) -> [&Profile; 4] {
        [&self.root, &self.scep, &self.pkcs, &self.history]
    }

    async fn assert_delivered(&self, house: &House, mac: &Device) {
        for profile in self.all() {
            let state = house.state(profile.id, mac).await;
            assert_eq!(state, Some(State::Succeeded), "{}", profile.display_name);
            assert!(house.has(mac, profile.id));
        }
        house.assert_keys_agree(&[mac]).await;
        assert_eq!(house.good_certificates(mac).await.len(), 2);
    }
}

async fn history(house: &House, kind: &str) -> Profile {
    let settings = json!({ "intendedPurpose": "smimeEncryption" });
    house.profile(kind, "History", settings, &[]).await
}

/// Three generations of Ada's encryption keys, imported for her.
async fn generations(house: &House, authority: &Issuer) -> [MailKey; 3] {
    let generations = [
        house.mail_key(authority, 31, ADA, (-4, -2)),
        house.mail_key(authority, 32, ADA, (-2, -1)),
        house.mail_key(authority, 33, ADA, (-1, 2)),
    ];
    for generation in &generations {
        let purpose = ImportPurpose::SmimeEncryption;
        house.bring("ada@contoso.com", purpose, generation).await;
    }
    generations
}

/// Ada's Mac with everything on it.
async fn equipped(
    house: &House,
    (major, minor): (u32, u32),
) -> (Kit, Device, [MailKey; 3], GroupId) {
    let ada = house.hire("ada").await;
    let staff = house.group("Staff", vec![Member::User(ada.id)]).await.id;
    let generations = generations(house, &house.foreign_authority()).await;
    let kit = Kit::new(house, staff).await;
    let mac = house.enrol(house.mac(major, minor), Some(ada.id)).await;
    kit.assert_delivered(house, &mac).await;
    (kit, mac, generations, staff)
}

#[tokio::test]
async fn a_mac_gets_roots_certificates_and_the_whole_history_of_keys() {
    for version in [(14, 5), (11, 7)] {
        for place in places().await {
            let house = House::open(place).await;
            let (kit, mut mac, generations, _) = equipped(&house, version).await;
            for generation in &generations {
                assert!(mac.holds_key_of(&generation.certificate));
            }
            let profile = mac.profile(&house.identifier(kit.history.id)).unwrap();
            assert_eq!(profile.payloads.len(), 3);
            assert_eq!(mac.received_in_clear(), []);
            let root = house.engine.authority().root().der().to_vec();
            let roots = mac.certificates().iter();
            assert!(
                roots
                    .map(|held| held.certificate.der())
                    .any(|der| der == root)
            );
            house.assert_nothing_left(&mut mac).await;
        }
    }
}

#[tokio::test]
async fn the_certificates_of_a_mac_are_renewed_in_time() {
    for place in places().await {
        let house = House::open(place).await;
        let (kit, mut mac, generations, _) = equipped(&house, (14, 5)).await;
        let before = house.held_certificates(&mac);
        house.clock.forward_days(280);
        house.settle(&mut mac).await;
        assert_eq!(
            house.held_certificates(&mac),
            before,
            "before the threshold"
        );
        house.background().await;
        house.apns.forget_pushes();

        house.clock.forward_days(14);
        house.background().await;
        assert_eq!(house.pushes_to(&mac), 1);
        house.settle(&mut mac).await;
        kit.assert_delivered(&house, &mac).await;
        let after = house.held_certificates(&mac);
        assert_eq!(after.intersection(&before).count(), 0);
        for generation in &generations {
            assert!(mac.holds_key_of(&generation.certificate));
        }
        assert_eq!(house.kept_keys().await.len(), 1);
        house.assert_nothing_left(&mut mac).await;
    }
}

#[tokio::test]
async fn what_is_no_longer_assigned_leaves_the_mac_and_is_revoked() {
    for place in places().await {
        let house = House::open(place).await;
        let (kit, mut mac, generations, staff) = equipped(&house, (14, 5)).await;
        house.target(kit.history.id, Vec::new()).await;
        house.settle(&mut mac).await;
        for generation in &generations {
            assert!(!mac.holds(&generation.certificate));
        }
        assert_eq!(house.good_certificates(&mac).await.len(), 2);
        for profile in [&kit.pkcs, &kit.scep] {
            house.target(profile.id, Vec::new()).await;
            house.settle(&mut mac).await;
            assert!(!house.has(&mac, profile.id));
            house.assert_keys_agree(&[&mac]).await;
        }
        assert_eq!(house.good_certificates(&mac).await.len(), 0);
        assert!(house.kept_keys().await.is_empty());
        house.assert_nothing_left(&mut mac).await;

        for profile in kit.all() {
            house.assign(profile.id, &[staff]).await;
        }
        house.settle(&mut mac).await;
        kit.assert_delivered(&house, &mac).await;

        let device = house.device_of(&mac).await;
        house
            .engine
            .retire_device(&house.admin, device)
            .await
            .unwrap();
        let report = mac.check_in(&house.http).await.unwrap();
        assert_eq!(report.ending, Ending::Unenrolled);
        assert!(mac.profiles().is_empty() && mac.identities().is_empty());
        assert_eq!(house.good_certificates(&mac).await, BTreeSet::new());
        assert!(house.kept_keys().await.is_empty());
        house.assert_nothing_left(&mut mac).await;
    }
}

#[tokio::test]
async fn a_profile_for_the_user_channel_waits_for_a_login_and_stops_nothing_else() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let staff = house.group("Staff", vec![Member::User(ada.id)]).await.id;
        generations(&house, &house.foreign_authority()).await;
        let kit = Kit::new(&house, staff).await;
        for profile in [&kit.history, &kit.pkcs] {
            house
                .edit(profile.id, json!({ "deploymentChannel": "userChannel" }))
                .await;
        }
        let mut mac = house.enrol(house.mac(14, 5), Some(ada.id)).await;
        for profile in [&kit.history, &kit.pkcs] {
            let status = house.status(profile.id, &mac).await.unwrap();
            let user = ada.user_principal_name.clone();
            assert_eq!(status.reason, Reason::WaitingForLogin { user });
            assert_eq!(status.state(), State::Pending);
            assert!(!house.has(&mac, profile.id));
        }
        for profile in [&kit.root, &kit.scep] {
            assert_eq!(
                house.state(profile.id, &mac).await,
                Some(State::Succeeded),
                "{}",
                profile.display_name
            );
        }
        house.assert_keys_agree(&[&mac]).await;
        assert!(house.kept_keys().await.is_empty(), "nothing was made");

        for profile in [&kit.history, &kit.pkcs] {
            house
                .edit(profile.id, json!({ "deploymentChannel": "deviceChannel" }))
                .await;
        }
        house.settle(&mut mac).await;
        kit.assert_delivered(&house, &mac).await;
        house.assert_nothing_left(&mut mac).await;

        // What is one person's from now on does not stay where everybody on the Mac may use it.
        house
            .edit(kit.scep.id, json!({ "deploymentChannel": "userChannel" }))
            .await;
        house.settle(&mut mac).await;
        assert!(!house.has(&mac, kit.scep.id));
        let reason = house.reason(kit.scep.id, &mac).await;
        assert!(matches!(reason, Some(Reason::WaitingForLogin { .. })));
        house.assert_keys_agree(&[&mac]).await;
    }
}

#[tokio::test]
async fn profiles_of_one_platform_never_reach_the_other() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let staff = house.group("Staff", vec![Member::User(ada.id)]).await.id;
        let [old, ..] = generations(&house, &house.foreign_authority()).await;
        let for_macs = Kit::new(&house, staff).await;
        let root = house.own_root("iosTrustedRootCertificate", "Root").await;
        let scep = house
            .certificate_profile("iosScepCertificateProfile", "SCEP", Some(root.id))
            .await;
        let pkcs = house
            .certificate_profile("iosPkcsCertificateProfile", "PKCS", None)
            .await;
        let mail = house
            .mail_by_certificate("Mail", "mail.contoso.com", scep.id)
            .await;
        let for_phones = [
            root,
            scep,
            pkcs,
            history(&house, "iosImportedPFXCertificateProfile").await,
            mail,
        ];
        for profile in &for_phones {
            house.assign(profile.id, &[staff]).await;
        }
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let mut mac = house.enrol(house.mac(14, 5), Some(ada.id)).await;
        for profile in for_macs.all() {
            assert_eq!(house.state(profile.id, &phone).await, None);
            assert!(!house.has(&phone, profile.id) && house.has(&mac, profile.id));
        }
        for profile in &for_phones {
            assert_eq!(house.state(profile.id, &mac).await, None);
            assert!(!house.has(&mac, profile.id) && house.has(&phone, profile.id));
            assert_eq!(
                house.state(profile.id, &phone).await,
                Some(State::Succeeded)
            );
        }
        for device in [&mac, &phone] {
            assert!(device.holds_key_of(&old.certificate));
            assert_eq!(device.received_in_clear(), []);
        }
        house.assert_keys_agree(&[&phone, &mac]).await;
        for device in [&mut phone, &mut mac] {
            house.assert_nothing_left(device).await;
        }
        let link = house
            .link_for(Platform::MacOs, Some(ada.id), EnrolmentType::Device)
            .await;
        let mut confused = house.phone(17, 5);
        drop(confused.enrol(&house.http, &link).await);
        if confused.is_enrolled() {
            house.settle(&mut confused).await;
            assert!(!house.has(&confused, for_macs.pkcs.id), "a phone is no Mac");
        }
    }
}

#[tokio::test]
async fn the_api_says_of_a_mac_that_it_is_one() {
    for place in places().await {
        let program = Program::start(place).await;
        let ada = program.hire("ada").await;
        let body = json!({ "userId": ada, "platform": "macos" });
        let (status, link) = program
            .call(Method::POST, "/mandate/v1/enrollmentLinks", Some(body))
            .await;
        assert_eq!(status, 201, "{link}");
        let mut mac = Device::new(
            77,
            Model::MacBook,
            OsVersion::new(14, 5),
            &KeyPool::shared(),
        );
        mac.enrol(&program.http, link["url"].as_str().unwrap())
            .await
            .unwrap();
        let settings = json!({
            "certificateStore": "user",
            "subjectNameFormat": "commonName",
            "subjectAlternativeNameType": "userPrincipalName",
            "certificateValidityPeriodScale": "years",
            "certificateValidityPeriodValue": 1,
            "renewalThresholdPercentage": 20,
            "certificateTemplateName": "clientAuthentication",
        });
        let profile = program
            .profile("macOSPkcsCertificateProfile", "PKCS", settings)
            .await;
        program.assign_to_all(&profile).await;
        program.settle(&mut mac).await;
        let phone = program.enrol(&ada).await;

        let list = program.get("/beta/deviceManagement/managedDevices").await;
        let devices = list["value"].as_array().unwrap();
        for (device, system, version, kind) in [
            (&mac, "macOS", "14.5", "macMDM"),
            (&phone, "iOS", "17.5", "iPhone"),
        ] {
            let found = devices
                .iter()
                .find(|found| found["serialNumber"] == device.state().serial)
                .unwrap_or_else(|| panic!("{} in {list}", device.state().serial));
            assert_eq!(found["operatingSystem"], system, "{found}");
            assert_eq!(found["deviceType"], kind);
            assert_eq!(found["isEncrypted"], true);
            assert_eq!(found["osVersion"], version);
            assert_eq!(found["userPrincipalName"], "ada@contoso.com");
            let id = found["id"].as_str().unwrap();
            let path =
                format!("/beta/deviceManagement/managedDevices/{id}/deviceConfigurationStates");
            let listed = program.get(&path).await;
            let listed = listed["value"].as_array().unwrap();
            assert_eq!(listed.len(), usize::from(system == "macOS"), "{listed:?}");
            for state in listed {
                assert_eq!(state["state"], "compliant", "{state}");
                assert_eq!(state["platformType"], "macOS", "{state}");
            }
        }
        let told = program.states(&profile).await;
        assert_eq!(told[0]["state"], "succeeded", "{told:?}");
        assert_eq!(mac.identities().len(), 2);
    }
}

#[tokio::test]
async fn certificates_are_signed_with_the_hash_and_say_the_attribute_that_profiles_ask_for() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let staff = house.group("Staff", vec![Member::User(ada.id)]).await.id;
        let kit = Kit::new(&house, staff).await;
        house
            .edit(kit.scep.id, json!({ "hashAlgorithm": "sha1,sha2" }))
            .await;
        let names = json!([{ "sanType": "customAzureADAttribute", "name": "{{department}}" }]);
        house
            .edit(
                kit.pkcs.id,
                json!({ "customSubjectAlternativeNames": names }),
            )
            .await;
        let mut mac = house.enrol(house.mac(14, 5), Some(ada.id)).await;
        let missing = Reason::MissingAttribute {
            attribute: "department".to_owned(),
            user: ada.user_principal_name.clone(),
        };
        assert_eq!(house.reason(kit.pkcs.id, &mac).await, Some(missing));
        let changed = house.engine.update_user(&house.admin, ada.id, |user| {
            let department = json!("Übersee, R&D");
            user.other.insert("department".to_owned(), department);
        });
        changed.await.unwrap();
        house.settle(&mut mac).await;
        let names_and_hashes = |profile: &Profile| {
            let identifier = house.identifier(profile.id);
            let held = mac.identities().iter();
            let held = held.filter(|held| held.profile == identifier);
            let certificates: Vec<Certificate> = held
                .map(|held| Certificate::from_der(held.certificate.der()).unwrap())
                .collect();
            assert_eq!(certificates.len(), 1, "{}", profile.display_name);
            let der = certificates[0].der();
            let signed = der
                .windows(SHA256_WITH_RSA.len())
                .filter(|bytes| *bytes == SHA256_WITH_RSA);
            (certificates[0].subject_alt_names(), signed.count())
        };
        // Once within what is signed, once beside it.
        assert_eq!(names_and_hashes(&kit.scep).1, 2);
        assert_eq!(
            names_and_hashes(&kit.pkcs),
            (vec![SubjectAltName::Upn("Übersee, R&D".to_owned())], 2)
        );
    }
}

#[tokio::test]
async fn a_key_that_never_arrived_is_let_go_when_its_edit_is_taken_back() {
    for place in places().await {
        let house = House::open(place).await;
        let (kit, mut mac, ..) = equipped(&house, (14, 5)).await;
        let held = house.held_certificates(&mac);
        let subject = |text: &str| json!({ "subjectNameFormatString": text });
        house
            .edit(kit.pkcs.id, subject("CN={{UserName}},OU=Mail"))
            .await;
        mac.faults.lost_answers = 1.0;
        let report = mac.check_in(&house.http).await.unwrap();
        assert_eq!(report.ending, Ending::AnswerLost);
        mac.faults.lost_answers = 0.0;
        assert_eq!(house.kept_keys().await.len(), 2);
        let before = kit.pkcs.settings["subjectNameFormatString"].as_str();
        house.edit(kit.pkcs.id, subject(before.unwrap())).await;
        house.settle(&mut mac).await;
        house.clock.forward_days(1);
        house.settle(&mut mac).await;
        assert_eq!(house.held_certificates(&mac), held, "nothing has changed");
        house.assert_keys_agree(&[&mac]).await;
        assert_eq!(house.kept_keys().await.len(), 1);
        house.assert_nothing_left(&mut mac).await;
    }
}

/// 1.2.840.113549.1.1.11 (RFC 8017 appendix A.2.4), as it stands in a certificate.
const SHA256_WITH_RSA: [u8; 11] = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];
