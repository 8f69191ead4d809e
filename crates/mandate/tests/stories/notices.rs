//! People are told what keeps mail from them: once each, in their language, by a mail server that somebody else wrote, and in
//! the portal as long as it holds.

use mandate_engine::{
    NewMessage, NewTemplate, NewUser, NoticeEvent, NoticeMatter, NoticeState, TemplateChange,
};
use mandate_model::{ImportPurpose, Member, Profile, Timestamp, User};
use mandate_simulator::device::Device;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::house::mail_courier::{SmtpCourier, SmtpSecurity, SmtpSettings};
use crate::house::{House, Program, SENDER, SENDERS_PASSWORD, SmtpPeer, mail_settings, places};

const HOST: &str = "mail.contoso.com";

/// Hires somebody who reads a language.
async fn hire(house: &House, name: &str, language: &str) -> User {
    let mut other = Map::new();
    other.insert("preferredLanguage".to_owned(), json!(language));
    let new = NewUser {
        user_principal_name: format!("{name}@contoso.com"),
        display_name: name.to_owned(),
        mail: Some(format!("{name}@mail.contoso.com")),
        other,
        ..NewUser::default()
    };
    house.engine.create_user(&house.admin, new).await.unwrap()
}

/// Somebody's phone on which their own account is in the way, and the profile.
async fn blocked(house: &House, user: &User) -> (Device, Profile) {
    let staff = house.group("Staff", vec![Member::User(user.id)]).await;
    let mut phone = house.enrol(house.phone(17, 5), Some(user.id)).await;
    phone.add_user_account(HOST, user.mail.as_deref().unwrap());
    let mail = house.mail_profile("Mail").await;
    house.assign(mail.id, &[staff.id]).await;
    house.settle(&mut phone).await;
    (phone, mail)
}

/// Sends what is due.
async fn send(house: &House, courier: &SmtpCourier) {
    while house.engine.send_next_notice(courier).await.unwrap() {}
    courier.hang_up().await;
}

/// Event, state and result of all mails, the newest first.
async fn mailed(house: &House) -> Vec<(Option<NoticeEvent>, NoticeState, String)> {
    let found = house
        .engine
        .list_mailed_notices(&house.admin, None, None, 100)
        .await
        .unwrap();
    let shown = found.into_iter();
    shown
        .map(|one| (one.event, one.state, one.result.unwrap_or_default()))
        .collect()
}

fn mails(said: Vec<Value>) -> Vec<Value> {
    let mut mails = said;
    mails.retain(|said| said.get("subject").is_some());
    mails
}

#[tokio::test]
async fn a_blocked_account_is_mailed_once_in_the_persons_language_and_shown_until_it_is_mended() {
    for protection in [SmtpSecurity::StartTls, SmtpSecurity::Tls] {
        for place in places().await {
            let Some(peer) = SmtpPeer::start(protection) else {
                return;
            };
            let house = House::open(place).await;
            let ada = hire(&house, "ada", "nl-NL").await;
            let (mut phone, _) = blocked(&house, &ada).await;
            let courier = peer.courier();
            send(&house, &courier).await;

            let mail = peer.mail();
            assert_eq!(mail["encrypted"], true);
            assert_eq!(mail["user"], SENDER);
            assert_eq!(mail["to"], json!(["ada@mail.contoso.com"]));
            assert_eq!(mail["headers"]["auto-submitted"], "auto-generated");
            assert_eq!(mail["headers"]["content-language"], "nl");
            let subject = mail["subject"].as_str().unwrap();
            assert!(
                subject.contains("verwijder uw eigen e-mailaccount"),
                "{subject}"
            );
            let text = mail["text"].as_str().unwrap();
            for part in [
                "Hallo ada,",
                HOST,
                "ada@mail.contoso.com",
                "Contoso",
                "Verwijder account",
                "/portal/",
            ] {
                assert!(text.contains(part), "{part} in {text}");
            }
            assert_eq!(mail["types"], json!(["text/html", "text/plain"]));

            let shown = house.engine.notices_of(ada.id).await.unwrap();
            assert_eq!(shown.len(), 1, "{shown:?}");
            assert_eq!(
                shown[0].matter,
                NoticeMatter::AccountBlocked {
                    address: "ada@mail.contoso.com".to_owned(),
                    host: HOST.to_owned(),
                    profile: "Mail".to_owned(),
                }
            );
            assert_eq!(
                shown[0].device.as_ref().unwrap().id,
                house.device_of(&phone).await
            );

            // Refused again and again, it is the same matter.
            for _ in 0..3 {
                house.clock.forward(9 * Timestamp::HOUR);
                house.settle(&mut phone).await;
                send(&house, &courier).await;
            }
            assert_eq!(mails(peer.said()), Vec::<Value>::new());

            assert!(phone.remove_user_account(HOST, "ada@mail.contoso.com"));
            house.settle(&mut phone).await;
            let shown = house.engine.notices_of(ada.id).await.unwrap();
            let matters: Vec<_> = shown.iter().map(|one| one.matter.event()).collect();
            assert_eq!(matters, [NoticeEvent::PasswordExpected]);
            send(&house, &courier).await;
            let subject = peer.mail()["subject"].as_str().unwrap().to_owned();
            assert!(subject.contains("wachtwoord"), "{subject}");
            house.assert_nothing_left(&mut phone).await;
        }
    }
}

#[tokio::test]
async fn what_was_mended_or_switched_off_before_the_mail_went_is_not_mailed() {
    for place in places().await {
        let Some(peer) = SmtpPeer::start(SmtpSecurity::StartTls) else {
            return;
        };
        let house = House::open(place).await;
        house
            .engine
            .update_notice_settings(&house.admin, |settings| {
                settings.password_expected.is_mailed = false;
            })
            .await
            .unwrap();
        let ada = hire(&house, "ada", "en").await;
        let (mut phone, _) = blocked(&house, &ada).await;
        phone.remove_user_account(HOST, "ada@mail.contoso.com");
        house.settle(&mut phone).await;
        send(&house, &peer.courier()).await;
        assert_eq!(peer.said(), Vec::<Value>::new(), "nobody even connected");
        let states: Vec<_> = mailed(&house).await.into_iter().map(|one| one.1).collect();
        assert_eq!(states, [NoticeState::Withdrawn; 2]);
    }
}

#[tokio::test]
async fn a_refused_mail_stays_so_a_deferred_one_is_tried_again_and_a_lost_answer_is_no_reason_to_send_twice()
 {
    for place in places().await {
        let Some(peer) = SmtpPeer::start(SmtpSecurity::StartTls) else {
            return;
        };
        let house = House::open(place).await;
        let courier = peer.courier();
        for name in ["gone", "cut", "later"] {
            house.clock.forward(Timestamp::SECOND);
            let user = hire(&house, name, "en").await;
            blocked(&house, &user).await;
            send(&house, &courier).await;
        }
        let found = mailed(&house).await;
        let states: Vec<_> = found.iter().map(|one| one.1).collect();
        assert_eq!(
            states,
            [NoticeState::Due, NoticeState::Unknown, NoticeState::Refused],
            "{found:?}"
        );
        assert!(found[2].2.contains("nobody of that name"), "{found:?}");
        assert!(found[0].2.contains("come again later"), "{found:?}");
        assert_eq!(mails(peer.said()).len(), 1, "the one that was cut off");

        // Nothing happens before the pause is over, and then only to the one that may be sent.
        send(&house, &courier).await;
        assert_eq!(mails(peer.said()).len(), 0);
        house.clock.forward(Timestamp::MINUTE);
        send(&house, &courier).await;
        let came = mails(peer.said());
        assert_eq!(came.len(), 1);
        assert_eq!(came[0]["to"], json!(["later@mail.contoso.com"]));
        let id = came[0]["headers"]["message-id"].as_str().unwrap();
        assert!(id.ends_with("@contoso.com>"), "{id}");

        // An administrator may say so.
        let list = house
            .engine
            .list_mailed_notices(&house.admin, Some(NoticeState::Unknown), None, 10)
            .await
            .unwrap();
        house
            .engine
            .send_notice_again(&house.admin, list[0].id)
            .await
            .unwrap();
        send(&house, &courier).await;
        assert_eq!(mails(peer.said()).len(), 1);
        let again = house
            .engine
            .send_notice_again(&house.admin, Uuid::from_u128(1))
            .await;
        assert!(again.is_err());
    }
}

#[tokio::test]
async fn no_password_and_no_mail_goes_where_it_should_not() {
    for place in places().await {
        let Some(peer) = SmtpPeer::start(SmtpSecurity::StartTls) else {
            return;
        };
        let Some(open) = SmtpPeer::start_open(SmtpSecurity::None) else {
            return;
        };
        let house = House::open(place).await;
        let ada = hire(&house, "ada", "en").await;
        blocked(&house, &ada).await;
        // One whose certificate nobody vouches for, one that offers no encryption, a wrong password, and one that is not there.
        let stranger = SmtpSettings {
            roots: None,
            ..peer.settings()
        };
        let in_clear = SmtpSettings {
            port: open.port,
            ..peer.settings()
        };
        let mistaken = SmtpSettings {
            credentials: Some((SENDER.to_owned(), "wrong".to_owned().into())),
            ..peer.settings()
        };
        let nobody = SmtpSettings {
            port: 1,
            ..peer.settings()
        };
        for (settings, word) in [
            (stranger, "certificate"),
            (in_clear, "STARTTLS"),
            (mistaken, "sign-in failed"),
            (nobody, "onnect"),
        ] {
            send(&house, &SmtpCourier::new(settings)).await;
            let found = mailed(&house).await;
            assert_eq!(found[0].1, NoticeState::Due, "{found:?}");
            assert!(found[0].2.contains(word), "{word} in {found:?}");
            assert!(
                !found[0].2.contains("geheim") && !found[0].2.contains("wrong"),
                "{found:?}"
            );
            house.clock.forward(Timestamp::DAY);
        }
        let said = peer.said();
        assert_eq!(said, [json!({"signIn": SENDER, "success": false})]);
        assert_eq!(open.said(), Vec::<Value>::new());

        send(&house, &peer.courier()).await;
        assert_eq!(peer.mail()["to"], json!(["ada@mail.contoso.com"]));
        let settings = format!("{:?}", peer.settings());
        assert!(!settings.contains(SENDERS_PASSWORD), "{settings}");
    }
}

#[tokio::test]
async fn a_server_that_stops_in_the_middle_does_not_send_twice() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = hire(&house, "ada", "en").await;
        blocked(&house, &ada).await;
        let now = mandate_engine::Clock::now(&*house.clock);
        let mut session = house.engine.store().write().await.unwrap();
        let due = session.due_notice(now).await.unwrap().unwrap();
        let until = now.plus(Timestamp::MINUTE);
        assert!(session.claim_notice(due.id, now, until).await.unwrap());
        assert!(
            !session.claim_notice(due.id, now, until).await.unwrap(),
            "nobody else has it"
        );
        session.commit().await.unwrap();

        house.clock.forward(Timestamp::HOUR);
        house.engine.watch_notices().await.unwrap();
        let found = mailed(&house).await;
        assert_eq!(found[0].1, NoticeState::Unknown, "{found:?}");
        let mut session = house.engine.store().read().await.unwrap();
        let later = now.plus(30 * Timestamp::DAY);
        assert_eq!(session.due_notice(later).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_text_of_ones_own_is_mailed_with_its_variables_and_cannot_be_deleted_meanwhile() {
    for place in places().await {
        let Some(peer) = SmtpPeer::start(SmtpSecurity::Tls) else {
            return;
        };
        let house = House::open(place).await;
        let engine = &house.engine;
        let new = NewTemplate {
            display_name: "Blocked".to_owned(),
            description: None,
            default_locale: None,
            branding: [mandate_engine::MailBranding::CompanyPortalLink].into(),
            scope_tags: None,
        };
        let template = engine
            .create_notification_template(&house.admin, new)
            .await
            .unwrap();
        for (locale, body, is_default) in [
            ("en-us", "Remove {{AccountAddress}}", true),
            (
                "sv",
                "<p>Ta bort <b>{{AccountAddress}}</b> & {{Moon}}<script>x</script></p>",
                false,
            ),
        ] {
            let message = NewMessage {
                locale: locale.to_owned(),
                subject: format!("{{{{DeviceName}}}} {locale}"),
                body: body.to_owned(),
                is_default,
            };
            engine
                .create_notification_message(&house.admin, template.id, message)
                .await
                .unwrap();
        }
        engine
            .update_notice_settings(&house.admin, |settings| {
                settings.account_blocked.template_id = Some(template.id);
            })
            .await
            .unwrap();
        for (name, language) in [("ada", "sv-SE"), ("ben", "fr")] {
            let user = hire(&house, name, language).await;
            blocked(&house, &user).await;
        }
        send(&house, &peer.courier()).await;
        let (ada, ben) = (peer.mail(), peer.mail());
        assert!(ada["subject"].as_str().unwrap().ends_with(" sv"), "{ada}");
        let html = ada["html"].as_str().unwrap();
        assert!(
            html.contains("<p>Ta bort <b>ada@mail.contoso.com</b> &amp; {{Moon}}&lt;script&gt;x"),
            "{html}"
        );
        assert!(
            ada["text"]
                .as_str()
                .unwrap()
                .contains("Ta bort ada@mail.contoso.com")
        );
        assert!(
            ben["text"]
                .as_str()
                .unwrap()
                .contains("Remove ben@mail.contoso.com")
        );
        assert!(ben["text"].as_str().unwrap().contains("/portal/"));

        let refused = engine
            .delete_notification_template(&house.admin, template.id)
            .await
            .unwrap_err()
            .to_string();
        assert!(refused.contains("accountBlocked"), "{refused}");
        let change = TemplateChange {
            display_name: Some("Other".to_owned()),
            ..TemplateChange::default()
        };
        let other = engine
            .update_notification_template(&house.admin, template.id, change)
            .await
            .unwrap();
        assert_eq!(
            (other.display_name.as_str(), other.messages.len()),
            ("Other", 2)
        );
    }
}

#[tokio::test]
async fn a_certificate_that_ends_is_told_at_each_threshold_until_it_is_replaced() {
    for place in places().await {
        let Some(peer) = SmtpPeer::start(SmtpSecurity::StartTls) else {
            return;
        };
        let house = House::open(place).await;
        let ada = hire(&house, "ada", "sv").await;
        let issuer = house.foreign_authority();
        let key = house.mail_key(&issuer, 31, "ada@mail.contoso.com", (-1, 1));
        let name = ada.user_principal_name.as_str();
        house
            .bring(name, ImportPurpose::SmimeEncryption, &key)
            .await;
        let courier = peer.courier();
        let mut told = 0;
        for (days, expected) in [(0, 0), (350, 0), (2, 1), (1, 1), (9, 2), (1, 2)] {
            house.clock.forward_days(days);
            house.engine.watch_notices().await.unwrap();
            send(&house, &courier).await;
            told += mails(peer.said()).len();
            assert_eq!(told, expected, "after {days} more days");
        }
        let shown = house.engine.notices_of(ada.id).await.unwrap();
        assert!(
            matches!(&shown[..], [one] if matches!(&one.matter,
                NoticeMatter::CertificateEnding { is_imported: true, subject, .. } if subject.contains("ada"))),
            "{shown:?}"
        );
        let successor = house.mail_key(&issuer, 32, "ada@mail.contoso.com", (0, 3));
        house
            .bring(name, ImportPurpose::SmimeEncryption, &successor)
            .await;
        assert_eq!(house.engine.notices_of(ada.id).await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_password_is_announced_when_a_mailbox_arrives_and_when_an_edit_asks_for_it_again() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = hire(&house, "ada", "en").await;
        let staff = house.group("Staff", vec![Member::User(ada.id)]).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let mail = house.mail_profile("Mail").await;
        house.assign(mail.id, &[staff.id]).await;
        house.settle(&mut phone).await;
        let events = async || {
            let found = mailed(&house).await;
            found.into_iter().map(|one| one.0).collect::<Vec<_>>()
        };
        assert_eq!(events().await, [Some(NoticeEvent::PasswordExpected)]);
        let first = house.engine.notices_of(ada.id).await.unwrap();
        assert_eq!(first.len(), 1, "{first:?}");

        let id = async || {
            let found = house
                .engine
                .list_mailed_notices(&house.admin, None, None, 1);
            found.await.unwrap()[0].id
        };
        let before = id().await;
        house.clock.forward(Timestamp::HOUR);
        house.edit(mail.id, json!({"accountName": "Post"})).await;
        house.settle(&mut phone).await;
        assert_eq!(id().await, before, "a new name asks nothing");

        house
            .edit(mail.id, json!({"hostName": "post.contoso.com"}))
            .await;
        house.settle(&mut phone).await;
        assert_ne!(id().await, before, "another server does");
        assert_eq!(events().await, [Some(NoticeEvent::PasswordExpected)]);

        house.clock.forward_days(4);
        assert_eq!(
            house.engine.notices_of(ada.id).await.unwrap(),
            [],
            "nobody tells when it is done"
        );

        // What is not on the device any more asks nothing there.
        house.assign(mail.id, &[]).await;
        house.settle(&mut phone).await;
        let found = mailed(&house).await;
        assert_eq!(found[0].1, NoticeState::Withdrawn, "{found:?}");
    }
}

#[tokio::test]
async fn people_who_leave_are_told_nothing_and_nothing_is_kept_of_them() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = hire(&house, "ada", "en").await;
        let (mut phone, _) = blocked(&house, &ada).await;
        assert_eq!(mailed(&house).await.len(), 1);
        let device = house.device_of(&phone).await;
        house
            .engine
            .retire_device(&house.admin, device)
            .await
            .unwrap();
        house.settle_until_gone(&mut phone).await;
        assert_eq!(house.engine.notices_of(ada.id).await.unwrap(), []);
        assert_eq!(mailed(&house).await[0].1, NoticeState::Withdrawn);
        house
            .engine
            .delete_user(&house.admin, ada.id)
            .await
            .unwrap();
        assert_eq!(mailed(&house).await, []);
    }
}

#[tokio::test]
async fn the_program_mails_as_its_configuration_says() {
    for place in places().await {
        let Some(peer) = SmtpPeer::start(SmtpSecurity::StartTls) else {
            return;
        };
        let mut program = Program::start(place).await;
        let password = program.data().join("smtp-password");
        std::fs::write(&password, format!("{SENDERS_PASSWORD}\n")).unwrap();
        let configuration = format!(
            "smtp_server = \"localhost:{}\"\nsmtp_username = \"{SENDER}\"\nsmtp_password_file = {:?}\nsmtp_roots = {:?}\nmail_from = \"it@contoso.com\"\nenrolment_without_push = true\n",
            peer.port,
            password,
            peer.root(),
        );
        std::fs::write(program.data().join("mandate.toml"), configuration).unwrap();
        program.restart().await;
        let user = program.hire("ada").await;
        let mut phone = program.enrol(&user).await;
        phone.add_user_account(HOST, "ada@contoso.com");
        let settings = mail_settings();
        let profile = program
            .profile("iosEasEmailProfileConfiguration", "Mail", settings)
            .await;
        program.assign_to_all(&profile).await;
        // It does not come to rest as long as something is in the way.
        for _ in 0..3 {
            phone.check_in(&program.http).await.unwrap();
        }
        let mail = peer.mail();
        assert_eq!(mail["from"], "it@contoso.com");
        assert_eq!(
            (&mail["encrypted"], &mail["user"]),
            (&json!(true), &json!(SENDER))
        );
        let (_, said) = program.command(&["config"]).await;
        assert!(
            said.contains("smtp_password_file") && !said.contains("geheim"),
            "{said}"
        );
    }
}
