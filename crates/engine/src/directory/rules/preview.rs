//! What a rule would do, before it does it.

use std::collections::BTreeSet;

use mandate_model::membership_rule::{Explanation, MembershipRule, RuleKind};
use mandate_model::{GroupId, Member, ProfileId, Target};
use mandate_store::RuleState;

use super::change::read;
use super::follow::Candidate;
use crate::access::scope::shows_device;
use crate::{Action, Actor, Engine, EngineError};

/// Names that are shown of each list.
const NAMES: usize = 10;

/// Who would be in a group by a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulePreview {
    /// Whom the rule chooses among.
    pub kind: RuleKind,
    /// The rule in its usual form.
    pub rule: String,
    /// How many were looked at.
    pub looked_at: usize,
    /// All who would be in it.
    pub members: Counted,
    /// Those who are not in it now.
    pub joining: Counted,
    /// Those who are in it now and would not be.
    pub leaving: Counted,
    /// Profiles that name the group, or one around it: those who join get or lose them.
    pub profiles: Vec<PreviewedProfile>,
}

/// Some people or devices: how many, and the first of them by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counted {
    /// How many.
    pub count: usize,
    /// The first ten.
    pub names: Vec<String>,
}

impl Counted {
    fn add(&mut self, name: impl FnOnce() -> String) {
        self.count += 1;
        if self.names.len() < NAMES {
            self.names.push(name());
        }
    }
}

/// A profile that depends on who is in the group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewedProfile {
    /// The profile.
    pub id: ProfileId,
    /// Its name.
    pub name: String,
    /// Whether the group is excluded from it.
    pub is_excluded: bool,
}

/// The rule that is asked about one member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleSource {
    /// The rule of a group.
    Group(GroupId),
    /// A rule that no group need have.
    Text(String),
}

/// What a rule says of one person or device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberEvaluation {
    /// The rule as it was written.
    pub rule: String,
    /// How it came to its answer.
    pub explanation: Explanation,
}

impl Engine {
    /// Says what is wrong with a rule; [`None`] if nothing is. Needs no more than to see groups.
    pub fn check_membership_rule(
        &self,
        actor: &Actor,
        text: &str,
    ) -> Result<Result<MembershipRule, super::RuleProblem>, EngineError> {
        actor.require(Action::GroupsRead)?;
        Ok(MembershipRule::parse(text))
    }

    /// How it stands with the rule of a group.
    pub async fn membership_rule_state(
        &self,
        actor: &Actor,
        id: GroupId,
    ) -> Result<RuleState, EngineError> {
        actor.require(Action::GroupsRead)?;
        Ok(self.store().read().await?.rule_state(id).await?)
    }

    /// Who would be in a group by a rule, and what would follow; nothing is changed. `group` is the one that would get it,
    /// if it is there already. Reads all people or devices, a page at a time.
    pub async fn preview_membership_rule(
        &self,
        actor: &Actor,
        group: Option<GroupId>,
        text: &str,
    ) -> Result<RulePreview, EngineError> {
        actor.require(Action::GroupsUpdate)?;
        actor.require_everywhere(Action::GroupsUpdate)?;
        let rule = read(text)?;
        actor.require_everywhere(seeing(rule.kind()))?;
        let mut session = self.store().read().await?;
        let mut preview = RulePreview {
            kind: rule.kind(),
            rule: rule.to_string(),
            looked_at: 0,
            members: Counted::default(),
            joining: Counted::default(),
            leaving: Counted::default(),
            profiles: Vec::new(),
        };
        let mut after = None;
        loop {
            let page = self.candidates(&mut session, rule.kind(), after).await?;
            let Some(last) = page.last().map(|candidate| candidate.member().id()) else {
                break;
            };
            let members: BTreeSet<Member> = match group {
                Some(group) => session
                    .members_between(group, after, last)
                    .await?
                    .into_iter()
                    .collect(),
                None => BTreeSet::new(),
            };
            preview.looked_at += page.len();
            for candidate in &page {
                let is_member = members.contains(&candidate.member());
                if rule.matches(&candidate.subject()) {
                    preview.members.add(|| candidate.name());
                    if !is_member {
                        preview.joining.add(|| candidate.name());
                    }
                } else if is_member {
                    preview.leaving.add(|| candidate.name());
                }
            }
            if page.len() < Self::candidates_in_page() {
                break;
            }
            after = Some(last);
        }
        if let Some(group) = group {
            preview.profiles = self.profiles_around(actor, group).await?;
        }
        Ok(preview)
    }

    /// Profiles whose assignments name a group or one around it, as far as the actor sees them.
    async fn profiles_around(
        &self,
        actor: &Actor,
        group: GroupId,
    ) -> Result<Vec<PreviewedProfile>, EngineError> {
        if !actor.may(Action::ProfilesRead) {
            return Ok(Vec::new());
        }
        let mut session = self.store().read().await?;
        let mut around = session.groups_of(group.0, true).await?;
        around.insert(group);
        let intent = self.intent(&mut session).await?;
        let mut profiles = Vec::new();
        for (id, profile) in &intent.profiles {
            if !actor.reaches(Action::ProfilesRead, &profile.scope_tags) {
                continue;
            }
            let targets = intent.targets_of(*id).iter();
            let mut named = targets.filter_map(|target| match target {
                Target::Group(named) if around.contains(named) => Some(false),
                Target::Exclude(named) if around.contains(named) => Some(true),
                Target::Group(_) | Target::Exclude(_) | Target::AllUsers | Target::AllDevices => {
                    None
                }
            });
            let Some(first) = named.next() else { continue };
            profiles.push(PreviewedProfile {
                id: *id,
                name: profile.display_name.clone(),
                is_excluded: first || named.any(|is_excluded| is_excluded),
            });
        }
        Ok(profiles)
    }

    /// What a rule says of one person or device.
    pub async fn evaluate_membership(
        &self,
        actor: &Actor,
        source: RuleSource,
        member: uuid::Uuid,
    ) -> Result<MemberEvaluation, EngineError> {
        actor.require(Action::GroupsRead)?;
        let mut session = self.store().read().await?;
        let text = match source {
            RuleSource::Text(text) => text,
            RuleSource::Group(id) => {
                let group = session
                    .find_group(id)
                    .await?
                    .ok_or_else(|| EngineError::not_found("group", id))?;
                let Some(rule) = group.rule else {
                    let reason = format!(
                        "the group `{}` is not dynamic: it has no rule",
                        group.display_name
                    );
                    return Err(EngineError::NotPossible { reason });
                };
                rule.text
            }
        };
        let rule = read(&text)?;
        let not_found = || EngineError::not_found("directory object", member);
        let member = match rule.kind() {
            RuleKind::User => Member::User(member.into()),
            RuleKind::Device => Member::Device(member.into()),
        };
        actor.require(seeing(rule.kind()))?;
        if let Member::Device(id) = member
            && !shows_device(&mut session, &actor.scope_of_members(), id).await?
        {
            return Err(not_found());
        }
        let candidate = Candidate::find(&mut session, member)
            .await?
            .ok_or_else(not_found)?;
        Ok(MemberEvaluation {
            explanation: rule.explain(&candidate.subject()),
            rule: text,
        })
    }
}

/// What somebody must be allowed to see who learns of whom a rule is true.
const fn seeing(kind: RuleKind) -> Action {
    match kind {
        RuleKind::User => Action::UsersRead,
        RuleKind::Device => Action::DevicesRead,
    }
}
