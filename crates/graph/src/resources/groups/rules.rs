//! What the rule of a dynamic group says of somebody.

use mandate_engine::RuleSource;
use mandate_model::membership_rule::Explanation;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::error::{GraphError, Result};
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::resources::body::text;
use crate::state::GraphState;

/// `POST groups/{id}/evaluateDynamicMembership`
pub(crate) async fn evaluate_membership(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let source = RuleSource::Group(request.id(0, "group")?);
    evaluate(state, request, source).await
}

/// `POST groups/evaluateDynamicMembership`: of a rule that no group need have.
pub(crate) async fn evaluate_rule(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let rule = required(request, "membershipRule")?;
    evaluate(state, request, RuleSource::Text(rule)).await
}

async fn evaluate(state: &GraphState, request: &GraphRequest, source: RuleSource) -> Result<Reply> {
    let member = required(request, "memberId")?;
    let member = Uuid::try_parse(&member).map_err(|_| {
        let message = format!("`memberId` must be the id of a person or device, but is `{member}`");
        GraphError::invalid("memberId", message)
    })?;
    let said = state
        .engine()
        .evaluate_membership(&request.actor, source, member)
        .await?;
    let body = json!({
        "membershipRule": said.rule,
        "membershipRuleEvaluationResult": said.explanation.holds,
        "membershipRuleEvaluationDetails": details(&said.explanation),
    });
    let body = match body {
        Value::Object(body) => body,
        _ => Map::new(),
    };
    Ok(Reply::Object {
        context: "microsoft.graph.evaluateDynamicMembershipResult".to_owned(),
        body,
    })
}

fn details(explanation: &Explanation) -> Value {
    let property = explanation.property.as_ref();
    json!({
        "expression": explanation.expression,
        "expressionResult": explanation.holds,
        "propertyToEvaluate": property
            .map(|(name, value)| json!({ "propertyName": name, "propertyValue": value })),
        "expressionEvaluationDetails": explanation.parts.iter().map(details).collect::<Vec<_>>(),
    })
}

fn required(request: &GraphRequest, name: &str) -> Result<String> {
    let value = request.object()?.get(name).unwrap_or(&Value::Null);
    text(name, value)?.ok_or_else(|| GraphError::invalid(name, format!("`{name}` is required")))
}
