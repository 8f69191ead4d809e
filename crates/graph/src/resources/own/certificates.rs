//! `/mandate/v1/users/{id}/certificates` and `/mandate/v1/certificates/expiring`.

use mandate_engine::Actor;
use serde_json::{Value, json};

use crate::error::{GraphError, Result};
use crate::resources::found;
use crate::state::GraphState;

const DAYS: i64 = 60;
const PAGE: u32 = 100;
const LARGEST_PAGE: u32 = 1000;

/// What a list of expiring certificates is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Wanted {
    days: i64,
    after: Option<String>,
    limit: u32,
}

/// `GET users/{id or sign-in name}/certificates`
pub(crate) async fn list_user_certificates(
    state: &GraphState,
    actor: &Actor,
    key: &str,
) -> Result<Value> {
    let certificates = state.engine().user_certificates(actor, key).await?;
    Ok(json!(found(certificates, "user", key)?))
}

/// `GET certificates/expiring?days=60`
pub(crate) async fn list_expiring_certificates(
    state: &GraphState,
    actor: &Actor,
    query: &str,
    address: &str,
) -> Result<Value> {
    let wanted = read(query)?;
    let page = state
        .engine()
        .expiring_certificates(actor, wanted.days, wanted.after.as_deref(), wanted.limit)
        .await?;
    let mut answer = json!({ "value": page.certificates });
    if let Some(next) = page.next {
        let (days, limit) = (wanted.days, wanted.limit);
        answer["nextLink"] = json!(format!("{address}?days={days}&limit={limit}&after={next}"));
    }
    Ok(answer)
}

fn read(query: &str) -> Result<Wanted> {
    let mut wanted = Wanted {
        days: DAYS,
        after: None,
        limit: PAGE,
    };
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let wrong = |rule: &str| {
            GraphError::invalid(name, format!("`{name}` must be {rule}, but is `{value}`"))
        };
        match name {
            "days" => {
                wanted.days = value
                    .parse()
                    .map_err(|_| wrong("a whole number from 1 to 730"))?;
            }
            "limit" => {
                wanted.limit = value
                    .parse()
                    .ok()
                    .filter(|limit| (1..=LARGEST_PAGE).contains(limit))
                    .ok_or_else(|| wrong("a whole number from 1 to 1000"))?;
            }
            "after" => wanted.after = Some(value.to_owned()),
            _ => {
                let message = format!("`{name}` is none of `days`, `limit` and `after`");
                return Err(GraphError::invalid(name, message));
            }
        }
    }
    Ok(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_looks_two_months_ahead_unless_it_is_told_otherwise() {
        let wanted = read("").unwrap();
        assert_eq!((wanted.days, wanted.limit, wanted.after), (60, 100, None));
        let wanted = read("days=7&limit=5&after=x").unwrap();
        assert_eq!((wanted.days, wanted.limit), (7, 5));
        assert_eq!(wanted.after.as_deref(), Some("x"));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (query, target) in [
            ("days=x", "days"),
            ("limit=0", "limit"),
            ("limit=1001", "limit"),
            ("$top=5", "$top"),
        ] {
            let error = read(query).unwrap_err();
            assert_eq!(error.target.as_deref(), Some(target));
        }
    }
}
