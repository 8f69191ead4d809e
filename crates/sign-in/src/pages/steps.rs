//! The steps of a sign-in, each a form.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use mandate_engine::SignInProblem;
use mandate_web::Fields;

use super::message::{password_text, problem_text, refused_page, show_problem};
use super::show::{Said, show_again};
use super::{go_on, is_over, with_flow};
use mandate_ui::{Visitor, redirect};

/// `POST /sign-in/name`
pub(super) async fn enter_name(visitor: Visitor, fields: Fields) -> Response {
    let Some(flow) = visitor.flow.clone() else {
        return refused_page(&visitor);
    };
    let taken = visitor
        .state
        .engine()
        .enter_name(&flow, fields.text("name"));
    let taken = taken.await;
    answer(&visitor, &flow, taken).await
}

/// `POST /sign-in/back`
pub(super) async fn start_again(visitor: Visitor, _: Fields) -> Response {
    let Some(flow) = visitor.flow.clone() else {
        return refused_page(&visitor);
    };
    let taken = visitor.state.engine().start_again(&flow).await;
    answer(&visitor, &flow, taken).await
}

/// `POST /sign-in/password`
pub(super) async fn enter_password(visitor: Visitor, fields: Fields) -> Response {
    let Some(flow) = visitor.flow.clone() else {
        return refused_page(&visitor);
    };
    let engine = visitor.state.engine();
    let taken = Box::pin(engine.enter_password(&flow, fields.text("password"), &visitor.visit));
    let taken = taken.await;
    answer(&visitor, &flow, taken).await
}

/// `POST /sign-in/code`
pub(super) async fn enter_code(visitor: Visitor, fields: Fields) -> Response {
    let Some(flow) = visitor.flow.clone() else {
        return refused_page(&visitor);
    };
    let engine = visitor.state.engine();
    let taken = engine
        .enter_code(&flow, fields.text("code"), &visitor.visit)
        .await;
    answer(&visitor, &flow, taken).await
}

/// `POST /sign-in/recovery`
pub(super) async fn enter_recovery_code(visitor: Visitor, fields: Fields) -> Response {
    let Some(flow) = visitor.flow.clone() else {
        return refused_page(&visitor);
    };
    let engine = visitor.state.engine();
    let taken = engine
        .enter_recovery_code(&flow, fields.text("recovery"), &visitor.visit)
        .await;
    answer(&visitor, &flow, taken).await
}

/// `POST /sign-in/passkey`
pub(super) async fn enter_passkey(visitor: Visitor, fields: Fields) -> Response {
    let (Some(flow), Some(party)) = (visitor.flow.clone(), &visitor.party) else {
        return refused_page(&visitor);
    };
    let engine = visitor.state.engine();
    let credential = fields.text("credential");
    let taken = Box::pin(engine.enter_passkey(&flow, party, credential, &visitor.visit)).await;
    answer(&visitor, &flow, taken).await
}

/// `GET /sign-in/link/{secret}`: the secret goes out of the address before anything is shown.
pub(super) async fn follow_link(visitor: Visitor, Path(secret): Path<String>) -> Response {
    match visitor.state.engine().begin_flow_with_link(&secret).await {
        Ok(flow) => with_flow(&visitor, &flow, redirect("/sign-in")),
        Err(problem) => show_problem(&visitor, problem),
    }
}

/// `POST /sign-in/new-password`
pub(super) async fn enter_new_password(visitor: Visitor, fields: Fields) -> Response {
    let Some(flow) = visitor.flow.clone() else {
        return refused_page(&visitor);
    };
    let password = fields.text("password");
    if password != fields.text("again") {
        let problem = visitor.language.text("password-differs");
        return wrong_password(&visitor, &flow, problem).await;
    }
    let engine = visitor.state.engine();
    match Box::pin(engine.enter_new_password(&flow, password, &visitor.visit)).await {
        Ok(Ok(())) => go_on(&visitor, &flow).await,
        Ok(Err(problem)) => {
            let shortest = engine.options().sign_in.shortest_password;
            let problem = password_text(visitor.language, problem, shortest);
            wrong_password(&visitor, &flow, problem).await
        }
        Err(problem) => answer(&visitor, &flow, Err(problem)).await,
    }
}

async fn wrong_password(visitor: &Visitor, flow: &str, problem: String) -> Response {
    let status = StatusCode::BAD_REQUEST;
    show_again(visitor, flow, || Said { status, problem }).await
}

/// `POST /sign-in/set-up-totp`
pub(super) async fn set_up_totp(visitor: Visitor, fields: Fields) -> Response {
    let Some(flow) = visitor.flow.clone() else {
        return refused_page(&visitor);
    };
    let engine = visitor.state.engine();
    let taken = engine
        .confirm_totp(&flow, fields.text("code"), &visitor.visit)
        .await;
    answer(&visitor, &flow, taken).await
}

/// `POST /sign-in/set-up-passkey`
pub(super) async fn set_up_passkey(visitor: Visitor, fields: Fields) -> Response {
    let (Some(flow), Some(party)) = (visitor.flow.clone(), &visitor.party) else {
        return refused_page(&visitor);
    };
    let engine = visitor.state.engine();
    let given = (fields.text("credential"), fields.text("name"));
    let taken = Box::pin(engine.confirm_passkey(&flow, party, given, &visitor.visit)).await;
    answer(&visitor, &flow, taken).await
}

/// `POST /sign-in/codes`
pub(super) async fn keep_codes(visitor: Visitor, _: Fields) -> Response {
    let Some(flow) = visitor.flow.clone() else {
        return refused_page(&visitor);
    };
    let taken = visitor.state.engine().keep_codes(&flow).await;
    answer(&visitor, &flow, taken).await
}

/// On to the next step, or the same one again with what is wrong.
async fn answer(visitor: &Visitor, flow: &str, taken: Result<(), SignInProblem>) -> Response {
    match taken {
        Ok(()) => go_on(visitor, flow).await,
        // Whoever sends a form twice is where it led.
        Err(SignInProblem::OutOfTurn) => redirect("/sign-in"),
        Err(problem) if is_over(&problem) => show_problem(visitor, problem),
        Err(problem) => {
            let (status, problem) = problem_text(visitor.language, &problem);
            show_again(visitor, flow, || Said { status, problem }).await
        }
    }
}
