//! The reference page of a kind, as Markdown.

use std::fmt::Write as _;

use super::{Choice, Constant, Kind, Setting, ValueType};

impl Kind {
    /// The reference page of the kind: its settings with values, defaults, conditions and the effect of a change.
    pub fn docs(&self) -> String {
        let mut page = String::new();
        // Writing to a text cannot fail.
        let _ = self.write_docs(&mut page);
        page
    }

    fn write_docs(&self, page: &mut String) -> std::fmt::Result {
        writeln!(page, "# {}: `{}`\n", self.label, self.type_name)?;
        writeln!(page, "{}\n", self.help)?;
        let bases: Vec<_> = self
            .base_types
            .iter()
            .map(|base| format!("`{base}`"))
            .collect();
        writeln!(
            page,
            "Platform: {}, version {} and later.",
            platform(self),
            self.minimum_os
        )?;
        writeln!(
            page,
            "Graph: `{}`, derived from {}.",
            self.odata_type(),
            bases.join(", ")
        )?;

        let mut section = None;
        for setting in self.settings {
            if section != Some(setting.section) {
                section = Some(setting.section);
                writeln!(
                    page,
                    "\n## {}\n",
                    if setting.section.is_empty() {
                        "Settings"
                    } else {
                        setting.section
                    }
                )?;
            }
            write_setting(page, setting)?;
        }
        if !self.references.is_empty() {
            writeln!(page, "\n## References\n")?;
        }
        for reference in self.references {
            writeln!(page, "### `{}`: {}\n", reference.property, reference.label)?;
            writeln!(page, "{}\n", reference.help)?;
            let targets: Vec<_> = reference
                .targets
                .iter()
                .map(|target| format!("`{target}`"))
                .collect();
            writeln!(
                page,
                "- Names: {} ({})",
                reference.target_label,
                targets.join(", ")
            )?;
            let required = reference.required_when.map_or_else(
                || "always".to_owned(),
                |when| format!("when {}", when.describe()),
            );
            writeln!(page, "- Needed: {required}")?;
            writeln!(page, "- A change: {}\n", reference.impact.message())?;
        }
        Ok(())
    }
}

fn platform(kind: &Kind) -> &'static str {
    match kind.platform {
        crate::Platform::Ios => "iOS and iPadOS",
        crate::Platform::MacOs => "macOS",
    }
}

fn write_setting(page: &mut String, setting: &Setting) -> std::fmt::Result {
    writeln!(page, "### `{}`: {}\n", setting.property, setting.label)?;
    if !setting.help.is_empty() {
        writeln!(page, "{}\n", setting.help)?;
    }
    writeln!(
        page,
        "- Value: {}{}",
        describe(&setting.value),
        if setting.nullable { ", or `null`" } else { "" }
    )?;
    match (setting.required, setting.default) {
        (true, _) => writeln!(page, "- Required")?,
        (false, Constant::Null) => writeln!(page, "- Default: not configured")?,
        (false, Constant::Text("")) => writeln!(page, "- Default: empty")?,
        (false, default) => writeln!(
            page,
            "- Default: `{}`",
            default.to_json().to_string().trim_matches('"')
        )?,
    }
    if let Some(condition) = setting.shown_when {
        writeln!(page, "- Only when {}", condition.describe())?;
    }
    if let Some(minimum) = setting.minimum_os {
        writeln!(page, "- Since version {minimum}; left out on older devices")?;
    }
    if setting.fixed {
        writeln!(page, "- Fixed once the profile is made")?;
    }
    if setting.inverted {
        writeln!(
            page,
            "- Forms ask the opposite: *yes* there is `false` here"
        )?;
    }
    writeln!(page, "- A change: {}\n", setting.impact.message())
}

fn describe(value: &ValueType) -> String {
    match value {
        ValueType::Text {
            rule,
            maximum_length,
        } => format!("{}, at most {maximum_length} characters", rule.describe()),
        ValueType::Boolean => "`true` or `false`".to_owned(),
        ValueType::Enum(choices) => format!("one of {}", list(choices)),
        ValueType::Flags(choices) => format!("any of {}, separated by commas", list(choices)),
        ValueType::Integer { minimum, maximum } => {
            format!("a whole number from {minimum} to {maximum}")
        }
        ValueType::Certificate => "an X.509 certificate (DER or PEM) in base64".to_owned(),
        ValueType::TextList {
            rule,
            maximum_items,
            ..
        } => {
            format!(
                "a list of at most {maximum_items} items, each {}",
                rule.describe()
            )
        }
        ValueType::ObjectList {
            type_name,
            fields,
            maximum_items,
        } => {
            let fields: Vec<_> = fields
                .iter()
                .map(|field| format!("`{}` ({})", field.property, describe(&field.value)))
                .collect();
            format!(
                "a list of at most {maximum_items} `{type_name}` with {}",
                fields.join(" and ")
            )
        }
    }
}

fn list(choices: &[Choice]) -> String {
    let one = |choice: &Choice| {
        let since = choice
            .minimum_os
            .map(|minimum| format!(", since version {minimum}"))
            .unwrap_or_default();
        let refused = choice
            .unavailable
            .map(|reason| format!(", refused: {reason}"))
            .unwrap_or_default();
        format!("`{}` ({}{since}{refused})", choice.value, choice.label)
    };
    choices.iter().map(one).collect::<Vec<_>>().join(", ")
}
