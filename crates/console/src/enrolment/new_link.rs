//! Making an enrolment link, and showing it once.

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use mandate_engine::{Action, EngineError, NewLink};
use mandate_model::{EnrolmentType, Platform, User};
use mandate_ui::moment;
use mandate_web::{Fields, Page, qr_svg, render};
use serde::Deserialize;

use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, Wrong, said_above};

const DAY_SECONDS: i64 = 86_400;

#[derive(Template)]
#[template(path = "enrolment/new.html")]
struct New {
    page: Page,
    form: Form,
    /// Problem of no single field.
    problem: String,
}

/// What is typed into the form, and what is wrong with it.
#[derive(Debug, Clone, Default)]
struct Form {
    person: String,
    person_wrong: String,
    platform: String,
    kind: String,
    kind_wrong: String,
    days: String,
    days_wrong: String,
    uses: String,
    uses_wrong: String,
}

#[derive(Template)]
#[template(path = "enrolment/made.html")]
struct Made {
    page: Page,
    url: String,
    /// The same as an SVG element; none if it is too long for a code.
    code: Option<String>,
    person: Option<String>,
    expires_at: String,
    expires: String,
    uses: i64,
    /// The link will be refused at present: the person has this many devices, and may have as many.
    full: Option<i64>,
}

/// What a link to the page may say.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    /// Whose device it will be: id or sign-in name.
    #[serde(default)]
    person: String,
}

/// `GET /console/enrolment/new`
pub(super) async fn show_new(administrator: Administrator, Query(asked): Query<Asked>) -> Answer {
    administrator.actor.require(Action::EnrolmentLinksCreate)?;
    let form = Form {
        person: asked.person,
        platform: Platform::Ios.name().to_owned(),
        kind: "device".to_owned(),
        days: "7".to_owned(),
        uses: "1".to_owned(),
        ..Form::default()
    };
    Ok(shown(&administrator, form, String::new()))
}

/// `POST /console/enrolment/new`: shows the link, which nobody can show again.
pub(super) async fn create_link(administrator: Administrator, fields: Fields) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    actor.require(Action::EnrolmentLinksCreate)?;
    let mut form = Form::read(&fields);
    let user = match person(&administrator, &form.person).await {
        Ok(user) => user,
        Err(EngineError::NotFound { .. }) => {
            form.person_wrong = administrator.language().text("enrolment-no-such-person");
            return Ok(shown(&administrator, form, String::new()));
        }
        Err(error) => return Err(Failure(error)),
    };
    let new = NewLink {
        user: user.as_ref().map(|user| user.id),
        platform: Platform::parse(&form.platform).unwrap_or(Platform::Ios),
        enrolment_type: if form.kind == "user" {
            EnrolmentType::User
        } else {
            EnrolmentType::Device
        },
        // What is no number is out of every range.
        lifetime_seconds: form
            .days
            .parse()
            .map_or(0, |days: i64| days.saturating_mul(DAY_SECONDS)),
        uses: form.uses.parse().unwrap_or_default(),
        signed: true,
    };
    let times = new.uses;
    let link = match engine.create_enrolment_link(actor, new).await {
        Ok(link) => link,
        Err(error) => {
            let problem = form.complain(&administrator, error)?;
            return Ok(shown(&administrator, form, problem));
        }
    };
    let full = match &user {
        Some(user) if actor.may(Action::UsersRead) => {
            let allowance = engine.enrolment_allowance(actor, user.id).await?;
            (!allowance.has_room()).then_some(allowance.most)
        }
        _ => None,
    };
    let page = administrator.page();
    let url = format!("{}{}", engine.device_base_url(), link.path);
    Ok(render(
        StatusCode::OK,
        &Made {
            code: qr_svg(&url, &page.text("enrolment-code")),
            url,
            person: user.map(|user| user.display_name),
            expires_at: link.expires_at.to_string(),
            expires: moment(link.expires_at),
            uses: times,
            full,
            page,
        },
    ))
}

impl Form {
    fn read(fields: &Fields) -> Self {
        let text = |name| fields.text(name).trim().to_owned();
        Self {
            person: text("person"),
            platform: text("platform"),
            kind: text("kind"),
            days: text("days"),
            uses: text("uses"),
            ..Self::default()
        }
    }

    /// Puts what is wrong beside the fields; what concerns none is given back.
    fn complain(
        &mut self,
        administrator: &Administrator,
        error: EngineError,
    ) -> Result<String, EngineError> {
        let mut wrong: Wrong = administrator.beside(error)?;
        let language = administrator.language();
        if wrong.remove("lifetimeSeconds").is_some() {
            self.days_wrong = language.text("enrolment-days-wrong");
        }
        if wrong.remove("uses").is_some() {
            self.uses_wrong = language.text("enrolment-uses-wrong");
        }
        if wrong.remove("enrollmentType").is_some() {
            self.kind_wrong = language.text("enrolment-kind-wrong");
        }
        Ok(said_above(wrong))
    }

    fn is_wrong(&self) -> bool {
        [
            &self.person_wrong,
            &self.kind_wrong,
            &self.days_wrong,
            &self.uses_wrong,
        ]
        .into_iter()
        .any(|wrong| !wrong.is_empty())
    }
}

/// Whose device it will be; nobody's if nothing is typed.
async fn person(administrator: &Administrator, key: &str) -> Result<Option<User>, EngineError> {
    if key.is_empty() {
        return Ok(None);
    }
    let engine = administrator.engine();
    let found = engine.find_user(&administrator.actor, key).await?;
    found.map(Some).ok_or_else(|| EngineError::NotFound {
        what: "user",
        id: key.to_owned(),
    })
}

fn shown(administrator: &Administrator, form: Form, problem: String) -> Response {
    let status = if form.is_wrong() || !problem.is_empty() {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    let new = New {
        page: administrator.page(),
        form,
        problem,
    };
    render(status, &new)
}
