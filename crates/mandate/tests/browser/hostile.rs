//! Hostile input in every text field: nothing of it runs, nothing breaks, and what was typed is kept or refused beside
//! its field.

use serde_json::{Value, json};

use crate::chromium::{Axe, Finding, Look, Tab};
use crate::company::Company;
use crate::everywhere::walk;

/// Sets `window.ran` wherever it is taken for more than text.
const SCRIPT: &str =
    "</textarea></title><script>window.ran = 1</script><img src=x onerror=\"window.ran = 1\">";
const QUOTES: &str = "\"'`> autofocus onfocus=\"window.ran = 1\" x='";
const TEMPLATE: &str =
    "{{7*7}} ${7*7} {% raw %} {{UserName}} {{constructor.constructor('window.ran = 1')()}}";
const TURNED: &str = "\u{202e}fdp.exe\u{2066}\u{200f} \u{feff}\u{0301}";
const NUL: &str = "a\u{0}b\u{1}c\u{1b}[31m";
/// Longer than any form is; a path is not sent with so much.
const LONG: usize = 100_000;
const LONG_IN_A_PATH: usize = 30_000;

/// Which fields of a page are typed into: all that take text and can be seen.
const FORMS: &str = "(() => {
    const kinds = ['text', 'search', 'email', 'url', 'tel', 'password'];
    const texts = (form) => [...form.elements].filter((one) => one.name && !one.disabled && !one.readOnly
        && (one.tagName === 'TEXTAREA' || (one.tagName === 'INPUT' && kinds.includes(one.type))));
    // What asks for a passkey leads nowhere without one.
    window.textForms = [...document.forms].filter((form) => texts(form).length && !form.dataset.passkey);
    window.textsOf = texts;
    return window.textForms.map((form) => [form.method, form.getAttribute('action') || '', texts(form).length]);
})()";

#[tokio::test]
async fn nothing_that_is_typed_runs_or_breaks_a_page() {
    if !crate::is_wanted("MANDATE_TEST_EVERY_FIELD") {
        return;
    }
    let Some(company) = Company::open().await else {
        return;
    };
    let axe = Axe::find();
    let office = &company.office;
    let mut tab = office.at(&company.boss, "/console/", Look::WIDE).await;
    if let Some(axe) = &axe {
        tab.in_every_page(axe.script()).await;
    }
    let pages = walk(&mut tab).await;
    let mut problems = Vec::new();
    let (mut known, mut fields) = (Vec::new(), 0);
    for page in pages {
        tab.go(&page).await;
        let forms = tab.value(FORMS).await;
        for (index, form) in forms.as_array().unwrap().iter().enumerate() {
            let action = form[1].as_str().unwrap().to_owned();
            let kind = format!("{form} of {}", page_kind(&page));
            if known.contains(&kind) {
                continue;
            }
            known.push(kind);
            let count = form[2].as_u64().unwrap();
            fields += count;
            let is_post = form[0] == "post";
            let long = "x".repeat(if is_post { LONG } else { LONG_IN_A_PATH });
            for trap in [SCRIPT, QUOTES, TEMPLATE, TURNED, NUL, long.as_str()] {
                let with_axe = axe.is_some() && trap == SCRIPT;
                let wrong = try_it(&mut tab, &page, (index, None), trap, with_axe).await;
                problems.extend(wrong.map(|wrong| said(&page, &action, trap, &wrong)));
            }
            let mixed = format!("{SCRIPT}{QUOTES}");
            for field in 0..count {
                let place = format!("{action} field {field}");
                let wrong = try_it(&mut tab, &page, (index, Some(field)), &mixed, false).await;
                problems.extend(wrong.map(|wrong| said(&page, &place, &mixed, &wrong)));
                if is_post {
                    let wrong = overfill(&mut tab, &page, (index, field)).await;
                    problems.extend(wrong.map(|wrong| said(&page, &place, "x", &wrong)));
                }
            }
        }
    }
    // What was kept is shown in lists and on pages of its own.
    for page in walk(&mut tab).await {
        let status = tab.go(&page).await;
        let ran = tab.is("window.ran").await;
        if status >= 500 || ran || !tab.troubles().is_empty() {
            problems.push(format!(
                "{page} afterwards: {status}, ran: {ran}, {:?}",
                tab.troubles()
            ));
        }
        tab.forget();
    }
    println!("{} forms with {fields} text fields", known.len());
    assert!(fields > 40, "only {fields} fields were found");
    assert!(
        problems.is_empty(),
        "{} problems:\n{}",
        problems.len(),
        problems.join("\n")
    );
}

#[tokio::test]
async fn strangers_break_nothing_at_the_door() {
    let Some(office) = crate::office::Office::open().await else {
        return;
    };
    let mut tab = office.window(Look::PHONE).await;
    let long = "x".repeat(LONG);
    let mut problems = Vec::new();
    for trap in [SCRIPT, QUOTES, TEMPLATE, TURNED, NUL, long.as_str()] {
        let wrong = try_it(&mut tab, "/sign-in", (0, None), trap, false).await;
        problems.extend(wrong.map(|wrong| said("/sign-in", "", trap, &wrong)));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn said(page: &str, action: &str, trap: &str, wrong: &str) -> String {
    let trap: String = trap.chars().take(24).collect();
    format!("{page} to {action} with {trap:?}: {wrong}")
}

/// Types a trap into one field of a form, or into all, and sends it; what is wrong with the answer.
async fn try_it(
    tab: &mut Tab,
    page: &str,
    (form, field): (usize, Option<u64>),
    trap: &str,
    with_axe: bool,
) -> Option<String> {
    tab.go(page).await;
    tab.value(FORMS).await;
    let (trap, field) = (json!(trap), json!(field));
    if !tab.is(&format!("window.textForms[{form}]")).await {
        return None;
    }
    tab.lead(&format!(
        "(() => {{
            const form = window.textForms[{form}];
            const texts = window.textsOf(form);
            const chosen = {field} === null ? texts : [texts[{field}]];
            for (const one of chosen) {{
                one.removeAttribute('maxlength');
                one.value = {trap};
            }}
            form.noValidate = true;
            const buttons = [...form.querySelectorAll('button:not([type=button])')];
            const next = buttons.find((one) => one.value === 'next') || buttons[0];
            next ? form.requestSubmit(next) : form.submit();
        }})()"
    ))
    .await;
    let status = tab.seen.status();
    let found = tab
        .value(
            "({
                ran: window.ran === 1,
                isPage: !!document.querySelector('main h1'),
                isRefused: !!document.querySelector('[aria-invalid=true], [role=alert], .wrong, .note.bad'),
                kept: [...document.querySelectorAll('input, textarea')].some((one) => one.type !== 'hidden' && one.value.length > 3),
                words: document.body.innerText.slice(0, 200),
            })",
        )
        .await;
    let wrong = judge(status, &found);
    if let Some(wrong) = wrong {
        return Some(format!("{status} {wrong}: {}", found["words"]));
    }
    let troubles = tab.troubles();
    tab.forget();
    if !troubles.is_empty() {
        return Some(troubles.join("; "));
    }
    if with_axe && status != 200 {
        let grave = Axe::look_at(tab, &[])
            .await
            .into_iter()
            .filter(Finding::is_grave);
        let grave: Vec<_> = grave
            .map(|one| format!("{} {}", one.rule, one.about))
            .collect();
        if !grave.is_empty() {
            return Some(grave.join("; "));
        }
    }
    None
}

/// Sends far too much in one field, behind the page; what is wrong with the answer.
async fn overfill(tab: &mut Tab, page: &str, (form, field): (usize, u64)) -> Option<String> {
    tab.go(page).await;
    tab.value(FORMS).await;
    let answer = tab
        .value(&format!(
            "(async () => {{
                const form = window.textForms[{form}];
                if (!form) return null;
                const sent = new FormData(form);
                sent.set(window.textsOf(form)[{field}].name, 'x'.repeat({LONG}));
                const next = form.querySelector('button[value=next]');
                if (next) sent.set(next.name, next.value);
                const body = form.enctype.startsWith('multipart') ? sent : new URLSearchParams(sent);
                const answer = await fetch(form.action, {{ method: 'POST', body, redirect: 'manual' }});
                const text = await answer.text();
                return [answer.status, /aria-invalid|role=\"alert\"|class=\"wrong|note bad|<main[^]*<h1/.test(text)];
            }})()"
        ))
        .await;
    // A redirect says that it was taken; its status is not told.
    match (answer[0].as_u64(), &answer[1]) {
        (None | Some(0), _) => None,
        (Some(status), said) if status < 500 && *said == Value::Bool(true) => None,
        (Some(status), _) => Some(format!("{status} says nothing")),
    }
}

fn judge(status: u16, found: &Value) -> Option<&'static str> {
    let is = |name: &str| found[name] == Value::Bool(true);
    if status >= 500 {
        Some("is a failure")
    } else if is("ran") {
        Some("ran what was typed")
    } else if !is("isPage") {
        Some("is no page")
    } else if [400, 409, 422].contains(&status) && !is("isRefused") {
        Some("does not say what is wrong")
    } else if status == 422 && !is("kept") {
        Some("has lost what was typed")
    } else {
        None
    }
}

/// The page without what is particular to one thing.
fn page_kind(page: &str) -> String {
    let path = page.split('?').next().unwrap_or_default();
    let parts = path
        .split('/')
        .map(|part| if part.len() > 30 { "*" } else { part });
    parts.collect::<Vec<_>>().join("/")
}
