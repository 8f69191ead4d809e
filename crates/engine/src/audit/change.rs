//! What is said of a change.

use mandate_model::{AppId, UserId};
use serde_json::{Value, json};

/// A change, for the audit. Before and after are objects of properties; what is null or absent was or is not there.
pub(crate) struct Change<'a> {
    pub(super) activity: &'static str,
    pub(super) operation: &'static str,
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) name: &'a str,
    pub(super) before: Value,
    pub(super) after: Value,
    /// Whether it is none at all if no property is different.
    pub(super) needs_difference: bool,
}

impl<'a> Change<'a> {
    /// Something new; `after` says what it is.
    pub(crate) fn create(
        kind: &'static str,
        id: impl ToString,
        name: &'a str,
        after: Value,
    ) -> Self {
        Self::new(["create", "create"], kind, id, name).with(Value::Null, after)
    }

    /// Something is different now. Nothing is noted if nothing is.
    pub(crate) fn update(
        kind: &'static str,
        id: impl ToString,
        name: &'a str,
        before: &Value,
        after: &Value,
    ) -> Self {
        Self {
            needs_difference: true,
            ..Self::new(["update", "update"], kind, id, name).with(before.clone(), after.clone())
        }
    }

    /// Something is gone; `before` says what it was.
    pub(crate) fn delete(
        kind: &'static str,
        id: impl ToString,
        name: &'a str,
        before: Value,
    ) -> Self {
        Self::new(["delete", "delete"], kind, id, name).with(before, Value::Null)
    }

    /// Something was done with it, such as `wipe`; `after` says how.
    pub(crate) fn action(
        activity: &'static str,
        kind: &'static str,
        id: impl ToString,
        name: &'a str,
        after: Value,
    ) -> Self {
        Self::new([activity, "action"], kind, id, name).with(Value::Null, after)
    }

    /// Something was done that made it different, such as `assign`. Nothing is noted if nothing is.
    pub(crate) fn act(
        activity: &'static str,
        kind: &'static str,
        id: impl ToString,
        name: &'a str,
        before: Value,
        after: Value,
    ) -> Self {
        Self {
            needs_difference: true,
            ..Self::new([activity, "action"], kind, id, name).with(before, after)
        }
    }

    /// Somebody signed in; `methods` are how they proved who they are, as in RFC 8176.
    pub(crate) fn signed_in(user: UserId, principal_name: &'a str, methods: &[String]) -> Self {
        Self::action(
            "signIn",
            "signIn",
            user,
            principal_name,
            json!({ "result": "success", "methods": methods }),
        )
    }

    /// Somebody whose account exists failed to sign in; `reason` is a word, such as `wrongPassword`. Of accounts that do
    /// not exist nothing is noted: that would let strangers fill the audit.
    pub(crate) fn sign_in_failed(user: UserId, principal_name: &'a str, reason: &str) -> Self {
        Self::action(
            "signInFailed",
            "signIn",
            user,
            principal_name,
            json!({ "result": "failure", "reason": reason }),
        )
    }

    /// A client got a token for itself, the first one of a day.
    pub(super) fn token_granted(app: AppId, name: &'a str) -> Self {
        Self::action(
            "clientSignIn",
            "signIn",
            app,
            name,
            json!({ "result": "success" }),
        )
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "ids are small, and most are `Copy`: a reference would only burden the callers"
    )]
    fn new(
        [activity, operation]: [&'static str; 2],
        kind: &'static str,
        id: impl ToString,
        name: &'a str,
    ) -> Self {
        Self {
            activity,
            operation,
            kind,
            id: id.to_string(),
            name,
            before: Value::Null,
            after: Value::Null,
            needs_difference: false,
        }
    }

    fn with(self, before: Value, after: Value) -> Self {
        Self {
            before,
            after,
            ..self
        }
    }
}
