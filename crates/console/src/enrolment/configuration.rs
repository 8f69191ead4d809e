//! What can be done with limits and restrictions alike: their order, for whom they are, and deleting one.

use axum::extract::{Path, Query};
use axum::response::Response;
use mandate_engine::{
    Action, DeviceLimit, EnrolmentConfiguration, EnrolmentContent, PlatformRestrictions,
};
use mandate_model::EnrolmentConfigurationId;
use mandate_ui::redirect;
use mandate_web::Fields;
use uuid::Uuid;

use super::groups::{self, Asked, Place};
use super::{Confirm, LIMITS, RESTRICTIONS};
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure};

/// Where the pages of a sort of enrolment configuration are, and what they say.
pub(super) trait Listed: EnrolmentContent {
    /// Path of the list.
    const LIST: &'static str;
    /// Id of the name of the list.
    const PART: &'static str;
    /// Id of what is said of groups.
    const ABOUT_GROUPS: &'static str;
    /// Id of what is said before one is deleted.
    const ABOUT_DELETING: &'static str;
}

impl Listed for DeviceLimit {
    const LIST: &'static str = LIMITS;
    const PART: &'static str = "enrolment-limits";
    const ABOUT_GROUPS: &'static str = "enrolment-groups-about";
    const ABOUT_DELETING: &'static str = "enrolment-delete-about";
}

impl Listed for PlatformRestrictions {
    const LIST: &'static str = RESTRICTIONS;
    const PART: &'static str = "enrolment-restrictions";
    const ABOUT_GROUPS: &'static str = "enrolment-restriction-groups";
    const ABOUT_DELETING: &'static str = "enrolment-restriction-delete";
}

/// `POST …/{id}/up`
pub(super) async fn move_up<C: Listed>(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    _: Fields,
) -> Answer {
    let one = find::<C>(&administrator, id).await?;
    // Whoever presses twice finds it where it should be.
    if one.priority > 1 {
        administrator
            .engine()
            .prioritise_enrolment_configuration::<C>(&administrator.actor, one.id, one.priority - 1)
            .await?;
    }
    Ok(redirect(C::LIST))
}

/// `GET …/{id}/groups`
pub(super) async fn show_groups<C: Listed>(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    Query(asked): Query<Asked>,
) -> Answer {
    administrator.actor.require(Action::OrganizationUpdate)?;
    let one = find::<C>(&administrator, id).await?;
    let place = Place {
        name: one.display_name,
        path: groups_of::<C>(one.id),
        list: C::LIST,
        part: C::PART,
        about: C::ABOUT_GROUPS,
        is_for_all: None,
    };
    groups::show(&administrator, asked, &one.groups, place).await
}

/// `POST …/{id}/groups`: adds one, or takes one away.
pub(super) async fn change_groups<C: Listed>(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let one = find::<C>(&administrator, id).await?;
    let groups = groups::changed(one.groups, &fields);
    administrator
        .engine()
        .assign_enrolment_configuration::<C>(&administrator.actor, one.id, groups)
        .await?;
    Ok(redirect(&groups_of::<C>(one.id)))
}

/// `GET …/{id}/delete`
pub(super) async fn show_delete<C: Listed>(
    administrator: Administrator,
    Path(id): Path<Uuid>,
) -> Answer {
    administrator.actor.require(Action::OrganizationUpdate)?;
    let one = find::<C>(&administrator, id).await?;
    let list = (C::LIST, C::PART);
    Ok(Confirm::deletion(
        &administrator,
        (id, &one.display_name),
        list,
        C::ABOUT_DELETING,
    ))
}

/// `POST …/{id}/delete`
pub(super) async fn delete<C: Listed>(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    _: Fields,
) -> Answer {
    let id = EnrolmentConfigurationId(id);
    administrator
        .engine()
        .delete_enrolment_configuration::<C>(&administrator.actor, id)
        .await?;
    Ok(redirect(C::LIST))
}

/// After one was made, people say for whom it is.
pub(super) fn to_groups<C: Listed>(one: &EnrolmentConfiguration<C>) -> Response {
    redirect(&groups_of::<C>(one.id))
}

fn groups_of<C: Listed>(id: EnrolmentConfigurationId) -> String {
    format!("{}/{id}/groups", C::LIST)
}

/// One by id.
pub(super) async fn find<C: Listed>(
    administrator: &Administrator,
    id: Uuid,
) -> Result<EnrolmentConfiguration<C>, Failure> {
    let found = administrator
        .engine()
        .find_enrolment_configuration(&administrator.actor, EnrolmentConfigurationId(id))
        .await?;
    found.ok_or_else(|| Failure::not_found(C::NAME, id))
}
