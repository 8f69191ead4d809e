//! The organisation's branding, which Graph has twice: as `intuneBrand` of device management, and as the default of
//! `intuneBrandingProfiles`. Here both are the same data. There are no profiles for groups of people.

mod read;
mod view;

pub(crate) use self::read::{Wording, read_brand};
pub(crate) use self::view::brand;

use mandate_engine::{Branding, EngineError, PictureSlot};
use mandate_model::TenantId;
use serde_json::Value;

use self::view::{Pictures, profile};
use super::found;
use crate::entity::Entity;
use crate::error::{GraphError, Result};
use crate::odata::Keyed;
use crate::page::{Listing, check_select};
use crate::reply::Reply;
use crate::request::{GraphRequest, Preference};
use crate::state::GraphState;

const COLLECTION: &str = "deviceManagement/intuneBrandingProfiles";
const DECLARED: &str = "intuneBrandingProfile";
const ASSIGNMENT: &str = "intuneBrandingProfileAssignment";
const WHAT: &str = "branding profile";

/// `GET deviceManagement/intuneBrandingProfiles`: the default one. Pictures only when they are selected.
pub(crate) async fn list_branding_profiles(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    let row = Keyed {
        key: id_of(state).to_string(),
        entity: shown(state, request, Unnamed::LeaveOut).await?,
    };
    Listing::management(DECLARED, COLLECTION)
        .page_of(request, vec![row])
        .await
}

/// `GET deviceManagement/intuneBrandingProfiles/{id}`
pub(crate) async fn show_branding_profile(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    check_select(&request.query, DECLARED)?;
    check_id(state, request)?;
    let entity = shown(state, request, Unnamed::Bring).await?;
    Ok(Reply::entity(entity, DECLARED, COLLECTION))
}

/// `POST deviceManagement/intuneBrandingProfiles`: refused, and says so by name.
pub(crate) async fn create_branding_profile(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    state.engine().require_branding(&request.actor)?;
    let message = "there is one branding for everybody here; change the default profile instead";
    Err(GraphError::not_implemented(message).at("intuneBrandingProfiles"))
}

/// `PATCH deviceManagement/intuneBrandingProfiles/{id}`: 204, or the whole where `Prefer` asks for it.
pub(crate) async fn update_branding_profile(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    check_id(state, request)?;
    let change = read_brand(Wording::Profile, request.object()?)?;
    let branding = state
        .engine()
        .update_branding(&request.actor, change)
        .await?;
    Ok(match request.prefer {
        Some(Preference::Representation) => {
            let entity = profile(state.engine(), &branding, Pictures::default());
            Reply::entity(entity, DECLARED, COLLECTION)
        }
        _ => Reply::no_content(),
    })
}

/// `DELETE deviceManagement/intuneBrandingProfiles/{id}`: the default one stays.
pub(crate) async fn delete_branding_profile(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    state.engine().require_branding(&request.actor)?;
    check_id(state, request)?;
    Err(GraphError::bad_request(
        "the default branding profile cannot be deleted",
    ))
}

/// `POST deviceManagement/intuneBrandingProfiles/{id}/assign`: the default one is for everybody; nothing to assign.
pub(crate) async fn assign_branding_profile(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    state.engine().require_branding(&request.actor)?;
    check_id(state, request)?;
    match request.object()?.get("assignments") {
        Some(Value::Array(items)) if items.is_empty() => Ok(Reply::no_content()),
        Some(Value::Array(_)) => Err(GraphError::invalid(
            "assignments",
            "the default branding profile is for everybody and takes no `assignments`",
        )),
        _ => Err(GraphError::invalid(
            "assignments",
            "`assignments` must be a list",
        )),
    }
}

/// `GET deviceManagement/intuneBrandingProfiles/{id}/assignments`: none.
pub(crate) async fn list_branding_assignments(
    state: &GraphState,
    request: &GraphRequest,
) -> Result<Reply> {
    check_id(state, request)?;
    let context = format!("{COLLECTION}('{}')/assignments", id_of(state));
    Listing::management(ASSIGNMENT, context)
        .page_of(request, Vec::new())
        .await
}

/// The pictures of `intuneBrand`.
pub(crate) async fn brand_pictures(state: &GraphState, branding: &Branding) -> Result<Pictures> {
    let slots = [PictureSlot::LightLogo, PictureSlot::ThemeLogo];
    pictures(state, branding, &slots).await
}

/// The same error in the words of `intuneBrand`.
pub(crate) fn in_words_of_brand(error: EngineError) -> GraphError {
    match error {
        EngineError::Invalid(mut violations) => {
            for violation in &mut violations {
                if violation.property.contains('/') {
                    continue;
                }
                let name = format!("intuneBrand/{}", Wording::Brand.name(&violation.property));
                let quoted = format!("`{}`", violation.property);
                violation.message = violation.message.replacen(&quoted, &format!("`{name}`"), 1);
                violation.property = name;
            }
            EngineError::Invalid(violations).into()
        }
        other => other.into(),
    }
}

/// What to do with pictures that no option names. A single object may be on the way to one of its properties, and then
/// they are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unnamed {
    Bring,
    LeaveOut,
}

async fn shown(state: &GraphState, request: &GraphRequest, unnamed: Unnamed) -> Result<Entity> {
    let branding = state.engine().branding().await?;
    let slots: Vec<PictureSlot> = match &request.query.select {
        Some(select) => PictureSlot::ALL
            .into_iter()
            .filter(|slot| select.is_named(slot.property()))
            .collect(),
        None if unnamed == Unnamed::Bring => PictureSlot::ALL.to_vec(),
        None => Vec::new(),
    };
    let pictures = pictures(state, &branding, &slots).await?;
    Ok(profile(state.engine(), &branding, pictures))
}

async fn pictures(
    state: &GraphState,
    branding: &Branding,
    slots: &[PictureSlot],
) -> Result<Pictures> {
    let mut pictures = Pictures::default();
    for slot in slots {
        if branding.picture(*slot).is_some()
            && let Some(content) = state.engine().brand_picture(*slot).await?
        {
            pictures.insert(*slot, content);
        }
    }
    Ok(pictures)
}

/// The id of the default profile is that of the tenant.
fn id_of(state: &GraphState) -> TenantId {
    state.engine().tenant().id
}

fn check_id(state: &GraphState, request: &GraphRequest) -> Result<()> {
    let is_ours = request
        .key(0)
        .eq_ignore_ascii_case(&id_of(state).to_string());
    found(is_ours.then_some(()), WHAT, request.key(0))
}
