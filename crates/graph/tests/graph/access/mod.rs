//! Who may do what, asked over HTTP: every end point × every role × within and outside of its scope.
//!
//! [`rows`] says of each end point what it needs and what a scope means for it, [`published`] what each role allows.
//! What follows from both is compared with what the server does. An end point that is not in the table is a failure, and
//! so is a row without an end point.

mod bypass;
mod doors;
mod judge;
mod locked;
mod people;
mod published;
mod rows;
mod world;

use std::collections::BTreeSet;

use mandate_graph::{endpoints, own_paths};

use self::judge::{Tally, judge};
use self::people::everybody;
use self::world::World;

/// The template of a row, without arguments of functions.
fn plain(template: &str) -> &str {
    template.split('(').next().unwrap_or(template)
}

#[test]
fn the_table_has_every_end_point_and_no_other() {
    let there: BTreeSet<(String, String)> = endpoints()
        .iter()
        .map(|endpoint| (endpoint.method.to_string(), endpoint.template.to_owned()))
        .collect();
    let empty: BTreeSet<_> = judge::empty_collections()
        .into_iter()
        .map(|template| ("GET".to_owned(), template))
        .collect();
    let described: BTreeSet<(String, String)> = rows::of_graph()
        .iter()
        .map(|row| (row.method.to_owned(), plain(row.template).to_owned()))
        .chain(empty)
        .collect();
    let missing: Vec<_> = there.difference(&described).collect();
    let gone: Vec<_> = described.difference(&there).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "not in the table of access: {missing:#?}\nonly in the table: {gone:#?}"
    );
}

#[tokio::test]
async fn the_table_has_every_method_of_every_path_of_our_own() {
    let world = World::open().await;
    let mut there = BTreeSet::new();
    for path in own_paths() {
        let asked = path.replace(['{', '}'], "");
        for method in judge::methods_of(&world, &asked).await {
            there.insert((method, path));
        }
    }
    let described: BTreeSet<(String, &str)> = rows::of_our_own()
        .iter()
        .map(|row| (row.method.to_owned(), row.template))
        .collect();
    assert_eq!(there, described);
}

#[tokio::test]
async fn graph_does_for_everybody_what_is_published_and_no_more() {
    let mut world = World::open().await;
    let everybody = everybody(&mut world).await;
    let mut tally = Tally::default();
    for row in rows::of_graph() {
        for subject in &everybody {
            judge(&mut world, &row, subject, &mut tally).await;
        }
    }
    tally.conclude(6_000);
}

#[tokio::test]
async fn what_is_outside_of_graph_is_held_to_the_same() {
    let mut world = World::open().await;
    let everybody = everybody(&mut world).await;
    let mut tally = Tally::default();
    for row in rows::of_our_own() {
        for subject in &everybody {
            judge(&mut world, &row, subject, &mut tally).await;
        }
    }
    tally.conclude(500);
}

/// Collections that are always empty say nothing, but only to those with a token.
#[tokio::test]
async fn what_is_always_empty_needs_a_token() {
    let world = World::open().await;
    for template in judge::empty_collections() {
        let path = format!("/beta/{template}");
        let headers = [("authorization", "Bearer none")];
        assert_eq!(
            world.house.get_with(&path, &headers).await.status,
            401,
            "{path}"
        );
        let list = world.house.get(&path).await.expect(200);
        assert_eq!(list["value"], serde_json::json!([]), "{path}");
    }
}
