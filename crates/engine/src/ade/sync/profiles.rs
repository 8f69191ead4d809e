//! Profiles out: what Apple is told of those that are new or have changed.

use mandate_store::AdeProfileRecord;
use serde_json::{Map, Value, json};

use super::super::client::{Client, Fault};
use super::super::{AdeSettings, profiles};
use super::{Step, Sync};
use crate::{Engine, EngineError};

impl Sync<'_> {
    /// Tells Apple of profiles that are new or have changed. One that it does not take is no reason to stop.
    pub(super) async fn define_profiles(&self, client: &Client<'_>) -> Result<Step, EngineError> {
        let mut after = None;
        loop {
            let mut session = self.engine.store().read().await?;
            let Some(profile) = session.undefined_ade_profile(self.token, after).await? else {
                return Ok(Step::Done);
            };
            drop(session);
            after = Some(profile.id);
            let body = Value::Object(self.engine.apple_profile(&profile));
            let said = client.ask("POST", "/profile", Some(&body)).await;
            let (version, apple_id, problem) = match &said {
                Ok(answer) => match answer["profile_uuid"].as_str() {
                    Some(id) if (1..=128).contains(&id.len()) => (profile.version, Some(id), ""),
                    _ => return Ok(Step::Fault(Fault::of_ours("unreadableAnswer"))),
                },
                Err(fault) if fault.is_about_the_request() => (
                    profile.defined_version,
                    profile.apple_id.as_deref(),
                    fault.word.as_str(),
                ),
                Err(fault) => return Ok(Step::Fault(fault.clone())),
            };
            let mut session = self.engine.store().write().await?;
            if !self.is_held(&mut session).await? {
                return Ok(Step::Overtaken);
            }
            session
                .note_ade_definition(profile.id, version, apple_id, problem)
                .await?;
            session.commit().await?;
        }
    }
}

impl Engine {
    /// A profile as Apple's service takes it.
    fn apple_profile(&self, record: &AdeProfileRecord) -> Map<String, Value> {
        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;
        let platform = profiles::platform_of(record);
        let settings = AdeSettings::stored(platform, &record.settings);
        let base = self.device_base_url();
        let url = format!("{base}/apple/ade/{}", record.id);
        let own = || vec![self.root().der().to_vec()];
        let anchors = self.options().ade.anchors.clone().unwrap_or_else(own);
        let anchors: Vec<String> = anchors.iter().map(|der| STANDARD.encode(der)).collect();
        let mut profile = settings.to_apple();
        for (name, value) in [
            (
                "profile_name",
                json!(record.name.chars().take(125).collect::<String>()),
            ),
            ("org_magic", json!(record.id.to_string())),
            ("anchor_certs", json!(anchors)),
            ("devices", json!([])),
        ] {
            profile.insert(name.to_owned(), value);
        }
        if settings.needs_person() {
            profile.insert(
                "configuration_web_url".to_owned(),
                json!(format!("{url}/sign-in")),
            );
        }
        profile.insert("url".to_owned(), json!(url));
        profile
    }
}
