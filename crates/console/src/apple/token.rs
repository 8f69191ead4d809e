//! One token: its name, the key that goes to Apple, the token that comes back, and when it was last in step.

use askama::Template;
use axum::extract::{Path, RawQuery};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use mandate_engine::{Action, AdeToken, AdeTokenChange, EngineError};
use mandate_ui::{date, moment, redirect};
use mandate_web::{Fields, Page, Upload, render};
use uuid::Uuid;

use super::confirm::Confirm;
use super::{TOKENS, words};
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, Wrong, form_status, said_above};

#[derive(Template)]
#[template(path = "apple/token.html")]
struct Show {
    page: Page,
    id: Uuid,
    /// Name that is in force.
    title: String,
    class: &'static str,
    standing: String,
    problem: String,
    code: i64,
    facts: Vec<(String, String)>,
    has_key: bool,
    has_token: bool,
    name: String,
    apple_id: String,
    name_wrong: String,
    apple_id_wrong: String,
    file_wrong: String,
    refused: String,
    /// Id of the text that says what was done.
    done: Option<&'static str>,
    can_change: bool,
}

/// `GET /console/apple/tokens/{token}`
pub(super) async fn show_token(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    RawQuery(query): RawQuery,
) -> Answer {
    let done = match query.as_deref() {
        Some("saved") => Some("saved"),
        Some("key") => Some("apple-key-made"),
        Some("uploaded") => Some("apple-token-uploaded"),
        Some("sync") => Some("apple-sync-asked"),
        _ => None,
    };
    show(&administrator, id, (None, Wrong::new()), done).await
}

/// `POST /console/apple/tokens/{token}`: its name and the note of the account.
pub(super) async fn update(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let change = AdeTokenChange {
        name: Some(fields.text("tokenName").to_owned()),
        apple_id: Some(fields.text("appleIdentifier").to_owned()),
    };
    let engine = administrator.engine();
    let updated = engine.update_ade_token(&administrator.actor, id, &change);
    match updated.await {
        Ok(_) => Ok(redirect(&format!("{TOKENS}/{id}?saved"))),
        Err(error) => refused(&administrator, id, Some(&fields), error).await,
    }
}

/// `GET /console/apple/tokens/{token}/key`: the certificate that is uploaded at Apple, as a file.
pub(super) async fn download_key(administrator: Administrator, Path(id): Path<Uuid>) -> Answer {
    let engine = administrator.engine();
    let certificate = engine
        .ade_certificate(&administrator.actor, id, false)
        .await?;
    let headers = [
        (header::CONTENT_TYPE, "application/x-pem-file"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"mandate.pem\"",
        ),
    ];
    Ok((headers, certificate).into_response())
}

/// `POST /console/apple/tokens/{token}/key`: a new key.
pub(super) async fn make_key(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    _: Fields,
) -> Answer {
    let engine = administrator.engine();
    engine
        .ade_certificate(&administrator.actor, id, true)
        .await?;
    Ok(redirect(&format!("{TOKENS}/{id}?key")))
}

/// `POST /console/apple/tokens/{token}/upload`: the file that Apple made.
pub(super) async fn upload(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    upload: Upload,
) -> Answer {
    administrator.actor.require(Action::OrganizationUpdate)?;
    let content = upload.file("file").map(|file| &file.content[..]);
    let text = String::from_utf8_lossy(content.unwrap_or_default()).into_owned();
    let engine = administrator.engine();
    let uploaded = engine.upload_ade_token(&administrator.actor, id, (&text, None));
    match uploaded.await {
        Ok(_) => Ok(redirect(&format!("{TOKENS}/{id}?uploaded"))),
        Err(error) => refused(&administrator, id, None, error).await,
    }
}

/// `POST /console/apple/tokens/{token}/sync`
pub(super) async fn synchronise(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    _: Fields,
) -> Answer {
    let engine = administrator.engine();
    match engine.sync_ade_token(&administrator.actor, id).await {
        Ok(()) => Ok(redirect(&format!("{TOKENS}/{id}?sync"))),
        Err(error) => refused(&administrator, id, None, error).await,
    }
}

/// `GET /console/apple/tokens/{token}/remove`
pub(super) async fn ask_removal(administrator: Administrator, Path(id): Path<Uuid>) -> Answer {
    Ok(removal(&administrator, id).await?.ask())
}

/// `POST /console/apple/tokens/{token}/remove`
pub(super) async fn remove(
    administrator: Administrator,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let mut confirm = removal(&administrator, id).await?;
    if !confirm.is_typed(&fields) {
        return Ok(confirm.show());
    }
    let engine = administrator.engine();
    engine.delete_ade_token(&administrator.actor, id).await?;
    Ok(redirect(TOKENS))
}

async fn removal(administrator: &Administrator, id: Uuid) -> Result<Confirm, Failure> {
    administrator.actor.require(Action::OrganizationUpdate)?;
    let token = find(administrator, id).await?;
    let language = administrator.language();
    let title = language.text_with("apple-token-remove", &[("name", &token.name)]);
    let place = format!("{TOKENS}/{id}");
    let mut confirm = Confirm::new(administrator, title, (format!("{place}/remove"), place));
    confirm.warning = language.text("apple-token-remove-about");
    confirm.name = token.name;
    Ok(confirm)
}

/// The token of an id, or that there is none.
pub(super) async fn find(administrator: &Administrator, id: Uuid) -> Result<AdeToken, Failure> {
    let engine = administrator.engine();
    let found = engine.find_ade_token(&administrator.actor, id).await?;
    found.ok_or_else(|| Failure::not_found("token of automated enrolment", id))
}

async fn refused(
    administrator: &Administrator,
    id: Uuid,
    fields: Option<&Fields>,
    error: EngineError,
) -> Answer {
    let wrong = administrator.beside(error)?;
    show(administrator, id, (fields, wrong), None).await
}

async fn show(
    administrator: &Administrator,
    id: Uuid,
    (fields, mut wrong): (Option<&Fields>, Wrong),
    done: Option<&'static str>,
) -> Result<Response, Failure> {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let token = find(administrator, id).await?;
    let has_key = match engine.ade_certificate(actor, id, false).await {
        Ok(_) => true,
        Err(EngineError::NotPossible { .. }) => false,
        Err(error) => return Err(error.into()),
    };
    let page = administrator.page();
    let status = form_status(wrong.is_empty());
    let (class, standing) = words::standing(&page, &token);
    let typed = |name: &str, stored: &str| {
        fields.map_or_else(|| stored.to_owned(), |fields| fields.text(name).to_owned())
    };
    let template = Show {
        id,
        class,
        standing,
        problem: words::problem(&page, &token.problem),
        code: token.problem_code,
        facts: facts(&page, &token),
        has_key,
        has_token: token.expires_at.is_some(),
        name: typed("tokenName", &token.name),
        apple_id: typed(
            "appleIdentifier",
            token.apple_id.as_deref().unwrap_or_default(),
        ),
        title: token.name,
        name_wrong: wrong.remove("tokenName").unwrap_or_default(),
        apple_id_wrong: wrong.remove("appleIdentifier").unwrap_or_default(),
        file_wrong: wrong.remove("depToken").unwrap_or_default(),
        refused: said_above(wrong),
        done,
        can_change: actor.may(Action::OrganizationUpdate),
        page,
    };
    Ok(render(status, &template))
}

/// What is known of a token, each with its name; what is not known is left out.
fn facts(page: &Page, token: &AdeToken) -> Vec<(String, String)> {
    let never = || page.text("at-no-time");
    let kind = if token.is_of_school {
        "Apple School Manager"
    } else {
        "Apple Business Manager"
    };
    let known = [
        ("apple-organisation", token.organisation.clone()),
        ("apple-server", token.server_name.clone()),
        (
            "apple-kind",
            token.organisation.as_ref().map(|_| kind.to_owned()),
        ),
        ("apple-ends", token.expires_at.map(date)),
        ("apple-devices", Some(token.devices.to_string())),
        (
            "apple-synced",
            Some(token.synced_at.map_or_else(never, moment)),
        ),
        ("apple-triggered", token.triggered_at.map(moment)),
    ];
    known
        .into_iter()
        .filter_map(|(id, value)| Some((page.text(id), value?)))
        .collect()
}
