//! An OpenID Connect provider that somebody else wrote: `oidc-provider` of npm, in a process of its own.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::browser::Browser;

/// Where it sends people back to.
pub(crate) const CALLBACK: &str = "https://mdm.contoso.com/sign-in/callback";
/// The secret of its clients `mandate` and `posting`.
pub(crate) const SECRET: &str = "a secret: with/signs";

/// A running provider; it ends when dropped.
pub(crate) struct OidcPeer {
    pub(crate) issuer: String,
    callback: String,
    child: Child,
}

impl OidcPeer {
    /// `None`, and a word about it, where Node or the package is missing. Claims come by the user information end point
    /// alone, or in the ID token as well.
    pub(crate) fn start(by_user_info: bool) -> Option<Self> {
        Self::start_for(CALLBACK, by_user_info)
    }

    /// The same, sending people back to this address.
    pub(crate) fn start_for(callback: &str, by_user_info: bool) -> Option<Self> {
        let folder = folder();
        if !folder.join("node_modules/oidc-provider").is_dir() {
            eprintln!(
                "SKIPPED: there is no `oidc-provider` in `{}`; `.ci/peers` puts it there",
                folder.display()
            );
            return None;
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/oidc/provider.mjs");
        let started = Command::new("node")
            .arg(script)
            .arg(&folder)
            .arg(callback)
            .env("CLAIMS_BY_USERINFO", if by_user_info { "1" } else { "0" })
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut child) = started else {
            eprintln!("SKIPPED: there is no `node` on this machine");
            return None;
        };
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        // What it says further is of no use, but it must get rid of it.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        let said: Value = serde_json::from_str(&line).unwrap();
        Some(Self {
            issuer: said["issuer"].as_str().unwrap().to_owned(),
            callback: callback.to_owned(),
            child,
        })
    }

    /// Says what the claims of an account are from now on.
    pub(crate) async fn set(&self, subject: &str, claims: &Value) {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = client
            .put(format!("{}/control/accounts/{subject}", self.issuer))
            .body(claims.to_string())
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 204);
    }

    /// Signs somebody in at its pages, from where they were sent; the address with which they come back. An account is
    /// named by its subject.
    pub(crate) async fn sign_in(&self, browser: &Browser, sent_to: &str, subject: &str) -> String {
        let mut page = browser.get(sent_to).await;
        for _ in 0..20 {
            match &page.leads_to {
                Some(back) if back.starts_with(&self.callback) => return back.clone(),
                Some(next) => page = browser.get(next).await,
                None if page.body.contains("name=\"login\"") => {
                    let fields = [("prompt", "login"), ("login", subject), ("password", "any")];
                    page = browser.post(&page.action(), &fields).await;
                }
                None if page.body.contains("value=\"consent\"") => {
                    page = browser.post(&page.action(), &[("prompt", "consent")]).await;
                }
                None => break,
            }
        }
        panic!("the provider leads nowhere: {page:?}");
    }
}

impl Drop for OidcPeer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// `peers/oidc` in the folder of build results, where `.ci/peers` installs it.
fn folder() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    target.join("peers/oidc")
}
