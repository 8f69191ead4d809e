//! Certificates whose keys the server makes: one for each device, the same wherever it is named, and gone with the last
//! document that carries it.

use mandate_engine::{DeviceChange, ProfileChange};
use mandate_model::{GroupId, ImportPurpose, Member, Profile, Reason, State, Timestamp, User};
use mandate_pki::certificate::{Certificate, SubjectAltName};
use mandate_simulator::certificates::Certificate as Held;
use mandate_simulator::device::Device;
use plist::Dictionary;
use serde_json::json;

use crate::house::{House, Workshop, error_chain, mail_settings, places};

const PKCS: &str = "iosPkcsCertificateProfile";
const HOSTS: [&str; 2] = ["mail.contoso.com", "mail.fabrikam.com"];

/// Ada, her group, a PKCS profile, and two mail profiles that sign in with its certificate.
struct Office {
    ada: User,
    staff: GroupId,
    certificate: Profile,
    mails: [Profile; 2],
}

impl Office {
    async fn new(house: &House) -> Self {
        let ada = house.hire("ada").await;
        let staff = house.group("Staff", vec![Member::User(ada.id)]).await.id;
        let certificate = house.certificate_profile(PKCS, "Identity", None).await;
        let mails = [
            house
                .mail_by_certificate("Mail", HOSTS[0], certificate.id)
                .await,
            house
                .mail_by_certificate("Second mail", HOSTS[1], certificate.id)
                .await,
        ];
        Self {
            ada,
            staff,
            certificate,
            mails,
        }
    }

    fn all(&self) -> [&Profile; 3] {
        [&self.certificate, &self.mails[0], &self.mails[1]]
    }

    async fn assign_all(&self, house: &House) {
        for profile in self.all() {
            house.assign(profile.id, &[self.staff]).await;
        }
    }

    /// Everything is on a phone.
    async fn on_a_phone(house: &House) -> (Self, Device) {
        let office = Self::new(house).await;
        office.assign_all(house).await;
        let phone = house.enrol(house.phone(17, 5), Some(office.ada.id)).await;
        office.assert_delivered(house, &phone).await;
        (office, phone)
    }

    async fn assert_delivered(&self, house: &House, phone: &Device) {
        for profile in self.all() {
            let state = house.state(profile.id, phone).await;
            assert_eq!(state, Some(State::Succeeded), "{}", profile.display_name);
        }
        house.assert_keys_agree(&[phone]).await;
        assert_eq!(house.good_certificates(phone).await.len(), 1);
        for host in HOSTS {
            assert_eq!(identity(phone, host), the_certificate(house, phone));
        }
    }
}

/// The certificate by which an account signs in.
fn identity(phone: &Device, host: &str) -> Held {
    let views = phone.mail_views();
    let view = views.into_iter().find(|view| view.host == host).unwrap();
    view.identity.unwrap()
}

/// The only certificate of the house that a phone has.
fn the_certificate(house: &House, phone: &Device) -> Held {
    let held = house.held_certificates(phone);
    assert_eq!(held.len(), 1);
    let items = phone.keychain();
    let item = items
        .iter()
        .find(|item| held.contains(mandate_pki::sha256(item.certificate.der()).as_slice()));
    item.unwrap().certificate.clone()
}

fn parsed(certificate: &Held) -> Certificate {
    Certificate::from_der(certificate.der()).unwrap()
}

/// Whether the API says that a certificate was revoked, and the list of revoked certificates too.
async fn is_revoked(house: &House, phone: &Device, certificate: &Held) -> bool {
    let serial = parsed(certificate).serial_hex();
    let issued = house.issued_to(phone).await;
    let issued = issued.iter().find(|issued| issued.serial == serial);
    let said = issued.unwrap().revoked_at.is_some();
    let list = house
        .http
        .fetch(&format!("{}/pki/crl", house.url))
        .await
        .unwrap();
    // INTEGER, as the serial number stands in both.
    let octets = certificate.serial_number();
    let mut integer = vec![2, u8::try_from(octets.len()).unwrap()];
    integer.extend(&octets);
    let listed = list
        .body
        .windows(integer.len())
        .any(|window| window == integer);
    assert_eq!(said, listed, "the API and the list of revoked certificates");
    said
}

#[tokio::test]
async fn one_certificate_serves_all_documents_of_a_device_and_each_device_has_its_own() {
    for place in places().await {
        let house = House::open(place).await;
        let (office, mut phone) = Office::on_a_phone(&house).await;
        let certificate = the_certificate(&house, &phone);
        let items = phone.keychain();
        let item = items
            .iter()
            .find(|item| *item.certificate == certificate)
            .unwrap();
        assert_eq!(item.profiles.len(), 3, "{:?}", item.profiles);
        let said = parsed(&certificate);
        assert_eq!(said.common_name().as_deref(), Some("ada"));
        assert_eq!(
            said.subject_alt_names(),
            [
                SubjectAltName::Upn("ada@contoso.com".to_owned()),
                SubjectAltName::Email("ada@mail.contoso.com".to_owned()),
            ]
        );

        let other = house.enrol(house.phone(14, 8), Some(office.ada.id)).await;
        let others = the_certificate(&house, &other);
        assert_ne!(others.public(), certificate.public());
        assert_ne!(others.serial_number(), certificate.serial_number());
        assert_eq!(house.kept_keys().await.len(), 2);
        for device in [&phone, &other] {
            assert_eq!(device.received_in_clear(), []);
        }
        house.assert_keys_agree(&[&phone, &other]).await;
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn another_subject_is_another_certificate_and_the_former_is_revoked() {
    for place in places().await {
        let house = House::open(place).await;
        let (office, mut phone) = Office::on_a_phone(&house).await;
        let former = the_certificate(&house, &phone);
        let accounts: Vec<String> = phone
            .mail_accounts()
            .iter()
            .map(|account| account.payload_uuid.clone())
            .collect();
        let subject = json!({ "subjectNameFormatString": "CN={{UserName}},OU=Mail" });
        house.edit(office.certificate.id, subject.clone()).await;
        house.settle(&mut phone).await;
        office.assert_delivered(&house, &phone).await;
        let now = the_certificate(&house, &phone);
        assert!(parsed(&now).subject().contains("OU=Mail"));
        assert_ne!(now.public(), former.public());
        assert!(is_revoked(&house, &phone, &former).await);
        assert!(!is_revoked(&house, &phone, &now).await);
        assert_eq!(house.kept_keys().await.len(), 1);
        let same = phone
            .mail_accounts()
            .iter()
            .all(|account| accounts.contains(&account.payload_uuid));
        assert!(same && phone.counters().accounts_recreated == 0);

        // The same subject once more is no edit, and what is taken back before anybody came is none either.
        house.edit(office.certificate.id, subject.clone()).await;
        assert_eq!(house.settle(&mut phone).await, Vec::<String>::new());
        let other = json!({ "subjectNameFormatString": "CN=Nobody" });
        house.edit(office.certificate.id, other).await;
        house.edit(office.certificate.id, subject).await;
        assert_eq!(house.settle(&mut phone).await, Vec::<String>::new());
        assert_eq!(house.issued_to(&phone).await.len(), 2);
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_certificate_ends_with_the_last_document_that_carries_it_and_not_before() {
    for place in places().await {
        let house = House::open(place).await;
        house.come_to_the_present();
        let (office, mut phone) = Office::on_a_phone(&house).await;
        let certificate = the_certificate(&house, &phone);
        house.target(office.mails[0].id, Vec::new()).await;
        house.settle(&mut phone).await;
        assert!(!is_revoked(&house, &phone, &certificate).await);
        assert_eq!(identity(&phone, HOSTS[1]), certificate);
        assert_eq!(house.kept_keys().await.len(), 1);

        house.target(office.mails[1].id, Vec::new()).await;
        house.settle(&mut phone).await;
        assert!(!is_revoked(&house, &phone, &certificate).await);
        assert!(phone.holds_key_of(&certificate));

        house.target(office.certificate.id, Vec::new()).await;
        house.settle(&mut phone).await;
        assert!(!phone.holds(&certificate));
        assert!(is_revoked(&house, &phone, &certificate).await);
        assert!(house.kept_keys().await.is_empty());
        if let Some(workshop) = Workshop::with(&["openssl"]) {
            let said = ocsp(&house, &workshop, &certificate).await;
            assert!(said.contains("leaf.pem: revoked"), "{said}");
            assert!(said.contains("Response verify OK"), "{said}");
        }
        house.assert_nothing_left(&mut phone).await;
    }
}

/// What `openssl ocsp` says of a certificate, `leaf.pem`.
async fn ocsp(house: &House, workshop: &Workshop, certificate: &Held) -> String {
    let authority = house.engine.authority();
    workshop.write("leaf.pem", certificate.pem());
    workshop.write("issuing.pem", authority.issuing().to_pem());
    let both = authority.root().to_pem() + &authority.issuing().to_pem();
    workshop.write("ca.pem", both);
    let line = "ocsp -issuer issuing.pem -CAfile ca.pem -cert leaf.pem -url";
    workshop
        .openssl(&format!("{line} {}/pki/ocsp", house.url))
        .await
}

#[tokio::test]
async fn an_edit_that_drops_the_reference_lets_the_certificate_go() {
    for place in places().await {
        let house = House::open(place).await;
        let (office, mut phone) = Office::on_a_phone(&house).await;
        let certificate = the_certificate(&house, &phone);
        // Without its own profile nothing new is made of it, and nothing that works is taken away.
        house.target(office.certificate.id, Vec::new()).await;
        house.settle(&mut phone).await;
        for mail in &office.mails {
            let profiles = vec![office.certificate.display_name.clone()];
            assert_eq!(
                house.reason(mail.id, &phone).await,
                Some(Reason::DependencyNotAssigned { profiles })
            );
        }
        for host in HOSTS {
            assert_eq!(identity(&phone, host), certificate);
        }
        assert!(!is_revoked(&house, &phone, &certificate).await);

        let password = json!({ "authenticationMethod": "usernameAndPassword" });
        for (number, mail) in office.mails.iter().enumerate() {
            let change = ProfileChange {
                body: password.as_object().unwrap().clone(),
                references: [("identityCertificate".to_owned(), None)].into(),
                ..ProfileChange::default()
            };
            house
                .engine
                .update_profile(&house.admin, mail.id, change)
                .await
                .unwrap();
            house.settle(&mut phone).await;
            assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
            let is_last = number == 1;
            assert_eq!(is_revoked(&house, &phone, &certificate).await, is_last);
            assert_eq!(phone.holds(&certificate), !is_last);
            assert_eq!(house.kept_keys().await.is_empty(), is_last);
        }
        house.assert_keys_agree(&[&phone]).await;
        house.assert_nothing_left(&mut phone).await;
    }
}

/// Lets a phone refuse all profiles in one session; how many it was given.
async fn refuse_all(house: &House, phone: &Device, domain: &str, code: i64) -> usize {
    let mut puppet = house.puppet(phone);
    puppet
        .session(|command| match command.kind.as_str() {
            "InstallProfile" => ("Error", error_chain(domain, code, "It is refused.")),
            "ProfileList" => ("Acknowledged", crate::house::profile_list(phone)),
            _ => ("Acknowledged", Dictionary::new()),
        })
        .await;
    let installs = puppet.commands.iter();
    installs.filter(|kind| *kind == "InstallProfile").count()
}

#[tokio::test]
async fn a_device_that_refuses_the_profile_wastes_no_keys() {
    for (domain, code) in [
        ("MCCertificateErrorDomain", 9000),
        ("MCSCEPErrorDomain", 22013),
    ] {
        for place in places().await {
            let house = House::open(place).await;
            let office = Office::new(&house).await;
            let mut phone = house.enrol(house.phone(17, 5), Some(office.ada.id)).await;
            office.assign_all(&house).await;
            let mut refused = 0;
            for _ in 0..4 {
                refused += refuse_all(&house, &phone, domain, code).await;
                house.clock.forward(2 * Timestamp::HOUR);
            }
            assert!(refused > 6, "{refused}");
            let reason = house.reason(office.certificate.id, &phone).await.unwrap();
            assert!(
                matches!(&reason, Reason::DeviceError { number, .. } if *number == code),
                "{reason:?}"
            );
            assert_eq!(house.issued_to(&phone).await.len(), 1);
            assert_eq!(house.kept_keys().await.len(), 1);

            house.clock.forward_days(1);
            house.settle(&mut phone).await;
            office.assert_delivered(&house, &phone).await;
            assert_eq!(house.issued_to(&phone).await.len(), 1);
            house.assert_nothing_left(&mut phone).await;
        }
    }
}

#[tokio::test]
async fn what_was_made_for_a_device_that_never_took_it_ends_when_it_is_no_longer_wanted() {
    for place in places().await {
        let house = House::open(place).await;
        let office = Office::new(&house).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(office.ada.id)).await;
        house.assign(office.certificate.id, &[office.staff]).await;
        refuse_all(&house, &phone, "MCCertificateErrorDomain", 9000).await;
        assert_eq!(house.good_certificates(&phone).await.len(), 1);
        house.target(office.certificate.id, Vec::new()).await;
        house.settle(&mut phone).await;
        assert_eq!(house.state(office.certificate.id, &phone).await, None);
        house.assert_keys_agree(&[&phone]).await;
        assert!(house.kept_keys().await.is_empty());
    }
}

#[tokio::test]
async fn an_account_in_the_way_costs_no_certificates_and_holds_none_back() {
    for place in places().await {
        let house = House::open(place).await;
        let (office, mut phone) = Office::on_a_phone(&house).await;
        // A mail profile that asks for one certificate by SCEP and signs with one that the server made.
        let root = house.own_root("iosTrustedRootCertificate", "Root").await;
        let scep = house
            .certificate_profile("iosScepCertificateProfile", "Sign-in", Some(root.id))
            .await;
        let mut settings = mail_settings();
        settings["hostName"] = json!("mail.example.org");
        settings["authenticationMethod"] = json!("certificate");
        settings["requireSmime"] = json!(true);
        settings["smimeSigningEnabled"] = json!(true);
        settings["signingCertificateType"] = json!("certificate");
        let references = [
            ("identityCertificate", scep.id),
            ("smimeSigningCertificate", office.certificate.id),
        ];
        let mail = house
            .profile(
                "iosEasEmailProfileConfiguration",
                "Third mail",
                settings,
                &references,
            )
            .await;
        phone.add_user_account("mail.example.org", "ada@mail.contoso.com");
        for profile in [&root, &scep, &mail] {
            house.assign(profile.id, &[office.staff]).await;
        }
        for _ in 0..3 {
            house.settle(&mut phone).await;
            house.clock.forward(Timestamp::HOUR);
        }
        let reason = house.reason(mail.id, &phone).await.unwrap();
        assert!(matches!(reason, Reason::AccountExists { .. }), "{reason:?}");
        house.assert_keys_agree(&[&phone]).await;

        // While it waits, the certificate changes for the others: the former is of no use to anybody.
        let subject = json!({ "subjectNameFormatString": "CN={{UserName}},OU=Mail" });
        house.edit(office.certificate.id, subject).await;
        house.settle(&mut phone).await;
        house.assert_keys_agree(&[&phone]).await;

        phone.remove_user_account("mail.example.org", "ada@mail.contoso.com");
        house.clock.forward_days(1);
        house.settle(&mut phone).await;
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
        house.assert_keys_agree(&[&phone]).await;
        let of_pkcs = house.issued_to(&phone).await;
        let of_pkcs = of_pkcs
            .iter()
            .filter(|issued| issued.profile_id == Some(office.certificate.id));
        assert_eq!(of_pkcs.count(), 2, "one before and one after the edit");
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn what_a_user_deletes_by_hand_comes_back_as_it_was() {
    for place in places().await {
        let house = House::open(place).await;
        let (office, mut phone) = Office::on_a_phone(&house).await;
        let authority = house.foreign_authority();
        let imported = house.mail_key(&authority, 31, "ada@mail.contoso.com", (-1, 2));
        house
            .bring("ada@contoso.com", ImportPurpose::SmimeEncryption, &imported)
            .await;
        let history = house
            .profile(
                "iosImportedPFXCertificateProfile",
                "History",
                json!({ "intendedPurpose": "smimeEncryption" }),
                &[],
            )
            .await;
        house.assign(history.id, &[office.staff]).await;
        house.settle(&mut phone).await;

        let device = house.device_of(&phone).await;
        let own = the_certificate(&house, &phone);
        for certificate in [&own, &imported.certificate] {
            assert!(phone.delete_certificate(&certificate.fingerprint()));
            assert!(!phone.holds(certificate));
            house
                .engine
                .sync_device(&house.admin, device)
                .await
                .unwrap();
            house.settle(&mut phone).await;
            assert!(phone.holds_key_of(certificate));
        }
        office.assert_delivered(&house, &phone).await;
        assert_eq!(
            house.state(history.id, &phone).await,
            Some(State::Succeeded)
        );
        assert_eq!(house.issued_to(&phone).await.len(), 1, "no new one");
        assert_eq!(phone.received_in_clear(), []);
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn what_a_user_deletes_while_nothing_can_be_made_comes_back_when_something_can() {
    for place in places().await {
        let house = House::open(place).await;
        let (office, mut phone) = Office::on_a_phone(&house).await;
        house.target(office.certificate.id, Vec::new()).await;
        house.settle(&mut phone).await;
        let certificate = the_certificate(&house, &phone);
        assert!(phone.delete_certificate(&certificate.fingerprint()));
        let device = house.device_of(&phone).await;
        house
            .engine
            .sync_device(&house.admin, device)
            .await
            .unwrap();
        house.settle(&mut phone).await;
        assert!(!phone.holds(&certificate));
        house.assert_nothing_left(&mut phone).await;

        house.assign(office.certificate.id, &[office.staff]).await;
        house.settle(&mut phone).await;
        office.assert_delivered(&house, &phone).await;
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn what_expired_on_a_sleeping_phone_is_issued_again_at_its_return() {
    for place in places().await {
        let house = House::open(place).await;
        let (office, mut phone) = Office::on_a_phone(&house).await;
        let expired = the_certificate(&house, &phone);
        for _ in 0..14 {
            house.clock.forward_days(30);
            house.background().await;
        }
        house.settle(&mut phone).await;
        office.assert_delivered(&house, &phone).await;
        let now = the_certificate(&house, &phone);
        assert_ne!(now, expired);
        assert!(parsed(&now).not_after() > house.clock.unix_seconds() + 300 * 86_400);
        assert_eq!(phone.counters().accounts_recreated, 0);
        house.assert_nothing_left(&mut phone).await;

        // And in time where the phone is awake, once for all documents.
        house.clock.forward_days(294);
        house.background().await;
        house.settle(&mut phone).await;
        office.assert_delivered(&house, &phone).await;
        assert_ne!(the_certificate(&house, &phone), now);
        assert!(is_revoked(&house, &phone, &now).await);
        assert_eq!(house.issued_to(&phone).await.len(), 3);
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_renewed_certificate_serves_documents_that_come_later_too() {
    for place in places().await {
        let house = House::open(place).await;
        let office = Office::new(&house).await;
        for profile in [&office.certificate, &office.mails[0]] {
            house.assign(profile.id, &[office.staff]).await;
        }
        let mut phone = house.enrol(house.phone(17, 5), Some(office.ada.id)).await;
        house.clock.forward_days(294);
        house.settle(&mut phone).await;
        let renewed = the_certificate(&house, &phone);
        house.assign(office.mails[1].id, &[office.staff]).await;
        house.settle(&mut phone).await;
        office.assert_delivered(&house, &phone).await;
        assert_eq!(the_certificate(&house, &phone), renewed);
        assert_eq!(house.issued_to(&phone).await.len(), 2);

        // The next one is made once for all three, whatever round each of them is in.
        house.clock.forward_days(294);
        house.settle(&mut phone).await;
        office.assert_delivered(&house, &phone).await;
        assert_eq!(house.issued_to(&phone).await.len(), 3);
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_certificate_that_was_replaced_before_its_time_is_not_replaced_at_the_time_of_the_former()
{
    for place in places().await {
        let house = House::open(place).await;
        let (office, mut phone) = Office::on_a_phone(&house).await;
        house.clock.forward_days(200);
        let subject = json!({ "subjectNameFormatString": "CN={{UserName}},OU=Mail" });
        house.edit(office.certificate.id, subject).await;
        house.settle(&mut phone).await;
        let issued = house.issued_to(&phone).await.len();
        let versions = |phone: &Device| -> Vec<String> {
            let identifiers = office.all().map(|profile| house.identifier(profile.id));
            let profiles = identifiers.iter().map(|id| phone.profile(id).unwrap());
            profiles.map(|profile| profile.uuid.clone()).collect()
        };
        let before = versions(&phone);
        for _ in 0..10 {
            // Until twenty days after the first one was due.
            house.clock.forward_days(11);
            house.background().await;
            house.settle(&mut phone).await;
            assert_eq!(versions(&phone), before, "nothing is due");
        }
        assert_eq!(house.issued_to(&phone).await.len(), issued);
    }
}

#[tokio::test]
async fn a_template_that_does_not_exist_is_named_and_corrected() {
    for place in places().await {
        let house = House::open(place).await;
        let office = Office::new(&house).await;
        house
            .edit(
                office.certificate.id,
                json!({ "certificateTemplateName": "SmartcardLogon" }),
            )
            .await;
        office.assign_all(&house).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(office.ada.id)).await;
        let unknown = Reason::UnknownTemplate {
            template: "SmartcardLogon".to_owned(),
            profile: "Identity".to_owned(),
        };
        for profile in office.all() {
            let status = house.status(profile.id, &phone).await.unwrap();
            assert_eq!(status.reason, unknown, "{}", profile.display_name);
            assert_eq!(status.state(), State::Error);
            assert!(status.reason.message().contains("SmartcardLogon"));
        }
        assert_eq!(house.issued_to(&phone).await.len(), 0);
        assert!(house.kept_keys().await.is_empty());

        house
            .edit(
                office.certificate.id,
                json!({ "certificateTemplateName": "clientAuthentication" }),
            )
            .await;
        house.settle(&mut phone).await;
        office.assert_delivered(&house, &phone).await;
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn what_speaks_for_a_person_ends_with_the_account_and_begins_anew() {
    for place in places().await {
        let house = House::open(place).await;
        let (office, mut phone) = Office::on_a_phone(&house).await;
        let first = the_certificate(&house, &phone);
        let enable = async |enabled: bool| {
            house
                .engine
                .update_user(&house.admin, office.ada.id, |user| {
                    user.account_enabled = enabled;
                })
                .await
                .unwrap();
        };
        enable(false).await;
        assert!(is_revoked(&house, &phone, &first).await, "at once");
        assert!(house.kept_keys().await.is_empty());
        house.settle(&mut phone).await;
        assert!(!phone.holds(&first) && phone.mail_views().is_empty());
        for profile in office.all() {
            let reason = house.reason(profile.id, &phone).await.unwrap();
            assert!(matches!(reason, Reason::UserDisabled { .. }), "{reason:?}");
        }
        house.assert_nothing_left(&mut phone).await;

        enable(true).await;
        house.settle(&mut phone).await;
        office.assert_delivered(&house, &phone).await;
        let second = the_certificate(&house, &phone);
        assert_ne!(second.public(), first.public());
        house.assert_nothing_left(&mut phone).await;

        // Before the phone hears of either: what it has is of no use, and it gets something that is.
        enable(false).await;
        enable(true).await;
        assert!(is_revoked(&house, &phone, &second).await);
        house.settle(&mut phone).await;
        office.assert_delivered(&house, &phone).await;
        house.assert_nothing_left(&mut phone).await;

        let third = the_certificate(&house, &phone);
        house
            .engine
            .delete_user(&house.admin, office.ada.id)
            .await
            .unwrap();
        assert!(is_revoked(&house, &phone, &third).await, "at once");
        assert!(house.kept_keys().await.is_empty());
        house.settle(&mut phone).await;
        assert!(phone.is_enrolled() && !phone.holds(&third));
        house.assert_keys_agree(&[&phone]).await;
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_removal_goes_on_whatever_else_changes() {
    for place in places().await {
        let house = House::open(place).await;
        let (office, mut phone) = Office::on_a_phone(&house).await;
        house
            .engine
            .update_user(&house.admin, office.ada.id, |user| {
                user.account_enabled = false;
            })
            .await
            .unwrap();
        phone.faults.not_now = 1.0;
        phone.check_in(&house.http).await.unwrap();
        assert!(house.has(&phone, office.certificate.id), "it is busy");
        let other = house.mail_profile("Other").await;
        house.assign(other.id, &[office.staff]).await;
        phone.check_in(&house.http).await.unwrap();
        phone.faults.not_now = 0.0;
        house.settle(&mut phone).await;
        for profile in office.all() {
            assert!(!house.has(&phone, profile.id), "{}", profile.display_name);
        }
        house.assert_keys_agree(&[&phone]).await;
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_check_ins_at_once_make_one_certificate() {
    for place in places().await {
        let house = House::open(place).await;
        let office = Office::new(&house).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(office.ada.id)).await;
        house.assign(office.certificate.id, &[office.staff]).await;
        let (mut one, mut two) = (house.puppet(&phone), house.puppet(&phone));
        let (first, second) = tokio::join!(one.ask(), two.ask());
        assert!(first.is_some() && second.is_some());
        assert_eq!(house.issued_to(&phone).await.len(), 1);
        assert_eq!(house.kept_keys().await.len(), 1);
        house.settle(&mut phone).await;
        house.assert_keys_agree(&[&phone]).await;
        assert_eq!(house.issued_to(&phone).await.len(), 1);
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_device_that_is_taken_out_of_service_leaves_no_keys() {
    for place in places().await {
        let house = House::open(place).await;
        let (office, mut phone) = Office::on_a_phone(&house).await;
        let stays = house.enrol(house.phone(17, 5), Some(office.ada.id)).await;
        let certificate = the_certificate(&house, &phone);
        let device = house.device_of(&phone).await;
        house
            .engine
            .retire_device(&house.admin, device)
            .await
            .unwrap();
        house.settle_until_gone(&mut phone).await;
        assert!(is_revoked(&house, &phone, &certificate).await);
        assert_eq!(house.kept_keys().await.len(), 1, "that of the other phone");
        house.assert_keys_agree(&[&stays]).await;
    }
}

#[tokio::test]
async fn an_earlier_renewal_of_one_document_leaves_the_others_what_they_carry() {
    for place in places().await {
        let house = House::open(place).await;
        let (office, mut phone) = Office::on_a_phone(&house).await;
        let former = the_certificate(&house, &phone);
        house.clock.forward_days(60);
        house.settle(&mut phone).await;
        // Another threshold is no other content; but what is made anew after it is made by it.
        let threshold = json!({ "renewalThresholdPercentage": 90 });
        house.edit(office.certificate.id, threshold).await;
        house
            .edit(
                office.mails[1].id,
                json!({ "durationOfEmailToSync": "oneDay" }),
            )
            .await;
        house.settle(&mut phone).await;
        let newer = identity(&phone, HOSTS[1]);
        assert_ne!(newer.public(), former.public());
        assert!(!is_revoked(&house, &phone, &newer).await);
        let carried = identity(&phone, HOSTS[0]);
        assert!(!is_revoked(&house, &phone, &carried).await);

        // In the end all have the newer one, and the former is revoked.
        house.clock.forward_days(250);
        house.settle(&mut phone).await;
        assert_eq!(identity(&phone, HOSTS[0]), identity(&phone, HOSTS[1]));
        assert!(is_revoked(&house, &phone, &former).await);
        house.assert_keys_agree(&[&phone]).await;
        house.assert_no_idle_keys(&[&phone]).await;
    }
}

#[tokio::test]
async fn what_was_made_for_one_person_does_not_stay_with_the_next() {
    for place in places().await {
        let house = House::open(place).await;
        let (office, mut phone) = Office::on_a_phone(&house).await;
        let adas = the_certificate(&house, &phone);
        // Ben has no address, so no account can be made for him.
        let ben = house.hire("ben").await;
        house
            .engine
            .update_user(&house.admin, ben.id, |user| user.mail = None)
            .await
            .unwrap();
        house
            .engine
            .add_members(&house.admin, office.staff, vec![Member::User(ben.id)])
            .await
            .unwrap();
        let device = house.device_of(&phone).await;
        let change = DeviceChange {
            user: Some(Some(ben.id)),
            ..DeviceChange::default()
        };
        house
            .engine
            .update_device(&house.admin, device, change)
            .await
            .unwrap();
        house.settle(&mut phone).await;
        assert!(phone.mail_views().is_empty());
        assert!(is_revoked(&house, &phone, &adas).await);
        assert_eq!(house.kept_keys().await.len(), 0);
        assert!(matches!(
            house.reason(office.mails[0].id, &phone).await,
            Some(Reason::MissingAttribute { .. })
        ));
    }
}
