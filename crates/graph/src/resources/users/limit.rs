//! `deviceEnrollmentLimit`: how many devices a person may enrol. It is given where it is asked for by name, since it is no
//! part of the person's record; 1000 is how Graph marks device enrolment managers.

use mandate_engine::Page;
use mandate_model::{User, UserId};
use serde_json::{Map, Value, json};

use super::user_entity;
use crate::entity::Entity;
use crate::error::{GraphError, Result};
use crate::odata::Keyed;
use crate::odata::filter::Filter;
use crate::request::GraphRequest;
use crate::state::GraphState;

const NAME: &str = "deviceEnrollmentLimit";
/// What Graph says of managers.
const OF_MANAGERS: i64 = 1000;
/// What Graph says of all others, whatever their limit is.
const OF_OTHERS: i64 = 5;

/// There are never more managers than 150: one page will do.
const ALL: u32 = 1000;

/// Whether a request asks for it.
pub(super) fn is_asked(request: &GraphRequest) -> bool {
    let select = request.query.select.as_ref();
    select.is_some_and(|select| select.is_named(NAME))
}

/// The entity of a person, with the limit where it is asked for.
pub(super) async fn entity_with(
    state: &GraphState,
    request: &GraphRequest,
    user: &User,
) -> Result<Entity> {
    let mut entity = user_entity(user);
    if is_asked(request) {
        let allowance = state
            .engine()
            .enrolment_allowance(&request.actor, user.id)
            .await?;
        entity.body.insert(NAME.to_owned(), json!(allowance.most));
    }
    Ok(entity)
}

/// The device enrolment managers, if the filter asks for those. Nobody else is found by this property.
pub(super) async fn managers(
    state: &GraphState,
    request: &GraphRequest,
    filter: &Filter,
) -> Result<Option<Vec<Keyed>>> {
    if !filter.mentions(NAME) {
        return Ok(None);
    }
    if filter.number(NAME) != Some(OF_MANAGERS) {
        let message =
            format!("`$filter`: of `{NAME}` it can only be asked whether it is `eq 1000`");
        return Err(GraphError::invalid("$filter", message));
    }
    let managers = state
        .engine()
        .list_enrolment_managers(&request.actor, Page::first(ALL))
        .await?;
    let row = |user: &User| {
        let mut entity = user_entity(user);
        entity.body.insert(NAME.to_owned(), json!(OF_MANAGERS));
        Keyed {
            key: user.id.to_string(),
            entity,
        }
    };
    Ok(Some(
        managers.iter().map(|manager| row(&manager.user)).collect(),
    ))
}

/// The limit that a change of a person speaks of.
pub(super) fn mentioned(body: &Map<String, Value>) -> Option<&Value> {
    let mut found = body
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case(NAME));
    found.next().map(|(_, value)| value)
}

/// Makes a person a device enrolment manager, or none any more. No other number can be set here: the limits of others are
/// assigned to groups.
pub(super) async fn change(
    state: &GraphState,
    request: &GraphRequest,
    user: UserId,
    value: &Value,
) -> Result<()> {
    let is_alone = |name: &String| name.contains('@') || name.eq_ignore_ascii_case(NAME);
    if !request.object()?.keys().all(is_alone) {
        let message =
            format!("`{NAME}` is changed by itself: send other properties in another request");
        return Err(GraphError::invalid(NAME, message));
    }
    let (engine, actor) = (state.engine(), &request.actor);
    let allowance = engine.enrolment_allowance(actor, user).await?;
    match value.as_i64() {
        Some(OF_MANAGERS) => Ok(engine.appoint_enrolment_manager(actor, user).await?),
        Some(OF_OTHERS) if allowance.is_of_manager() => {
            Ok(engine.dismiss_enrolment_manager(actor, user).await?)
        }
        Some(number) if number == OF_OTHERS || number == allowance.most => Ok(()),
        _ => {
            let message = format!(
                "`{NAME}` must be {OF_MANAGERS} for a device enrolment manager or {OF_OTHERS} for anybody else, but is \
                 `{value}`; how many devices others may enrol is said by `deviceEnrollmentLimitConfiguration`"
            );
            Err(GraphError::invalid(NAME, message))
        }
    }
}
