//! What a person does with a page: pressing, typing, choosing.

use serde_json::json;

use super::tab::Tab;

impl Tab {
    /// Presses what a selector finds, where people would, and waits for the page that comes.
    pub(crate) async fn press(&mut self, selector: &str) {
        self.take_in();
        let before = self.seen.document.clone();
        self.touch(selector).await;
        self.settle(&before).await;
    }

    /// Runs a script in the page that leads to another.
    pub(crate) async fn lead(&mut self, script: &str) {
        self.take_in();
        let before = self.seen.document.clone();
        self.value(script).await;
        self.settle(&before).await;
    }

    /// Presses the button or follows the link with these words.
    pub(crate) async fn press_words(&mut self, words: &str) {
        let selector = self.with_words(words).await;
        self.press(&selector).await;
    }

    /// A selector for the button or link with these words.
    async fn with_words(&self, words: &str) -> String {
        let words = json!(words);
        let found = self
            .is(&format!(
                "(() => {{
                    document.querySelectorAll('[data-found]').forEach((one) => one.removeAttribute('data-found'));
                    const all = [...document.querySelectorAll('main a, main button, a, button')];
                    const found = all.find((one) => one.innerText.trim() === {words} && one.getClientRects().length);
                    found?.setAttribute('data-found', '');
                    return found;
                }})()"
            ))
            .await;
        assert!(found, "nothing says {words}: {}", self.words().await);
        "[data-found]".to_owned()
    }

    /// Presses something that leads nowhere.
    pub(crate) async fn touch(&self, selector: &str) {
        let name = json!(selector);
        let place = self
            .value(&format!(
                "(() => {{
                    const one = document.querySelector({name});
                    if (!one) return 'is not there';
                    one.scrollIntoView({{ block: 'center', inline: 'center', behavior: 'instant' }});
                    const box = one.getClientRects()[0];
                    if (!box) return 'is not shown';
                    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
                    const top = document.elementFromPoint(x, y);
                    if (!one.contains(top) && !top?.closest('label')?.contains(one)) return `is under ${{top?.outerHTML}}`;
                    return [x, y];
                }})()"
            ))
            .await;
        let Some([x, y]) = place.as_array().map(Vec::as_slice) else {
            panic!("`{selector}` {place}: {}", self.words().await);
        };
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event).await;
        }
    }

    /// Types a text into a field instead of what is there.
    pub(crate) async fn fill(&self, name: &str, text: &str) {
        let selector = by_name(name);
        let (wanted, typed) = (json!(selector), json!(text));
        let is_there = self
            .value(&format!(
                "(() => {{
                    const one = document.querySelector({wanted});
                    if (!one || !one.getClientRects().length) return 'is not there';
                    one.scrollIntoView({{ block: 'center', behavior: 'instant' }});
                    one.focus();
                    if (['date', 'time', 'color', 'number'].includes(one.type)) {{
                        one.value = {typed};
                        one.dispatchEvent(new Event('change', {{ bubbles: true }}));
                        return 'set';
                    }}
                    one.select();
                    return 'ready';
                }})()"
            ))
            .await;
        match is_there.as_str() {
            Some("set") => {}
            Some("ready") if text.is_empty() => {
                for kind in ["keyDown", "keyUp"] {
                    let key = json!({ "type": kind, "key": "Delete", "code": "Delete", "windowsVirtualKeyCode": 46 });
                    self.call("Input.dispatchKeyEvent", key).await;
                }
            }
            Some("ready") => {
                self.call("Input.insertText", json!({ "text": text })).await;
            }
            _ => panic!("the field `{name}` {is_there}: {}", self.words().await),
        }
    }

    /// Chooses an answer: an option, a radio button, or a box to be ticked.
    pub(crate) async fn choose(&self, name: &str, answer: &str) {
        let (field, value) = (json!(name), json!(answer));
        let kind = self
            .text_of(&format!(
                "(() => {{
                    const all = [...document.querySelectorAll(`[name=\"${{{field}}}\"]`)];
                    const select = all.find((one) => one.tagName === 'SELECT');
                    if (select) {{
                        select.value = {value};
                        select.dispatchEvent(new Event('change', {{ bubbles: true }}));
                        return select.value === {value} ? 'chosen' : 'has no such answer';
                    }}
                    const one = all.find((one) => one.value === {value});
                    if (!one) return 'is not there';
                    return one.checked ? 'chosen' : 'to be pressed';
                }})()"
            ))
            .await;
        match kind.as_str() {
            "chosen" => {}
            "to be pressed" => {
                self.touch(&format!("[name=\"{name}\"][value=\"{answer}\"]"))
                    .await;
            }
            _ => panic!("`{name}` with `{answer}` {kind}: {}", self.words().await),
        }
    }

    /// Takes a tick away.
    pub(crate) async fn untick(&self, name: &str, answer: &str) {
        let selector = format!("[name=\"{name}\"][value=\"{answer}\"]");
        let wanted = json!(selector);
        if self
            .is(&format!("document.querySelector({wanted}).checked"))
            .await
        {
            self.touch(&selector).await;
        }
    }

    /// Chooses a file of this machine.
    pub(crate) async fn give_file(&self, name: &str, path: &std::path::Path) {
        let field = json!(by_name(name));
        let script = json!({ "expression": format!("document.querySelector({field})") });
        let found = self.call("Runtime.evaluate", script).await;
        let file = json!({ "files": [path], "objectId": found["result"]["objectId"] });
        self.call("DOM.setFileInputFiles", file).await;
    }

    /// Signs somebody in at the page that asks who it is.
    pub(crate) async fn sign_in(&mut self, name: &str, password: &str) {
        self.fill("name", name).await;
        self.press("form[action=\"/sign-in/name\"] button").await;
        self.fill("password", password).await;
        self.press("form[action=\"/sign-in/password\"] button")
            .await;
    }
}

fn by_name(name: &str) -> String {
    format!("[name=\"{name}\"]:not([type=hidden])")
}
