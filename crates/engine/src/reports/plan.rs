//! What a change would do, and to whom, before it is made.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use mandate_model::catalogue::SettingChange;
use mandate_model::{
    Because, DeviceId, ImportPurpose, Profile, ProfileId, Reason, State, Target, UserId,
};
use mandate_store::{ProfileCounts, Session, TargetDevice};
use serde::Serialize;

use super::lacking::{Lacking, LackingAttribute};
use super::rows::counts;
use super::statuses::{Survey, hidden_from, reported};
use crate::profiles::impact;
use crate::targeting::{IMPORTED, Intent, Membership, Standing, decide, referenced_by};
use crate::{Action, Actor, Engine, EngineError, NewProfile, ProfileChange};

/// What is to be planned.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanRequest {
    /// The profile.
    pub profile: ProfileId,
    /// An edit that is being considered.
    pub change: Option<ProfileChange>,
    /// Targets that are being considered; the present ones if absent.
    pub targets: Option<Vec<Target>>,
    /// How many devices to name.
    pub sample: u32,
}

/// What a change would do.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// The profile.
    pub profile_id: ProfileId,
    /// Its name.
    pub profile_name: String,
    /// Devices by what happens to them.
    pub devices: PlanCounts,
    /// People by what happens to their devices; the gravest counts.
    pub users: PlanCounts,
    /// What the edit means, setting by setting.
    pub impact: Vec<SettingChange>,
    /// What is going to hurt.
    pub warnings: Vec<PlanWarning>,
    /// What the profile needs of people and some of them lack.
    pub lacking: Vec<LackingAttribute>,
    /// Some of the devices that something happens to.
    pub sample: Vec<PlannedDevice>,
}

/// How many things happen to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanCounts {
    /// Get it for the first time.
    pub added: i64,
    /// Have it and get a new version.
    pub changed: i64,
    /// Lose it.
    pub removed: i64,
    /// Keep it as it is.
    pub unchanged: i64,
    /// Are meant, but cannot have it.
    pub not_applicable: i64,
    /// Are meant, but something is missing.
    pub blocked: i64,
}

/// What happens to one device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum PlanEffect {
    /// Keeps it as it is.
    Unchanged,
    /// Is meant, but cannot have it.
    NotApplicable,
    /// Gets it for the first time.
    Added,
    /// Gets a new version.
    Changed,
    /// Loses it.
    Removed,
    /// Is meant, but something is missing.
    Blocked,
}

/// Something that is going to hurt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanWarning {
    /// What kind of thing, for programs.
    pub code: String,
    /// What it is, for people.
    pub message: String,
    /// Profiles concerned, by name.
    pub profiles: Vec<String>,
    /// How many devices it hits.
    pub devices: i64,
}

/// One device of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedDevice {
    /// The device.
    pub device_id: DeviceId,
    /// Its name.
    pub device_name: String,
    /// Sign-in name of its user.
    pub user_principal_name: Option<String>,
    /// What happens to it.
    pub effect: PlanEffect,
    /// Why it is meant, or not.
    pub because: Because,
    /// Why it is blocked or cannot have it.
    pub reason: Option<Reason>,
    /// The same in words.
    pub message: Option<String>,
}

impl PlanCounts {
    fn add(&mut self, effect: PlanEffect) {
        match effect {
            PlanEffect::Added => self.added += 1,
            PlanEffect::Changed => self.changed += 1,
            PlanEffect::Removed => self.removed += 1,
            PlanEffect::Unchanged => self.unchanged += 1,
            PlanEffect::NotApplicable => self.not_applicable += 1,
            PlanEffect::Blocked => self.blocked += 1,
        }
    }
}

/// What decides about each device of a plan.
struct Draft<'a> {
    survey: Survey<'a>,
    edited: bool,
    rows: HashMap<DeviceId, ProfileCounts>,
    dependencies: Vec<Dependency<'a>>,
    imports: Vec<Imports>,
    lacking: Lacking,
}

/// The people who have an imported certificate of a purpose that the profile needs.
struct Imports {
    purpose: ImportPurpose,
    people: BTreeSet<UserId>,
}

struct Dependency<'a> {
    name: &'a str,
    targets: &'a [Target],
    membership: Membership,
}

/// What happens to one device, and why.
struct Verdict {
    effect: PlanEffect,
    because: Because,
    reason: Option<Reason>,
}

impl Engine {
    /// What a change would do. Nothing is changed.
    pub async fn plan(&self, actor: &Actor, request: PlanRequest) -> Result<Plan, EngineError> {
        actor.require(Action::ProfilesViewReports)?;
        let mut session = self.store().read().await?;
        let id = request.profile;
        let chosen = request
            .change
            .iter()
            .flat_map(|change| change.references.values().flatten().copied());
        let intent = self.intent_about(&mut session, chosen.chain([id])).await?;
        let before = reported(actor, &intent, id)?;
        let after = match request.change {
            Some(change) => {
                self.changed(
                    &mut session,
                    (actor, Action::ProfilesViewReports),
                    before,
                    change,
                )
                .await?
            }
            None => before.clone(),
        };
        let targets = request
            .targets
            .unwrap_or_else(|| intent.targets_of(id).to_vec());
        let profiles = (before, &after);
        self.foresee(
            &mut session,
            actor,
            &intent,
            profiles,
            &targets,
            request.sample,
        )
        .await
    }

    /// What making a profile for these targets would do. Nothing is made.
    pub async fn plan_new(
        &self,
        actor: &Actor,
        new: NewProfile,
        targets: &[Target],
        sample: u32,
    ) -> Result<Plan, EngineError> {
        actor.require(Action::ProfilesViewReports)?;
        let mut session = self.store().read().await?;
        let profile = self.imagined(&mut session, actor, new).await?;
        let chosen = profile.references.values().copied();
        let intent = self.intent_about(&mut session, chosen).await?;
        let profiles = (&profile, &profile);
        self.foresee(&mut session, actor, &intent, profiles, targets, sample)
            .await
    }

    /// What becomes of devices and people when a profile turns into another and is for these.
    async fn foresee(
        &self,
        session: &mut Session,
        actor: &Actor,
        intent: &Intent,
        (before, after): (&Profile, &Profile),
        targets: &[Target],
        sample: u32,
    ) -> Result<Plan, EngineError> {
        let draft = self
            .draft(session, actor, intent, (before, after), targets)
            .await?;
        let mut plan = Plan {
            profile_id: after.id,
            profile_name: after.display_name.clone(),
            devices: PlanCounts::default(),
            users: PlanCounts::default(),
            impact: impact(before, after),
            warnings: warnings(after, intent),
            lacking: Vec::new(),
            sample: Vec::new(),
        };
        let mut people: BTreeMap<UserId, PlanEffect> = BTreeMap::new();
        let mut blocked: BTreeMap<Vec<String>, i64> = BTreeMap::new();
        let mut without_import: BTreeMap<ImportPurpose, i64> = BTreeMap::new();
        let mut lackers: BTreeMap<UserId, i64> = BTreeMap::new();
        for device in session.list_target_devices(None, u32::MAX).await? {
            let Some(verdict) = draft.judge(&device) else {
                continue;
            };
            plan.devices.add(verdict.effect);
            if let Some(user) = device.user_id {
                let gravest = people.entry(user).or_insert(verdict.effect);
                *gravest = (*gravest).max(verdict.effect);
            }
            match &verdict.reason {
                Some(Reason::DependencyNotAssigned { profiles }) => {
                    *blocked.entry(profiles.clone()).or_default() += 1;
                }
                Some(Reason::NoImportedCertificate { purpose, .. }) => {
                    *without_import.entry(*purpose).or_default() += 1;
                }
                Some(Reason::MissingAttribute { .. }) => {
                    if let Some(user) = device.user_id {
                        *lackers.entry(user).or_default() += 1;
                    }
                }
                _ => {}
            }
            if plan.sample.len() < sample as usize && verdict.effect != PlanEffect::Unchanged {
                plan.sample
                    .push(planned(session, device.id, verdict).await?);
            }
        }
        for effect in people.values() {
            plan.users.add(*effect);
        }
        plan.lacking = draft.lacking.told(&lackers, actor.may(Action::UsersRead));
        plan.warnings.extend(
            blocked
                .into_iter()
                .map(|(profiles, devices)| not_reached(after, profiles, devices)),
        );
        plan.warnings.extend(
            without_import
                .into_iter()
                .map(|(purpose, devices)| not_imported(after, purpose, devices)),
        );
        Ok(plan)
    }

    async fn draft<'a>(
        &self,
        session: &mut Session,
        actor: &Actor,
        intent: &'a Intent,
        (before, after): (&Profile, &'a Profile),
        targets: &'a [Target],
    ) -> Result<Draft<'a>, EngineError> {
        let mut dependencies = Vec::new();
        for id in referenced_by(after, &intent.profiles) {
            let targets = intent.targets_of(id);
            let membership = Membership::of_targets(session, targets).await?;
            dependencies.push(Dependency {
                name: &intent.profiles[&id].display_name,
                targets,
                membership,
            });
        }
        let rows = counts(session, before).await?;
        let rows = rows.into_iter().map(|(id, (row, _))| (id, row)).collect();
        let membership = Membership::of_targets(session, targets).await?;
        let needed = self.attributes_needed(intent, after);
        let meant = (targets, &membership, intent);
        let lacking = Lacking::of(session, needed, meant).await?;
        Ok(Draft {
            survey: Survey {
                profile: after,
                targets,
                membership,
                intent,
                last_change: intent.last_change(before),
                now: self.now(),
                deadline_days: self.options().pending_deadline_days,
                hidden: hidden_from(session, actor).await?,
            },
            edited: before.settings != after.settings || before.references != after.references,
            rows,
            dependencies,
            imports: imports(session, intent, after).await?,
            lacking,
        })
    }
}

/// The people who have what a profile needs of imported certificates.
async fn imports(
    session: &mut Session,
    intent: &Intent,
    profile: &Profile,
) -> Result<Vec<Imports>, EngineError> {
    let referenced = referenced_by(profile, &intent.profiles);
    let needed = referenced.iter().filter_map(|id| intent.profiles.get(id));
    let purposes: BTreeSet<ImportPurpose> = needed
        .chain([profile])
        .filter_map(delivered_purpose)
        .collect();
    let mut imports = Vec::new();
    for purpose in purposes {
        let people = session.users_with_imported(purpose).await?;
        imports.push(Imports { purpose, people });
    }
    Ok(imports)
}

impl Draft<'_> {
    fn judge(&self, device: &TargetDevice) -> Option<Verdict> {
        if !self.survey.concerns(device) {
            return None;
        }
        let decision = self.survey.decide(device);
        let row = self.rows.get(&device.id);
        let because = decision.because;
        if !decision.wanted {
            return row.map(|_| Verdict {
                effect: PlanEffect::Removed,
                because,
                reason: None,
            });
        }
        if let Some(reason) = self.survey.plain_refusal(device) {
            return Some(Verdict {
                effect: PlanEffect::NotApplicable,
                because,
                reason: Some(reason),
            });
        }
        let profiles = self.unreached(device);
        let missing = if profiles.is_empty() {
            self.not_imported(device).or_else(|| self.not_known(device))
        } else {
            Some(Reason::DependencyNotAssigned { profiles })
        };
        if let Some(reason) = missing {
            let reason = Some(reason);
            return Some(Verdict {
                effect: PlanEffect::Blocked,
                because,
                reason,
            });
        }
        let effect = match row {
            None => PlanEffect::Added,
            Some(row) if !row.wanted => PlanEffect::Added,
            Some(_) if self.edited => PlanEffect::Changed,
            Some(row) if self.survey.is_current(device, row.wanted, row.version) => match row.state
            {
                State::Error | State::Conflict => PlanEffect::Blocked,
                State::NotApplicable => PlanEffect::NotApplicable,
                State::Succeeded | State::Pending => PlanEffect::Unchanged,
            },
            Some(_) => PlanEffect::Changed,
        };
        Some(Verdict {
            effect,
            because,
            reason: None,
        })
    }

    /// What was not imported for the device's user; the name of the user is filled in where it is known.
    fn not_imported(&self, device: &TargetDevice) -> Option<Reason> {
        let user = device.user_id?;
        let lacking = self
            .imports
            .iter()
            .find(|imports| !imports.people.contains(&user))?;
        Some(Reason::NoImportedCertificate {
            purpose: lacking.purpose,
            user: String::new(),
        })
    }

    /// What the device's user lacks.
    fn not_known(&self, device: &TargetDevice) -> Option<Reason> {
        let (attribute, user) = self.lacking.first(device.user_id?)?;
        Some(Reason::MissingAttribute {
            attribute: attribute.to_owned(),
            user: user.to_owned(),
        })
    }

    fn unreached(&self, device: &TargetDevice) -> Vec<String> {
        let reached = |dependency: &&Dependency<'_>| {
            let standing = Standing {
                user_groups: device
                    .user_id
                    .map(|user| dependency.membership.of_user(user)),
                device_groups: dependency.membership.of_device(device.id),
                manager_groups: None,
            };
            decide(
                dependency.targets,
                standing,
                &self.survey.intent.group_names,
            )
            .wanted
        };
        let missing = self
            .dependencies
            .iter()
            .filter(|dependency| !reached(dependency));
        let mut names: Vec<String> = missing
            .map(|dependency| dependency.name.to_owned())
            .collect();
        names.sort();
        names
    }
}

async fn planned(
    session: &mut Session,
    id: DeviceId,
    verdict: Verdict,
) -> Result<PlannedDevice, EngineError> {
    let record = session
        .find_device(id)
        .await?
        .ok_or_else(|| EngineError::not_found("device", id))?;
    let user = match record.device.user_id {
        Some(user) => session.find_user(user).await?,
        None => None,
    };
    let user_principal_name = user.map(|user| user.user_principal_name);
    let reason = match verdict.reason {
        Some(Reason::NoImportedCertificate { purpose, .. }) => {
            Some(Reason::NoImportedCertificate {
                purpose,
                user: user_principal_name.clone().unwrap_or_default(),
            })
        }
        other => other,
    };
    Ok(PlannedDevice {
        device_id: id,
        device_name: record.device.display_name(),
        user_principal_name,
        effect: verdict.effect,
        because: verdict.because,
        message: reason.as_ref().map(Reason::message),
        reason,
    })
}

/// What the catalogue warns of, here and in what the profile refers to, and references that are not there yet.
pub(super) fn warnings(profile: &Profile, intent: &Intent) -> Vec<PlanWarning> {
    let name = || vec![profile.display_name.clone()];
    let missing = profile
        .kind
        .missing_references(&profile.settings, &profile.references);
    let missing = missing.into_iter().map(|reference| PlanWarning {
        code: "missingReference".to_owned(),
        message: format!(
            "`{}` is not set; nothing can be delivered until it is",
            reference.property
        ),
        profiles: name(),
        devices: 0,
    });
    let targets: BTreeMap<String, &Profile> = profile
        .references
        .iter()
        .filter_map(|(property, id)| Some((property.clone(), intent.profiles.get(id)?)))
        .collect();
    let advice = profile
        .kind
        .warnings(&profile.settings, &profile.references)
        .into_iter()
        .chain(profile.kind.target_warnings(&profile.settings, &targets));
    let advice = advice.map(|warning| PlanWarning {
        code: warning.code.to_owned(),
        message: warning.message,
        profiles: name(),
        devices: 0,
    });
    missing.chain(advice).collect()
}

/// The purpose of the imported certificates that a profile delivers.
fn delivered_purpose(profile: &Profile) -> Option<ImportPurpose> {
    if !profile.kind.type_name.ends_with(IMPORTED) {
        return None;
    }
    ImportPurpose::parse(profile.settings.get("intendedPurpose")?.as_str()?)
}

fn not_imported(profile: &Profile, purpose: ImportPurpose, devices: i64) -> PlanWarning {
    let message = format!(
        "no certificate for {} was imported for the users of {devices} devices of `{}`; import them first",
        purpose.label(),
        profile.display_name
    );
    PlanWarning {
        code: "noImportedCertificate".to_owned(),
        message,
        profiles: vec![profile.display_name.clone()],
        devices,
    }
}

fn not_reached(profile: &Profile, profiles: Vec<String>, devices: i64) -> PlanWarning {
    let names: BTreeSet<String> = profiles.iter().map(|name| format!("`{name}`")).collect();
    let names = names.into_iter().collect::<Vec<_>>().join(", ");
    let message = format!(
        "`{}` needs {names}, which does not reach {devices} of its devices; assign them to the same groups",
        profile.display_name
    );
    PlanWarning {
        code: "dependencyNotAssigned".to_owned(),
        message,
        profiles,
        devices,
    }
}
