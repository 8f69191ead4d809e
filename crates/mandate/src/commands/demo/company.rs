//! The company of the demo: who works there, what they should have, and what should become of it.

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_engine::{Actor, DeviceStatus, Engine, Page};
use mandate_model::{ProfileId, Reason, State};
use mandate_simulator::apns::ApnsStandIn;
use mandate_simulator::fleet::Fleet;
use mandate_simulator::graph::Graph;
use serde_json::{Value, json};

/// Simulated phones: one for each person, and one that belongs to nobody.
pub(super) const PHONES: usize = 25;

const DOMAIN: &str = "contoso.example";
const MAIL_HOST: &str = "mail.contoso.example";
const CONFIGURATIONS: &str = "/beta/deviceManagement/deviceConfigurations";
/// Has made the mail account by hand before the phone was enrolled.
const HASTY: usize = 3;
/// Has no mail address in the directory.
const NEW: usize = 7;
const PEOPLE: [(&str, &str); PHONES - 1] = [
    ("Ada", "Lovelace"),
    ("Alan", "Turing"),
    ("Grace", "Hopper"),
    ("Edsger", "Dijkstra"),
    ("Barbara", "Liskov"),
    ("Donald", "Knuth"),
    ("Radia", "Perlman"),
    ("Karen", "Jones"),
    ("Dennis", "Ritchie"),
    ("Ken", "Thompson"),
    ("Frances", "Allen"),
    ("John", "Backus"),
    ("Jean", "Sammet"),
    ("Tony", "Hoare"),
    ("Niklaus", "Wirth"),
    ("Margaret", "Hamilton"),
    ("Katherine", "Johnson"),
    ("Claude", "Shannon"),
    ("Whitfield", "Diffie"),
    ("Adi", "Shamir"),
    ("Shafi", "Goldwasser"),
    ("Leslie", "Lamport"),
    ("Lynn", "Conway"),
    ("Vint", "Cerf"),
];

/// The company as the server knows it.
pub(super) struct Company {
    users: Vec<String>,
    staff: String,
    reception: String,
    pub(super) mail: String,
    profiles: [String; 3],
}

/// Has the stand-in sign the server's request for a push certificate.
pub(super) async fn store_push_certificate(
    graph: &Graph,
    apns: &ApnsStandIn,
    now: i64,
) -> anyhow::Result<()> {
    const PATH: &str = "/v1.0/deviceManagement/applePushNotificationCertificate";
    let request = graph
        .get(&format!(
            "{PATH}/downloadApplePushNotificationCertificateSigningRequest()"
        ))
        .await?;
    let request = request["value"]
        .as_str()
        .context("the server gave no request for a push certificate")?;
    let request = STANDARD.decode(request)?;
    let validity = (now - 3600, now + 365 * 86_400);
    let uuid = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d";
    let certificate = apns
        .authority()
        .push_certificate(&request, uuid, validity)?;
    let body = json!({ "appleIdentifier": format!("it@{DOMAIN}"), "certificate": STANDARD.encode(certificate) });
    graph.patch(PATH, &body).await?;
    Ok(())
}

impl Company {
    /// People, groups and profiles, through the management API.
    pub(super) async fn found(graph: &Graph) -> anyhow::Result<Self> {
        graph.open_for_enrolment().await?;
        let mut users = Vec::new();
        for (number, (first, last)) in PEOPLE.iter().enumerate() {
            users.push(
                graph
                    .create("/beta/users", &person(number, first, last))
                    .await?,
            );
        }
        let staff = graph.create_group("Staff", "staff").await?;
        for user in &users {
            graph.add_member(&staff, user).await?;
        }
        let reception = graph.create_group("Reception phones", "reception").await?;
        let root = graph.create(CONFIGURATIONS, &root_profile()).await?;
        let scep = graph
            .create(CONFIGURATIONS, &certificate_profile(&root))
            .await?;
        let mail = graph.create(CONFIGURATIONS, &mail_profile(&scep)).await?;
        Ok(Self {
            users,
            staff,
            reception,
            profiles: [root, scep, mail.clone()],
            mail,
        })
    }

    /// An enrolment link for each person, and one for the phone that belongs to nobody.
    pub(super) async fn links(&self, graph: &Graph) -> anyhow::Result<Vec<String>> {
        let mut links = Vec::new();
        for user in &self.users {
            links.push(graph.enrolment_link(Some(user), 1).await?);
        }
        links.push(graph.enrolment_link(None, 1).await?);
        Ok(links)
    }

    /// What happened to the phones before they were enrolled.
    pub(super) fn prepare(fleet: &mut Fleet) {
        let (first, last) = PEOPLE[HASTY];
        fleet.devices_mut()[HASTY].add_user_account(MAIL_HOST, &address(first, last));
    }

    /// Assigns the chain of profiles to the staff and to the phones of the reception.
    pub(super) async fn roll_out(
        &self,
        graph: &Graph,
        fleet: &Fleet,
        engine: &Engine,
    ) -> anyhow::Result<()> {
        let nobodys = fleet
            .devices()
            .last()
            .context("the company has no phones")?;
        let serial_or_id = nobodys.enrolment_id();
        let devices = engine
            .list_devices(
                &Actor::system(),
                mandate_engine::DeviceFilter::default(),
                Page::first(1000),
            )
            .await?;
        let device = devices
            .into_iter()
            .find(|view| view.device.enrolment_id == serial_or_id)
            .context("the phone of the reception is not enrolled")?;
        graph
            .add_member(&self.reception, &device.device.id.to_string())
            .await?;
        let target = |group: &str| json!({ "target": { "@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": group } });
        let body = json!({ "assignments": [target(&self.staff), target(&self.reception)] });
        for profile in &self.profiles {
            graph
                .post(&format!("{CONFIGURATIONS}/{profile}/assign"), &body)
                .await?;
        }
        Ok(())
    }

    /// The mail profile on every phone.
    pub(super) async fn statuses(&self, engine: &Engine) -> anyhow::Result<Vec<DeviceStatus>> {
        let mail: ProfileId = self.mail.parse()?;
        Ok(engine
            .device_statuses(&Actor::system(), mail, Page::first(1000))
            .await?)
    }

    /// How many phones are still under way.
    pub(super) async fn pending(&self, engine: &Engine) -> anyhow::Result<usize> {
        let statuses = self.statuses(engine).await?;
        let pending = statuses
            .iter()
            .filter(|status| status.status.state() == State::Pending)
            .count();
        Ok(pending + PHONES.saturating_sub(statuses.len()))
    }

    /// What did not become as it should.
    pub(super) fn unexpected(&self, statuses: &[DeviceStatus]) -> Vec<String> {
        let mut wrong: Vec<String> = statuses
            .iter()
            .filter_map(|status| self.judge(status))
            .collect();
        if statuses.len() != PHONES {
            wrong.push(format!(
                "{} phones have a state, not {PHONES}",
                statuses.len()
            ));
        }
        wrong
    }

    fn judge(&self, status: &DeviceStatus) -> Option<String> {
        let reason = &status.status.reason;
        let number = status
            .user
            .as_ref()
            .and_then(|user| self.users.iter().position(|id| *id == user.id.to_string()));
        let right = match number {
            None => *reason == Reason::NoUser,
            Some(HASTY) => matches!(reason, Reason::AccountExists { .. }),
            Some(NEW) => {
                matches!(reason, Reason::MissingAttribute { attribute, .. } if attribute == "mail")
            }
            Some(_) => *reason == Reason::Present,
        };
        let name = status
            .user
            .as_ref()
            .map_or("the phone of the reception", |user| {
                user.display_name.as_str()
            });
        (!right).then(|| format!("{name}: {}", reason.message()))
    }
}

fn address(first: &str, last: &str) -> String {
    format!("{first}.{last}@{DOMAIN}").to_lowercase()
}

fn person(number: usize, first: &str, last: &str) -> Value {
    let name = address(first, last);
    json!({
        "accountEnabled": true,
        "displayName": format!("{first} {last}"),
        "givenName": first,
        "surname": last,
        "mailNickname": first.to_lowercase(),
        "userPrincipalName": name,
        "mail": if number == NEW { Value::Null } else { json!(name) },
    })
}

fn root_profile() -> Value {
    json!({
        "@odata.type": "#microsoft.graph.iosTrustedRootCertificate",
        "displayName": "Mail server root",
        "certFileName": "mail-root.cer",
        "trustedRootCertificate": MAIL_ROOT,
    })
}

fn certificate_profile(root: &str) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.iosScepCertificateProfile",
        "displayName": "Mail sign-in certificate",
        "certificateStore": "user",
        "subjectNameFormat": "custom",
        "subjectNameFormatString": "CN={{UserName}},O=Contoso",
        "customSubjectAlternativeNames":
            [{ "sanType": "userPrincipalName", "name": "{{UserPrincipalName}}" }],
        "certificateValidityPeriodScale": "years",
        "certificateValidityPeriodValue": 1,
        "renewalThresholdPercentage": 20,
        "keyUsage": "digitalSignature,keyEncipherment",
        "keySize": "size2048",
        "extendedKeyUsages": [{ "name": "Client authentication", "objectIdentifier": "1.3.6.1.5.5.7.3.2" }],
        "rootCertificate@odata.bind": reference(root),
    })
}

fn mail_profile(certificate: &str) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.iosEasEmailProfileConfiguration",
        "displayName": "Contoso mail",
        "description": "Exchange account with certificate sign-in",
        "accountName": "Contoso",
        "hostName": MAIL_HOST,
        "requireSsl": true,
        "usernameSource": "userPrincipalName",
        "usernameAADSource": "userPrincipalName",
        "emailAddressSource": "primarySmtpAddress",
        "authenticationMethod": "certificate",
        "durationOfEmailToSync": "oneMonth",
        "easServices": "calendars,contacts,email,notes,reminders",
        "easServicesUserOverrideEnabled": true,
        "identityCertificate@odata.bind": reference(certificate),
    })
}

fn reference(id: &str) -> String {
    format!("https://graph.microsoft.com/beta/deviceManagement/deviceConfigurations('{id}')")
}

/// A self-signed root of the made-up mail server (P-256, valid until 2125); its key was thrown away.
const MAIL_ROOT: &str = include_str!("mail_root.txt");
