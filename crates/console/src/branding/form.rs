//! The fields of the form, as they were typed.

use std::collections::{BTreeMap, BTreeSet};

use mandate_engine::{BrandText, Branding, BrandingChange, Colour, NewPicture, PictureSlot};
use mandate_web::Upload;

/// Property of the colour; errors name it.
pub(super) const COLOUR: &str = "themeColor";
/// What the form offers to somebody who has no colour yet.
const FIRST_COLOUR: &str = "#1f5f8b";

/// What was typed, or what there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Input {
    texts: BTreeMap<&'static str, String>,
    pub(super) has_colour: bool,
    pub(super) colour: String,
    pub(super) show_logo: bool,
    pub(super) show_name: bool,
    removed: Vec<PictureSlot>,
}

impl Input {
    /// What there is.
    pub(super) fn of(branding: &Branding) -> Self {
        let details = &branding.details;
        let text = |text: BrandText| {
            let value = details.text(text).unwrap_or_default();
            (text.property, value.to_owned())
        };
        let colour = details.theme_colour;
        Self {
            texts: BrandText::ALL.into_iter().map(text).collect(),
            has_colour: colour.is_some(),
            colour: colour.map_or_else(|| FIRST_COLOUR.to_owned(), |colour| colour.to_string()),
            show_logo: details.show_logo,
            show_name: details.show_name_next_to_logo,
            removed: Vec::new(),
        }
    }

    /// What was typed.
    pub(super) fn read(upload: &Upload) -> Self {
        let fields = &upload.fields;
        let text = |text: BrandText| (text.property, fields.text(text.property).to_owned());
        let removed = |slot: &PictureSlot| fields.has(&removal(*slot));
        Self {
            texts: BrandText::ALL.into_iter().map(text).collect(),
            has_colour: fields.text("colour") == "own",
            colour: fields.text(COLOUR).to_owned(),
            show_logo: fields.has("showLogo"),
            show_name: fields.has("showName"),
            removed: PictureSlot::ALL.into_iter().filter(removed).collect(),
        }
    }

    /// The text of a property.
    pub(super) fn text(&self, property: &str) -> &str {
        self.texts.get(property).map_or("", String::as_str)
    }

    /// Whether a picture is to go.
    pub(super) fn removes(&self, slot: PictureSlot) -> bool {
        self.removed.contains(&slot)
    }

    /// Properties that cannot even be given to the engine.
    pub(super) fn wrong(&self) -> BTreeSet<String> {
        let is_wrong = self.has_colour && Colour::parse(&self.colour).is_none();
        is_wrong.then(|| COLOUR.to_owned()).into_iter().collect()
    }

    /// What the engine is to do. A new picture wins over the removal of the one before.
    pub(super) fn change(&self, upload: &Upload) -> BrandingChange {
        let typed = self.clone();
        let change = BrandingChange::new(move |details| {
            for text in BrandText::ALL {
                *details.text_mut(text) = Some(typed.text(text.property).to_owned());
            }
            let colour = Colour::parse(&typed.colour);
            details.theme_colour = colour.filter(|_| typed.has_colour);
            details.show_logo = typed.show_logo;
            details.show_name_next_to_logo = typed.show_name;
        });
        PictureSlot::ALL.into_iter().fold(change, |change, slot| {
            let file = upload.file(slot.property());
            let new = file.map(|file| NewPicture {
                // Browsers go by the name of the file; the file itself decides.
                media_type: None,
                content: file.content.clone(),
            });
            if new.is_some() || self.removes(slot) {
                change.picture(slot, new)
            } else {
                change
            }
        })
    }

    /// Whether files came with the form, which a page cannot give back.
    pub(super) fn brings_files(upload: &Upload) -> bool {
        PictureSlot::ALL
            .into_iter()
            .any(|slot| upload.file(slot.property()).is_some())
    }
}

/// Name of the box that takes a picture away.
pub(super) fn removal(slot: PictureSlot) -> String {
    format!("remove-{}", slot.property())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload(fields: &[(&str, &str)]) -> Upload {
        let fields = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut upload = Upload::default();
        upload.fields = fields.collect();
        upload
    }

    #[test]
    fn boxes_that_are_not_sent_are_not_ticked() {
        let input = Input::read(&upload(&[("showLogo", "on")]));
        assert!(input.show_logo && !input.show_name && !input.has_colour);
        assert_eq!(input.text("displayName"), "");
        assert!(!input.removes(PictureSlot::LightLogo));
    }

    #[test]
    fn a_colour_counts_only_where_it_is_wanted() {
        let wrong = |colour, value| {
            let input = Input::read(&upload(&[("colour", colour), ("themeColor", value)]));
            input.wrong().contains(COLOUR)
        };
        assert!(wrong("own", "red"));
        assert!(wrong("own", ""));
        assert!(!wrong("own", "#00ff7F"));
        assert!(!wrong("none", "red"));
    }
}
