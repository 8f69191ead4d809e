//! What would X get: what a person would receive on a device, and why, before there is a device.
//!
//! The same decision and the same compiler as for a device that checks in, for one that is imagined or that is there.
//! Nothing is changed, made or noted: keys and challenges are marks in what is compiled, and stay so.

mod document;
mod effect;
mod imagine;
mod report;

pub use report::{
    SimulatedCertificate, SimulatedDevice, SimulatedGroup, SimulatedOutcome, SimulatedProfile,
    SimulatedUser, SimulatedWarning, Simulation,
};

use std::collections::{BTreeMap, BTreeSet};

use mandate_model::{
    CompileInput, Compiled, Device, DeviceId, GroupId, ImportedCertificate, OsVersion, Platform,
    Profile, ProfileId, Reason, Timestamp, User,
};
use mandate_store::Session;

use super::certificates::shows_imported;
use super::plan::warnings;
use crate::access::scope::seen_device;
use crate::delivery::{refused, same_accounts, unreached};
use crate::targeting::{Decision, IMPORTED, Intent, Standing, decide};
use crate::{Action, Actor, Engine, EngineError};

/// Whose settings are asked for, and on what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimulationRequest {
    /// A person by id or sign-in name; the user of the device if absent.
    pub user: Option<String>,
    /// A device that is there, whose facts and groups count; one is imagined if absent.
    pub device: Option<DeviceId>,
    /// What an imagined device runs.
    pub platform: Platform,
    /// Its version, or one to which the device that is there is imagined to be brought; if absent, what it has, or one
    /// that is new enough for everything.
    pub os_version: Option<OsVersion>,
}

/// A device of a platform that is not there and is new enough for everything.
pub(super) fn example_device(platform: Platform, now: Timestamp) -> Device {
    let request = SimulationRequest {
        user: None,
        device: None,
        platform,
        os_version: None,
    };
    imagine::device(None, None, &request, now)
}

/// Everything that decides.
struct Scene<'a> {
    engine: &'a Engine,
    intent: &'a Intent,
    user: Option<User>,
    device: Device,
    user_groups: Option<BTreeSet<GroupId>>,
    device_groups: BTreeSet<GroupId>,
    manager_groups: Option<BTreeSet<GroupId>>,
    imported: Vec<ImportedCertificate>,
    shows_imported: bool,
    /// The person has no licence, and those without one are to have nothing.
    is_stripped: bool,
}

impl Engine {
    /// What a person would get on a device, and why.
    pub async fn what_would(
        &self,
        actor: &Actor,
        request: SimulationRequest,
    ) -> Result<Simulation, EngineError> {
        actor.require(Action::ProfilesViewReports)?;
        let mut session = self.store().read().await?;
        let device = match request.device {
            Some(id) => {
                let (record, _) = seen_device(&mut session, actor, Action::DevicesRead, id).await?;
                Some(record.device)
            }
            None => None,
        };
        let user = self
            .somebody(&mut session, actor, (&request, device.as_ref()))
            .await?;
        let is_imagined = device.is_none();
        let device = imagine::device(device, user.as_ref(), &request, self.now());
        let intent = self.intent(&mut session).await?;
        let scene = Scene {
            engine: self,
            intent: &intent,
            user_groups: match &user {
                Some(user) => Some(session.groups_of(user.id.0, true).await?),
                None => None,
            },
            device_groups: session.groups_of(device.id.0, true).await?,
            manager_groups: match device.manager_id.filter(|_| user.is_none()) {
                Some(manager) => Some(session.groups_of(manager.0, true).await?),
                None => None,
            },
            is_stripped: match &user {
                Some(user) => self.is_stripped(&mut session, user.id).await?,
                None => false,
            },
            imported: match &user {
                Some(user) => session.imported_of_user(user.id).await?,
                None => Vec::new(),
            },
            shows_imported: match &user {
                Some(user) => shows_imported(&mut session, actor, user).await?,
                None => true,
            },
            user,
            device,
        };
        drop(session);
        let profiles = scene.profiles(actor);
        Ok(Simulation {
            user: scene.user.as_ref().map(SimulatedUser::of),
            device: SimulatedDevice::of(&scene.device, is_imagined),
            groups: scene.groups(),
            profiles,
        })
    }

    /// The person of a request.
    async fn somebody(
        &self,
        session: &mut Session,
        actor: &Actor,
        (request, device): (&SimulationRequest, Option<&Device>),
    ) -> Result<Option<User>, EngineError> {
        let Some(key) = request.user.as_deref() else {
            let Some(device) = device else {
                let rule = "must be given if no device is";
                return Err(EngineError::invalid("user", rule, None));
            };
            return match device.user_id {
                Some(id) => Ok(session.find_user(id).await?),
                None => Ok(None),
            };
        };
        actor.require(Action::UsersRead)?;
        let by_id = match key.parse() {
            Ok(id) => session.find_user(id).await?,
            Err(_) => None,
        };
        let found = match by_id {
            Some(user) => Some(user),
            None => session.find_user_by_name(key).await?,
        };
        found
            .map(Some)
            .ok_or_else(|| EngineError::not_found("user", key))
    }
}

impl Scene<'_> {
    /// All profiles of the platform that the actor sees: those that are given first, then those that are not.
    fn profiles(&self, actor: &Actor) -> Vec<SimulatedProfile> {
        let standing = |profile: &Profile| Standing {
            user_groups: self.user_groups.as_ref(),
            device_groups: &self.device_groups,
            manager_groups: self
                .manager_groups
                .as_ref()
                .filter(|_| profile.kind.needs_user(&profile.settings)),
        };
        let of_platform = self
            .intent
            .profiles
            .values()
            .filter(|profile| profile.kind.platform == self.device.platform);
        let decisions: BTreeMap<ProfileId, Decision> = of_platform
            .map(|profile| {
                let targets = self.intent.targets_of(profile.id);
                let decision = decide(targets, standing(profile), &self.intent.group_names);
                (profile.id, decision)
            })
            .collect();
        let wanted = decisions.iter().filter(|(_, decision)| decision.wanted);
        let mut made: BTreeMap<ProfileId, Result<Compiled, Reason>> = wanted
            .map(|(id, _)| (*id, self.make(&self.intent.profiles[id], &decisions)))
            .collect();
        let accounts = made
            .iter()
            .filter_map(|(id, made)| Some((*id, made.as_ref().ok()?.accounts.as_slice())));
        for (id, reason) in same_accounts(accounts, self.intent) {
            made.insert(id, Err(reason));
        }
        let mut shown: Vec<SimulatedProfile> = decisions
            .into_iter()
            .filter_map(|(id, decision)| {
                let profile = &self.intent.profiles[&id];
                let is_seen = actor.reaches(Action::ProfilesViewReports, &profile.scope_tags);
                is_seen.then(|| self.show(profile, decision, made.remove(&id)))
            })
            .collect();
        shown.sort_by(|one, other| {
            (one.outcome, &one.display_name).cmp(&(other.outcome, &other.display_name))
        });
        shown
    }

    /// What the device would receive for a profile that is wanted on it, or why nothing.
    fn make(
        &self,
        profile: &Profile,
        decisions: &BTreeMap<ProfileId, Decision>,
    ) -> Result<Compiled, Reason> {
        let needs_user = profile.kind.needs_user(&profile.settings);
        if let Some(user) = self.user.as_ref().filter(|_| self.is_stripped) {
            let user = user.user_principal_name.clone();
            return Err(Reason::NoLicence { user });
        }
        if let Some(user) = &self.user
            && !user.account_enabled
            && needs_user
        {
            let user = user.user_principal_name.clone();
            return Err(Reason::UserDisabled { user });
        }
        if self.manager_groups.is_some() && needs_user {
            return Err(Reason::EnrolledByManager);
        }
        let profiles = unreached(profile, self.intent, decisions);
        if !profiles.is_empty() {
            return Err(Reason::DependencyNotAssigned { profiles });
        }
        if profile.is_for_user_channel() && self.user.is_none() {
            return Err(Reason::NoUser);
        }
        let Some(channel) = self.engine.channel(profile.kind.platform) else {
            return Err(Reason::OtherPlatform);
        };
        let input = CompileInput {
            profile,
            referenced: &self.intent.profiles,
            user: self.user.as_ref(),
            device: &self.device,
            endpoints: self.engine.endpoints(),
            rounds: &BTreeMap::new(),
            imported: &self.imported,
            services: &self.intent.services,
        };
        let reported = self.device.facts.os_version.as_deref();
        channel
            .compile(&input)
            .map_err(|refusal| refused(refusal, reported))
    }

    fn show(
        &self,
        profile: &Profile,
        decision: Decision,
        made: Option<Result<Compiled, Reason>>,
    ) -> SimulatedProfile {
        let mut shown = SimulatedProfile::not_assigned(profile, decision.because);
        let Some(made) = made else {
            return shown;
        };
        shown.warnings = warnings(profile, self.intent)
            .into_iter()
            .map(|warning| SimulatedWarning {
                code: warning.code,
                message: warning.message,
            })
            .collect();
        match made {
            Err(reason) => shown.refuse(reason),
            Ok(compiled) => {
                shown.outcome = SimulatedOutcome::Given;
                self.fill(&mut shown, profile, &compiled);
            }
        }
        shown
    }

    /// What is in a document, without what is nobody's business.
    fn fill(&self, shown: &mut SimulatedProfile, profile: &Profile, compiled: &Compiled) {
        let now = self.engine.now();
        let notices = compiled
            .notices
            .iter()
            .filter(|notice| notice.holds_at(now));
        shown
            .warnings
            .extend(notices.map(|notice| SimulatedWarning {
                code: notice.code.clone(),
                message: notice.message.clone(),
            }));
        shown.skipped.clone_from(&compiled.skipped);
        if profile.is_for_user_channel() {
            shown.warnings.push(SimulatedWarning {
                code: "userChannel".to_owned(),
                message: "it comes when the user has logged in on the Mac".to_owned(),
            });
        }
        shown.certificates = document::certificates(self, compiled);
        let is_of_imports = profile.kind.type_name.ends_with(IMPORTED);
        if is_of_imports && !self.shows_imported {
            // Its payloads are named after certificates that whoever asks may not see.
            shown.warnings.push(SimulatedWarning {
                code: "importsHidden".to_owned(),
                message: "the document names imported certificates that you may not see".to_owned(),
            });
            return;
        }
        let body = document::without_secrets(compiled, &self.engine.scep_fingerprint());
        if let Some(channel) = self.engine.channel(profile.kind.platform) {
            shown.payloads = channel.explain(body.as_bytes());
        }
        shown.document = Some(body);
    }

    /// The groups that count, by name.
    fn groups(&self) -> Vec<SimulatedGroup> {
        let all = self.user_groups.iter().flatten().chain(&self.device_groups);
        let ids: BTreeSet<&GroupId> = all.collect();
        let mut groups: Vec<SimulatedGroup> = ids
            .into_iter()
            .map(|id| SimulatedGroup {
                id: *id,
                display_name: self.intent.group_names.get(id).cloned().unwrap_or_default(),
            })
            .collect();
        groups.sort_by(|one, other| one.display_name.cmp(&other.display_name));
        groups
    }
}
