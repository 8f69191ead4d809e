//! The way through all pages: where links lead, from all that need no id, and what is wrong on the way.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Value, json};

use crate::chromium::Tab;

/// So many pages of a kind are visited for their links, and at most so many of them looked at closely.
const VISITED: usize = 4;
const KEPT: usize = 2;
/// Pages that are asked for at a time.
const AT_ONCE: usize = 6;

/// Where the way begins, beside the routes that need no id.
const DOORS: [&str; 5] = [
    "/account/",
    "/account/password",
    "/account/totp",
    "/account/passkey",
    "/device",
];

/// Where devices lead people, and no link does; what somebody is answered who comes by themselves.
pub(crate) const FOR_DEVICES: [(&str, u16); 2] = [
    ("/portal/set-up-apple", 409),
    ("/portal/account-apple/byod", 409),
];

/// Asks for pages without going there: how each is answered, where it ended, and where its links lead.
const ASK: &str = "((paths) => Promise.all(paths.map(async (path) => {
    const answer = await fetch(path);
    const kind = answer.headers.get('content-type') || '';
    const place = new URL(answer.url);
    const said = [answer.status, kind.startsWith('text/html'), place.pathname + place.search, []];
    if (!said[1]) {
        answer.body?.cancel();
        return said;
    }
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const one of page.querySelectorAll('a[href], [data-watch]')) {
        const link = new URL(one.getAttribute('href') || one.dataset.watch, place);
        if (link.origin === location.origin) said[3].push(link.pathname + link.search);
    }
    return said;
})))";

/// What was found on the way.
#[derive(Debug, Default)]
pub(crate) struct Way {
    /// Every page that links lead to, two of each kind.
    pub(crate) pages: Vec<String>,
    /// Links that lead nowhere, and routes that no link leads to.
    pub(crate) problems: Vec<String>,
}

/// Where a link was.
struct Link {
    path: String,
    from: String,
}

/// Goes all the way, as whoever is signed in.
pub(crate) async fn walk(tab: &Tab) -> Way {
    let routes: Vec<&str> = [mandate_console::paths(), mandate_portal::paths()].concat();
    let (with_id, plain): (Vec<_>, Vec<_>) =
        routes.into_iter().partition(|route| route.contains('{'));
    let mut waiting: VecDeque<Link> = plain
        .iter()
        .chain(&DOORS)
        .map(|path| Link {
            path: (*path).to_owned(),
            from: "the list of routes".to_owned(),
        })
        .collect();
    let mut way = Way::default();
    let mut answered = Vec::new();
    let mut known = BTreeSet::new();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    while !waiting.is_empty() {
        let mut links = Vec::new();
        while links.len() < AT_ONCE
            && let Some(link) = waiting.pop_front()
        {
            if !known.insert(link.path.clone()) {
                continue;
            }
            let seen = kinds.entry(kind_of(&link.path)).or_default();
            *seen += 1;
            if *seen <= VISITED {
                links.push((link, *seen));
            }
        }
        let paths = links.iter().map(|(link, _)| link.path.as_str());
        let said = ask(tab, &paths.collect::<Vec<_>>()).await;
        for ((link, seen), said) in links.into_iter().zip(said) {
            let plain = link.path.split('?').next().unwrap_or_default();
            answered.push(plain.to_owned());
            let is_for_devices = FOR_DEVICES.iter().any(|(path, _)| *path == plain);
            if said.status == 405 || !said.is_page || is_for_devices {
                continue;
            }
            if said.status != 200 {
                let Link { path, from } = link;
                way.problems.push(format!(
                    "{path}, linked from {from}, answers {}",
                    said.status
                ));
                continue;
            }
            // What is about one thing differs more than what is done with it.
            let kept = if link.path.ends_with(char::is_numeric) {
                KEPT
            } else {
                1
            };
            // It may have led on.
            let here = said.ended_at;
            waiting.extend(said.links.into_iter().map(|path| Link {
                path,
                from: here.clone(),
            }));
            if seen <= kept && !way.pages.contains(&here) {
                way.pages.push(here);
            }
        }
    }
    for route in with_id {
        let is_for_devices = FOR_DEVICES.iter().any(|(path, _)| fits(route, path));
        if !is_for_devices
            && !answered.iter().any(|path| fits(route, path))
            && is_page(tab, route).await
        {
            way.problems.push(format!(
                "no link leads to {route}: does `company` have something to show there?"
            ));
        }
    }
    way
}

/// How a page was answered.
struct Said {
    status: u16,
    is_page: bool,
    ended_at: String,
    links: Vec<String>,
}

async fn ask(tab: &Tab, paths: &[&str]) -> Vec<Said> {
    let said = tab.value(&format!("{ASK}({})", json!(paths))).await;
    let said = said.as_array().expect("a list");
    said.iter()
        .map(|said| Said {
            status: said[0].as_u64().unwrap().try_into().unwrap(),
            is_page: said[1] == Value::Bool(true),
            ended_at: said[2].as_str().unwrap().to_owned(),
            links: texts(&said[3])
                .filter(|link| is_ours(link))
                .map(str::to_owned)
                .collect(),
        })
        .collect()
}

/// Whether a route with an id is one that shows something, which may be nobody's.
async fn is_page(tab: &Tab, route: &str) -> bool {
    let nobodys = route.split('/').map(|part| {
        let is_id = part.starts_with('{');
        if is_id {
            "00000000-0000-0000-0000-00000000dead"
        } else {
            part
        }
    });
    let nobodys = nobodys.collect::<Vec<_>>().join("/");
    ask(tab, &[&nobodys]).await[0].status != 405
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

/// The texts of a list.
pub(crate) fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}
