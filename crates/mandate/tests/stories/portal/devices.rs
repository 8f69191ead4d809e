//! What a colleague does with devices of their own.

use mandate_engine::{AccountStepsChange, AccountsPlace};
use mandate_model::Member;

use super::{IPHONE, Portal, device_path, link_with, mark, set_up};
use crate::house::Browser;

#[tokio::test]
async fn a_phone_follows_the_portals_links_and_a_blocked_account_turns_green() {
    let portal = Portal::open().await;
    let house = &portal.house;
    let (safari, mut phone, ada) = set_up(&portal).await;
    let start = portal.get(&safari, "/portal/").await;
    let path = device_path(&start);
    let ready = mark(&portal.get(&safari, &path).await);
    let live = format!("{path}/live");
    assert_eq!(portal.first_event(&safari, &live).await, ready);

    phone.add_user_account("mail.contoso.com", "ada@mail.contoso.com");
    let sales = house.group("Sales", vec![Member::User(ada.id)]).await;
    let mail = house.mail_profile("Mail").await;
    house.assign(mail.id, &[sales.id]).await;
    house.settle(&mut phone).await;
    let blocked = portal.first_event(&safari, &live).await;
    assert_ne!(blocked, ready);
    assert_eq!(blocked, mark(&portal.get(&safari, &path).await));
    let start = portal.get(&safari, "/portal/").await;
    assert!(start.body.contains("You need to do something"));
    let page = portal.get(&safari, &path).await;
    for text in [
        "Your work mail is blocked on this iPhone",
        "ada@mail.contoso.com (mail.contoso.com)",
        "not compliant",
        "scroll down, and tap Apps",
        "Mail Accounts",
    ] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }

    // The organisation has its own words for it.
    let own = AccountStepsChange {
        place: AccountsPlace::SettingsApps,
        language: "en".to_owned(),
        steps: Some(vec!["Throw out <{address}>.".to_owned()]),
    };
    let (engine, admin) = (&house.engine, &house.admin);
    engine.update_account_steps(admin, vec![own]).await.unwrap();
    let page = portal.get(&safari, &path).await;
    let own = "Throw out &#60;ada@mail.contoso.com&#62;.";
    assert!(page.body.contains(own), "{}", page.body);
    assert!(!page.body.contains("tap Apps"), "{}", page.body);

    phone.remove_user_account("mail.contoso.com", "ada@mail.contoso.com");
    let check = format!("{path}/check");
    let page = portal.send(&safari, &page, &check, &[]).await;
    assert!(page.body.contains("asked to look again"), "{}", page.body);
    house.settle(&mut phone).await;
    let page = portal.get(&safari, &path).await;
    assert!(page.body.contains("All is well"), "{}", page.body);
    assert!(page.body.contains("If Mail asks for your password"));
    assert!(!page.body.contains("blocked"), "{}", page.body);
    house.assert_nothing_left(&mut phone).await;
}

#[tokio::test]
async fn a_device_leaves_and_is_taken_out_of_the_list() {
    let portal = Portal::open().await;
    let (safari, mut phone, _) = set_up(&portal).await;
    let path = device_path(&portal.get(&safari, "/portal/").await);
    let remove = format!("{path}/remove");
    let early = portal.get(&safari, &remove).await;
    assert_eq!(early.url.path(), path, "nothing to remove yet");
    let retire = format!("{path}/retire");
    let asked = portal.get(&safari, &retire).await;
    assert!(asked.body.contains("stay as they are"), "{}", asked.body);
    let page = portal.send(&safari, &asked, &retire, &[]).await;
    assert!(page.body.contains("Being removed"), "{}", page.body);
    portal.house.settle_until_gone(&mut phone).await;
    let asked = portal.get(&safari, &remove).await;
    let start = portal.send(&safari, &asked, &remove, &[]).await;
    assert!(
        start.body.contains("None of your devices"),
        "{}",
        start.body
    );
}

#[tokio::test]
async fn a_category_picked_in_the_portal_brings_its_group_and_profile() {
    let portal = Portal::open().await;
    let (engine, admin) = (&portal.house.engine, &portal.house.admin);
    let till = mandate_engine::DeviceCategoryChange {
        display_name: Some("Till".to_owned()),
        description: None,
    };
    let till = engine.create_device_category(admin, till).await.unwrap();
    engine
        .set_chooses_category_at_enrolment(admin, true)
        .await
        .unwrap();
    let tills = mandate_engine::NewGroup {
        display_name: "Tills".to_owned(),
        rule: Some(mandate_model::GroupRule {
            text: "device.deviceCategory -eq \"Till\"".to_owned(),
            is_paused: false,
        }),
        ..mandate_engine::NewGroup::default()
    };
    let tills = engine.create_group(admin, tills, Vec::new()).await.unwrap();
    let mail = portal.house.mail_profile("Mail for tills").await;
    portal.house.assign(mail.id, &[tills.id]).await;
    portal.hire("ada").await;
    let safari = Browser::calling_itself(IPHONE);
    portal.sign_in(&safari, "ada").await;
    let enrol = portal.get(&safari, "/portal/enrol").await;
    let id = till.id.to_string();
    assert!(enrol.body.contains(&id), "{}", enrol.body);
    // Without a choice, or with one that is none, there is no profile, and the page asks again.
    for chosen in ["", "toaster", "00000000-0000-0000-0000-000000000007"] {
        let fields = [("for", "iphone"), ("category", chosen)];
        let again = portal.send(&safari, &enrol, "/portal/enrol", &fields).await;
        assert_eq!(again.status, 400, "{}", again.body);
        assert!(again.body.contains("Choose what the device is for"));
    }
    let fields = [("for", "iphone"), ("category", id.as_str())];
    let link = portal.send(&safari, &enrol, "/portal/enrol", &fields).await;
    let mut phone = portal.house.phone(18, 1);
    let profile = link_with(&link, "/apple/enroll/");
    phone.enrol(&portal.house.http, &profile).await.unwrap();
    portal.house.settle(&mut phone).await;
    assert!(portal.house.has(&phone, mail.id));
}
