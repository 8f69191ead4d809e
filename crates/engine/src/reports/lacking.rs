//! What a profile takes from people, and who of those it is for lacks it.

use std::collections::{BTreeMap, BTreeSet};

use mandate_model::{
    CompileInput, ImportPurpose, ImportedCertificate, Profile, Refusal, Target, Timestamp, User,
    UserId,
};
use mandate_store::{Session, UserFilter};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::simulate::example_device;
use crate::targeting::{Intent, Membership, Standing, decide};
use crate::{Engine, EngineError};

/// A property of people that a profile cannot do without, and how many of those it is for lack it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LackingAttribute {
    /// Graph's name of the property, such as `mail`.
    pub attribute: String,
    /// How many people lack it, with a device or not yet.
    pub people: i64,
    /// How many devices cannot have the profile for want of it.
    pub devices: i64,
    /// The first sign-in names of these people in their order; none for somebody who may not read people.
    pub examples: Vec<String>,
}

/// People who lack something.
#[derive(Debug, Default)]
pub(super) struct Lacking {
    /// What is needed, in the order in which it is asked for.
    needed: Vec<String>,
    people: BTreeMap<UserId, Lacker>,
}

#[derive(Debug)]
struct Lacker {
    name: String,
    /// Indices of what they lack, the first one first.
    lacks: Vec<usize>,
    /// Whether the profile is for them, whatever devices they have.
    is_meant: bool,
}

impl Lacking {
    /// Goes through all people who can have anything.
    pub(super) async fn of(
        session: &mut Session,
        needed: Vec<String>,
        (targets, membership, intent): (&[Target], &Membership, &Intent),
    ) -> Result<Self, EngineError> {
        let mut people = BTreeMap::new();
        if needed.is_empty() || targets.is_empty() {
            return Ok(Self { needed, people });
        }
        // Who has no device is not meant by "all devices".
        let of_people: Vec<Target> = targets
            .iter()
            .filter(|target| **target != Target::AllDevices)
            .copied()
            .collect();
        let no_device = BTreeSet::new();
        let mut after = None;
        loop {
            let page = session
                .list_users(&UserFilter::default(), after, PAGE)
                .await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            for user in page.iter().filter(|user| user.account_enabled) {
                let lacks: Vec<usize> = (0..needed.len())
                    .filter(|index| user.attribute(&needed[*index]).is_none())
                    .collect();
                if lacks.is_empty() {
                    continue;
                }
                let standing = Standing {
                    user_groups: Some(membership.of_user(user.id)),
                    device_groups: &no_device,
                    manager_groups: None,
                };
                let lacker = Lacker {
                    name: user.user_principal_name.clone(),
                    lacks,
                    is_meant: decide(&of_people, standing, &intent.group_names).wanted,
                };
                people.insert(user.id, lacker);
            }
        }
        Ok(Self { needed, people })
    }

    /// The first property that a person lacks, with their sign-in name.
    pub(super) fn first(&self, user: UserId) -> Option<(&str, &str)> {
        let lacker = self.people.get(&user)?;
        let index = lacker.lacks.first()?;
        Some((self.needed[*index].as_str(), lacker.name.as_str()))
    }

    /// What is lacking, with the number of devices that cannot have the profile for it, by their user.
    pub(super) fn told(
        &self,
        blocked: &BTreeMap<UserId, i64>,
        names_people: bool,
    ) -> Vec<LackingAttribute> {
        let mut told: Vec<LackingAttribute> = self
            .needed
            .iter()
            .map(|attribute| LackingAttribute {
                attribute: attribute.clone(),
                people: 0,
                devices: 0,
                examples: Vec::new(),
            })
            .collect();
        for (id, lacker) in &self.people {
            let devices = blocked.get(id).copied();
            if devices.is_none() && !lacker.is_meant {
                continue;
            }
            for index in &lacker.lacks {
                let one = &mut told[*index];
                one.people += 1;
                one.devices += devices.unwrap_or_default();
                let place = one.examples.partition_point(|known| *known < lacker.name);
                if names_people && place < EXAMPLES {
                    one.examples.insert(place, lacker.name.clone());
                    one.examples.truncate(EXAMPLES);
                }
            }
        }
        told.retain(|one| one.people > 0);
        told
    }
}

impl Engine {
    /// What a profile needs of people. The compiler itself says it: it is asked with somebody of whom nothing is known, and
    /// is given what it asks for until it asks for nothing more.
    pub(super) fn attributes_needed(&self, intent: &Intent, profile: &Profile) -> Vec<String> {
        let Some(channel) = self.channel(profile.kind.platform) else {
            return Vec::new();
        };
        let device = example_device(profile.kind.platform, self.now());
        let mut user = somebody();
        let mut imported: Vec<ImportedCertificate> = Vec::new();
        let mut needed: Vec<String> = Vec::new();
        for _ in 0..MOST_QUESTIONS {
            let input = CompileInput {
                profile,
                referenced: &intent.profiles,
                user: Some(&user),
                device: &device,
                endpoints: self.endpoints(),
                rounds: &BTreeMap::new(),
                imported: &imported,
                services: &intent.services,
            };
            match channel.compile(&input) {
                Err(Refusal::MissingAttribute { attribute, .. })
                    if !needed.contains(&attribute) =>
                {
                    give(&mut user, &attribute);
                    needed.push(attribute);
                }
                Err(Refusal::NoImportedCertificate { purpose, .. })
                    if imported.iter().all(|one| one.purpose != purpose) =>
                {
                    imported.push(example_import(purpose, self.now()));
                }
                Ok(_) | Err(_) => break,
            }
        }
        needed
    }
}

/// Somebody with a sign-in name and nothing else.
fn somebody() -> User {
    User {
        id: UserId(Uuid::nil()),
        user_principal_name: ADDRESS.to_owned(),
        display_name: "Somebody".to_owned(),
        given_name: None,
        surname: None,
        mail: None,
        on_premises_sam_account_name: None,
        on_premises_domain_name: None,
        on_premises_net_bios_name: None,
        on_premises_distinguished_name: None,
        on_premises_security_identifier: None,
        account_enabled: true,
        other: Map::new(),
        created_at: Timestamp(0),
    }
}

/// Gives somebody a property that the compiler asked for, in a form that such a property has.
fn give(user: &mut User, attribute: &str) {
    let plain = || Some("example".to_owned());
    match attribute {
        "mail" => user.mail = Some(ADDRESS.to_owned()),
        "givenName" => user.given_name = plain(),
        "surname" => user.surname = plain(),
        "onPremisesSamAccountName" => user.on_premises_sam_account_name = plain(),
        "onPremisesDomainName" => user.on_premises_domain_name = Some("example.com".to_owned()),
        "onPremisesNetBiosName" => user.on_premises_net_bios_name = plain(),
        "onPremisesDistinguishedName" => {
            user.on_premises_distinguished_name = Some("CN=example,DC=example,DC=com".to_owned());
        }
        "onPremisesSecurityIdentifier" => {
            user.on_premises_security_identifier = Some("S-1-5-21-1-2-3-1000".to_owned());
        }
        other => {
            let value = Value::String("example".to_owned());
            user.other.insert(other.to_owned(), value);
        }
    }
}

fn example_import(purpose: ImportPurpose, now: Timestamp) -> ImportedCertificate {
    ImportedCertificate {
        sha256: "00".repeat(32),
        thumbprint: "00".repeat(20),
        purpose,
        subject: "CN=example".to_owned(),
        addresses: vec![ADDRESS.to_owned()],
        not_before: now,
        not_after: now.plus(Timestamp::DAY),
    }
}

const ADDRESS: &str = "somebody@example.com";
/// People that are named.
const EXAMPLES: usize = 5;
/// People that are read at a time.
const PAGE: u32 = 1000;
/// Properties and imports that one profile may ask for; none asks for nearly as many.
const MOST_QUESTIONS: usize = 64;
