//! What is done with a directory.

use axum::extract::Path;
use mandate_ui::redirect;
use mandate_web::Fields;

use super::path_of;
use super::show::{Tried, show};
use crate::administrator::Administrator;
use crate::failure::Answer;

/// `POST /console/directory/{name}/sync`: with the next round, which is a matter of seconds.
pub(super) async fn synchronize(
    administrator: Administrator,
    Path(name): Path<String>,
    fields: Fields,
) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let full = fields.has("full");
    engine.request_synchronization(actor, &name, full).await?;
    Ok(redirect(&format!("{}?asked", path_of(&name))))
}

/// `POST /console/directory/{name}/test`
pub(super) async fn test(
    administrator: Administrator,
    Path(name): Path<String>,
    _: Fields,
) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let tried = Tried {
        steps: Some(engine.try_synced_directory(actor, &name).await?),
        forecast: None,
    };
    show(&administrator, &name, tried, false).await
}

/// `POST /console/directory/{name}/forecast`
pub(super) async fn forecast(
    administrator: Administrator,
    Path(name): Path<String>,
    _: Fields,
) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    let tried = Tried {
        steps: None,
        forecast: Some(engine.foresee_synchronization(actor, &name).await?),
    };
    show(&administrator, &name, tried, false).await
}

/// `POST /console/directory/{name}/confirm`
pub(super) async fn confirm(
    administrator: Administrator,
    Path(name): Path<String>,
    _: Fields,
) -> Answer {
    let (engine, actor) = (administrator.engine(), &administrator.actor);
    engine.confirm_deletions(actor, &name).await?;
    Ok(redirect(&format!("{}?asked", path_of(&name))))
}
