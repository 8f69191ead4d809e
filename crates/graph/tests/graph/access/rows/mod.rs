//! The table: every end point, what it needs, and what a scope means for it.

mod devices;
mod enrolment;
mod notifications;
mod our_own;
mod people;
mod profiles;
mod roles;
mod root;

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::world::{Place, World};

/// What a scope means for an end point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::access) enum Scope {
    /// Nothing: the same for everybody who may.
    Free,
    /// Only for those whose role has no scope.
    Whole,
    /// What has none of one's tags is not there.
    Seen,
    /// The same, and what is there is within reach only where one's groups are.
    Done,
    /// Only for one's groups, and what and who is in them.
    Grouped,
    /// The new thing has tags, which must be one's own.
    Tagged,
    /// What is given may not go beyond what one has.
    Given,
    /// What would remain is for the default tag, which is not one's own.
    Beyond,
    /// A list, in which things of a kind are left out that have none of one's tags.
    Listed(&'static str),
}

/// One end point.
#[derive(Clone, Copy)]
pub(in crate::access) struct Row {
    pub(in crate::access) method: &'static str,
    /// As the router has it.
    pub(in crate::access) template: &'static str,
    /// What its keys are, in order.
    pub(in crate::access) keys: &'static str,
    /// Actions that are needed, all of them; `-` for none but a token, `*` for not even that.
    pub(in crate::access) needs: &'static str,
    pub(in crate::access) scope: Scope,
    pub(in crate::access) query: fn(&World, Place) -> String,
    pub(in crate::access) body: Option<fn(&World, Place) -> Value>,
    /// Statuses that mean as well that it was allowed: the request asks for what is not there, or for too much.
    pub(in crate::access) fine: &'static [u16],
}

impl Row {
    const fn body(mut self, body: fn(&World, Place) -> Value) -> Self {
        self.body = Some(body);
        self
    }

    const fn query(mut self, query: fn(&World, Place) -> String) -> Self {
        self.query = query;
        self
    }

    const fn fine(mut self, fine: &'static [u16]) -> Self {
        self.fine = fine;
        self
    }
}

const fn row(
    method: &'static str,
    template: &'static str,
    keys: &'static str,
    needs: &'static str,
    scope: Scope,
) -> Row {
    Row {
        method,
        template,
        keys,
        needs,
        scope,
        query: |_, _| String::new(),
        body: None,
        fine: &[],
    }
}

const fn get(template: &'static str, keys: &'static str, needs: &'static str, scope: Scope) -> Row {
    row("GET", template, keys, needs, scope)
}

const fn post(
    template: &'static str,
    keys: &'static str,
    needs: &'static str,
    scope: Scope,
) -> Row {
    row("POST", template, keys, needs, scope)
}

const fn patch(
    template: &'static str,
    keys: &'static str,
    needs: &'static str,
    scope: Scope,
) -> Row {
    row("PATCH", template, keys, needs, scope)
}

const fn delete(
    template: &'static str,
    keys: &'static str,
    needs: &'static str,
    scope: Scope,
) -> Row {
    row("DELETE", template, keys, needs, scope)
}

/// A name that nothing has yet.
fn fresh() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!("made{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

fn nothing(_: &World, _: Place) -> Value {
    json!({})
}

fn described(_: &World, _: Place) -> Value {
    json!({"description": "changed"})
}

fn member(world: &World, place: Place) -> Value {
    let user = &world.by_group(place).other_user;
    json!({"@odata.id": format!("https://h/v1.0/users/{user}")})
}

fn groups_asked(world: &World, place: Place) -> Value {
    json!({"groupIds": [world.by_group(place).group]})
}

/// All rows about Graph.
pub(in crate::access) fn of_graph() -> Vec<Row> {
    [
        root::ROWS,
        people::ROWS,
        devices::ROWS,
        enrolment::ROWS,
        notifications::ROWS,
        profiles::ROWS,
        roles::ROWS,
    ]
    .concat()
}

/// All rows about what is outside of Graph and asks for a token.
pub(in crate::access) fn of_our_own() -> Vec<Row> {
    our_own::ROWS.to_vec()
}
