//! Bodies that change the branding.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mandate_engine::{BrandText, BrandingChange, Colour, NewPicture, PictureSlot};
use serde_json::{Map, Value, json};

use crate::error::{GraphError, Result};
use crate::resources::body::{boolean, text};
use crate::schema;

/// Which of Graph's two types the words are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wording {
    /// `intuneBrand`
    Brand,
    /// `intuneBrandingProfile`
    Profile,
}

impl Wording {
    const fn type_name(self) -> &'static str {
        match self {
            Self::Brand => "intuneBrand",
            Self::Profile => "intuneBrandingProfile",
        }
    }

    /// The pictures that the type has.
    pub(super) const fn slots(self) -> &'static [PictureSlot] {
        match self {
            Self::Brand => &[PictureSlot::LightLogo, PictureSlot::ThemeLogo],
            Self::Profile => &PictureSlot::ALL,
        }
    }

    /// The type's name for a property of the engine.
    pub(crate) fn name(self, property: &str) -> &str {
        match (self, property) {
            (Self::Brand, "themeColorLogo") => "darkBackgroundLogo",
            _ => property,
        }
    }

    /// How errors name a property.
    fn target(self, name: &str) -> String {
        match self {
            Self::Brand => format!("intuneBrand/{name}"),
            Self::Profile => name.to_owned(),
        }
    }
}

/// Written by the server; clients send them back as they read them.
const PASSED_OVER: [&str; 4] = [
    "id",
    "isDefaultProfile",
    "createdDateTime",
    "lastModifiedDateTime",
];

/// A property that is always the same.
type Fixed = (&'static str, fn() -> Value);

/// What Intune has and mandate does not: always like this, and whoever wants it otherwise is refused.
pub(super) const FIXED: &[Fixed] = &[
    ("companyPortalBlockedActions", || json!([])),
    ("customCanSeePrivacyMessage", || Value::Null),
    ("customCantSeePrivacyMessage", || Value::Null),
    ("customPrivacyMessage", || Value::Null),
    ("disableClientTelemetry", || json!(false)),
    ("disableDeviceCategorySelection", || json!(false)),
    ("enrollmentAvailability", || json!("availableWithPrompts")),
    ("isFactoryResetDisabled", || json!(false)),
    ("isRemoveDeviceDisabled", || json!(false)),
    ("profileDescription", || Value::Null),
    ("profileName", || json!("Default")),
    ("roleScopeTagIds", || json!(["0"])),
    ("showAzureADEnterpriseApps", || json!(false)),
    ("showConfigurationManagerApps", || json!(false)),
    ("showOfficeWebApps", || json!(false)),
];

/// The change that a body asks for. What it does not mention stays.
pub(crate) fn read_brand(wording: Wording, body: &Map<String, Value>) -> Result<BrandingChange> {
    let mut texts = Vec::new();
    let (mut colour, mut show_logo, mut show_name) = (None, None, None);
    let mut pictures = Vec::new();
    for (name, value) in body.iter().filter(|(name, _)| !name.contains('@')) {
        let target = wording.target(name);
        let Some(property) = schema::property(wording.type_name(), name) else {
            return Err(unknown(wording, &target, name));
        };
        let known = property.name();
        let of_text = |text: &BrandText| text.property == known;
        let of_slot = |slot: &&PictureSlot| wording.name(slot.property()) == known;
        if let Some(which) = BrandText::ALL.into_iter().find(of_text) {
            texts.push((which, text(&target, value)?));
        } else if let Some(slot) = wording.slots().iter().find(of_slot) {
            pictures.push((*slot, picture(&target, value)?));
        } else if let Some((_, fixed)) = FIXED.iter().find(|(name, _)| *name == known) {
            check_fixed(&target, value, &fixed())?;
        } else {
            match known {
                "themeColor" => colour = Some(read_colour(&target, value)?),
                "showLogo" => show_logo = Some(boolean(&target, value)?),
                "showNameNextToLogo" | "showDisplayNameNextToLogo" => {
                    set_once(&mut show_name, boolean(&target, value)?, &target)?;
                }
                _ if PASSED_OVER.contains(&known) => {}
                _ => return Err(unknown(wording, &target, name)),
            }
        }
    }
    let change = BrandingChange::new(move |details| {
        for (which, value) in texts {
            *details.text_mut(which) = value;
        }
        if let Some(colour) = colour {
            details.theme_colour = colour;
        }
        details.show_logo = show_logo.unwrap_or(details.show_logo);
        details.show_name_next_to_logo = show_name.unwrap_or(details.show_name_next_to_logo);
    });
    Ok(pictures
        .into_iter()
        .fold(change, |change, (slot, picture)| {
            change.picture(slot, picture)
        }))
}

/// `intuneBrand` has one switch under two names.
fn set_once(place: &mut Option<bool>, value: bool, target: &str) -> Result<()> {
    if place.is_some_and(|other| other != value) {
        let message = format!(
            "`{target}` must be as its other name says: `showNameNextToLogo` and \
             `showDisplayNameNextToLogo` are one switch"
        );
        return Err(GraphError::invalid(target, message));
    }
    *place = Some(value);
    Ok(())
}

/// `rgbColor`: three numbers of 0 to 255.
fn read_colour(target: &str, value: &Value) -> Result<Option<Colour>> {
    if value.is_null() {
        return Ok(None);
    }
    let part = |name: &str| {
        let number = value.get(name).and_then(Value::as_u64);
        number
            .and_then(|number| u8::try_from(number).ok())
            .ok_or_else(|| {
                let target = format!("{target}/{name}");
                let message = format!("`{target}` must be a whole number of 0 to 255");
                GraphError::invalid(target, message)
            })
    };
    Ok(Some(Colour::new(part("r")?, part("g")?, part("b")?)))
}

/// `mimeContent`: a media type and base64. Without a value there is no picture.
fn picture(target: &str, value: &Value) -> Result<Option<NewPicture>> {
    let wrong = |rule: &str| GraphError::invalid(target, format!("`{target}` {rule}"));
    let Value::Object(body) = value else {
        return if value.is_null() {
            Ok(None)
        } else {
            Err(wrong("must be an object with `type` and `value`"))
        };
    };
    let field = |name: &str| match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
        Some(_) => Err(wrong("must have texts for `type` and `value`")),
    };
    let (media_type, encoded) = (field("type")?, field("value")?);
    let Some(encoded) = encoded else {
        return Ok(None);
    };
    let content = STANDARD
        .decode(encoded)
        .map_err(|_| wrong("must have a `value` in base64"))?;
    Ok(Some(NewPicture {
        media_type: media_type.map(str::to_owned),
        content,
    }))
}

fn check_fixed(target: &str, value: &Value, fixed: &Value) -> Result<()> {
    // Nothing said is the same in more than one way.
    let is_nothing = |value: &Value| {
        value.is_null() || value == "" || value.as_array().is_some_and(Vec::is_empty)
    };
    if value == fixed || is_nothing(value) {
        return Ok(());
    }
    let message = format!("`{target}` can only be `{fixed}` here");
    Err(GraphError::invalid(target, message))
}

fn unknown(wording: Wording, target: &str, name: &str) -> GraphError {
    let type_name = wording.type_name();
    let message = format!("`{name}` is not a property of `microsoft.graph.{type_name}` here");
    GraphError::invalid(target, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_refused_by_name() {
        for (body, target) in [
            (json!({"displayName": 5}), "displayName"),
            (json!({"colour": "red"}), "colour"),
            (json!({"themeColor": "#ff0000"}), "themeColor/r"),
            (
                json!({"themeColor": {"r": 1, "g": 256, "b": 0}}),
                "themeColor/g",
            ),
            (
                json!({"themeColor": {"r": 1, "g": 2, "b": -1}}),
                "themeColor/b",
            ),
            (json!({"showLogo": null}), "showLogo"),
            (json!({"themeColorLogo": "x"}), "themeColorLogo"),
            (json!({"themeColorLogo": {"value": 5}}), "themeColorLogo"),
            (
                json!({"lightBackgroundLogo": {"type": "image/png", "value": "no base64"}}),
                "lightBackgroundLogo",
            ),
            (
                json!({"isRemoveDeviceDisabled": true}),
                "isRemoveDeviceDisabled",
            ),
            (
                json!({"customPrivacyMessage": "We see nothing"}),
                "customPrivacyMessage",
            ),
        ] {
            let error = read_brand(Wording::Profile, body.as_object().unwrap()).unwrap_err();
            assert_eq!(error.target.as_deref(), Some(target), "{body}");
        }
    }

    #[test]
    fn one_switch_under_two_names_says_one_thing() {
        let read = |one: bool, two: bool| {
            let body = json!({"showNameNextToLogo": one, "showDisplayNameNextToLogo": two});
            read_brand(Wording::Brand, body.as_object().unwrap())
        };
        assert!(read(true, true).is_ok());
        assert!(read(true, false).is_err());
    }

    #[test]
    fn every_property_of_both_types_is_known_here() {
        for wording in [Wording::Brand, Wording::Profile] {
            for property in schema::properties(wording.type_name()) {
                let body = json!({property.name(): {"never": "this"}});
                let read = read_brand(wording, body.as_object().unwrap());
                let is_unknown =
                    read.is_err_and(|error| error.message.contains("is not a property"));
                assert!(!is_unknown, "{}", property.name());
            }
        }
    }
}
