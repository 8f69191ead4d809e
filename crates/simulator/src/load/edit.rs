//! Scenario `edit`: how long an administrator waits for a change to a profile that many devices have.

use super::rollout::{CONFIGURATIONS, mail_profile};
use super::{LoadError, Population, seconds};
use crate::graph::{Graph, GraphError};
use crate::http::Latency;
use serde::Serialize;
use serde_json::{Value, json};

/// What to edit.
#[derive(Debug, Clone)]
pub struct EditPlan {
    /// How often.
    pub repetitions: usize,
    /// Makes names unique when a profile has to be made.
    pub run: String,
}

/// Figures of the scenario.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EditFigures {
    /// The profile.
    pub configuration: String,
    /// Time of assigning it, when it was made for this run.
    pub assign_seconds: Option<f64>,
    /// PATCH until the answer.
    pub patch: Latency,
    /// `POST /mandate/v1/plan` until the answer; absent when the server does not offer it.
    pub plan: Option<Latency>,
    /// The last plan's answer, shortened.
    pub plan_answer: Option<String>,
}

/// Edits the last configuration of the population (or a new one) and reads the plan each time.
pub async fn edit(
    graph: &Graph,
    population: &mut Population,
    plan: &EditPlan,
) -> Result<EditFigures, LoadError> {
    const DURATIONS: [&str; 2] = ["twoWeeks", "oneMonth"];
    let mut assign_seconds = None;
    let configuration = if let Some(id) = population.configurations.last() {
        id.clone()
    } else {
        let id = graph
            .create(CONFIGURATIONS, &mail_profile(&plan.run, 0))
            .await?;
        let started = tokio::time::Instant::now();
        graph.assign(&id, &population.group).await?;
        assign_seconds = Some(seconds(started));
        population.configurations.push(id.clone());
        id
    };
    let (mut patches, mut plans, mut plan_answer) = (Vec::new(), Vec::new(), None);
    for number in 0..plan.repetitions.max(1) {
        let change = json!({
            "@odata.type": "#microsoft.graph.iosEasEmailProfileConfiguration",
            "durationOfEmailToSync": DURATIONS[number % DURATIONS.len()],
        });
        let started = tokio::time::Instant::now();
        graph
            .patch(&format!("{CONFIGURATIONS}/{configuration}"), &change)
            .await?;
        patches.push(micros(started));
        let started = tokio::time::Instant::now();
        match graph
            .post("/mandate/v1/plan", &json!({ "profileId": configuration }))
            .await
        {
            Ok(answer) => {
                plans.push(micros(started));
                plan_answer = Some(shortened(&answer));
            }
            Err(GraphError::Refused {
                status: 404 | 405, ..
            }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(EditFigures {
        configuration,
        assign_seconds,
        patch: Latency::of(patches),
        plan: (!plans.is_empty()).then(|| Latency::of(plans)),
        plan_answer,
    })
}

fn micros(since: tokio::time::Instant) -> u32 {
    u32::try_from(since.elapsed().as_micros()).unwrap_or(u32::MAX)
}

fn shortened(answer: &Value) -> String {
    answer.to_string().chars().take(400).collect()
}
