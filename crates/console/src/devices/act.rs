//! What can be done with a device, and what is asked before it is done.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use mandate_engine::{Action, LockOptions, WipeOptions};
use mandate_model::{Device, DeviceState, EnrolmentType, Platform};
use mandate_ui::redirect;
use mandate_web::{Fields, Page, render};

use super::show::{found, is_reachable};
use super::{device_id, missing};
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure};

/// Something that can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    Sync,
    Lock,
    Retire,
    Wipe,
    Delete,
}

/// Characters of what a locked device shows.
const MESSAGE_LIMIT: usize = 256;

impl Deed {
    pub(super) const ALL: [Self; 5] = [
        Self::Sync,
        Self::Lock,
        Self::Retire,
        Self::Wipe,
        Self::Delete,
    ];

    /// Its name in paths.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Lock => "lock",
            Self::Retire => "retire",
            Self::Wipe => "wipe",
            Self::Delete => "delete",
        }
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deed| deed.name() == name)
    }

    pub(super) const fn action(self) -> Action {
        match self {
            Self::Sync => Action::DevicesSync,
            Self::Lock => Action::DevicesLock,
            Self::Retire => Action::DevicesRetire,
            Self::Wipe => Action::DevicesWipe,
            Self::Delete => Action::DevicesDelete,
        }
    }

    /// Whether it makes sense for a device; the engine decides.
    pub(super) fn is_possible(self, device: &Device) -> bool {
        match self {
            Self::Sync => device.state == DeviceState::Enrolled,
            Self::Lock => {
                device.state == DeviceState::Enrolled && device.platform != Platform::MacOs
            }
            Self::Retire => is_reachable(device),
            // Of a person's own device only a part is managed.
            Self::Wipe => is_reachable(device) && device.enrolment_type != EnrolmentType::User,
            Self::Delete => device.state != DeviceState::Enrolled,
        }
    }

    pub(super) const fn is_dangerous(self) -> bool {
        matches!(self, Self::Retire | Self::Wipe | Self::Delete)
    }

    /// Whether the device's name has to be typed.
    const fn is_typed(self) -> bool {
        matches!(self, Self::Wipe)
    }

    /// Id of its title.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Sync => "devices-sync",
            Self::Lock => "devices-lock",
            Self::Retire => "devices-retire",
            Self::Wipe => "devices-wipe",
            Self::Delete => "devices-delete",
        }
    }

    /// Id of what is said before.
    const fn warning(self) -> &'static str {
        match self {
            Self::Sync => "devices-sync-what",
            Self::Lock => "devices-lock-what",
            Self::Retire => "devices-retire-what",
            Self::Wipe => "devices-wipe-what",
            Self::Delete => "devices-delete-what",
        }
    }

    /// Id of what is said afterwards.
    pub(super) const fn done(self) -> &'static str {
        match self {
            Self::Sync => "devices-sync-done",
            Self::Lock => "devices-lock-done",
            Self::Retire => "devices-retire-done",
            Self::Wipe => "devices-wipe-done",
            Self::Delete => "devices-delete-done",
        }
    }
}

#[derive(Template)]
#[template(path = "devices/confirm.html")]
struct Confirm {
    page: Page,
    id: String,
    name: String,
    deed: Deed,
    title: String,
    warning: String,
    message: String,
    phone: String,
    keeps_plan: bool,
    /// What is wrong: the field, and the text.
    wrong: Option<(&'static str, String)>,
}

impl Confirm {
    fn wrong_with(&self, field: &str) -> Option<&str> {
        let wrong = self.wrong.as_ref().filter(|(name, _)| *name == field);
        wrong.map(|(_, text)| text.as_str())
    }
}

/// `GET /console/devices/{id}/{deed}`
pub(super) async fn ask(
    administrator: Administrator,
    Path((id, deed)): Path<(String, String)>,
) -> Answer {
    let (device, deed) = meant(&administrator, &id, &deed).await?;
    let page = confirm(&administrator, &device, deed);
    Ok(render(StatusCode::OK, &page))
}

/// `POST /console/devices/{id}/{deed}`
pub(super) async fn act(
    administrator: Administrator,
    Path((id, deed)): Path<(String, String)>,
    fields: Fields,
) -> Answer {
    let (device, deed) = meant(&administrator, &id, &deed).await?;
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let field =
        |name: &str| Some(fields.text(name).trim().to_owned()).filter(|text| !text.is_empty());
    if let Some(wrong) = problem(&administrator, &device, deed, &fields) {
        let page = Confirm {
            message: fields.text("message").to_owned(),
            phone: fields.text("phone").to_owned(),
            keeps_plan: fields.has("keep_plan"),
            wrong: Some(wrong),
            ..confirm(&administrator, &device, deed)
        };
        return Ok(render(StatusCode::BAD_REQUEST, &page));
    }
    match deed {
        Deed::Sync => engine.sync_device(actor, device.id).await?,
        Deed::Lock => {
            let options = LockOptions {
                message: field("message"),
                phone_number: field("phone"),
            };
            engine.lock_device(actor, device.id, options).await?;
        }
        Deed::Retire => engine.retire_device(actor, device.id).await?,
        Deed::Wipe => {
            let options = WipeOptions {
                keep_data_plan: fields.has("keep_plan"),
            };
            engine.wipe_device(actor, device.id, options).await?;
        }
        Deed::Delete => {
            engine.delete_device(actor, device.id).await?;
            return Ok(to_list());
        }
    }
    let (id, deed) = (device.id, deed.name());
    Ok(redirect(&format!("/console/devices/{id}?done={deed}")))
}

fn to_list() -> Response {
    redirect("/console/devices")
}

/// The device and what is to be done with it.
async fn meant(
    administrator: &Administrator,
    id: &str,
    deed: &str,
) -> Result<(Device, Deed), Failure> {
    let deed = Deed::parse(deed).ok_or_else(|| Failure(missing("page", deed)))?;
    administrator.actor.require(deed.action())?;
    let view = found(administrator, device_id(id)?).await?;
    Ok((view.device, deed))
}

/// What is wrong with a form.
fn problem(
    administrator: &Administrator,
    device: &Device,
    deed: Deed,
    fields: &Fields,
) -> Option<(&'static str, String)> {
    let language = administrator.language();
    if deed.is_typed() && fields.text("name").trim() != device.display_name().trim() {
        return Some(("name", language.text("devices-type-wrong")));
    }
    if deed == Deed::Lock {
        for field in ["message", "phone"] {
            if fields.text(field).chars().count() > MESSAGE_LIMIT {
                let limit = MESSAGE_LIMIT.to_string();
                return Some((
                    field,
                    language.text_with("devices-too-long", &[("limit", &limit)]),
                ));
            }
        }
    }
    None
}

fn confirm(administrator: &Administrator, device: &Device, deed: Deed) -> Confirm {
    let language = administrator.language();
    Confirm {
        page: administrator.page(),
        id: device.id.to_string(),
        name: device.display_name(),
        deed,
        title: language.text(deed.title()),
        warning: language.text(deed.warning()),
        message: String::new(),
        phone: String::new(),
        keeps_plan: false,
        wrong: None,
    }
}
