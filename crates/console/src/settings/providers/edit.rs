//! Adding, changing and removing providers.

use axum::extract::{Path, Query};
use axum::response::Response;
use mandate_engine::{EngineError, Provider};
use mandate_model::catalogue::Violation;
use mandate_ui::redirect;
use mandate_web::{Fields, Upload};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{PATH, crumbs, find, path_of, shown_name};
use crate::administrator::Administrator;
use crate::failure::{Answer, Wrong};
use crate::plain::{
    Field, FormPage, Kind, Part, field, fields_of, show_confirm, show_form, submit,
};

/// Where providers are added; none has such a name.
pub(super) const NEW: &str = "/console/settings/providers/_new";

const NAMES: &[Field] = &[
    field("name", Kind::Word).needed().hinted(),
    field("displayName", Kind::Plain).hinted(),
];
const OIDC: &[Field] = &[
    field("issuer", Kind::Word).needed().hinted(),
    field("clientId", Kind::Word).needed(),
    field("clientSecret", Kind::Secret).hinted(),
    field("roots", Kind::Pem).hinted(),
];
const OIDC_MORE: &[Field] = &[
    field("scopes", Kind::Lines),
    field("nameClaim", Kind::Text).hinted(),
    field("groupClaim", Kind::Word),
    field("secondFactorMethods", Kind::Lines).hinted(),
    field("secondFactorContexts", Kind::Lines).hinted(),
];
const LDAP: &[Field] = &[
    field("url", Kind::Word).needed().hinted(),
    field("startTls", Kind::Tick),
    field("roots", Kind::Pem).hinted(),
    field("bindName", Kind::Text).hinted(),
    field("base", Kind::Text).hinted(),
    field("searchAccount", Kind::Text).hinted(),
    field("searchPassword", Kind::Secret),
];
const LDAP_MORE: &[Field] = &[
    field("nameAttribute", Kind::Word),
    field("idAttribute", Kind::Text).hinted(),
    field("groupAttribute", Kind::Word),
    field("comesFirst", Kind::Tick).hinted(),
];
const PEOPLE: &[Field] = &[
    field("domains", Kind::Lines).hinted(),
    field("createsPeople", Kind::Tick),
    field("trustsNames", Kind::Tick).hinted(),
    field("groups", Kind::Pairs).hinted(),
];
const OIDC_PARTS: &[Part] = &[
    Part::open("provider-f-names", NAMES),
    Part::open("provider-f-way", OIDC),
    Part::open("provider-f-people", PEOPLE),
    Part::folded("provider-f-more", OIDC_MORE),
];
const LDAP_PARTS: &[Part] = &[
    Part::open("provider-f-names", NAMES),
    Part::open("provider-f-way", LDAP),
    Part::open("provider-f-people", PEOPLE),
    Part::folded("provider-f-more", LDAP_MORE),
];

/// Which kind is to be added.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    kind: Option<String>,
}

impl Asked {
    fn kind(&self) -> &'static str {
        match self.kind.as_deref() {
            Some("ldap") => "ldap",
            _ => "oidc",
        }
    }
}

fn parts_of(kind: &str) -> &'static [Part] {
    if kind == "ldap" {
        LDAP_PARTS
    } else {
        OIDC_PARTS
    }
}

/// `GET /console/settings/providers/_new?kind=`
pub(super) async fn show_new(administrator: Administrator, Query(asked): Query<Asked>) -> Answer {
    administrator.require_saying_who_people_are()?;
    let usual = json!({
        "scopes": ["openid", "profile", "email"], "groupClaim": "groups",
        "nameAttribute": "userPrincipalName", "groupAttribute": "memberOf",
    });
    let usual = usual.as_object().cloned().unwrap_or_default();
    let given = fields_of(parts_of(asked.kind()), &usual);
    Ok(new_form(&administrator, asked.kind(), &given, None))
}

/// `POST /console/settings/providers/_new?kind=`
pub(super) async fn create(
    administrator: Administrator,
    Query(asked): Query<Asked>,
    upload: Upload,
) -> Answer {
    administrator.require_saying_who_people_are()?;
    let kind = asked.kind();
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let add = async |mut body: Map<String, Value>| {
        body.insert("kind".to_owned(), kind.into());
        grouped(engine.create_provider(actor, body).await)
    };
    match submit(&administrator, (parts_of(kind), &upload), add).await? {
        Ok(provider) => Ok(redirect(&path_of(&provider.name))),
        Err(wrong) => Ok(new_form(&administrator, kind, &upload.fields, Some(wrong))),
    }
}

/// `GET /console/settings/providers/{name}/edit`
pub(super) async fn show_edit(administrator: Administrator, Path(name): Path<String>) -> Answer {
    administrator.require_saying_who_people_are()?;
    let provider = find(&administrator, &name).await?;
    let given = fields_of(parts_of(provider.settings.kind()), &provider.to_map());
    Ok(edit_form(&administrator, &provider, &given, None))
}

/// `POST /console/settings/providers/{name}/edit`
pub(super) async fn update(
    administrator: Administrator,
    Path(name): Path<String>,
    upload: Upload,
) -> Answer {
    administrator.require_saying_who_people_are()?;
    let provider = find(&administrator, &name).await?;
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let parts = parts_of(provider.settings.kind());
    let change = async |mut body: Map<String, Value>| {
        body.remove("name");
        grouped(engine.update_provider(actor, &name, body).await)
    };
    match submit(&administrator, (parts, &upload), change).await? {
        Ok(_) => Ok(redirect(&path_of(&name))),
        Err(wrong) => {
            let given = &upload.fields;
            Ok(edit_form(&administrator, &provider, given, Some(wrong)))
        }
    }
}

/// `GET /console/settings/providers/{name}/remove`
pub(super) async fn ask_removal(administrator: Administrator, Path(name): Path<String>) -> Answer {
    administrator.require_saying_who_people_are()?;
    let provider = find(&administrator, &name).await?;
    let page = administrator.page();
    let title = page.text_with("provider-remove-title", "name", shown_name(&provider));
    let about = page.text("provider-remove-about");
    let path = path_of(&name);
    Ok(show_confirm(
        &administrator,
        (title, about, "remove"),
        crumbs(&administrator, Some(&provider)),
        (format!("{path}/remove"), path),
    ))
}

/// `POST /console/settings/providers/{name}/remove`
pub(super) async fn remove(
    administrator: Administrator,
    Path(name): Path<String>,
    _: Fields,
) -> Answer {
    let engine = administrator.engine();
    engine.delete_provider(&administrator.actor, &name).await?;
    Ok(redirect(PATH))
}

/// A group that is named and not there is what is wrong with the groups.
fn grouped(done: Result<Provider, EngineError>) -> Result<Provider, EngineError> {
    done.map_err(|error| match error {
        EngineError::NotFound { what: "group", id } => {
            let property = "groups";
            let rule = format!("there is no group with the id `{id}`");
            EngineError::Invalid(vec![Violation::without_value(property, &rule)])
        }
        other => other,
    })
}

fn new_form(
    administrator: &Administrator,
    kind: &str,
    given: &Fields,
    wrong: Option<Wrong>,
) -> Response {
    let page = administrator.page();
    let form = FormPage {
        title: page.text(if kind == "ldap" {
            "provider-add-ldap"
        } else {
            "provider-add-oidc"
        }),
        about: page.text("provider-add-about"),
        crumbs: crumbs(administrator, None),
        action: format!("{NEW}?kind={kind}"),
        back: PATH.to_owned(),
        prefix: PREFIX,
        parts: parts_of(kind),
        without: &[],
        keeps_secrets: false,
    };
    show_form(administrator, form, given, wrong)
}

fn edit_form(
    administrator: &Administrator,
    provider: &Provider,
    given: &Fields,
    wrong: Option<Wrong>,
) -> Response {
    let path = path_of(&provider.name);
    let form = FormPage {
        title: shown_name(provider),
        about: String::new(),
        crumbs: crumbs(administrator, Some(provider)),
        action: format!("{path}/edit"),
        back: path,
        prefix: PREFIX,
        parts: parts_of(provider.settings.kind()),
        without: &["name"],
        keeps_secrets: provider.has_secret,
    };
    show_form(administrator, form, given, wrong)
}

/// What the texts of the fields begin with.
const PREFIX: &str = "provider-f";
