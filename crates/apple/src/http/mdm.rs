//! `/apple/mdm`: asking for work and reporting on it.

use axum::extract::{Request, State};
use axum::response::Response;
use mandate_engine::{Caller, Met};
use mandate_pki::certificate::Certificate;
use plist::Dictionary;

use super::{AppleState, Problem, identity, plist_answer};
use crate::session;
use crate::wire::{Channel, CheckIn, Report, property_list};

pub(super) async fn mdm(
    State(state): State<AppleState>,
    request: Request,
) -> Result<Response, Problem> {
    super::check_in::is_message(request.method())?;
    identity::is_offered(request.headers(), request.extensions())?;
    let (parts, body) = super::check_in::whole(request, super::REPORT_LIMIT).await?;
    let certificate = identity::certificate(&parts.headers, &parts.extensions, &body)?;
    let message = property_list::read(&body, property_list::Limits::REPORT)?;
    // Some servers have one address for both, and some clients believe that all do.
    if message.contains_key("MessageType") {
        let said = CheckIn::read(&message)?;
        return Box::pin(super::check_in::take(&state, &certificate, said)).await;
    }
    report(&state, &certificate, message).await
}

/// Hears a report and answers with the next command, or with nothing.
pub(super) async fn report(
    state: &AppleState,
    certificate: &Certificate,
    message: Dictionary,
) -> Result<Response, Problem> {
    let report = Report::read(message)?;
    let caller = Caller {
        certificate,
        enrolment_id: &report.device.id,
    };
    let answer = session::answer(&report)?;
    let met = match &report.channel {
        Channel::Device => state.engine.meet(&caller, answer).await?,
        Channel::User(user) => state.engine.meet_user(&caller, user, answer).await?,
    };
    match met {
        Met::Work(None) => Ok(plist_answer(None)),
        Met::Work(Some(work)) => Ok(plist_answer(Some(
            state.server.command(work, report.device.kind)?,
        ))),
        Met::Refused(refused) => Err(Problem::Refused(refused)),
    }
}
