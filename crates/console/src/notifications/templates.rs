//! The list of texts.

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use mandate_engine::{Action, MailTemplate, NoticeEvent, Page as Slice};
use mandate_ui::moment;
use mandate_web::{Page, render};
use serde::Deserialize;
use uuid::Uuid;

use super::TEMPLATES;
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure};
use crate::list::{LINES, cut, link};

/// More texts than this are not offered where one is chosen.
const MOST: u32 = 1000;

#[derive(Template)]
#[template(path = "notifications/templates.html")]
struct TemplatesPage {
    page: Page,
    tab: &'static str,
    templates: Vec<Line>,
    first: Option<&'static str>,
    next: Option<String>,
    can_change: bool,
}

/// A text as the list shows it.
struct Line {
    id: Uuid,
    name: String,
    description: String,
    languages: String,
    /// Events that use it.
    uses: Vec<&'static str>,
    changed_at: String,
    changed: String,
}

/// Where the list goes on.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    after: Option<Uuid>,
}

/// `GET /console/notifications/templates`
pub(super) async fn list_templates(
    administrator: Administrator,
    Query(asked): Query<Asked>,
) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let slice = Slice {
        after: asked.after,
        limit: LINES + 1,
    };
    let mut found = engine.list_notification_templates(actor, slice).await?;
    let settings = engine.notice_settings(actor).await?;
    let is_more = cut(&mut found);
    let last = found.last().filter(|_| is_more).map(|template| template.id);
    let line = |template: MailTemplate| {
        let languages = template.messages.iter();
        let languages = languages.map(|message| message.locale.as_str());
        Line {
            id: template.id,
            languages: languages.collect::<Vec<_>>().join(", "),
            uses: settings
                .uses_of(template.id)
                .into_iter()
                .map(NoticeEvent::name)
                .collect(),
            changed_at: template.modified_at.to_string(),
            changed: moment(template.modified_at),
            name: template.display_name,
            description: template.description.unwrap_or_default(),
        }
    };
    let template = TemplatesPage {
        tab: TEMPLATES,
        templates: found.into_iter().map(line).collect(),
        first: asked.after.map(|_| TEMPLATES),
        next: last.map(|last| link(TEMPLATES, &[("after", &last.to_string())])),
        can_change: actor.may(Action::NotificationsUpdate),
        page: administrator.page(),
    };
    Ok(render(StatusCode::OK, &template))
}

/// Texts to choose from.
pub(super) async fn all_templates(
    administrator: &Administrator,
) -> Result<Vec<MailTemplate>, Failure> {
    let engine = administrator.engine();
    let slice = Slice::first(MOST);
    Ok(engine
        .list_notification_templates(&administrator.actor, slice)
        .await?)
}
