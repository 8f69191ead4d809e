//! Adding, changing and deleting people.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use mandate_engine::{Action, EngineError, NewUser};
use mandate_model::User;
use mandate_ui::redirect;
use mandate_web::{Fields, Page, render};

use super::chosen::Chosen;
use super::path_of;
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure, Wrong, form_status, said_above};

/// Fields of the form: Graph's property, id of the label, and what browsers may fill in.
const FIELDS: [(&str, &str, bool); 9] = [
    ("displayName", "users-name", true),
    ("userPrincipalName", "users-sign-in-name", true),
    ("mail", "users-mail", false),
    ("givenName", "users-given-name", false),
    ("surname", "users-surname", false),
    ("onPremisesSamAccountName", "users-sam", false),
    ("onPremisesDomainName", "users-domain", false),
    ("onPremisesNetBiosName", "users-net-bios", false),
    ("onPremisesDistinguishedName", "users-dn", false),
];

#[derive(Template)]
#[template(path = "users/edit.html")]
struct Edit {
    page: Page,
    /// Whose record it is; none for a new one.
    user: Option<User>,
    fields: Vec<Field>,
    is_enabled: bool,
    action: String,
    back: String,
    /// What stands on top: a problem of no single field.
    problem: String,
}

/// A field of the form as it is shown.
struct Field {
    name: &'static str,
    label: String,
    value: String,
    is_required: bool,
    wrong: String,
}

#[derive(Template)]
#[template(path = "users/delete.html")]
struct Delete {
    page: Page,
    user: User,
    back: String,
}

/// `GET /console/users/new`
pub(super) async fn show_new(administrator: Administrator) -> Answer {
    administrator.actor.require(Action::UsersUpdate)?;
    Ok(form(&administrator, None, &Fields::default(), None))
}

/// `POST /console/users/new`
pub(super) async fn create_user(administrator: Administrator, fields: Fields) -> Answer {
    let filled = |name| Some(fields.text(name).trim()).filter(|text| !text.is_empty());
    let optional = |name| filled(name).map(str::to_owned);
    let new = NewUser {
        display_name: fields.text("displayName").trim().to_owned(),
        user_principal_name: fields.text("userPrincipalName").trim().to_owned(),
        mail: optional("mail"),
        given_name: optional("givenName"),
        surname: optional("surname"),
        on_premises_sam_account_name: optional("onPremisesSamAccountName"),
        on_premises_domain_name: optional("onPremisesDomainName"),
        on_premises_net_bios_name: optional("onPremisesNetBiosName"),
        on_premises_distinguished_name: optional("onPremisesDistinguishedName"),
        account_disabled: !fields.has("accountEnabled"),
        ..NewUser::default()
    };
    let engine = administrator.engine();
    match engine.create_user(&administrator.actor, new).await {
        Ok(user) => Ok(redirect(&path_of(user.id))),
        Err(error) => again(&administrator, None, &fields, error),
    }
}

/// `GET /console/users/{id}/edit`
pub(super) async fn show_edit(of: Chosen) -> Answer {
    let Chosen {
        administrator,
        user,
    } = of;
    administrator.actor.require(Action::UsersUpdate)?;
    let fields = of_user(&user);
    Ok(form(&administrator, Some(user), &fields, None))
}

/// `POST /console/users/{id}/edit`
pub(super) async fn update_user(of: Chosen, fields: Fields) -> Answer {
    let Chosen {
        administrator,
        user,
    } = of;
    let given = fields.clone();
    let changed = administrator
        .engine()
        .update_user(&administrator.actor, user.id, move |user| {
            change(user, &given);
        })
        .await;
    match changed {
        Ok(user) => Ok(redirect(&format!("{}?done", path_of(user.id)))),
        Err(error) => again(&administrator, Some(user), &fields, error),
    }
}

/// `GET /console/users/{id}/delete`
pub(super) async fn show_delete(of: Chosen) -> Answer {
    let Chosen {
        administrator,
        user,
    } = of;
    administrator.actor.require(Action::UsersUpdate)?;
    let template = Delete {
        page: administrator.page(),
        back: path_of(user.id),
        user,
    };
    Ok(render(StatusCode::OK, &template))
}

/// `POST /console/users/{id}/delete`
pub(super) async fn delete_user(of: Chosen, _: Fields) -> Answer {
    let engine = of.administrator.engine();
    engine
        .delete_user(&of.administrator.actor, of.user.id)
        .await?;
    Ok(redirect(super::PATH))
}

/// The form once more, with what was typed and what is wrong with it.
fn again(
    administrator: &Administrator,
    user: Option<User>,
    fields: &Fields,
    error: EngineError,
) -> Answer {
    match administrator.beside(error) {
        Ok(wrong) => Ok(form(administrator, user, fields, Some(wrong))),
        Err(error) => Err(Failure(error)),
    }
}

fn form(
    administrator: &Administrator,
    user: Option<User>,
    given: &Fields,
    wrong: Option<Wrong>,
) -> Response {
    let page = administrator.page();
    let is_first = wrong.is_none();
    let mut wrong = wrong.unwrap_or_default();
    let fields = FIELDS
        .into_iter()
        .map(|(name, label, is_required)| Field {
            name,
            label: page.text(label),
            value: given.text(name).to_owned(),
            is_required,
            wrong: wrong.remove(name).unwrap_or_default(),
        })
        .collect();
    let is_new = user.is_none() && is_first;
    let back = match &user {
        Some(user) => path_of(user.id),
        None => super::PATH.to_owned(),
    };
    let template = Edit {
        action: match &user {
            Some(user) => format!("{}/edit", path_of(user.id)),
            None => format!("{}/new", super::PATH),
        },
        is_enabled: is_new || given.has("accountEnabled"),
        problem: said_above(wrong),
        page,
        user,
        fields,
        back,
    };
    render(form_status(is_first), &template)
}

/// A record as the form has it.
fn of_user(user: &User) -> Fields {
    FIELDS
        .into_iter()
        .map(|(name, _, _)| {
            let value = user.attribute(name).map(str::to_owned);
            let value = value.or_else(|| user.mail.clone().filter(|_| name == "mail"));
            (name.to_owned(), value.unwrap_or_default())
        })
        .chain(
            user.account_enabled
                .then(|| ("accountEnabled".to_owned(), "on".to_owned())),
        )
        .collect()
}

fn change(user: &mut User, fields: &Fields) {
    let text = |name| fields.text(name).trim().to_owned();
    let optional = |name| Some(text(name)).filter(|text| !text.is_empty());
    user.display_name = text("displayName");
    user.user_principal_name = text("userPrincipalName");
    user.mail = optional("mail");
    user.given_name = optional("givenName");
    user.surname = optional("surname");
    user.on_premises_sam_account_name = optional("onPremisesSamAccountName");
    user.on_premises_domain_name = optional("onPremisesDomainName");
    user.on_premises_net_bios_name = optional("onPremisesNetBiosName");
    user.on_premises_distinguished_name = optional("onPremisesDistinguishedName");
    user.account_enabled = fields.has("accountEnabled");
}
