//! The tie to managed Google Play, which is not made here.

use serde_json::{Value, json};

use crate::entity::Entity;
use crate::error::Result;
use crate::page::check_select;
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::state::GraphState;

const PATH: &str = "deviceManagement/androidManagedStoreAccountEnterpriseSettings";
const DECLARED: &str = "androidManagedStoreAccountEnterpriseSettings";

/// `GET deviceManagement/androidManagedStoreAccountEnterpriseSettings`: not bound, in the form of a tenant that has none,
/// so that a backup goes on.
pub(crate) async fn show_google_play(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    check_select(&request.query, DECLARED)?;
    let mut body = Value::Object(crate::schema::blank(DECLARED));
    body["id"] = json!(DECLARED);
    body["bindStatus"] = json!("notBound");
    body["deviceOwnerManagementEnabled"] = json!(false);
    // `IntuneCD` joins it to other text without looking.
    body["ownerUserPrincipalName"] = json!("");
    body["ownerOrganizationName"] = json!(state.engine().tenant().company);
    Ok(Reply::entity(
        Entity::from_json(DECLARED, PATH.to_owned(), body),
        DECLARED,
        PATH,
    ))
}
