//! Looking for devices.

use mandate_model::Device;
use mandate_store::{AfterDevice, DeviceSearch, DeviceWorry, FoundDevice, MailStanding};

use crate::{Action, Actor, Engine, EngineError};

/// More characters than this nobody looks for.
const LONGEST_TEXT: usize = 200;

/// A page of devices in the order of their names.
#[derive(Debug, Clone, PartialEq)]
pub struct DevicesFound {
    /// The devices.
    pub devices: Vec<DeviceLine>,
    /// What to ask for the next page with; none if this is the last.
    pub next: Option<AfterDevice>,
}

/// A device as a list shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct DeviceLine {
    /// The device.
    pub device: Device,
    /// How mail stands there.
    pub mail: MailStanding,
    /// Sign-in name and name of its user.
    pub owner: Option<(String, String)>,
}

impl Engine {
    /// Devices that can be seen and answer to a search, at most `limit`, in the order of their names.
    pub async fn search_devices(
        &self,
        actor: &Actor,
        mut search: DeviceSearch,
        after: Option<&AfterDevice>,
        limit: u32,
    ) -> Result<DevicesFound, EngineError> {
        let scope = actor.scope_for(Action::DevicesRead)?;
        let text = search.text.take();
        let text = text.map(|text| text.trim().chars().take(LONGEST_TEXT).collect::<String>());
        search.text = text.filter(|text| !text.is_empty());
        if let Some(worry) = &mut search.worry {
            actor.require(Action::ProfilesViewReports)?;
            if let DeviceWorry::Late { now, .. } = worry {
                *now = self.now();
            }
        }
        let limit = limit.clamp(1, 1000);
        let mut session = self.store().read().await?;
        let mut found = session
            .search_devices(&search, &scope, after, limit + 1)
            .await?;
        let is_last = found.len() <= limit as usize;
        found.truncate(limit as usize);
        let devices: Vec<DeviceLine> = found.into_iter().map(line).collect();
        let next = devices.last().filter(|_| !is_last).map(|last| AfterDevice {
            name: last.device.display_name().to_lowercase(),
            id: last.device.id,
        });
        Ok(DevicesFound { devices, next })
    }
}

fn line(found: FoundDevice) -> DeviceLine {
    DeviceLine {
        device: found.record.device,
        mail: found.mail,
        owner: found.owner,
    }
}
