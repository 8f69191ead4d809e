//! What has to be known of other servers while devices are served: whom they trusted, and where they were called.

use std::sync::Arc;

use mandate_pki::certificate::Certificate;
use mandate_store::MigrationRecord;

use super::{MigrationId, MigrationState};
use crate::{Engine, EngineError};

/// Authorities of a migration at most: a server has one, and perhaps others that it had before.
const MOST_AUTHORITIES: usize = 4;

/// All migrations, as they are needed for each request of a device.
#[derive(Debug, Default)]
pub(crate) struct Elsewhere {
    records: Vec<MigrationRecord>,
    places: Vec<Place>,
}

#[derive(Debug)]
struct Place {
    id: MigrationId,
    is_closed: bool,
    authorities: Vec<Certificate>,
    /// Path of `ServerURL`, and that of `CheckInURL`.
    commands: String,
    check_ins: Option<String>,
}

/// What a path meant on another server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldPath {
    /// `CheckInURL`: check-in messages alone.
    CheckIn,
    /// `ServerURL`: commands, and check-in messages where there is no other address for them.
    Commands,
}

impl Elsewhere {
    fn of(records: Vec<MigrationRecord>) -> Self {
        let places = records.iter().map(|record| Place {
            id: record.id,
            is_closed: record.state == MigrationState::Closed.name(),
            authorities: Certificate::all_from_pem(&record.authorities).unwrap_or_default(),
            commands: path_of(&record.server_url).to_owned(),
            check_ins: record
                .check_in_url
                .as_deref()
                .map(|url| path_of(url).to_owned()),
        });
        Self {
            places: places.collect(),
            records,
        }
    }

    /// Whether a certificate was issued where devices come from. That it has expired is no reason, as for our own.
    pub(crate) fn vouches_for(&self, certificate: &Certificate) -> bool {
        self.places.iter().any(|place| place.issued(certificate))
    }

    /// Migrations that still take devices in and vouch for a certificate, each with who issued it.
    pub(super) fn open_to(&self, certificate: &Certificate) -> Vec<(MigrationId, &Certificate)> {
        self.places
            .iter()
            .filter(|place| !place.is_closed)
            .filter_map(|place| Some((place.id, place.issuer_of(certificate)?)))
            .collect()
    }
}

impl Place {
    fn issued(&self, certificate: &Certificate) -> bool {
        self.issuer_of(certificate).is_some()
    }

    /// Who signed a certificate: each of the authorities that were uploaded is trusted by itself.
    fn issuer_of(&self, certificate: &Certificate) -> Option<&Certificate> {
        self.authorities
            .iter()
            .find(|authority| has_signed(authority, certificate))
    }
}

/// Whether an authority signed a certificate. SHA-1 is refused: what it signed could be somebody else's.
fn has_signed(authority: &Certificate, certificate: &Certificate) -> bool {
    authority != certificate
        && authority.subject_der() == certificate.issuer_der()
        && certificate.verify_signed_by(authority).is_ok()
}

/// The certificates of a text, each of which may issue; or what is wrong with them.
pub(super) fn read_authorities(pem: &str) -> Result<Vec<Certificate>, &'static str> {
    let all = Certificate::all_from_pem(pem).map_err(|_| "must be certificates in PEM form")?;
    match all.len() {
        0 => Err("must hold at least one certificate in PEM form"),
        1..=MOST_AUTHORITIES if all.iter().all(Certificate::is_ca) => Ok(all),
        1..=MOST_AUTHORITIES => {
            Err("must be certificates of authorities: one of them may not issue any")
        }
        _ => Err("must hold no more than four certificates"),
    }
}

/// The path of an absolute address, without its query; `/` if it has none.
pub(super) fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.find('/').map_or("/", |at| &rest[at..]);
    path.split(['?', '#']).next().unwrap_or("/")
}

impl Engine {
    /// What a path meant on a server that devices come from; `None` if no device is told to call it.
    pub async fn old_path(&self, path: &str) -> Result<Option<OldPath>, EngineError> {
        let elsewhere = self.elsewhere().await?;
        let check_in = |place: &Place| place.check_ins.as_deref() == Some(path);
        if elsewhere.places.iter().any(|place| place.commands == path) {
            return Ok(Some(OldPath::Commands));
        }
        let found = elsewhere.places.iter().any(check_in);
        Ok(found.then_some(OldPath::CheckIn))
    }

    /// Where devices come from; read once, and again after each change.
    pub(crate) async fn elsewhere(&self) -> Result<Arc<Elsewhere>, EngineError> {
        let known = self
            .cache()
            .elsewhere
            .lock()
            .expect("nobody panics while holding it")
            .clone();
        match known {
            Some(known) => Ok(known),
            None => self.read_elsewhere().await,
        }
    }

    /// Takes over what others changed: other servers on the same database, and the command line.
    pub(crate) async fn refresh_elsewhere(&self) -> Result<(), EngineError> {
        self.read_elsewhere().await.map(drop)
    }

    async fn read_elsewhere(&self) -> Result<Arc<Elsewhere>, EngineError> {
        let records = self.store().glance().await?.list_migrations().await?;
        let mut kept = self
            .cache()
            .elsewhere
            .lock()
            .expect("nobody panics while holding it");
        if let Some(known) = kept.as_ref()
            && known.records == records
        {
            return Ok(known.clone());
        }
        let elsewhere = Arc::new(Elsewhere::of(records));
        *kept = Some(elsewhere.clone());
        drop(kept);
        // Who is no longer vouched for is judged again.
        self.cache()
            .verified
            .lock()
            .expect("nobody panics while holding it")
            .clear();
        Ok(elsewhere)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_an_address_is_what_follows_the_host() {
        for (url, path) in [
            ("https://mdm.example.com/mdm", "/mdm"),
            (
                "https://mdm.example.com:8443/mdm/connect?x=1",
                "/mdm/connect",
            ),
            ("https://mdm.example.com", "/"),
            ("https://mdm.example.com/a#b", "/a"),
        ] {
            assert_eq!(path_of(url), path, "{url}");
        }
    }
}
