//! What is allowed in a certificate profile but probably not meant.

use serde_json::Value;

use crate::catalogue::{Variable, Warning};
use crate::{CertificateTemplate, Platform, Settings};

/// Collects warnings about a certificate profile; a kind asks for those that concern it.
pub(in crate::catalogue) struct Advice<'a> {
    settings: &'a Settings,
    warnings: Vec<Warning>,
}

impl<'a> Advice<'a> {
    pub(in crate::catalogue) const fn new(settings: &'a Settings) -> Self {
        Self {
            settings,
            warnings: Vec::new(),
        }
    }

    pub(in crate::catalogue) fn into_warnings(self) -> Vec<Warning> {
        self.warnings
    }

    fn text(&self, property: &str) -> Option<&'a str> {
        self.settings.get(property).and_then(Value::as_str)
    }

    fn warn(&mut self, code: &'static str, property: &'static str, message: impl Into<String>) {
        self.warnings.push(Warning::new(code, property, message));
    }

    /// Keys that can be broken.
    pub(in crate::catalogue) fn key_size(mut self) -> Self {
        if self.text("keySize") == Some("size1024") {
            let message = "keys of 1024 bits are too weak; choose 2048";
            self.warn("weakKey", "keySize", message);
        }
        self
    }

    /// Other servers.
    pub(in crate::catalogue) fn scep_servers(mut self) -> Self {
        let urls = self
            .settings
            .get("scepServerUrls")
            .and_then(Value::as_array);
        if urls.is_some_and(|urls| !urls.is_empty()) {
            let message = "if these are addresses of another server that is not registered here as an issuer, devices \
                           ask it without a challenge, and certificates are neither checked nor renewed nor revoked \
                           here; leave the list empty to use this server";
            self.warn("externalScepServer", "scepServerUrls", message);
        }
        self
    }

    /// Certificates that name no person.
    pub(in crate::catalogue) fn store(mut self) -> Self {
        if self.text("certificateStore") == Some("machine") {
            let message = "a device certificate names no person: a mail server cannot tell from it whose mailbox is \
                           asked for";
            self.warn("deviceCertificate", "certificateStore", message);
        }
        self
    }

    /// Variables that no device of the platform has.
    pub(in crate::catalogue) fn variables(mut self, platform: Platform) -> Self {
        let values = ["subjectNameFormatString", "customSubjectAlternativeNames"];
        let values = values.map(|property| self.settings.get(property).map(Value::to_string));
        let mut missing = Variable::not_on(platform).filter(|name| {
            let braced = format!("{{{{{name}}}}}").to_ascii_lowercase();
            let uses = |value: &String| value.to_ascii_lowercase().contains(&braced);
            values.iter().flatten().any(uses)
        });
        let shorthand = self.text("subjectNameFormat") == Some("commonNameAsIMEI");
        let found = missing
            .next()
            .or_else(|| (shorthand && platform == Platform::MacOs).then_some("IMEI"));
        if let Some(variable) = found {
            let devices = match platform {
                Platform::Ios => "iPhone or iPad",
                Platform::MacOs => "Mac",
            };
            let message = format!(
                "no {devices} has a value for `{{{{{variable}}}}}`: the profile will fail on every device"
            );
            self.warn("variableNotOnPlatform", "subjectNameFormatString", message);
        }
        self
    }

    /// Certificates that are good for everything.
    pub(in crate::catalogue) fn usages(mut self) -> Self {
        let usages = self
            .settings
            .get("extendedKeyUsages")
            .and_then(Value::as_array);
        let mut oids = usages
            .into_iter()
            .flatten()
            .filter_map(|usage| usage.get("objectIdentifier")?.as_str());
        if oids.any(|oid| ANY_USAGES.contains(&oid)) {
            let message = "a certificate for any purpose can be used for more than is meant; name the purposes";
            self.warn("anyExtendedKeyUsage", "extendedKeyUsages", message);
        }
        self
    }

    /// The channel of a Mac; `of_person` says whether a person's key travels over it.
    pub(in crate::catalogue) fn channel(mut self, of_person: bool) -> Self {
        let on_user_channel = self.text("deploymentChannel") == Some("userChannel");
        if of_person && !on_user_channel {
            let message = "over the device channel a user's certificate goes to the keychain of the whole Mac, where \
                           its other users may use it too";
            self.warn(
                "userCertificateOnDeviceChannel",
                "deploymentChannel",
                message,
            );
        }
        self
    }

    /// A hash that other servers are not told of.
    pub(in crate::catalogue) fn hash(mut self) -> Self {
        let urls = self
            .settings
            .get("scepServerUrls")
            .and_then(Value::as_array);
        let is_asked = self.text("hashAlgorithm").is_some();
        if is_asked && urls.is_some_and(|urls| !urls.is_empty()) {
            let message = "a server of others signs certificates with the hash that it likes";
            self.warn("hashIgnored", "hashAlgorithm", message);
        }
        self
    }

    /// Authority and template of a PKCS profile.
    pub(in crate::catalogue) fn authority(mut self) -> Self {
        let filled = |text: Option<&'a str>| text.filter(|text| !text.trim().is_empty());
        if let Some(name) = filled(self.text("certificationAuthorityName")) {
            let message = format!(
                "unless an authority of the name `{name}` is registered here as an issuer, this server's own authority \
                 issues the certificates; leave the name empty to use it"
            );
            self.warn("namedAuthority", "certificationAuthorityName", message);
        } else if let Some(host) = filled(self.text("certificationAuthority")) {
            let message = format!(
                "`{host}` is not asked: without `certificationAuthorityName` this server's own authority issues the \
                 certificates"
            );
            self.warn("namedAuthority", "certificationAuthority", message);
        }
        match filled(self.text("certificateTemplateName")) {
            None => {
                let message = format!(
                    "names no template, so certificates are made from `{}`",
                    CertificateTemplate::DEFAULT
                );
                self.warn("noTemplate", "certificateTemplateName", message);
            }
            Some(name) if CertificateTemplate::find_built_in(name).is_none() => {
                let message = format!(
                    "there has to be a template `{name}` here, as it has none by itself; until there is the profile \
                     fails on every device"
                );
                self.warn("ownTemplate", "certificateTemplateName", message);
            }
            Some(_) => {}
        }
        self
    }
}

/// Any extended key usage (RFC 5280 §4.2.1.12), and Microsoft's any application policy.
const ANY_USAGES: &[&str] = &["2.5.29.37.0", "1.3.6.1.4.1.311.10.12.1"];
