//! What a profile needs of people, and who of them lacks it, is said before anybody goes without.

use mandate_engine::{LackingAttribute, NewUser, Plan, PlanRequest};
use mandate_model::{Member, Profile, ProfileId, Reason, Target, User};
use serde_json::{Value, json};

use crate::house::{House, mail_settings, places};

impl House {
    /// Hires somebody of whom only the sign-in name is known.
    async fn hire_unknown(&self, name: &str) -> User {
        let new = NewUser {
            user_principal_name: format!("{name}@contoso.com"),
            display_name: name.to_owned(),
            ..NewUser::default()
        };
        self.engine.create_user(&self.admin, new).await.unwrap()
    }

    async fn foresee(&self, profile: ProfileId, targets: &[Target]) -> Plan {
        let request = PlanRequest {
            profile,
            change: None,
            targets: Some(targets.to_vec()),
            sample: 10,
        };
        self.engine.plan(&self.admin, request).await.unwrap()
    }

    async fn mail_by(&self, name: &str, more: Value) -> Profile {
        let mut settings = mail_settings();
        let map = settings.as_object_mut().unwrap();
        map.extend(more.as_object().cloned().unwrap());
        let kind = "iosEasEmailProfileConfiguration";
        self.profile(kind, name, settings, &[]).await
    }
}

fn lacking(attribute: &str, people: i64, devices: i64, examples: &[&str]) -> LackingAttribute {
    LackingAttribute {
        attribute: attribute.to_owned(),
        people,
        devices,
        examples: examples.iter().map(|name| (*name).to_owned()).collect(),
    }
}

#[tokio::test]
async fn a_plan_says_who_lacks_what_and_the_phones_say_the_same_afterwards() {
    for place in places().await {
        let house = House::open(place).await;
        let ada = house.hire("ada").await;
        let ben = house.hire_unknown("ben").await;
        // Cyd has no phone yet, Dan is of another group, Eve is excluded, and Fay may not sign in any more.
        let (cyd, eve) = (
            house.hire_unknown("cyd").await,
            house.hire_unknown("eve").await,
        );
        house.hire_unknown("dan").await;
        let fay = house.hire_unknown("fay").await;
        let off = house
            .engine
            .update_user(&house.admin, fay.id, |user| user.account_enabled = false);
        off.await.unwrap();
        let people = [&ada, &ben, &cyd, &eve, &fay];
        let staff = people.map(|user| Member::User(user.id)).to_vec();
        let staff = house.group("Staff", staff).await;
        let without = house.group("Without", vec![Member::User(eve.id)]).await;
        let mut adas = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let mut bens = house.enrol(house.phone(17, 5), Some(ben.id)).await;
        let mail = house.mail_profile("Mail").await;
        let targets = [Target::Group(staff.id), Target::Exclude(without.id)];

        let plan = house.foresee(mail.id, &targets).await;
        let names = ["ben@contoso.com", "cyd@contoso.com"];
        assert_eq!(plan.lacking, [lacking("mail", 2, 1, &names)]);
        assert_eq!((plan.devices.added, plan.devices.blocked), (1, 1));
        assert_eq!((plan.users.added, plan.users.blocked), (1, 1));
        let reason = Reason::MissingAttribute {
            attribute: "mail".to_owned(),
            user: "ben@contoso.com".to_owned(),
        };
        let mut sample = plan.sample.iter();
        let bens_part = sample.find(|one| one.user_principal_name.as_deref() == Some(names[0]));
        assert_eq!(bens_part.unwrap().reason, Some(reason.clone()));
        // Whoever has no device is not meant by "all devices".
        let plan = house.foresee(mail.id, &[Target::AllDevices]).await;
        assert_eq!(plan.lacking, [lacking("mail", 1, 1, &names[..1])]);
        assert_eq!(house.foresee(mail.id, &[]).await.lacking, []);

        house.target(mail.id, targets.to_vec()).await;
        house.settle(&mut adas).await;
        house.settle(&mut bens).await;
        assert_eq!(house.reason(mail.id, &bens).await, Some(reason));
        assert_eq!(
            (adas.mail_accounts().len(), bens.mail_accounts().len()),
            (1, 0)
        );
        let plan = house.foresee(mail.id, &targets).await;
        assert_eq!((plan.devices.unchanged, plan.devices.blocked), (1, 1));

        // With an address there is nothing to say.
        for user in [&ben, &cyd] {
            let address = format!("{}@contoso.com", user.display_name);
            let changed = house.engine.update_user(&house.admin, user.id, |user| {
                user.mail = Some(address);
            });
            changed.await.unwrap();
        }
        let plan = house.foresee(mail.id, &targets).await;
        assert_eq!((plan.lacking, plan.devices.blocked), (Vec::new(), 0));
    }
}

#[tokio::test]
async fn what_is_needed_is_what_the_compiler_asks_for() {
    for place in places().await {
        let house = House::open(place).await;
        let ben = house.hire_unknown("ben").await;
        let mut phone = house.enrol(house.phone(17, 5), Some(ben.id)).await;
        let sam = json!({
            "usernameAADSource": "samAccountName", "emailAddressSource": "userPrincipalName",
        });
        let with = |more: Value| {
            let mut all = sam.as_object().cloned().unwrap();
            all.extend(more.as_object().cloned().unwrap());
            Value::Object(all)
        };
        let no_mail = json!({"emailAddressSource": "userPrincipalName"});
        let (root, scep, chained) = house.mail_with_certificate("Chained").await;
        house.target(root.id, vec![Target::AllUsers]).await;
        house.target(scep.id, vec![Target::AllUsers]).await;
        let net_bios = json!({"userDomainNameSource": "netBiosDomainName"});
        let full = json!({"userDomainNameSource": "fullDomainName"});
        let cases = [
            (house.mail_by("a", no_mail).await, vec![]),
            (house.mail_profile("b").await, vec!["mail"]),
            (
                house
                    .mail_by("c", with(json!({"customDomainName": "X"})))
                    .await,
                vec!["onPremisesSamAccountName"],
            ),
            (
                house.mail_by("d", with(net_bios)).await,
                vec!["onPremisesSamAccountName", "onPremisesNetBiosName"],
            ),
            (
                house.mail_by("e", with(full)).await,
                vec!["onPremisesSamAccountName", "onPremisesDomainName"],
            ),
            // Its certificate names the address.
            (scep, vec!["mail"]),
            (chained, vec!["mail"]),
        ];
        for (profile, needed) in cases {
            let plan = house.foresee(profile.id, &[Target::AllUsers]).await;
            let told: Vec<&str> = plan
                .lacking
                .iter()
                .map(|one| one.attribute.as_str())
                .collect();
            assert_eq!(told, needed, "{}", profile.display_name);
            house.target(profile.id, vec![Target::AllUsers]).await;
            house.settle(&mut phone).await;
            let reason = house.reason(profile.id, &phone).await.unwrap();
            let missing = match &reason {
                Reason::MissingAttribute { attribute, .. } => Some(attribute.as_str()),
                _ => None,
            };
            assert_eq!(missing, needed.first().copied(), "{reason:?}");
        }
    }
}
