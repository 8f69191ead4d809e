//! Links through which people enrol.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mandate_model::{DeviceCategoryId, EnrolmentType, LinkId, Platform, Timestamp, UserId};
use mandate_store::LinkRecord;
use serde_json::{Value, json};

use crate::audit::Change;
use crate::{Action, Actor, Engine, EngineError, Page};

const LONGEST_LIFE_SECONDS: i64 = 365 * 86_400;
const MOST_USES: i64 = 100_000;

/// A link to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLink {
    /// For whom; nobody for a device without a user.
    pub user: Option<UserId>,
    /// What the device runs.
    pub platform: Platform,
    /// How it is enrolled.
    pub enrolment_type: EnrolmentType,
    /// How long the link works, in seconds.
    pub lifetime_seconds: i64,
    /// How many devices may enrol through it.
    pub uses: i64,
    /// Whether the profile is signed, so that the device shows it as verified.
    pub signed: bool,
}

/// A link just made. The token cannot be asked for again.
#[derive(Clone, PartialEq, Eq)]
pub struct EnrolmentLink {
    /// Id.
    pub id: LinkId,
    /// Path below the address that devices know, with the token.
    pub path: String,
    /// Not after this.
    pub expires_at: Timestamp,
    /// How many devices may still enrol through it.
    pub uses_left: i64,
}

impl std::fmt::Debug for EnrolmentLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EnrolmentLink")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// A link as it is remembered: without its token, of which only a hash is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownLink {
    /// Id.
    pub id: LinkId,
    /// For whom.
    pub user: Option<UserId>,
    /// What the device runs.
    pub platform: String,
    /// How it is enrolled, in the model's spelling.
    pub enrolment_type: String,
    /// Whether the profile is signed.
    pub signed: bool,
    /// How many devices may still enrol through it.
    pub uses_left: i64,
    /// Not after this.
    pub expires_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
}

impl From<LinkRecord> for KnownLink {
    fn from(record: LinkRecord) -> Self {
        Self {
            id: record.id,
            user: record.user_id,
            platform: record.platform,
            enrolment_type: record.enrolment_type,
            signed: record.signed,
            uses_left: record.uses_left,
            expires_at: record.expires_at,
            created_at: record.created_at,
        }
    }
}

impl Engine {
    /// Links by id, which is the order of their making, whether they still work or not.
    pub async fn list_enrolment_links(
        &self,
        actor: &Actor,
        page: Page<LinkId>,
    ) -> Result<Vec<KnownLink>, EngineError> {
        actor.require(Action::EnrolmentLinksRead)?;
        let mut session = self.store().read().await?;
        let links = session.list_links(page.after, page.limit).await?;
        Ok(links.into_iter().map(Into::into).collect())
    }

    /// The same from the newest on; `after` is the last one of the page before.
    pub async fn list_newest_enrolment_links(
        &self,
        actor: &Actor,
        page: Page<LinkId>,
    ) -> Result<Vec<KnownLink>, EngineError> {
        actor.require(Action::EnrolmentLinksRead)?;
        let mut session = self.store().read().await?;
        let links = session.list_newest_links(page.after, page.limit).await?;
        Ok(links.into_iter().map(Into::into).collect())
    }

    /// Withdraws a link: nobody enrols through it any more, not even with a profile downloaded before. Devices that
    /// have enrolled stay.
    pub async fn withdraw_enrolment_link(
        &self,
        actor: &Actor,
        id: LinkId,
    ) -> Result<(), EngineError> {
        actor.require(Action::EnrolmentLinksDelete)?;
        let mut session = self.store().write().await?;
        let link = session
            .find_link_by_id(id)
            .await?
            .ok_or_else(|| EngineError::not_found("enrolment link", id))?;
        session.delete_link(id).await?;
        let change = Change::delete(KIND, id, "", properties(&link));
        self.audit(&mut session, actor, change).await?;
        Ok(session.commit().await?)
    }

    /// Whether a link still works. Looking does not use it.
    pub async fn is_link_open(&self, token: &str) -> Result<bool, EngineError> {
        let hash = mandate_pki::sha256(token.as_bytes());
        let link = self.store().glance().await?.find_link(&hash).await?;
        Ok(link.is_some_and(|link| link.uses_left > 0 && link.expires_at > self.now()))
    }

    /// Makes a link.
    pub async fn create_enrolment_link(
        &self,
        actor: &Actor,
        new: NewLink,
    ) -> Result<EnrolmentLink, EngineError> {
        actor.require(Action::EnrolmentLinksCreate)?;
        self.make_enrolment_link(actor, new, None).await
    }

    /// The same for whoever may make this one, with the category of the device that will come.
    pub(crate) async fn make_enrolment_link(
        &self,
        actor: &Actor,
        new: NewLink,
        category: Option<DeviceCategoryId>,
    ) -> Result<EnrolmentLink, EngineError> {
        if !(1..=LONGEST_LIFE_SECONDS).contains(&new.lifetime_seconds) {
            let value = new.lifetime_seconds.to_string();
            return Err(EngineError::invalid(
                "lifetimeSeconds",
                "must be 1 to 31,536,000",
                Some(&value),
            ));
        }
        if !(1..=MOST_USES).contains(&new.uses) {
            return Err(EngineError::invalid(
                "uses",
                "must be 1 to 100,000",
                Some(&new.uses.to_string()),
            ));
        }
        if new.enrolment_type == EnrolmentType::User && new.user.is_none() {
            return Err(EngineError::invalid(
                "enrollmentType",
                "cannot be `user` without a person",
                Some("user"),
            ));
        }
        if new.enrolment_type == EnrolmentType::User && new.platform == Platform::MacOs {
            return Err(EngineError::invalid(
                "enrollmentType",
                "cannot be `user` for `macos`: Macs are enrolled as a whole",
                None,
            ));
        }
        let now = self.now();
        let token = URL_SAFE_NO_PAD.encode(self.chance().key());
        let record = LinkRecord {
            id: LinkId(self.chance().id(now)),
            token_hash: mandate_pki::sha256(token.as_bytes()).to_vec(),
            user_id: new.user,
            platform: new.platform.name().to_owned(),
            enrolment_type: word(new.enrolment_type),
            signed: new.signed,
            uses_left: new.uses,
            expires_at: now.plus(new.lifetime_seconds.saturating_mul(Timestamp::SECOND)),
            created_at: now,
        };
        let mut session = self.store().write().await?;
        if let Some(barrier) = self.platform_barrier(&mut session, new.platform).await? {
            return Err(EngineError::NotAdmitted(barrier));
        }
        if let Some(user) = new.user
            && session.find_user(user).await?.is_none()
        {
            return Err(EngineError::not_found("user", user));
        }
        session.insert_link(&record).await?;
        if let Some(category) = category {
            session.set_category_of_link(record.id, category).await?;
        }
        let change = Change::create(KIND, record.id, "", properties(&record));
        self.audit(&mut session, actor, change).await?;
        session.commit().await?;
        Ok(EnrolmentLink {
            id: record.id,
            path: format!("/apple/enroll/{token}"),
            expires_at: record.expires_at,
            uses_left: record.uses_left,
        })
    }
}

fn word(kind: EnrolmentType) -> String {
    match serde_json::to_value(kind) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

/// What the audit calls links.
const KIND: &str = "enrolmentLink";

/// What the audit says of a link: not what opens it.
fn properties(link: &LinkRecord) -> Value {
    json!({
        "userId": link.user_id,
        "platform": link.platform,
        "enrollmentType": link.enrolment_type,
        "signed": link.signed,
        "usesLeft": link.uses_left,
        "expirationDateTime": link.expires_at.to_string(),
    })
}
