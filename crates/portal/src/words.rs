//! How a device stands, in words for a colleague.

use std::hash::{DefaultHasher, Hash, Hasher};

use mandate_engine::{AccountsPlace, Condition, Demand, OwnDevice};
use mandate_model::Platform;
use mandate_web::Page;

/// A state: its class and its word.
#[derive(Clone)]
pub(crate) struct StateView {
    pub(crate) class: &'static str,
    pub(crate) word: String,
}

impl StateView {
    /// That of a device.
    pub(crate) fn of(page: &Page, condition: Condition) -> Self {
        let (class, id) = match condition {
            Condition::Ready => ("succeeded", "portal-state-ready"),
            Condition::Working => ("pending", "portal-state-working"),
            Condition::NeedsYou => ("attention", "portal-state-needs-you"),
            Condition::NeedsIt => ("error", "portal-state-needs-it"),
            Condition::Leaving => ("pending", "portal-state-leaving"),
            Condition::Gone => ("not-applicable", "portal-state-gone"),
        };
        Self {
            class,
            word: page.text(id),
        }
    }

    /// That of a thing on a device.
    pub(crate) fn of_item(page: &Page, demand: Option<&Demand>) -> Self {
        let (class, id) = match demand {
            None => ("succeeded", "portal-state-ready"),
            Some(Demand::Wait | Demand::Unlock) => ("pending", "portal-state-on-its-way"),
            Some(Demand::Removing) => ("pending", "portal-state-leaving"),
            Some(Demand::AskIt) => ("error", "portal-state-needs-it"),
            Some(
                Demand::Connect
                | Demand::TryAgain
                | Demand::LogIn
                | Demand::UpdateSystem { .. }
                | Demand::RemoveAccount { .. },
            ) => ("attention", "portal-state-needs-you"),
        };
        Self {
            class,
            word: page.text(id),
        }
    }
}

/// What a device is called in a sentence: `iPhone`, `Mac`.
pub(crate) fn kind_word(device: &OwnDevice) -> String {
    match (&device.model, device.platform) {
        (Some(model), Platform::Ios) => model.clone(),
        (None, Platform::Ios) => "iPhone".to_owned(),
        (_, Platform::MacOs) => "Mac".to_owned(),
    }
}

/// Model and system in one line.
pub(crate) fn what_it_is(device: &OwnDevice) -> String {
    let system = match device.platform {
        Platform::Ios if kind_word(device).starts_with("iPad") => "iPadOS",
        Platform::Ios => "iOS",
        Platform::MacOs => "macOS",
    };
    let kind = device.model.clone().unwrap_or_else(|| kind_word(device));
    match &device.os_version {
        Some(version) => format!("{kind} · {system} {version}"),
        None => kind,
    }
}

/// What the person has to do, in one sentence; empty if there is nothing.
pub(crate) fn call(page: &Page, device: &OwnDevice) -> String {
    let id = match device.demand() {
        Some(Demand::RemoveAccount { account }) => {
            return page.text_with("portal-call-account", "address", &account.address);
        }
        Some(Demand::UpdateSystem { .. }) => "portal-call-update",
        Some(Demand::LogIn) => "portal-call-log-in",
        Some(Demand::TryAgain) => "portal-call-again",
        Some(Demand::Connect) => "portal-call-connect",
        Some(Demand::Unlock) => "portal-call-unlock",
        Some(Demand::AskIt | Demand::Removing | Demand::Wait) | None => return String::new(),
    };
    page.text_with(id, "device", kind_word(device))
}

/// The part of the ids of texts that say where accounts are listed.
pub(crate) const fn place_id(place: AccountsPlace) -> &'static str {
    match place {
        AccountsPlace::SettingsApps => "apps",
        AccountsPlace::SettingsMail => "mail",
        AccountsPlace::SettingsPasswords => "passwords",
        AccountsPlace::SystemSettings => "mac",
        AccountsPlace::SystemPreferences => "old-mac",
    }
}

/// A short text that is another when pages about these devices would be others.
pub(crate) fn mark_of(devices: &[OwnDevice]) -> String {
    let mut hasher = DefaultHasher::new();
    for device in devices {
        device.id.hash(&mut hasher);
        device.name.hash(&mut hasher);
        device.os_version.hash(&mut hasher);
        (device.condition as u8).hash(&mut hasher);
        for item in &device.items {
            item.name.hash(&mut hasher);
            format!("{:?}", item.demand).hash(&mut hasher);
        }
    }
    format!("{:016x}", hasher.finish())
}
