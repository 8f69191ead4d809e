//! Texts with variables in double braces.

/// A text such as `{{UserName}}@example.org`, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Template {
    /// Texts and variables in their order.
    pub parts: Vec<Part>,
}

/// A piece of a [`Template`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Stands for itself.
    Text(String),
    /// Name of a variable as written, without braces. Whether it exists is not the template's business.
    Variable(String),
}

impl Template {
    /// Takes a text apart; the error is a rule, as "must …".
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find("{{") {
            let end = rest[start..]
                .find("}}")
                .ok_or("must close every `{{` with `}}`")?
                + start;
            let name = rest[start + 2..end].trim();
            push_text(&mut parts, &rest[..start])?;
            if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                return Err(format!(
                    "must name a variable between `{{{{` and `}}}}`, not `{name}`"
                ));
            }
            parts.push(Part::Variable(name.to_owned()));
            rest = &rest[end + 2..];
        }
        push_text(&mut parts, rest)?;
        Ok(Self { parts })
    }

    /// Names of the variables as written.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The text with every variable replaced. What is filled in is never read again, so it may contain anything.
    pub fn fill<E>(
        &self,
        mut value_of: impl FnMut(&str) -> Result<String, E>,
    ) -> Result<String, E> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(own) => text.push_str(own),
                Part::Variable(name) => text.push_str(&value_of(name)?),
            }
        }
        Ok(text)
    }
}

/// Intune refuses these in the text behind a variable; a brace before one is a slip as well.
fn push_text(parts: &mut Vec<Part>, text: &str) -> Result<(), String> {
    if text.contains(['{', '}']) {
        return Err("must have its braces in pairs, as in `{{UserName}}`".to_owned());
    }
    let after_variable = parts.iter().any(|part| matches!(part, Part::Variable(_)));
    if let (true, Some(found)) = (after_variable, text.chars().find(|c| "|;".contains(*c))) {
        return Err(format!("must not contain `{found}` after a variable"));
    }
    if let (Some(Part::Text(last)), false) = (parts.last_mut(), text.is_empty()) {
        last.push_str(text);
    } else if !text.is_empty() {
        parts.push(Part::Text(text.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_apart_and_filled() {
        let template = Template::parse("a {{UserName}}-{{ IMEI }}").unwrap();
        assert_eq!(
            template.variables().collect::<Vec<_>>(),
            ["UserName", "IMEI"]
        );
        let filled = template
            .fill(|name| Ok::<_, ()>(format!("<{name};{{{{>")))
            .unwrap();
        assert_eq!(filled, "a <UserName;{{>-<IMEI;{{>");
    }

    #[test]
    fn braces_have_to_be_in_pairs() {
        for wrong in [
            "{{UserName",
            "UserName}}",
            "{UserName}",
            "{{}}",
            "{{User Name}}",
            "{{{UserName}}}",
        ] {
            assert!(Template::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn some_characters_are_forbidden_after_a_variable() {
        assert!(Template::parse("a|b {{UserName}}").is_ok());
        assert!(Template::parse("{{UserName}}|b").is_err());
        assert!(Template::parse("{{UserName}};b").is_err());
    }
}
