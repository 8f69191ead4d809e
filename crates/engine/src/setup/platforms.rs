//! Which platforms may be enrolled.

use mandate_model::Platform;
use mandate_store::Session;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::json;

use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError};

/// Name of the setting in the store.
const NAME: &str = "setup.platforms";
/// Kind of the thing, for the audit.
const KIND: &str = "enrolmentPlatforms";

/// Platforms that can be enrolled here.
const ALL: [Platform; 2] = [Platform::Ios, Platform::MacOs];

/// What has to be there before a platform trusts this server.
enum Trust {
    /// Apple's push certificate.
    PushCertificate,
}

const fn trust_of(platform: Platform) -> Trust {
    match platform {
        Platform::Ios | Platform::MacOs => Trust::PushCertificate,
    }
}

/// Whether a platform may be enrolled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlatformReadiness {
    /// The platform.
    pub platform: Platform,
    /// Whether an administrator lets it be enrolled; so it is until it is switched off.
    pub is_enabled: bool,
    /// Whether its devices are let in.
    pub is_ready: bool,
    /// Why they are not.
    pub cause: Option<PlatformCause>,
    /// The same in a sentence, without a full stop.
    pub message: Option<String>,
}

/// Why devices of a platform are not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlatformCause {
    /// An administrator switched it off.
    SwitchedOff,
    /// There is no push certificate.
    NoPushCertificate,
}

impl PlatformCause {
    /// A stable word for it, for programs, logs and the texts of pages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SwitchedOff => "platformSwitchedOff",
            Self::NoPushCertificate => "noPushCertificate",
        }
    }

    /// The sentence about a platform, without a full stop.
    pub fn sentence(self, platform: Platform) -> String {
        let name = shown(platform);
        match self {
            Self::SwitchedOff => format!(
                "{name} devices cannot be enrolled: an administrator has switched their enrolment off"
            ),
            Self::NoPushCertificate => {
                format!("{name} devices cannot be enrolled yet: there is no push certificate")
            }
        }
    }
}

impl Serialize for PlatformCause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

const fn shown(platform: Platform) -> &'static str {
    match platform {
        Platform::Ios => "iOS and iPadOS",
        Platform::MacOs => "macOS",
    }
}

/// As it stands in the store: what is off, so that a platform that is new here is on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Stored {
    off: Vec<String>,
}

impl Stored {
    async fn read(session: &mut Session) -> Result<Self, EngineError> {
        match session.find_setting(NAME).await? {
            None => Ok(Self::default()),
            Some(text) => serde_json::from_str(&text).map_err(|error| {
                EngineError::Internal(format!("setting `{NAME}` cannot be read: {error}"))
            }),
        }
    }

    fn is_on(&self, platform: Platform) -> bool {
        !self.off.iter().any(|name| name == platform.name())
    }

    fn set(&mut self, platform: Platform, is_on: bool) {
        self.off.retain(|name| name != platform.name());
        if !is_on {
            self.off.push(platform.name().to_owned());
        }
        self.off.sort_unstable();
    }

    fn noted(&self) -> serde_json::Value {
        let noted = ALL.map(|platform| (platform.name().to_owned(), json!(self.is_on(platform))));
        noted.into_iter().collect()
    }
}

impl Engine {
    /// What keeps devices of a platform out, if anything does.
    pub(crate) async fn platform_obstacle(
        &self,
        session: &mut Session,
        platform: Platform,
    ) -> Result<Option<PlatformCause>, EngineError> {
        let stored = Stored::read(session).await?;
        self.obstacle(session, &stored, platform).await
    }

    async fn obstacle(
        &self,
        session: &mut Session,
        stored: &Stored,
        platform: Platform,
    ) -> Result<Option<PlatformCause>, EngineError> {
        if !stored.is_on(platform) {
            return Ok(Some(PlatformCause::SwitchedOff));
        }
        let is_trusted = match trust_of(platform) {
            Trust::PushCertificate => {
                self.options().enrolment_without_push
                    || session.find_setting("push.certificate").await?.is_some()
            }
        };
        Ok((!is_trusted).then_some(PlatformCause::NoPushCertificate))
    }

    pub(super) async fn platforms(
        &self,
        session: &mut Session,
    ) -> Result<Vec<PlatformReadiness>, EngineError> {
        let stored = Stored::read(session).await?;
        let mut platforms = Vec::new();
        for platform in ALL {
            let cause = self.obstacle(session, &stored, platform).await?;
            platforms.push(PlatformReadiness {
                platform,
                is_enabled: stored.is_on(platform),
                is_ready: cause.is_none(),
                message: cause.map(|cause| cause.sentence(platform)),
                cause,
            });
        }
        Ok(platforms)
    }

    /// Lets devices of platforms be enrolled, or not. Devices that are enrolled stay.
    pub async fn enable_platforms(
        &self,
        actor: &Actor,
        changes: &[(Platform, bool)],
    ) -> Result<(), EngineError> {
        actor.require(Action::OrganizationUpdate)?;
        let mut session = self.store().write().await?;
        let before = Stored::read(&mut session).await?;
        let mut stored = before.clone();
        for (platform, is_on) in changes {
            stored.set(*platform, *is_on);
        }
        if stored == before {
            return Ok(());
        }
        let text = serde_json::to_string(&stored).expect("a list of texts");
        session.set_setting(NAME, &text).await?;
        let tenant = self.tenant();
        let (old, new) = (before.noted(), stored.noted());
        let change = Change::update(KIND, tenant.id, &tenant.company, &old, &new);
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_are_on_until_they_are_switched_off() {
        let mut stored = Stored::default();
        assert!(ALL.into_iter().all(|platform| stored.is_on(platform)));
        stored.set(Platform::MacOs, false);
        stored.set(Platform::MacOs, false);
        assert_eq!(stored.off, ["macos"]);
        assert!(stored.is_on(Platform::Ios) && !stored.is_on(Platform::MacOs));
        assert_eq!(stored.noted(), json!({ "ios": true, "macos": false }));
        stored.set(Platform::MacOs, true);
        assert_eq!(stored, Stored::default());
    }
}
