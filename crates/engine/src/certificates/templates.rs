//! Certificate templates, and what the certificate services offer to profiles.

use mandate_model::{CertificateServices, CertificateTemplate, ExternalIssuer};
use mandate_pki::Oid;
use mandate_store::{Session, StoreError};
use serde_json::json;

use super::issue::is_reserved;
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError};

/// The setting by which profiles name a template.
const SETTING: &str = "certificateTemplateName";
/// What the audit calls templates.
const KIND: &str = "certificateTemplate";
const NAME_LENGTH: usize = 64;
const KEY_SIZES: [u32; 3] = [2048, 3072, 4096];

/// What profiles can be given: built-in templates, those of the organisation, and issuers of others.
pub(crate) async fn services(session: &mut Session) -> Result<CertificateServices, EngineError> {
    let mut services = CertificateServices::default();
    for text in session.list_certificate_templates().await? {
        let template = read(&text)?;
        services.templates.insert(template.name.clone(), template);
    }
    services.issuers = session
        .list_external_issuers()
        .await?
        .into_iter()
        .map(|issuer| ExternalIssuer {
            name: issuer.name,
            url: issuer.url,
        })
        .collect();
    Ok(services)
}

fn read(text: &str) -> Result<CertificateTemplate, EngineError> {
    serde_json::from_str(text)
        .map_err(|error| EngineError::Internal(format!("table `certificate_template`: {error}")))
}

impl Engine {
    /// All templates by name, the built-in ones among them.
    pub async fn certificate_templates(
        &self,
        actor: &Actor,
    ) -> Result<Vec<CertificateTemplate>, EngineError> {
        actor.require(Action::TemplatesRead)?;
        let mut session = self.store().read().await?;
        Ok(services(&mut session)
            .await?
            .templates
            .into_values()
            .collect())
    }

    /// Adds a template.
    pub async fn add_certificate_template(
        &self,
        actor: &Actor,
        template: CertificateTemplate,
    ) -> Result<CertificateTemplate, EngineError> {
        actor.require(Action::TemplatesUpdate)?;
        check(&template)?;
        let taken = || EngineError::AlreadyExists {
            what: "certificate template",
            property: "name",
            value: template.name.clone(),
        };
        if is_built_in(&template.name) {
            return Err(taken());
        }
        let content = serde_json::to_string(&template)
            .map_err(|error| EngineError::Internal(error.to_string()))?;
        let mut session = self.store().write().await?;
        session
            .insert_certificate_template(&template.name, &content)
            .await
            .map_err(|error| match error {
                StoreError::Duplicate => taken(),
                other => other.into(),
            })?;
        session.raise_intent().await?;
        let change = Change::create(KIND, &template.name, &template.label, json!(template));
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(template)
    }

    /// Removes a template that no profile names.
    pub async fn remove_certificate_template(
        &self,
        actor: &Actor,
        name: &str,
    ) -> Result<(), EngineError> {
        actor.require(Action::TemplatesUpdate)?;
        if is_built_in(name) {
            return Err(EngineError::NotPossible {
                reason: format!("the template `{name}` is built in and stays"),
            });
        }
        let mut session = self.store().write().await?;
        let intent = self.intent(&mut session).await?;
        let by: Vec<String> = intent
            .profiles
            .values()
            .filter(|profile| {
                profile
                    .settings
                    .get(SETTING)
                    .and_then(|value| value.as_str())
                    == Some(name)
            })
            .map(|profile| profile.display_name.clone())
            .collect();
        if !by.is_empty() {
            return Err(EngineError::InUse {
                what: "the certificate template",
                name: name.to_owned(),
                by,
            });
        }
        let before = services(&mut session).await?.templates.remove(name);
        if !session.delete_certificate_template(name).await? {
            return Err(EngineError::not_found("certificate template", name));
        }
        session.raise_intent().await?;
        let change = Change::delete(KIND, name, name, json!(before));
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }
}

fn is_built_in(name: &str) -> bool {
    CertificateTemplate::built_in()
        .iter()
        .any(|template| template.name.eq_ignore_ascii_case(name))
}

fn check(template: &CertificateTemplate) -> Result<(), EngineError> {
    let name = &template.name;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_ .".contains(c);
    if name.is_empty()
        || name.len() > NAME_LENGTH
        || name.trim() != name
        || !name.chars().all(is_plain)
    {
        let rule = "must have 1 to 64 letters, digits, spaces and `-_.`";
        return Err(EngineError::invalid("name", rule, Some(name)));
    }
    if !KEY_SIZES.contains(&template.key_bits) {
        let bits = template.key_bits.to_string();
        let rule = "must be 2048, 3072 or 4096";
        return Err(EngineError::invalid("keyBits", rule, Some(&bits)));
    }
    if !(template.digital_signature || template.key_encipherment || template.non_repudiation) {
        let rule = "or `keyEncipherment` or `nonRepudiation` must be true";
        return Err(EngineError::invalid("digitalSignature", rule, None));
    }
    let days = template.maximum_validity_days;
    if !(CertificateTemplate::MINIMUM_VALIDITY_DAYS..=CertificateTemplate::MAXIMUM_VALIDITY_DAYS)
        .contains(&days)
    {
        let rule = "must lie between 5 and 731 days";
        let days = days.to_string();
        return Err(EngineError::invalid(
            "maximumValidityDays",
            rule,
            Some(&days),
        ));
    }
    for dotted in &template.extended_key_usages {
        let rule = match Oid::new(dotted) {
            Err(_) => "must be dotted object identifiers",
            Ok(usage) if is_reserved(&usage) => {
                "must not contain OCSP signing, by which somebody would answer for the authority"
            }
            Ok(_) => continue,
        };
        return Err(EngineError::invalid(
            "extendedKeyUsages",
            rule,
            Some(dotted),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template() -> CertificateTemplate {
        CertificateTemplate {
            name: "Guests".to_owned(),
            ..CertificateTemplate::built_in().remove(0)
        }
    }

    type Breaking = fn(&mut CertificateTemplate);

    #[test]
    fn what_no_certificate_could_be_issued_by_is_refused_by_name() {
        assert!(check(&template()).is_ok());
        let broken: [(&str, Breaking); 6] = [
            ("name", |one| one.name = " x".to_owned()),
            ("keyBits", |one| one.key_bits = 1024),
            ("digitalSignature", |one| {
                one.digital_signature = false;
                one.non_repudiation = false;
            }),
            ("maximumValidityDays", |one| one.maximum_validity_days = 4),
            ("extendedKeyUsages", |one| {
                one.extended_key_usages.push("mail".to_owned());
            }),
            ("extendedKeyUsages", |one| {
                one.extended_key_usages.push("1.3.6.1.5.5.7.3.9".to_owned());
            }),
        ];
        for (property, break_it) in broken {
            let mut template = template();
            break_it(&mut template);
            let EngineError::Invalid(violations) = check(&template).unwrap_err() else {
                panic!("{property}: another error");
            };
            assert_eq!(violations[0].property, property);
        }
    }

    #[test]
    fn built_in_names_are_taken_in_any_case() {
        assert!(is_built_in("SIGNING") && !is_built_in("guests"));
    }
}
