//! Branding in Graph's words.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_engine::{BrandText, Branding, Engine, PictureSlot};
use serde_json::{Map, Value, json};

use super::read::{FIXED, Wording};
use super::{COLLECTION, DECLARED};
use crate::entity::Entity;
use crate::schema;

/// Pictures with their content.
pub(crate) type Pictures = BTreeMap<PictureSlot, Vec<u8>>;

/// `intuneBrand` of device management.
pub(crate) fn brand(branding: &Branding, pictures: &Pictures) -> Value {
    let mut body = common(branding, pictures, Wording::Brand);
    let beside = json!(branding.details.show_name_next_to_logo);
    body.insert("showNameNextToLogo".to_owned(), beside);
    Value::Object(body)
}

/// The default `intuneBrandingProfile`.
#[expect(
    clippy::needless_pass_by_value,
    reason = "nobody needs the pictures after they were shown"
)]
pub(super) fn profile(engine: &Engine, branding: &Branding, pictures: Pictures) -> Entity {
    let tenant = engine.tenant();
    let mut body = schema::blank(DECLARED);
    body.extend(common(branding, &pictures, Wording::Profile));
    for (name, value) in FIXED {
        body.insert((*name).to_owned(), value());
    }
    let modified = branding.modified_at.unwrap_or(tenant.created_at);
    for (name, value) in [
        ("id", json!(tenant.id)),
        ("profileName", json!("Default")),
        ("isDefaultProfile", json!(true)),
        ("createdDateTime", json!(tenant.created_at.to_string())),
        ("lastModifiedDateTime", json!(modified.to_string())),
    ] {
        body.insert(name.to_owned(), value);
    }
    Entity::new(DECLARED, format!("{COLLECTION}('{}')", tenant.id), body)
}

fn common(branding: &Branding, pictures: &Pictures, wording: Wording) -> Map<String, Value> {
    let details = &branding.details;
    let mut body = Map::new();
    for text in BrandText::ALL {
        body.insert(text.property.to_owned(), json!(details.text(text)));
    }
    body.insert("displayName".to_owned(), json!(branding.title));
    let colour = details.theme_colour;
    let colour = colour.map(|colour| json!({"r": colour.r, "g": colour.g, "b": colour.b}));
    body.insert("themeColor".to_owned(), json!(colour));
    body.insert("showLogo".to_owned(), json!(details.show_logo));
    let beside = json!(details.show_name_next_to_logo);
    body.insert("showDisplayNameNextToLogo".to_owned(), beside);
    for slot in wording.slots() {
        let content = pictures.get(slot).zip(branding.picture(*slot));
        let shown = content.map(|(content, picture)| {
            json!({"type": picture.kind.media_type(), "value": STANDARD.encode(content)})
        });
        body.insert(wording.name(slot.property()).to_owned(), json!(shown));
    }
    body
}
