//! Rules of groups before they are kept, and whether people choose a category.

use mandate_engine::{Actor, CountedMembers, RulePreview};
use mandate_model::GroupId;
use mandate_model::membership_rule::RuleKind;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::read_text;
use crate::error::{GraphError, Result};
use crate::resources::body::boolean;
use crate::state::GraphState;

/// `POST membershipRules/validate`: what is wrong with a rule, and where.
pub(crate) fn validate_membership_rule(
    state: &GraphState,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<Value> {
    let text = rule(body)?;
    Ok(match state.engine().check_membership_rule(actor, &text)? {
        Ok(rule) => json!({
            "isValid": true,
            "memberType": member_type(rule.kind()),
            "membershipRule": rule.to_string(),
            "error": null,
        }),
        Err(problem) => json!({
            "isValid": false,
            "memberType": null,
            "membershipRule": text,
            "error": {
                "line": problem.position.line,
                "column": problem.position.column,
                "offset": problem.position.offset,
                "message": problem.problem,
            },
        }),
    })
}

/// `POST membershipRules/preview`: who would be in a group by a rule, and what would follow.
pub(crate) async fn preview_membership_rule(
    state: &GraphState,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<Value> {
    let text = rule(body)?;
    let group = match read_text(body, "groupId")? {
        None => None,
        Some(id) => Some(GroupId(Uuid::try_parse(&id).map_err(|_| {
            let message = format!("`groupId` must be the id of a group, but is `{id}`");
            GraphError::invalid("groupId", message)
        })?)),
    };
    let preview = state
        .engine()
        .preview_membership_rule(actor, group, &text)
        .await?;
    Ok(shown(&preview))
}

/// `GET deviceCategorySettings`
pub(crate) async fn show_category_settings(state: &GraphState, actor: &Actor) -> Result<Value> {
    let chosen = state.engine().chooses_category_at_enrolment(actor).await?;
    Ok(json!({ "isChosenAtEnrollment": chosen }))
}

/// `PATCH deviceCategorySettings`
pub(crate) async fn update_category_settings(
    state: &GraphState,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<()> {
    let name = "isChosenAtEnrollment";
    let value = body
        .get(name)
        .ok_or_else(|| GraphError::invalid(name, format!("`{name}` is required")))?;
    let chosen = boolean(name, value)?;
    Ok(state
        .engine()
        .set_chooses_category_at_enrolment(actor, chosen)
        .await?)
}

fn rule(body: &Map<String, Value>) -> Result<String> {
    read_text(body, "membershipRule")?
        .ok_or_else(|| GraphError::invalid("membershipRule", "`membershipRule` is required"))
}

const fn member_type(kind: RuleKind) -> &'static str {
    match kind {
        RuleKind::User => "user",
        RuleKind::Device => "device",
    }
}

fn shown(preview: &RulePreview) -> Value {
    let counted =
        |counted: &CountedMembers| json!({ "count": counted.count, "firstNames": counted.names });
    let profile = |profile: &mandate_engine::PreviewedProfile| {
        json!({
            "id": profile.id,
            "displayName": profile.name,
            "isExcluded": profile.is_excluded,
        })
    };
    json!({
        "memberType": member_type(preview.kind),
        "membershipRule": preview.rule,
        "lookedAt": preview.looked_at,
        "members": counted(&preview.members),
        "joining": counted(&preview.joining),
        "leaving": counted(&preview.leaving),
        "profiles": preview.profiles.iter().map(profile).collect::<Vec<_>>(),
    })
}
