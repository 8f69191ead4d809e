//! What was seen of a window: where it asked for something, how it was answered, and what it complained about.

use std::collections::BTreeMap;

use super::pipe::Event;

/// Everything since the window was opened, or since it was last cleared.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Every address that was asked for; pictures of Chromium's own fields are none.
    pub(crate) requests: Vec<String>,
    /// What the content security policy held back, as the browser's log says it.
    pub(crate) violations: Vec<String>,
    /// Errors of scripts, and of the console.
    pub(crate) errors: Vec<String>,
    /// Octets that came over the wire, by the address that they came from.
    pub(crate) octets: BTreeMap<String, u64>,
    /// Of the page itself.
    pub(super) status: u16,
    /// The document in the window, and the one that was loaded to its end.
    pub(super) document: String,
    pub(super) loaded: String,
    /// Addresses by the id of their request.
    addresses: BTreeMap<String, String>,
    frame: String,
}

impl Seen {
    pub(super) fn new(frame: &str) -> Self {
        Self {
            frame: frame.to_owned(),
            ..Self::default()
        }
    }

    /// Forgets what was asked for and complained about.
    pub(super) fn clear(&mut self) {
        self.requests.clear();
        self.violations.clear();
        self.errors.clear();
        self.octets.clear();
    }

    /// Status of the page itself.
    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    /// Octets of everything.
    pub(crate) fn weight(&self) -> u64 {
        self.octets.values().sum()
    }

    pub(super) fn take_in(&mut self, event: &Event) {
        let about = &event.about;
        let text = |name: &str| about[name].as_str().unwrap_or_default().to_owned();
        match event.method.as_str() {
            "Network.requestWillBeSent" => {
                let url = about["request"]["url"].as_str().unwrap_or_default();
                if !url.starts_with("data:") {
                    self.requests.push(url.to_owned());
                }
                self.addresses.insert(text("requestId"), url.to_owned());
            }
            "Network.responseReceived" if about["type"] == "Document" => {
                let status = about["response"]["status"].as_u64();
                self.status = status.unwrap_or_default().try_into().unwrap_or_default();
            }
            "Network.loadingFinished" => {
                let octets = about["encodedDataLength"].as_f64().unwrap_or_default();
                let address = self.addresses.get(&text("requestId"));
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "whole octets, as a JSON number"
                )]
                let octets = octets as u64;
                *self
                    .octets
                    .entry(address.cloned().unwrap_or_default())
                    .or_default() += octets;
            }
            "Page.frameNavigated" if about["frame"]["id"] == self.frame => {
                let loader = about["frame"]["loaderId"].as_str();
                loader.unwrap_or_default().clone_into(&mut self.document);
            }
            "Page.lifecycleEvent" if about["frameId"] == self.frame && about["name"] == "load" => {
                self.loaded = text("loaderId");
            }
            "Audits.issueAdded" => {
                let code = about["issue"]["code"].as_str().unwrap_or_default();
                if code == "ContentSecurityPolicyIssue" {
                    self.violations.push(about["issue"].to_string());
                }
            }
            "Log.entryAdded" => self.take_entry(&about["entry"]),
            "Runtime.exceptionThrown" => self.errors.push(about["exceptionDetails"].to_string()),
            "Runtime.consoleAPICalled" if about["type"] == "error" => {
                self.errors.push(about["args"].to_string());
            }
            _ => {}
        }
    }

    fn take_entry(&mut self, entry: &serde_json::Value) {
        let text = entry["text"].as_str().unwrap_or_default().to_owned();
        if text.contains("Content Security Policy") || text.contains("Content-Security-Policy") {
            self.violations.push(text);
        } else if entry["level"] == "error" && entry["source"] != "network" {
            self.errors.push(text);
        }
    }
}
