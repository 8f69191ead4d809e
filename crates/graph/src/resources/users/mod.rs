//! People.

mod limit;
pub(super) mod read;
mod view;

use mandate_engine::UserFilter;
use mandate_model::{Member, User, UserId};
use serde_json::{Value, json};

use self::read::UserBody;
pub(crate) use self::view::user_entity;
use super::{body, devices, found, groups, licences, managed_devices, page};
use crate::entity::Entity;
use crate::error::{GraphError, Result};
use crate::odata::Keyed;
use crate::page::{Listing, check_select, counts_everything, named_ids};
use crate::reply::Reply;
use crate::request::{GraphRequest, Preference};
use crate::state::GraphState;

/// `GET users`
pub(crate) async fn list_users(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let listing = Listing::directory("user", "users");
    if let Some(ids) = named_ids(&request.query, "id") {
        let mut rows = Vec::new();
        for id in ids {
            let user = state
                .engine()
                .find_user(&request.actor, &id.to_string())
                .await?;
            if let Some(user) = user {
                rows.push(row(state, request, &user).await?);
            }
        }
        return listing.page_of(request, rows).await;
    }
    if let Some(filter) = &request.query.filter
        && let Some(managers) = limit::managers(state, request, filter).await?
    {
        return listing.page_of(request, managers).await;
    }
    let filter = pushed_down(request);
    let pull = |after: Option<String>, limit| {
        let filter = filter.clone();
        async move {
            let users = state
                .engine()
                .list_users(&request.actor, filter, page::<UserId>(after, limit)?)
                .await?;
            let mut rows = Vec::with_capacity(users.len());
            for user in &users {
                rows.push(row(state, request, user).await?);
            }
            Ok(rows)
        }
    };
    let total = if counts_everything(&request.query) {
        Some(state.engine().count_users(&request.actor).await?)
    } else {
        None
    };
    listing.of(total).page(request, pull).await
}

async fn row(state: &GraphState, request: &GraphRequest, user: &User) -> Result<Keyed> {
    Ok(Keyed {
        key: user.id.to_string(),
        entity: asked_entity(state, request, user).await?,
    })
}

/// The entity of a person, with what is only given where it is asked for.
async fn asked_entity(state: &GraphState, request: &GraphRequest, user: &User) -> Result<Entity> {
    let mut entity = limit::entity_with(state, request, user).await?;
    licences::add_to_user(state, request, user, &mut entity).await?;
    Ok(entity)
}

/// `GET users/{id or sign-in name}`
pub(crate) async fn show_user(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    check_select(&request.query, "user")?;
    let user = named(state, request).await?;
    let entity = asked_entity(state, request, &user).await?;
    Ok(Reply::entity(entity, "user", "users"))
}

/// `POST users`
pub(crate) async fn create_user(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let new = UserBody::read(request.object()?)?.into_new()?;
    let user = state.engine().create_user(&request.actor, new).await?;
    Ok(Reply::created(user_entity(&user), "user", "users"))
}

/// `PATCH users/{id or sign-in name}`: 204, or the person where `Prefer` asks for it.
pub(crate) async fn update_user(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    if let Some(value) = limit::mentioned(request.object()?) {
        let user = named(state, request).await?;
        limit::change(state, request, user.id, value).await?;
        return Ok(Reply::no_content());
    }
    let mut change = UserBody::read(request.object()?)?;
    let mut user = named(state, request).await?;
    let password = change.take_password()?;
    if !change.is_empty() {
        user = state
            .engine()
            .update_user(&request.actor, user.id, |user| change.apply(user))
            .await?;
    }
    if let Some(password) = password {
        state
            .engine()
            .set_password(&request.actor, user.id, &password)
            .await?;
    }
    Ok(match request.prefer {
        Some(Preference::Representation) => Reply::entity(user_entity(&user), "user", "users"),
        _ => Reply::no_content(),
    })
}

/// `DELETE users/{id or sign-in name}`
pub(crate) async fn delete_user(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let id = named(state, request).await?.id;
    state.engine().delete_user(&request.actor, id).await?;
    Ok(Reply::no_content())
}

/// `GET users/{id}/memberOf`
pub(crate) async fn list_groups(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let id = named(state, request).await?.id;
    groups::list_groups_of(state, request, Member::User(id), false).await
}

/// `GET users/{id}/transitiveMemberOf`
pub(crate) async fn list_all_groups(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let id = named(state, request).await?.id;
    groups::list_groups_of(state, request, Member::User(id), true).await
}

/// `GET users/{id}/managedDevices`
pub(crate) async fn list_managed_devices(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let id = named(state, request).await?.id;
    managed_devices::list_devices_of(state, request, id).await
}

/// `GET users/{id}/ownedDevices` and `registeredDevices`
pub(crate) async fn list_devices(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let id = named(state, request).await?.id;
    devices::list_devices_of(state, request, id).await
}

/// `POST users/{id}/getMemberGroups`
pub(crate) async fn name_groups(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let id = named(state, request).await?.id;
    groups::name_groups_of(state, request, Member::User(id)).await
}

/// `POST users/{id}/checkMemberGroups`
pub(crate) async fn check_groups(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let id = named(state, request).await?.id;
    groups::check_groups_of(state, request, Member::User(id)).await
}

/// `POST users/{id}/revokeSignInSessions`: ends sessions and refresh tokens.
pub(crate) async fn revoke_sessions(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let id = named(state, request).await?.id;
    state
        .engine()
        .revoke_sign_in_sessions(&request.actor, id)
        .await?;
    Ok(Reply::Value {
        context: "Edm.Boolean".to_owned(),
        value: json!(true),
    })
}

/// `POST users/{id}/changePassword`: one's own, with the one before.
pub(crate) async fn change_password(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let body = request.object()?;
    let read = |name: &str| {
        let text = body.get(name).and_then(Value::as_str);
        text.ok_or_else(|| GraphError::invalid(name, format!("`{name}` is required")))
    };
    let (before, after) = (read("currentPassword")?, read("newPassword")?);
    let id = named(state, request).await?.id;
    state
        .engine()
        .change_password(&request.actor, id, (before, after))
        .await?;
    Ok(Reply::no_content())
}

/// `GET users/{id}/photo…`: nobody has one.
pub(crate) async fn refuse_photo(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let user = named(state, request).await?;
    Err(GraphError::no_such(
        "photo of the user",
        &user.id.to_string(),
    ))
}

/// The person that the path names.
async fn named(state: &GraphState, request: &GraphRequest) -> Result<User> {
    let key = request.key(0);
    found(
        state.engine().find_user(&request.actor, key).await?,
        "user",
        key,
    )
}

/// The part of the filter that the store can answer.
fn pushed_down(request: &GraphRequest) -> UserFilter {
    let Some(filter) = &request.query.filter else {
        return UserFilter::default();
    };
    UserFilter {
        principal_name: filter.equality("userPrincipalName"),
        mail: filter.equality("mail"),
        name_prefix: filter
            .prefix("displayName")
            .or_else(|| filter.equality("displayName")),
    }
}

/// Ids as the value of an action.
pub(crate) fn ids(ids: Vec<String>) -> Reply {
    let value: Vec<Value> = ids.into_iter().map(|id| json!(id)).collect();
    Reply::Value {
        context: "Collection(Edm.String)".to_owned(),
        value: Value::Array(value),
    }
}

/// A list of ids in a body, of at most 1000.
pub(crate) fn listed_ids(request: &GraphRequest, name: &str) -> Result<Vec<String>> {
    body::ids(name, request.object()?, 1000)
}
