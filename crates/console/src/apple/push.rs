//! The certificate by which Apple's push service knows this server: how it stands, getting it, renewing it, removing it.

use askama::Template;
use axum::extract::RawQuery;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use mandate_engine::{Action, PushCertificate, PushStanding};
use mandate_pki::certificate::Certificate;
use mandate_pki::csr::CertificateSigningRequest;
use mandate_ui::redirect;
use mandate_web::{Fields, Page, Upload, render};

use super::PATH;
use super::confirm::Confirm;
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, form_status, said_above};

#[derive(Template)]
#[template(path = "apple/push.html")]
struct Show {
    page: Page,
    push: Option<View>,
    /// How many devices are bound to it.
    devices: i64,
    /// What the service says against it.
    trouble: Option<String>,
    typed: Typed,
    is_done: bool,
    can_change: bool,
}

/// The certificate in force.
struct View {
    topic: String,
    apple_id: String,
    serial: String,
    ends: String,
    stored: String,
    class: &'static str,
    standing: String,
}

/// What was typed for a certificate, and what is wrong with it.
#[derive(Default)]
struct Typed {
    certificate: String,
    apple_id: String,
    certificate_wrong: String,
    apple_id_wrong: String,
    problem: String,
}

/// `GET /console/apple`
pub(super) async fn show_push(administrator: Administrator, RawQuery(query): RawQuery) -> Answer {
    let is_done = query.as_deref() == Some("done");
    show(&administrator, Typed::default(), is_done).await
}

/// `POST /console/apple/push/request`: the request as a file.
pub(super) async fn request(administrator: Administrator, _: Fields) -> Answer {
    let engine = administrator.engine();
    let request = engine
        .push_certificate_request(&administrator.actor)
        .await?;
    let text = CertificateSigningRequest::from_der(&request)?.to_pem();
    let headers = [
        (header::CONTENT_TYPE, "application/pkcs10"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"push.csr\"",
        ),
    ];
    Ok((headers, text).into_response())
}

/// `POST /console/apple`: the certificate that came back, as a file or pasted.
pub(super) async fn store(administrator: Administrator, upload: Upload) -> Answer {
    let actor = &administrator.actor;
    actor.require(Action::OrganizationUpdate)?;
    let pasted = upload.fields.text("certificate").to_owned();
    let certificate = match upload.file("file") {
        Some(file) => text_of(&file.content),
        None => pasted.clone(),
    };
    let apple_id = upload.fields.text("appleIdentifier").trim().to_owned();
    let stored = administrator.engine().store_push_certificate(
        actor,
        &certificate,
        Some(apple_id.clone()).filter(|id| !id.is_empty()),
    );
    match stored.await {
        Ok(_) => Ok(redirect(&format!("{PATH}?done"))),
        Err(error) => {
            let mut wrong = administrator.beside(error)?;
            let typed = Typed {
                certificate: pasted,
                apple_id,
                certificate_wrong: wrong.remove("certificate").unwrap_or_default(),
                apple_id_wrong: wrong.remove("appleIdentifier").unwrap_or_default(),
                problem: said_above(wrong),
            };
            show(&administrator, typed, false).await
        }
    }
}

/// `GET /console/apple/push/remove`
pub(super) async fn ask_removal(administrator: Administrator) -> Answer {
    Ok(removal(&administrator).await?.ask())
}

/// `POST /console/apple/push/remove`
pub(super) async fn remove(administrator: Administrator, fields: Fields) -> Answer {
    let mut confirm = removal(&administrator).await?;
    if !confirm.is_possible || !confirm.is_typed(&fields) {
        return Ok(confirm.show());
    }
    let engine = administrator.engine();
    match engine.remove_push_certificate(&administrator.actor).await {
        Ok(()) => Ok(redirect(&format!("{PATH}?done"))),
        Err(error) => {
            confirm.problem = said_above(administrator.beside(error)?);
            Ok(confirm.show())
        }
    }
}

async fn removal(administrator: &Administrator) -> Result<Confirm, Failure> {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    actor.require(Action::OrganizationUpdate)?;
    let push = engine.push_certificate(actor).await?;
    push.ok_or_else(|| Failure::not_found("push certificate", ""))?;
    let devices = engine.devices_on_push_certificate(actor).await?;
    let language = administrator.language();
    let paths = (format!("{PATH}/push/remove"), PATH.to_owned());
    let mut confirm = Confirm::new(administrator, language.text("apple-push-remove"), paths);
    confirm.warning = language.text("apple-push-remove-about");
    confirm.name.clone_from(&engine.tenant().company);
    if devices > 0 {
        confirm.is_possible = false;
        confirm.problem = language.text_with(
            "apple-push-remove-devices",
            &[("count", &devices.to_string())],
        );
    }
    Ok(confirm)
}

async fn show(
    administrator: &Administrator,
    typed: Typed,
    is_done: bool,
) -> Result<Response, Failure> {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let page = administrator.page();
    let push = engine.push_certificate(actor).await?;
    let is_right = [
        &typed.certificate_wrong,
        &typed.apple_id_wrong,
        &typed.problem,
    ];
    let status = form_status(is_right.iter().all(|text| text.is_empty()));
    let template = Show {
        push: push.map(|push| view(&page, administrator, push)),
        devices: engine.devices_on_push_certificate(actor).await?,
        trouble: engine.push_problem(),
        typed,
        is_done,
        can_change: actor.may(Action::OrganizationUpdate),
        page,
    };
    Ok(render(status, &template))
}

fn view(page: &Page, administrator: &Administrator, push: PushCertificate) -> View {
    let now = administrator.engine().now();
    let of = |id: &str, days: i64| page.text_with(id, "days", days);
    let (class, standing) = match push.standing(now) {
        PushStanding::Good(days) => ("succeeded", of("apple-push-good", days)),
        PushStanding::EndsSoon(days) => ("pending", of("apple-push-soon", days)),
        PushStanding::Grace(days) => ("error", of("apple-push-grace", days)),
        PushStanding::Ended => ("error", page.text("apple-push-ended")),
    };
    View {
        ends: mandate_ui::date(push.not_after),
        stored: mandate_ui::date(push.modified_at),
        topic: push.topic,
        apple_id: push.apple_id.unwrap_or_default(),
        serial: push.serial,
        class,
        standing,
    }
}

/// A certificate file as text: PEM as it is, DER as PEM. What is neither breaks the rule for it.
fn text_of(content: &[u8]) -> String {
    match Certificate::from_der(content) {
        Ok(certificate) => certificate.to_pem(),
        Err(_) => String::from_utf8_lossy(content).into_owned(),
    }
}
