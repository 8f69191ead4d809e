//! The device grant (RFC 8628): a client asks for a code, and somebody types what it shows.

use axum::extract::{Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mandate_engine::{AskedScope, DeviceProblem, SignedIn};
use mandate_model::AppId;
use mandate_ui::Visitor;
use mandate_web::Fields;
use serde_json::{Value, json};

use super::answer::{Refused, body, document};
use super::called::Called;
use super::claims::takes_claims;
use super::client::{client, require_proof_or_public};
use super::pages::{self, PageContext, Question};
use super::parameters::{Parameters, encode};
use super::person::current;
use super::{Edition, Fault};
use crate::Door;
use crate::pages::send_to_sign_in;

/// Where codes are typed.
const PAGE: &str = "/device";

/// `POST /{tenant}/oauth2/v2.0/devicecode`
pub(super) async fn begin(state: State<Door>, tenant: Path<String>, request: Request) -> Response {
    answer(state, tenant, request, Edition::Second).await
}

/// `POST /{tenant}/oauth2/devicecode`
pub(super) async fn begin_first(
    state: State<Door>,
    tenant: Path<String>,
    request: Request,
) -> Response {
    answer(state, tenant, request, Edition::First).await
}

async fn answer(
    State(state): State<Door>,
    Path(tenant): Path<String>,
    request: Request,
    edition: Edition,
) -> Response {
    let (parts, content) = request.into_parts();
    let called = Called::read(&state, &parts);
    let begun = async {
        called.check(&state, &tenant)?;
        let query = parts.uri.query().unwrap_or_default();
        let form = body(content).await?;
        // Clients of the time of ADAL put everything into the address.
        let form = Parameters::parse(if form.is_empty() {
            query.as_bytes()
        } else {
            &form
        })?;
        new_code(&state, &called, &parts, &form, edition).await
    };
    match begun.await {
        Ok(code) => document(StatusCode::OK, &code),
        Err(fault) => Refused(&state, &called, fault).answer(),
    }
}

async fn new_code(
    state: &Door,
    called: &Called,
    parts: &Parts,
    form: &Parameters,
    edition: Edition,
) -> Result<Value, Fault> {
    let is_ours = |resource: &str| called.is_resource(state, resource);
    let asked = match edition {
        Edition::Second => AskedScope::parse(form.need("scope")?, is_ours)?,
        Edition::First => AskedScope::of_resource(form.need("resource")?, is_ours)?,
    };
    let (app, proof) = client(state, called, &parts.headers, form).await?;
    require_proof_or_public(&app, proof)?;
    let scope = asked.granted_to(&app)?;
    let code = state
        .engine()
        .begin_device_code(&app, proof, scope, takes_claims(form)?)
        .await?;
    let page = format!("{}{PAGE}", called.base_url);
    let message = format!(
        "To sign in, use a web browser to open the page {page} and enter the code {} to authenticate.",
        code.user_code
    );
    let number = |number: i64| match edition {
        Edition::Second => json!(number),
        Edition::First => json!(number.to_string()),
    };
    let mut answer = json!({
        "device_code": code.device_code,
        "user_code": code.user_code,
        "expires_in": number(code.expires_in),
        "interval": number(code.interval),
        "message": message,
    });
    match edition {
        Edition::First => answer["verification_url"] = json!(page),
        Edition::Second => {
            answer["verification_uri"] = json!(page);
            let typed = encode([("user_code", code.user_code.as_str())]);
            answer["verification_uri_complete"] = json!(format!("{page}?{typed}"));
        }
    }
    Ok(answer)
}

/// `GET /{tenant}/oauth2/deviceauth`, where Entra has the page.
pub(super) async fn show_elsewhere() -> Response {
    let mut answer = StatusCode::SEE_OTHER.into_response();
    answer
        .headers_mut()
        .insert(header::LOCATION, HeaderValue::from_static(PAGE));
    answer
}

/// `GET /device`: asks for the code. One that is in the address is only filled in: whoever follows a link has still to
/// look and confirm (RFC 8628 §5.4).
pub(super) async fn show(State(state): State<Door>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let context = PageContext::of(&state, &parts);
    let query = parts.uri.query().unwrap_or_default();
    let shown = async {
        Called::read(&state, &parts).check_host(&state)?;
        let parameters = Parameters::parse(query.as_bytes())?;
        let code = parameters.get("user_code").unwrap_or_default();
        let code: String = code.chars().take(20).collect();
        match current(&state, &parts).await? {
            Some((_, cookie)) => Ok::<_, Fault>(pages::device(&context, &cookie, &code, None)),
            None => Ok(send_to_sign_in(&state, &parts, &own_path(&code), (None, false)).await),
        }
    };
    match shown.await {
        Ok(answer) => answer,
        Err(fault) => pages::problem(&context, &fault),
    }
}

/// `POST /device`: shows which client waits behind the code, and asks whether it may.
pub(super) async fn typed(State(state): State<Door>, fields: Fields, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let context = PageContext::of(&state, &parts);
    let code = fields.text("code");
    let (person, cookie) = match person(&state, &parts, code).await {
        Ok(found) => found,
        Err(answer) => return *answer,
    };
    match state.engine().find_device_request(&person, code).await {
        Ok(found) => {
            let question = Question {
                action: format!("{PAGE}/decide"),
                client: &found.app.name,
                person: &person.user.user_principal_name,
                permissions: &found.permissions,
                code: &found.user_code,
                client_id: found.app.id.to_string(),
                can_change_account: false,
            };
            pages::confirm(&context, &cookie, question)
        }
        Err(problem) => refused(&context, &cookie, code, problem),
    }
}

/// `POST /device/decide`
pub(super) async fn decide(
    State(state): State<Door>,
    fields: Fields,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let context = PageContext::of(&state, &parts);
    let code = fields.text("code");
    let (person, cookie) = match person(&state, &parts, code).await {
        Ok(found) => found,
        Err(answer) => return *answer,
    };
    let is_approved = fields.text("decision") == "allow";
    let visit = Visitor::of(&state, &parts).visit;
    // The client that was shown, for a code may be another's by now.
    let app: AppId = fields
        .text("client")
        .parse()
        .unwrap_or(AppId(uuid::Uuid::nil()));
    let decided = state
        .engine()
        .decide_device_request(&person, code, (app, is_approved), &visit)
        .await;
    match decided {
        Ok(()) if is_approved => {
            let words = ("device-done-title", "device-done");
            pages::note(&context, StatusCode::OK, words, "")
        }
        Ok(()) => {
            let words = ("device-declined-title", "device-declined");
            pages::note(&context, StatusCode::OK, words, "")
        }
        Err(problem) => refused(&context, &cookie, code, problem),
    }
}

async fn person(
    state: &Door,
    parts: &Parts,
    code: &str,
) -> Result<(SignedIn, String), Box<Response>> {
    let context = PageContext::of(state, parts);
    match current(state, parts).await {
        Ok(Some(found)) => Ok(found),
        Ok(None) => {
            let code: String = code.chars().take(20).collect();
            let path = own_path(&code);
            Err(Box::new(
                send_to_sign_in(state, parts, &path, (None, false)).await,
            ))
        }
        Err(error) => Err(Box::new(pages::problem(&context, &error.into()))),
    }
}

fn refused(context: &PageContext, cookie: &str, code: &str, problem: DeviceProblem) -> Response {
    let text = match problem {
        DeviceProblem::Unknown => context.text("device-unknown"),
        DeviceProblem::Throttled { .. } => context.text("device-throttled"),
        DeviceProblem::Engine(error) => return pages::problem(context, &error.into()),
    };
    pages::device(context, cookie, code, Some(text))
}

fn own_path(code: &str) -> String {
    if code.is_empty() {
        PAGE.to_owned()
    } else {
        format!("{PAGE}?{}", encode([("user_code", code)]))
    }
}
