//! The page of a device: how it stands, what is to be done, what it has.

use askama::Template;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::Response;
use mandate_engine::{AccountSteps, Condition, Demand, OwnDevice, Subject};
use mandate_model::{AccountKey, DeviceState, Timestamp};
use mandate_ui::{live, moment};
use mandate_web::{Page, render};

use super::Own;
use crate::failure::Answer;
use crate::words::{StateView, kind_word, mark_of, place_id, what_it_is};

#[derive(Template)]
#[template(path = "devices/show.html")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each shows or hides a part of the page"
)]
struct Show {
    page: Page,
    here: &'static str,
    path: String,
    name: String,
    what: String,
    state: StateView,
    mark: String,
    /// What was just done; empty if nothing was.
    done: String,
    advice: Advice,
    items: Vec<Item>,
    serial_number: Option<String>,
    enrolled: Moment,
    seen: Moment,
    can_check: bool,
    can_retire: bool,
    can_remove: bool,
    is_company: bool,
}

/// What the person is told about the most urgent thing.
#[derive(Default)]
struct Advice {
    class: &'static str,
    title: String,
    texts: Vec<String>,
    steps: Vec<String>,
    /// The button that has the device look again; empty if there is nothing to look for.
    button: String,
}

struct Item {
    name: String,
    state: StateView,
}

struct Moment {
    iso: String,
    text: String,
}

impl Moment {
    fn of(at: Timestamp) -> Self {
        Self {
            iso: at.to_string(),
            text: moment(at),
        }
    }
}

/// `GET /portal/devices/{id}`
pub(super) async fn show_device(own: Own, RawQuery(query): RawQuery) -> Answer {
    let steps = own.colleague.engine().account_steps().await?;
    let page = own.colleague.page();
    let device = own.device;
    let done = match query.as_deref() {
        Some("checked") => page.text("portal-checked"),
        Some("renamed") => page.text("portal-renamed"),
        Some("retired") => page.text("portal-retired"),
        _ => String::new(),
    };
    let template = Show {
        here: "devices",
        path: format!("/portal/devices/{}", device.id),
        what: what_it_is(&device),
        state: StateView::of(&page, device.condition),
        mark: mark_of(std::slice::from_ref(&device)),
        done,
        advice: advice(&page, &device, &steps),
        items: items(&page, &device),
        enrolled: Moment::of(device.enrolled_at),
        seen: Moment::of(device.last_seen_at),
        can_check: device.can_check(),
        can_retire: device.can_retire(),
        can_remove: device.can_remove(),
        is_company: device.state == DeviceState::Enrolled && !device.can_retire(),
        serial_number: device.serial_number,
        name: device.name,
        page,
    };
    Ok(render(StatusCode::OK, &template))
}

/// `GET /portal/devices/{id}/live`: another text whenever the page is another.
pub(super) async fn show_live(own: Own) -> Response {
    let id = own.device.id;
    live(move || {
        let colleague = own.colleague.clone();
        async move {
            let found = colleague.engine().own_device(&colleague.of, id).await;
            let device = found.ok()??;
            Some(mark_of(std::slice::from_ref(&device)))
        }
    })
}

/// Mail by its name, and certificates in one line.
fn items(page: &Page, device: &OwnDevice) -> Vec<Item> {
    let of = |subject| {
        device
            .items
            .iter()
            .filter(move |item| item.subject == subject)
    };
    let mut lines: Vec<Item> = of(Subject::Mail)
        .map(|item| Item {
            name: page.text_with("portal-item-mail", "name", &item.name),
            state: StateView::of_item(page, item.demand.as_ref()),
        })
        .collect();
    let certificates = of(Subject::Certificate).count();
    if certificates > 0 {
        let most = of(Subject::Certificate)
            .filter_map(|item| item.demand.as_ref())
            .max();
        lines.push(Item {
            name: page.text_with("portal-item-certificates", "count", certificates),
            state: StateView::of_item(page, most),
        });
    }
    lines
}

/// What is said about the most urgent thing on a device.
fn advice(page: &Page, device: &OwnDevice, own: &AccountSteps) -> Advice {
    let kind = kind_word(device);
    let text = |id: &str| page.text_with(id, "device", &kind);
    match device.condition {
        Condition::Ready => ready(page, device),
        Condition::Leaving => said("", text("portal-leaving-title"), text("portal-leaving")),
        Condition::Gone => said("", text("portal-gone-title"), text("portal-gone")),
        Condition::Working if device.state == DeviceState::Enrolling => {
            said("", text("portal-working-title"), text("portal-enrolling"))
        }
        Condition::Working | Condition::NeedsIt | Condition::NeedsYou => match device.demand() {
            Some(demand) => wanted(page, (device, demand), own),
            None => said("", text("portal-working-title"), text("portal-working")),
        },
    }
}

fn ready(page: &Page, device: &OwnDevice) -> Advice {
    let kind = kind_word(device);
    if device.items.is_empty() {
        let text = page.text_with("portal-nothing", "device", &kind);
        return said("good", page.text("portal-ready-title"), text);
    }
    let mut advice = said(
        "good",
        page.text("portal-ready-title"),
        page.text_with("portal-ready", "device", &kind),
    );
    if device.items.iter().any(|item| item.asks_password) {
        advice.texts.push(page.text("portal-ready-password"));
    }
    advice
}

fn wanted(page: &Page, (device, demand): (&OwnDevice, &Demand), own: &AccountSteps) -> Advice {
    let kind = kind_word(device);
    let text = |id: &str| page.text_with(id, "device", &kind);
    let steps = |ids: &[&str]| ids.iter().map(|id| text(id)).collect::<Vec<_>>();
    let again = page.text("portal-look-again");
    match demand {
        Demand::Wait => said("", text("portal-working-title"), text("portal-working")),
        Demand::Removing => said("", text("portal-working-title"), text("portal-removing")),
        Demand::AskIt => said("warn", text("portal-it-title"), text("portal-it")),
        Demand::Unlock => Advice {
            button: again,
            ..said("", text("portal-unlock-title"), text("portal-unlock"))
        },
        Demand::Connect => Advice {
            button: again,
            ..said("warn", text("portal-connect-title"), text("portal-connect"))
        },
        Demand::TryAgain => Advice {
            button: again,
            ..said("warn", text("portal-again-title"), text("portal-again"))
        },
        Demand::LogIn => said("warn", text("portal-log-in-title"), text("portal-log-in")),
        Demand::UpdateSystem { minimum } => Advice {
            steps: match device.platform {
                mandate_model::Platform::Ios => {
                    steps(&["portal-update-1", "portal-update-2", "portal-update-3"])
                }
                mandate_model::Platform::MacOs => {
                    steps(&["portal-update-mac-1", "portal-update-2", "portal-update-3"])
                }
            },
            button: again,
            ..said(
                "warn",
                text("portal-update-title"),
                page.text_with("portal-update", "version", minimum),
            )
        },
        Demand::RemoveAccount { account } => blocked(page, device, account, own),
    }
}

/// An account that was made by hand, and how to remove it: by the steps of the organisation, if it has written some.
fn blocked(page: &Page, device: &OwnDevice, account: &AccountKey, own: &AccountSteps) -> Advice {
    let kind = kind_word(device);
    let with = |id: &str| {
        let values = [
            ("address", account.address.as_str()),
            ("host", account.host.as_str()),
            ("device", kind.as_str()),
        ];
        page.language.text_with(id, &values)
    };
    let place = device.accounts_place;
    let steps = match own.of(place, page.language.code()) {
        Some(own) => own
            .iter()
            .map(|step| step.replace("{address}", &account.address))
            .collect(),
        None => ["1", "2", "3", "4"]
            .map(|number| with(&format!("portal-account-{}-{number}", place_id(place))))
            .to_vec(),
    };
    Advice {
        class: "bad",
        title: with("portal-account-title"),
        texts: vec![
            with("portal-account"),
            with("portal-account-safe"),
            with("portal-account-rules"),
        ],
        steps,
        button: page.text("portal-account-removed"),
    }
}

fn said(class: &'static str, title: String, text: String) -> Advice {
    Advice {
        class,
        title,
        texts: vec![text],
        ..Advice::default()
    }
}

#[cfg(test)]
mod tests {
    use mandate_engine::{AccountsPlace, OwnItem};
    use mandate_model::{DeviceId, EnrolmentType, OsVersion, Ownership, Platform, Timestamp};
    use mandate_web::Language;

    use super::*;

    fn phone(demand: Option<Demand>, condition: Condition) -> OwnDevice {
        let item = OwnItem {
            subject: Subject::Mail,
            name: "Contoso".to_owned(),
            demand,
            since: Timestamp(0),
            asks_password: true,
        };
        OwnDevice {
            id: DeviceId(uuid::Uuid::nil()),
            name: "Ada’s".to_owned(),
            is_renamed: false,
            model: Some("iPhone".to_owned()),
            platform: Platform::Ios,
            os_version: Some("18.1".to_owned()),
            serial_number: None,
            enrolment_type: EnrolmentType::Device,
            ownership: Ownership::Unknown,
            state: DeviceState::Enrolled,
            enrolled_at: Timestamp(0),
            last_seen_at: Timestamp(0),
            condition,
            accounts_place: AccountsPlace::SettingsApps,
            items: vec![item],
        }
    }

    fn account_in_the_way() -> Demand {
        Demand::RemoveAccount {
            account: AccountKey {
                host: "mail.contoso.com".to_owned(),
                address: "ada@contoso.com".to_owned(),
            },
        }
    }

    fn demands() -> [Demand; 9] {
        let minimum = OsVersion::new(17, 0);
        [
            Demand::Wait,
            Demand::Removing,
            Demand::AskIt,
            Demand::Unlock,
            Demand::Connect,
            Demand::TryAgain,
            Demand::LogIn,
            Demand::UpdateSystem { minimum },
            account_in_the_way(),
        ]
    }

    fn said_in(language: Language, device: &OwnDevice) -> String {
        let page = Page::new(language, "Contoso");
        let advice = advice(&page, device, &AccountSteps::default());
        assert!(!advice.title.is_empty() && !advice.texts.is_empty());
        let call = crate::words::call(&page, device);
        let state = StateView::of(&page, device.condition).word;
        let items = items(&page, device).into_iter();
        let items: Vec<String> = items.map(|item| item.name + &item.state.word).collect();
        let mut all = vec![advice.title, advice.button, call, state, items.concat()];
        all.extend(advice.texts);
        all.extend(advice.steps);
        all.join("\n")
    }

    #[test]
    fn everything_is_said_in_every_language_with_what_it_is_about() {
        let others = [
            (None, Condition::Ready),
            (None, Condition::Leaving),
            (None, Condition::Gone),
            (None, Condition::Working),
        ];
        let wanted = demands().map(|demand| (Some(demand), Condition::NeedsYou));
        for (demand, condition) in wanted.into_iter().chain(others) {
            // What only IT can do is said without naming the device.
            let names_it = demand != Some(Demand::AskIt);
            let device = phone(demand, condition);
            for language in Language::ALL {
                let said = said_in(language, &device);
                assert!(!said.contains("portal-"), "{language:?}: {said}");
                assert!(!said.contains("{$"), "{language:?}: {said}");
                assert!(!names_it || said.contains("iPhone"), "{language:?}: {said}");
            }
        }
    }

    #[test]
    fn each_place_has_its_steps_with_the_account() {
        for place in AccountsPlace::ALL {
            let device = OwnDevice {
                accounts_place: place,
                ..phone(Some(account_in_the_way()), Condition::NeedsYou)
            };
            for language in Language::ALL {
                let page = Page::new(language, "Contoso");
                let advice = advice(&page, &device, &AccountSteps::default());
                assert_eq!(advice.steps.len(), 4);
                let steps = advice.steps.concat();
                assert!(!steps.contains("portal-"), "{steps}");
                assert!(steps.contains("ada@contoso.com"), "{steps}");
                let host = advice.texts.concat();
                assert!(host.contains("mail.contoso.com"), "{host}");
            }
        }
    }

    #[test]
    fn the_mark_changes_with_what_is_wanted_and_not_with_time() {
        let waiting = phone(Some(Demand::Wait), Condition::Working);
        let later = OwnDevice {
            last_seen_at: Timestamp(7),
            ..waiting.clone()
        };
        let ready = phone(None, Condition::Ready);
        let mark = |device: &OwnDevice| mark_of(std::slice::from_ref(device));
        assert_eq!(mark(&waiting), mark(&later));
        assert_ne!(mark(&waiting), mark(&ready));
        assert_ne!(
            mark(&phone(Some(account_in_the_way()), Condition::NeedsYou)),
            mark(&ready)
        );
        assert_ne!(mark_of(&[]), mark(&ready));
    }
}
