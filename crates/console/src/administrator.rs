//! Who uses the admin centre.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use mandate_engine::{Action, Actor, Engine, EngineError, Powers, SignedIn};
use mandate_ui::{Door, Visitor};
use mandate_web::{Language, Page};

use crate::areas::menu;
use crate::failure::{Failure, show_message};

/// What one must be able to do to say how people sign in; the engine looks closer.
const WHO_PEOPLE_ARE: [Action; 2] = [Action::SignInUpdate, Action::DirectoryRolesAssign];

/// Somebody who is signed in and has a role. A handler that takes one is asked by nobody else.
#[derive(Debug, Clone)]
pub(crate) struct Administrator {
    visitor: Visitor,
    of: SignedIn,
    cookie: String,
    /// Path of the page.
    path: String,
    /// The address by which they called.
    base_url: String,
    /// Who they are for the engine, and what they may do.
    pub(crate) actor: Actor,
}

impl Administrator {
    /// The use cases.
    pub(crate) fn engine(&self) -> &Engine {
        self.visitor.state.engine()
    }

    /// The language of their pages.
    pub(crate) fn language(&self) -> Language {
        self.visitor.language
    }

    /// The address by which they called, without a path.
    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The frame of a page for them, with the menu.
    pub(crate) fn page(&self) -> Page {
        Page {
            menu: menu(&self.actor, self.visitor.language, &self.path),
            ..self.visitor.wide(&self.of, &self.cookie)
        }
    }

    /// Who sent a request: `None` if nobody is signed in.
    pub(crate) async fn find(door: &Door, parts: &Parts) -> Result<Option<Self>, EngineError> {
        let visitor = Visitor::of(door, parts);
        let Some(of) = visitor.signed_in().await? else {
            return Ok(None);
        };
        let engine = door.engine();
        let actor = engine
            .person_actor(&of.user, None, None, door.origin(parts))
            .await?;
        Ok(Some(Self {
            cookie: visitor.visit.session.clone().unwrap_or_default(),
            path: parts.uri.path().to_owned(),
            base_url: door.address(parts).base_url(),
            visitor,
            of,
            actor,
        }))
    }

    /// Whether they may say how people sign in and where they come from: whoever does can become anybody.
    pub(crate) fn may_say_who_people_are(&self) -> bool {
        WHO_PEOPLE_ARE.iter().all(|action| self.actor.may(*action))
    }

    /// Refuses those who may not.
    pub(crate) fn require_saying_who_people_are(&self) -> Result<(), EngineError> {
        WHO_PEOPLE_ARE
            .iter()
            .try_for_each(|action| self.actor.require(*action))
    }

    /// Whether any role is theirs.
    pub(crate) fn has_role(&self) -> bool {
        match self.actor.powers() {
            Powers::Everything => true,
            Powers::Granted(grants) => grants.iter().any(|grant| !grant.actions.is_empty()),
        }
    }
}

impl FromRequestParts<Door> for Administrator {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Self, Response> {
        match Self::find(door, parts).await {
            Ok(Some(administrator)) if administrator.has_role() => Ok(administrator),
            Ok(Some(administrator)) => Err(show_message(
                administrator.page(),
                StatusCode::FORBIDDEN,
                ("no-role-title", "no-role"),
                ("/portal/", "to-portal"),
            )),
            Ok(None) => {
                let visitor = Visitor::of(door, parts);
                let back = parts
                    .uri
                    .path_and_query()
                    .map_or("/console/", |path| path.as_str());
                let begun = visitor.begin_sign_in(back, (None, false)).await;
                Err(begun.unwrap_or_else(|error| Failure(error).into_response()))
            }
            Err(error) => Err(Failure(error).into_response()),
        }
    }
}
