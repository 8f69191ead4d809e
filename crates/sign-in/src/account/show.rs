//! Pages of one's own account.

use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::Response;
use mandate_engine::{EngineError, SignInProblem, SignedIn};
use mandate_web::{Page, render};

use super::views::{Account, NewPasskey, NewTotp, Password, Session};
use super::{somebody, somebody_recent};
use crate::pages::{TotpView, show_error, show_problem};
use mandate_ui::date;
use mandate_ui::{Visitor, redirect};

/// `GET /account/`
pub(super) async fn show_account(visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let (of, cookie) = match somebody(&visitor, "/account/").await {
        Ok(somebody) => somebody,
        Err(answer) => return answer,
    };
    let done = if query.as_deref() == Some("done") {
        visitor.language.text("done")
    } else {
        String::new()
    };
    account(
        &visitor,
        (&of, &cookie),
        (StatusCode::OK, String::new()),
        done,
    )
    .await
}

/// The account, with what is wrong or done.
pub(super) async fn account(
    visitor: &Visitor,
    (of, cookie): (&SignedIn, &str),
    (status, problem): (StatusCode, String),
    done: String,
) -> Response {
    match account_of(visitor, of, visitor.wide(of, cookie)).await {
        Ok(account) => render(
            status,
            &Account {
                done,
                problem,
                ..account
            },
        ),
        Err(error) => show_error(visitor, &error),
    }
}

async fn account_of(visitor: &Visitor, of: &SignedIn, page: Page) -> Result<Account, EngineError> {
    let engine = visitor.state.engine();
    let factors = engine.own_factors(of).await?;
    let sessions = engine.list_own_sessions(of).await?;
    Ok(Account {
        page,
        name: of.user.user_principal_name.clone(),
        done: String::new(),
        problem: String::new(),
        password_on: factors.password_at.map(date),
        totp_on: factors.totp_at.map(date),
        has_factor: factors.totp_at.is_some() || !factors.passkeys.is_empty(),
        passkeys: factors.passkeys.into_iter().map(Into::into).collect(),
        can_passkey: visitor.party.is_some(),
        recovery_codes: factors.recovery_codes,
        sessions: sessions
            .into_iter()
            .map(|view| Session::new(view, of.session, visitor.language))
            .collect(),
    })
}

/// `GET /account/password`
pub(super) async fn show_password(visitor: Visitor) -> Response {
    match somebody(&visitor, "/account/password").await {
        Ok((of, cookie)) => {
            let nothing = (String::new(), String::new());
            password(&visitor, (&of, &cookie), StatusCode::OK, nothing)
        }
        Err(answer) => answer,
    }
}

/// The form for another password.
pub(super) fn password(
    visitor: &Visitor,
    (of, cookie): (&SignedIn, &str),
    status: StatusCode,
    (problem_before, problem): (String, String),
) -> Response {
    let template = Password {
        page: narrow(visitor, of, cookie),
        name: of.user.user_principal_name.clone(),
        problem_before,
        problem,
        shortest: visitor.state.engine().options().sign_in.shortest_password,
    };
    render(status, &template)
}

/// `GET /account/totp`
pub(super) async fn show_totp(visitor: Visitor) -> Response {
    match somebody_recent(&visitor, "/account/totp").await {
        Ok(somebody) => {
            let nothing = (StatusCode::OK, String::new());
            totp(&visitor, (&somebody.0, &somebody.1), nothing).await
        }
        Err(answer) => answer,
    }
}

/// The page with the secret of an app for one-time codes.
pub(super) async fn totp(
    visitor: &Visitor,
    (of, cookie): (&SignedIn, &str),
    (status, problem): (StatusCode, String),
) -> Response {
    match visitor.state.engine().offer_own_totp(of).await {
        Ok(set_up) => {
            let page = narrow(visitor, of, cookie);
            let template = NewTotp {
                totp: TotpView::new(&page, &set_up, "/account/totp"),
                page,
                problem,
            };
            render(status, &template)
        }
        // There is one already.
        Err(SignInProblem::OutOfTurn) => redirect("/account/"),
        Err(problem) => show_problem(visitor, problem),
    }
}

/// `GET /account/passkey`
pub(super) async fn show_passkey(visitor: Visitor) -> Response {
    match somebody_recent(&visitor, "/account/passkey").await {
        Ok(somebody) => {
            let nothing = (StatusCode::OK, String::new());
            passkey(&visitor, (&somebody.0, &somebody.1), nothing).await
        }
        Err(answer) => answer,
    }
}

/// The page on which a passkey is made.
pub(super) async fn passkey(
    visitor: &Visitor,
    (of, cookie): (&SignedIn, &str),
    (status, problem): (StatusCode, String),
) -> Response {
    let Some(party) = &visitor.party else {
        return redirect("/account/");
    };
    match visitor.state.engine().offer_own_passkey(of, party).await {
        Ok(options) => {
            let template = NewPasskey {
                page: narrow(visitor, of, cookie),
                problem,
                options: options.to_string(),
            };
            render(status, &template)
        }
        Err(problem) => show_problem(visitor, problem),
    }
}

fn narrow(visitor: &Visitor, of: &SignedIn, cookie: &str) -> Page {
    Page {
        is_narrow: true,
        ..visitor.wide(of, cookie)
    }
}
