//! `mandate ca template`.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use mandate_engine::Actor;
use mandate_model::{AlternativeNameForm, CertificateTemplate};
use serde::Deserialize;
use serde_json::json;

use super::Place;
use crate::output;

/// Templates that say what certificates are good for
#[derive(Debug, Args)]
pub(super) struct Template {
    #[command(subcommand)]
    command: TemplateCommand,
}

#[derive(Debug, Subcommand)]
enum TemplateCommand {
    /// List them, the built-in ones among them
    List(List),
    /// Add one from a JSON file
    Add(Add),
    /// Remove one that no profile names
    Remove(Remove),
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
struct Add {
    #[command(flatten)]
    place: Place,
    /// The file: one object with the properties that `list --json` shows
    file: PathBuf,
}

#[derive(Debug, Args)]
struct Remove {
    #[command(flatten)]
    place: Place,
    /// Its name
    name: String,
}

/// What a file says; what it leaves out is as in the template for client authentication.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
    name: String,
    label: Option<String>,
    key_bits: Option<u32>,
    digital_signature: Option<bool>,
    key_encipherment: Option<bool>,
    non_repudiation: Option<bool>,
    extended_key_usages: Option<Vec<String>>,
    maximum_validity_days: Option<i64>,
    alternative_names: Option<Vec<AlternativeNameForm>>,
}

impl File {
    fn template(self) -> CertificateTemplate {
        let usual = CertificateTemplate::built_in()
            .into_iter()
            .find(|template| template.name == CertificateTemplate::DEFAULT)
            .expect("the default template is built in");
        CertificateTemplate {
            label: self.label.unwrap_or_else(|| self.name.clone()),
            name: self.name,
            key_bits: self.key_bits.unwrap_or(usual.key_bits),
            digital_signature: self.digital_signature.unwrap_or(usual.digital_signature),
            key_encipherment: self.key_encipherment.unwrap_or(usual.key_encipherment),
            non_repudiation: self.non_repudiation.unwrap_or(usual.non_repudiation),
            extended_key_usages: self
                .extended_key_usages
                .unwrap_or(usual.extended_key_usages),
            maximum_validity_days: self
                .maximum_validity_days
                .unwrap_or(usual.maximum_validity_days),
            alternative_names: self.alternative_names.unwrap_or(usual.alternative_names),
        }
    }
}

impl Template {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            TemplateCommand::List(list) => list.run().await,
            TemplateCommand::Add(add) => add.run().await,
            TemplateCommand::Remove(remove) => remove.run().await,
        }
    }
}

impl List {
    async fn run(self) -> anyhow::Result<()> {
        let engine = self.place.engine().await?;
        let templates = engine.certificate_templates(&Actor::system()).await?;
        engine.store().close().await;
        if self.place.json {
            output::json(&templates);
            return Ok(());
        }
        for template in templates {
            output::line(&format!(
                "{:<24}{:<28}{} bits, up to {} days, {}",
                template.name,
                template.label,
                template.key_bits,
                template.maximum_validity_days,
                template.extended_key_usages.join(" "),
            ));
        }
        Ok(())
    }
}

impl Add {
    async fn run(self) -> anyhow::Result<()> {
        let text = std::fs::read_to_string(&self.file)
            .with_context(|| format!("cannot read `{}`", self.file.display()))?;
        let file: File = serde_json::from_str(&text)
            .with_context(|| format!("`{}` is no template", self.file.display()))?;
        let engine = self.place.engine().await?;
        let template = engine
            .add_certificate_template(&Actor::system(), file.template())
            .await?;
        engine.store().close().await;
        if self.place.json {
            output::json(&template);
        } else {
            output::line(&format!("added the template `{}`", template.name));
        }
        Ok(())
    }
}

impl Remove {
    async fn run(self) -> anyhow::Result<()> {
        let engine = self.place.engine().await?;
        engine
            .remove_certificate_template(&Actor::system(), &self.name)
            .await?;
        engine.store().close().await;
        if self.place.json {
            output::json(&json!({ "removed": self.name }));
        } else {
            output::line(&format!("removed the template `{}`", self.name));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_what_differs_from_client_authentication() {
        let file: File = serde_json::from_str(
            r#"{ "name": "guests", "maximumValidityDays": 5, "alternativeNames": ["emailAddress"] }"#,
        )
        .unwrap();
        let template = file.template();
        assert_eq!(template.label, "guests");
        assert_eq!(template.maximum_validity_days, 5);
        assert_eq!(
            template.alternative_names,
            [AlternativeNameForm::EmailAddress]
        );
        assert_eq!(template.extended_key_usages, ["1.3.6.1.5.5.7.3.2"]);
    }

    #[test]
    fn a_property_that_there_is_none_of_is_refused_by_name() {
        let read = serde_json::from_str::<File>(r#"{ "name": "guests", "keyBit": 2048 }"#);
        assert!(read.unwrap_err().to_string().contains("keyBit"));
    }
}
