//! The domains of the organisation.

use serde_json::json;

use crate::entity::Entity;
use crate::error::Result;
use crate::odata::Keyed;
use crate::page::{Listing, check_select};
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::resources::found;
use crate::schema;
use crate::state::GraphState;

/// `GET domains`
pub(crate) async fn list_domains(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let names = state.engine().tenant().domains.iter().enumerate();
    let rows = names.map(|(index, name)| Keyed {
        key: name.clone(),
        entity: domain(index, name),
    });
    Listing::directory("domain", "domains")
        .page_of(request, rows.collect())
        .await
}

/// `GET domains/{name}`
pub(crate) async fn show_domain(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    check_select(&request.query, "domain")?;
    let names = &state.engine().tenant().domains;
    let index = names
        .iter()
        .position(|name| name.eq_ignore_ascii_case(request.key(0)));
    let index = found(index, "domain", request.key(0))?;
    let entity = domain(index, &names[index]);
    Ok(Reply::entity(entity, "domain", "domains"))
}

/// All domains were named by whoever made the instance, so they count as proved; the first is the default one.
fn domain(index: usize, name: &str) -> Entity {
    let mut body = schema::blank("domain");
    for (property, value) in [
        ("id", json!(name)),
        ("authenticationType", json!("Managed")),
        ("isAdminManaged", json!(true)),
        ("isDefault", json!(index == 0)),
        ("isInitial", json!(index == 0)),
        ("isRoot", json!(true)),
        ("isVerified", json!(true)),
        ("supportedServices", json!(["Email", "Intune"])),
    ] {
        body.insert(property.to_owned(), value);
    }
    Entity::new("domain", format!("domains('{name}')"), body)
}
