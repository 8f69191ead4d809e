//! Authorities of others that are asked by SCEP: adding one, whose certificate is pinned, and removing one.

use axum::extract::Path;
use axum::response::Response;
use mandate_engine::{Action, EngineError, NewIssuer};
use mandate_ui::redirect;
use mandate_web::{Fields, Upload};
use zeroize::Zeroizing;

use super::{PATH, encoded};
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, Wrong};
use crate::plain::{Crumb, Field, FormPage, Kind, Part, field, show_confirm, show_form};

/// Where one is added.
pub(super) const NEW: &str = "/console/certificates/issuers/new";

const FIELDS: &[Field] = &[
    field("name", Kind::Word).needed().hinted(),
    field("url", Kind::Word).needed().hinted(),
    field("fingerprint", Kind::Plain).hinted(),
    field("challenge", Kind::Secret).hinted(),
];
const MORE: &[Field] = &[
    field("revocationUrl", Kind::Text).hinted(),
    field("revocationToken", Kind::Secret),
    field("legacyDes", Kind::Tick).hinted(),
];
const PARTS: &[Part] = &[
    Part::open("issuer-f-way", FIELDS),
    Part::folded("issuer-f-more", MORE),
];

/// `GET /console/certificates/issuers/new`
pub(super) async fn show_new(administrator: Administrator) -> Answer {
    administrator.actor.require(Action::AuthoritiesUpdate)?;
    Ok(form(&administrator, &Fields::default(), None))
}

/// `POST /console/certificates/issuers/new`: without a fingerprint it is said which one is there.
pub(super) async fn create(administrator: Administrator, upload: Upload) -> Answer {
    administrator.actor.require(Action::AuthoritiesUpdate)?;
    let fields = &upload.fields;
    match add(&administrator, fields).await {
        Ok(None) => Ok(redirect(&format!("{PATH}#issuers"))),
        Ok(Some(wrong)) => Ok(form(&administrator, fields, Some(wrong))),
        Err(error) => {
            let wrong = beside(&administrator, error).map_err(Failure)?;
            Ok(form(&administrator, fields, Some(wrong)))
        }
    }
}

/// Adds it; what is wrong if the fingerprint is still to be given.
async fn add(administrator: &Administrator, fields: &Fields) -> Result<Option<Wrong>, EngineError> {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let secret = |name| {
        let text = fields.text(name);
        (!text.is_empty()).then(|| Zeroizing::new(text.to_owned()))
    };
    let address = fields.text("revocationUrl").trim();
    let new = NewIssuer {
        name: fields.text("name").trim().to_owned(),
        url: fields.text("url").trim().to_owned(),
        challenge: secret("challenge"),
        legacy_des: fields.has("legacyDes"),
        revocation_url: (!address.is_empty()).then(|| address.to_owned()),
        revocation_token: secret("revocationToken"),
    };
    let fingerprint = fields.text("fingerprint").trim();
    if fingerprint.is_empty() {
        let server = engine.inspect_issuer(actor, &new.url).await?;
        let page = administrator.page();
        let (subject, found) = (server.subject(), server.fingerprint());
        let values = [
            ("subject", subject.as_str()),
            ("fingerprint", found.as_str()),
        ];
        let text = page.language.text_with("issuer-fingerprint-is", &values);
        return Ok(Some(Wrong::from([("fingerprint".to_owned(), text)])));
    }
    engine.add_issuer(actor, new, fingerprint).await?;
    Ok(None)
}

/// `GET /console/certificates/issuers/{name}/remove`
pub(super) async fn ask_removal(administrator: Administrator, Path(name): Path<String>) -> Answer {
    let actor = &administrator.actor;
    actor.require(Action::AuthoritiesUpdate)?;
    let all = administrator.engine().list_issuers(actor).await?;
    if !all.iter().any(|issuer| issuer.name == name) {
        return Err(Failure::not_found("issuer", name));
    }
    let page = administrator.page();
    let title = page.text_with("issuer-remove-title", "name", &name);
    let about = page.text("issuer-remove-about");
    let path = format!("{PATH}/issuers/{}/remove", encoded(&name));
    Ok(show_confirm(
        &administrator,
        (title, about, "remove"),
        crumbs(&administrator),
        (path, PATH.to_owned()),
    ))
}

/// `POST /console/certificates/issuers/{name}/remove`
pub(super) async fn remove(
    administrator: Administrator,
    Path(name): Path<String>,
    _: Fields,
) -> Answer {
    let engine = administrator.engine();
    engine.remove_issuer(&administrator.actor, &name).await?;
    Ok(redirect(PATH))
}

/// What is wrong, beside the fields; that nothing answers stands beside the address.
fn beside(administrator: &Administrator, error: EngineError) -> Result<Wrong, EngineError> {
    match error {
        EngineError::IssuerUnavailable { reason, .. } => {
            let page = administrator.page();
            let text = page.text_with("issuer-unavailable", "reason", reason);
            Ok(Wrong::from([("url".to_owned(), text)]))
        }
        other => administrator.beside(other),
    }
}

fn crumbs(administrator: &Administrator) -> Vec<Crumb> {
    let title = administrator.page().text("certificates-title");
    vec![(PATH.to_owned(), title)]
}

fn form(administrator: &Administrator, given: &Fields, wrong: Option<Wrong>) -> Response {
    let page = administrator.page();
    let form = FormPage {
        title: page.text("issuer-add"),
        about: page.text("issuer-add-about"),
        crumbs: crumbs(administrator),
        action: NEW.to_owned(),
        back: PATH.to_owned(),
        prefix: "issuer-f",
        parts: PARTS,
        without: &[],
        keeps_secrets: false,
    };
    show_form(administrator, form, given, wrong)
}
