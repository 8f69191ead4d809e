//! The page.

use std::collections::BTreeSet;

use askama::Template;
use mandate_engine::{BrandText, Branding, PictureSlot};
use mandate_ui::picture_path;
use mandate_web::{Language, Page};

use super::form::{COLOUR, Input, removal};
use crate::administrator::Administrator;

/// The form with what it leads to.
#[derive(Debug, Template)]
#[template(path = "branding/index.html")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a place of the page by itself"
)]
pub(super) struct Index {
    page: Page,
    can_edit: bool,
    pub(super) is_saved: bool,
    /// Whether files that were chosen have to be chosen again.
    pub(super) lost_files: bool,
    /// Fields with something wrong: where they are and what they are called.
    wrong: Vec<(String, String)>,
    name: TextView,
    contacts: Vec<TextView>,
    links: Vec<TextView>,
    has_colour: bool,
    colour: String,
    colour_wrong: String,
    show_logo: bool,
    show_name: bool,
    pictures: Vec<PictureView>,
}

/// A text with its field.
#[derive(Debug)]
struct TextView {
    name: &'static str,
    label: String,
    hint: String,
    value: String,
    kind: &'static str,
    wrong: String,
}

/// A picture with its field.
#[derive(Debug)]
struct PictureView {
    name: &'static str,
    label: String,
    hint: String,
    wrong: String,
    removal: String,
    is_removed: bool,
    shown: Option<Shown>,
    /// Class of what is behind it.
    ground: &'static str,
}

/// A picture that is there.
#[derive(Debug)]
struct Shown {
    path: String,
    width: u32,
    height: u32,
}

impl Index {
    /// The page for somebody, with what they typed and which properties are wrong.
    pub(super) fn new(
        administrator: &Administrator,
        branding: &Branding,
        input: &Input,
        wrong: &BTreeSet<String>,
    ) -> Self {
        let language = administrator.language();
        let said = |property: &str| {
            if wrong.contains(property) {
                language.text(&format!("branding-{property}-rule"))
            } else {
                String::new()
            }
        };
        let text = |text: BrandText| TextView {
            name: text.property,
            label: language.text(&format!("branding-{}", text.property)),
            hint: hint(text, language),
            value: input.text(text.property).to_owned(),
            kind: kind(text.property),
            wrong: said(text.property),
        };
        let [
            name,
            contact,
            phone,
            mail,
            notes,
            privacy,
            support,
            support_name,
        ] = BrandText::ALL.map(text);
        let picture = |slot: PictureSlot| PictureView {
            name: slot.property(),
            label: language.text(&format!("branding-{}", slot.property())),
            hint: language.text(&format!("branding-{}-hint", slot.property())),
            wrong: said(slot.property()),
            removal: removal(slot),
            is_removed: input.removes(slot),
            shown: shown(branding, slot),
            ground: ground(slot),
        };
        Self {
            page: administrator.page(),
            can_edit: administrator.actor.may(super::CHANGE),
            is_saved: false,
            lost_files: false,
            wrong: wrong_fields(wrong, language),
            name,
            contacts: vec![contact, phone, mail, notes],
            links: vec![privacy, support, support_name],
            has_colour: input.has_colour,
            colour: input.colour.clone(),
            colour_wrong: said(COLOUR),
            show_logo: input.show_logo,
            show_name: input.show_name,
            pictures: PictureSlot::ALL.map(picture).into(),
        }
    }
}

/// What the page says of properties that are wrong, in the order of the form.
fn wrong_fields(wrong: &BTreeSet<String>, language: Language) -> Vec<(String, String)> {
    let texts = BrandText::ALL.map(|text| text.property);
    let slots = PictureSlot::ALL.map(PictureSlot::property);
    let order = texts[..1]
        .iter()
        .chain(&[COLOUR])
        .chain(&slots)
        .chain(&texts[1..]);
    order
        .filter(|name| wrong.contains(**name))
        .map(|name| {
            let label = language.text(&format!("branding-{name}"));
            ((*name).to_owned(), label)
        })
        .collect()
}

fn hint(text: BrandText, language: Language) -> String {
    let limit = text.limit.to_string();
    let count = language.text_with("branding-limit", &[("count", &limit)]);
    let more = language.text(&format!("branding-{}-hint", text.property));
    format!("{more} {count}")
}

fn kind(property: &str) -> &'static str {
    match property {
        "contactITPhoneNumber" => "tel",
        "contactITNotes" => "lines",
        _ => "text",
    }
}

fn ground(slot: PictureSlot) -> &'static str {
    match slot {
        PictureSlot::LightLogo | PictureSlot::Background => "on-light",
        PictureSlot::ThemeLogo => "on-theme",
    }
}

fn shown(branding: &Branding, slot: PictureSlot) -> Option<Shown> {
    let picture = branding.picture(slot)?;
    Some(Shown {
        path: picture_path(branding, slot)?,
        width: picture.width,
        height: picture.height,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_its_texts_in_every_language() {
        let texts = BrandText::ALL.map(|text| text.property);
        let slots = PictureSlot::ALL.map(PictureSlot::property);
        for language in Language::ALL {
            for name in texts.iter().chain(&slots).chain(&[COLOUR]) {
                for ending in ["", "-rule", "-hint"] {
                    let id = format!("branding-{name}{ending}");
                    assert_ne!(language.text(&id), id, "{language:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_wrong_stands_in_the_order_of_the_form() {
        let wrong = ["privacyUrl", "themeColor", "displayName", "themeColorLogo"];
        let wrong = wrong.map(str::to_owned).into();
        let names: Vec<String> = wrong_fields(&wrong, Language::English)
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(
            names,
            ["displayName", "themeColor", "themeColorLogo", "privacyUrl"]
        );
    }
}
