//! What somebody who has the database alone cannot do unseen.

use mandate_store::AuditFault as Fault;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sqlx::{Connection as _, Row as _, SqliteConnection};

use crate::place::{over_sqlite, places, record};

#[tokio::test]
async fn each_column_of_an_entry_is_under_its_mac() {
    let alterations = [
        "at = at + 1",
        "actor_kind = 'system'",
        "actor_id = NULL",
        "actor = 'eve@contoso.com'",
        "app_id = NULL",
        "app_name = ''",
        "app_name = NULL",
        "address = '192.0.2.8'",
        "request = NULL",
        "activity = 'delete'",
        "operation = 'delete'",
        "resource_kind = 'user'",
        "resource_id = 'resource 9'",
        "resource_name = 'Mai'",
        "changes = '[]'",
        "mac = (SELECT mac FROM audit_event WHERE number = 4)",
    ];
    for place in places().await {
        place.note((1..=5).map(record)).await;
        place
            .tamper("CREATE TABLE kept AS SELECT * FROM audit_event WHERE number = 3")
            .await;
        for alteration in alterations {
            place
                .tamper(&format!(
                    "UPDATE audit_event SET {alteration} WHERE number = 3"
                ))
                .await;
            let faults = place.faults().await;
            assert!(
                faults.contains(&Fault::Altered(3)),
                "{alteration}: {faults:?}"
            );
            place
                .tamper(
                    "DELETE FROM audit_event WHERE number = 3;
                     INSERT INTO audit_event SELECT * FROM kept",
                )
                .await;
            assert!(place.faults().await.is_empty(), "{alteration}");
        }
    }
}

#[tokio::test]
async fn what_is_taken_out_put_in_or_swapped_is_found() {
    let swap = "
        UPDATE audit_event SET number = -1 WHERE number = 3;
        UPDATE audit_event SET number = 3 WHERE number = 4;
        UPDATE audit_event SET number = 4 WHERE number = -1";
    let close_the_gap = "
        DELETE FROM audit_event WHERE number = 3;
        UPDATE audit_event SET number = 3 WHERE number = 4;
        UPDATE audit_event SET number = 4 WHERE number = 5";
    let cases = [
        (
            "DELETE FROM audit_event WHERE number = 3",
            Fault::Missing { from: 3, to: 3 },
        ),
        (
            "DELETE FROM audit_event WHERE number = 1",
            Fault::Missing { from: 1, to: 1 },
        ),
        (
            "DELETE FROM audit_event WHERE number >= 4",
            Fault::Missing { from: 4, to: 5 },
        ),
        ("DELETE FROM audit_event", Fault::Missing { from: 1, to: 5 }),
        (swap, Fault::Altered(3)),
        (close_the_gap, Fault::Altered(3)),
        (
            "UPDATE audit_event SET number = 0 WHERE number = 1",
            Fault::Stray(0),
        ),
        (
            "UPDATE audit_event SET number = 9 WHERE number = 5",
            Fault::Missing { from: 5, to: 8 },
        ),
    ];
    for (sql, expected) in cases {
        for place in places().await {
            place.note((1..=5).map(record)).await;
            place.tamper(sql).await;
            let faults = place.faults().await;
            assert!(faults.contains(&expected), "{sql}: {faults:?}");
        }
    }
}

#[tokio::test]
async fn both_ends_are_under_a_mac() {
    let cases = [
        ("UPDATE audit_chain SET number = 4 WHERE name = 'head'", Fault::HeadAltered),
        ("UPDATE audit_chain SET number = 2 WHERE name = 'base'", Fault::BaseAltered),
        ("DELETE FROM audit_chain WHERE name = 'head'", Fault::NoHead),
        ("DELETE FROM audit_chain WHERE name = 'base'", Fault::NoBase),
        // The base is no head, though both are of this house.
        (
            "DELETE FROM audit_event;
             UPDATE audit_chain SET
                 number = (SELECT number FROM audit_chain WHERE name = 'base'),
                 link = (SELECT link FROM audit_chain WHERE name = 'base'),
                 mac = (SELECT mac FROM audit_chain WHERE name = 'base')
             WHERE name = 'head'",
            Fault::HeadAltered,
        ),
        // Cutting the end and pointing the head at what is left.
        (
            "DELETE FROM audit_event WHERE number = 5;
             UPDATE audit_chain SET number = 4, link = (SELECT mac FROM audit_event WHERE number = 4)
             WHERE name = 'head'",
            Fault::HeadAltered,
        ),
        // Letting go by hand.
        (
            "UPDATE audit_chain SET number = 2, link = (SELECT mac FROM audit_event WHERE number = 2)
             WHERE name = 'base';
             DELETE FROM audit_event WHERE number <= 2",
            Fault::BaseAltered,
        ),
    ];
    for (sql, expected) in cases {
        for place in places().await {
            place.note((1..=5).map(record)).await;
            place.tamper(sql).await;
            let faults = place.faults().await;
            assert!(faults.contains(&expected), "{sql}: {faults:?}");
        }
    }
}

#[tokio::test]
async fn a_cut_that_puts_the_old_end_back_is_only_seen_by_what_is_noted_elsewhere() {
    for place in places().await {
        place.note((1..=3).map(record)).await;
        place
            .tamper("CREATE TABLE kept AS SELECT * FROM audit_chain")
            .await;
        place.note((4..=5).map(record)).await;
        let head = place.verified().await.head.unwrap();
        assert!(
            place
                .verified_with(Some((5, head.link.clone())))
                .await
                .is_whole()
        );
        place
            .tamper(
                "DELETE FROM audit_event WHERE number > 3; DELETE FROM audit_chain;
                 INSERT INTO audit_chain SELECT * FROM kept",
            )
            .await;
        assert!(place.verified().await.is_whole());
        let found = place.verified_with(Some((5, head.link.clone()))).await;
        assert_eq!(found.faults, [Fault::NotAsExpected(5)]);
        // Nor does writing on help.
        place.note((6..=9).map(record)).await;
        assert!(place.verified().await.is_whole());
        let found = place.verified_with(Some((5, head.link))).await;
        assert_eq!(found.faults, [Fault::NotAsExpected(5)]);
    }
}

#[tokio::test]
async fn a_damaged_end_stops_nobody_and_is_seen_for_ever() {
    let damages = [
        "UPDATE audit_chain SET number = 1 WHERE name = 'head'",
        "DELETE FROM audit_chain WHERE name = 'head'",
        "DELETE FROM audit_event WHERE number = 3;
         UPDATE audit_chain SET number = 2, link = (SELECT mac FROM audit_event WHERE number = 2)
         WHERE name = 'head'",
    ];
    for damage in damages {
        for place in places().await {
            place.note((1..=3).map(record)).await;
            place.tamper(damage).await;
            place.note((4..=6).map(record)).await;
            let faults = place.faults().await;
            let is_break = |fault: &Fault| matches!(fault, Fault::Broken(_));
            assert_eq!(
                faults.iter().filter(|fault| is_break(fault)).count(),
                1,
                "{faults:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_old_end_that_was_put_back_alone_is_found_at_the_next_entry() {
    for place in places().await {
        place.note([record(1)]).await;
        place
            .tamper("CREATE TABLE kept AS SELECT * FROM audit_chain")
            .await;
        place.note([record(2), record(3)]).await;
        place
            .tamper("DELETE FROM audit_chain; INSERT INTO audit_chain SELECT * FROM kept")
            .await;
        assert_eq!(place.faults().await, [Fault::Stray(2)]);
        place.note([record(4)]).await;
        assert_eq!(place.numbers().await, [1, 2, 3, 4]);
        assert_eq!(place.faults().await, [Fault::Broken(4)]);
    }
}

#[tokio::test]
async fn letting_go_covers_nothing_up() {
    for place in places().await {
        place.note((1..=9).map(record)).await;
        place
            .tamper("DELETE FROM audit_event WHERE number = 4")
            .await;
        assert_eq!(place.trim(i64::MAX, 100).await.unwrap(), 3);
        assert_eq!(place.trim(i64::MAX, 100).await.unwrap(), 0);
        assert_eq!(place.faults().await, [Fault::Missing { from: 4, to: 4 }]);
        place
            .tamper("UPDATE audit_chain SET number = 4 WHERE name = 'base'")
            .await;
        assert_eq!(place.trim(i64::MAX, 100).await.unwrap(), 0);
    }
}

/// Columns of the entry, by the name and how a byte of it is reached.
const COLUMNS: [&str; 17] = [
    "number",
    "id",
    "at",
    "actor_kind",
    "actor_id",
    "actor",
    "app_id",
    "app_name",
    "address",
    "request",
    "activity",
    "operation",
    "resource_kind",
    "resource_id",
    "resource_name",
    "changes",
    "mac",
];

#[test]
fn any_byte_that_is_altered_is_found_and_nothing_else_is() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let place = runtime.block_on(over_sqlite());
    let strategy = (
        proptest::collection::vec(1_usize..4, 1..4),
        0..COLUMNS.len(),
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        1_u8..128,
    );
    let next = std::cell::Cell::new(1_u128);
    TestRunner::new(Config::with_cases(96))
        .run(&strategy, |(sizes, column, row, byte, flip)| {
            runtime.block_on(async {
                for size in sizes {
                    let begin = next.get();
                    let end = begin + u128::try_from(size).unwrap();
                    place.note((begin..end).map(record)).await;
                    next.set(end);
                }
                prop_assert!(place.verified().await.is_whole());
                let last = i64::try_from(next.get() - 1).unwrap();
                let number = i64::try_from(row.index(usize::try_from(last).unwrap())).unwrap() + 1;
                let mut direct = SqliteConnection::connect(place.address()).await.unwrap();
                let undo = alter(&mut direct, COLUMNS[column], number, byte, flip).await;
                prop_assert!(!place.verified().await.is_whole(), "{}", COLUMNS[column]);
                sqlx::raw_sql(sqlx::AssertSqlSafe(undo))
                    .execute(&mut direct)
                    .await
                    .unwrap();
                prop_assert!(place.verified().await.is_whole());
                Ok(())
            })
        })
        .unwrap();
}

/// Alters one byte of one column; the statement that puts it back.
async fn alter(
    direct: &mut SqliteConnection,
    column: &str,
    number: i64,
    byte: prop::sample::Index,
    flip: u8,
) -> String {
    let ask = format!(
        "SELECT typeof({column}), hex({column}), quote({column}) FROM audit_event WHERE number = {number}"
    );
    let row = sqlx::raw_sql(sqlx::AssertSqlSafe(ask))
        .fetch_one(&mut *direct)
        .await
        .unwrap();
    let (kind, hex, quoted): (String, String, String) = (row.get(0), row.get(1), row.get(2));
    let mut bytes: Vec<u8> = (0..hex.len() / 2)
        .map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
        .collect();
    let (new, place_after) = if kind == "integer" {
        let old: i64 = quoted.parse().unwrap();
        // Numbers that are taken cannot be given again, so one goes far away.
        let new = old ^ (i64::from(flip) << (8 * (4 + byte.index(3))));
        let place_after = if column == "number" { new } else { number };
        (new.to_string(), place_after)
    } else {
        let at = byte.index(bytes.len());
        // Texts stay UTF-8: only the lower seven bits change.
        bytes[at] ^= flip;
        let digits = hexadecimal(&bytes);
        let new = if kind == "text" {
            format!("CAST(x'{digits}' AS TEXT)")
        } else {
            format!("x'{digits}'")
        };
        (new, number)
    };
    let set = format!("UPDATE audit_event SET {column} = {new} WHERE number = {number}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(set))
        .execute(direct)
        .await
        .unwrap();
    format!("UPDATE audit_event SET {column} = {quoted} WHERE number = {place_after}")
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
