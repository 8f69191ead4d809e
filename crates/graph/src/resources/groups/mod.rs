//! Groups and their members.

mod members;
mod owners;
mod read;
mod view;

use mandate_engine::{GroupFilter, Newcomers, Page};
use mandate_model::{Group, GroupId, Member};

pub(crate) use self::members::{
    add_member, list_all_members, list_members, remove_member, remove_named_member,
};
pub(super) use self::members::{named_in_request, reference_in_body};
pub(crate) use self::owners::{add_owner, list_owners, remove_named_owner, remove_owner};
use self::read::GroupBody;
pub(crate) use self::view::group_entity;
use super::users::{ids, listed_ids};
use super::{found, licences, page};
use crate::error::Result;
use crate::odata::Keyed;
use crate::page::{Listing, check_select, counts_everything, named_ids};
use crate::reply::Reply;
use crate::request::{GraphRequest, Preference};
use crate::state::GraphState;

/// `GET groups`
pub(crate) async fn list_groups(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let listing = Listing::directory("group", "groups");
    if let Some(ids) = named_ids(&request.query, "id") {
        let mut rows = Vec::new();
        for id in ids {
            let group = state
                .engine()
                .find_group(&request.actor, GroupId(id))
                .await?;
            if let Some(group) = group {
                rows.push(row(state, request, &group).await?);
            }
        }
        return listing.page_of(request, rows).await;
    }
    let filter = pushed_down(request);
    let pull = |after: Option<String>, limit| {
        let filter = filter.clone();
        async move {
            let page = page::<GroupId>(after, limit)?;
            let groups = state
                .engine()
                .list_groups(&request.actor, filter, page)
                .await?;
            let mut rows = Vec::with_capacity(groups.len());
            for group in &groups {
                rows.push(row(state, request, group).await?);
            }
            Ok(rows)
        }
    };
    let total = if counts_everything(&request.query) {
        Some(state.engine().count_groups(&request.actor).await?)
    } else {
        None
    };
    listing.of(total).page(request, pull).await
}

async fn row(state: &GraphState, request: &GraphRequest, group: &Group) -> Result<Keyed> {
    let mut entity = group_entity(group);
    licences::add_to_group(state, request, group, &mut entity).await?;
    Ok(Keyed {
        key: group.id.to_string(),
        entity,
    })
}

/// `GET groups/{id}`
pub(crate) async fn show_group(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    check_select(&request.query, "group")?;
    let group = state
        .engine()
        .find_group(&request.actor, request.id(0, "group")?)
        .await?;
    let group = found(group, "group", request.key(0))?;
    let mut entity = group_entity(&group);
    licences::add_to_group(state, request, &group, &mut entity).await?;
    Ok(Reply::entity(entity, "group", "groups"))
}

/// `POST groups`, with `members@odata.bind` and `owners@odata.bind`
pub(crate) async fn create_group(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let mut body = GroupBody::read(request.object()?)?;
    let Newcomers { members, owners } = newcomers(state, request, &mut body).await?;
    let mut new = body.into_new()?;
    new.owners = owners;
    let group = state
        .engine()
        .create_group(&request.actor, new, members)
        .await?;
    Ok(Reply::created(group_entity(&group), "group", "groups"))
}

/// `PATCH groups/{id}`; `members@odata.bind` adds up to 20 members, `owners@odata.bind` as many owners. All of it is
/// done, or nothing.
pub(crate) async fn update_group(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let id: GroupId = request.id(0, "group")?;
    let mut change = GroupBody::read(request.object()?)?;
    let newcomers = newcomers(state, request, &mut change).await?;
    let group = state
        .engine()
        .update_group(&request.actor, id, newcomers, |group| change.apply(group))
        .await?;
    Ok(match request.prefer {
        Some(Preference::Representation) => Reply::entity(group_entity(&group), "group", "groups"),
        _ => Reply::no_content(),
    })
}

/// Those whom a body adds; an address that leads nowhere is refused.
async fn newcomers(
    state: &GraphState,
    request: &GraphRequest,
    body: &mut GroupBody,
) -> Result<Newcomers> {
    Ok(Newcomers {
        members: members::resolve(state, request, &body.take_members()).await?,
        owners: owners::resolve(state, request, &body.take_owners()).await?,
    })
}

/// `DELETE groups/{id}`
pub(crate) async fn delete_group(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    state
        .engine()
        .delete_group(&request.actor, request.id(0, "group")?)
        .await?;
    Ok(Reply::no_content())
}

/// `GET groups/{id}/memberOf`
pub(crate) async fn list_groups_around(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    list_groups_of(
        state,
        request,
        Member::Group(named(state, request).await?),
        false,
    )
    .await
}

/// `GET groups/{id}/transitiveMemberOf`
pub(crate) async fn list_all_groups_around(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    list_groups_of(
        state,
        request,
        Member::Group(named(state, request).await?),
        true,
    )
    .await
}

/// `POST groups/{id}/getMemberGroups`
pub(crate) async fn name_groups(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    name_groups_of(state, request, Member::Group(named(state, request).await?)).await
}

/// `POST groups/{id}/checkMemberGroups`
pub(crate) async fn check_groups(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    check_groups_of(state, request, Member::Group(named(state, request).await?)).await
}

/// The groups around a member.
pub(crate) async fn list_groups_of(
    state: &GraphState,
    request: &GraphRequest,
    member: Member,
    transitive: bool,
) -> Result<Reply> {
    let groups = state
        .engine()
        .groups_of(&request.actor, member, transitive)
        .await?;
    let rows = groups.iter().map(|group| Keyed {
        key: group.id.to_string(),
        entity: group_entity(group),
    });
    Listing::directory("directoryObject", "directoryObjects")
        .page_of(request, rows.collect())
        .await
}

/// The ids of all groups around a member.
pub(crate) async fn name_groups_of(
    state: &GraphState,
    request: &GraphRequest,
    member: Member,
) -> Result<Reply> {
    let groups = state
        .engine()
        .groups_of(&request.actor, member, true)
        .await?;
    Ok(ids(groups
        .iter()
        .map(|group| group.id.to_string())
        .collect()))
}

/// Which of the named groups are around a member.
pub(crate) async fn check_groups_of(
    state: &GraphState,
    request: &GraphRequest,
    member: Member,
) -> Result<Reply> {
    let asked = listed_ids(request, "groupIds")?;
    let groups = state
        .engine()
        .groups_of(&request.actor, member, true)
        .await?;
    let around = groups.iter().map(|group| group.id.to_string());
    Ok(ids(around
        .filter(|id| asked.iter().any(|asked| asked.eq_ignore_ascii_case(id)))
        .collect()))
}

/// The group that the path names.
async fn named(state: &GraphState, request: &GraphRequest) -> Result<GroupId> {
    let group = state
        .engine()
        .find_group(&request.actor, request.id(0, "group")?)
        .await?;
    Ok(found(group, "group", request.key(0))?.id)
}

fn pushed_down(request: &GraphRequest) -> GroupFilter {
    let Some(filter) = &request.query.filter else {
        return GroupFilter::default();
    };
    GroupFilter {
        name: filter.equality("displayName"),
        name_prefix: filter.prefix("displayName"),
    }
}

/// The page of the engine that a place and size stand for.
pub(super) fn member_page(after: Option<String>, limit: usize) -> Result<Page<uuid::Uuid>> {
    page(after, limit)
}
