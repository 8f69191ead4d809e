//! The part of a filter that the store can answer; the filter still decides.

use mandate_engine::AuditFilter;
use mandate_model::Timestamp;

use crate::odata::Filter;
use crate::odata::filter::{Comparison, Expression, Literal, Step};

/// Bounds of the time, the actor's id, and the id of the resource, where all entries that fit must have them.
pub(super) fn pushed_down(filter: &Filter) -> AuditFilter {
    let mut wanted = AuditFilter::default();
    let parts = match filter.expression() {
        Expression::And(parts) => parts.as_slice(),
        other => std::slice::from_ref(other),
    };
    for part in parts {
        match part {
            Expression::Compare(comparison, left, right) => {
                if is_path(left, &["activityDateTime"])
                    && let Expression::Literal(Literal::Moment(moment)) = &**right
                {
                    bound(&mut wanted, *comparison, *moment);
                }
            }
            Expression::Lambda {
                path,
                all: false,
                condition: Some((variable, condition)),
            } if is(path, &["resources"]) => {
                wanted.resource = wanted.resource.or_else(|| resource(variable, condition));
            }
            _ => {}
        }
    }
    wanted
}

fn bound(wanted: &mut AuditFilter, comparison: Comparison, moment: Timestamp) {
    let from = wanted.from.map_or(moment, |from| from.max(moment));
    let until = wanted.until.map_or(moment, |until| until.min(moment));
    match comparison {
        Comparison::Greater | Comparison::GreaterOrEqual => wanted.from = Some(from),
        Comparison::Less | Comparison::LessOrEqual => wanted.until = Some(until),
        Comparison::Equal => (wanted.from, wanted.until) = (Some(from), Some(until)),
        Comparison::NotEqual | Comparison::Has => {}
    }
}

/// The id in `resources/any(r: r/resourceId eq '…')`. Ids are compared in any letter case, and ours are in lower case.
fn resource(variable: &str, condition: &Expression) -> Option<String> {
    let Expression::Compare(Comparison::Equal, left, right) = condition else {
        return None;
    };
    if !is_path(left, &[variable, "resourceId"]) {
        return None;
    }
    match &**right {
        Expression::Literal(Literal::Guid(id)) => Some(id.to_string()),
        Expression::Literal(Literal::Text(text)) => {
            uuid::Uuid::try_parse(text).ok().map(|id| id.to_string())
        }
        _ => None,
    }
}

fn is_path(expression: &Expression, names: &[&str]) -> bool {
    matches!(expression, Expression::Path(steps) if is(steps, names))
}

fn is(steps: &[Step], names: &[&str]) -> bool {
    steps.len() == names.len()
        && steps.iter().zip(names).all(
            |(step, name)| matches!(step, Step::Property(found) if found.eq_ignore_ascii_case(name)),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> AuditFilter {
        pushed_down(&Filter::parse(text).unwrap())
    }

    #[test]
    fn bounds_of_time_are_pushed_down_and_included() {
        let found = of(
            "componentName eq 'DeviceConfiguration' and activityDateTime gt 2026-01-01T00:00:00Z and \
             activityDateTime le 2026-01-02T00:00:00Z and activityOperationType ne 'Get'",
        );
        let (from, until) = (found.from.unwrap(), found.until.unwrap());
        assert_eq!(until.since(from), Timestamp::DAY);
        assert_eq!(
            of("activityDateTime ge 2026-01-01T00:00:00Z or category eq 'Role'"),
            AuditFilter::default()
        );
    }

    #[test]
    fn the_id_of_a_resource_is_pushed_down() {
        let id = "0190c2f4-0000-7000-8000-000000000001";
        let found = of(&format!(
            "resources/any(r: r/resourceId eq '{}')",
            id.to_uppercase()
        ));
        assert_eq!(found.resource.as_deref(), Some(id));
        for other in [
            format!("resources/any(r: r/displayName eq '{id}')"),
            format!("resources/all(r: r/resourceId eq '{id}')"),
            format!("not resources/any(r: r/resourceId eq '{id}')"),
        ] {
            assert_eq!(of(&other), AuditFilter::default(), "{other}");
        }
    }
}
