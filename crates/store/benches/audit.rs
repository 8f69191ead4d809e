//! What the chain costs: changes per second by many writers at once, with an audit entry and without.
//!
//! `cargo bench -p mandate-store --bench audit`; over PostgreSQL too where `MANDATE_TEST_POSTGRES` names one.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement is a test that prints"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use mandate_model::Timestamp;
use mandate_store::{AuditMac, AuditRecord, Link, Store};
use uuid::Uuid;

const WRITERS: u128 = 64;
const SPAN: Duration = Duration::from_secs(5);

#[derive(Debug)]
struct Key;

impl AuditMac for Key {
    fn mac(&self, bytes: &[u8]) -> Link {
        mandate_pki::hmac_sha256(b"a key that is not in the database", bytes)
    }
}

#[tokio::main]
async fn main() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open_sqlite(&directory.path().join("s.db")).await;
    measure(store.unwrap()).await;
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place where it is read"
    )]
    if let Ok(url) = std::env::var("MANDATE_TEST_POSTGRES") {
        let name = format!("bench_{}", std::process::id());
        Store::create_postgres_database(&url, &name).await.unwrap();
        let (server, _) = url.rsplit_once('/').unwrap();
        let store = Store::open_postgres(&format!("{server}/{name}")).await;
        measure(store.unwrap()).await;
    }
}

async fn measure(store: Store) {
    let mac: Arc<dyn AuditMac> = Arc::new(Key);
    let mut session = store.write().await.unwrap();
    session.begin_audit_chain(&*mac).await.unwrap();
    session.commit().await.unwrap();
    let kind = store.kind();
    let (mut plain, mut noted) = (0, 0);
    // In turns, so that what else the machine does meets both alike.
    for round in 0..3 {
        plain += run(&store, None, round).await;
        noted += run(&store, Some(&mac), round).await;
    }
    let per_second = |count: u64| count / (3 * SPAN.as_secs());
    let percent = noted * 100 / plain.max(1);
    println!(
        "{kind}: {} changes/s alone, {} changes/s with an entry ({percent} %)",
        per_second(plain),
        per_second(noted)
    );
}

/// How many changes all writers committed.
async fn run(store: &Store, mac: Option<&Arc<dyn AuditMac>>, round: u128) -> u64 {
    let end = Instant::now() + SPAN;
    let mut tasks = Vec::new();
    for writer in 0..WRITERS {
        let (store, mac) = (store.clone(), mac.cloned());
        tasks.push(tokio::spawn(async move {
            let mut count = 0_u64;
            while Instant::now() < end {
                let mut session = store.write().await.unwrap();
                let name = format!("{writer}");
                session
                    .set_setting(&name, &count.to_string())
                    .await
                    .unwrap();
                if let Some(mac) = &mac {
                    let id = (round << 96) | (writer << 64) | u128::from(count);
                    session.note_audit_event(record(id), mac);
                }
                session.commit().await.unwrap();
                count += 1;
            }
            count
        }));
    }
    let mut all = 0;
    for task in tasks {
        all += task.await.unwrap();
    }
    all
}

fn record(id: u128) -> AuditRecord {
    AuditRecord {
        id: Uuid::from_u128(id),
        at: Timestamp(1),
        actor_kind: "app".to_owned(),
        actor_id: Some(Uuid::from_u128(7)),
        actor: "app backup (0190c2f4)".to_owned(),
        app_id: Some(Uuid::from_u128(7)),
        app_name: Some("backup".to_owned()),
        address: Some("192.0.2.7".to_owned()),
        request: Some(Uuid::from_u128(id).to_string()),
        activity: "update".to_owned(),
        operation: "update".to_owned(),
        resource_kind: "profile".to_owned(),
        resource_id: Uuid::from_u128(8).to_string(),
        resource_name: "Mail".to_owned(),
        changes: r#"[{"name":"hostName","before":"a.contoso.com","after":"b.contoso.com"}]"#
            .to_owned(),
    }
}
