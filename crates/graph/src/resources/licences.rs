//! Licences in Graph's words: who has one, by what, and giving and taking them.
//!
//! There is one product, and nothing in it can be switched off. What a person or a group has is given where it is asked for
//! by name, since it is no part of their record.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use mandate_engine::{LicenceChange, LicenceHolder, Licensed, UserLicence};
use mandate_model::{Group, User};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::entity::Entity;
use crate::error::{GraphError, Result};
use crate::odata::Keyed;
use crate::page::Listing;
use crate::reply::{Reply, Single};
use crate::request::GraphRequest;
use crate::resources::found;
use crate::resources::groups::group_entity;
use crate::resources::users::user_entity;
use crate::schema;
use crate::state::GraphState;

/// Our own id; Microsoft sells nothing under it.
pub(crate) const SKU: Uuid = Uuid::from_u128(0x6d61_6e64_6174_6500_8000_0000_0000_0001);
/// Our own name.
pub(crate) const SKU_NAME: &str = "MANDATE";
/// Microsoft's id of the plan `INTUNE_A`.
const INTUNE_PLAN: Uuid = Uuid::from_u128(0xc1ec_4a95_1f05_45b3_a911_aa3f_a010_94f5);
const LICENCES: &str = "assignedLicenses";
const STATES: &str = "licenseAssignmentStates";

/// `GET users/{id}/licenseDetails`
pub(crate) async fn list_details(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let user = named_user(state, request).await?;
    let licence = state.engine().user_licence(&request.actor, user.id).await?;
    let mut rows = Vec::new();
    if licence.state == Licensed::Yes {
        let mut body = schema::blank("licenseDetails");
        // One for each person and product, as long as they have it.
        let id = Uuid::new_v5(&SKU, user.id.as_bytes());
        body.insert("id".to_owned(), json!(id));
        body.insert("skuId".to_owned(), json!(SKU));
        body.insert("skuPartNumber".to_owned(), json!(SKU_NAME));
        body.insert("servicePlans".to_owned(), json!([plan()]));
        let path = format!("users('{}')/licenseDetails('{id}')", user.id);
        rows.push(Keyed {
            key: id.to_string(),
            entity: Entity::new("licenseDetails", path, body),
        });
    }
    let path = format!("users('{}')/licenseDetails", user.id);
    Listing::directory("licenseDetails", path)
        .page_of(request, rows)
        .await
}

/// `POST users/{id}/assignLicense`: gives and takes what is given to the person by name.
pub(crate) async fn assign_to_user(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let change = asked(request.object()?)?;
    let user = named_user(state, request).await?;
    if change.removes() {
        let licence = state.engine().user_licence(&request.actor, user.id).await?;
        let is_own = |holder: LicenceHolder| matches!(holder, LicenceHolder::User(_));
        if !licence.sources.iter().any(|source| is_own(source.holder)) {
            let message = if licence.sources.is_empty() {
                "the person does not have this licence"
            } else {
                "the person has this licence by a group or with everybody, and it cannot be taken from them alone"
            };
            return Err(GraphError::invalid("removeLicenses", message));
        }
    }
    let change = change.of(LicenceHolder::User(user.id));
    state
        .engine()
        .change_licences(&request.actor, &change)
        .await?;
    let mut entity = user_entity(&user);
    add_to_user(state, request, &user, &mut entity).await?;
    Ok(Reply::entity(entity, "user", "users"))
}

/// `POST users/{id}/reprocessLicenseAssignment`: a person who waits for a licence gets a free one.
pub(crate) async fn reprocess(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let user = named_user(state, request).await?;
    state
        .engine()
        .change_licences(&request.actor, &LicenceChange::default())
        .await?;
    Ok(Reply::entity(user_entity(&user), "user", "users"))
}

/// `POST groups/{id}/assignLicense`
pub(crate) async fn assign_to_group(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let change = asked(request.object()?)?;
    let group = state
        .engine()
        .find_group(&request.actor, request.id(0, "group")?)
        .await?;
    let group = found(group, "group", request.key(0))?;
    if change.removes() && !is_licensed(state, request, &group).await? {
        let message = "the group does not have this licence";
        return Err(GraphError::invalid("removeLicenses", message));
    }
    let change = change.of(LicenceHolder::Group(group.id));
    state
        .engine()
        .change_licences(&request.actor, &change)
        .await?;
    Ok(Reply::Entity(Single {
        entity: group_entity(&group),
        declared: "group",
        context: "groups".to_owned(),
        // As in Graph, where the people of a group get theirs a little later.
        status: StatusCode::ACCEPTED,
    }))
}

/// Adds to the entity of a person what is asked for by name of their licence.
pub(crate) async fn add_to_user(
    state: &GraphState,
    request: &GraphRequest,
    user: &User,
    entity: &mut Entity,
) -> Result<()> {
    if !is_asked(request, LICENCES) && !is_asked(request, STATES) {
        return Ok(());
    }
    let licence = state.engine().user_licence(&request.actor, user.id).await?;
    let licences = if licence.state == Licensed::Yes {
        vec![assigned()]
    } else {
        Vec::new()
    };
    entity.body.insert(LICENCES.to_owned(), json!(licences));
    let states = states(&licence);
    entity.body.insert(STATES.to_owned(), json!(states));
    Ok(())
}

/// The same of a group.
pub(crate) async fn add_to_group(
    state: &GraphState,
    request: &GraphRequest,
    group: &Group,
    entity: &mut Entity,
) -> Result<()> {
    if is_asked(request, LICENCES) {
        let licences = if is_licensed(state, request, group).await? {
            vec![assigned()]
        } else {
            Vec::new()
        };
        entity.body.insert(LICENCES.to_owned(), json!(licences));
    }
    Ok(())
}

/// The plan of the product that clients look for.
pub(crate) fn plan() -> Value {
    json!({
        "servicePlanId": INTUNE_PLAN,
        "servicePlanName": "INTUNE_A",
        "provisioningStatus": "Success",
        "appliesTo": "User",
    })
}

fn assigned() -> Value {
    json!({ "skuId": SKU, "disabledPlans": [] })
}

fn states(licence: &UserLicence) -> Vec<Value> {
    let (state, error) = match licence.state {
        Licensed::Yes => ("Active", "None"),
        Licensed::No | Licensed::AllTaken => ("Error", "CountViolation"),
    };
    let of = |source: &mandate_engine::LicenceSource| {
        let group = match source.holder {
            LicenceHolder::Group(id) => Some(id.to_string()),
            // Graph has no word for everybody; it is a group there as well.
            LicenceHolder::Everybody => Some(Uuid::nil().to_string()),
            LicenceHolder::User(_) => None,
        };
        json!({
            "skuId": SKU,
            "disabledPlans": [],
            "assignedByGroup": group,
            "state": state,
            "error": error,
            "lastUpdatedDateTime": source.since.to_string(),
        })
    };
    licence.sources.iter().map(of).collect()
}

fn is_asked(request: &GraphRequest, name: &str) -> bool {
    let select = request.query.select.as_ref();
    select.is_some_and(|select| select.is_named(name))
}

async fn is_licensed(state: &GraphState, request: &GraphRequest, group: &Group) -> Result<bool> {
    let groups = state.engine().list_licensed_groups(&request.actor).await?;
    Ok(groups.iter().any(|one| one.id == group.id))
}

async fn named_user(state: &GraphState, request: &GraphRequest) -> Result<User> {
    let key = request.key(0);
    found(
        state.engine().find_user(&request.actor, key).await?,
        "user",
        key,
    )
}

/// What a body asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Give,
    Take,
    Neither,
}

impl Asked {
    fn removes(self) -> bool {
        self == Self::Take
    }

    fn of(self, holder: LicenceHolder) -> LicenceChange {
        let only = BTreeSet::from([holder]);
        match self {
            Self::Give => LicenceChange {
                add: only,
                ..LicenceChange::default()
            },
            Self::Take => LicenceChange {
                remove: only,
                ..LicenceChange::default()
            },
            Self::Neither => LicenceChange::default(),
        }
    }
}

/// Reads `addLicenses` and `removeLicenses`, of which Graph wants both.
fn asked(body: &Map<String, Value>) -> Result<Asked> {
    let list = |name: &str| {
        if let Some(Value::Array(items)) = body.get(name) {
            Ok(items.clone())
        } else {
            let message = format!("`{name}` must be a list, which may be empty");
            Err(GraphError::invalid(name, message))
        }
    };
    let (add, remove) = (list("addLicenses")?, list("removeLicenses")?);
    for licence in &add {
        check_sku("addLicenses", licence.get("skuId"))?;
        let disabled = licence.get("disabledPlans").and_then(Value::as_array);
        if disabled.is_some_and(|plans| !plans.is_empty()) {
            let message =
                "`disabledPlans` must be empty: there is one plan, and it cannot be switched off";
            return Err(GraphError::invalid("addLicenses", message));
        }
    }
    for licence in &remove {
        check_sku("removeLicenses", Some(licence))?;
    }
    match (add.is_empty(), remove.is_empty()) {
        (false, false) => Err(GraphError::invalid(
            "removeLicenses",
            "the same licence cannot be given and taken in one request",
        )),
        (false, true) => Ok(Asked::Give),
        (true, false) => Ok(Asked::Take),
        (true, true) => Ok(Asked::Neither),
    }
}

fn check_sku(name: &str, value: Option<&Value>) -> Result<()> {
    let text = value.and_then(Value::as_str).unwrap_or_default();
    if Uuid::try_parse(text) == Ok(SKU) {
        return Ok(());
    }
    let message = format!("`{name}`: there is no licence with the `skuId` `{text}`");
    Err(GraphError::invalid(name, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_product_is_given_and_taken() {
        let read = |body: Value| asked(body.as_object().unwrap());
        let sku = SKU.to_string();
        let give =
            json!({"addLicenses": [{"skuId": sku, "disabledPlans": []}], "removeLicenses": []});
        assert_eq!(read(give).unwrap(), Asked::Give);
        let take = json!({"addLicenses": [], "removeLicenses": [sku]});
        assert_eq!(read(take).unwrap(), Asked::Take);
        for (body, target) in [
            (json!({"addLicenses": []}), "removeLicenses"),
            (json!({"removeLicenses": []}), "addLicenses"),
            (
                json!({"addLicenses": [{"skuId": "x"}], "removeLicenses": []}),
                "addLicenses",
            ),
            (
                json!({"addLicenses": ["x"], "removeLicenses": []}),
                "addLicenses",
            ),
            (
                json!({"addLicenses": [], "removeLicenses": [7]}),
                "removeLicenses",
            ),
            (
                json!({"addLicenses": [{"skuId": sku, "disabledPlans": [INTUNE_PLAN]}], "removeLicenses": []}),
                "addLicenses",
            ),
            (
                json!({"addLicenses": [{"skuId": sku}], "removeLicenses": [sku]}),
                "removeLicenses",
            ),
        ] {
            let error = read(body).unwrap_err();
            assert_eq!(error.target.as_deref(), Some(target));
        }
    }
}
