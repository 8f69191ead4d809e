//! While a reset of the management authority runs, nothing can be configured: every end point that writes is tried.

use axum::http::Method;
use mandate_store::AuthorityResetRecord;
use uuid::Uuid;

use super::judge::address;
use super::rows::{self, Row};
use super::world::{Place, World};

/// What must never wait: to look after devices that are lost or leave, to say who may administer and sign in, and to end the
/// reset. Written out here, so that a slip in the engine does not show in both.
const NEVER_WAITS: &[&str] = &[
    "ManagedDevices_Delete",
    "RemoteTasks_SyncDevice",
    "RemoteTasks_RemoteLock",
    "RemoteTasks_Retire",
    "RemoteTasks_Wipe",
    "Certificates_Revoke",
    "Users_Update",
    "Users_ResetCredentials",
    "Roles_Create",
    "Roles_Update",
    "Roles_Delete",
    "Roles_Assign",
    "DirectoryRoles_Assign",
    "Applications_Update",
    "SignIn_Update",
    "MdmAuthority_Update",
];

fn configures(row: &Row) -> bool {
    let configures = |need: &str| {
        !matches!(need, "-" | "*")
            && !need.ends_with("_Read")
            && !need.ends_with("_ViewReports")
            && !NEVER_WAITS.iter().any(|ending| need.ends_with(ending))
    };
    row.method != "GET" && row.needs.split_whitespace().any(configures)
}

async fn lock(world: &World) {
    let engine = &world.house.engine;
    let now = engine.now();
    let record = AuthorityResetRecord {
        id: Uuid::from_u128(9),
        domain: "example.com".to_owned(),
        from: "intune".to_owned(),
        target: "sccm".to_owned(),
        stage: "running".to_owned(),
        requested_by: "test".to_owned(),
        requested_at: now,
        started_by: Some("test".to_owned()),
        started_at: Some(now),
        completes_at: Some(now.plus(60_000_000)),
        ended_at: None,
    };
    let mut session = engine.store().write().await.unwrap();
    session.set_authority_reset(&record).await.unwrap();
    session.commit().await.unwrap();
}

#[tokio::test]
async fn while_a_reset_runs_no_end_point_configures_anything() {
    let mut world = World::open().await;
    let mut asked = Vec::new();
    for row in [rows::of_graph(), rows::of_our_own()].concat() {
        let path = address(&mut world, &row, Place::Within).await;
        let body = row.body.map(|body| body(&world, Place::Within));
        asked.push((row, path, body));
    }
    lock(&world).await;
    // Those that are refused first: they change nothing that the others ask for.
    asked.sort_by_key(|(row, ..)| (!configures(row), row.method != "GET"));
    let (mut refused, mut wrong) = (0, Vec::new());
    for (row, path, body) in asked {
        let method = Method::from_bytes(row.method.as_bytes()).unwrap();
        let answer = world.house.call(method, &path, &[], body).await;
        let is_locked = answer.status.as_u16() == 423;
        // Some of what reads asks for the right to write; and another authority is not set meanwhile either.
        let may_be = (row.method == "GET" && row.needs.contains("Organization_Update"))
            || row.needs.contains("MdmAuthority_Update");
        if is_locked != configures(&row) && !may_be {
            wrong.push(format!("{} {path}: {}", row.method, answer.text));
        }
        if is_locked {
            refused += 1;
            let error = answer.json()["error"].clone();
            assert_eq!(error["code"], "Locked");
            let message = error["message"].as_str().unwrap();
            assert!(
                message.contains("reset of the management authority"),
                "{message}"
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(refused > 60, "{refused}");
}
