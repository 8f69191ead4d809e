//! The page of the step that a sign-in asks for.

use axum::http::StatusCode;
use axum::response::Response;
use mandate_engine::{FlowView, SignInProblem, SignInStep};
use mandate_web::render;

use super::message::{show_error, show_problem};
use super::views::{Codes, Name, NewPassword, Password, Second, SetUp, TotpView};
use super::{begin, go_on};
use mandate_ui::Visitor;

/// What a page says beside what it asks for.
pub(super) struct Said {
    pub(super) status: StatusCode,
    pub(super) problem: String,
}

/// `GET /sign-in`
pub(super) async fn show_sign_in(visitor: Visitor) -> Response {
    let Some(flow) = visitor.flow.clone() else {
        return begin(&visitor, "/account/", (None, false)).await;
    };
    match visitor.state.engine().look_at_flow(&flow).await {
        Ok(view) if view.step == SignInStep::Done => go_on(&visitor, &flow).await,
        Ok(view) => {
            let nothing = Said {
                status: StatusCode::OK,
                problem: String::new(),
            };
            show_step(&visitor, &flow, view, nothing).await
        }
        Err(SignInProblem::Ended) => begin(&visitor, "/account/", (None, false)).await,
        Err(problem) => show_problem(&visitor, problem),
    }
}

/// The page of a step.
pub(super) async fn show_step(
    visitor: &Visitor,
    flow: &str,
    view: FlowView,
    said: Said,
) -> Response {
    match page_of(visitor, flow, view, said).await {
        Ok(page) => page,
        Err(problem) => show_problem(visitor, problem),
    }
}

async fn page_of(
    visitor: &Visitor,
    flow: &str,
    view: FlowView,
    said: Said,
) -> Result<Response, SignInProblem> {
    let engine = visitor.state.engine();
    let page = visitor.narrow(Some(flow));
    let passkey = match &visitor.party {
        Some(party) => engine.passkey_options(flow, party).await?,
        None => None,
    };
    let passkey = passkey.map(|options| options.to_string());
    let name = view
        .user
        .map(|user| user.user_principal_name)
        .unwrap_or_default();
    let Said { status, problem } = said;
    Ok(match view.step {
        SignInStep::Name => {
            let providers = engine.provider_buttons().await?;
            let template = Name {
                page,
                problem,
                passkey,
                providers,
            };
            render(status, &template)
        }
        SignInStep::Password { name } => {
            let template = Password {
                page,
                name,
                problem,
                passkey,
            };
            render(status, &template)
        }
        SignInStep::SecondFactor { totp, recovery, .. } => {
            let template = Second {
                page,
                name,
                problem,
                totp,
                recovery,
                passkey,
            };
            render(status, &template)
        }
        SignInStep::SetUpFactor => {
            let set_up = engine.offer_totp(flow).await?;
            let template = SetUp {
                totp: TotpView::new(&page, &set_up, "/sign-in/set-up-totp"),
                page,
                problem,
                passkey,
            };
            render(status, &template)
        }
        SignInStep::NewPassword { by_link } => {
            let template = NewPassword {
                page,
                name,
                by_link,
                problem,
                shortest: engine.options().sign_in.shortest_password,
            };
            render(status, &template)
        }
        SignInStep::RecoveryCodes(codes) => {
            let template = Codes {
                page,
                all: codes,
                in_account: false,
            };
            render(status, &template)
        }
        SignInStep::Done => go_on(visitor, flow).await,
    })
}

/// The same page again with what is wrong, or the page for a sign-in that has ended.
pub(super) async fn show_again(
    visitor: &Visitor,
    flow: &str,
    said: impl FnOnce() -> Said,
) -> Response {
    match visitor.state.engine().look_at_flow(flow).await {
        Ok(view) => show_step(visitor, flow, view, said()).await,
        Err(SignInProblem::Engine(error)) => show_error(visitor, &error),
        Err(problem) => show_problem(visitor, problem),
    }
}
