//! What holds for every page: axe-core finds nothing serious, the policy holds nothing back, nothing is asked elsewhere,
//! nothing moves while it loads, nothing hangs over the edge of a phone, and a first visit is light.

use std::collections::BTreeMap;

use crate::chromium::{Axe, Finding, Look, Tab};
use crate::company::Company;
use crate::walk::{FOR_DEVICES, texts, walk};

/// Octets of a first visit, with everything that belongs to the page, over the wire and not compressed.
const LIGHT: u64 = 200_000;
/// A page that seems to move is loaded so often again.
const LOADED_AGAIN: usize = 3;
/// What is felt as a jump begins at 0.1; nothing of ours moves at all.
const STILL: f64 = 0.001;
/// What a page of the usual kind looks like in the other theme.
const OF_THEME: [&str; 2] = ["color-contrast", "link-in-text-block"];

/// What somebody sees who has terms to accept, and no device yet.
const FOR_NEWCOMERS: [&str; 3] = ["/portal/", "/portal/enrol", "/portal/terms"];
/// Places of a problem that are named.
const SHOWN: usize = 12;

/// Notes how far things move, before anything is shown.
const SHIFTS: &str = "window.shifted = 0; window.moved = [];
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
            window.shifted += entry.value;
            window.moved.push(...entry.sources.map((source) => [source.node?.outerHTML?.slice(0, 120), source.previousRect.toJSON(), source.currentRect.toJSON()]));
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
    let Some(axe) = Axe::find() else { return };
    let Some(company) = Company::open().await else {
        return;
    };
    let office = &company.office;
    let mut boss = office.at(&company.boss, "/console/", Look::WIDE).await;
    let way = walk(&boss).await;
    let mut second = office.at(&company.boss, "/portal/", Look::WIDE).await;
    let mut newcomer = office.at(&company.newcomer, "/portal/", Look::WIDE).await;
    for tab in [&boss, &second, &newcomer] {
        tab.in_every_page(SHIFTS).await;
        tab.in_every_page(axe.script()).await;
        tab.keep_nothing().await;
    }
    let (one, other) = way.pages.split_at(way.pages.len() / 2);
    let good = |path: &String| (path.clone(), 200);
    let of_newcomers = FOR_NEWCOMERS.map(|path| (path.to_owned(), 200)).into_iter();
    let of_devices = FOR_DEVICES.map(|(path, status)| (path.to_owned(), status));
    let (one, other) = tokio::join!(
        look_at_all(&mut boss, one.iter().map(good)),
        look_at_all(&mut second, other.iter().map(good))
    );
    let third = look_at_all(&mut newcomer, of_newcomers.chain(of_devices)).await;
    let sights = [one, other, third].concat();
    println!("| octets | shift | page | width |");
    for sight in &sights {
        let Sight {
            octets,
            shifted,
            path,
            width,
            ..
        } = sight;
        println!("| {octets} | {shifted:.4} | {path} | {width} |");
    }
    let found = report(&sights);
    assert!(
        found.is_empty() && way.problems.is_empty(),
        "{} pages\n{}\n{found}",
        way.pages.len(),
        way.problems.join("\n"),
    );
}

/// How far things have moved since the page began.
async fn how_far(tab: &Tab) -> f64 {
    tab.value("window.shifted").await.as_f64().unwrap()
}

/// What is wrong, each thing once with where it is.
fn report(sights: &[Sight]) -> String {
    let mut found: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for sight in sights {
        for problem in &sight.problems {
            let place = format!("{} ({})", sight.path, sight.width);
            found.entry(problem).or_default().push(place);
        }
    }
    let lines = found.iter().map(|(problem, places)| {
        let first: Vec<_> = places.iter().take(SHOWN).map(String::as_str).collect();
        format!(
            "* {problem}\n  on {} of them: {}\n",
            places.len(),
            first.join(", ")
        )
    });
    lines.collect()
}

/// Looks at pages, each with the status that it is to have.
async fn look_at_all(tab: &mut Tab, pages: impl Iterator<Item = (String, u16)>) -> Vec<Sight> {
    let mut sights = Vec::new();
    for (path, status) in pages {
        for look in [Look::WIDE, Look::PHONE] {
            sights.push(look_at(tab, (&path, status), look).await);
        }
    }
    sights
}

/// What was seen of a page.
#[derive(Debug, Clone)]
struct Sight {
    path: String,
    width: u32,
    octets: u64,
    shifted: f64,
    problems: Vec<String>,
}

async fn look_at(tab: &mut Tab, (path, expected): (&str, u16), look: Look) -> Sight {
    tab.look(look).await;
    tab.forget();
    let status = tab.go(path).await;
    let mut problems = Vec::new();
    if status != expected {
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
    let mut shifted = how_far(tab).await;
    let moved = tab.value("window.moved").await;
    let troubles = tab.troubles();
    problems.extend(troubles);
    let octets = tab.seen.weight();
    if octets > LIGHT {
        problems.push(format!("weighs {octets}: {:?}", tab.seen.octets));
    }
    for _ in 0..LOADED_AGAIN {
        // On a busy machine half a page may be drawn before the rest of it has come; what moves, moves each time.
        if shifted > STILL {
            tab.look(look).await;
            tab.go(path).await;
            shifted = shifted.min(how_far(tab).await);
        }
    }
    if shifted > STILL {
        problems.push(format!("moves by {shifted}: {moved}"));
    }
    Sight {
        path: path.to_owned(),
        width: look.width,
        octets,
        shifted,
        problems,
    }
}
