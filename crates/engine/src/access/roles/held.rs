//! The roles that somebody has.

use uuid::Uuid;

use crate::{Actor, Engine, EngineError};

/// A role that a person has by an assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldRole {
    /// The role.
    pub role_id: Uuid,
    /// The assignment by which they have it.
    pub assignment_id: Uuid,
}

impl Engine {
    /// The roles that the actor has, by themselves or by their groups, in the order of the roles; a client of its own has
    /// none. Everybody may know it of themselves.
    pub async fn held_roles(&self, actor: &Actor) -> Result<Vec<HeldRole>, EngineError> {
        let Some(user) = actor.user() else {
            return Ok(Vec::new());
        };
        let mut session = self.store().read().await?;
        let assignments = session.role_assignments_held_by(user.0).await?;
        let mut held: Vec<HeldRole> = assignments
            .into_iter()
            .map(|assignment| HeldRole {
                role_id: assignment.role_id,
                assignment_id: assignment.id,
            })
            .collect();
        held.sort_by_key(|held| (held.role_id, held.assignment_id));
        Ok(held)
    }
}
