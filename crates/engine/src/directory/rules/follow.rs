//! One person or device, held against all rules.

use mandate_model::membership_rule::{RuleDevice, RuleSubject};
use mandate_model::{Device, DeviceId, GroupId, Member, User};
use mandate_store::{DeviceLabelRecord, Session};
use serde_json::json;

use super::GroupWithRule;
use crate::access::Somebody;
use crate::access::growth::Before;
use crate::audit::Change;
use crate::{Actor, Engine, EngineError};

/// Somebody of whom rules are asked, with all that they may ask for.
#[derive(Debug, Clone)]
pub(crate) enum Candidate {
    User(User),
    Device(Device, Option<DeviceLabelRecord>),
}

impl Candidate {
    /// A device, with what is noted about it.
    pub(crate) async fn device(session: &mut Session, device: Device) -> Result<Self, EngineError> {
        let label = session
            .list_device_labels(device.id, device.id)
            .await?
            .pop();
        Ok(Self::Device(device, label))
    }

    /// Whoever has this id; groups are none.
    pub(super) async fn find(
        session: &mut Session,
        member: Member,
    ) -> Result<Option<Self>, EngineError> {
        Ok(match member {
            Member::User(id) => session.find_user(id).await?.map(Self::User),
            Member::Device(id) => match session.find_device(id).await? {
                Some(record) => Some(Self::device(session, record.device).await?),
                None => None,
            },
            Member::Group(_) => None,
        })
    }

    pub(super) fn member(&self) -> Member {
        match self {
            Self::User(user) => Member::User(user.id),
            Self::Device(device, _) => Member::Device(device.id),
        }
    }

    pub(super) fn name(&self) -> String {
        match self {
            Self::User(user) => user.display_name.clone(),
            Self::Device(device, _) => device.display_name(),
        }
    }

    pub(super) fn subject(&self) -> RuleSubject<'_> {
        match self {
            Self::User(user) => RuleSubject::User(user),
            Self::Device(device, label) => {
                let label = label.as_ref();
                RuleSubject::Device(RuleDevice {
                    device,
                    category: label.and_then(|label| label.category_name.as_deref()),
                    enrolment_profile: label.and_then(|label| label.enrolment_profile.as_deref()),
                })
            }
        }
    }
}

/// Where a rule moves somebody.
struct Move<'a> {
    group: GroupId,
    name: &'a str,
    joins: bool,
}

impl Engine {
    /// Moves a person or device into the groups whose rules it fits, and out of those whose rules it does not fit any
    /// more, and marks the devices concerned. Whether it was moved at all. Called within the transaction that changed it,
    /// after the change, by all that change people or devices; `actor` is whoever made the change, and is refused if it
    /// would give them or others what they could not give by hand.
    pub(crate) async fn follow_rules(
        &self,
        session: &mut Session,
        actor: &Actor,
        member: Member,
    ) -> Result<bool, EngineError> {
        let rules = self.hold_rules(session).await?;
        if rules.all.is_empty() {
            return Ok(false);
        }
        let Some(candidate) = Candidate::find(session, member).await? else {
            return Ok(false);
        };
        let before = Before::look(session, actor, member).await?;
        if !self.move_by_rules(session, actor, &candidate).await? {
            return Ok(false);
        }
        self.membership_changed(session, member).await?;
        before.require_no_more(session, actor).await?;
        Ok(true)
    }

    /// The same for a device whose record is held and written elsewhere: only its memberships and tags are written.
    pub(crate) async fn follow_rules_of_device(
        &self,
        session: &mut Session,
        device: Device,
    ) -> Result<bool, EngineError> {
        let rules = self.hold_rules(session).await?;
        if rules.all.is_empty() {
            return Ok(false);
        }
        let (id, user) = (device.id, device.user_id);
        let candidate = Candidate::device(session, device).await?;
        let is_moved = self
            .move_by_rules(session, &Actor::system(), &candidate)
            .await?;
        if is_moved {
            session.retag_device(id, user).await?;
        }
        Ok(is_moved)
    }

    async fn move_by_rules(
        &self,
        session: &mut Session,
        actor: &Actor,
        candidate: &Candidate,
    ) -> Result<bool, EngineError> {
        let rules = self.hold_rules(session).await?;
        let (subject, member) = (candidate.subject(), candidate.member());
        let direct = session.groups_of(member.id(), false).await?;
        let moves: Vec<Move<'_>> = rules
            .active(subject.kind())
            .filter_map(
                |GroupWithRule {
                     group, name, rule, ..
                 }| {
                    let joins = rule.matches(&subject);
                    (joins != direct.contains(group)).then_some(Move {
                        group: *group,
                        name,
                        joins,
                    })
                },
            )
            .collect();
        if moves.is_empty() {
            return Ok(false);
        }
        let somebody = match member {
            Member::User(_) if moves.iter().any(|moved| !moved.joins) => {
                Some(Somebody::before(session).await?)
            }
            Member::User(_) | Member::Device(_) | Member::Group(_) => None,
        };
        for moved in &moves {
            if let Member::User(_) = member {
                self.require_power_over(session, actor, Member::Group(moved.group))
                    .await?;
            }
            let activity = if moved.joins {
                session.insert_member(moved.group, member).await?;
                "addMember"
            } else {
                session.delete_member(moved.group, member.id()).await?;
                "removeMember"
            };
            let what = json!({ "members": [member.id()], "membershipRule": true });
            let change = Change::action(activity, "group", moved.group, moved.name, what);
            self.audit(session, actor, change).await?;
        }
        if let Some(somebody) = somebody {
            somebody.require_still(session).await?;
        }
        Ok(true)
    }

    /// Devices with what is noted about them, in the same order.
    pub(super) async fn device_candidates(
        &self,
        session: &mut Session,
        devices: Vec<Device>,
    ) -> Result<Vec<Candidate>, EngineError> {
        let ids = |device: &Device| device.id;
        let (Some(first), Some(last)) = (devices.first().map(ids), devices.last().map(ids)) else {
            return Ok(Vec::new());
        };
        let labels = session.list_device_labels(first, last).await?;
        let label_of = |id: DeviceId| {
            let found = labels.binary_search_by_key(&id, |label| label.device);
            found.ok().map(|index| labels[index].clone())
        };
        let candidates = devices.into_iter().map(|device| {
            let label = label_of(device.id);
            Candidate::Device(device, label)
        });
        Ok(candidates.collect())
    }
}
