//! Where the secret key is. That is asked before all else, and of nothing but the flag, variables, the file and systemd.

use std::path::Path;

use anyhow::bail;

use super::resolver::{FILE, Resolver, Setting, read_file, variable};
use crate::secret_key::{self, KeySource};

/// What says where the secret key is: a flag, then variables, `mandate.toml` and systemd.
pub(crate) fn key_settings(
    data: &Path,
    flag: Option<&str>,
) -> anyhow::Result<secret_key::Settings> {
    Ok(find_key_settings(&variable, &read_file(data)?, flag)?.0)
}

/// The same, with where it was said.
fn find_key_settings(
    variable: &dyn Fn(&str) -> Option<String>,
    file: &toml::Table,
    flag: Option<&str>,
) -> anyhow::Result<(secret_key::Settings, Vec<Setting>)> {
    let mut resolver = Resolver {
        variable,
        file,
        settings: Vec::new(),
    };
    if let Some(other) = file.get("secret_key_command")
        && !other.is_str()
    {
        bail!(
            "`{FILE}`: `secret_key_command` is a {}, but must be a text: the program and its arguments, parted by blanks",
            other.type_str()
        );
    }
    let settings = secret_key::Settings {
        file: resolver.text("secret_key", flag.map(str::to_owned), None)?,
        credentials: variable("CREDENTIALS_DIRECTORY"),
        command: resolver.text("secret_key_command", None, None)?,
    };
    Ok((settings, resolver.settings))
}

/// Where the secret key comes from, as people may see it.
pub(crate) fn key_setting(data: &Path, flag: Option<&str>) -> anyhow::Result<Setting> {
    let (settings, said) = find_key_settings(&variable, &read_file(data)?, flag)?;
    let source = KeySource::choose(data, &settings)?;
    let (key, said_in) = match &source {
        KeySource::File {
            is_default: false, ..
        } => ("secret_key", Some("secret_key")),
        KeySource::File { .. } | KeySource::Credential(_) => ("secret_key", None),
        KeySource::Command(_) => ("secret_key_command", Some("secret_key_command")),
    };
    let said = said
        .into_iter()
        .find(|setting| Some(setting.key) == said_in);
    Ok(Setting {
        key,
        value: source.shown(),
        source: match (said, &source) {
            (Some(said), _) => said.source,
            (None, KeySource::Credential(_)) => "systemd".to_owned(),
            (None, _) => "default".to_owned(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_a_text() {
        let nothing = |_: &str| None;
        let read = |file: &str| find_key_settings(&nothing, &file.parse().unwrap(), None);
        let error = read("secret_key_command = [\"pass\", \"show\"]").unwrap_err();
        assert!(error.to_string().contains("must be a text"), "{error}");
        let (settings, said) = read("secret_key_command = \"pass show\"").unwrap();
        assert_eq!(settings.command.as_deref(), Some("pass show"));
        assert_eq!(said[0].source, FILE);
    }
}
