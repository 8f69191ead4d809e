//! 100,000 devices and 200 profiles, for measurements.

use mandate_engine::MailStanding;
use mandate_model::{AccountKey, DeviceState, Reason, Target, Timestamp};

use crate::fleet::{
    House, MAIL, NOON, ROOT, add_profile, add_row, add_user, device_id, phone, profile_id, row,
};

pub(crate) const DEVICES: u128 = 100_000;
const PROFILES: u128 = 200;
/// Profiles that each device has: two for all, the rest for some.
const EACH: u128 = 10;
const AT_ONCE: u128 = 5_000;

/// Fills a house with them.
pub(crate) async fn furnish(house: &House) {
    let store = house.engine.store();
    let mut session = store.write_recoverable().await.unwrap();
    for number in 0..PROFILES {
        let kind = if number == 0 { MAIL } else { ROOT };
        let name = format!("Profile {number}");
        let target = Some(Target::AllUsers);
        add_profile(&mut session, number, (&name, kind), target).await;
    }
    let intent = session.raise_intent().await.unwrap();
    // Two are on their way, the others were changed long ago.
    for number in 0..2 {
        let changed = session.mark_profile_changed(profile_id(number), intent, NOON);
        changed.await.unwrap();
    }
    session.commit().await.unwrap();
    for first in (0..DEVICES).step_by(AT_ONCE as usize) {
        let mut session = store.write_recoverable().await.unwrap();
        for number in first..first + AT_ONCE {
            let user = add_user(&mut session, number, &format!("Person {number}")).await;
            let mut record = phone(number, &format!("iPhone of {number}"), Some(user));
            record.reconciled_in = intent;
            if number % 10_000 == 9_999 {
                record.device.state = DeviceState::Wiping;
            }
            session.insert_device(&record).await.unwrap();
            for step in 0..EACH {
                let profile = if step < 2 {
                    step
                } else {
                    2 + (number + step) % (PROFILES - 2)
                };
                let reason = reason(number, step);
                let mail = (step == 0).then_some(match &reason {
                    Reason::Present => MailStanding::Working,
                    Reason::Sent => MailStanding::Waiting,
                    _ => MailStanding::Blocked,
                });
                let mut found = row(device_id(number), profile_id(profile), reason);
                found.deadline_at = (step < 2).then(|| NOON.plus(Timestamp::DAY));
                add_row(&mut session, found, mail).await;
            }
        }
        session.commit().await.unwrap();
    }
}

/// Of 100 rows 92 are as they should be, 3 wait, and 5 are wrong for four causes.
fn reason(device: u128, step: u128) -> Reason {
    match (device * 7 + step * 13) % 100 {
        0..3 => Reason::Sent,
        3..5 => Reason::AccountExists {
            account: AccountKey {
                host: "mail.contoso.com".to_owned(),
                address: format!("u{device}@contoso.com"),
            },
        },
        5 => Reason::MissingAttribute {
            attribute: "mail".to_owned(),
            user: format!("u{device}@contoso.com"),
        },
        6 => Reason::NotInInventory,
        7 => Reason::DeviceError {
            domain: "MCInstallationErrorDomain".to_owned(),
            number: 4001,
            text: "The profile could not be installed.".to_owned(),
        },
        _ => Reason::Present,
    }
}
