//! What would X get: a person's settings on a device, before there is one.

mod shown;

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::routing::get;
use mandate_engine::{
    Action, DeviceFilter, EngineError, Page as Slice, SimulationRequest, UserFilter,
};
use mandate_model::{DeviceId, OsVersion, Platform, UserId};
use mandate_ui::Door;
use mandate_web::{Page, Routes, render};
use serde::Deserialize;

use crate::administrator::Administrator;
use crate::failure::Answer;
use shown::Shown;

/// Routes of the area.
pub(crate) fn routes() -> Routes<Door> {
    Routes::new().route("/console/simulation", get(show))
}

/// How many people or devices are offered.
const MOST: u32 = 20;

#[derive(Template)]
#[template(path = "simulation/index.html")]
struct Index {
    page: Page,
    asked: Asked,
    /// Ids of texts that say what is wrong with a field.
    wrong: Vec<(&'static str, &'static str)>,
    /// People that may be meant.
    people: Vec<Link>,
    /// Devices of the person.
    devices: Vec<Link>,
    shown: Option<Shown>,
}

/// A link to the page with something chosen.
struct Link {
    path: String,
    name: String,
    is_chosen: bool,
}

/// What is asked for, in the address.
#[derive(Debug, Clone, Default, Deserialize)]
struct Asked {
    /// Sign-in name, id or beginning of the name of a person.
    #[serde(default)]
    user: String,
    /// A device that is there.
    #[serde(default)]
    device: String,
    /// What an imagined device runs.
    #[serde(default)]
    platform: String,
    /// Its version.
    #[serde(default)]
    os: String,
}

impl Asked {
    fn is_about_macs(&self) -> bool {
        Platform::parse(&self.platform) == Some(Platform::MacOs)
    }

    /// Path of the page with another person or device.
    fn path(&self, user: &str, device: &str) -> String {
        let encoded = |text: &str| {
            percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
                .to_string()
        };
        format!(
            "/console/simulation?user={}&device={}&platform={}&os={}",
            encoded(user),
            encoded(device),
            encoded(&self.platform),
            encoded(&self.os)
        )
    }

    /// The request, or which field is wrong and why.
    fn request(&self) -> Result<SimulationRequest, (&'static str, &'static str)> {
        let device = match self.device.trim() {
            "" => None,
            id => match uuid::Uuid::try_parse(id) {
                Ok(id) => Some(DeviceId(id)),
                Err(_) => return Err(("user", "simulation-wrong-device")),
            },
        };
        let os_version = match self.os.trim() {
            "" => None,
            text => match OsVersion::parse(text) {
                Some(version) => Some(version),
                None => return Err(("os", "simulation-wrong-os")),
            },
        };
        let user = self.user.trim();
        Ok(SimulationRequest {
            user: (!user.is_empty()).then(|| user.to_owned()),
            device,
            platform: Platform::parse(&self.platform).unwrap_or(Platform::Ios),
            os_version,
        })
    }
}

/// `GET /console/simulation`
async fn show(administrator: Administrator, Query(asked): Query<Asked>) -> Answer {
    let actor = &administrator.actor;
    actor.require(Action::ProfilesViewReports)?;
    let mut index = Index {
        page: administrator.page(),
        asked,
        wrong: Vec::new(),
        people: Vec::new(),
        devices: Vec::new(),
        shown: None,
    };
    if index.asked.user.trim().is_empty() && index.asked.device.trim().is_empty() {
        return Ok(render(StatusCode::OK, &index));
    }
    let request = match index.asked.request() {
        Ok(request) => request,
        Err(wrong) => {
            index.wrong.push(wrong);
            return Ok(render(StatusCode::BAD_REQUEST, &index));
        }
    };
    match administrator.engine().what_would(actor, request).await {
        Ok(simulation) => {
            if let Some(user) = &simulation.user {
                index.devices = devices(&administrator, &index.asked, user.id).await?;
            }
            index.shown = Some(Shown::of(&simulation, administrator.language()));
            Ok(render(StatusCode::OK, &index))
        }
        Err(EngineError::NotFound { what: "user", .. }) => {
            index.people = people(&administrator, &index.asked).await?;
            let id = if index.people.is_empty() {
                "simulation-nobody"
            } else {
                "simulation-who"
            };
            index.wrong.push(("user", id));
            Ok(render(StatusCode::NOT_FOUND, &index))
        }
        Err(error) => Err(error.into()),
    }
}

/// People whose name begins as what was entered.
async fn people(administrator: &Administrator, asked: &Asked) -> Result<Vec<Link>, EngineError> {
    let filter = UserFilter {
        name_prefix: Some(asked.user.trim().to_owned()),
        ..UserFilter::default()
    };
    let engine = administrator.engine();
    let found = engine
        .list_users(&administrator.actor, filter, Slice::first(MOST))
        .await?;
    let links = found.into_iter().map(|user| Link {
        path: asked.path(&user.user_principal_name, ""),
        name: format!("{} ({})", user.display_name, user.user_principal_name),
        is_chosen: false,
    });
    Ok(links.collect())
}

/// Devices of a person, and one that is imagined.
async fn devices(
    administrator: &Administrator,
    asked: &Asked,
    user: UserId,
) -> Result<Vec<Link>, EngineError> {
    if !administrator.actor.may(Action::DevicesRead) {
        return Ok(Vec::new());
    }
    let filter = DeviceFilter {
        user: Some(user),
        ..DeviceFilter::default()
    };
    let engine = administrator.engine();
    let found = engine
        .list_devices(&administrator.actor, filter, Slice::first(MOST))
        .await?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let imagined = Link {
        path: asked.path(&asked.user, ""),
        name: administrator.language().text("simulation-imagined"),
        is_chosen: asked.device.trim().is_empty(),
    };
    let present = found.into_iter().map(|view| {
        let (device, id) = (&view.device, view.device.id.to_string());
        let version = device.facts.os_version.clone().unwrap_or_default();
        Link {
            path: asked.path(&asked.user, &id),
            name: format!("{} {version}", device.display_name()),
            is_chosen: asked.device.trim() == id,
        }
    });
    Ok(std::iter::once(imagined).chain(present).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(device: &str, os: &str) -> Asked {
        Asked {
            user: "ada@contoso.com".to_owned(),
            device: device.to_owned(),
            platform: "macos".to_owned(),
            os: os.to_owned(),
        }
    }

    #[test]
    fn what_cannot_be_read_is_named_by_its_field() {
        let request = asked("", " 14.5 ").request().unwrap();
        assert_eq!(request.platform, Platform::MacOs);
        assert_eq!(request.os_version, Some(OsVersion::new(14, 5)));
        assert_eq!(asked("", "new").request().unwrap_err().0, "os");
        assert_eq!(asked("x", "").request().unwrap_err().0, "user");
    }

    #[test]
    fn what_somebody_entered_stays_in_its_place_of_the_address() {
        let path = asked("", "1&device=2").path("a&b#c", "");
        assert!(
            !path.contains("a&b") && !path.contains("1&device"),
            "{path}"
        );
        assert_eq!(path.matches('&').count(), 3);
    }
}
