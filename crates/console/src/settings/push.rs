//! The certificate by which Apple's push service knows this server.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use mandate_engine::{Action, PushCertificate};
use mandate_pki::csr::CertificateSigningRequest;
use mandate_ui::redirect;
use mandate_web::{Fields, Page, render};

use super::PATH;
use super::show::{Typed, show};
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, said_above};

#[derive(Template)]
#[template(path = "settings/remove.html")]
struct Remove {
    page: Page,
    push: PushCertificate,
}

/// `POST /console/settings/push/request`: the request as a file.
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

/// `POST /console/settings/push`: the certificate that came back.
pub(super) async fn store(administrator: Administrator, fields: Fields) -> Answer {
    let certificate = fields.text("certificate");
    let apple_id = fields.text("appleId").trim();
    let engine = administrator.engine();
    let stored = engine.store_push_certificate(
        &administrator.actor,
        certificate,
        Some(apple_id.to_owned()).filter(|id| !id.is_empty()),
    );
    match stored.await {
        Ok(_) => Ok(redirect(&format!("{PATH}?done"))),
        Err(error) => {
            let wrong = administrator.beside(error).map_err(Failure)?;
            let typed = Typed {
                certificate: certificate.to_owned(),
                apple_id: apple_id.to_owned(),
                wrong: said_above(wrong),
            };
            show(&administrator, typed, false).await
        }
    }
}

/// `GET /console/settings/push/remove`
pub(super) async fn ask_removal(administrator: Administrator) -> Answer {
    administrator.actor.require(Action::OrganizationUpdate)?;
    let engine = administrator.engine();
    let push = engine.push_certificate(&administrator.actor).await?;
    let push = push.ok_or_else(|| Failure::not_found("push certificate", ""))?;
    let page = administrator.page();
    Ok(render(StatusCode::OK, &Remove { page, push }))
}

/// `POST /console/settings/push/remove`
pub(super) async fn remove(administrator: Administrator, _: Fields) -> Answer {
    let engine = administrator.engine();
    engine.remove_push_certificate(&administrator.actor).await?;
    Ok(redirect(&format!("{PATH}?done")))
}
