//! Hostile input in every text field: nothing of it runs, nothing breaks, and what was typed is kept or refused beside
//! its field. Each form of a kind is sent once by hand, as people do, and behind the page once for each field and trap.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::chromium::{Axe, Finding, Look, Tab};
use crate::company::Company;
use crate::walk::walk;

/// All sets `window.ran` wherever it is taken for more than text; in one go, as people type one text into a field.
const TRAP: &str = "</textarea></title><script>window.ran = 1</script><img src=x onerror=\"window.ran = 1\">\
    \"'`> autofocus onfocus=\"window.ran = 1\" x='\
    {{7*7}} ${7*7} {% raw %} {{UserName}} {{constructor.constructor('window.ran = 1')()}}\
    \u{202e}fdp.exe\u{2066}\u{200f} \u{feff}\u{0301}";
/// What is left of it where little can be typed.
const SHORT: &str = "\"><script>window.ran=1</script>";
const NUL: &str = "a\u{0}b\u{1}c\u{1b}[31m";
/// Longer than any form is; a path is not sent with so much.
const LONG: usize = 100_000;
const LONG_IN_A_PATH: usize = 30_000;
/// Rules of axe-core for what a refused form adds to its page.
const OF_REFUSED: [&str; 5] = [
    "label",
    "aria-valid-attr-value",
    "aria-input-field-name",
    "duplicate-id-aria",
    "color-contrast",
];

/// What all scripts below know: the fields of a form that take text and can be seen, the forms that have some, which
/// button people press, and what is wrong with an answer.
const KNOWN: &str = "
const kinds = ['text', 'search', 'email', 'url', 'tel', 'password'];
const isText = (one) => one.tagName === 'TEXTAREA' || (one.tagName === 'INPUT' && kinds.includes(one.type));
const fieldsOf = (form) => [...form.elements].filter((one) => one.name && !one.disabled);
const textsOf = (form) => fieldsOf(form).filter((one) => isText(one) && !one.readOnly);
// What asks for a passkey leads nowhere without one.
const formsOf = (page) => [...page.forms].filter((form) => textsOf(form).length && !form.dataset.passkey);
const buttonOf = (form) => {
    const all = [...form.querySelectorAll('button:not([type=button])')];
    return all.find((one) => one.value === 'next') || all[0];
};
// A field of a form may have the name `method`.
const methodOf = (form) => (form.getAttribute('method') || 'get').toLowerCase();
const read = async (path) => new DOMParser().parseFromString(await (await fetch(path)).text(), 'text/html');
const wrongWith = (page, status) => {
    const has = (what) => !!page.querySelector(what);
    if (status >= 500) return 'is a failure';
    const scripts = [...page.scripts].some((one) => one.text.includes('window.ran'));
    if (scripts || has('[onerror], [onfocus]')) return 'takes what was typed for more than text';
    if (!has('main h1')) return 'is no page';
    const isRefused = has('[aria-invalid=true], [role=alert], .wrong, .note.bad');
    if ([400, 409, 422].includes(status) && !isRefused) return 'does not say what is wrong';
    const typed = [...page.querySelectorAll('input, textarea')].filter((one) => one.type !== 'hidden');
    if (status === 422 && !typed.some((one) => one.value.length > 3)) return 'has lost what was typed';
    return null;
};
";

/// The forms of pages: where, the how-manieth there, method, action, names of the fields that take text.
const FORMS: &str = "(paths) => Promise.all(paths.map(async (path) => formsOf(await read(path)).map((form, index) =>
    [path, index, methodOf(form), form.getAttribute('action') || path, textsOf(form).map((one) => one.name)])))";

/// Sends a form with each trap in each of its fields, behind the page, and follows where that leads. Everything else that
/// has a name but takes no text gets a word that it never offered. What is wrong, as [field, trap, status, why, words].
const SEND_EACH: &str = "async (path, index, traps) => {
    const found = [];
    const form = formsOf(await read(path))[index];
    if (!form) return found;
    const action = new URL(form.getAttribute('action') || path, location.origin + path);
    const isToken = (one) => one.type === 'hidden' && one.value.length > 20;
    const others = fieldsOf(form).filter((one) => !isText(one) && one.type !== 'file' && one.tagName !== 'BUTTON' && !isToken(one));
    const tries = [...textsOf(form).flatMap((one) => traps.map((trap) => [one.name, trap])),
        ...[...new Set(others.map((one) => one.name))].map((name) => [name, 'nonsense'])];
    for (const [name, trap] of tries) {
        const sent = new FormData(form);
        sent.set(name, trap);
        const button = buttonOf(form);
        if (button?.name && button.name !== name) sent.set(button.name, button.value);
        let answer;
        if (methodOf(form) === 'post') {
            const body = form.enctype.startsWith('multipart') ? sent : new URLSearchParams(sent);
            answer = await fetch(action, { method: 'POST', body });
        } else {
            answer = await fetch(action.pathname + '?' + new URLSearchParams(sent));
        }
        const kind = answer.headers.get('content-type') || '';
        if (!kind.startsWith('text/html')) {
            answer.body?.cancel();
            if (answer.status >= 500) found.push([name, trap.slice(0, 24), answer.status, 'is a failure', '']);
            continue;
        }
        const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
        const wrong = wrongWith(page, answer.status);
        const words = page.querySelector('main')?.innerText || page.body.innerText;
        if (wrong) found.push([name, trap.slice(0, 24), answer.status, wrong, words.replace(/\\s+/g, ' ').slice(0, 200)]);
    }
    return found;
}";

/// Which of these pages show what was typed; what is wrong with any.
const SHOWN: &str = "(paths) => Promise.all(paths.map(async (path) => {
    const answer = await fetch(path);
    const text = await answer.text();
    const page = new DOMParser().parseFromString(text, 'text/html');
    return [path, text.includes('window.ran'), wrongWith(page, answer.status)];
}))";
/// Pages that are asked for at a time.
const AT_ONCE: usize = 6;

/// A form on a page.
struct Form {
    page: String,
    index: u64,
    method: String,
    action: String,
    fields: Vec<String>,
}

impl Form {
    fn read(said: &Value) -> Self {
        let text = |index: usize| said[index].as_str().unwrap_or_default().to_owned();
        Self {
            page: text(0),
            index: said[1].as_u64().unwrap(),
            method: text(2),
            action: text(3),
            fields: crate::walk::texts(&said[4]).map(str::to_owned).collect(),
        }
    }

    /// Forms that differ only in what they are about are of one kind.
    fn kind(&self) -> String {
        let path = self.action.split('?').next().unwrap_or_default();
        let parts = path
            .split('/')
            .map(|part| if part.len() > 30 { "*" } else { part });
        let action = parts.collect::<Vec<_>>().join("/");
        format!("{} {action} {:?}", self.method, self.fields)
    }

    fn is_sent_as_body(&self) -> bool {
        self.method == "post"
    }
}

#[tokio::test]
async fn nothing_that_is_typed_runs_or_breaks_a_page() {
    let Some(company) = Company::open_before_a_reset().await else {
        return;
    };
    let axe = Axe::find();
    let office = &company.office;
    let mut tab = office.at(&company.boss, "/console/", Look::WIDE).await;
    if let Some(axe) = &axe {
        tab.in_every_page(axe.script()).await;
    }
    let forms = forms_of(&tab, &walk(&tab).await.pages).await;
    let fields: usize = forms.iter().map(|form| form.fields.len()).sum();
    println!("{} forms with {fields} text fields", forms.len());
    let mut problems = String::new();
    for form in &forms {
        let wrong = type_everywhere(&mut tab, form, TRAP, axe.is_some()).await;
        for wrong in wrong.into_iter().chain(send_each(&tab, form).await) {
            let _ = writeln!(problems, "* {} to {}: {wrong}", form.page, form.action);
        }
    }
    // What was kept is shown in lists and on pages of its own.
    tab.go("/console/").await;
    for page in walk(&tab).await.pages.chunks(AT_ONCE) {
        let said = tab.value(&of_known(SHOWN, &[json!(page)])).await;
        for one in said.as_array().unwrap() {
            let page = one[0].as_str().unwrap();
            if let Some(wrong) = one[2].as_str() {
                let _ = writeln!(problems, "* {page} afterwards {wrong}");
            }
            if one[1] == Value::Bool(true) {
                problems.extend(visit(&mut tab, page).await);
            }
        }
    }
    assert!(fields > 100, "only {fields} fields were found");
    assert!(problems.is_empty(), "\n{problems}");
}

#[tokio::test]
async fn strangers_break_nothing_at_the_door() {
    let Some(office) = crate::office::Office::open().await else {
        return;
    };
    let mut tab = office.window(Look::PHONE).await;
    tab.go("/sign-in").await;
    let forms = forms_of(&tab, &["/sign-in".to_owned()]).await;
    let mut problems = Vec::new();
    for form in &forms {
        problems.extend(send_each(&tab, form).await);
        problems.extend(type_everywhere(&mut tab, form, TRAP, false).await);
    }
    assert!(!forms.is_empty(), "nobody is asked who they are");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// A script that knows what all do, called with these.
fn of_known(script: &str, with: &[Value]) -> String {
    let with: Vec<String> = with.iter().map(Value::to_string).collect();
    format!(
        "(() => {{ {KNOWN} return ({script})({}); }})()",
        with.join(", ")
    )
}

/// The forms of these pages, one of each kind.
async fn forms_of(tab: &Tab, pages: &[String]) -> Vec<Form> {
    let mut kinds = BTreeSet::new();
    let mut forms = Vec::new();
    for pages in pages.chunks(AT_ONCE) {
        let found = tab.value(&of_known(FORMS, &[json!(pages)])).await;
        let found = found.as_array().unwrap().iter();
        let found = found.flat_map(|page| page.as_array().unwrap());
        forms.extend(
            found
                .map(Form::read)
                .filter(|form| kinds.insert(form.kind())),
        );
    }
    forms
}

/// Sends each field's traps; what is wrong with the answers.
async fn send_each(tab: &Tab, form: &Form) -> Vec<String> {
    let long = "x".repeat(if form.is_sent_as_body() {
        LONG
    } else {
        LONG_IN_A_PATH
    });
    let traps = json!([TRAP, SHORT, NUL, long]);
    let script = of_known(SEND_EACH, &[json!(form.page), json!(form.index), traps]);
    let found = tab.value(&script).await;
    let found = found.as_array().unwrap().iter();
    found
        .map(|one| {
            format!(
                "{} with {} is answered {}, which {}: {}",
                one[0], one[1], one[2], one[3], one[4]
            )
        })
        .collect()
}

/// Types a trap into all fields of a form, as people do, and sends it; what is wrong with the answer.
async fn type_everywhere(tab: &mut Tab, form: &Form, trap: &str, with_axe: bool) -> Option<String> {
    tab.go(&form.page).await;
    let index = json!(form.index);
    let is_there = of_known(
        "(index) => formsOf(document)[index]",
        std::slice::from_ref(&index),
    );
    if !tab.is(&is_there).await {
        return None;
    }
    let fill = "(index, trap) => {
        const form = formsOf(document)[index];
        for (const one of textsOf(form)) {
            one.removeAttribute('maxlength');
            one.value = trap;
        }
        form.noValidate = true;
        const button = buttonOf(form);
        button ? form.requestSubmit(button) : form.submit();
    }";
    tab.lead(&of_known(fill, &[index, json!(trap)])).await;
    let status = tab.seen.status();
    let judge = "(status) => [wrongWith(document, status), window.ran === 1, document.body.innerText.slice(0, 200)]";
    let found = tab.value(&of_known(judge, &[json!(status)])).await;
    let troubles = tab.troubles();
    tab.forget();
    if found[1] == Value::Bool(true) {
        return Some("ran what was typed".to_owned());
    }
    if let Some(wrong) = found[0].as_str() {
        return Some(format!("is answered {status}, which {wrong}: {}", found[2]));
    }
    if !troubles.is_empty() {
        return Some(troubles.join("; "));
    }
    if with_axe && status != 200 {
        let found = Axe::look_at(tab, &OF_REFUSED).await;
        let grave = found.into_iter().filter(Finding::is_grave);
        let grave: Vec<_> = grave
            .map(|one| format!("{} {}", one.rule, one.about))
            .collect();
        return Some(grave.join("; ")).filter(|grave| !grave.is_empty());
    }
    None
}

/// Goes to a page that shows what was typed; what is wrong there.
async fn visit(tab: &mut Tab, page: &str) -> Option<String> {
    let status = tab.go(page).await;
    let ran = tab.is("window.ran").await;
    let troubles = tab.troubles();
    tab.forget();
    let is_well = status < 500 && !ran && troubles.is_empty();
    (!is_well).then(|| format!("* {page} afterwards: {status}, ran: {ran}, {troubles:?}\n"))
}
