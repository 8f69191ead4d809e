//! References from one profile to another.

use mandate_model::Profile;
use mandate_model::catalogue::Violation;
use mandate_store::Session;
use serde_json::Value;

use crate::{Engine, EngineError};

impl Engine {
    /// Refuses references that the kind does not have, that name nothing, or that name the wrong kind.
    pub(super) async fn check_references(
        &self,
        session: &mut Session,
        profile: &Profile,
    ) -> Result<(), EngineError> {
        let mut violations = Vec::new();
        for (property, id) in &profile.references {
            let value = Value::from(id.to_string());
            let Some(reference) = profile.kind.reference(property) else {
                let rule = format!("is not a reference of `{}`", profile.kind.type_name);
                violations.push(Violation::new(property, rule, &value));
                continue;
            };
            match session.find_profile(*id).await? {
                None => violations.push(Violation::new(
                    property,
                    "must name an existing profile",
                    &value,
                )),
                Some(target) if !reference.accepts(target.kind) => {
                    let rule = format!(
                        "must name {}, not a `{}`",
                        reference.target_label, target.kind.type_name
                    );
                    violations.push(Violation::new(property, rule, &value));
                }
                Some(_) => {}
            }
        }
        if violations.is_empty() {
            Ok(())
        } else {
            Err(EngineError::Invalid(violations))
        }
    }
}
