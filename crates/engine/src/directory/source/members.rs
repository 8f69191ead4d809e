//! Who is in a group, as a source says.

use std::collections::BTreeSet;

use mandate_model::{Group, GroupId, Member};
use mandate_store::{Scope, Session, WakeScope};
use serde_json::{Value, json};

use crate::access::Somebody;
use crate::directory::groups::moved;
use crate::directory::rules::require_named;
use crate::{Action, Actor, Engine, EngineError};

/// Members that are read or changed at once.
const PAGE: usize = 500;
/// From how many people on all devices compare, instead of each person's.
const MANY: usize = 50;

/// How many came to a group and left it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MembersMoved {
    /// Came.
    pub added: u64,
    /// Left.
    pub removed: u64,
}

impl Engine {
    /// Makes exactly these the direct members of a group; nothing is written if they are already. A group is no member of
    /// itself; rings of groups are taken.
    pub async fn set_members(
        &self,
        actor: &Actor,
        id: GroupId,
        wanted: &BTreeSet<Member>,
    ) -> Result<MembersMoved, EngineError> {
        actor.require(Action::GroupsUpdate)?;
        let mut session = self.store().read().await?;
        let Some(group) = session.find_group(id).await? else {
            return Err(EngineError::not_found("group", id));
        };
        require_named(&group)?;
        let present = members(&mut session, id).await?;
        drop(session);
        let came: Vec<Member> = wanted
            .difference(&present)
            .copied()
            .filter(|member| *member != Member::Group(id))
            .collect();
        let left: Vec<Member> = present.difference(wanted).copied().collect();
        let mut done = MembersMoved::default();
        for some in left.chunks(PAGE) {
            done.removed += self.move_some(actor, &group, some, false).await?;
        }
        for some in came.chunks(PAGE) {
            done.added += self.move_some(actor, &group, some, true).await?;
        }
        Ok(done)
    }

    async fn move_some(
        &self,
        actor: &Actor,
        group: &Group,
        members: &[Member],
        is_wanted: bool,
    ) -> Result<u64, EngineError> {
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let somebody = Somebody::before(&mut session).await?;
        let mut concerned = Vec::new();
        for member in members {
            let is_moved = if is_wanted {
                session.insert_member(group.id, *member).await?
            } else {
                session.delete_member(group.id, member.id()).await?
            };
            if is_moved {
                concerned.push(*member);
            }
        }
        if concerned.is_empty() {
            return Ok(0);
        }
        if !is_wanted {
            somebody.require_still(&mut session).await?;
        }
        if concerned.len() < MANY {
            for member in &concerned {
                self.membership_changed(&mut session, *member).await?;
            }
        } else {
            self.retag_all(&mut session).await?;
            let intent = session.raise_intent().await?;
            self.wake_later(&mut session, WakeScope::Group, group.id.0, intent)
                .await?;
        }
        let ids: Vec<_> = concerned.iter().map(|member| member.id()).collect();
        let who = json!({ "members": ids });
        let change = if is_wanted {
            moved("addMember", group, Value::Null, who)
        } else {
            moved("removeMember", group, who, Value::Null)
        };
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(concerned.len() as u64)
    }
}

/// All direct members.
pub(in crate::directory) async fn members(
    session: &mut Session,
    id: GroupId,
) -> Result<BTreeSet<Member>, EngineError> {
    let mut all = BTreeSet::new();
    let mut after = None;
    loop {
        let limit = u32::try_from(PAGE).unwrap_or(u32::MAX);
        let page = session
            .list_members(id, false, &Scope::all(), after, limit)
            .await?;
        let Some(last) = page.last() else {
            return Ok(all);
        };
        after = Some(last.id());
        all.extend(page);
    }
}
