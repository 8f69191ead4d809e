//! Categories of devices: a word that people or administrators choose for a device, and that rules of groups ask for.

use mandate_model::{DeviceCategoryId, DeviceId, LinkId, Member};
use mandate_store::{
    DeviceCategoryRecord as DeviceCategory, DeviceLabelRecord as DeviceLabel, Session, StoreError,
};
use serde_json::{Value, json};

use crate::access::growth::Before;
use crate::access::scope::require_device;
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError, SignedIn};

/// Categories that there may be: people choose among all of them.
const MOST: i64 = 200;
/// Characters of names and descriptions. Graph names no limits; these are ours.
const NAME_LIMIT: usize = 128;
const DESCRIPTION_LIMIT: usize = 1024;

/// What a category is to say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceCategoryChange {
    /// Name.
    pub display_name: Option<String>,
    /// What it is for; `Some(None)` takes it away.
    pub description: Option<Option<String>>,
}

impl Engine {
    /// All categories by name.
    pub async fn list_device_categories(
        &self,
        actor: &Actor,
    ) -> Result<Vec<DeviceCategory>, EngineError> {
        actor.require(Action::DevicesRead)?;
        Ok(self.store().read().await?.list_device_categories().await?)
    }

    /// A category by id.
    pub async fn find_device_category(
        &self,
        actor: &Actor,
        id: DeviceCategoryId,
    ) -> Result<Option<DeviceCategory>, EngineError> {
        actor.require(Action::DevicesRead)?;
        Ok(self.store().read().await?.find_device_category(id).await?)
    }

    /// Adds a category.
    pub async fn create_device_category(
        &self,
        actor: &Actor,
        new: DeviceCategoryChange,
    ) -> Result<DeviceCategory, EngineError> {
        actor.require(Action::DevicesUpdate)?;
        actor.require_everywhere(Action::DevicesUpdate)?;
        let now = self.now();
        let category = checked(DeviceCategory {
            id: DeviceCategoryId(self.chance().id(now)),
            display_name: new.display_name.unwrap_or_default(),
            description: new.description.flatten(),
            created_at: now,
        })?;
        let mut session = self.store().write().await?;
        if session.count_device_categories().await? >= MOST {
            let reason = format!("there may be at most {MOST} device categories");
            return Err(EngineError::NotPossible { reason });
        }
        session
            .insert_device_category(&category)
            .await
            .map_err(|error| taken(error, &category))?;
        let change = Change::create(
            KIND,
            category.id,
            &category.display_name,
            properties(&category),
        );
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(category)
    }

    /// Changes a category. Rules that ask for categories are asked about all devices again if its name is another one.
    pub async fn update_device_category(
        &self,
        actor: &Actor,
        id: DeviceCategoryId,
        change: DeviceCategoryChange,
    ) -> Result<DeviceCategory, EngineError> {
        actor.require(Action::DevicesUpdate)?;
        actor.require_everywhere(Action::DevicesUpdate)?;
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let before = find(&mut session, id).await?;
        let category = checked(DeviceCategory {
            display_name: change
                .display_name
                .unwrap_or_else(|| before.display_name.clone()),
            description: change
                .description
                .unwrap_or_else(|| before.description.clone()),
            ..before.clone()
        })?;
        if category == before {
            return Ok(category);
        }
        session
            .update_device_category(&category)
            .await
            .map_err(|error| taken(error, &category))?;
        if category.display_name != before.display_name {
            self.ask_rules_again(&mut session, "deviceCategory").await?;
        }
        let (old, new) = (properties(&before), properties(&category));
        let change = Change::update(KIND, id, &category.display_name, &old, &new);
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(category)
    }

    /// Removes a category. Refused as long as a device has it: its groups, and what they bring, may hang on it.
    pub async fn delete_device_category(
        &self,
        actor: &Actor,
        id: DeviceCategoryId,
    ) -> Result<(), EngineError> {
        actor.require(Action::DevicesUpdate)?;
        actor.require_everywhere(Action::DevicesUpdate)?;
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        let category = find(&mut session, id).await?;
        let devices = session.count_devices_of_category(id).await?;
        if devices > 0 {
            return Err(EngineError::InUse {
                what: "device category",
                name: category.display_name,
                by: vec![format!("{devices} devices")],
            });
        }
        session.delete_device_category(id).await?;
        let change = Change::delete(KIND, id, &category.display_name, properties(&category));
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

    /// What is noted about the devices from one id to another, by id; many have nothing.
    pub async fn device_labels(
        &self,
        actor: &Actor,
        first: DeviceId,
        last: DeviceId,
    ) -> Result<Vec<DeviceLabel>, EngineError> {
        let scope = actor.scope_for(Action::DevicesRead)?;
        let mut session = self.store().read().await?;
        let mut found = session.list_device_labels(first, last).await?;
        if !scope.is_all() {
            let tags = session.scope_tags_of_devices(first, last).await?;
            let default = ["0".to_owned()];
            let of = |id| tags.get(&id).map_or(default.as_slice(), Vec::as_slice);
            found.retain(|label| scope.shows(of(label.device)));
        }
        Ok(found)
    }

    /// Gives a device a category, or takes it away; rules that ask for it move the device at once.
    pub async fn categorise_device(
        &self,
        actor: &Actor,
        id: DeviceId,
        category: Option<DeviceCategoryId>,
    ) -> Result<(), EngineError> {
        actor.require(Action::DevicesUpdate)?;
        let mut session = self.store().write().await?;
        session.hold_access().await?;
        // Held first, as by whoever serves it.
        let device = session
            .hold_device(id)
            .await?
            .filter(|record| record.channel.is_none())
            .ok_or_else(|| EngineError::not_found("device", id))?
            .device;
        require_device(&mut session, actor, Action::DevicesUpdate, &device).await?;
        let wanted = match category {
            Some(category) => Some(find(&mut session, category).await?),
            None => None,
        };
        let label = session.list_device_labels(id, id).await?.pop();
        let before = label.as_ref().and_then(|label| label.category);
        if before == category {
            return Ok(());
        }
        let power = Before::look(&mut session, actor, Member::Device(id)).await?;
        session.set_device_category(id, category).await?;
        self.follow_rules(&mut session, actor, Member::Device(id))
            .await?;
        power.require_no_more(&mut session, actor).await?;
        let name = device.display_name();
        let old = json!({ "deviceCategory": label.and_then(|label| label.category_name) });
        let new = json!({ "deviceCategory": wanted.map(|wanted| wanted.display_name) });
        let change = Change::update("device", id, &name, &old, &new);
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

    /// Whether people choose a category when they enrol a device of their own.
    pub async fn chooses_category_at_enrolment(&self, actor: &Actor) -> Result<bool, EngineError> {
        actor.require(Action::OrganizationRead)?;
        is_chosen(&mut self.store().read().await?).await
    }

    /// Says whether people choose a category when they enrol a device of their own.
    pub async fn set_chooses_category_at_enrolment(
        &self,
        actor: &Actor,
        chooses: bool,
    ) -> Result<(), EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        actor.require_everywhere(Action::OrganizationUpdate)?;
        let mut session = self.store().write().await?;
        let before = is_chosen(&mut session).await?;
        if before == chooses {
            return Ok(());
        }
        session
            .set_setting(CHOSEN, if chooses { "on" } else { "off" })
            .await?;
        let (old, new) = (
            json!({ "isChosenAtEnrollment": before }),
            json!({ "isChosenAtEnrollment": chooses }),
        );
        let tenant = self.tenant();
        let change = Change::update(
            "deviceCategorySettings",
            tenant.id,
            &tenant.company,
            &old,
            &new,
        );
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

    /// The categories among which somebody chooses for a device of their own; none if they do not.
    pub async fn categories_to_choose(
        &self,
        _of: &SignedIn,
    ) -> Result<Vec<DeviceCategory>, EngineError> {
        let mut session = self.store().read().await?;
        if !is_chosen(&mut session).await? {
            return Ok(Vec::new());
        }
        Ok(session.list_device_categories().await?)
    }

    /// Notes what a link says about the device that has come through it. Without a word of it, a device that was here
    /// before keeps its category.
    pub(crate) async fn label_newcomer(
        &self,
        session: &mut Session,
        device: DeviceId,
        link: LinkId,
    ) -> Result<(), EngineError> {
        if let Some(category) = session.category_of_link(link).await? {
            session.set_device_category(device, Some(category)).await?;
        }
        Ok(())
    }
}

async fn is_chosen(session: &mut Session) -> Result<bool, EngineError> {
    Ok(session.find_setting(CHOSEN).await?.as_deref() == Some("on"))
}

async fn find(session: &mut Session, id: DeviceCategoryId) -> Result<DeviceCategory, EngineError> {
    session
        .find_device_category(id)
        .await?
        .ok_or_else(|| EngineError::not_found("device category", id))
}

fn checked(mut category: DeviceCategory) -> Result<DeviceCategory, EngineError> {
    category.display_name = category.display_name.trim().to_owned();
    category.description = category
        .description
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty());
    let length = category.display_name.chars().count();
    if length == 0 || length > NAME_LIMIT {
        return Err(EngineError::invalid(
            "displayName",
            "must have 1 to 128 characters",
            Some(&category.display_name),
        ));
    }
    let is_long = |text: &String| text.chars().count() > DESCRIPTION_LIMIT;
    if category.description.as_ref().is_some_and(is_long) {
        return Err(EngineError::invalid(
            "description",
            "must have at most 1,024 characters",
            None,
        ));
    }
    Ok(category)
}

fn taken(error: StoreError, category: &DeviceCategory) -> EngineError {
    match error {
        StoreError::Duplicate => EngineError::AlreadyExists {
            what: "device category",
            property: "displayName",
            value: category.display_name.clone(),
        },
        other => other.into(),
    }
}

fn properties(category: &DeviceCategory) -> Value {
    json!({ "displayName": category.display_name, "description": category.description })
}

/// What the audit calls categories.
const KIND: &str = "deviceCategory";
/// The setting that lets people choose.
const CHOSEN: &str = "device.category.chosen";
