//! What holds for every page: axe-core finds nothing serious, the policy holds nothing back, nothing is asked elsewhere,
//! nothing moves while it loads, nothing hangs over the edge of a phone, and a first visit is light.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value;

use crate::chromium::{Axe, Finding, Look, Tab};
use crate::company::Company;

/// Octets of a first visit, with everything that belongs to the page, over the wire and not compressed.
const LIGHT: u64 = 200_000;
/// What is felt as a jump begins at 0.1; nothing of ours moves at all.
const STILL: f64 = 0.001;
/// So many pages of a kind are visited for their links, and at most so many of them looked at closely.
const VISITED: usize = 4;
const KEPT: usize = 2;
/// What a page of the usual kind looks like in the other theme.
const OF_THEME: [&str; 2] = ["color-contrast", "link-in-text-block"];

/// Notes how far things move, before anything is shown.
const SHIFTS: &str = "window.shifted = 0; window.moved = [];
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
            window.shifted += entry.value;
            window.moved.push(...entry.sources.map((source) => [source.node?.outerHTML?.slice(0, 120), source.previousRect, source.currentRect]));
        }
    }).observe({ type: 'layout-shift', buffered: true });";
/// What hangs over the edge.
const OVER_THE_EDGE: &str = "(() => {
    const edge = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= edge) return [];
    const hidden = (one) => one.closest('.scroll, pre, .unseen, .skip');
    const wide = [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > edge + 1);
    return ['the page is ' + document.documentElement.scrollWidth + ' wide',
        ...wide.filter((one) => !hidden(one)).slice(0, 4).map((one) => one.outerHTML.slice(0, 160))];
})()";

#[tokio::test]
async fn every_page_is_whole_for_everybody() {
    if !crate::is_wanted("MANDATE_TEST_EVERY_PAGE") {
        return;
    }
    let Some(axe) = Axe::find() else { return };
    let Some(company) = Company::open().await else {
        return;
    };
    let office = &company.office;
    let mut tab = office.at(&company.boss, "/console/", Look::WIDE).await;
    let pages = walk(&mut tab).await;
    tab.in_every_page(SHIFTS).await;
    tab.in_every_page(axe.script()).await;
    tab.keep_nothing().await;
    let mut problems = Vec::new();
    let mut weights = BTreeMap::new();
    for path in &pages {
        for look in [Look::WIDE, Look::PHONE] {
            let seen = look_at(&mut tab, path, look).await;
            weights.insert((path.clone(), look.width), (seen.octets, seen.shifted));
            problems.extend(
                seen.problems
                    .into_iter()
                    .map(|problem| format!("{path} ({}): {problem}", look.width)),
            );
        }
    }
    println!("| octets | shift | page | width |");
    for ((path, width), (octets, shifted)) in &weights {
        println!("| {octets} | {shifted:.4} | {path} | {width} |");
    }
    assert!(
        problems.is_empty(),
        "{} problems on {} pages:\n{}",
        problems.len(),
        pages.len(),
        problems.join("\n")
    );
}

/// What was seen of a page.
struct Sight {
    octets: u64,
    shifted: f64,
    problems: Vec<String>,
}

async fn look_at(tab: &mut Tab, path: &str, look: Look) -> Sight {
    tab.look(look).await;
    tab.forget();
    let status = tab.go(path).await;
    let mut problems = Vec::new();
    if status != 200 {
        problems.push(format!("answers {status}"));
    }
    let over = tab.value(OVER_THE_EDGE).await;
    problems.extend(texts(&over).map(|text| format!("over the edge: {text}")));
    let found = Axe::look_at(tab, &[]).await;
    tab.look(look.dark()).await;
    let dark = Axe::look_at(tab, &OF_THEME).await;
    for (theme, found) in [("light", found), ("dark", dark)] {
        let grave = found.into_iter().filter(Finding::is_grave);
        problems
            .extend(grave.map(|one| format!("{theme}: {} {} {}", one.impact, one.rule, one.about)));
    }
    let shifted = tab.value("window.shifted").await.as_f64().unwrap();
    if shifted > STILL {
        let moved = tab.value("window.moved").await;
        problems.push(format!("moves by {shifted}: {moved}"));
    }
    let troubles = tab.troubles();
    problems.extend(troubles);
    let octets = tab.seen.weight();
    if octets > LIGHT {
        problems.push(format!("weighs {octets}: {:?}", tab.seen.octets));
    }
    Sight {
        octets,
        shifted,
        problems,
    }
}

/// Every page that links lead to, two of each kind, from all that need no id. Fails for a route that no link leads to.
pub(crate) async fn walk(tab: &mut Tab) -> Vec<String> {
    let routes: Vec<&str> = [mandate_console::paths(), mandate_portal::paths()].concat();
    let mut waiting: VecDeque<String> = routes
        .iter()
        .chain(&[
            "/account/",
            "/account/password",
            "/account/totp",
            "/account/passkey",
            "/device",
        ])
        .filter(|path| !path.contains('{'))
        .map(|path| (*path).to_owned())
        .collect();
    let mut known = BTreeSet::new();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut pages = Vec::new();
    let mut answered = Vec::new();
    while let Some(path) = waiting.pop_front() {
        if !known.insert(path.clone()) {
            continue;
        }
        let seen = kinds.entry(kind_of(&path)).or_default();
        *seen += 1;
        let seen = *seen;
        // What is about one thing differs more than what is done with it.
        let kept = if path.ends_with(char::is_numeric) {
            KEPT
        } else {
            1
        };
        if seen > VISITED {
            continue;
        }
        let (status, is_page) = ask(tab, &path).await;
        let plain = path.split('?').next().unwrap_or_default();
        answered.push(plain.to_owned());
        if status == 405 || !is_page {
            continue;
        }
        assert_eq!(status, 200, "{path}");
        tab.go(&path).await;
        // It may have led on.
        let path = tab.path().await;
        if seen <= kept && !pages.contains(&path) {
            pages.push(path);
        }
        let links = tab.value(
            "[...document.querySelectorAll('a[href], [data-watch]')]
                .map((one) => new URL(one.href || one.dataset.watch, location).href)
                .filter((one) => one.startsWith(location.origin + '/'))
                .map((one) => one.slice(location.origin.length).split('#')[0])",
        );
        let links = links.await;
        waiting.extend(
            texts(&links)
                .filter(|link| is_ours(link))
                .map(str::to_owned),
        );
    }
    let mut unreached = Vec::new();
    for route in routes.into_iter().filter(|route| route.contains('{')) {
        if !answered.iter().any(|path| fits(route, path)) {
            let nobodys = route.split('/').map(|part| {
                let is_id = part.starts_with('{');
                if is_id {
                    "00000000-0000-0000-0000-00000000dead"
                } else {
                    part
                }
            });
            let nobodys = nobodys.collect::<Vec<_>>().join("/");
            if ask(tab, &nobodys).await.0 != 405 {
                unreached.push(route);
            }
        }
    }
    assert!(
        unreached.is_empty(),
        "no link leads to {unreached:?}: does `company.rs` have something to show there?"
    );
    pages
}

/// How a path is answered, and whether by a page.
async fn ask(tab: &Tab, path: &str) -> (u16, bool) {
    let asked = format!(
        "fetch({}).then((answer) => {{
            const kind = answer.headers.get('content-type') || '';
            answer.body?.cancel();
            return [answer.status, kind.startsWith('text/html')];
        }})",
        Value::from(path)
    );
    let said = tab.value(&asked).await;
    let status = said[0].as_u64().unwrap().try_into().unwrap();
    (status, said[1] == Value::Bool(true))
}

/// Pages that differ only in whom they are about are of one kind.
fn kind_of(path: &str) -> String {
    let (path, question) = path.split_once('?').unwrap_or((path, ""));
    let parts = path.split('/').map(|part| {
        let is_id = part.len() >= 8 && part.chars().any(|letter| letter.is_ascii_digit());
        if is_id { "*" } else { part }
    });
    let names = question
        .split('&')
        .map(|pair| pair.split('=').next().unwrap_or_default());
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    format!(
        "{}?{}",
        parts.collect::<Vec<_>>().join("/"),
        names.join("&")
    )
}

/// Whether a path is of a route.
fn fits(route: &str, path: &str) -> bool {
    let (route, path): (Vec<_>, Vec<_>) = (route.split('/').collect(), path.split('/').collect());
    route.len() == path.len()
        && route
            .iter()
            .zip(path)
            .all(|(part, given)| part.starts_with('{') || *part == given)
}

fn is_ours(path: &str) -> bool {
    ["/console/", "/portal/", "/account/"]
        .iter()
        .any(|area| path.starts_with(area))
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}
