//! What axe-core, which somebody else wrote, says of a page.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::tab::Tab;

/// The checks of axe-core, where they are installed.
pub(crate) struct Axe {
    script: String,
}

impl Axe {
    /// `None`, and a word about it, where the package is missing.
    pub(crate) fn find() -> Option<Self> {
        let path = folder().join("node_modules/axe-core/axe.min.js");
        if let Ok(script) = std::fs::read_to_string(&path) {
            Some(Self { script })
        } else {
            eprintln!(
                "SKIPPED: there is no `{}`; `.ci/peers` puts it there",
                path.display()
            );
            None
        }
    }

    /// The script itself, for every page of a window.
    pub(crate) fn script(&self) -> &str {
        &self.script
    }

    /// What is wrong with the page in a window: impact, rule, and the elements. With rules, those alone.
    pub(crate) async fn look_at(tab: &Tab, rules: &[&str]) -> Vec<Finding> {
        let options = if rules.is_empty() {
            serde_json::json!({ "resultTypes": ["violations"] })
        } else {
            serde_json::json!({ "resultTypes": ["violations"], "runOnly": rules })
        };
        let script = format!(
            "axe.run(document, {options}).then((found) => found.violations.map((one) => [
                one.impact, one.id, one.help,
                one.nodes.slice(0, 5).map((node) => `${{node.target}} ${{node.html.slice(0, 200)}} ${{node.failureSummary.slice(0, 300)}}`),
            ]))"
        );
        let found = tab.value(&script).await;
        let found = found.as_array().expect("a list");
        found.iter().map(Finding::read).collect()
    }
}

/// Something that is wrong with a page.
#[derive(Debug)]
pub(crate) struct Finding {
    /// `minor`, `moderate`, `serious` or `critical`.
    pub(crate) impact: String,
    /// Name of the rule.
    pub(crate) rule: String,
    /// What it wants, and where it is not so.
    pub(crate) about: String,
}

impl Finding {
    fn read(found: &Value) -> Self {
        let text = |index: usize| found[index].as_str().unwrap_or_default().to_owned();
        let places = found[3].as_array().into_iter().flatten();
        let places: Vec<_> = places.filter_map(Value::as_str).collect();
        Self {
            impact: text(0),
            rule: text(1),
            about: format!("{}\n    {}", text(2), places.join("\n    ")),
        }
    }

    /// Whether people are kept from something by it.
    pub(crate) fn is_grave(&self) -> bool {
        ["serious", "critical"].contains(&self.impact.as_str())
    }
}

/// `peers/axe` in the folder of build results, where `.ci/peers` installs it.
fn folder() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    target.join("peers/axe")
}
