//! The page of one person.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use mandate_engine::{
    Action, CertificateOrigin, DeviceFilter, DeviceView, HeldCertificate, Licensed, Page as Lines,
    Presence,
};
use mandate_model::{Group, Member, User};
use mandate_ui::date;
use mandate_web::{Page, render};

use crate::administrator::Administrator;
use crate::failure::{Answer, Failure};
use crate::list::LINES;

#[derive(Template)]
#[template(path = "users/show.html")]
struct Show {
    page: Page,
    user: User,
    /// Labels and values of what is known of them.
    facts: Vec<(String, String)>,
    /// Groups they are in, through other groups as well; `None` where one may not see groups.
    groups: Option<Vec<Group>>,
    devices: Option<Vec<DeviceView>>,
    certificates: Option<Vec<Certificate>>,
    is_done: bool,
    can_change: bool,
    can_reset: bool,
}

/// A certificate in the list.
struct Certificate {
    purpose: String,
    subject: String,
    origin: String,
    ends: String,
    is_revoked: bool,
    /// Names of devices that show it, and of those that should.
    confirmed: Vec<String>,
    expected: Vec<String>,
}

/// `GET /console/users/{id}`
pub(super) async fn show_user(
    administrator: Administrator,
    Path(id): Path<String>,
    axum::extract::RawQuery(query): axum::extract::RawQuery,
) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let user = find(&administrator, &id).await?;
    let groups = if actor.may(Action::GroupsRead) {
        Some(engine.groups_of(actor, Member::User(user.id), true).await?)
    } else {
        None
    };
    let devices = if actor.may(Action::DevicesRead) {
        let filter = DeviceFilter {
            user: Some(user.id),
            ..DeviceFilter::default()
        };
        let devices = engine.list_devices(actor, filter, Lines::first(LINES));
        Some(devices.await?)
    } else {
        None
    };
    let may_see_keys = actor.may(Action::ProfilesViewReports) && actor.may(Action::DevicesRead);
    let page = administrator.page();
    let licence = engine.user_licence(actor, user.id).await?;
    let mut facts = facts(&page, &user);
    facts.push((
        page.text("licences-state"),
        page.text(match licence.state {
            Licensed::Yes => "licences-state-yes",
            Licensed::No => "licences-state-no",
            Licensed::AllTaken => "licences-state-taken",
        }),
    ));
    let certificates = if may_see_keys {
        let key = user.id.to_string();
        let held = engine.user_certificates(actor, &key).await?;
        let held = held.map(|held| held.value).unwrap_or_default();
        let of_page = |held| certificate(&page, held);
        Some(held.into_iter().map(of_page).collect())
    } else {
        None
    };
    Ok(render(
        StatusCode::OK,
        &Show {
            facts,
            groups,
            devices,
            certificates,
            is_done: query.as_deref() == Some("done"),
            can_change: actor.may(Action::UsersUpdate),
            can_reset: actor.may(Action::CredentialsReset),
            user,
            page,
        },
    ))
}

/// A person by id.
pub(super) async fn find(administrator: &Administrator, id: &str) -> Result<User, Failure> {
    let found = administrator.engine().find_user(&administrator.actor, id);
    found.await?.ok_or_else(|| Failure::not_found("user", id))
}

fn facts(page: &Page, user: &User) -> Vec<(String, String)> {
    let enabled = if user.account_enabled { "yes" } else { "no" };
    let further = |name: &str| user.attribute(name).map(str::to_owned);
    [
        ("users-sign-in-name", Some(user.user_principal_name.clone())),
        ("users-mail", user.mail.clone()),
        ("users-given-name", user.given_name.clone()),
        ("users-surname", user.surname.clone()),
        ("users-department", further("department")),
        ("users-job-title", further("jobTitle")),
        ("users-sam", user.on_premises_sam_account_name.clone()),
        ("users-domain", user.on_premises_domain_name.clone()),
        ("users-net-bios", user.on_premises_net_bios_name.clone()),
        ("users-dn", user.on_premises_distinguished_name.clone()),
        ("users-enabled", Some(page.text(enabled))),
        ("users-created", Some(date(user.created_at))),
        ("users-id", Some(user.id.to_string())),
    ]
    .into_iter()
    .filter_map(|(label, value)| Some((page.text(label), value?)))
    .collect()
}

fn certificate(page: &Page, held: HeldCertificate) -> Certificate {
    let names = |wanted: Presence| {
        held.devices
            .iter()
            .filter(|device| device.state == wanted)
            .map(|device| device.device_name.clone())
            .collect()
    };
    let origin = match held.source {
        CertificateOrigin::Scep => "certificate-scep",
        CertificateOrigin::Pkcs => "certificate-pkcs",
        CertificateOrigin::Imported => "certificate-imported",
    };
    Certificate {
        confirmed: names(Presence::Confirmed),
        expected: names(Presence::Expected),
        purpose: held.purpose.clone(),
        origin: page.text(origin),
        ends: date(held.not_after_date_time),
        is_revoked: held.revoked_date_time.is_some(),
        subject: held.subject,
    }
}
