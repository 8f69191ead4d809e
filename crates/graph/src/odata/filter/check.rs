//! Whether the properties of a filter exist.

use super::{Expression, Step};
use crate::odata::QueryError;
use crate::schema;

/// Refuses the first property that the type does not have.
pub(super) fn check(expression: &Expression, type_name: &str) -> Result<(), QueryError> {
    Checker {
        variables: Vec::new(),
    }
    .expression(expression, type_name)
}

struct Checker {
    /// Lambda names with the type of their items, where it is known.
    variables: Vec<(String, Option<&'static str>)>,
}

impl Checker {
    fn expression(&mut self, expression: &Expression, type_name: &str) -> Result<(), QueryError> {
        match expression {
            Expression::And(parts) | Expression::Or(parts) | Expression::Call(_, parts) => parts
                .iter()
                .try_for_each(|part| self.expression(part, type_name)),
            Expression::Not(inner) | Expression::In(inner, _) => self.expression(inner, type_name),
            Expression::Compare(_, left, right) => {
                self.expression(left, type_name)?;
                self.expression(right, type_name)
            }
            Expression::Lambda {
                path, condition, ..
            } => {
                let item = self.path(path, type_name)?;
                let Some((name, condition)) = condition else {
                    return Ok(());
                };
                self.variables.push((name.clone(), item));
                let checked = self.expression(condition, type_name);
                self.variables.pop();
                checked
            }
            Expression::Path(path) => self.path(path, type_name).map(|_| ()),
            Expression::IsOf(_) | Expression::Literal(_) => Ok(()),
        }
    }

    /// The type at the end of a path, where it is one of ours.
    fn path(&self, path: &[Step], type_name: &str) -> Result<Option<&'static str>, QueryError> {
        let mut current = schema::find(type_name).map(schema::Type::name);
        for (index, step) in path.iter().enumerate() {
            match step {
                Step::Property(name) if index == 0 && name == "$it" => {}
                Step::Property(name) if index == 0 && self.variable(name).is_some() => {
                    current = self.variable(name).flatten();
                }
                Step::Property(name) => {
                    let Some(owner) = current else {
                        return Ok(None);
                    };
                    current = property(owner, name)?;
                }
                Step::Cast(name) => current = schema::find(name).map(schema::Type::name),
                Step::Count => return Ok(None),
            }
        }
        Ok(current)
    }

    #[expect(
        clippy::option_option,
        reason = "known variable, and whether its type is known"
    )]
    fn variable(&self, name: &str) -> Option<Option<&'static str>> {
        self.variables
            .iter()
            .rev()
            .find(|(variable, _)| variable == name)
            .map(|(_, item)| *item)
    }
}

fn property(owner: &str, name: &str) -> Result<Option<&'static str>, QueryError> {
    if let Some(found) = schema::property(owner, name) {
        return Ok(schema::find(found.type_name()).map(schema::Type::name));
    }
    if let Some(found) = schema::navigation(owner, name) {
        return Ok(schema::find(found.target()).map(schema::Type::name));
    }
    // Graph lets one ask members and targets for what each kind of them has.
    let mixed = ["directoryObject", "deviceAndAppManagementAssignmentTarget"];
    if mixed.contains(&owner) && schema::derived_with(owner, name).is_some() {
        return Ok(None);
    }
    let hint = match schema::derived_with(owner, name) {
        Some(derived) => {
            format!("; it belongs to a derived type: write `microsoft.graph.{derived}/{name}`")
        }
        None => String::new(),
    };
    Err(QueryError::new(
        "$filter",
        format!("`{name}` is not a property of `microsoft.graph.{owner}`{hint}"),
    ))
}
