/// What became of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PushOutcome {
    /// APNs took it. Whether it arrives nobody learns.
    Delivered,
    /// The token is of no use until the next `TokenUpdate`. The enrolment is not to be deleted for it.
    TokenDead {
        /// Since when, milliseconds since 1970, if APNs says. Of no account if a `TokenUpdate` came later.
        since_ms: Option<i64>,
        /// APNs' word.
        reason: String,
    },
    /// The push certificate is refused, so all pushes of its topic will be: stop, and raise an alarm.
    CertificateProblem(String),
    /// Too many pushes to this token.
    Throttled {
        /// Seconds to wait, if APNs says.
        retry_after: Option<u32>,
    },
    /// The request was wrong: raise an alarm, trying again is no use.
    OurFault(String),
    /// APNs cannot be reached or does not work at present: try again later.
    Unavailable(String),
}

/// What an answer of APNs means. `timestamp_ms` is the body's `timestamp`, which only a 410 has; how long to wait after
/// a 429 stands in a header.
pub fn judge(status: u16, reason: &str, timestamp_ms: Option<i64>) -> PushOutcome {
    let word = || {
        if reason.is_empty() {
            format!("status {status}")
        } else {
            reason.to_owned()
        }
    };
    match (status, reason) {
        (200, _) => PushOutcome::Delivered,
        (400, "BadDeviceToken" | "DeviceTokenNotForTopic") => PushOutcome::TokenDead {
            since_ms: None,
            reason: word(),
        },
        (403, _) => PushOutcome::CertificateProblem(word()),
        (410, _) => PushOutcome::TokenDead {
            since_ms: timestamp_ms,
            reason: word(),
        },
        (429, _) => PushOutcome::Throttled { retry_after: None },
        // A time-out on their side, unlike everything else that begins with 4.
        (408 | 500..=599, _) => PushOutcome::Unavailable(word()),
        _ => PushOutcome::OurFault(word()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_of_apns_has_its_meaning() {
        let dead = |since_ms, reason: &str| PushOutcome::TokenDead {
            since_ms,
            reason: reason.to_owned(),
        };
        let certificate = |reason: &str| PushOutcome::CertificateProblem(reason.to_owned());
        let fault = |reason: &str| PushOutcome::OurFault(reason.to_owned());
        let down = |reason: &str| PushOutcome::Unavailable(reason.to_owned());
        for (status, reason, timestamp, expected) in [
            (200, "", None, PushOutcome::Delivered),
            (400, "BadDeviceToken", None, dead(None, "BadDeviceToken")),
            (
                400,
                "DeviceTokenNotForTopic",
                None,
                dead(None, "DeviceTokenNotForTopic"),
            ),
            (400, "BadTopic", None, fault("BadTopic")),
            (400, "TopicDisallowed", None, fault("TopicDisallowed")),
            (400, "MissingTopic", None, fault("MissingTopic")),
            (400, "BadExpirationDate", None, fault("BadExpirationDate")),
            (400, "PayloadEmpty", None, fault("PayloadEmpty")),
            (400, "", None, fault("status 400")),
            (403, "BadCertificate", None, certificate("BadCertificate")),
            (
                403,
                "BadCertificateEnvironment",
                None,
                certificate("BadCertificateEnvironment"),
            ),
            (403, "Forbidden", None, certificate("Forbidden")),
            (404, "BadPath", None, fault("BadPath")),
            (405, "MethodNotAllowed", None, fault("MethodNotAllowed")),
            (
                410,
                "Unregistered",
                Some(1_700_000_000_000),
                dead(Some(1_700_000_000_000), "Unregistered"),
            ),
            (410, "ExpiredToken", None, dead(None, "ExpiredToken")),
            (413, "PayloadTooLarge", None, fault("PayloadTooLarge")),
            (
                429,
                "TooManyRequests",
                None,
                PushOutcome::Throttled { retry_after: None },
            ),
            (
                500,
                "InternalServerError",
                None,
                down("InternalServerError"),
            ),
            (503, "ServiceUnavailable", None, down("ServiceUnavailable")),
            (503, "Shutdown", None, down("Shutdown")),
            (301, "", None, fault("status 301")),
        ] {
            assert_eq!(
                judge(status, reason, timestamp),
                expected,
                "{status} {reason}"
            );
        }
    }
}
