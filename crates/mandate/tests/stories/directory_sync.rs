//! What changes in a directory reaches the phone, if it makes a difference there, and nothing else does.

use std::collections::HashSet;

use ldap3::Mod;
use mandate_engine::SyncReport;
use mandate_model::{Reason, Timestamp, User};
use serde_json::json;

use crate::house::{BASE, DIRECTORY_PASSWORD, House, Slapd, places};

async fn add(house: &House, slapd: &Slapd) {
    let body = json!({
        "name": "corp", "kind": "ldap", "roots": slapd.root(),
        "url": format!("ldaps://127.0.0.1:{}", slapd.tls_port),
        "account": format!("cn=admin,{BASE}"), "password": DIRECTORY_PASSWORD, "base": BASE,
        "attributes": {"userPrincipalName": "cn", "mail": "mail"},
        "domainName": "corp.contoso.com", "netBiosName": "CONTOSO",
    });
    let body = body.as_object().cloned().unwrap();
    let made = house.engine.create_synced_directory(&house.admin, body);
    made.await.unwrap();
}

async fn read(house: &House) -> SyncReport {
    house.clock.forward(Timestamp::MINUTE);
    let report = house.engine.synchronize_directory("corp").await.unwrap();
    let report = report.unwrap();
    assert_eq!(report.failure, None);
    report
}

async fn person(house: &House, name: &str) -> User {
    let found = house.engine.find_user(&house.admin, name).await.unwrap();
    found.unwrap()
}

fn one(value: &str) -> HashSet<&str> {
    HashSet::from([value])
}

#[tokio::test]
async fn a_new_address_is_a_new_payload_and_a_new_telephone_is_nothing() {
    let Some(slapd) = Slapd::start().await else {
        return;
    };
    for place in places().await {
        let house = House::open(place).await;
        let ada_there = format!("uid=ada,ou=people,{BASE}");
        let sales: [(&str, &[&str]); 3] = [
            ("objectClass", &["groupOfNames"]),
            ("cn", &["Sales"]),
            ("member", &[&ada_there]),
        ];
        slapd
            .add(&format!("cn=Sales,ou=groups,{BASE}"), &sales)
            .await;
        add(&house, &slapd).await;
        let report = read(&house).await;
        assert_eq!((report.people.created, report.members_added), (2, 1));
        // The name is a bare one, and stays one.
        let ada = person(&house, "ada").await;
        let groups =
            house
                .engine
                .groups_of(&house.admin, mandate_model::Member::User(ada.id), false);
        let sales = groups.await.unwrap().remove(0);
        let mail = house.mail_profile("Mail").await;
        house.assign(mail.id, &[sales.id]).await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let first = phone.mail_accounts()[0].clone();
        house.background().await;
        house.apns.forget_pushes();

        // Another telephone: known here, and nobody's business there.
        let number = vec![Mod::Replace("telephoneNumber", one("+31 20 1"))];
        slapd.modify(&ada_there, number).await;
        assert_eq!(read(&house).await.people.changed, 1);
        let phones = &person(&house, "ada").await.other["businessPhones"];
        assert_eq!(*phones, json!(["+31 20 1"]));
        let commands = house.settle(&mut phone).await;
        assert!(
            !commands.contains(&"InstallProfile".to_owned()),
            "{commands:?}"
        );
        assert_eq!(phone.mail_accounts()[0].applied, first.applied);

        // Another address: told beforehand, and then delivered.
        let address = vec![Mod::Replace("mail", one("countess@contoso.com"))];
        slapd.modify(&ada_there, address).await;
        let forecast = house.engine.foresee_synchronization(&house.admin, "corp");
        let forecast = forecast.await.unwrap();
        assert_eq!(forecast.people.changed, 1);
        assert_eq!(forecast.profiles, [("Mail".to_owned(), 1)].into());
        assert_eq!(read(&house).await.people.changed, 1);
        let commands = house.settle(&mut phone).await;
        assert!(
            commands.contains(&"InstallProfile".to_owned()),
            "{commands:?}"
        );
        let account = format!("{:?}", phone.mail_accounts()[0].settings.keys);
        assert!(account.contains("countess@contoso.com"), "{account}");

        // Without an address there is nothing to deliver, and that is said with the name of what is missing.
        slapd
            .modify(&ada_there, vec![Mod::Delete("mail", HashSet::new())])
            .await;
        read(&house).await;
        house.settle(&mut phone).await;
        let reason = house.reason(mail.id, &phone).await;
        let Some(Reason::MissingAttribute { user, .. }) = reason else {
            panic!("{reason:?}");
        };
        assert_eq!(user, "ada");

        // Nothing happened: nothing moves.
        house.background().await;
        house.settle(&mut phone).await;
        house.apns.forget_pushes();
        read(&house).await;
        house.background().await;
        assert_eq!(house.settle(&mut phone).await, Vec::<String>::new());
        assert_eq!(house.pushes_to(&phone), 0);
    }
}
