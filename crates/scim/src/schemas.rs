//! What there is (RFC 7643 §5 to §7): the configuration, the kinds of resources, and their schemas.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::answer::answer;
use crate::asked::{Asked, LARGEST_BODY};
use crate::document::{Attribute, ENTERPRISE, GROUPS, Kind, Shape, USERS};
use crate::error::ScimError;
use crate::list::LARGEST_PAGE;

/// `GET /scim/v2/ServiceProviderConfig`
pub(crate) async fn show_configuration(asked: Asked) -> Response {
    let no = json!({ "supported": false });
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": { "supported": true },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": LARGEST_BODY },
        "filter": { "supported": true, "maxResults": LARGEST_PAGE },
        "changePassword": no,
        "sort": no,
        "etag": { "supported": true },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "A token that an administrator made for this.",
            "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{}/ServiceProviderConfig", asked.base_url),
        },
    });
    answer(StatusCode::OK, &body)
}

/// `GET /scim/v2/ResourceTypes`
pub(crate) async fn list_types(asked: Asked) -> Response {
    let types = [&USERS, &GROUPS].map(|kind| type_of(&asked, kind));
    listed(&types)
}

/// `GET /scim/v2/ResourceTypes/{id}`
pub(crate) async fn show_type(Path(id): Path<String>, asked: Asked) -> Result<Response, ScimError> {
    let kind = [&USERS, &GROUPS].into_iter().find(|kind| kind.name == id);
    let kind = kind.ok_or_else(|| ScimError::not_found(&id))?;
    Ok(answer(StatusCode::OK, &type_of(&asked, kind)))
}

fn type_of(asked: &Asked, kind: &Kind) -> Value {
    let mut body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "id": kind.name,
        "name": kind.name,
        "endpoint": format!("/{}", kind.path),
        "schema": kind.schema,
        "meta": {
            "resourceType": "ResourceType",
            "location": format!("{}/ResourceTypes/{}", asked.base_url, kind.name),
        },
    });
    if kind.name == USERS.name {
        body["schemaExtensions"] = json!([{ "schema": ENTERPRISE, "required": false }]);
    }
    body
}

/// `GET /scim/v2/Schemas`
pub(crate) async fn list_schemas(asked: Asked) -> Response {
    listed(&schemas(&asked))
}

/// `GET /scim/v2/Schemas/{id}`
pub(crate) async fn show_schema(
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, ScimError> {
    let is_it = |schema: &&Value| {
        let known = schema["id"].as_str().unwrap_or_default();
        known.eq_ignore_ascii_case(&id)
    };
    let all = schemas(&asked);
    let schema = all.iter().find(is_it);
    let schema = schema.ok_or_else(|| ScimError::not_found(&id))?;
    Ok(answer(StatusCode::OK, schema))
}

fn schemas(asked: &Asked) -> Vec<Value> {
    let of = |id: &str, name: &str, attributes: &[Attribute]| {
        let own = attributes
            .iter()
            .filter(|attribute| attribute.name != ENTERPRISE && attribute.name != "externalId");
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
            "id": id,
            "name": name,
            "attributes": own.map(attribute_of).collect::<Vec<_>>(),
            "meta": {
                "resourceType": "Schema",
                "location": format!("{}/Schemas/{id}", asked.base_url),
            },
        })
    };
    let mut all = vec![
        of(USERS.schema, USERS.name, USERS.attributes),
        of(GROUPS.schema, GROUPS.name, GROUPS.attributes),
    ];
    for attribute in USERS.attributes {
        if let (ENTERPRISE, Shape::Complex(inner)) = (attribute.name, &attribute.shape) {
            all.push(of(ENTERPRISE, "EnterpriseUser", inner));
        }
    }
    all
}

fn attribute_of(attribute: &Attribute) -> Value {
    let is_unique = attribute.name == "userName";
    let is_required = is_unique;
    let (kind, inner): (&str, &[Attribute]) = match &attribute.shape {
        Shape::Text => ("string", &[]),
        Shape::Flag => ("boolean", &[]),
        Shape::Complex(inner) | Shape::Many(inner) => ("complex", inner),
    };
    let mut body = json!({
        "name": attribute.name,
        "type": kind,
        "multiValued": matches!(attribute.shape, Shape::Many(_)),
        "required": is_required,
        "mutability": "readWrite",
        "returned": "default",
        "uniqueness": if is_unique { "server" } else { "none" },
    });
    if kind == "string" {
        body["caseExact"] = json!(false);
    }
    if !inner.is_empty() {
        body["subAttributes"] = inner.iter().map(attribute_of).collect();
    }
    body
}

fn listed(all: &[Value]) -> Response {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": all.len(),
        "startIndex": 1,
        "itemsPerPage": all.len(),
        "Resources": all,
    });
    answer(StatusCode::OK, &body)
}

/// `POST /scim/v2/Bulk`
pub(crate) async fn refuse_bulk(_: Asked) -> ScimError {
    let detail = "bulk requests are not supported: send one request for each resource";
    ScimError::new(StatusCode::NOT_IMPLEMENTED, detail)
}

/// `/scim/v2/Me`: a token is nobody's.
pub(crate) async fn refuse_me(_: Asked) -> ScimError {
    ScimError::new(StatusCode::NOT_IMPLEMENTED, "`/Me` is not supported")
}

/// Whatever else is below `/scim/v2`.
pub(crate) async fn show_nothing(Path(rest): Path<String>, _: Asked) -> ScimError {
    ScimError::not_found(&rest)
}
