//! Which certificates near their end.

use mandate_model::Timestamp;
use mandate_pki::certificate::Certificate;
use mandate_store::{AfterCertificate, AlertRecord, AuthorityState, IssuedRecord, Session};
use serde_json::{Map, Value, json};

use crate::certificates::pkcs;
use crate::instance::hex;
use crate::reports::renewal_of;
use crate::{Engine, EngineError};

/// Certificates read at once.
const PAGE: u32 = 500;
/// Alerts are kept for longer than any threshold, so that nothing is said twice.
const KEPT_DAYS: i64 = 800;

/// What is watched besides what the database knows, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExpiryWatch {
    /// Days before the end on which something is said; each certificate is spoken of once for each.
    pub days: Vec<i64>,
    /// Certificates that the database does not know, such as one of TLS that was given as a file.
    pub further: Vec<WatchedCertificate>,
    /// Whether somebody is to be told; otherwise it is only noted and logged.
    pub tells_somebody: bool,
}

/// A certificate to be watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchedCertificate {
    /// What it is: `serverTls`, `rootAuthority`…
    pub source: &'static str,
    /// The certificate.
    pub certificate: Certificate,
    /// What is to be done about it.
    pub advice: &'static str,
}

/// One certificate near its end.
struct Finding {
    source: &'static str,
    /// Names the certificate, and its owner where several may have it.
    name: String,
    subject: String,
    thumbprint: String,
    serial: String,
    not_after: Timestamp,
    advice: &'static str,
    /// Whom it concerns.
    more: Map<String, Value>,
}

impl Engine {
    /// Looks for certificates that have come within one of the thresholds of their end since it was last looked: imported ones,
    /// authorities, the push certificate, those of `watch`, and issued ones whose renewal is overdue. What is new is noted, once
    /// per certificate and threshold. How many were new.
    pub async fn watch_expiry(&self, watch: &ExpiryWatch) -> Result<u64, EngineError> {
        let Some(most) = watch.days.iter().max().copied() else {
            return Ok(0);
        };
        let now = self.now();
        let until = now.plus(most * Timestamp::DAY);
        let mut new = 0;
        let mut findings = self.own_findings(now, until).await?;
        findings.extend(self.token_findings(now, until).await?);
        let further = watch.further.iter().map(Finding::watched);
        findings.extend(further.filter(|finding| finding.ends_within(now, until)));
        new += self.note_findings(watch, now, findings).await?;
        let mut place = AfterCertificate::beginning(now);
        loop {
            let (findings, next) = self.issued_findings(now, until, place).await?;
            new += self.note_findings(watch, now, findings).await?;
            let Some(next) = next else { break };
            place = next;
        }
        let mut place = AfterCertificate::beginning(now);
        loop {
            let (findings, next) = self.imported_findings(now, until, place).await?;
            new += self.note_findings(watch, now, findings).await?;
            let Some(next) = next else { break };
            place = next;
        }
        let mut session = self.store().write().await?;
        session
            .trim_alerts(now.plus(-KEPT_DAYS * Timestamp::DAY))
            .await?;
        session.commit().await?;
        Ok(new)
    }

    /// What the instance itself needs.
    async fn own_findings(
        &self,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Finding>, EngineError> {
        let mut session = self.store().read().await?;
        let mut watched = Vec::new();
        for (name, source, advice) in [
            (
                "ca.root",
                "rootAuthority",
                "make a new root and roll it out before this one ends",
            ),
            (
                "push.certificate",
                "pushCertificate",
                "renew it with the same Apple Account and entry",
            ),
        ] {
            if let Some(pem) = session.find_setting(name).await? {
                watched.push(WatchedCertificate {
                    source,
                    certificate: Certificate::from_pem(&pem)?,
                    advice,
                });
            }
        }
        for authority in session.list_authorities().await? {
            if authority.state == AuthorityState::Current {
                watched.push(WatchedCertificate {
                    source: "issuingAuthority",
                    certificate: Certificate::from_der(&authority.certificate)?,
                    advice: "roll over to a new issuing authority",
                });
            }
        }
        let findings = watched.iter().map(Finding::watched);
        Ok(findings
            .filter(|finding| finding.ends_within(now, until))
            .collect())
    }

    /// Tokens of Apple's enrolment service; they are no certificates, but end all the same.
    async fn token_findings(
        &self,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Finding>, EngineError> {
        let mut session = self.store().read().await?;
        let mut findings = Vec::new();
        let mut after = None;
        loop {
            let page = session.list_ade_tokens(after, PAGE).await?;
            let Some(last) = page.last().map(|last| last.id) else {
                return Ok(findings);
            };
            after = Some(last);
            for token in page {
                let Some(not_after) = token.expires_at else {
                    continue;
                };
                let mut more = Map::new();
                more.insert("appleIdentifier".to_owned(), json!(token.apple_id));
                findings.push(Finding {
                    source: "enrolmentToken",
                    name: format!("ade:{}:{}", token.id, not_after.0),
                    subject: token.name,
                    thumbprint: String::new(),
                    serial: String::new(),
                    not_after,
                    advice: "download a new one at Apple with the same Apple Account and upload it",
                    more,
                });
            }
            findings.retain(|finding| finding.ends_within(now, until));
        }
    }

    async fn issued_findings(
        &self,
        now: Timestamp,
        until: Timestamp,
        after: AfterCertificate,
    ) -> Result<(Vec<Finding>, Option<AfterCertificate>), EngineError> {
        let mut session = self.store().read().await?;
        let page = session.expiring_issued(now, until, after, PAGE).await?;
        let next = next_place(&page, |record| (record.not_after, &record.sha256, None));
        let mut findings = Vec::new();
        for record in page {
            if renewal_of(&mut session, &record).await?.is_overdue(now) {
                findings.push(Finding::issued(&mut session, &record).await?);
            }
        }
        Ok((findings, next))
    }

    async fn imported_findings(
        &self,
        now: Timestamp,
        until: Timestamp,
        after: AfterCertificate,
    ) -> Result<(Vec<Finding>, Option<AfterCertificate>), EngineError> {
        let mut session = self.store().read().await?;
        let page = session.expiring_imported(now, until, after, PAGE).await?;
        let next = next_place(&page, |end| (end.not_after, &end.sha256, Some(end.user_id)));
        let mut findings = Vec::new();
        for end in page {
            let Some(record) = session.find_imported(end.user_id, &end.thumbprint).await? else {
                continue;
            };
            let sha256 = &record.certificate.sha256;
            let Some(key) = session.imported_key(end.user_id, sha256).await? else {
                continue;
            };
            let certificate = Certificate::from_der(&key.der)?;
            // A newer one for the same purpose has taken its place; this one only opens old mail.
            let all = session.imported_of_user(end.user_id).await?;
            let is_replaced = all.iter().any(|other| {
                other.purpose == record.certificate.purpose
                    && other.not_before > record.certificate.not_before
                    && other.not_after > record.certificate.not_after
            });
            if is_replaced {
                continue;
            }
            let mut finding = Finding::of("imported", &certificate, "import its successor");
            finding.name = format!("{}:{}", finding.name, end.user_id);
            finding.more.insert(
                "userPrincipalName".to_owned(),
                json!(record.user_principal_name),
            );
            finding.more.insert(
                "purpose".to_owned(),
                json!(record.certificate.purpose.name()),
            );
            findings.push(finding);
        }
        Ok((findings, next))
    }

    /// Notes what is new, in one transaction.
    async fn note_findings(
        &self,
        watch: &ExpiryWatch,
        now: Timestamp,
        findings: Vec<Finding>,
    ) -> Result<u64, EngineError> {
        if findings.is_empty() {
            return Ok(0);
        }
        let mut new = 0;
        let mut session = self.store().write().await?;
        for finding in findings {
            let Some(threshold) = threshold(&watch.days, finding.not_after.since(now)) else {
                continue;
            };
            let id = self.chance().id(now);
            let record = AlertRecord {
                id,
                subject: format!("{}:{}:{threshold}", finding.source, finding.name),
                content: finding.content(id, threshold, now).to_string(),
                attempts: 0,
                due_at: watch.tells_somebody.then_some(now),
                result: None,
                created_at: now,
            };
            if session.insert_alert(&record).await? {
                new += 1;
                tracing::warn!(
                    certificate.thumbprint = %finding.thumbprint,
                    "a certificate ends within {threshold} days ({}): {} on {}",
                    finding.source,
                    finding.advice,
                    finding.not_after
                );
            }
        }
        session.commit().await?;
        Ok(new)
    }
}

impl Finding {
    fn of(source: &'static str, certificate: &Certificate, advice: &'static str) -> Self {
        Self {
            source,
            name: hex(&certificate.sha256()),
            subject: certificate.subject(),
            thumbprint: hex(&certificate.sha1()),
            serial: certificate.serial_hex(),
            not_after: Timestamp::from_unix_seconds(certificate.not_after()),
            advice,
            more: Map::new(),
        }
    }

    fn watched(watched: &WatchedCertificate) -> Self {
        Self::of(watched.source, &watched.certificate, watched.advice)
    }

    async fn issued(session: &mut Session, record: &IssuedRecord) -> Result<Self, EngineError> {
        let certificate = Certificate::from_der(&record.der)?;
        let source = if record.purpose == pkcs::PURPOSE {
            "pkcs"
        } else {
            "scep"
        };
        let advice = "its renewal is overdue: see why the device does not come";
        let mut finding = Self::of(source, &certificate, advice);
        if let Some(id) = record.device_id
            && let Some(found) = session.find_device(id).await?
        {
            finding.more.insert("deviceId".to_owned(), json!(id));
            let name = found.device.display_name();
            finding.more.insert("deviceName".to_owned(), json!(name));
        }
        if let Some(id) = record.user_id
            && let Some(user) = session.find_user(id).await?
        {
            let name = user.user_principal_name;
            finding
                .more
                .insert("userPrincipalName".to_owned(), json!(name));
        }
        Ok(finding)
    }

    fn ends_within(&self, now: Timestamp, until: Timestamp) -> bool {
        self.not_after > now && self.not_after <= until
    }

    /// What is said, whoever is told.
    fn content(&self, id: uuid::Uuid, threshold: i64, now: Timestamp) -> Value {
        let mut content = self.more.clone();
        let mut say = |name: &str, value: Value| content.insert(name.to_owned(), value);
        say("id", json!(id));
        say("type", json!("certificateExpiring"));
        say("source", json!(self.source));
        say("subject", json!(self.subject));
        say("thumbprint", json!(self.thumbprint));
        say("serialNumber", json!(self.serial));
        say("notAfterDateTime", json!(self.not_after.to_string()));
        say(
            "daysLeft",
            json!(self.not_after.since(now) / Timestamp::DAY),
        );
        say("thresholdDays", json!(threshold));
        say("advice", json!(self.advice));
        say("raisedDateTime", json!(now.to_string()));
        Value::Object(content)
    }
}

/// The closest threshold that has been reached: those before it say less.
fn threshold(days: &[i64], left: i64) -> Option<i64> {
    days.iter()
        .copied()
        .filter(|days| left <= days * Timestamp::DAY)
        .min()
}

/// Where the next page begins, if this one is full.
fn next_place<T>(
    page: &[T],
    place: impl Fn(&T) -> (Timestamp, &Vec<u8>, Option<mandate_model::UserId>),
) -> Option<AfterCertificate> {
    let last = page
        .last()
        .filter(|_| u32::try_from(page.len()) == Ok(PAGE))?;
    let (not_after, sha256, user) = place(last);
    Some(AfterCertificate {
        not_after,
        sha256: <[u8; 32]>::try_from(sha256.as_slice()).ok()?,
        user,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_threshold_counts() {
        let days = [60, 30, 7];
        let within = |left: i64| threshold(&days, left * Timestamp::DAY);
        assert_eq!(
            [61, 60, 31, 30, 8, 7, 1].map(within),
            [
                None,
                Some(60),
                Some(60),
                Some(30),
                Some(30),
                Some(7),
                Some(7)
            ]
        );
        assert_eq!(threshold(&[], 0), None);
    }
}
