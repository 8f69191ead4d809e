//! One profile: making it, and changing it.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use mandate_engine::{Action, AdeProfile, AdeProfileChange, AdeSettings, NewAdeProfile};
use mandate_model::Platform;
use mandate_ui::redirect;
use mandate_web::{Fields, Page, render};
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::profile_form::{Field, fields, read};
use super::profiles::{find, place};
use super::{token, words};
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, Wrong, form_status, said_above};

#[derive(Template)]
#[template(path = "apple/profile.html")]
struct Edit {
    page: Page,
    /// Path and name of the token.
    token: (String, String),
    title: String,
    /// Where the form goes.
    action: String,
    platform: String,
    /// The platform of a new one.
    chosen: Option<&'static str>,
    /// Where devices ask for their profile, of one that there is.
    url: Option<String>,
    name: String,
    description: String,
    settings: Vec<Field>,
    panes: Vec<Field>,
    name_wrong: String,
    description_wrong: String,
    problem: String,
    is_saved: bool,
    can_change: bool,
}

/// What a form holds.
struct Typed {
    name: String,
    description: String,
    values: Map<String, Value>,
}

impl Typed {
    fn of(platform: Platform, fields: &Fields) -> Self {
        Self {
            name: fields.text("displayName").to_owned(),
            description: fields.text("description").to_owned(),
            values: read(platform, fields),
        }
    }
}

/// For which devices a new profile is.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    platform: String,
    saved: Option<String>,
}

/// `GET /console/apple/tokens/{token}/profiles/new?platform=ios`
pub(super) async fn ask(
    administrator: Administrator,
    Path(token): Path<Uuid>,
    Query(asked): Query<Asked>,
) -> Answer {
    administrator.actor.require(Action::OrganizationUpdate)?;
    let platform = Platform::parse(&asked.platform).unwrap_or(Platform::Ios);
    let typed = Typed {
        name: String::new(),
        description: String::new(),
        values: AdeSettings::new(platform).values().clone(),
    };
    made(&administrator, (token, platform), typed, Wrong::new()).await
}

/// `POST /console/apple/tokens/{token}/profiles/new`
pub(super) async fn create(
    administrator: Administrator,
    Path(token): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let platform = Platform::parse(fields.text("platform")).unwrap_or(Platform::Ios);
    let typed = Typed::of(platform, &fields);
    let new = NewAdeProfile {
        platform,
        name: typed.name.clone(),
        description: typed.description.clone(),
        settings: typed.values.clone(),
    };
    let engine = administrator.engine();
    match engine
        .create_ade_profile(&administrator.actor, token, new)
        .await
    {
        Ok(_) => Ok(redirect(&place(token))),
        Err(error) => {
            let wrong = administrator.beside(error)?;
            made(&administrator, (token, platform), typed, wrong).await
        }
    }
}

/// `GET /console/apple/tokens/{token}/profiles/{profile}`
pub(super) async fn show(
    administrator: Administrator,
    Path((token, id)): Path<(Uuid, Uuid)>,
    Query(asked): Query<Asked>,
) -> Answer {
    let profile = find(&administrator, token, id).await?;
    let typed = Typed {
        name: profile.name.clone(),
        description: profile.description.clone(),
        values: profile.settings.values().clone(),
    };
    let is_saved = asked.saved.is_some();
    edited(&administrator, profile, (typed, is_saved), Wrong::new()).await
}

/// `POST /console/apple/tokens/{token}/profiles/{profile}`
pub(super) async fn update(
    administrator: Administrator,
    Path((token, id)): Path<(Uuid, Uuid)>,
    fields: Fields,
) -> Answer {
    let profile = find(&administrator, token, id).await?;
    let typed = Typed::of(profile.platform, &fields);
    let change = AdeProfileChange {
        name: Some(typed.name.clone()),
        description: Some(typed.description.clone()),
        settings: typed.values.clone(),
    };
    let engine = administrator.engine();
    match engine
        .update_ade_profile(&administrator.actor, (token, id), change)
        .await
    {
        Ok(_) => Ok(redirect(&format!("{}/{id}?saved=yes", place(token)))),
        Err(error) => {
            let wrong = administrator.beside(error)?;
            edited(&administrator, profile, (typed, false), wrong).await
        }
    }
}

async fn made(
    administrator: &Administrator,
    (token, platform): (Uuid, Platform),
    typed: Typed,
    wrong: Wrong,
) -> Result<Response, Failure> {
    let title = administrator.language().text("apple-profile-new");
    let action = format!("{}/new", place(token));
    let mut form = form(administrator, (token, platform), (title, typed), wrong).await?;
    form.action = action;
    form.chosen = Some(platform.name());
    Ok(show_form(&form))
}

async fn edited(
    administrator: &Administrator,
    profile: AdeProfile,
    (typed, is_saved): (Typed, bool),
    wrong: Wrong,
) -> Result<Response, Failure> {
    let of = (profile.token, profile.platform);
    let mut form = form(administrator, of, (profile.name, typed), wrong).await?;
    form.action = format!("{}/{}", place(profile.token), profile.id);
    form.url = Some(profile.url);
    form.is_saved = is_saved;
    Ok(show_form(&form))
}

async fn form(
    administrator: &Administrator,
    (id, platform): (Uuid, Platform),
    (title, typed): (String, Typed),
    mut wrong: Wrong,
) -> Result<Edit, Failure> {
    let token = token::find(administrator, id).await?;
    let page = administrator.page();
    let (settings, panes) = fields(&page, platform, &typed.values, &mut wrong);
    Ok(Edit {
        token: (place(id), token.name),
        title,
        action: String::new(),
        platform: words::platform(&page, platform),
        chosen: None,
        url: None,
        name: typed.name,
        description: typed.description,
        settings,
        panes,
        name_wrong: wrong.remove("displayName").unwrap_or_default(),
        description_wrong: wrong.remove("description").unwrap_or_default(),
        problem: said_above(wrong),
        is_saved: false,
        can_change: administrator.actor.may(Action::OrganizationUpdate),
        page,
    })
}

fn show_form(form: &Edit) -> Response {
    let of_fields = form.settings.iter().chain(&form.panes);
    let mut texts = of_fields.map(|field| &field.wrong).chain([
        &form.name_wrong,
        &form.description_wrong,
        &form.problem,
    ]);
    let is_right = texts.all(String::is_empty);
    render(form_status(is_right), form)
}
