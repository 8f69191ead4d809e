//! A person as Graph shows it.

use mandate_model::User;
use serde_json::json;

use crate::entity::Entity;
use crate::schema;

/// The entity of a person.
pub(crate) fn user_entity(user: &User) -> Entity {
    let mut body = schema::blank("user");
    if let Some(mail) = &user.mail {
        body.insert("proxyAddresses".to_owned(), json!([format!("SMTP:{mail}")]));
    }
    body.insert("userType".to_owned(), json!("Member"));
    body.extend(user.other.clone());
    for (name, value) in [
        ("id", json!(user.id)),
        ("accountEnabled", json!(user.account_enabled)),
        ("createdDateTime", json!(user.created_at.to_string())),
        ("displayName", json!(user.display_name)),
        ("givenName", json!(user.given_name)),
        ("surname", json!(user.surname)),
        ("mail", json!(user.mail)),
        ("userPrincipalName", json!(user.user_principal_name)),
        (
            "onPremisesSamAccountName",
            json!(user.on_premises_sam_account_name),
        ),
        ("onPremisesDomainName", json!(user.on_premises_domain_name)),
        (
            "onPremisesNetBiosName",
            json!(user.on_premises_net_bios_name),
        ),
        (
            "onPremisesDistinguishedName",
            json!(user.on_premises_distinguished_name),
        ),
        (
            "onPremisesSecurityIdentifier",
            json!(user.on_premises_security_identifier),
        ),
    ] {
        body.insert(name.to_owned(), value);
    }
    Entity::new("user", format!("users('{}')", user.id), body)
}
