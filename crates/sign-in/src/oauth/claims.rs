//! The parameter `claims` (`OpenID` Connect Core §5.5), of which one thing is understood: that a client can be told, with
//! a challenge, to get another token (`xms_cc`, `CP1`).

use serde_json::Value;

use super::parameters::Parameters;
use super::{Fault, FaultKind};

/// Whether the client says so.
pub(super) fn takes_claims(parameters: &Parameters) -> Result<bool, Fault> {
    let Some(text) = parameters.get("claims") else {
        return Ok(false);
    };
    let claims: Value = serde_json::from_str(text).map_err(|_| {
        Fault::new(
            FaultKind::InvalidRequest,
            "The parameter 'claims' is not JSON.",
        )
    })?;
    let values = claims["access_token"]["xms_cc"]["values"].as_array();
    Ok(values.is_some_and(|values| {
        values
            .iter()
            .filter_map(Value::as_str)
            .any(|value| value.eq_ignore_ascii_case("cp1"))
    }))
}
