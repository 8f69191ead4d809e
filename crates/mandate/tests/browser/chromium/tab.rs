//! A window: where it goes, what stands in it, how it looks.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::Chromium;
use super::pipe::{Event, PATIENCE, Refused};
use super::seen::Seen;

/// What a window looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    /// Of the page, in pixels.
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) is_dark: bool,
}

impl Look {
    /// A usual window.
    pub(crate) const WIDE: Self = Self {
        width: 1280,
        height: 800,
        is_dark: false,
    };
    /// A narrow phone.
    pub(crate) const PHONE: Self = Self {
        width: 360,
        height: 740,
        is_dark: false,
    };

    /// The same with light text.
    pub(crate) const fn dark(self) -> Self {
        Self {
            is_dark: true,
            ..self
        }
    }
}

/// A window in a context of its own: cookies and everything else go with it.
pub(crate) struct Tab {
    pub(super) chromium: Arc<Chromium>,
    pub(super) session: String,
    /// Such as `https://localhost:8443`.
    pub(crate) origin: String,
    /// What was seen of it.
    pub(crate) seen: Seen,
    context: String,
    events: mpsc::UnboundedReceiver<Event>,
}

impl Tab {
    pub(super) async fn open(chromium: Arc<Chromium>, origin: &str, look: Look) -> Self {
        let of = async |method: &str, parameters: Value, name: &str| {
            let made = chromium.call(None, method, parameters).await.unwrap();
            made[name].as_str().unwrap().to_owned()
        };
        let context = of(
            "Target.createBrowserContext",
            json!({ "disposeOnDetach": true }),
            "browserContextId",
        );
        let context = context.await;
        let target = json!({ "url": "about:blank", "browserContextId": context });
        let target = of("Target.createTarget", target, "targetId").await;
        let attached = json!({ "targetId": target, "flatten": true });
        let session = of("Target.attachToTarget", attached, "sessionId").await;
        let events = chromium.pipe.listen(&session);
        let tab = Self {
            chromium,
            session,
            origin: origin.to_owned(),
            // The main frame of a window has the id of the window.
            seen: Seen::new(&target),
            context,
            events,
        };
        for method in [
            "Page.enable",
            "Runtime.enable",
            "Network.enable",
            "Log.enable",
            "Audits.enable",
        ] {
            tab.call(method, json!({})).await;
        }
        tab.call("Page.setLifecycleEventsEnabled", json!({ "enabled": true }))
            .await;
        tab.call(
            "Emulation.setFocusEmulationEnabled",
            json!({ "enabled": true }),
        )
        .await;
        tab.look(look).await;
        tab
    }

    /// Makes it look otherwise.
    pub(crate) async fn look(&self, look: Look) {
        let metrics = json!({
            "width": look.width, "height": look.height, "deviceScaleFactor": 1,
            "mobile": look.width < 600,
        });
        self.call("Emulation.setDeviceMetricsOverride", metrics)
            .await;
        let theme = if look.is_dark { "dark" } else { "light" };
        let features = json!([
            { "name": "prefers-color-scheme", "value": theme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.call(
            "Emulation.setEmulatedMedia",
            json!({ "features": features }),
        )
        .await;
    }

    /// Calls itself another browser.
    pub(crate) async fn call_itself(&self, agent: &str) {
        let agent = json!({ "userAgent": agent });
        self.call("Emulation.setUserAgentOverride", agent).await;
    }

    /// Pages run no script from now on.
    pub(crate) async fn turn_scripts_off(&self) {
        let off = json!({ "value": true });
        self.call("Emulation.setScriptExecutionDisabled", off).await;
    }

    /// Nothing that it got before is used again.
    pub(crate) async fn keep_nothing(&self) {
        let off = json!({ "cacheDisabled": true });
        self.call("Network.setCacheDisabled", off).await;
    }

    /// A script that runs in every page before its own, for measurements.
    pub(crate) async fn in_every_page(&self, script: &str) {
        let script = json!({ "source": script });
        self.call("Page.addScriptToEvaluateOnNewDocument", script)
            .await;
    }

    /// Goes to a path of the server, or to a whole address of it; the status of the page where it ends.
    pub(crate) async fn go(&mut self, path: &str) -> u16 {
        let url = if path.starts_with('/') {
            format!("{}{path}", self.origin)
        } else {
            path.to_owned()
        };
        self.take_in();
        let before = self.seen.document.clone();
        let gone = self.call("Page.navigate", json!({ "url": url })).await;
        assert!(gone["errorText"].is_null(), "{url}: {}", gone["errorText"]);
        self.settle(&before).await;
        self.seen.status
    }

    /// Waits until another document than before is there, to its end, and leads nowhere else by itself.
    pub(super) async fn settle(&mut self, before: &str) {
        // A page that turns after a while is not left before.
        const IS_LEADING: &str =
            "!!document.querySelector('meta[http-equiv=refresh][content^=\"0;\"]')";
        let mut before = before.to_owned();
        loop {
            while self.seen.document == before || self.seen.loaded != self.seen.document {
                let event = tokio::time::timeout(PATIENCE, self.events.recv()).await;
                let event = event.unwrap_or_else(|_| panic!("no page comes: {:?}", self.seen));
                self.seen.take_in(&event.expect("the window is open"));
            }
            let here = self.seen.document.clone();
            let is_leading = self.try_value(IS_LEADING).await;
            self.take_in();
            match is_leading {
                Ok(Value::Bool(false)) if self.seen.document == here => return,
                _ => {
                    before = if self.seen.document == here {
                        here
                    } else {
                        before
                    }
                }
            }
        }
    }

    /// Waits until the page has gone to a path by itself.
    pub(crate) async fn comes_to(&mut self, path: &str) {
        self.take_in();
        while self.path().await != path {
            let before = self.seen.document.clone();
            self.settle(&before).await;
        }
    }

    /// Nothing was held back by the policy, no script failed, and nothing was asked of anybody else.
    #[track_caller]
    pub(crate) fn assert_untroubled(&mut self) {
        assert_eq!(self.troubles(), [""; 0]);
    }

    /// What was otherwise.
    pub(crate) fn troubles(&mut self) -> Vec<String> {
        self.take_in();
        let origin = format!("{}/", self.origin);
        let seen = &self.seen;
        let held = seen
            .violations
            .iter()
            .map(|what| format!("held back: {what}"));
        let errors = seen.errors.iter().map(|what| format!("failed: {what}"));
        let asked = seen.requests.iter().filter(|url| !url.starts_with(&origin));
        let asked = asked.map(|url| format!("asked elsewhere: {url}"));
        held.chain(errors).chain(asked).collect()
    }

    /// Forgets what was seen so far.
    pub(crate) fn forget(&mut self) {
        self.take_in();
        self.seen.clear();
    }

    /// Takes in what has happened so far.
    pub(crate) fn take_in(&mut self) {
        while let Ok(event) = self.events.try_recv() {
            self.seen.take_in(&event);
        }
    }

    /// The path and question of the page.
    pub(crate) async fn path(&self) -> String {
        self.text_of("location.pathname + location.search").await
    }

    /// All its text as people read it.
    pub(crate) async fn words(&self) -> String {
        self.text_of("document.body.innerText").await
    }

    /// The value of an expression in the page.
    #[track_caller]
    pub(crate) fn value(&self, script: &str) -> impl Future<Output = Value> {
        let place = std::panic::Location::caller();
        async move {
            let value = self.try_value(script).await;
            value.unwrap_or_else(|Refused(why)| panic!("{place}: {script}: {why}"))
        }
    }

    /// The same as a text.
    pub(crate) async fn text_of(&self, script: &str) -> String {
        let value = self.value(script).await;
        value.as_str().unwrap_or_default().to_owned()
    }

    /// The same as an answer.
    pub(crate) async fn is(&self, script: &str) -> bool {
        self.value(&format!("!!({script})")).await == Value::Bool(true)
    }

    /// Waits until something is so in the page, by what changes there.
    pub(crate) async fn until(&self, script: &str) {
        let script = format!(
            "new Promise((yes) => {{
                const look = () => {{ if ({script}) yes(true); }};
                new MutationObserver(look).observe(document, {{ subtree: true, childList: true, attributes: true }});
                look();
                setTimeout(() => yes(false), 40000);
            }})"
        );
        assert!(
            self.value(&script).await == Value::Bool(true),
            "never: {script}; {}",
            self.words().await
        );
    }

    async fn try_value(&self, script: &str) -> Result<Value, Refused> {
        let call = json!({
            "expression": script, "returnByValue": true, "awaitPromise": true,
            "userGesture": true,
        });
        let answer = self
            .chromium
            .call(Some(&self.session), "Runtime.evaluate", call)
            .await?;
        match &answer["exceptionDetails"] {
            Value::Null => Ok(answer["result"]["value"].clone()),
            thrown => Err(Refused(thrown.to_string())),
        }
    }

    /// What the window shows, as PNG.
    pub(crate) async fn picture(&self) -> Vec<u8> {
        let taken = json!({ "format": "png", "optimizeForSpeed": false });
        let taken = self.call("Page.captureScreenshot", taken).await;
        STANDARD.decode(taken["data"].as_str().unwrap()).unwrap()
    }

    /// A call of the protocol that must be taken.
    pub(super) async fn call(&self, method: &str, parameters: Value) -> Value {
        let answer = self
            .chromium
            .call(Some(&self.session), method, parameters)
            .await;
        answer.unwrap_or_else(|Refused(why)| panic!("{why}"))
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        let over = json!({ "browserContextId": self.context });
        // It goes with the browser anyway.
        drop(
            self.chromium
                .pipe
                .tell("Target.disposeBrowserContext", over),
        );
    }
}
