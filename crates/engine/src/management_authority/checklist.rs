//! What has to be done before another authority takes over: one list for each authority that lets go.

use std::collections::BTreeMap;

use mandate_model::Timestamp;
use mandate_store::{AttestationRecord, LeftOver};

use super::ManagementAuthority;

/// One thing to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChecklistItem {
    /// A stable word for it.
    pub code: ItemCode,
    /// The authority whose list it is of.
    pub of: ManagementAuthority,
    /// How it stands.
    pub state: ItemState,
}

/// How an item stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemState {
    /// Looked up here just now: nothing is left.
    Done,
    /// Looked up here just now: so many are left.
    Left(i64),
    /// There is no such thing in mandate, so nothing can be left of it.
    None,
    /// It happens elsewhere, and nobody has vouched for it.
    Open,
    /// It happens elsewhere, and somebody vouches for it.
    Attested {
        /// The person who does.
        person: String,
        /// Who noted it.
        actor: String,
        /// When.
        at: Timestamp,
    },
}

impl ItemState {
    /// Whether it no longer stands in the way.
    pub const fn is_green(&self) -> bool {
        matches!(self, Self::Done | Self::None | Self::Attested { .. })
    }

    /// A stable word for it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Left(_) => "left",
            Self::None => "none",
            Self::Open => "open",
            Self::Attested { .. } => "attested",
        }
    }
}

macro_rules! items {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $text:literal;)*) => {
        /// Something to be done before an authority lets go.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ItemCode {
            $($(#[$doc])* $variant,)*
        }

        impl ItemCode {
            /// All items of all lists.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$variant),*];

            /// A stable word for it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What is to be done, for administrators.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

items! {
    /// Of this server: no device is managed here.
    DevicesRetired = "devicesRetired",
        "Retire all devices from the administration, not from the device itself";
    /// Of this server: no connector of another service.
    ConnectorsRemoved = "connectorsRemoved", "Remove connectors to other services";
    /// Of this server: nobody is a device enrolment manager.
    EnrolmentManagersRemoved = "enrolmentManagersRemoved",
        "Take everybody off the list of device enrolment managers";
    /// Of this server: no group of devices follows from a category.
    DeviceGroupMappingOff = "deviceGroupMappingOff", "Switch off device group mapping";
    /// Of this server: no keys for sideloading.
    SideloadingKeysRemoved = "sideloadingKeysRemoved", "Remove sideloading keys";
    /// Of this server: no push certificate.
    PushCertificateRemoved = "pushCertificateRemoved", "Remove the push certificate";
    /// Of this server: no tokens for automated device enrolment.
    EnrolmentTokensRemoved = "enrolmentTokensRemoved",
        "Remove tokens for automated device enrolment";
    /// Of this server: no profiles.
    PoliciesRemoved = "policiesRemoved", "Delete all profiles";
    /// Of this server: no published apps.
    AppsRemoved = "appsRemoved", "Delete all published apps";

    /// Of Configuration Manager: no device is managed there.
    SccmDevicesRetired = "sccmDevicesRetired",
        "Retire all devices in the console of Configuration Manager";
    /// Of Configuration Manager: nobody is in its collection of people.
    SccmUsersRemoved = "sccmUsersRemoved",
        "Take all people out of the Intune collection, and see in CloudUserSync.log that they are gone";
    /// Of Configuration Manager: iOS is off.
    SccmIosOff = "sccmIosOff",
        "Untick iOS in the subscription, which removes the push certificate there";
    /// Of Configuration Manager: no apps.
    SccmAppsRemoved = "sccmAppsRemoved", "Remove all apps for mobile devices";
    /// Of Configuration Manager: no policies.
    SccmPoliciesRemoved = "sccmPoliciesRemoved", "Remove all policies for mobile devices";
    /// Of Configuration Manager: no connector.
    SccmConnectorRemoved = "sccmConnectorRemoved",
        "Remove the Windows Intune Connector (2012 R2 SP1 and older)";
    /// Of Configuration Manager: no subscription.
    SccmSubscriptionDeleted = "sccmSubscriptionDeleted", "Delete the Intune subscription";
    /// Of Configuration Manager: its executive has been restarted.
    SccmRestarted = "sccmRestarted", "Restart the SMS Executive service";
    /// Of Configuration Manager: some people were looked at.
    SccmLicencesChecked = "sccmLicencesChecked",
        "See of some people that their licence from Configuration Manager is gone";

    /// Of Office 365: no device is managed there.
    Office365DevicesWiped = "office365DevicesWiped",
        "Wipe all devices selectively under Device management (where it is greyed out, nothing is to be done)";
    /// Of Office 365: no policies.
    Office365PoliciesDeleted = "office365PoliciesDeleted",
        "Delete all device security policies (what is pending needs nothing)";
}

impl ItemCode {
    /// Reads [`Self::name`].
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|item| item.name() == name)
    }

    /// The authority whose list it is of.
    pub const fn of(self) -> ManagementAuthority {
        match self {
            Self::DevicesRetired
            | Self::ConnectorsRemoved
            | Self::EnrolmentManagersRemoved
            | Self::DeviceGroupMappingOff
            | Self::SideloadingKeysRemoved
            | Self::PushCertificateRemoved
            | Self::EnrolmentTokensRemoved
            | Self::PoliciesRemoved
            | Self::AppsRemoved => ManagementAuthority::Intune,
            Self::SccmDevicesRetired
            | Self::SccmUsersRemoved
            | Self::SccmIosOff
            | Self::SccmAppsRemoved
            | Self::SccmPoliciesRemoved
            | Self::SccmConnectorRemoved
            | Self::SccmSubscriptionDeleted
            | Self::SccmRestarted
            | Self::SccmLicencesChecked => ManagementAuthority::ConfigurationManager,
            Self::Office365DevicesWiped | Self::Office365PoliciesDeleted => {
                ManagementAuthority::Office365
            }
        }
    }

    /// Whether it happens elsewhere, so that somebody has to vouch for it.
    pub const fn is_attested(self) -> bool {
        !matches!(self.of(), ManagementAuthority::Intune)
    }

    /// What can be looked up here of it.
    const fn looked_up(self, left: &LeftOver) -> ItemState {
        let left = match self {
            Self::DevicesRetired => left.devices,
            Self::EnrolmentManagersRemoved => left.managers,
            Self::PushCertificateRemoved => left.push_certificates,
            Self::PoliciesRemoved => left.profiles,
            Self::EnrolmentTokensRemoved => left.enrolment_tokens,
            Self::DeviceGroupMappingOff => left.group_mapping,
            _ => return ItemState::None,
        };
        if left > 0 {
            ItemState::Left(left)
        } else {
            ItemState::Done
        }
    }
}

/// The items before this authority lets go. Coexistence has the lists of both.
pub(super) fn items_of(from: ManagementAuthority) -> Vec<ItemCode> {
    let is_of = |item: &ItemCode| match from {
        ManagementAuthority::Coexistence => matches!(
            item.of(),
            ManagementAuthority::Intune | ManagementAuthority::Office365
        ),
        from => item.of() == from,
    };
    ItemCode::ALL.into_iter().filter(is_of).collect()
}

/// The checklist as it stands.
pub(super) fn checklist(
    from: ManagementAuthority,
    left: &LeftOver,
    attestations: &[AttestationRecord],
) -> Vec<ChecklistItem> {
    let attested: BTreeMap<&str, &AttestationRecord> = attestations
        .iter()
        .map(|record| (record.item.as_str(), record))
        .collect();
    let state = |code: ItemCode| {
        if !code.is_attested() {
            return code.looked_up(left);
        }
        match attested.get(code.name()) {
            Some(record) => ItemState::Attested {
                person: record.person.clone(),
                actor: record.actor.clone(),
                at: record.at,
            },
            None => ItemState::Open,
        }
    };
    items_of(from)
        .into_iter()
        .map(|code| ChecklistItem {
            code,
            of: code.of(),
            state: state(code),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLEAN: LeftOver = LeftOver {
        devices: 0,
        managers: 0,
        push_certificates: 0,
        profiles: 0,
        enrolment_tokens: 0,
        group_mapping: 0,
    };

    fn is_green(items: &[ChecklistItem]) -> bool {
        items.iter().all(|item| item.state.is_green())
    }

    #[test]
    fn each_thing_that_is_left_keeps_the_list_of_this_server_from_being_green() {
        let of = |left: &LeftOver| checklist(ManagementAuthority::Intune, left, &[]);
        assert!(is_green(&of(&CLEAN)));
        assert_eq!(of(&CLEAN).len(), 9);
        for (code, left) in [
            (
                ItemCode::DevicesRetired,
                LeftOver {
                    devices: 3,
                    ..CLEAN
                },
            ),
            (
                ItemCode::EnrolmentManagersRemoved,
                LeftOver {
                    managers: 3,
                    ..CLEAN
                },
            ),
            (
                ItemCode::PushCertificateRemoved,
                LeftOver {
                    push_certificates: 3,
                    ..CLEAN
                },
            ),
            (
                ItemCode::PoliciesRemoved,
                LeftOver {
                    profiles: 3,
                    ..CLEAN
                },
            ),
            (
                ItemCode::EnrolmentTokensRemoved,
                LeftOver {
                    enrolment_tokens: 3,
                    ..CLEAN
                },
            ),
            (
                ItemCode::DeviceGroupMappingOff,
                LeftOver {
                    group_mapping: 3,
                    ..CLEAN
                },
            ),
        ] {
            let items = of(&left);
            let red: Vec<_> = items.iter().filter(|item| !item.state.is_green()).collect();
            assert_eq!(red.len(), 1);
            assert_eq!(
                (red[0].code, red[0].state.clone()),
                (code, ItemState::Left(3))
            );
        }
    }

    #[test]
    fn what_happens_elsewhere_needs_somebody_who_vouches_for_it() {
        let attested = |item: ItemCode| AttestationRecord {
            item: item.name().to_owned(),
            person: "Ada".to_owned(),
            actor: "ada@contoso.com".to_owned(),
            at: Timestamp(7),
        };
        for (from, count) in [
            (ManagementAuthority::ConfigurationManager, 9),
            (ManagementAuthority::Office365, 2),
        ] {
            let items = items_of(from);
            assert_eq!(items.len(), count);
            let all: Vec<_> = items.iter().map(|item| attested(*item)).collect();
            assert!(is_green(&checklist(from, &CLEAN, &all)));
            for missing in 0..all.len() {
                let mut some = all.clone();
                some.remove(missing);
                assert!(!is_green(&checklist(from, &CLEAN, &some)));
            }
        }
    }

    #[test]
    fn coexistence_has_both_lists() {
        let items = items_of(ManagementAuthority::Coexistence);
        assert_eq!(items.len(), 11);
        assert!(items.contains(&ItemCode::PoliciesRemoved));
        assert!(items.contains(&ItemCode::Office365PoliciesDeleted));
        assert!(items_of(ManagementAuthority::Unknown).is_empty());
        for item in ItemCode::ALL {
            assert_eq!(ItemCode::parse(item.name()), Some(item));
        }
    }
}
