//! The table of `docs/end-of-life.md`, done to a phone line by line.

use std::collections::BTreeSet;
use std::sync::Arc;

use mandate_engine::{Engine, WipeOptions};
use mandate_model::{DeviceId, Group, ImportPurpose, Member, Profile, Timestamp, User};
use mandate_pki::certificate::Certificate;
use mandate_simulator::device::Device;
use mandate_store::CertificateRecord;
use serde_json::json;

use crate::house::{House, MailKey, Openssl, Place, places};

const TABLE: &str = include_str!("../../../../docs/end-of-life.md");
const ISSUER: &str = "Partner CA";

/// A line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    trigger: String,
    goes: String,
    scep: Fate,
    pkcs: Fate,
    imported: Fate,
    external: Fate,
}

/// What becomes of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    RevokedAtOnce,
    RevokedWhenConfirmed,
    NeverRevoked,
    Stays,
    IssuedAgain,
    DeliveredAgain,
}

impl Fate {
    fn parse(cell: &str) -> Self {
        match cell {
            "revoked at once" | "queued at once" => Self::RevokedAtOnce,
            "revoked when confirmed" | "queued when confirmed" => Self::RevokedWhenConfirmed,
            "never revoked" => Self::NeverRevoked,
            "stays" => Self::Stays,
            "issued again" => Self::IssuedAgain,
            "delivered again" => Self::DeliveredAgain,
            other => panic!("the table has `{other}`, which means nothing here"),
        }
    }

    const fn is_revoked_at_once(self) -> bool {
        matches!(self, Self::RevokedAtOnce)
    }

    const fn is_revoked_in_the_end(self) -> bool {
        matches!(
            self,
            Self::RevokedAtOnce | Self::RevokedWhenConfirmed | Self::IssuedAgain
        )
    }
}

/// The lines of the first table.
fn lines() -> Vec<Line> {
    let rows = TABLE
        .lines()
        .skip_while(|line| !line.starts_with("| trigger |"))
        .take_while(|line| line.starts_with('|'))
        .skip(2);
    let lines: Vec<Line> = rows.map(line).collect();
    assert_eq!(lines.len(), 10, "a line was added or lost");
    lines
}

fn line(row: &str) -> Line {
    let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
    let [trigger, goes, scep, pkcs, imported, external] = cells[..] else {
        panic!("a line has six cells: {row}");
    };
    assert!(
        external.starts_with("queued") || external == "issued again",
        "{row}"
    );
    Line {
        trigger: trigger.to_owned(),
        goes: goes.to_owned(),
        scep: Fate::parse(scep),
        pkcs: Fate::parse(pkcs),
        imported: Fate::parse(imported),
        external: Fate::parse(external),
    }
}

/// Ada's phone with a certificate of each source.
struct Scene {
    house: House,
    ada: User,
    staff: Group,
    phone: Device,
    device: DeviceId,
    scep: (Profile, Profile, Profile),
    pkcs: Profile,
    history: Profile,
    imported: MailKey,
    /// What was issued to the phone before anything happened.
    issued: Vec<CertificateRecord>,
}

/// Where a certificate of the phone came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Scep,
    Pkcs,
    External,
}

impl Source {
    fn of(record: &CertificateRecord) -> Self {
        match (record.issuer.as_str(), record.purpose.as_str()) {
            (ISSUER, _) => Self::External,
            (_, "pkcs") => Self::Pkcs,
            _ => Self::Scep,
        }
    }
}

impl Scene {
    async fn set(house: House, openssl: &Openssl) -> Self {
        let ada = house.hire("ada").await;
        let staff = house.group("Staff", vec![Member::User(ada.id)]).await;
        let scep = house.mail_with_certificate("Mail").await;
        let settings = json!({
            "certificateTemplateName": "signing",
            "certificationAuthority": "",
            "certificationAuthorityName": "",
            "certificateStore": "user",
            "subjectNameFormat": "custom",
            "subjectNameFormatString": "CN={{UserName}},E={{EmailAddress}}",
            "certificateValidityPeriodScale": "years",
            "certificateValidityPeriodValue": 1,
            "renewalThresholdPercentage": 20,
        });
        let pkcs = house
            .profile("iosPkcsCertificateProfile", "Signing", settings, &[])
            .await;
        let history = house
            .profile(
                "iosImportedPFXCertificateProfile",
                "Encryption",
                json!({ "intendedPurpose": "smimeEncryption" }),
                &[],
            )
            .await;
        let authority = house.foreign_authority();
        let imported = house.mail_key(&authority, 31, "ada@mail.contoso.com", (-1, 2));
        house
            .import(
                openssl,
                "ada@contoso.com",
                ImportPurpose::SmimeEncryption,
                &imported,
                &[],
            )
            .await;
        house.assign_chain(&scep, &[staff.id]).await;
        house.assign(pkcs.id, &[staff.id]).await;
        house.assign(history.id, &[staff.id]).await;
        let phone = house.enrol(house.phone(17, 5), Some(ada.id)).await;
        let device = house.device_of(&phone).await;
        let mut scene = Self {
            house,
            ada,
            staff,
            phone,
            device,
            scep,
            pkcs,
            history,
            imported,
            issued: Vec::new(),
        };
        scene.add_external().await;
        scene.issued = scene.records().await;
        for source in [Source::Scep, Source::Pkcs, Source::External] {
            assert!(
                scene
                    .issued
                    .iter()
                    .any(|record| Source::of(record) == source)
            );
        }
        assert!(
            scene
                .issued
                .iter()
                .all(|record| record.revoked_at.is_none())
        );
        assert!(scene.phone.holds_key_of(&scene.imported.certificate));
        scene
    }

    /// A certificate that somebody else's authority issued for the SCEP profile, as this server keeps it.
    async fn add_external(&self) {
        let now = self.house.engine.now();
        let key = self.house.mail_key(
            &self.house.foreign_authority(),
            32,
            "ada@partner.example",
            (0, 1),
        );
        let record = CertificateRecord {
            sha256: mandate_pki::sha256(key.certificate.der()).to_vec(),
            serial: "0120".to_owned(),
            issuer: ISSUER.to_owned(),
            der: key.certificate.der().to_vec(),
            subject: "CN=ada@partner.example".to_owned(),
            purpose: "profile".to_owned(),
            ticket_id: None,
            device_id: Some(self.device),
            user_id: Some(self.ada.id),
            profile_id: Some(self.scep.1.id),
            slot: Some("external".to_owned()),
            not_before: now,
            not_after: now.plus(365 * Timestamp::DAY),
            issued_at: now,
            revoked_at: None,
            revocation_reason: None,
        };
        let mut session = self.house.engine.store().write().await.unwrap();
        session.insert_certificate(&record).await.unwrap();
        session.commit().await.unwrap();
    }

    /// Everything that was issued to the phone for its profiles, and now stands as it stands.
    async fn records(&self) -> Vec<CertificateRecord> {
        let mut session = self.house.engine.store().read().await.unwrap();
        let mut records = session.certificates_of_device(self.device).await.unwrap();
        records.retain(|record| record.purpose != "identity");
        records
    }

    async fn trigger(&mut self, trigger: &str) {
        let (engine, admin) = (&self.house.engine, &self.house.admin);
        let profiles = [
            self.scep.2.id,
            self.scep.1.id,
            self.scep.0.id,
            self.pkcs.id,
            self.history.id,
        ];
        match trigger {
            "device retired" => engine.retire_device(admin, self.device).await.unwrap(),
            "device wiped" => {
                let options = WipeOptions {
                    keep_data_plan: false,
                };
                engine
                    .wipe_device(admin, self.device, options)
                    .await
                    .unwrap();
            }
            "profile no longer assigned" => {
                for profile in profiles {
                    self.house.target(profile, Vec::new()).await;
                }
            }
            "person leaves the group" => {
                let left = engine.remove_member(admin, self.staff.id, self.ada.id.0);
                left.await.unwrap();
            }
            "profile edited, so that another certificate is asked for" => {
                let subject = json!({ "subjectNameFormatString": "CN={{EmailAddress}}" });
                self.house.edit(self.scep.1.id, subject.clone()).await;
                self.house.edit(self.pkcs.id, subject).await;
            }
            "profile deleted" => {
                for profile in profiles {
                    engine.delete_profile(admin, profile).await.unwrap();
                }
            }
            "account disabled" => {
                let disable = |user: &mut User| user.account_enabled = false;
                engine
                    .update_user(admin, self.ada.id, disable)
                    .await
                    .unwrap();
            }
            "person deleted" => engine.delete_user(admin, self.ada.id).await.unwrap(),
            "user removes management" => {
                self.phone.remove_enrolment(&self.house.http).await.unwrap();
            }
            "user deletes the certificate by hand" => {
                let shown: Vec<String> = self.deletable().into_iter().collect();
                for fingerprint in shown {
                    assert!(self.phone.delete_certificate(&fingerprint));
                }
                engine.sync_device(admin, self.device).await.unwrap();
            }
            other => panic!("nobody knows how to do `{other}`"),
        }
    }

    /// What the user finds in the settings and deletes: everything that was issued or imported.
    fn deletable(&self) -> BTreeSet<String> {
        let issued: BTreeSet<String> = self
            .issued
            .iter()
            .map(|record| mandate_simulator::certificates::hex(&record.sha256))
            .collect();
        let held = self.phone.keychain();
        held.iter()
            .map(|item| item.certificate.fingerprint())
            .filter(|fingerprint| {
                issued.contains(fingerprint)
                    || *fingerprint == self.imported.certificate.fingerprint()
            })
            .collect()
    }

    async fn contact(&mut self) {
        self.house.background().await;
        for _ in 0..20 {
            if !self.phone.is_enrolled() {
                return;
            }
            self.phone.check_in(&self.house.http).await.unwrap();
        }
    }

    /// Whether each certificate that was there before is revoked now as the table says.
    async fn assert_revoked(&self, line: &Line, expected: impl Fn(Fate) -> bool, when: &str) {
        let records = self.records().await;
        let url = format!("{}/pki/crl", self.house.url);
        let list = self.house.http.fetch(&url).await.unwrap().body;
        for before in &self.issued {
            let now = records
                .iter()
                .find(|record| record.sha256 == before.sha256)
                .unwrap();
            let source = Source::of(before);
            let fate = match source {
                Source::Scep => line.scep,
                Source::Pkcs => line.pkcs,
                Source::External => line.external,
            };
            assert_eq!(
                now.revoked_at.is_some(),
                expected(fate),
                "{}: {source:?} {when}: {fate:?}",
                line.trigger
            );
            // What the world sees; of others' certificates their own issuers have to tell.
            if source != Source::External {
                let certificate = Certificate::from_der(&before.der).unwrap();
                let serial = certificate.serial();
                let is_listed = list.windows(serial.len()).any(|octets| octets == serial);
                assert_eq!(is_listed, expected(fate), "{}: list {when}", line.trigger);
            }
        }
        // What is queued for others is what was revoked of theirs, and never what was imported.
        while self.house.engine.tell_revocations().await.unwrap() {}
        let mut session = self.house.engine.store().read().await.unwrap();
        let told = session.list_external_revocations().await.unwrap();
        let is_told = told.iter().any(|revocation| revocation.issuer == ISSUER);
        assert_eq!(
            is_told,
            expected(line.external),
            "{}: queue {when}",
            line.trigger
        );
        let imported = mandate_pki::sha256(self.imported.certificate.der());
        assert!(told.iter().all(|revocation| revocation.sha256 != imported));
    }

    fn assert_gone(&self, line: &Line) {
        let comes_again = matches!(line.imported, Fate::DeliveredAgain | Fate::Stays);
        assert_eq!(
            self.phone.holds_key_of(&self.imported.certificate),
            comes_again,
            "{}: imported",
            line.trigger
        );
        let held: BTreeSet<String> = self
            .phone
            .keychain()
            .iter()
            .map(|item| item.certificate.fingerprint())
            .collect();
        for record in &self.issued {
            let fingerprint = mandate_simulator::certificates::hex(&record.sha256);
            let stays = Source::of(record) == Source::Pkcs && line.pkcs == Fate::DeliveredAgain;
            assert_eq!(
                held.contains(&fingerprint),
                stays,
                "{}: {fingerprint}",
                line.trigger
            );
        }
    }

    /// Keys that the server made go with their certificates, imported ones with their person.
    async fn assert_keys(&self, line: &Line) {
        let report = Engine::check_custody(self.house.engine.store(), self.house.seal_key());
        let report = report.await.unwrap();
        let opened = |kind: &str| {
            let count = report.counts.iter().find(|count| count.kind.contains(kind));
            count.unwrap().opened
        };
        let replaced = line.goes.contains("replaced") || line.pkcs == Fate::DeliveredAgain;
        assert_eq!(
            opened("made for devices"),
            u64::from(replaced),
            "{}",
            line.trigger
        );
        let kept = line.trigger != "person deleted";
        assert_eq!(opened("imported"), u64::from(kept), "{}", line.trigger);
    }
}

async fn play(line: Line, place: Place, openssl: Arc<Openssl>) {
    let mut scene = Scene::set(House::open(place).await, &openssl).await;
    scene.trigger(&line.trigger).await;
    // What the device does itself, the server is told in the same moment.
    if !line.goes.starts_with("at once") {
        let at_once = Fate::is_revoked_at_once;
        scene
            .assert_revoked(&line, at_once, "before any contact")
            .await;
    }
    scene.contact().await;
    scene.assert_gone(&line);
    let in_the_end = Fate::is_revoked_in_the_end;
    scene.assert_revoked(&line, in_the_end, "in the end").await;
    scene.assert_keys(&line).await;
}

#[tokio::test]
async fn the_table_of_the_manual_is_what_happens() {
    let Some(openssl) = Openssl::find().map(Arc::new) else {
        return;
    };
    let mut wrong = Vec::new();
    for line in lines() {
        for place in places().await {
            // Each line in a task of its own, so that all that are wrong are told.
            let played = tokio::spawn(play(line.clone(), place, openssl.clone()));
            if played.await.is_err() {
                wrong.push(line.trigger.clone());
            }
        }
    }
    assert_eq!(
        wrong,
        Vec::<String>::new(),
        "these lines are not what happens"
    );
}
