//! `/metrics`: what is counted, in the text format of Prometheus (version 0.0.4).

use std::fmt::Write as _;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use mandate_engine::{Engine, Metrics};

const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// For the plain listener: it is loopback, or behind a proxy that decides who may ask.
pub(crate) fn router(engine: Engine) -> Router {
    let show = move || {
        let engine = engine.clone();
        async move { answer(&engine).await }
    };
    Router::new().route("/metrics", get(show))
}

async fn answer(engine: &Engine) -> Response {
    match engine.metrics().await {
        Ok(metrics) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text(&metrics)).into_response(),
        Err(error) => {
            tracing::error!("metrics cannot be counted: {error}");
            (StatusCode::SERVICE_UNAVAILABLE, "not available\n").into_response()
        }
    }
}

fn text(metrics: &Metrics) -> String {
    let mut page = Page::default();
    let counted = &metrics.counted;
    page.family("mandate_devices", "gauge", "Devices by state");
    for (state, number) in &counted.devices {
        page.sample("mandate_devices", &[("state", state)], number);
    }
    page.family(
        "mandate_device_profiles",
        "gauge",
        "Profiles on devices by state",
    );
    for (state, number) in &counted.profiles {
        page.sample("mandate_device_profiles", &[("state", state)], number);
    }
    page.family(
        "mandate_certificates_expiring",
        "gauge",
        "Certificates that end within so many days, by source",
    );
    for (days, source, number) in &counted.expiring {
        let labels = [
            ("source", source.as_str()),
            ("within_days", &days.to_string()),
        ];
        page.sample("mandate_certificates_expiring", &labels, number);
    }
    if let Some(end) = counted.push_ends {
        page.family(
            "mandate_push_certificate_end_timestamp_seconds",
            "gauge",
            "When the push certificate ends, in seconds since 1970",
        );
        let seconds = end.unix_seconds();
        page.sample(
            "mandate_push_certificate_end_timestamp_seconds",
            &[],
            seconds,
        );
    }
    page.family(
        "mandate_external_revocations",
        "gauge",
        "Revocations that external issuers are told of, by state",
    );
    for (state, number) in &counted.revocations {
        page.sample("mandate_external_revocations", &[("state", state)], number);
    }
    page.family(
        "mandate_expiry_alerts",
        "gauge",
        "Alerts raised, and those still to be delivered",
    );
    let delivered = counted.alerts - counted.waiting_alerts;
    page.sample("mandate_expiry_alerts", &[("state", "settled")], delivered);
    let waiting = counted.waiting_alerts;
    page.sample("mandate_expiry_alerts", &[("state", "waiting")], waiting);
    page.family(
        "mandate_check_ins_total",
        "counter",
        "Check-ins of devices that were served",
    );
    page.sample("mandate_check_ins_total", &[], metrics.check_ins);
    page.family(
        "mandate_scep_requests_total",
        "counter",
        "SCEP requests by result",
    );
    for (result, number) in [
        ("issued", metrics.scep_issued),
        ("refused", metrics.scep_refused),
    ] {
        page.sample("mandate_scep_requests_total", &[("result", result)], number);
    }
    if let Some(age) = metrics.beat_age_seconds {
        page.family(
            "mandate_background_beat_age_seconds",
            "gauge",
            "Seconds since the background last worked",
        );
        page.sample("mandate_background_beat_age_seconds", &[], age);
    }
    page.0
}

/// Lines of the format. Names and label values are our own words, which need no escaping but for what a state might ever hold.
#[derive(Default)]
struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        self.0.push_str(name);
        for (index, (label, text)) in labels.iter().enumerate() {
            let opening = if index == 0 { '{' } else { ',' };
            let _ = write!(self.0, "{opening}{label}=\"{}\"", escaped(text));
        }
        if !labels.is_empty() {
            self.0.push('}');
        }
        let _ = writeln!(self.0, " {value}");
    }
}

/// A label value: backslash, quote and line feed are the characters that mean something.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use mandate_engine::Counted;

    use super::*;

    #[test]
    fn the_page_is_what_prometheus_reads() {
        let metrics = Metrics {
            counted: Counted {
                devices: vec![("enrolled".to_owned(), 3)],
                profiles: vec![("succeeded".to_owned(), 7)],
                revocations: vec![("que\"ued".to_owned(), 1)],
                expiring: vec![(60, "scep".to_owned(), 2)],
                push_ends: Some(mandate_model::Timestamp::from_unix_seconds(1_795_248_000)),
                alerts: 5,
                waiting_alerts: 2,
            },
            check_ins: 11,
            scep_issued: 4,
            scep_refused: 1,
            beat_age_seconds: Some(1),
        };
        let page = text(&metrics);
        for line in [
            "# TYPE mandate_devices gauge",
            "mandate_devices{state=\"enrolled\"} 3",
            "mandate_device_profiles{state=\"succeeded\"} 7",
            "mandate_certificates_expiring{source=\"scep\",within_days=\"60\"} 2",
            "mandate_push_certificate_end_timestamp_seconds 1795248000",
            "mandate_external_revocations{state=\"que\\\"ued\"} 1",
            "mandate_expiry_alerts{state=\"settled\"} 3",
            "mandate_expiry_alerts{state=\"waiting\"} 2",
            "mandate_check_ins_total 11",
            "mandate_scep_requests_total{result=\"refused\"} 1",
            "mandate_background_beat_age_seconds 1",
        ] {
            assert!(page.lines().any(|found| found == line), "{line}\n{page}");
        }
        assert!(
            page.lines()
                .all(|line| line.starts_with('#') || line.split(' ').count() == 2)
        );
        assert!(page.ends_with('\n'));
    }
}
