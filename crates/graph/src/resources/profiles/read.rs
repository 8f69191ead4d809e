//! What a request says about a profile.

use std::collections::BTreeMap;

use mandate_engine::{NewProfile, ProfileChange};
use mandate_model::catalogue::{self, Kind};
use mandate_model::{Profile, ProfileId};
use serde_json::{Map, Value};

use crate::error::{GraphError, Result};
use crate::reference::Reference;
use crate::resources::body::{text, texts};

/// A body, taken apart: what every configuration has, references, and settings for the catalogue to read.
#[derive(Debug, Default)]
#[expect(clippy::option_option, reason = "absent, `null`, or a text")]
pub(in crate::resources) struct ProfileBody {
    kind: Option<&'static Kind>,
    display_name: Option<String>,
    description: Option<Option<String>>,
    scope_tags: Option<Vec<String>>,
    references: BTreeMap<String, Option<ProfileId>>,
    settings: Map<String, Value>,
}

const BIND: &str = "@odata.bind";

impl ProfileBody {
    pub(in crate::resources) fn read(body: &Map<String, Value>) -> Result<Self> {
        let mut read = Self::default();
        for (name, value) in body {
            match name.as_str() {
                "@odata.type" => read.kind = Some(kind(value)?),
                "displayName" => read.display_name = Some(text(name, value)?.unwrap_or_default()),
                "description" => read.description = Some(text(name, value)?),
                // `null` is a nullable property that a client read elsewhere: as good as absent.
                "roleScopeTagIds" if !value.is_null() => {
                    read.scope_tags = Some(texts(name, value)?);
                }
                _ => match name.strip_suffix(BIND) {
                    Some(navigation) => drop(
                        read.references
                            .insert(navigation.to_owned(), target(name, value)?),
                    ),
                    None => drop(read.settings.insert(name.clone(), value.clone())),
                },
            }
        }
        Ok(read)
    }

    /// A new profile. Its kind must be named, for a configuration as such is abstract.
    pub(in crate::resources) fn into_new(self) -> Result<NewProfile> {
        let kind = self.kind.ok_or_else(|| {
            let message = "`@odata.type` is required: it names the kind of profile, \
                           such as `#microsoft.graph.iosEasEmailProfileConfiguration`";
            GraphError::model_validation(message).at("@odata.type")
        })?;
        let display_name = self.display_name;
        let references = spelt(kind, self.references)?;
        Ok(NewProfile {
            kind,
            display_name: display_name.ok_or_else(|| {
                GraphError::model_validation("`displayName` is required").at("displayName")
            })?,
            description: self.description.flatten(),
            scope_tags: self.scope_tags,
            body: self.settings,
            references: references
                .into_iter()
                .filter_map(|(name, id)| Some((name, id?)))
                .collect(),
        })
    }
}

/// The change that a PATCH body means for a profile. Its kind cannot change.
pub(in crate::resources) fn change_of(
    profile: &Profile,
    body: &Map<String, Value>,
) -> Result<ProfileChange> {
    let read = ProfileBody::read(body)?;
    if let Some(kind) = read.kind
        && kind != profile.kind
    {
        let message = format!(
            "`@odata.type` cannot change: the profile is a `{}`, not a `{}`",
            profile.kind.type_name, kind.type_name
        );
        return Err(GraphError::invalid("@odata.type", message));
    }
    Ok(ProfileChange {
        display_name: read.display_name,
        description: read.description,
        scope_tags: read.scope_tags,
        body: read.settings,
        references: spelt(profile.kind, read.references)?,
    })
}

fn kind(value: &Value) -> Result<&'static Kind> {
    let name = value.as_str().unwrap_or_default();
    if crate::schema::bare(name).eq_ignore_ascii_case("deviceConfiguration") {
        let message =
            "`@odata.type` must name a kind of profile; `deviceConfiguration` itself is abstract";
        return Err(GraphError::model_validation(message).at("@odata.type"));
    }
    catalogue::kind(name).ok_or_else(|| {
        let known: Vec<String> = catalogue::kinds()
            .iter()
            .map(|kind| format!("`#microsoft.graph.{}`", kind.type_name))
            .collect();
        let message = format!(
            "`@odata.type` must be one of {}, but is `{name}`",
            known.join(", ")
        );
        GraphError::invalid("@odata.type", message)
    })
}

/// References in the kind's own spelling; a kind without this reference refuses it.
fn spelt(
    kind: &Kind,
    references: BTreeMap<String, Option<ProfileId>>,
) -> Result<BTreeMap<String, Option<ProfileId>>> {
    let spell =
        |(name, id): (String, Option<ProfileId>)| Ok((navigation(kind, &name)?.to_owned(), id));
    references.into_iter().map(spell).collect()
}

/// The kind's spelling of a reference.
pub(super) fn navigation(kind: &Kind, name: &str) -> Result<&'static str> {
    let known = kind
        .references
        .iter()
        .find(|reference| reference.property.eq_ignore_ascii_case(name));
    known.map(|reference| reference.property).ok_or_else(|| {
        let message = format!("`{name}` is not a reference that `{}` has", kind.type_name);
        GraphError::invalid(name, message)
    })
}

/// The profile that an address names; `null` removes a reference.
pub(super) fn target(name: &str, value: &Value) -> Result<Option<ProfileId>> {
    if value.is_null() {
        return Ok(None);
    }
    let reference = Reference::read(name, value)?;
    if reference.collection != "deviceconfigurations" {
        let message =
            format!("`{name}` must be the address of a deviceConfiguration, but is {value}");
        return Err(GraphError::invalid(name, message));
    }
    reference.id(name).map(|id| Some(ProfileId(id)))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use serde_json::json;

    use super::*;

    fn new(body: &Value) -> Result<NewProfile> {
        ProfileBody::read(body.as_object().unwrap())?.into_new()
    }

    const ID: &str = "0a0a0a0a-0000-0000-0000-000000000001";

    #[test]
    fn a_mail_profile_with_its_certificate_is_read() {
        let profile = new(&json!({
            "@odata.type": "#microsoft.graph.iosEasEmailProfileConfiguration",
            "id": "00000000-0000-0000-0000-000000000000",
            "displayName": "Mail",
            "hostName": "mail.example.com",
            "identityCertificate@odata.bind":
                format!("https://graph.microsoft.com/beta/deviceManagement/deviceConfigurations('{ID}')"),
        }));
        let profile = profile.unwrap();
        assert_eq!(profile.references["identityCertificate"].to_string(), ID);
        assert_eq!(profile.body["hostName"], "mail.example.com");
    }

    #[test]
    fn without_a_kind_or_with_an_unknown_one_nothing_is_made() {
        let error = new(&json!({"displayName": "x"})).unwrap_err();
        assert_eq!(
            (error.status, error.code),
            (StatusCode::BAD_REQUEST, "ModelValidationFailure")
        );
        let error = new(&json!({"@odata.type": "#microsoft.graph.nonsense", "displayName": "x"}))
            .unwrap_err();
        assert_eq!(
            (error.status, error.code),
            (StatusCode::BAD_REQUEST, "BadRequest")
        );
        let error =
            new(&json!({"@odata.type": "#microsoft.graph.deviceConfiguration"})).unwrap_err();
        assert_eq!(error.code, "ModelValidationFailure");
    }

    #[test]
    fn a_foreign_reference_is_refused_by_name() {
        let body = json!({
            "@odata.type": "#microsoft.graph.iosTrustedRootCertificate",
            "displayName": "x",
            "identityCertificate@odata.bind": format!("deviceManagement/deviceConfigurations('{ID}')"),
        });
        assert_eq!(
            new(&body).unwrap_err().target.unwrap(),
            "identityCertificate"
        );
    }
}
