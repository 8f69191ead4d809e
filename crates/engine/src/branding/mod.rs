//! How the organisation presents itself: its name, whom people ask, its colour and its logos.
//!
//! One presentation holds for the whole instance, on the portal, at sign-in and in what Graph says
//! (`deviceManagement/intuneBrand` and the default of `intuneBrandingProfiles`: the same data twice). Everybody may see
//! it, strangers too: it stands on the page at which they sign in.

mod colour;
mod details;
mod picture;

pub use colour::{Colour, TEXT_CONTRAST};
pub use details::{BrandDetails, BrandText};
pub use picture::{NewPicture, Picture, PictureKind, PictureSlot};

use mandate_model::Timestamp;
use mandate_model::catalogue::Violation;
use mandate_store::{BrandPictureRecord, Session};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::picture::Drawn;
use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError};

/// Name of the setting in the store.
const NAME: &str = "branding";
/// Kind of the thing, for the audit.
const KIND: &str = "intuneBrand";

/// How the organisation presents itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branding {
    /// What the organisation is called: the name of the branding, or else the company's.
    pub title: String,
    /// Texts, colour and switches as they were set.
    pub details: BrandDetails,
    /// Logo on light grounds; shown while [`BrandDetails::show_logo`] says so.
    pub light_logo: Option<Picture>,
    /// Logo on the theme colour; likewise.
    pub theme_logo: Option<Picture>,
    /// Background of the Company Portal app.
    pub background: Option<Picture>,
    /// When it was changed last.
    pub modified_at: Option<Timestamp>,
}

impl Branding {
    /// The picture of a place, whether it is shown or not.
    pub const fn picture(&self, slot: PictureSlot) -> Option<&Picture> {
        match slot {
            PictureSlot::LightLogo => self.light_logo.as_ref(),
            PictureSlot::ThemeLogo => self.theme_logo.as_ref(),
            PictureSlot::Background => self.background.as_ref(),
        }
    }

    /// The place of a picture with this file name, if one of them has it.
    pub fn slot_of(&self, file_name: &str) -> Option<PictureSlot> {
        PictureSlot::ALL.into_iter().find(|slot| {
            self.picture(*slot)
                .is_some_and(|picture| picture.file_name() == file_name)
        })
    }
}

/// What becomes of the texts, the colour and the switches.
type DetailsChange = Box<dyn FnOnce(&mut BrandDetails) + Send>;

/// A change of the branding.
#[derive(Default)]
pub struct BrandingChange {
    details: Option<DetailsChange>,
    pictures: Vec<(PictureSlot, Option<NewPicture>)>,
}

impl BrandingChange {
    /// A change of texts, colour and switches.
    pub fn new(change: impl FnOnce(&mut BrandDetails) + Send + 'static) -> Self {
        Self {
            details: Some(Box::new(change)),
            pictures: Vec::new(),
        }
    }

    /// With another picture in a place, or with none.
    #[must_use]
    pub fn picture(mut self, slot: PictureSlot, picture: Option<NewPicture>) -> Self {
        self.pictures.retain(|(known, _)| *known != slot);
        self.pictures.push((slot, picture));
        self
    }
}

impl std::fmt::Debug for BrandingChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BrandingChange")
            .field("pictures", &self.pictures)
            .finish_non_exhaustive()
    }
}

/// As it stands in the store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Stored {
    details: BrandDetails,
    light_logo: Option<Picture>,
    theme_logo: Option<Picture>,
    background: Option<Picture>,
    modified_at: Option<Timestamp>,
}

impl Stored {
    fn picture_mut(&mut self, slot: PictureSlot) -> &mut Option<Picture> {
        match slot {
            PictureSlot::LightLogo => &mut self.light_logo,
            PictureSlot::ThemeLogo => &mut self.theme_logo,
            PictureSlot::Background => &mut self.background,
        }
    }

    fn picture(&self, slot: PictureSlot) -> Option<&Picture> {
        match slot {
            PictureSlot::LightLogo => self.light_logo.as_ref(),
            PictureSlot::ThemeLogo => self.theme_logo.as_ref(),
            PictureSlot::Background => self.background.as_ref(),
        }
    }

    /// Whether it says whom people may ask.
    pub(crate) fn names_contact(&self) -> bool {
        let details = &self.details;
        let contacts = [
            &details.contact_phone,
            &details.contact_email,
            &details.support_url,
        ];
        contacts.into_iter().any(Option::is_some)
    }

    /// Whether anybody ever changed it.
    pub(crate) const fn was_changed(&self) -> bool {
        self.modified_at.is_some()
    }

    /// What the audit says of it, in Graph's words; of pictures their hashes.
    fn noted(&self) -> Value {
        let details = &self.details;
        let mut noted = json!({
            "themeColor": details.theme_colour.map(|colour| colour.to_string()),
            "showLogo": details.show_logo,
            "showDisplayNameNextToLogo": details.show_name_next_to_logo,
        });
        for text in BrandText::ALL {
            noted[text.property] = json!(details.text(text));
        }
        for slot in PictureSlot::ALL {
            noted[slot.property()] = json!(self.picture(slot).map(|picture| &picture.hash));
        }
        noted
    }
}

/// A change whose pictures were drawn, and what is wrong with those that could not be.
pub(crate) struct PreparedBranding {
    details: Option<DetailsChange>,
    pictures: Vec<(PictureSlot, Option<Drawn>)>,
    violations: Vec<Violation>,
}

impl Engine {
    /// How the organisation presents itself. Everybody may see it.
    pub async fn branding(&self) -> Result<Branding, EngineError> {
        let stored = read(&mut self.store().read().await?).await?;
        Ok(self.shown_branding(stored))
    }

    /// The file of a picture, as it was encoded here; nothing if the place has none. Everybody may see it.
    pub async fn brand_picture(&self, slot: PictureSlot) -> Result<Option<Vec<u8>>, EngineError> {
        let mut session = self.store().read().await?;
        let record = session.find_brand_picture(slot.property()).await?;
        Ok(record.map(|record| record.content))
    }

    /// Changes how the organisation presents itself. Errors name the property as Graph's `intuneBrandingProfile` does.
    pub async fn update_branding(
        &self,
        actor: &Actor,
        change: BrandingChange,
    ) -> Result<Branding, EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let prepared = self.prepare_branding(change).await?;
        let mut session = self.store().write().await?;
        let stored = self.change_branding(&mut session, actor, prepared).await?;
        session.commit().await?;
        Ok(self.shown_branding(stored))
    }

    /// Whether somebody may change the branding, for doors that refuse a part of it.
    pub fn require_branding(&self, actor: &Actor) -> Result<(), EngineError> {
        actor.require(Action::OrganizationUpdate)
    }

    /// What takes time is done before the transaction.
    pub(crate) async fn prepare_branding(
        &self,
        change: BrandingChange,
    ) -> Result<PreparedBranding, EngineError> {
        let present = read(&mut self.store().read().await?).await?;
        let mut prepared = PreparedBranding {
            details: change.details,
            pictures: Vec::new(),
            violations: Vec::new(),
        };
        for (slot, new) in change.pictures {
            let Some(new) = new else {
                prepared.pictures.push((slot, None));
                continue;
            };
            // What was read here and is sent back stays as it is: a JPEG loses a little each time it is encoded.
            let is_ours = |picture: &Picture| picture.hash == picture::hash(&new.content);
            if present.picture(slot).is_some_and(is_ours) {
                continue;
            }
            match tokio::task::spawn_blocking(move || picture::draw(slot, &new)).await {
                Ok(Ok(drawn)) => prepared.pictures.push((slot, Some(drawn))),
                Ok(Err(violation)) => prepared.violations.push(violation),
                Err(error) => {
                    tracing::error!("the decoder of pictures broke off: {error}");
                    let rule = "must be an intact picture";
                    let violation = Violation::without_value(slot.property(), rule);
                    prepared.violations.push(violation);
                }
            }
        }
        Ok(prepared)
    }

    /// Writes a change and notes it, unless nothing is different.
    pub(crate) async fn change_branding(
        &self,
        session: &mut Session,
        actor: &Actor,
        prepared: PreparedBranding,
    ) -> Result<Stored, EngineError> {
        let before = read(session).await?;
        let mut stored = before.clone();
        if let Some(change) = prepared.details {
            change(&mut stored.details);
        }
        stored.details.tidy();
        // Clients send back the name that they were shown; the company's is not subject to the rules of this one.
        let company = &self.tenant().company;
        stored.details.display_name.take_if(|name| name == company);
        let mut violations = stored.details.violations();
        violations.extend(prepared.violations);
        if !violations.is_empty() {
            return Err(EngineError::Invalid(violations));
        }
        for (slot, drawn) in &prepared.pictures {
            *stored.picture_mut(*slot) = drawn.as_ref().map(|drawn| drawn.picture.clone());
        }
        if stored == before {
            return Ok(stored);
        }
        for (slot, drawn) in prepared.pictures {
            write(session, slot, drawn).await?;
        }
        stored.modified_at = Some(self.now());
        let text = serde_json::to_string(&stored).expect("texts, numbers and switches");
        session.set_setting(NAME, &text).await?;
        let tenant = self.tenant();
        let (old, new) = (before.noted(), stored.noted());
        let change = Change::update(KIND, tenant.id, &tenant.company, &old, &new);
        self.audit(session, actor, change).await?;
        Ok(stored)
    }

    fn shown_branding(&self, stored: Stored) -> Branding {
        let name = stored.details.display_name.as_ref();
        Branding {
            title: name.unwrap_or(&self.tenant().company).clone(),
            details: stored.details,
            light_logo: stored.light_logo,
            theme_logo: stored.theme_logo,
            background: stored.background,
            modified_at: stored.modified_at,
        }
    }
}

pub(crate) async fn read(session: &mut Session) -> Result<Stored, EngineError> {
    match session.find_setting(NAME).await? {
        None => Ok(Stored::default()),
        Some(text) => serde_json::from_str(&text).map_err(|error| {
            EngineError::Internal(format!("setting `{NAME}` cannot be read: {error}"))
        }),
    }
}

async fn write(
    session: &mut Session,
    slot: PictureSlot,
    drawn: Option<Drawn>,
) -> Result<(), EngineError> {
    let name = slot.property();
    match drawn {
        None => session.delete_brand_picture(name).await?,
        Some(Drawn { picture, content }) => {
            let record = BrandPictureRecord {
                slot: name.to_owned(),
                hash: picture.hash,
                content,
            };
            session.set_brand_picture(&record).await?;
        }
    }
    Ok(())
}
