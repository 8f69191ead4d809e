//! People, a group and links, made through Graph.

use super::LoadError;
use crate::graph::Graph;
use serde::{Deserialize, Serialize};

/// What a run needs in the directory.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Population {
    /// Group that all users belong to.
    pub group: String,
    /// Ids of the users.
    pub users: Vec<String>,
    /// Enrolment links, one per user.
    pub links: Vec<String>,
    /// Configurations made so far.
    pub configurations: Vec<String>,
}

/// Devices that a fresh server lets a person enrol.
const DEVICES_OF_A_PERSON: usize = 15;

/// Makes `users` people in one group, or more where the devices would be too many for them, and a link for each, good for
/// all of their share of `devices`.
///
/// `run` makes names unique, so that runs against the same server do not collide.
pub async fn prepare(
    graph: &Graph,
    run: &str,
    domain: &str,
    users: usize,
    devices: usize,
) -> Result<Population, LoadError> {
    let enough = devices.div_ceil(DEVICES_OF_A_PERSON).max(1);
    let users = users.clamp(enough, devices.max(1));
    let share = devices.div_ceil(users);
    graph.open_for_enrolment().await?;
    let mut population = Population {
        group: graph
            .create_group(&format!("Simulated people {run}"), &format!("sim-{run}"))
            .await?,
        ..Population::default()
    };
    for number in 0..users {
        let name = format!("sim-{run}-{number}@{domain}");
        let user = graph
            .create_user(&name, &format!("Simulated Person {number}"))
            .await?;
        graph.add_member(&population.group, &user).await?;
        population
            .links
            .push(graph.enrolment_link(Some(&user), share).await?);
        population.users.push(user);
    }
    Ok(population)
}
