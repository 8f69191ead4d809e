//! Certificates that the server keeps for people, and what its certificate services offer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// What an imported certificate is for (`userPfxIntendedPurpose`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ImportPurpose {
    /// Anything.
    Unassigned,
    /// Opening encrypted mail: every device of the user needs all of them.
    SmimeEncryption,
    /// Signing mail.
    SmimeSigning,
    /// VPN; carried, delivered by no profile.
    Vpn,
    /// Wi-Fi.
    Wifi,
}

impl ImportPurpose {
    /// All of them, in Graph's order.
    pub const ALL: [Self; 5] = [
        Self::Unassigned,
        Self::SmimeEncryption,
        Self::SmimeSigning,
        Self::Vpn,
        Self::Wifi,
    ];

    /// Graph's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unassigned => "unassigned",
            Self::SmimeEncryption => "smimeEncryption",
            Self::SmimeSigning => "smimeSigning",
            Self::Vpn => "vpn",
            Self::Wifi => "wifi",
        }
    }

    /// Reads Graph's name, in any letter case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|purpose| purpose.name().eq_ignore_ascii_case(text))
    }

    /// What an administrator calls it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Unassigned => "general purpose",
            Self::SmimeEncryption => "S/MIME encryption",
            Self::SmimeSigning => "S/MIME signing",
            Self::Vpn => "VPN",
            Self::Wifi => "Wi-Fi",
        }
    }
}

/// A certificate whose key was imported for a person, without the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportedCertificate {
    /// SHA-256 of the DER form in lower-case hexadecimal.
    pub sha256: String,
    /// SHA-1 of the DER form in lower-case hexadecimal, as people compare it.
    pub thumbprint: String,
    /// What it is for.
    pub purpose: ImportPurpose,
    /// Subject as RFC 4514 text.
    pub subject: String,
    /// Mail addresses in it: `rfc822Name`s, then `E` attributes of the subject; as written.
    pub addresses: Vec<String>,
    /// Valid from.
    pub not_before: Timestamp,
    /// Valid until.
    pub not_after: Timestamp,
}

/// What the certificate services of the organisation offer to profiles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateServices {
    /// Templates by name, as PKCS profiles name them (`certificateTemplateName`).
    pub templates: BTreeMap<String, CertificateTemplate>,
    /// Authorities of others that this server asks on behalf of devices.
    pub issuers: Vec<ExternalIssuer>,
}

impl CertificateServices {
    /// The template that a PKCS profile names, in any letter case; with an empty name the one that such profiles get.
    pub fn template(&self, name: &str) -> Option<&CertificateTemplate> {
        let name = match name.trim() {
            "" => CertificateTemplate::DEFAULT,
            name => name,
        };
        self.templates.get(name).or_else(|| {
            self.templates
                .values()
                .find(|template| template.name.eq_ignore_ascii_case(name))
        })
    }

    /// The external issuer of this name, in any letter case.
    pub fn issuer(&self, name: &str) -> Option<&ExternalIssuer> {
        self.issuers
            .iter()
            .find(|issuer| issuer.name.eq_ignore_ascii_case(name.trim()))
    }

    /// The external issuer at this SCEP address. Letter case of scheme and host, the usual port and a slash at the end
    /// make no difference.
    pub fn issuer_at(&self, url: &str) -> Option<&ExternalIssuer> {
        let wanted = normal_url(url);
        self.issuers
            .iter()
            .find(|issuer| normal_url(&issuer.url) == wanted)
    }
}

fn normal_url(url: &str) -> String {
    let url = url.trim();
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let scheme = scheme.to_ascii_lowercase();
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let authority = authority.to_ascii_lowercase();
    let usual = if scheme == "https" { ":443" } else { ":80" };
    let host = authority.strip_suffix(usual).unwrap_or(&authority);
    format!("{scheme}://{host}{}", path.trim_end_matches('/'))
}

impl Default for CertificateServices {
    /// The built-in templates and nobody else's authority.
    fn default() -> Self {
        let templates = CertificateTemplate::built_in()
            .into_iter()
            .map(|template| (template.name.clone(), template))
            .collect();
        Self {
            templates,
            issuers: Vec::new(),
        }
    }
}

/// An authority of others, asked by SCEP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalIssuer {
    /// The name that PKCS profiles give (`certificationAuthorityName`).
    pub name: String,
    /// Its SCEP address, which SCEP profiles give (`scepServerUrls`).
    pub url: String,
}

/// What a certificate is good for, under one name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CertificateTemplate {
    /// The name that profiles use.
    pub name: String,
    /// What it is, for people.
    pub label: String,
    /// RSA modulus in bits.
    pub key_bits: u32,
    /// Whether the key may sign.
    pub digital_signature: bool,
    /// Whether the key may decipher keys.
    pub key_encipherment: bool,
    /// Whether the key may sign what nobody can deny (`contentCommitment`).
    pub non_repudiation: bool,
    /// Dotted OIDs of extended key usages.
    pub extended_key_usages: Vec<String>,
    /// The longest validity that a profile may ask for, in days.
    pub maximum_validity_days: i64,
    /// The forms of alternative names that a profile may ask for.
    pub alternative_names: Vec<AlternativeNameForm>,
}

/// A form of subject alternative name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AlternativeNameForm {
    /// `rfc822Name`
    EmailAddress,
    /// otherName with the user principal name
    UserPrincipalName,
    /// `dNSName`
    DomainNameService,
    /// `uniformResourceIdentifier`
    UniformResourceIdentifier,
}

const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";
const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
const EMAIL_PROTECTION: &str = "1.3.6.1.5.5.7.3.4";

impl CertificateTemplate {
    /// Shortest validity in days.
    pub const MINIMUM_VALIDITY_DAYS: i64 = 5;
    /// Longest validity in days: 24 months.
    pub const MAXIMUM_VALIDITY_DAYS: i64 = 731;

    /// Those that every instance has: for signing and encrypting mail, for signing in, and for servers.
    pub fn built_in() -> Vec<Self> {
        use AlternativeNameForm as Form;
        let template = |name: &str, label: &str, usages: &[&str], forms: &[Form]| Self {
            name: name.to_owned(),
            label: label.to_owned(),
            key_bits: 2048,
            digital_signature: true,
            key_encipherment: false,
            non_repudiation: false,
            extended_key_usages: usages.iter().map(|&oid| oid.to_owned()).collect(),
            maximum_validity_days: Self::MAXIMUM_VALIDITY_DAYS,
            alternative_names: forms.to_vec(),
        };
        let mail = [Form::EmailAddress, Form::UserPrincipalName];
        let person = [
            Form::EmailAddress,
            Form::UserPrincipalName,
            Form::DomainNameService,
            Form::UniformResourceIdentifier,
        ];
        vec![
            Self {
                non_repudiation: true,
                ..template("signing", "S/MIME signing", &[EMAIL_PROTECTION], &mail)
            },
            Self {
                digital_signature: false,
                key_encipherment: true,
                ..template(
                    "encryption",
                    "S/MIME encryption",
                    &[EMAIL_PROTECTION],
                    &mail,
                )
            },
            Self {
                key_encipherment: true,
                ..template(
                    "clientAuthentication",
                    "Client authentication",
                    &[CLIENT_AUTH],
                    &person,
                )
            },
            Self {
                key_encipherment: true,
                ..template(
                    "serverTls",
                    "Server TLS",
                    &[SERVER_AUTH],
                    &[Form::DomainNameService],
                )
            },
        ]
    }

    /// The built-in template of this name, in any letter case.
    pub fn find_built_in(name: &str) -> Option<Self> {
        Self::built_in()
            .into_iter()
            .find(|template| template.name.eq_ignore_ascii_case(name.trim()))
    }

    /// The template that a PKCS profile gets that names none.
    pub const DEFAULT: &'static str = "clientAuthentication";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_read_their_own_names_in_any_case() {
        for purpose in ImportPurpose::ALL {
            assert_eq!(
                ImportPurpose::parse(&purpose.name().to_uppercase()),
                Some(purpose)
            );
        }
        assert_eq!(ImportPurpose::parse("mail"), None);
    }

    #[test]
    fn issuers_are_found_by_name_and_by_address_as_people_write_them() {
        let services = CertificateServices {
            issuers: vec![ExternalIssuer {
                name: "Contoso".to_owned(),
                url: "https://scep.contoso.com/scep".to_owned(),
            }],
            ..CertificateServices::default()
        };
        for url in [
            "https://scep.contoso.com/scep",
            "HTTPS://SCEP.contoso.com:443/scep/",
        ] {
            assert!(services.issuer_at(url).is_some(), "{url}");
        }
        for url in [
            "http://scep.contoso.com/scep",
            "https://scep.contoso.com:8443/scep",
            "https://scep.contoso.com/SCEP",
            "scep",
        ] {
            assert_eq!(services.issuer_at(url), None, "{url}");
        }
        assert!(services.issuer(" contoso ").is_some());
        assert_eq!(services.issuer(""), None);
    }

    #[test]
    fn a_template_is_found_in_any_letter_case_and_without_a_name_by_default() {
        let services = CertificateServices::default();
        let name = |name: &str| services.template(name).map(|found| found.name.as_str());
        assert_eq!(name("SIGNING"), Some("signing"));
        assert_eq!(name(" "), Some(CertificateTemplate::DEFAULT));
        assert_eq!(name("MailUser"), None);
    }

    #[test]
    fn the_default_template_is_among_the_built_in_ones() {
        assert!(
            CertificateServices::default()
                .templates
                .contains_key(CertificateTemplate::DEFAULT)
        );
    }
}
