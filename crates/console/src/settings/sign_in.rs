//! Who needs a second step.

use mandate_engine::{EngineError, SecondFactor};
use mandate_ui::redirect;
use mandate_web::Fields;

use super::PATH;
use crate::administrator::Administrator;
use crate::failure::{Answer, Failure};

/// `POST /console/settings/second-factor`
pub(super) async fn set(administrator: Administrator, fields: Fields) -> Answer {
    let wanted = match fields.text("secondFactor") {
        "administrators" => SecondFactor::Administrators,
        "everyone" => SecondFactor::Everyone,
        "optional" => SecondFactor::Optional,
        other => {
            let reason = format!("`{other}` is no choice");
            return Err(Failure(EngineError::NotPossible { reason }));
        }
    };
    let engine = administrator.engine();
    engine
        .set_second_factor(&administrator.actor, wanted)
        .await?;
    Ok(redirect(&format!("{PATH}?done")))
}
