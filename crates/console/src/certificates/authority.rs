//! The issuing authority: letting a new one take over, and giving out a challenge for a client that no profile reaches.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use mandate_engine::{Action, AuthorityView, ManualChallenge, NewChallenge};
use mandate_model::{CertificateTemplate, Timestamp};
use mandate_pki::keys::KeyKind;
use mandate_ui::redirect;
use mandate_web::{Fields, Page, render};

use super::PATH;
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, Wrong, form_status, said_above, said_of};

/// Kinds of key for an authority, by their names in the form.
const KINDS: [(&str, KeyKind); 5] = [
    ("rsa2048", KeyKind::Rsa2048),
    ("rsa3072", KeyKind::Rsa3072),
    ("rsa4096", KeyKind::Rsa4096),
    ("p256", KeyKind::P256),
    ("p384", KeyKind::P384),
];
/// For how long a challenge may be used: name in the form, microseconds.
const LIFETIMES: [(&str, i64); 3] = [
    ("1h", Timestamp::HOUR),
    ("1d", Timestamp::DAY),
    ("7d", 7 * Timestamp::DAY),
];

#[derive(Template)]
#[template(path = "certificates/roll-over.html")]
struct RollOver {
    page: Page,
    current: AuthorityView,
    kinds: Vec<(&'static str, bool)>,
    typed: String,
    typed_wrong: String,
    problem: String,
}

#[derive(Template)]
#[template(path = "certificates/challenge.html")]
struct Challenge {
    page: Page,
    subject: String,
    days: String,
    templates: Vec<(String, bool)>,
    lifetimes: Vec<(&'static str, String, bool)>,
    subject_wrong: String,
    days_wrong: String,
    problem: String,
}

#[derive(Template)]
#[template(path = "certificates/challenge-made.html")]
#[expect(clippy::struct_field_names, reason = "the page shows what was made")]
struct Made {
    page: Page,
    made: ManualChallenge,
    address: String,
}

/// `GET /console/certificates/roll-over`
pub(super) async fn ask_roll_over(administrator: Administrator) -> Answer {
    administrator.actor.require(Action::AuthoritiesUpdate)?;
    roll_over_form(&administrator, &Fields::default(), Wrong::new()).await
}

/// `POST /console/certificates/roll-over`: only with the name of the authority that is to stop issuing.
pub(super) async fn roll_over(administrator: Administrator, fields: Fields) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    actor.require(Action::AuthoritiesUpdate)?;
    let current = current(&administrator).await?;
    if fields.text("subject").trim() != current.subject {
        let sentence = administrator
            .language()
            .text("certificates-roll-over-typed-wrong");
        let wrong = Wrong::from([("subject".to_owned(), sentence)]);
        return roll_over_form(&administrator, &fields, wrong).await;
    }
    let kind = KINDS
        .into_iter()
        .find(|(name, _)| *name == fields.text("key"));
    let kind = kind.map_or(KeyKind::Rsa2048, |(_, kind)| kind);
    match engine.roll_over(actor, kind).await {
        Ok(_) => Ok(redirect(PATH)),
        Err(error) => {
            let wrong = administrator.beside(error)?;
            roll_over_form(&administrator, &fields, wrong).await
        }
    }
}

async fn current(administrator: &Administrator) -> Result<AuthorityView, Failure> {
    let engine = administrator.engine();
    let all = engine.show_authorities(&administrator.actor).await?;
    let current = all.into_iter().find(|one| one.is_current);
    current.ok_or_else(|| Failure::not_found("certificate authority", ""))
}

async fn roll_over_form(
    administrator: &Administrator,
    fields: &Fields,
    mut wrong: Wrong,
) -> Answer {
    let current = current(administrator).await?;
    let status = form_status(wrong.is_empty());
    let chosen = match fields.text("key") {
        "" => current.key,
        chosen => chosen,
    };
    let template = RollOver {
        page: administrator.page(),
        kinds: KINDS.map(|(name, _)| (name, name == chosen)).into(),
        typed: fields.text("subject").to_owned(),
        typed_wrong: wrong.remove("subject").unwrap_or_default(),
        problem: said_above(wrong),
        current,
    };
    Ok(render(status, &template))
}

/// `GET /console/certificates/challenge`
pub(super) async fn ask_challenge(administrator: Administrator) -> Answer {
    administrator.actor.require(Action::AuthoritiesUpdate)?;
    let templates = templates(&administrator).await?;
    let empty = Fields::default();
    Ok(challenge_form(
        &administrator,
        &templates,
        &empty,
        Wrong::new(),
    ))
}

/// `POST /console/certificates/challenge`: it is shown this one time.
pub(super) async fn make_challenge(administrator: Administrator, fields: Fields) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    actor.require(Action::AuthoritiesUpdate)?;
    let days = fields.text("days").trim();
    let mut lifetimes = LIFETIMES.into_iter();
    let lifetime = lifetimes.rfind(|(name, _)| *name == fields.text("valid"));
    let new = NewChallenge {
        subject: fields.text("subject").trim().to_owned(),
        alternative_names: Vec::new(),
        template: fields.text("template").to_owned(),
        key_bits: None,
        // What is no number is out of range.
        validity_days: (!days.is_empty()).then(|| days.parse().unwrap_or_default()),
        lifetime: lifetime.map_or(Timestamp::HOUR, |(_, lifetime)| lifetime),
    };
    match engine.mint_manual_challenge(actor, new).await {
        Ok(made) => {
            let template = Made {
                address: format!("{}/scep", administrator.base_url()),
                page: administrator.page(),
                made,
            };
            Ok(render(StatusCode::OK, &template))
        }
        Err(error) => {
            let wrong = administrator.beside(error)?;
            let templates = templates(&administrator).await?;
            Ok(challenge_form(&administrator, &templates, &fields, wrong))
        }
    }
}

async fn templates(administrator: &Administrator) -> Result<Vec<String>, Failure> {
    let engine = administrator.engine();
    let all = engine.certificate_templates(&administrator.actor).await?;
    Ok(all.into_iter().map(|one| one.name).collect())
}

fn challenge_form(
    administrator: &Administrator,
    templates: &[String],
    fields: &Fields,
    mut wrong: Wrong,
) -> Response {
    let page = administrator.page();
    let status = form_status(wrong.is_empty());
    let chosen = |field, usual| match fields.text(field) {
        "" => usual,
        chosen => chosen,
    };
    let template = chosen("template", CertificateTemplate::DEFAULT);
    let valid = chosen("valid", "1h");
    let challenge = Challenge {
        subject_wrong: said_of(&mut wrong, &page, ("subject", "certificates-subject-wrong")),
        days_wrong: wrong.remove("days").unwrap_or_default(),
        problem: said_above(wrong),
        subject: fields.text("subject").to_owned(),
        days: fields.text("days").to_owned(),
        templates: templates
            .iter()
            .map(|name| (name.clone(), name == template))
            .collect(),
        lifetimes: LIFETIMES
            .map(|(name, _)| {
                let text = page.text(&format!("certificates-valid-{name}"));
                (name, text, name == valid)
            })
            .into(),
        page,
    };
    render(status, &challenge)
}
