//! Load scenarios and the Graph client against a server that only knows what they need.

use crate::mini::Mini;
use crate::payloads::{eas_payload, profile};
use mandate_simulator::fleet::{Fleet, FleetPlan, Progress};
use mandate_simulator::graph::{Credentials, Graph, GraphError};
use mandate_simulator::http::Http;
use mandate_simulator::keys::KeyPool;
use mandate_simulator::load::{
    EditPlan, IdlePlan, LoadError, RolloutPlan, edit, enrol, idle, prepare, rollout,
};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// What the stub answers to a call of the management API; the right token is `good`.
pub(crate) fn answer(
    mini: &Mini,
    method: &str,
    path: &str,
    authorised: bool,
    body: &[u8],
) -> (u16, Value) {
    let body: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    if path == "/tenant/oauth2/v2.0/token" {
        return (200, json!({ "access_token": "good" }));
    }
    if !authorised {
        return (
            401,
            json!({ "error": { "code": "InvalidAuthenticationToken" } }),
        );
    }
    match (method, path) {
        ("PATCH", "/mandate/v1/authority") if body["confirm"] == true => (200, json!({})),
        ("PATCH", "/mandate/v1/licences") => (200, json!({})),
        ("POST", "/beta/users") if body["userPrincipalName"].is_string() => {
            (201, json!({ "id": "user-1" }))
        }
        ("POST", "/beta/groups") => (201, json!({ "id": "group-1" })),
        ("POST", "/beta/groups/group-1/members/$ref") => {
            let id = body["@odata.id"].as_str().unwrap_or_default();
            (
                if id.ends_with("/beta/directoryObjects/user-1") {
                    204
                } else {
                    400
                },
                Value::Null,
            )
        }
        ("POST", "/mandate/v1/enrollmentLinks") => (201, json!({ "url": mini.link() })),
        ("POST", "/beta/deviceManagement/deviceConfigurations") => {
            let host = body["hostName"].as_str().unwrap_or_default().to_owned();
            let identifier = format!("com.example.{host}");
            let account = eas_payload(
                &format!("ACCOUNT-{host}"),
                &[("Host", host.as_str().into())],
            );
            mini.queue_profile(&profile(
                &identifier,
                &format!("MAIL-{host}"),
                vec![account],
            ));
            (201, json!({ "id": "configuration-1" }))
        }
        ("PATCH", "/beta/deviceManagement/deviceConfigurations/configuration-1")
        | ("POST", "/beta/deviceManagement/deviceConfigurations/configuration-1/assign") => {
            (200, json!({}))
        }
        (
            "GET",
            "/beta/deviceManagement/deviceConfigurations/configuration-1/deviceStatusOverview",
        ) => (200, json!({ "successCount": 1 })),
        ("POST", "/mandate/v1/plan") => (200, json!({ "changes": 1 })),
        _ => (
            404,
            json!({ "error": { "code": "NotFound", "message": path } }),
        ),
    }
}

fn no_progress() -> Progress {
    Arc::new(|_, _| {})
}

fn an_administrator(mini: &Mini, http: &Http) -> Graph {
    let credentials = Credentials {
        tenant: "tenant".into(),
        client_id: "id".into(),
        client_secret: "s&cret=".into(),
    };
    Graph::new(http, &mini.url, credentials)
}

#[tokio::test]
async fn all_scenarios_run_in_turn_and_report_figures() {
    let (mini, http) = (Mini::start().await, Http::new());
    let graph = an_administrator(&mini, &http);
    let mut people = prepare(&graph, "run", "example.com", 5, 1).await.unwrap();
    assert_eq!((people.users.len(), people.links.len()), (1, 1));

    let mut fleet = Fleet::new(&FleetPlan::new(1, &KeyPool::shared()));
    let waiting = IdlePlan {
        requests: 20,
        at_most: Duration::from_secs(10),
    };
    assert!(matches!(
        idle(&mut fleet, &http, waiting, no_progress()).await,
        Err(LoadError::NoDevices)
    ));
    let figures = enrol(&mut fleet, &http, &people.links, no_progress()).await;
    assert_eq!((figures.devices, figures.tally.error_count()), (1, 0));
    assert_eq!(figures.latency.count, 6);

    let plan = RolloutPlan {
        profiles: 2,
        run: "run".into(),
        max_rounds: 10,
        pause: Duration::ZERO,
    };
    let figures = rollout(&mut fleet, &http, &graph, &mut people, &plan, no_progress())
        .await
        .unwrap();
    assert_eq!((figures.complete_devices, figures.confirmed), (1, 2));
    assert!(figures.tally.quiet && figures.confirmed_seconds >= figures.delivered_seconds);

    let figures = idle(&mut fleet, &http, waiting, no_progress())
        .await
        .unwrap();
    assert_eq!((figures.requests, figures.latency.count), (20, 20));
    assert!(figures.tally.commands.is_empty());

    let plan = EditPlan {
        repetitions: 3,
        run: "run".into(),
    };
    let figures = edit(&graph, &mut people, &plan).await.unwrap();
    assert_eq!((figures.patch.count, figures.plan.unwrap().count), (3, 3));
}

#[tokio::test]
async fn a_refused_call_says_what_was_asked_and_answered() {
    let (mini, http) = (Mini::start().await, Http::new());
    let error = an_administrator(&mini, &http)
        .get("/beta/nothing")
        .await
        .unwrap_err();
    assert!(
        matches!(&error, GraphError::Refused { status: 404, .. }),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .starts_with("GET /beta/nothing answered 404")
    );
}

#[tokio::test]
async fn whatever_gets_lost_a_device_ends_with_what_was_sent() {
    let (mini, http) = (Mini::start().await, Http::new());
    let mut fleet = Fleet::new(&FleetPlan::new(1, &KeyPool::shared()));
    fleet.enrol(&http, &[mini.link()], no_progress()).await;
    let faults = &mut fleet.devices_mut()[0].faults;
    faults.not_now = 0.3;
    faults.lost_answers = 0.3;
    faults.lost_acknowledgements = 0.3;
    faults.duplicate_reports = 0.3;
    faults.dropped_connections = 0.2;
    for number in 0..20 {
        let host = format!("mail{number}.example.com");
        let account = eas_payload(
            &format!("ACCOUNT-{number}"),
            &[("Host", host.as_str().into())],
        );
        mini.queue_profile(&profile(
            &format!("com.example.{number}"),
            &format!("MAIL-{number}"),
            vec![account],
        ));
    }
    let settle = mandate_simulator::fleet::Settle {
        max_rounds: 500,
        quiet_rounds: 3,
        pause: Duration::ZERO,
    };
    let tally = fleet.settle(&http, &settle, no_progress()).await;
    assert!(tally.quiet, "{tally:?}");
    assert!(
        tally.commands["InstallProfile NotNow"] > 0 && tally.endings["ReportLost"] > 0,
        "{tally:?}"
    );
    assert_eq!(fleet.devices()[0].mail_accounts().len(), 20);
}
