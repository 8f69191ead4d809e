//! Our commands against Apple's own schema, where a copy of it lies beside the workspace.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mandate_apple::wire::{Command, DeviceQuery};
use mandate_model::EnrolmentType;
use serde_yaml_ng::Value as Yaml;

use super::commands::{one_of_each, written};

fn schema(file: &str) -> Option<Yaml> {
    let folder: PathBuf =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/apple/schema/mdm");
    if !folder.is_dir() {
        eprintln!("SKIPPED: no copy of Apple's schema at {}", folder.display());
        return None;
    }
    Some(serde_yaml_ng::from_str(&std::fs::read_to_string(folder.join(file)).unwrap()).unwrap())
}

fn file(command: &Command) -> &'static str {
    match command {
        Command::InstallProfile(_) => "commands/profile.install.yaml",
        Command::RemoveProfile(_) => "commands/profile.remove.yaml",
        Command::ProfileList { .. } => "commands/profile.list.yaml",
        Command::CertificateList { .. } => "commands/certificate.list.yaml",
        Command::DeviceInformation(_) => "commands/information.device.yaml",
        Command::SecurityInfo => "commands/information.security.yaml",
        Command::DeviceLock { .. } => "commands/device.lock.yaml",
        Command::EraseDevice { .. } => "commands/device.erase.yaml",
        Command::DeviceConfigured => "commands/device.configured.yaml",
    }
}

fn keys(schema: &Yaml) -> impl Iterator<Item = &Yaml> {
    schema.as_sequence().into_iter().flatten()
}

#[test]
fn commands_have_the_keys_and_types_of_apples_schema() {
    for command in one_of_each() {
        let Some(schema) = schema(file(&command)) else {
            return;
        };
        assert_eq!(
            schema["payload"]["requesttype"].as_str(),
            Some(command.request_type())
        );
        let request = written(&command);
        let inner = request["Command"].as_dictionary().unwrap();
        for (key, value) in inner.iter().filter(|(key, _)| *key != "RequestType") {
            let known =
                keys(&schema["payloadkeys"]).find(|known| known["key"].as_str() == Some(key));
            let known = known.unwrap_or_else(|| panic!("{}: {key}", command.request_type()));
            let written_type = match value {
                plist::Value::String(_) => "<string>",
                plist::Value::Boolean(_) => "<boolean>",
                plist::Value::Data(_) => "<data>",
                plist::Value::Array(_) => "<array>",
                other => panic!("{other:?}"),
            };
            assert_eq!(known["type"].as_str(), Some(written_type), "{key}");
            assert_ne!(
                known["supportedOS"]["iOS"]["introduced"].as_str(),
                Some("n/a"),
                "{key}"
            );
        }
        for known in keys(&schema["payloadkeys"])
            .filter(|known| known["presence"].as_str() == Some("required"))
        {
            assert!(
                inner.contains_key(known["key"].as_str().unwrap()),
                "{known:?}"
            );
        }
    }
}

#[test]
fn rights_and_user_enrolment_are_as_in_apples_schema() {
    for command in one_of_each() {
        let Some(schema) = schema(file(&command)) else {
            return;
        };
        let ios = &schema["payload"]["supportedOS"]["iOS"];
        assert_eq!(
            ios["userenrollment"]["mode"].as_str() != Some("forbidden"),
            command.allowed_in_user_enrolment(),
            "{}",
            command.request_type()
        );
        let bits = match ios["accessrights"].as_str().unwrap() {
            "AllowInspection" => 1,
            "AllowInstallationRemoval" => 2,
            "AllowPasscodeRemovalAndLock" => 4,
            "AllowDeviceErase" => 8,
            "AllowQuerySecurity" => 1024,
            "Special Case" => 0,
            other => panic!("{other}"),
        };
        assert_eq!(
            command.access_right().bits(),
            bits,
            "{}",
            command.request_type()
        );
    }
}

#[test]
fn queries_are_apples_and_known_on_ios() {
    let Some(schema) = schema(file(&Command::device_information(EnrolmentType::Device))) else {
        return;
    };
    let queries = keys(&schema["payloadkeys"])
        .find(|key| key["key"].as_str() == Some("Queries"))
        .unwrap();
    let item = keys(&queries["subkeys"]).next().unwrap();
    let known: BTreeMap<_, _> = keys(&item["subkeys"])
        .filter(|query| query["supportedOS"]["iOS"]["introduced"].as_str() != Some("n/a"))
        .map(|query| (query["key"].as_str().unwrap(), query))
        .collect();
    for query in DeviceQuery::ALL {
        let Some(query_schema) = known.get(query.name()) else {
            panic!("{}", query.name())
        };
        let mode = query_schema["supportedOS"]["iOS"]["userenrollment"]["mode"].as_str();
        assert_eq!(
            query.allowed_in_user_enrolment(),
            mode != Some("forbidden"),
            "{}",
            query.name()
        );
    }
}
