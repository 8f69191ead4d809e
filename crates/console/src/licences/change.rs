//! A change of licences: first what it would do, then doing it.

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use mandate_engine::{EngineError, LicenceChange, LicenceHolder, LicenceLoss, LicencePlan};
use mandate_model::{GroupId, UserId};
use mandate_ui::redirect;
use mandate_web::{Fields, Page, render};
use serde::Deserialize;
use uuid::Uuid;

use super::PATH;
use super::show::{Asked as List, shown};
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, said_above};

#[derive(Template)]
#[template(path = "licences/change.html")]
struct Preview {
    page: Page,
    plan: LicencePlan,
    keeps: bool,
    /// The fields of the change once more.
    fields: Vec<(&'static str, String)>,
}

/// What a form or a link asks for, each part as it is written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// `yes` or `no`.
    everybody: String,
    /// Sign-in name or id of a person who is given one.
    person: String,
    /// Ids.
    add_group: String,
    remove_group: String,
    remove_user: String,
    /// `yes` if the two below were asked for.
    rules: String,
    /// A number, or nothing for as many as are wanted.
    units: String,
    on_loss: String,
}

impl Asked {
    fn of(fields: &Fields) -> Self {
        let text = |name| fields.text(name).trim().to_owned();
        Self {
            everybody: text("everybody"),
            person: text("person"),
            add_group: text("add_group"),
            remove_group: text("remove_group"),
            remove_user: text("remove_user"),
            rules: text("rules"),
            units: text("units"),
            on_loss: text("on_loss"),
        }
    }

    fn fields(&self) -> Vec<(&'static str, String)> {
        let all = [
            ("everybody", &self.everybody),
            ("person", &self.person),
            ("add_group", &self.add_group),
            ("remove_group", &self.remove_group),
            ("remove_user", &self.remove_user),
            ("rules", &self.rules),
            ("units", &self.units),
            ("on_loss", &self.on_loss),
        ];
        let said = all.into_iter().filter(|(_, value)| !value.is_empty());
        said.map(|(name, value)| (name, value.clone())).collect()
    }

    /// The change; or the text that says what is wrong.
    async fn change(
        &self,
        administrator: &Administrator,
    ) -> Result<Result<LicenceChange, &'static str>, Failure> {
        let mut change = LicenceChange::default();
        match self.everybody.as_str() {
            "yes" => drop(change.add.insert(LicenceHolder::Everybody)),
            "no" => drop(change.remove.insert(LicenceHolder::Everybody)),
            _ => {}
        }
        if !self.person.is_empty() {
            let engine = administrator.engine();
            let found = engine.find_user(&administrator.actor, &self.person).await?;
            let Some(user) = found else {
                return Ok(Err("licences-no-such-person"));
            };
            change.add.insert(LicenceHolder::User(user.id));
        }
        let id = |text: &str| Uuid::try_parse(text).ok();
        change
            .add
            .extend(id(&self.add_group).map(GroupId).map(LicenceHolder::Group));
        let group = id(&self.remove_group).map(GroupId);
        change.remove.extend(group.map(LicenceHolder::Group));
        let user = id(&self.remove_user).map(UserId);
        change.remove.extend(user.map(LicenceHolder::User));
        if self.rules == "yes" {
            change.units = Some(match self.units.trim() {
                "" => None,
                text => match text.parse() {
                    Ok(units) => Some(units),
                    Err(_) => return Ok(Err("licences-units-wrong")),
                },
            });
            change.on_loss = LicenceLoss::parse(&self.on_loss);
        }
        Ok(Ok(change))
    }
}

/// `GET /console/licences/change`: what it would do.
pub(super) async fn preview(administrator: Administrator, Query(asked): Query<Asked>) -> Answer {
    administrator
        .actor
        .require(mandate_engine::Action::LicencesUpdate)?;
    let change = match asked.change(&administrator).await? {
        Ok(change) => change,
        Err(text) => return wrong(&administrator, &asked, text).await,
    };
    let planned = administrator
        .engine()
        .plan_licences(&administrator.actor, &change)
        .await;
    match planned {
        Ok(plan) => {
            let preview = Preview {
                keeps: plan.on_loss == LicenceLoss::Keep,
                plan,
                fields: asked.fields(),
                page: administrator.page(),
            };
            Ok(render(StatusCode::OK, &preview))
        }
        Err(error) => refused(&administrator, &asked, error).await,
    }
}

/// `POST /console/licences/change`
pub(super) async fn make(administrator: Administrator, fields: Fields) -> Answer {
    let asked = Asked::of(&fields);
    let change = match asked.change(&administrator).await? {
        Ok(change) => change,
        Err(text) => return wrong(&administrator, &asked, text).await,
    };
    let changed = administrator
        .engine()
        .change_licences(&administrator.actor, &change)
        .await;
    match changed {
        Ok(()) => Ok(redirect(PATH)),
        Err(error) => refused(&administrator, &asked, error).await,
    }
}

async fn wrong(
    administrator: &Administrator,
    asked: &Asked,
    text: &str,
) -> Result<Response, Failure> {
    let problem = administrator.language().text(text);
    shown(
        administrator,
        List::default(),
        (asked.person.clone(), problem),
    )
    .await
}

async fn refused(
    administrator: &Administrator,
    asked: &Asked,
    error: EngineError,
) -> Result<Response, Failure> {
    let problem = said_above(administrator.beside(error)?);
    shown(
        administrator,
        List::default(),
        (asked.person.clone(), problem),
    )
    .await
}
