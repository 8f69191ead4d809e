//! Templates that say what certificates are good for: adding one, and removing one that no profile names.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use mandate_engine::Action;
use mandate_model::{AlternativeNameForm, CertificateTemplate};
use mandate_ui::redirect;
use mandate_web::{Fields, Page, render};

use super::PATH;
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, Wrong, form_status, said_above};

/// What a key may be good for: name of the field, id of its text.
const USES: [(&str, &str); 3] = [
    ("digitalSignature", "certificates-may-sign"),
    ("keyEncipherment", "certificates-may-decipher"),
    ("nonRepudiation", "certificates-may-commit"),
];

/// Forms of alternative names: name in the form, id of its text.
const FORMS: [(AlternativeNameForm, &str, &str); 4] = [
    (
        AlternativeNameForm::EmailAddress,
        "email",
        "certificates-form-email",
    ),
    (
        AlternativeNameForm::UserPrincipalName,
        "upn",
        "certificates-form-upn",
    ),
    (
        AlternativeNameForm::DomainNameService,
        "dns",
        "certificates-form-dns",
    ),
    (
        AlternativeNameForm::UniformResourceIdentifier,
        "uri",
        "certificates-form-uri",
    ),
];

#[derive(Template)]
#[template(path = "certificates/template.html")]
struct Edit {
    page: Page,
    name: String,
    label: String,
    key_bits: Vec<(&'static str, bool)>,
    uses: Vec<(&'static str, String, bool)>,
    forms: Vec<(&'static str, String, bool)>,
    /// One a line.
    extended: String,
    days: String,
    name_wrong: String,
    uses_wrong: String,
    extended_wrong: String,
    days_wrong: String,
    problem: String,
}

#[derive(Template)]
#[template(path = "certificates/template-remove.html")]
struct Remove {
    page: Page,
    name: String,
    problem: String,
}

/// `GET /console/certificates/templates/new`: filled in as the template for client authentication.
pub(super) async fn show_new(administrator: Administrator) -> Answer {
    administrator.actor.require(Action::TemplatesUpdate)?;
    let built_in = CertificateTemplate::built_in().into_iter();
    let mut usual = built_in.filter(|one| one.name == CertificateTemplate::DEFAULT);
    let usual = usual.next_back().map(|usual| CertificateTemplate {
        name: String::new(),
        label: String::new(),
        ..usual
    });
    let template = usual.unwrap_or_else(|| read(&Fields::default()));
    let days = template.maximum_validity_days.to_string();
    Ok(form(&administrator, (&template, days), Wrong::new()))
}

/// `POST /console/certificates/templates/new`
pub(super) async fn create(administrator: Administrator, fields: Fields) -> Answer {
    let template = read(&fields);
    let engine = administrator.engine();
    let added = engine
        .add_certificate_template(&administrator.actor, template.clone())
        .await;
    match added {
        Ok(_) => Ok(redirect(PATH)),
        Err(error) => {
            let wrong = administrator.beside(error)?;
            let days = fields.text("maximumValidityDays").to_owned();
            Ok(form(&administrator, (&template, days), wrong))
        }
    }
}

/// `GET /console/certificates/templates/{name}/remove`
pub(super) async fn ask_removal(administrator: Administrator, Path(name): Path<String>) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    actor.require(Action::TemplatesUpdate)?;
    let templates = engine.certificate_templates(actor).await?;
    if !templates.iter().any(|one| one.name == name) {
        return Err(Failure::not_found("certificate template", name));
    }
    Ok(removal(&administrator, name, String::new()))
}

/// `POST /console/certificates/templates/{name}/remove`
pub(super) async fn remove(
    administrator: Administrator,
    Path(name): Path<String>,
    _: Fields,
) -> Answer {
    let engine = administrator.engine();
    let removed = engine
        .remove_certificate_template(&administrator.actor, &name)
        .await;
    match removed {
        Ok(()) => Ok(redirect(PATH)),
        Err(error) => {
            let problem = said_above(administrator.beside(error)?);
            Ok(removal(&administrator, name, problem))
        }
    }
}

fn removal(administrator: &Administrator, name: String, problem: String) -> Response {
    let status = form_status(problem.is_empty());
    let page = administrator.page();
    render(
        status,
        &Remove {
            page,
            name,
            problem,
        },
    )
}

/// What a form says. What is no number breaks the rule for it.
fn read(fields: &Fields) -> CertificateTemplate {
    let text = |name| fields.text(name).trim().to_owned();
    let number = |name| fields.text(name).trim().parse::<u32>().unwrap_or_default();
    let name = text("name");
    let label = Some(text("label")).filter(|label| !label.is_empty());
    let lines = fields.text("extendedKeyUsages").split_whitespace();
    let forms = FORMS.into_iter();
    CertificateTemplate {
        label: label.unwrap_or_else(|| name.clone()),
        name,
        key_bits: number("keyBits"),
        digital_signature: fields.has("digitalSignature"),
        key_encipherment: fields.has("keyEncipherment"),
        non_repudiation: fields.has("nonRepudiation"),
        extended_key_usages: lines.map(str::to_owned).collect(),
        maximum_validity_days: i64::from(number("maximumValidityDays")),
        alternative_names: forms
            .filter(|(_, name, _)| fields.all("form").any(|chosen| chosen == *name))
            .map(|(form, _, _)| form)
            .collect(),
    }
}

fn form(
    administrator: &Administrator,
    (template, days): (&CertificateTemplate, String),
    mut wrong: Wrong,
) -> Response {
    let page = administrator.page();
    let status = form_status(wrong.is_empty());
    let mut of = |property: &str| wrong.remove(property).unwrap_or_default();
    let is_used = |name| match name {
        "digitalSignature" => template.digital_signature,
        "keyEncipherment" => template.key_encipherment,
        _ => template.non_repudiation,
    };
    let bits = template.key_bits.to_string();
    let edit = Edit {
        name_wrong: of("name"),
        uses_wrong: of("digitalSignature"),
        extended_wrong: of("extendedKeyUsages"),
        days_wrong: of("maximumValidityDays"),
        problem: said_above(wrong),
        name: template.name.clone(),
        label: template.label.clone(),
        key_bits: ["2048", "3072", "4096"]
            .map(|one| (one, one == bits))
            .into(),
        uses: USES
            .map(|(name, id)| (name, page.text(id), is_used(name)))
            .into(),
        forms: FORMS
            .map(|(form, name, id)| {
                let is_chosen = template.alternative_names.contains(&form);
                (name, page.text(id), is_chosen)
            })
            .into(),
        extended: template.extended_key_usages.join("\n"),
        days,
        page,
    };
    render(status, &edit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_says_a_template_and_junk_breaks_its_rules() {
        let said = [
            ("name", " Guests "),
            ("keyBits", "3072"),
            ("digitalSignature", "on"),
            ("extendedKeyUsages", "1.2.3\r\n\r\n1.2.4 "),
            ("maximumValidityDays", "30"),
            ("form", "dns"),
            ("form", "nonsense"),
        ];
        let pairs = said.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let template = read(&pairs.into_iter().collect());
        assert_eq!(
            (template.name.as_str(), template.label.as_str()),
            ("Guests", "Guests")
        );
        assert_eq!(template.extended_key_usages, ["1.2.3", "1.2.4"]);
        assert_eq!(
            template.alternative_names,
            [AlternativeNameForm::DomainNameService]
        );
        assert!(template.digital_signature && !template.key_encipherment);
        let junk = [("keyBits".to_owned(), "-1".to_owned())];
        assert_eq!(read(&junk.into_iter().collect()).key_bits, 0);
    }
}
