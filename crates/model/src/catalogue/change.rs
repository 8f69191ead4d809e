//! What an edit means for devices that have the profile.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{Impact, Kind};
use crate::{ProfileId, Settings};

/// One setting or reference that an edit changes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SettingChange {
    /// Graph property.
    pub property: &'static str,
    /// Label in English.
    pub label: &'static str,
    /// Value before.
    pub old: Value,
    /// Value after.
    pub new: Value,
    /// What it means for the user.
    pub impact: Impact,
    /// Whether the account becomes another one.
    pub new_identity: bool,
}

impl Kind {
    /// The settings that differ, in the order of the kind. A change without effect (`null` to what `null` means)
    /// is listed as silent.
    pub fn impact(&self, old: &Settings, new: &Settings) -> Vec<SettingChange> {
        let changes = self.settings.iter().filter_map(|setting| {
            let before = old.get(setting.property).unwrap_or(&Value::Null);
            let after = new.get(setting.property).unwrap_or(&Value::Null);
            if before == after {
                return None;
            }
            let matters = setting.effective(before) != setting.effective(after);
            Some(SettingChange {
                property: setting.property,
                label: setting.label,
                old: before.clone(),
                new: after.clone(),
                impact: if matters {
                    setting.impact
                } else {
                    Impact::Silent
                },
                new_identity: matters && setting.identity,
            })
        });
        changes.collect()
    }

    /// The references that differ; values are ids of profiles.
    pub fn reference_impact(
        &self,
        old: &BTreeMap<String, ProfileId>,
        new: &BTreeMap<String, ProfileId>,
    ) -> Vec<SettingChange> {
        let id = |references: &BTreeMap<String, ProfileId>, property: &str| {
            references
                .get(property)
                .map_or(Value::Null, |id| Value::from(id.to_string()))
        };
        let changes = self.references.iter().filter_map(|reference| {
            let (before, after) = (id(old, reference.property), id(new, reference.property));
            (before != after).then_some(SettingChange {
                property: reference.property,
                label: reference.label,
                old: before,
                new: after,
                impact: reference.impact,
                new_identity: false,
            })
        });
        changes.collect()
    }
}
