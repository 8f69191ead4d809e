//! References from one profile to another.

use mandate_model::Profile;
use mandate_model::catalogue::Violation;
use mandate_store::Session;
use serde_json::Value;

use crate::{Action, Actor, Engine, EngineError};

impl Engine {
    /// Refuses references that the kind does not have, that name nothing, or that name the wrong kind. What was referred to
    /// `before` may stay although the actor cannot see it; nothing else that they cannot see is there.
    pub(super) async fn check_references(
        &self,
        session: &mut Session,
        actor: &Actor,
        before: Option<&Profile>,
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
            let is_old = before.is_some_and(|before| before.references.get(property) == Some(id));
            let target = session
                .find_profile(*id)
                .await?
                .filter(|target| is_old || actor.reaches(Action::ProfilesRead, &target.scope_tags));
            match target {
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
