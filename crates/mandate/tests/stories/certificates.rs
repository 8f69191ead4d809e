//! Certificates: issued for exactly what was offered, renewed in time, revoked when they end.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mandate_engine::IssuedCertificate;
use mandate_model::{Member, Profile, ProfileId, State};
use mandate_pki::authority::RevocationReason;
use mandate_pki::certificate::{Certificate, SubjectAltName};
use mandate_simulator::device::Device;
use serde_json::json;

use crate::house::{House, address, common_name, places};

/// Ada's phone, enrolled before the chain was assigned to her.
async fn chain_on_its_way(house: &House) -> (Device, (Profile, Profile, Profile)) {
    let ada = house.hire("ada").await;
    let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
    let phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
    let chain = house.mail_with_certificate("Mail").await;
    house.assign_chain(&chain, &[sales.id]).await;
    (phone, chain)
}

async fn chain_on_the_phone(house: &House) -> (Device, (Profile, Profile, Profile)) {
    let (mut phone, chain) = chain_on_its_way(house).await;
    house.settle(&mut phone).await;
    assert_eq!(
        house.state(chain.2.id, &phone).await,
        Some(State::Succeeded)
    );
    (phone, chain)
}

async fn issued(
    house: &House,
    phone: &Device,
    profile: Option<ProfileId>,
) -> Vec<IssuedCertificate> {
    let device = house.device_of(phone).await;
    let issued = house
        .engine
        .device_certificates(&house.admin, device)
        .await
        .unwrap();
    issued
        .into_iter()
        .filter(|issued| issued.profile_id == profile)
        .collect()
}

/// The certificate on the phone that a profile brought.
fn held(house: &House, phone: &Device, profile: ProfileId) -> Certificate {
    let identifier = house.identifier(profile);
    let held: Vec<_> = phone
        .identities()
        .iter()
        .filter(|held| held.profile == identifier)
        .collect();
    assert_eq!(held.len(), 1);
    Certificate::from_der(held[0].certificate.der()).unwrap()
}

#[tokio::test]
async fn each_device_gets_a_certificate_of_its_own_with_the_names_of_its_user() {
    for place in places().await {
        let house = House::open(place).await;
        let (phone, chain) = chain_on_the_phone(&house).await;
        let ada = house
            .engine
            .find_user(&house.admin, "ada@contoso.com")
            .await
            .unwrap()
            .unwrap();
        let other = house.enrol(house.phone(16, 0), Some(ada.id)).await;
        let (first, second) = (
            held(&house, &phone, chain.1.id),
            held(&house, &other, chain.1.id),
        );
        assert_ne!(first.serial_hex(), second.serial_hex());
        for certificate in [&first, &second] {
            assert_eq!(certificate.common_name().as_deref(), Some("ada"));
            assert!(
                certificate.subject().contains("ada@mail.contoso.com"),
                "{}",
                certificate.subject()
            );
            assert_eq!(
                certificate.subject_alt_names(),
                [SubjectAltName::Upn("ada@contoso.com".to_owned())]
            );
            let usages: Vec<String> = certificate
                .extended_key_usages()
                .iter()
                .map(ToString::to_string)
                .collect();
            assert_eq!(usages, ["1.3.6.1.5.5.7.3.2"]);
            certificate
                .verify_signed_by(house.engine.authority().issuing())
                .unwrap();
            let days = (certificate.not_after() - house.clock.unix_seconds()) / 86_400;
            assert!((364..=366).contains(&days), "{days}");
        }
        let account = &phone.mail_accounts()[0];
        assert!(account.settings.identity.is_some() && !account.settings.asks_password);
    }
}

#[tokio::test]
async fn a_challenge_serves_once_and_a_repeated_transaction_gets_the_same_certificate() {
    for place in places().await {
        let house = House::open(place).await;
        let (phone, _) = chain_on_its_way(&house).await;
        let offer = house.offered_certificate(&phone).await;
        let mut applicant = house.applicant(offer);
        let first = applicant.ask().await.unwrap();
        let again = applicant.ask().await.unwrap();
        assert_eq!(
            first.der(),
            again.der(),
            "the answer was lost and is given again"
        );

        applicant.transaction = "another".to_owned();
        applicant.ask().await.unwrap_err();
        applicant.transaction = "the first".to_owned();
        applicant.key = house.key(5);
        applicant.ask().await.unwrap_err();
    }
}

#[tokio::test]
async fn a_request_for_anything_else_than_was_offered_is_refused_and_costs_nothing() {
    for place in places().await {
        let house = House::open(place).await;
        let (phone, chain) = chain_on_its_way(&house).await;
        let offer = house.offered_certificate(&phone).await;

        let mut altered = house.applicant(offer.clone());
        altered.request.subject = common_name("admin");
        altered.ask().await.unwrap_err();
        let mut altered = house.applicant(offer.clone());
        altered.request.extensions = vec![address("boss@contoso.com")];
        altered.ask().await.unwrap_err();
        let mut altered = house.applicant(offer.clone());
        altered.request.challenge = None;
        altered.ask().await.unwrap_err();
        let mut altered = house.applicant(offer.clone());
        let challenge = altered.request.challenge.as_mut().unwrap();
        let before_last = challenge.len() - 2..challenge.len() - 1;
        let other = if &challenge[before_last.clone()] == "A" {
            "B"
        } else {
            "A"
        };
        challenge.replace_range(before_last, other);
        altered.ask().await.unwrap_err();
        assert_eq!(issued(&house, &phone, Some(chain.1.id)).await, []);

        house.applicant(offer).ask().await.unwrap();
    }
}

/// The number inside a challenge.
fn number(challenge: &str) -> uuid::Uuid {
    let bytes = URL_SAFE_NO_PAD.decode(challenge).unwrap();
    uuid::Uuid::from_slice(&bytes[..16]).unwrap()
}

#[tokio::test]
async fn a_challenge_that_is_out_is_worth_nothing_once_its_person_is_locked_out() {
    for place in places().await {
        let house = House::open(place).await;
        let (phone, chain) = chain_on_its_way(&house).await;
        let offer = house.offered_certificate(&phone).await;
        let id = number(offer.challenge.as_ref().unwrap());
        let store = house.engine.store();
        let handed_out = store.read().await.unwrap().find_challenge(id).await;
        let handed_out = handed_out.unwrap().unwrap();
        let ada = house
            .engine
            .find_user(&house.admin, "ada@contoso.com")
            .await
            .unwrap()
            .unwrap();
        let allow = |allowed: bool| {
            house.engine.update_user(&house.admin, ada.id, move |user| {
                user.account_enabled = allowed;
            })
        };
        allow(false).await.unwrap();
        let left = store.read().await.unwrap().find_challenge(id).await;
        assert_eq!(left.unwrap(), None);
        house.applicant(offer.clone()).ask().await.unwrap_err();

        // One that was made at the same moment does not help either.
        let mut session = store.write().await.unwrap();
        session.insert_challenge(&handed_out).await.unwrap();
        session.commit().await.unwrap();
        house.applicant(offer.clone()).ask().await.unwrap_err();
        assert_eq!(issued(&house, &phone, Some(chain.1.id)).await, []);
        allow(true).await.unwrap();
        house.applicant(offer).ask().await.unwrap();
    }
}

#[tokio::test]
async fn a_challenge_that_is_out_is_worth_nothing_once_its_device_is_to_go() {
    for place in places().await {
        let house = House::open(place).await;
        let (phone, chain) = chain_on_its_way(&house).await;
        let offer = house.offered_certificate(&phone).await;
        let device = house.device_of(&phone).await;
        house
            .engine
            .retire_device(&house.admin, device)
            .await
            .unwrap();
        house.applicant(offer).ask().await.unwrap_err();
        assert_eq!(issued(&house, &phone, Some(chain.1.id)).await, []);
    }
}

#[tokio::test]
async fn a_certificate_that_is_revoked_by_hand_is_replaced_on_its_device() {
    for place in places().await {
        let house = House::open(place).await;
        let (mut phone, chain) = chain_on_the_phone(&house).await;
        house.background().await;
        house.apns.forget_pushes();
        let before = held(&house, &phone, chain.1.id);
        let reason = RevocationReason::KeyCompromise;
        house
            .engine
            .revoke_certificate(&house.admin, &before.serial_hex(), reason)
            .await
            .unwrap();
        house.background().await;
        assert_eq!(house.pushes_to(&phone), 1);
        house.settle(&mut phone).await;
        let after = held(&house, &phone, chain.1.id);
        assert_ne!(after.serial_hex(), before.serial_hex());
        for issued in issued(&house, &phone, Some(chain.1.id)).await {
            let is_old = issued.serial == before.serial_hex();
            assert_eq!(issued.revoked_at.is_some(), is_old);
        }
        for profile in [&chain.1, &chain.2] {
            assert_eq!(
                house.state(profile.id, &phone).await,
                Some(State::Succeeded)
            );
        }
        assert_eq!(phone.counters().accounts_recreated, 0);
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_key_of_the_server_that_is_revoked_by_hand_is_replaced_wherever_it_is_named() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
        let kind = "iosPkcsCertificateProfile";
        let certificate = house.certificate_profile(kind, "Key", None).await;
        let mail = house
            .mail_by_certificate("Mail", "mail.contoso.com", certificate.id)
            .await;
        for profile in [&certificate, &mail] {
            house.assign(profile.id, &[sales.id]).await;
        }
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let before = house.issued_to(&phone).await;
        assert_eq!(before.len(), 1);
        house
            .engine
            .revoke_certificate(
                &house.admin,
                &before[0].serial,
                RevocationReason::KeyCompromise,
            )
            .await
            .unwrap();
        assert_eq!(house.kept_keys().await.len(), 0, "the key is gone at once");
        house.settle(&mut phone).await;
        let good = house.good_certificates(&phone).await;
        assert!(good.len() == 1 && !good.contains(&before[0].sha256));
        house.assert_keys_agree(&[&phone]).await;
        for profile in [&certificate, &mail] {
            assert_eq!(
                house.state(profile.id, &phone).await,
                Some(State::Succeeded)
            );
        }
        let view = phone.mail_views().remove(0);
        let shown = Certificate::from_der(view.identity.unwrap().der()).unwrap();
        assert!(good.contains(shown.sha256().as_slice()));
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_key_of_another_size_is_refused() {
    for place in places().await {
        let house = House::open(place).await;
        let (mut phone, chain) = chain_on_its_way(&house).await;
        house
            .edit(chain.1.id, json!({ "keySize": "size4096" }))
            .await;
        let offer = house.offered_certificate(&phone).await;
        house.applicant(offer).ask().await.unwrap_err();
        assert_eq!(issued(&house, &phone, Some(chain.1.id)).await, []);

        house.settle(&mut phone).await;
        assert_eq!(
            house.state(chain.1.id, &phone).await,
            Some(State::Succeeded)
        );
        house
            .edit(chain.1.id, json!({ "keySize": "size2048" }))
            .await;
        house.settle(&mut phone).await;
        assert_eq!(
            house.state(chain.2.id, &phone).await,
            Some(State::Succeeded)
        );
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_challenge_that_expired_on_a_sleeping_phone_is_replaced() {
    for place in places().await {
        let house = House::open(place).await;
        let (mut phone, chain) = chain_on_its_way(&house).await;
        let offer = house.offered_certificate(&phone).await;
        house.clock.forward_days(21);
        house.applicant(offer.clone()).ask().await.unwrap_err();

        house.settle(&mut phone).await;
        assert_eq!(
            house.state(chain.2.id, &phone).await,
            Some(State::Succeeded)
        );
        house.engine.tidy().await.unwrap();
        house.applicant(offer).ask().await.unwrap_err();
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_certificate_is_renewed_at_its_threshold_and_the_old_one_is_revoked() {
    for place in places().await {
        let house = House::open(place).await;
        let (mut phone, chain) = chain_on_the_phone(&house).await;
        let (account, before) = (
            phone.mail_accounts()[0].payload_uuid.clone(),
            held(&house, &phone, chain.1.id),
        );
        house.clock.forward_days(280);
        house.settle(&mut phone).await;
        assert_eq!(
            held(&house, &phone, chain.1.id).serial_hex(),
            before.serial_hex(),
            "before the threshold"
        );
        house.background().await;
        house.apns.forget_pushes();

        house.clock.forward_days(14);
        house.background().await;
        assert_eq!(house.pushes_to(&phone), 1);
        house.settle(&mut phone).await;
        let after = held(&house, &phone, chain.1.id);
        assert_ne!(after.serial_hex(), before.serial_hex());
        for issued in issued(&house, &phone, Some(chain.1.id)).await {
            assert_eq!(
                issued.revoked_at.is_none(),
                issued.serial == after.serial_hex()
            );
        }
        assert_eq!(phone.mail_accounts()[0].payload_uuid, account);
        assert_eq!(
            (
                phone.counters().password_prompts,
                phone.counters().accounts_recreated
            ),
            (0, 0)
        );
        assert_eq!(
            house.state(chain.2.id, &phone).await,
            Some(State::Succeeded)
        );
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_phone_that_slept_beyond_every_expiry_comes_back_without_help() {
    for place in places().await {
        let house = House::open(place).await;
        let (mut phone, chain) = chain_on_the_phone(&house).await;
        let account = phone.mail_accounts()[0].payload_uuid.clone();
        let identity = phone.mdm_identity().unwrap().certificate.fingerprint();
        house.clock.forward_days(420);
        house.settle(&mut phone).await;
        assert!(phone.is_enrolled());
        assert_ne!(
            phone.mdm_identity().unwrap().certificate.fingerprint(),
            identity
        );
        for profile in [&chain.1, &chain.2] {
            assert_eq!(
                house.state(profile.id, &phone).await,
                Some(State::Succeeded),
                "{}",
                profile.display_name
            );
        }
        assert!(held(&house, &phone, chain.1.id).not_after() > house.clock.unix_seconds());
        assert_eq!(phone.mail_accounts()[0].payload_uuid, account);
        assert_eq!(phone.counters().accounts_recreated, 0);
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn the_identity_is_renewed_in_time_and_nothing_else_changes() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let mail = house.mail_profile("Mail").await;
        house
            .target(mail.id, vec![mandate_model::Target::AllUsers])
            .await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        house.background().await;
        let (device, before) = (house.device_of(&phone).await, phone.mdm_identity().unwrap());
        house.clock.forward_days(250);
        // What waits in the queue while the identity changes is not lost.
        house
            .edit(mail.id, json!({ "durationOfEmailToSync": "oneMonth" }))
            .await;
        let commands = house.settle(&mut phone).await;
        assert!(
            commands
                .iter()
                .filter(|kind| *kind == "InstallProfile")
                .count()
                >= 2,
            "{commands:?}"
        );
        let after = phone.mdm_identity().unwrap();
        assert_ne!(
            after.certificate.fingerprint(),
            before.certificate.fingerprint()
        );
        assert_eq!(house.device_of(&phone).await, device);
        assert_eq!(
            phone.mail_accounts()[0].settings.keys["MailNumberOfPastDaysToSync"],
            json!(31)
        );
        assert_eq!(phone.counters().password_prompts, 1);
        assert_eq!(house.state(mail.id, &phone).await, Some(State::Succeeded));
        let identities = issued(&house, &phone, None).await;
        let valid: Vec<_> = identities
            .iter()
            .filter(|issued| issued.revoked_at.is_none())
            .collect();
        assert_eq!(
            valid.len(),
            1,
            "the old identity ends when the new one works: {identities:?}"
        );
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn the_identity_is_renewed_whatever_is_lost_on_the_way() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let before = phone.mdm_identity().unwrap().certificate.fingerprint();
        house.clock.forward_days(250);
        phone.faults.lost_acknowledgements = 1.0;
        phone.check_in(&house.http).await.unwrap();
        phone.faults.lost_acknowledgements = 0.0;
        phone.faults.lost_answers = 1.0;
        phone.check_in(&house.http).await.unwrap();
        phone.faults.lost_answers = 0.0;
        house.settle(&mut phone).await;
        assert_ne!(
            phone.mdm_identity().unwrap().certificate.fingerprint(),
            before
        );
        assert!(phone.is_enrolled());
        assert!(phone.counters().certificates_enrolled <= 3);
        house.assert_nothing_left(&mut phone).await;
    }
}

#[tokio::test]
async fn a_certificate_that_the_user_deleted_is_issued_again_after_a_sync() {
    for place in places().await {
        let house = House::open(place).await;
        let (phone, chain) = chain_on_the_phone(&house).await;
        let before = held(&house, &phone, chain.1.id);
        let mut state = phone.state().clone();
        let identifier = house.identifier(chain.1.id);
        state.identities.retain(|held| held.profile != identifier);
        let mut phone = Device::from_state(state, &house.keys);

        let device = house.device_of(&phone).await;
        house
            .engine
            .sync_device(&house.admin, device)
            .await
            .unwrap();
        house.settle(&mut phone).await;
        assert_ne!(
            held(&house, &phone, chain.1.id).serial_hex(),
            before.serial_hex()
        );
        assert_eq!(
            house.state(chain.1.id, &phone).await,
            Some(State::Succeeded)
        );
        house.assert_nothing_left(&mut phone).await;
    }
}
