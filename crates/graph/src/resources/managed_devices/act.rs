//! Remote actions: all answer 204 at once; what becomes of them is in `deviceActionResults`.

use mandate_engine::{LockOptions, WipeOptions};
use serde_json::{Map, Value};

use crate::error::{GraphError, Result};
use crate::reply::Reply;
use crate::request::GraphRequest;
use crate::resources::body::{boolean, text};
use crate::state::GraphState;

/// `POST …/syncDevice`
pub(crate) async fn sync_device(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    state
        .engine()
        .sync_device(&request.actor, request.id(0, "device")?)
        .await?;
    Ok(Reply::no_content())
}

/// `POST …/retire`
pub(crate) async fn retire_device(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    state
        .engine()
        .retire_device(&request.actor, request.id(0, "device")?)
        .await?;
    Ok(Reply::no_content())
}

/// `POST …/wipe`
pub(crate) async fn wipe_device(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let options = read_wipe(&request.object_or_empty()?)?;
    state
        .engine()
        .wipe_device(&request.actor, request.id(0, "device")?, options)
        .await?;
    Ok(Reply::no_content())
}

/// `POST …/remoteLock`; Graph's action has no parameters, ours may say what the lock screen shows.
pub(crate) async fn lock_device(state: &GraphState, request: &GraphRequest) -> Result<Reply> {
    let body = request.object_or_empty()?;
    let read = |name: &str| body.get(name).map_or(Ok(None), |value| text(name, value));
    let options = LockOptions {
        message: read("message")?,
        phone_number: read("phoneNumber")?,
    };
    state
        .engine()
        .lock_device(&request.actor, request.id(0, "device")?, options)
        .await?;
    Ok(Reply::no_content())
}

/// What iOS cannot keep must not be promised: a wipe that was to keep data is refused.
fn read_wipe(body: &Map<String, Value>) -> Result<WipeOptions> {
    let flag = |name: &str| match body.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(value) => boolean(name, value),
    };
    for name in ["keepEnrollmentData", "keepUserData"] {
        if flag(name)? {
            let message =
                format!("`{name}` cannot be `true`: an iPhone or iPad is erased as a whole");
            return Err(GraphError::invalid(name, message));
        }
    }
    Ok(WipeOptions {
        keep_data_plan: flag("persistEsimDataPlan")?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_wipe_that_is_to_keep_data_is_refused() {
        let read = |body: Value| read_wipe(body.as_object().unwrap());
        assert!(read(json!({"keepUserData": true})).is_err());
        assert!(read(json!({"keepUserData": "no"})).is_err());
        let options = read(
            json!({"keepUserData": false, "keepEnrollmentData": null, "persistEsimDataPlan": true}),
        );
        assert!(options.unwrap().keep_data_plan);
    }
}
