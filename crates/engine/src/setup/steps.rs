//! Where each step stands.

use mandate_model::Timestamp;
use mandate_pki::certificate::Certificate;
use mandate_store::Session;

use super::{PlatformCause, PlatformReadiness, SetupCause, SetupState, SetupStep, SetupStepKind};
use crate::connections::last_test;
use crate::domains::SuffixReport;
use crate::licences::Rules;
use crate::management_authority::authority_in_force;
use crate::{Connection, EngineError, ManagementAuthority};
use SetupState::{Attention, Done, InProgress, NotStarted};

/// Days before the end of the push certificate from which on it deserves attention.
const SOON_DAYS: i64 = 30;

/// 1: networks and domains.
pub(super) async fn connections(
    session: &mut Session,
    list: &[Connection],
    unproved: &SuffixReport,
) -> Result<SetupStep, EngineError> {
    let step = |state, cause| SetupStep::new(SetupStepKind::Connections, state, cause);
    let Some(test) = last_test(session).await? else {
        return Ok(step(NotStarted, SetupCause::ConnectionsNotTested));
    };
    let testable = || list.iter().filter(|one| one.is_testable);
    let result = |one: &Connection| {
        let mut results = test.results.iter();
        results.find(|result| result.id == one.id && result.host == one.host)
    };
    let failed: Vec<String> = testable()
        .filter(|one| result(one).is_some_and(|result| !result.is_good))
        .map(|one| one.id.clone())
        .collect();
    if !failed.is_empty() {
        return Ok(step(Attention, SetupCause::ConnectionsFailed(failed)));
    }
    if unproved.people > 0 {
        let cause = SetupCause::UnverifiedSuffixes(unproved.people);
        return Ok(step(Attention, cause));
    }
    let untested = testable().filter(|one| result(one).is_none()).count();
    if untested > 0 {
        let cause = SetupCause::ConnectionsNotAllTested(untested);
        return Ok(step(InProgress, cause));
    }
    let domains = session.list_domains().await?;
    let pending = domains
        .into_iter()
        .find(|domain| domain.verified_at.is_none());
    Ok(match pending {
        Some(domain) => step(InProgress, SetupCause::DomainPending(domain.name)),
        None => step(Done, SetupCause::Complete),
    })
}

/// 2: which service manages devices.
pub(super) async fn authority(session: &mut Session) -> Result<SetupStep, EngineError> {
    let step = |state, cause| SetupStep::new(SetupStepKind::Authority, state, cause);
    if session.find_open_authority_reset().await?.is_some() {
        return Ok(step(Attention, SetupCause::AuthorityReset));
    }
    Ok(match authority_in_force(session).await? {
        ManagementAuthority::Unknown => step(NotStarted, SetupCause::NoAuthority),
        authority if authority.enrols_here() => step(Done, SetupCause::Complete),
        authority => {
            let cause = SetupCause::OtherAuthority(authority.title().to_owned());
            step(Attention, cause)
        }
    })
}

/// 3: groups.
pub(super) async fn groups(session: &mut Session) -> Result<SetupStep, EngineError> {
    let (state, cause) = if session.find_set_up().await?.groups {
        (Done, SetupCause::Complete)
    } else {
        (NotStarted, SetupCause::NoGroups)
    };
    Ok(SetupStep::new(SetupStepKind::Groups, state, cause))
}

/// 4: what people see.
pub(super) async fn portal(session: &mut Session) -> Result<SetupStep, EngineError> {
    let branding = crate::branding::read(session).await?;
    let (state, cause) = if branding.names_contact() {
        (Done, SetupCause::Complete)
    } else if branding.was_changed() {
        (InProgress, SetupCause::PortalWithoutContact)
    } else {
        (NotStarted, SetupCause::PortalNotBranded)
    };
    Ok(SetupStep::new(SetupStepKind::CompanyPortal, state, cause))
}

/// 5: licences for people.
pub(super) async fn licences(session: &mut Session) -> Result<SetupStep, EngineError> {
    let step = |state, cause| SetupStep::new(SetupStepKind::Licences, state, cause);
    let given = session.count_people_with_licence().await?;
    if given == 0 {
        return Ok(step(NotStarted, SetupCause::NoLicences));
    }
    let waiting = match Rules::read(session).await?.units {
        None => 0,
        Some(_) => given - session.count_people_with_seat().await?,
    };
    Ok(if waiting > 0 {
        step(Attention, SetupCause::LicencesTaken(waiting))
    } else {
        step(Done, SetupCause::Complete)
    })
}

/// 6: which platforms may be enrolled.
pub(super) async fn enrolment(
    session: &mut Session,
    platforms: &[PlatformReadiness],
    now: Timestamp,
) -> Result<SetupStep, EngineError> {
    let step = |state, cause| SetupStep::new(SetupStepKind::Enrolment, state, cause);
    if platforms.iter().all(|platform| !platform.is_enabled) {
        return Ok(step(Attention, SetupCause::NoPlatformEnabled));
    }
    let lacks_push =
        |platform: &&PlatformReadiness| platform.cause == Some(PlatformCause::NoPushCertificate);
    if platforms.iter().any(|platform| lacks_push(&platform)) {
        let state = if platforms.iter().any(|platform| platform.is_ready) {
            InProgress
        } else {
            NotStarted
        };
        return Ok(step(state, SetupCause::NoPushCertificate));
    }
    let Some(pem) = session.find_setting("push.certificate").await? else {
        return Ok(step(Done, SetupCause::Complete));
    };
    let end = Timestamp::from_unix_seconds(Certificate::from_pem(&pem)?.not_after());
    let left = end.since(now);
    Ok(if left <= 0 {
        step(Attention, SetupCause::PushCertificateEnded)
    } else if left < SOON_DAYS * Timestamp::DAY {
        let days = left / Timestamp::DAY + 1;
        step(Attention, SetupCause::PushCertificateEndsSoon(days))
    } else {
        step(Done, SetupCause::Complete)
    })
}

/// 7: profiles, and the first devices.
pub(super) async fn next(session: &mut Session) -> Result<SetupStep, EngineError> {
    let found = session.find_set_up().await?;
    let parts = [
        (found.profiles, SetupCause::NoProfile),
        (found.assigned, SetupCause::NoAssignment),
        (found.devices, SetupCause::NoDevice),
        (found.mail, SetupCause::NoMail),
    ];
    let state = if parts.iter().any(|(is_done, _)| *is_done) {
        InProgress
    } else {
        NotStarted
    };
    let open = parts.into_iter().find(|(is_done, _)| !is_done);
    Ok(match open {
        Some((_, cause)) => SetupStep::new(SetupStepKind::NextSteps, state, cause),
        None => SetupStep::new(SetupStepKind::NextSteps, Done, SetupCause::Complete),
    })
}
