//! What another record of a person would change on their devices.

use std::collections::{BTreeMap, BTreeSet};

use mandate_model::{ProfileId, User};
use mandate_store::Session;

use super::Scene;
use crate::targeting::{Decision, Intent, Standing, decide};
use crate::{Engine, EngineError};

/// Devices of one person that are looked at.
const MOST_DEVICES: u32 = 20;

impl Engine {
    /// Names of the profiles whose documents would be others on the devices of a person, if their record became another
    /// one: compiled both ways, and compared by what would be sent.
    pub(crate) async fn profiles_touched_by(
        &self,
        session: &mut Session,
        before: &User,
        after: &User,
    ) -> Result<BTreeSet<String>, EngineError> {
        let devices = session.devices_of_user(before.id, MOST_DEVICES).await?;
        if devices.is_empty() {
            return Ok(BTreeSet::new());
        }
        let intent = self.intent(session).await?;
        let user_groups = session.groups_of(before.id.0, true).await?;
        let imported = session.imported_of_user(before.id).await?;
        let is_stripped = self.is_stripped(session, before.id).await?;
        let mut touched = BTreeSet::new();
        for record in devices {
            let device_groups = session.groups_of(record.device.id.0, true).await?;
            let scene = |user: &User| Scene {
                engine: self,
                intent: &intent,
                user: Some(user.clone()),
                device: record.device.clone(),
                user_groups: Some(user_groups.clone()),
                device_groups: device_groups.clone(),
                manager_groups: None,
                imported: imported.clone(),
                shows_imported: false,
                is_stripped,
            };
            let (was, is) = (scene(before).hashes(&intent), scene(after).hashes(&intent));
            let different = was.keys().filter(|id| was.get(id) != is.get(id));
            touched.extend(different.map(|id| intent.profiles[id].display_name.clone()));
        }
        Ok(touched)
    }
}

impl Scene<'_> {
    /// The hash of each document that the device is to have; none of one that cannot be made.
    fn hashes(&self, intent: &Intent) -> BTreeMap<ProfileId, Option<[u8; 32]>> {
        let standing = Standing {
            user_groups: self.user_groups.as_ref(),
            device_groups: &self.device_groups,
            manager_groups: None,
        };
        let decisions: BTreeMap<ProfileId, Decision> = intent
            .profiles
            .values()
            .filter(|profile| profile.kind.platform == self.device.platform)
            .map(|profile| {
                let targets = intent.targets_of(profile.id);
                (profile.id, decide(targets, standing, &intent.group_names))
            })
            .collect();
        let wanted = decisions.iter().filter(|(_, decision)| decision.wanted);
        wanted
            .map(|(id, _)| {
                let made = self.make(&intent.profiles[id], &decisions);
                (*id, made.ok().map(|compiled| compiled.content_hash))
            })
            .collect()
    }
}
